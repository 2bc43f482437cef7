package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
)

// unreadable is the verb of an entry whose own could not be read.
const unreadable approvals.Verb = "unreadable"

// Entry is one line of the audit. Whoever appends it leaves Seq, Prev and Hash to
// the sealing. Hash covers the entry with Prev, the hash of the one before.
type Entry struct {
	Seq      int64             `json:"seq,omitempty"` // from 1, without gaps
	At       time.Time         `json:"at"`
	Actor    approvals.Person  `json:"actor,omitzero"` // as known at that moment; zero: the program
	Verb     approvals.Verb    `json:"verb"`
	Refused  string            `json:"refused,omitempty"` // why; nothing was changed then
	Event    string            `json:"event,omitempty"`   // the envelope's id
	Request  int64             `json:"request,omitempty"`
	Revision int               `json:"revision,omitempty"`
	Item     int               `json:"item,omitempty"`     // which of the request's items, from 0
	Instance string            `json:"instance,omitempty"` // its name; of an entry about all items, their names
	ServerID string            `json:"server_id,omitempty"`
	Attempt  int               `json:"attempt,omitempty"` // of the call, from 1
	From     approvals.State   `json:"from,omitempty"`
	To       approvals.State   `json:"to,omitempty"`
	Due      time.Time         `json:"due,omitzero"`      // the upgrade's time
	Outside  bool              `json:"outside,omitempty"` // of the policy's calendar, by an override
	Reason   string            `json:"reason,omitempty"`  // their words
	Channel  string            `json:"channel,omitempty"`
	Message  string            `json:"message,omitempty"` // timestamp of the message the button was on
	Cloud    approvals.Outcome `json:"cloud,omitzero"`
	Raw      string            `json:"raw,omitempty"` // as it was appended, where this program could not read all of it
	Prev     string            `json:"prev,omitempty"`
	Hash     string            `json:"hash,omitempty"`
}

// Encode is the entry as JSON.
func (e Entry) Encode() []byte {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // a struct of strings, numbers and times always encodes
	}
	return text
}

// appended reads an entry that waits to be sealed. What this program cannot read,
// or not wholly because a later one has written it, is kept as it is besides.
func appended(message redis.XMessage) (Entry, error) {
	e, err := parse(message)
	if err == nil {
		return e, nil
	}
	raw, _ := json.Marshal(message.Values) // strings always encode
	e.Raw = string(raw)
	e.At, e.Verb = cmp.Or(e.At, timeOf(message.ID)), cmp.Or(e.Verb, unreadable)
	return e, err
}

// parse wants nothing in an entry but what it knows. With an error comes what it
// could read.
func parse(message redis.XMessage) (e Entry, err error) {
	text, _ := message.Values["entry"].(string)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&e)
	if err == nil && decoder.InputOffset() != int64(len(text)) {
		err = errors.New("more follows the entry")
	}
	if id, given := message.Values["request"].(string); given && err == nil {
		e.Request, err = strconv.ParseInt(id, 10, 64)
	}
	return e, err
}

// decode reads a sealed entry.
func decode(message redis.XMessage) (Entry, error) {
	text, _ := message.Values["entry"].(string)
	var e Entry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return Entry{}, fmt.Errorf("decoding the audit entry %s: %w", message.ID, err)
	}
	return e, nil
}

// head is an end of the chain: an entry's number and hash.
type head struct {
	seq  int64
	hash string
}

func (h head) String() string {
	if h.seq == 0 {
		return ""
	}
	return strconv.FormatInt(h.seq, 10) + ":" + h.hash
}

func parseHead(s string) (head, error) {
	if s == "" {
		return head{}, nil
	}
	seq, hash, _ := strings.Cut(s, ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return head{}, fmt.Errorf("reading the audit's head %q: %w", s, err)
	}
	return head{seq: n, hash: hash}, nil
}

// IsSeal reports whether a text has the shape of a Seal that Verify gives.
func IsSeal(text string) bool {
	h, err := parseHead(text)
	sum, notHex := hex.DecodeString(h.hash)
	return err == nil && h.seq > 0 && notHex == nil && len(sum) == sha256.Size
}

// chained is the entry as it is sealed behind h, and the end that the chain has then. It is
// what Encode gives of it: the hash is the last field.
func (e Entry) chained(h head) (text []byte, end head) {
	e.Seq, e.Prev, e.Hash = h.seq+1, h.hash, ""
	text = e.Encode()
	sum := sha256.Sum256(text)
	end = head{e.Seq, hex.EncodeToString(sum[:])}
	return fmt.Appendf(text[:len(text)-1], `,"hash":%q}`, end.hash), end
}

// timeOf is when Redis took an entry into a stream: its id begins with that, in
// milliseconds.
func timeOf(id string) time.Time {
	first, _, _ := strings.Cut(id, "-")
	ms, _ := strconv.ParseInt(first, 10, 64)
	return time.UnixMilli(ms).UTC()
}
