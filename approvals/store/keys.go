package store

import (
	"strconv"

	"cbhbot/approvals"
)

// DefaultPrefix carries the hash tag that puts all keys of one deployment into
// one slot of a Redis Cluster.
const DefaultPrefix = "{cbhbot}:"

// keys builds the names of everything kept in Redis.
type keys string

func (k keys) request(id int64) string     { return string(k) + "request:" + strconv.FormatInt(id, 10) }
func (k keys) shown(id int64) string       { return string(k) + "shown:" + strconv.FormatInt(id, 10) }
func (k keys) asked(event string) string   { return string(k) + "asked:" + event }
func (k keys) lastID() string              { return string(k) + "last-id" }
func (k keys) probe() string               { return string(k) + "probe" }
func (k keys) clock() string               { return string(k) + "clock" }
func (k keys) open() string                { return string(k) + "open" }
func (k keys) due(q Queue) string          { return string(k) + "due:" + string(q) }
func (k keys) held(q Queue) string         { return string(k) + "held:" + string(q) }
func (k keys) index(name string) string    { return string(k) + "index:" + name }
func (k keys) paused(method string) string { return string(k) + "hold:" + method }

// IndexAll lists all requests.
const IndexAll = "all"

// IndexState lists the requests of which an item is at a stage.
func IndexState(stage approvals.State) string { return "state:" + string(stage) }

// IndexBy lists what a person asked for.
func IndexBy(user string) string { return "by:" + user }

// IndexInstance lists what was asked for an instance.
func IndexInstance(t approvals.Target) string { return "instance:" + approvals.InstanceLock(t) }
