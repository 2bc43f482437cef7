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
	Due      time.Time `json:"due,omitzero"`      // the upgrade's time
	Outside  bool      `json:"outside,omitempty"` // of the policy's calendar, by an override
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

// Break is the first fault that was found in the chain.
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
		return v.broken("missing or out of place (entry %d stands there)", e.Seq)
	case e.Prev != v.last.hash:
		return v.broken("does not follow the entry before it")
	case e.sum() != e.Hash:
		return v.broken("its content does not match its hash")
	}
	v.last = e.head()
	return nil
}

// Last is the number of the last entry that was checked.
func (v *Verifier) Last() int64 { return v.last.seq }

// broken is a fault of the entry that was to come next.
func (v *Verifier) broken(reason string, args ...any) error {
	return &Break{Seq: v.last.seq + 1, Reason: fmt.Sprintf(reason, args...)}
}

// passes compares the last entry with the head of the chain, when it is that one.
func (v *Verifier) passes(end head) error {
	if v.last.seq == end.seq && v.last.hash != end.hash {
		return &Break{Seq: end.seq, Reason: "is not the entry that the head of the chain names"}
	}
	return nil
}

// between checks where the chain ended for a reader who saw its head before and
// after: no entry was cut off, and none was put behind it.
func (v *Verifier) between(before, after head) error {
	switch {
	case v.last.seq < before.seq:
		return v.broken("missing: the chain ends here, but its head is entry %d", before.seq)
	case v.last.seq > after.seq:
		return &Break{Seq: after.seq + 1, Reason: fmt.Sprintf("stands behind the head of the chain, which is entry %d", after.seq)}
	}
	return nil
}
