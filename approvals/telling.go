package approvals

import (
	"slices"
	"time"
)

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

// milestones are those that notices tell of.
var milestones = map[NoticeKind]Milestone{
	NoticeRunning: Started, NoticeSucceeded: Finished, NoticeFailed: WentWrong, NoticeMissed: WentWrong, NoticeStuck: WentWrong,
	NoticeGivenUp: WentWrong, NoticeChanged: WentWrong,
}

// Tell is the request with a mark on those of its notices that are not in before,
// and go to the channel, too: what the policy of this moment wants there, and an
// emergency in any case.
func (r Request) Tell(before Request, telling Telling) Request {
	r.Notices = slices.Clone(r.Notices)
	for i := len(before.Notices); i < len(r.Notices); i++ {
		n := &r.Notices[i]
		n.Broadcast = n.To == "" && (n.Kind == NoticeEmergency || slices.Contains(telling.Broadcast, r.milestone(n.Kind)))
	}
	return r
}

// milestone is what a notice tells of. The cancel of an upgrade has no start and no
// end of its own, but where it fails, the upgrade comes.
func (r Request) milestone(kind NoticeKind) Milestone {
	if m := milestones[kind]; m == WentWrong || r.Action != Cancel {
		return m
	}
	return ""
}
