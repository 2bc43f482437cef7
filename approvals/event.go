package approvals

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Verb names what happens to a request: in the table, in errors and in the audit.
type Verb string

// The verbs of people.
const (
	VerbAsk        Verb = "ask"
	VerbApprove    Verb = "approve"
	VerbDeny       Verb = "deny"
	VerbRetract    Verb = "retract"
	VerbWithdraw   Verb = "withdraw"
	VerbTakeOut    Verb = "take out"
	VerbReschedule Verb = "reschedule"
	VerbBreakGlass Verb = "break glass"
	VerbCheckAgain Verb = "check again"
	VerbTryAgain   Verb = "try again"
	VerbClose      Verb = "close"
	VerbRead       Verb = "read"
)

// The verbs of the program.
const (
	VerbExpire     Verb = "expire"
	VerbUnpostable Verb = "unpostable"
	VerbRemind     Verb = "remind"
	VerbLapse      Verb = "lapse"
	VerbHold       Verb = "hold"
	VerbConclude   Verb = "conclude"
	VerbClaim      Verb = "claim"
	VerbUnclaim    Verb = "unclaim"
	VerbFinish     Verb = "finish"
	VerbLook       Verb = "look"
	VerbBlind      Verb = "blind"
	VerbTakeBack   Verb = "take back"
	VerbTakeOver   Verb = "take over"
	VerbRelease    Verb = "release"
	VerbHeadsUp    Verb = "heads up"
)

var Verbs = []Verb{
	VerbAsk, VerbApprove, VerbDeny, VerbRetract, VerbWithdraw, VerbTakeOut, VerbReschedule, VerbBreakGlass, VerbCheckAgain, VerbTryAgain,
	VerbClose, VerbRead, VerbExpire, VerbUnpostable, VerbRemind, VerbLapse, VerbHold, VerbConclude, VerbClaim, VerbUnclaim, VerbFinish,
	VerbLook, VerbBlind, VerbTakeBack, VerbTakeOver, VerbRelease, VerbHeadsUp,
}

// Event is something that happens to a request.
type Event interface {
	// About says what it is, and which item it is about: Whole where it is about none.
	About() (verb Verb, item int)
	apply(r *Request, now time.Time) Obstacle
}

// Whole is the item of an event about the whole request.
const Whole = -1

// table is the one place that says when an event may come.
var table = map[Verb]struct {
	decision []State // in which states of the decision
	item     []State // and of the item that it is about; nil: it is about the whole request
	timely   bool    // only before the deadline
	uncalled bool    // only before any call
}{
	VerbApprove:    {decision: []State{Pending}, timely: true},
	VerbDeny:       {decision: []State{Pending}},
	VerbRetract:    {decision: []State{Pending, Approved}, uncalled: true},
	VerbWithdraw:   {decision: []State{Pending, Approved}, uncalled: true},
	VerbTakeOut:    {decision: []State{Pending, Approved}, item: []State{Waiting}},
	VerbReschedule: {decision: []State{Pending}, timely: true},
	VerbBreakGlass: {decision: []State{Pending}, timely: true},
	VerbTryAgain:   {decision: []State{Approved}},
	VerbClose:      {decision: []State{Approved}},
	VerbExpire:     {decision: []State{Pending}},
	VerbUnpostable: {decision: []State{Pending}},
	VerbRemind:     {decision: []State{Pending}},
	VerbLapse:      {decision: []State{Approved}, uncalled: true},
	VerbHold:       {decision: []State{Approved}, item: []State{Waiting, Unknown}},
	VerbConclude:   {decision: []State{Approved}, item: []State{Waiting, Unknown}},
	VerbClaim:      {decision: []State{Approved}, item: []State{Waiting, Unknown}},
	VerbUnclaim:    {decision: []State{Approved}, item: []State{Executing}},
	VerbFinish:     {decision: []State{Approved}, item: []State{Executing, Unknown}},
	VerbLook:       {decision: []State{Approved}, item: []State{Executing, Unknown, Scheduled, Running, Missed, Changed}},
	VerbBlind:      {decision: []State{Approved}, item: []State{Scheduled, Running, Missed, Changed}},
	VerbTakeBack:   {decision: []State{Approved}, item: []State{Scheduled, Running, Missed, Changed}},
	VerbTakeOver:   {decision: []State{Approved}, item: []State{Waiting}},
	VerbHeadsUp:    {decision: []State{Approved}, item: []State{Scheduled}},
	VerbRelease:    {decision: []State{Approved, Denied, Withdrawn, Expired}, item: []State{Waiting, Succeeded, Failed}},
}

// Obstacle says why an event was not possible.
type Obstacle string

