package messages

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf16"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// Draft is a command, as far as somebody has said what they want. While it waits for one
// more word from them it rides in a button's value or a form's private metadata, so that
// nothing is typed twice. Nothing in it is trusted: it is read like a command of whoever
// presses.
type Draft struct {
	Verb     string `json:"v"`           // lower case; "": nothing was typed
	Instance string `json:"i,omitempty"` // several are joined by BetweenNames
	Request  int64  `json:"r,omitempty"`
	Key      string `json:"k,omitempty"` // of that request; "": its number alone was typed
	At       int64  `json:"t,omitempty"` // Unix seconds; 0: not chosen
	Reason   string `json:"w,omitempty"`
	Channel  string `json:"c,omitempty"`
	Thread   string `json:"d,omitempty"` // in which a form was opened
	Stagger  int64  `json:"s,omitempty"` // seconds between the upgrades of a batch
	Override bool   `json:"o,omitempty"` // the time is wanted although the calendar is closed
	Marker   string `json:"m,omitempty"` // of the request that break-glass is for
	Phrase   string `json:"p,omitempty"` // a time that was typed and is not read yet
	Page     int    `json:"n,omitempty"` // of a list, from 0
	Zone     string `json:"z,omitempty"` // of whoever fills a form: what is said at its inputs is no mrkdwn
	Language string `json:"l,omitempty"` // of whoever fills a form
}

// Value writes the draft.
func (d Draft) Value() string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		panic(err) // strings and numbers always encode
	}
	return strings.TrimSpace(text.String())
}

// Length is how long its value is by Slack's count.
func (d Draft) Length() int { return len(utf16.Encode([]rune(d.Value()))) }

// AtTime returns the draft with a time chosen.
func (d Draft) AtTime(t time.Time) Draft {
	d.At = t.Unix()
	return d
}

// again asks for the same instance once more; where the upgrade that was to be moved
// stands, for its move.
func (v View) again() Draft {
	draft := Draft{Verb: "upgrade", Instance: v.reference(), Reason: ReasonOf(v.R.Reason), Channel: v.R.Channel}
	if v.R.Moves() && v.It.FreedAt.IsZero() {
		draft.Verb, draft.Request = "reschedule", v.R.Of.Request
	}
	return draft
}

// askedAgain asks once more for all that is left of a request, with the distances that it began
// with.
func askedAgain(r *approvals.Request) Draft {
	draft, kept := Whole(r).again(), r.Kept()
	if len(kept) > 1 && draft.Verb == "upgrade" {
		draft.Instance = strings.Join(each(kept, func(i int) string { return ViewOf(r, i).reference() }), BetweenNames)
		draft.Stagger = int64(r.Items[1].Offset / time.Second)
	}
	if draft.Length() > LongestValue {
		draft.Reason = ""
	}
	return draft
}

// BetweenNames stands between the names of several instances.
const BetweenNames = ", "

// reference is what a button names the item's instance by.
func (v View) reference() string { return cloud.Reference(v.It.Target.Project, v.It.Target.ServerID) }

// Action ids of the buttons. What follows a colon only keeps them apart.
const (
	ActApprove  = "approve"
	ActDeny     = "deny"
	ActWithdraw = "withdraw"
	ActRetract  = "retract"
	ActCheck    = "check_again"
	ActTryAgain = "try_again"
	ActClose    = "close"
	ActCancel   = "cancel"
	ActContinue = "continue" // goes on with a command: the value is a draft
	ActPickTime = "pick_time"
	ActTurn     = "turn" // shows another page of a section of Home: the value is a Turn
	ActBreak    = "break_glass"
	ActOverride = "override"
)

// Reschedule asks for another time of a request.
func reschedule(r *approvals.Request) Draft {
	return Draft{Verb: "reschedule", Request: r.ID, Key: r.Key, Channel: r.Channel}
}

// ReasonOf is the reason that somebody typed, on one line and no longer than they may be.
func ReasonOf(typed string) string {
	letters := []rune(mrkdwn.Line(typed, 1<<20))
	return string(letters[:min(len(letters), LongestReason)])
}

// LongestReason is how many characters a reason may have.
const LongestReason = 500
