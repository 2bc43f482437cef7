package approvals

import "strconv"

// DefaultPrefix carries the hash tag that puts all keys of one deployment into
// one slot of a Redis Cluster.
const DefaultPrefix = "{cbhbot}:"

// keys builds the names of everything kept in Redis.
type keys string

func (k keys) request(id int64) string { return string(k) + "request:" + strconv.FormatInt(id, 10) }

// posted is a hash: what was sent to the chat for a request ("card", notices),
// and under which timestamp.
func (k keys) posted(id int64) string { return string(k) + "posted:" + strconv.FormatInt(id, 10) }

// asked remembers which request an event created, so that the event repeated
// creates no other.
func (k keys) asked(event string) string { return string(k) + "asked:" + event }

func (k keys) lastID() string  { return string(k) + "last-id" }
func (k keys) open() string    { return string(k) + "open" }    // hash: lock -> request id
func (k keys) timers() string  { return string(k) + "timers" }  // zset: effect -> due, Unix milliseconds
func (k keys) effects() string { return string(k) + "effects" } // stream: effect as JSON
func (k keys) audit() string   { return string(k) + "audit" }   // stream: entry as JSON
func (k keys) head() string    { return string(k) + "audit:head" }
func (k keys) anchor() string  { return string(k) + "audit:anchor" } // where the chain goes on after a trim

// mirrored is how far a mirror of the audit has come, mirroring its lock.
func (k keys) mirrored(name string) string  { return string(k) + "mirrored:" + name }
func (k keys) mirroring(name string) string { return string(k) + "mirroring:" + name }

// index is a zset of request ids, scored by creation in Unix milliseconds.
func (k keys) index(name string) string { return string(k) + "index:" + name }
