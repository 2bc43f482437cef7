package handlers

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf16"

	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// Draft is a command that waits for one more word from the person: it rides in
// a button's value or a form's private metadata, so that nothing is typed twice.
// Nothing in it is trusted: it is read like a command of whoever presses.
type Draft struct {
	Verb     string `json:"v"`
	Instance string `json:"i,omitempty"`
	Request  int64  `json:"r,omitempty"`
	At       int64  `json:"t,omitempty"` // Unix seconds; 0: not chosen
	Reason   string `json:"w,omitempty"`
	Channel  string `json:"c,omitempty"`
	Stagger  int64  `json:"s,omitempty"` // seconds between the upgrades of a batch
	Override bool   `json:"o,omitempty"` // the time is wanted although the calendar is closed
	Marker   string `json:"m,omitempty"` // of the request that break-glass is for
	Phrase   string `json:"p,omitempty"` // a time that was typed and is not read yet
	Page     int    `json:"n,omitempty"` // of a list, from 0
	Zone     string `json:"z,omitempty"` // of whoever fills a form: what is said at its inputs is no mrkdwn
}

// value writes the draft. What parseCommand lets through fits into a button.
func (d Draft) value() string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		panic(err) // strings and numbers always encode
	}
	return strings.TrimSpace(text.String())
}

// at returns the draft with a time chosen.
func (d Draft) at(t time.Time) Draft {
	d.At = t.Unix()
	return d
}

// parseDraft reads what value wrote, with people's words as clean as a typed
// command's. It fails with a sentence for the person.
func parseDraft(value string) (Draft, error) {
	var d Draft
	if err := json.Unmarshal([]byte(value), &d); err != nil || len(value) > longestDraft || !d.sound() {
		return Draft{}, sentence("This carries no command of mine. Please type your command again.")
	}
	d.Instance, d.Reason, d.Phrase = clean(d.Instance), reasonOf(d.Reason), clean(d.Phrase)
	return d, nil
}

// fits reports whether the draft still fits into a button when a time, a request and
// a place have come to it.
func (d Draft) fits() bool {
	return len(utf16.Encode([]rune(d.value()))) <= longestValue-roomForMore
}

const roomForMore = 250

// What no draft of ours goes beyond: whoever can press can also send another value.
// What a time and a stagger may be is judged when they are used.
const (
	longestDraft  = 4 * 3000 // bytes; a form's private metadata has 3000 characters
	mostPages     = 1_000_000
	latestDraft   = 1 << 33 // Unix seconds; in the year 2242
	mostStaggered = int64(90 * 24 * time.Hour / time.Second)
)

// sound reports whether value can have written a draft.
func (d Draft) sound() bool {
	_, known := verbs[d.Verb]
	return known && d.Request >= 0 && d.Page >= 0 && d.Page <= mostPages && d.At >= 0 && d.At <= latestDraft &&
		d.Stagger >= 0 && d.Stagger <= mostStaggered && (d.Channel == "" || mrkdwn.IsChannel(d.Channel))
}

// again asks for the same instance once more; where the upgrade that was to be moved
// stands, for its move.
func (v view) again() Draft {
	if v.r.Moves() && v.it.FreedAt.IsZero() {
		return Draft{Verb: "reschedule", Request: v.r.Of.Request, Instance: v.reference(), Reason: reasonOf(v.r.Reason), Channel: v.r.Channel}
	}
	return Draft{Verb: "upgrade", Instance: v.reference(), Reason: reasonOf(v.r.Reason), Channel: v.r.Channel}
}

// reference is what a button names the item's instance by.
func (v view) reference() string {
	return cloud.Reference(v.it.Target.Project, v.it.Target.ServerID)
}
