package approvals

import "slices"

// State is where a request, or one of its items, stands.
type State string

// The states of a decision.
const (
	Pending   State = "pending"  // waits for people
	Approved  State = "approved" // the quorum is complete; each item has a state of its own
	Denied    State = "denied"
	Withdrawn State = "withdrawn"
	Expired   State = "expired"
)

// The states of an item.
const (
	Waiting   State = "waiting"   // for the decision, or for its call
	Executing State = "executing" // claimed: the call may be under way
	Unknown   State = "unknown"   // the call's outcome is not known
	Scheduled State = "scheduled" // the cloud holds the upgrade for its time
	Running   State = "running"   // the upgrade runs
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Missed    State = "missed"    // its time passed and it never ran
	Changed   State = "changed"   // rescheduled or cancelled in the cloud by somebody else
	Cancelled State = "cancelled" // taken back through the bot
)

// decisionStates and ItemStates list all states, in the order of their lives.
var (
	decisionStates = []State{Pending, Approved, Denied, Withdrawn, Expired}
	ItemStates     = []State{Waiting, Executing, Unknown, Scheduled, Running, Succeeded, Failed, Missed, Changed, Cancelled}
)

// AllStages lists what Request.Stage can be.
var AllStages = slices.Concat(decisionStates, ItemStates[1:])

// final are the states that end an item, unless it is watched.
var final = []State{Succeeded, Failed, Missed, Changed, Cancelled}

// Stage is what people are told of item i: the decision's state until it is
// approved and the item's call has begun, then the item's own.
func (r *Request) Stage(i int) State {
	it := &r.Items[i]
	if it.State == Waiting || r.State != Approved && it.End != EndTakenOut {
		return r.State
	}
	return it.State
}

// Stages lists the different stages of the items, in the order of the items.
func (r *Request) Stages() []State {
	var stages []State
	for i := range r.Items {
		if stage := r.Stage(i); !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
	}
	return stages
}

// Open reports whether the request is worked on: it holds its instances for as long. What was
// missed is looked at for a while, and holds nothing.
func (r *Request) Open() bool {
	return r.State == Pending || slices.ContainsFunc(r.Items, func(it Item) bool {
		return it.Release || r.State == Approved && it.Unfinished()
	})
}

// Unfinished reports whether more is to become of the item.
func (it Item) Unfinished() bool { return it.Watched || !slices.Contains(final, it.State) }

// Kept are the items that nobody has taken out of their batch: at least one.
func (r *Request) Kept() []int {
	var kept []int
	for i, it := range r.Items {
		if !r.Batch() || it.End != EndTakenOut {
			kept = append(kept, i)
		}
	}
	return kept
}

// Holds lists the locks the request holds: one for each item that is not over.
func (r *Request) Holds() []string {
	var locks []string
	for i := range r.Items {
		if (r.State == Pending || r.State == Approved) && r.Items[i].Unfinished() {
			locks = append(locks, r.Lock(i))
		}
	}
	return locks
}
