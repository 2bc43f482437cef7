package approvals

import (
	"slices"
	"time"
)

// This file holds what becomes of a request that waits for people.

type (
	// Expire is the passing of the approval deadline.
	Expire struct{}
	// Unpostable says that the card could not be shown to anybody; Code is the
	// chat's word for why.
	Unpostable struct{ Code string }
	// Lapse undoes the approvals of people who may no longer approve, before
	// anything was called.
	Lapse struct {
		Strike []string // user ids
		Quorum Quorum
	}
	// Remind asks those again who have not answered. Later is when the others of
	// the stage come into their working hours; zero for none.
	Remind struct {
		Stage  int      // from 1
		Whom   []string // user ids
		Later  time.Time
		Direct bool // whether each also gets a direct message
	}
)

func (Expire) About() (Verb, int)     { return VerbExpire, Whole }
func (Unpostable) About() (Verb, int) { return VerbUnpostable, Whole }
func (Lapse) About() (Verb, int)      { return VerbLapse, Whole }
func (Remind) About() (Verb, int)     { return VerbRemind, Whole }

// Reminder is one time that people were asked again.
type Reminder struct {
	At       time.Time `json:"at"`
	Revision int       `json:"revision"`
	Stage    int       `json:"stage"` // which of the policy's reminders, from 1
	Whom     []string  `json:"whom"`  // user ids
}

func (e Expire) apply(r *Request, now time.Time) Obstacle {
	if now.Before(r.Deadline) {
		return TooEarly
	}
	r.close(Expired, NoticeExpired, Closing{At: now})
	return ""
}

func (e Unpostable) apply(r *Request, now time.Time) Obstacle {
	r.close(Withdrawn, NoticeUnpostable, Closing{At: now, Code: e.Code})
	return ""
}

func (e Lapse) apply(r *Request, _ time.Time) Obstacle {
	r.strikeAll(e.Strike)
	r.reopen(e.Quorum)
	r.tellLapsed()
	return ""
}

func (e Remind) apply(r *Request, now time.Time) Obstacle {
	if e.Stage < 1 || e.Stage > len(r.RemindAt) {
		return Replaced
	}
	r.RemindAt[e.Stage-1] = time.Time{}
	if e.Later.After(now) && e.Later.Before(r.Deadline) {
		r.RemindAt[e.Stage-1] = e.Later
	}
	if len(e.Whom) > 0 {
		r.Reminders = append(r.Reminders, Reminder{At: now, Revision: r.Revision, Stage: e.Stage, Whom: e.Whom})
		r.notify(Notice{Kind: NoticeReminder, N: len(r.Reminders)})
	}
	if e.Direct {
		r.AskDirectly(e.Whom)
	}
	return ""
}

// AskDirectly asks for a direct message to each of some people.
func (r *Request) AskDirectly(whom []string) {
	for _, id := range whom {
		r.notify(Notice{Kind: NoticeDirect, N: len(r.Reminders), To: id})
	}
}

// Reminded reports whether somebody was asked again in a stage of the present
// revision.
func (r *Request) Reminded(stage int, id string) bool {
	return slices.ContainsFunc(r.Reminders, func(given Reminder) bool {
		return given.Revision == r.Revision && given.Stage == stage && slices.Contains(given.Whom, id)
	})
}

// RemindAt is when each stage of reminders is due: parts of the time to the
// deadline.
func RemindAt(parts []float64, now, deadline time.Time) []time.Time {
	var at []time.Time
	for _, part := range parts {
		at = append(at, now.Add(time.Duration(part*float64(deadline.Sub(now)))).UTC())
	}
	return at
}
