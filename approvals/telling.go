package approvals

import "time"

// Milestone is what becomes of a request, as far as a whole channel may want to know.
type Milestone string

// The milestones.
const (
	Started   Milestone = "started"
	Finished  Milestone = "finished"
	WentWrong Milestone = "failed" // also missed, stuck, given up and changed outside
)

// Milestones lists all milestones.
var Milestones = []Milestone{Started, Finished, WentWrong}

// Telling is what the policy of a moment says about how people are told.
type Telling struct {
	HeadsUp   []time.Duration // how long before an upgrade the thread is told that it comes, the longest first; empty: never
	Broadcast []Milestone     // what goes to the channel, too; empty: nothing
}

// UsualTelling is that of a policy that says nothing of it.
func UsualTelling() Telling {
	return Telling{HeadsUp: []time.Duration{24 * time.Hour, time.Hour}, Broadcast: []Milestone{WentWrong}}
}
