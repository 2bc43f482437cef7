package approvals

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Entry is one line of the audit: who did what, when, from where, and what came
// of it. Hash covers the entry and Prev, the hash of the one before, so that a
// changed, removed or reordered entry breaks the chain.
type Entry struct {
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"`
	Actor    Person    `json:"actor,omitzero"` // as known at that moment; zero: the program
	Verb     string    `json:"verb"`           // "approve", "begin", "finish", …
	Refused  string    `json:"refused,omitempty"`
	Event    string    `json:"event,omitempty"` // the envelope's id
	Request  int64     `json:"request,omitempty"`
	Revision int       `json:"revision,omitempty"`
	Instance string    `json:"instance,omitempty"` // name
	ServerID string    `json:"server_id,omitempty"`
	From     State     `json:"from,omitempty"`
	To       State     `json:"to,omitempty"`
	Due      time.Time `json:"due,omitzero"` // the upgrade's time
	Reason   string    `json:"reason,omitempty"`
	Channel  string    `json:"channel,omitempty"`
	Message  string    `json:"message,omitempty"` // timestamp of the message the button was on
	Cloud    Outcome   `json:"cloud,omitzero"`
	Prev     string    `json:"prev"`
	Hash     string    `json:"hash"`
}

// head is the end of the chain: the last entry's number and hash.
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
		return head{}, fmt.Errorf("reading the audit head %q: %w", s, err)
	}
	return head{seq: n, hash: hash}, nil
}

// chained puts the entry behind h and returns it with its place and hash.
func (e Entry) chained(h head) Entry {
	e.Seq, e.Prev, e.Hash = h.seq+1, h.hash, ""
	e.Hash = e.sum()
	return e
}

func (e Entry) head() head { return head{seq: e.Seq, hash: e.Hash} }

// sum is the SHA-256 of the entry's JSON with an empty Hash.
func (e Entry) sum() string {
	e.Hash = ""
	sum := sha256.Sum256(e.json())
	return hex.EncodeToString(sum[:])
}

func (e Entry) json() []byte {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // a struct of strings, numbers and times always encodes
	}
	return text
}

// Break is the first fault a Verifier found.
type Break struct {
	Seq    int64 // the entry at which the chain does not hold
	Reason string
}

func (b *Break) Error() string { return fmt.Sprintf("audit entry %d: %s", b.Seq, b.Reason) }

// Verifier checks entries in order, one at a time. The zero value expects the
// first entry of all.
type Verifier struct{ last head }

// Check returns a *Break when e does not follow the entry before it.
func (v *Verifier) Check(e Entry) error {
	switch {
	case e.Seq != v.last.seq+1:
		return &Break{Seq: v.last.seq + 1, Reason: fmt.Sprintf("missing or out of place (entry %d stands there)", e.Seq)}
	case e.Prev != v.last.hash:
		return &Break{Seq: e.Seq, Reason: "does not follow the entry before it"}
	case e.sum() != e.Hash:
		return &Break{Seq: e.Seq, Reason: "its content does not match its hash"}
	}
	v.last = e.head()
	return nil
}

// Last is the number of the last entry that was checked.
func (v *Verifier) Last() int64 { return v.last.seq }

// AtEnd returns a *Break when the chain should go on: entries were cut off.
func (v *Verifier) atEnd(end head) error {
	if end != v.last {
		return &Break{Seq: v.last.seq + 1, Reason: fmt.Sprintf("the chain ends here, but its head is entry %d", end.seq)}
	}
	return nil
}