const (
	WrongState     Obstacle = "the request is past this"
	Replaced       Obstacle = "the card shows an older revision"
	AlreadyDecided Obstacle = "this person has decided already"
	NothingToUndo  Obstacle = "this person has no approval to take back"
	TooLate        Obstacle = "the deadline has passed"
	TooEarly       Obstacle = "the deadline has not come, or an earlier call is not settled"
	Overtaken      Obstacle = "this person did something else since"
	OtherAttempt   Obstacle = "it is the answer of another attempt"
	LastItem       Obstacle = "nothing would be left of the request"
)

var Obstacles = []Obstacle{WrongState, Replaced, AlreadyDecided, NothingToUndo, TooLate, TooEarly, Overtaken, OtherAttempt, LastItem}

// EventError is the answer to an event that is not possible. Request is the
// record as it stands: what the loser of a race is told about.
type EventError struct {
	Request  *Request
	Verb     Verb
	Obstacle Obstacle
}

func (e *EventError) Error() string {
	return fmt.Sprintf("%s %s in state %s: %s", e.Verb, e.Request.Name(), e.Request.State, e.Obstacle)
}

// Origin is where an event comes from. The zero Origin is the program.
type Origin struct {
	ID       string    // names the event, so that the same one applied again changes nothing
	By       string    // the human, as they are counted
	At       time.Time // when they pressed, by the chat's clock; zero: not known
	Revision int       // the one they saw; 0: the present one
}

// remembered is how many event ids a record keeps.
const remembered = 32

// Apply returns the request after the event. It changes nothing in r. An
// impossible event is an *EventError.
func (r *Request) Apply(now time.Time, from Origin, event Event) (*Request, error) {
	if slices.Contains(r.Applied, from.ID) {
		return r, nil
	}
	next, now, why := r, now.UTC(), r.obstacle(now, from, event)
	if why == "" {
		next = r.clone()
		why = event.apply(next, now)
	}
	if why != "" {
		verb, _ := event.About()
		return r, &EventError{Request: r, Verb: verb, Obstacle: why}
	}
	next.stopBatch(r, now)
	next.sumUp()
	next.ChangedAt = now
	next.remember(from)
	return next, nil
}

// Past reports whether the decision stands where a verb has no place, whoever it is that
// has seen this revision.
func (r *Request) Past(from Origin, verb Verb) bool {
	return !from.outdated(r) && !slices.Contains(r.Applied, from.ID) && !slices.Contains(table[verb].decision, r.State)
}

func (from Origin) outdated(r *Request) bool {
	return from.Revision != 0 && from.Revision != r.Revision
}

// obstacle checks the table, what the person saw, and that they did nothing later than
// this.
func (r *Request) obstacle(now time.Time, from Origin, event Event) Obstacle {
	verb, i := event.About()
	row := table[verb]
	switch {
	case from.outdated(r):
		return Replaced
	case !slices.Contains(row.decision, r.State), row.item != nil && !r.admits(verb, i, row.item):
		return WrongState
	case !from.At.IsZero() && from.At.Before(r.Pressed[from.By]):
		return Overtaken
	case row.uncalled && r.Begun():
		return WrongState
	case row.timely && !now.Before(r.Deadline):
		return TooLate
	}
	return ""
}

// admits reports whether item i is in one of some states, and is not over. A cancel that
// is over still tells its upgrade, and what was missed may begin all the same.
func (r *Request) admits(verb Verb, i int, states []State) bool {
	if i < 0 || i >= len(r.Items) || !slices.Contains(states, r.Items[i].State) {
		return false
	}
	return verb == VerbRelease || r.Items[i].State == Missed || r.Items[i].Unfinished()
}

// clone copies what events change in place or append to.
func (r *Request) clone() *Request {
	c := *r
	c.Items = slices.Clone(r.Items)
	c.Decisions = slices.Clone(r.Decisions)
	c.Reminders = slices.Clone(r.Reminders)
	c.Notices = slices.Clone(r.Notices)
	c.RemindAt = slices.Clone(r.RemindAt)
	c.Applied = slices.Clone(r.Applied)
	c.Pressed = maps.Clone(r.Pressed)
	return &c
}

func (r *Request) remember(from Origin) {
	if from.ID != "" {
		r.Applied = append(r.Applied, from.ID)
		r.Applied = r.Applied[max(0, len(r.Applied)-remembered):]
	}
	if !from.At.IsZero() {
		if r.Pressed == nil {
			r.Pressed = map[string]time.Time{}
		}
		r.Pressed[from.By] = from.At.UTC()
	}
}

// SameFacts reports whether two records differ only in when they were touched: the
// moments of that say nothing by themselves.
func (r *Request) SameFacts(other *Request) bool {
	c := *other
	c.ChangedAt, c.Items = r.ChangedAt, slices.Clone(other.Items)
	for i := range c.Items {
		c.Items[i].Progress.SeenAt = r.Items[i].Progress.SeenAt
	}
	return reflect.DeepEqual(r, &c)
}
