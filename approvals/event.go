package approvals

import (
	"fmt"
	"slices"
	"time"
)

// Event is something that happens to a request. Each kind says in the table
// below from which states it may come.
type Event interface {
	// Verb is the event's name in the table, in errors and in the audit.
	Verb() string
	apply(r *Request, now time.Time) ([]Effect, error)
}

// What people do. Revision is the one the person saw.
type (
	// Approve is one person's yes. Quorum is the policy's demand at this moment.
	Approve struct {
		By       Person
		Revision int
		Quorum   Quorum
	}
	// Deny ends a pending request. Reason is the person's.
	Deny struct {
		By       Person
		Revision int
		Reason   string
	}
	// Retract takes one's own approval back.
	Retract struct {
		By       Person
		Revision int
		Quorum   Quorum
	}
	// Withdraw ends a request that has not been called yet.
	Withdraw struct {
		By     Person
		Reason string
	}
	// Reschedule gives the request another time, which is another revision.
	Reschedule struct {
		By       Person
		At       time.Time
		Deadline time.Time
		Phrase   string
		Zone     string
		Override *Decision // who wants a time that the calendar is closed at
		Remind   []float64 // the policy's reminders, as parts of the time to the deadline
	}
	// BreakGlass approves without the quorum, with a reason, for ever marked. To
	// and Channel are whom the policy wants to be told.
	BreakGlass struct {
		By       Person
		Revision int
		Reason   string
		To       string // Slack's mentions
		Channel  string
	}
)

// What the program finds.
type (
	// Deadline is the passing of the approval deadline.
	Deadline struct{}
	// Unpostable says that the card could not be shown to anybody.
	Unpostable struct{ Reason string }
	// Lapse undoes the approvals of people who may no longer approve.
	Lapse struct {
		Strike []string
		Quorum string
	}
	// Begin claims the one call. Nobody else may call until it is settled.
	Begin struct{}
	// Finish is the call's answer.
	Finish struct{ Outcome Outcome }
	// Look is one look at the instance. Taken says that another open request
	// holds the id under which the instance is found.
	Look struct {
		Observation Observation
		Taken       bool
	}
	// Blind is a look that the cloud did not let happen.
	Blind struct{}
	// TakeBack says that the cancel request By is being called for this upgrade;
	// zero, that it was refused.
	TakeBack struct{ By int64 }
)

// table is the one place that says what may happen when.
var table = map[string][]State{
	"approve":     {Pending},
	"deny":        {Pending},
	"retract":     {Pending, Approved},
	"withdraw":    {Pending, Approved},
	"reschedule":  {Pending},
	"break glass": {Pending},
	"expire":      {Pending, Approved},
	"unpostable":  {Pending},
	"remind":      {Pending},
	"lapse":       {Approved},
	"begin":       {Approved, Unknown},
	"finish":      {Approved, Executing, Unknown},
	"look":        {Executing, Unknown, Scheduled, Running},
	"join":        {Pending},
	"part":        {Pending, Approved},
	"blind":       {Scheduled, Running},
	"take back":   {Scheduled, Running},
}

func (Approve) Verb() string    { return "approve" }
func (Deny) Verb() string       { return "deny" }
func (Retract) Verb() string    { return "retract" }
func (Withdraw) Verb() string   { return "withdraw" }
func (Reschedule) Verb() string { return "reschedule" }
func (BreakGlass) Verb() string { return "break glass" }
func (Deadline) Verb() string   { return "expire" }
func (Unpostable) Verb() string { return "unpostable" }
func (Nudge) Verb() string      { return "remind" }
func (Lapse) Verb() string      { return "lapse" }
func (Begin) Verb() string      { return "begin" }
func (Finish) Verb() string     { return "finish" }
func (Look) Verb() string       { return "look" }
func (Blind) Verb() string      { return "blind" }
func (TakeBack) Verb() string   { return "take back" }

// Obstacle says why an event was not possible.
type Obstacle string

// The obstacles.
const (
	WrongState     Obstacle = "the request is past this"
	Replaced       Obstacle = "the card shows an older revision"
	AlreadyDecided Obstacle = "this person has decided already"
	NothingToUndo  Obstacle = "this person has no approval to take back"
	TooLate        Obstacle = "the deadline has passed"
	PartOfBatch    Obstacle = "it is decided with the batch's first request"
	TooEarly       Obstacle = "the deadline has not come, or an earlier call is not settled"
)

// EventError is the answer to an event that is not possible. Request is the
// record as it stands: what the loser of a race is told about.
type EventError struct {
	Request  Request
	Verb     string
	Obstacle Obstacle
}

func (e *EventError) Error() string {
	return fmt.Sprintf("%s %s in state %s: %s", e.Verb, e.Request.Name(), e.Request.State, e.Obstacle)
}

// remembered is how many event ids a record keeps.
const remembered = 32

// Apply returns the request after the event, and the effects that follow. It
// changes nothing in r. id names the event (the envelope's id) so that the same
// event applied again changes nothing; "" for the program's own events, whose
// repetition the states refuse. An impossible event is an *EventError.
func (r Request) Apply(now time.Time, id string, event Event) (Request, []Effect, error) {
	if id != "" && slices.Contains(r.Applied, id) {
		return r, nil, nil
	}
	next := r
	next.Decisions = slices.Clone(r.Decisions)
	next.Applied = slices.Clone(r.Applied)
	if !slices.Contains(table[event.Verb()], r.State) {
		return r, nil, r.refuse(event, WrongState)
	}
	effects, err := event.apply(&next, now.UTC())
	if err != nil {
		return r, nil, err
	}
	effects = append(effects, next.batchEffects(r)...)
	next.ChangedAt = now.UTC()
	if id != "" {
		next.Applied = append(next.Applied, id)
		next.Applied = next.Applied[max(0, len(next.Applied)-remembered):]
	}
	return next, effects, nil
}

func (r Request) refuse(event Event, why Obstacle) error {
	return &EventError{Request: r, Verb: event.Verb(), Obstacle: why}
}

func (r *Request) draw() Effect { return Effect{Kind: Draw, Request: r.ID} }

func (r *Request) notify(key string) Effect {
	return Effect{Kind: Notify, Request: r.ID, Key: key}
}

func (r *Request) drawAndNotify(key string) []Effect {
	return []Effect{r.draw(), r.notify(key)}
}

func (r *Request) execute(at time.Time) Effect {
	return Effect{Kind: Execute, Request: r.ID, At: at}
}

func (r *Request) watch(at time.Time) Effect {
	return Effect{Kind: Watch, Key: r.Target.Project, At: at}
}
