package approvals

import (
	"slices"
	"time"
)

// Milestone is what becomes of a request, as far as a whole channel may want to know.
type Milestone string

const (
	Started   Milestone = "started"
	Finished  Milestone = "finished"
	WentWrong Milestone = "failed" // also missed, stuck, given up and changed outside
)

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

// NoteTelling notes in a request, such as Apply gives, how people are told of what has happened
// since before.
//
// Of its notices that are not in before, those are marked that go to the channel, too:
// what the policy of this moment wants there, and an emergency in any case. The
// heads-ups are those of the policy when the first upgrade was read back, and hold from
// then on, so that a record says by itself what is due; those whose time has passed
// before an upgrade was read back are not given.
func (r *Request) NoteTelling(before *Request, telling Telling) {
	for i := len(before.Notices); i < len(r.Notices); i++ {
		n := &r.Notices[i]
		n.Broadcast = n.To == "" && (n.Kind == NoticeEmergency || slices.Contains(telling.Broadcast, r.milestone(n.Kind)))
	}
	for i := range r.Items {
		if !r.comes(i) || before.comes(i) {
			continue
		}
		if len(r.HeadsUp) == 0 {
			r.HeadsUp = telling.HeadsUp
		}
		r.Items[i].Warned = r.past(i, r.ChangedAt)
	}
}

// comes reports whether the cloud was seen to hold the upgrade of item i.
func (r *Request) comes(i int) bool {
	if i < 0 || i >= len(r.Items) || r.State != Approved {
		return false
	}
	it := &r.Items[i]
	return r.Action == Upgrade && it.State == Scheduled && !it.Progress.VerifiedAt.IsZero()
}

// past counts the heads-ups of item i whose time has come.
func (r *Request) past(i int, now time.Time) int {
	n := 0
	for n < len(r.HeadsUp) && !now.Before(r.HeldAt(i).Add(-r.HeadsUp[n])) {
		n++
	}
	return n
}

// headsUpAt is when the next heads-up of item i is due; zero: there is none, or its
// upgrade is being taken back.
func (r *Request) headsUpAt(i int) time.Time {
	it := &r.Items[i]
	if !r.comes(i) || it.TakenBack != 0 || r.Stopped || it.Warned < 0 || it.Warned >= len(r.HeadsUp) {
		return time.Time{}
	}
	return r.HeldAt(i).Add(-r.HeadsUp[it.Warned])
}

// HeadsUp tells people that the upgrade of an item comes, and of those beside it. Of
// several heads-ups that are late the last is given.
type HeadsUp struct{ Item int }

func (e HeadsUp) About() (Verb, int) { return VerbHeadsUp, e.Item }

func (e HeadsUp) apply(r *Request, now time.Time) Obstacle {
	at := r.headsUpAt(e.Item)
	if at.IsZero() || now.Before(at) {
		return TooEarly
	}
	past := r.past(e.Item, now)
	for _, i := range r.Beside(e.Item) {
		r.Items[i].Warned = past
	}
	if now.Before(r.HeldAt(e.Item)) {
		r.notify(Notice{Kind: NoticeHeadsUp, Item: e.Item, N: past})
	}
	return ""
}

// Beside lists the items whose upgrades come at the time of item i, itself with them.
func (r *Request) Beside(i int) []int {
	var all []int
	for j := range r.Items {
		if r.comes(j) && r.Time(j).Equal(r.Time(i)) {
			all = append(all, j)
		}
	}
	return all
}

// milestone is what a notice tells of. The cancel of an upgrade has no start and no
// end of its own, but where it fails, the upgrade comes.
func (r *Request) milestone(kind NoticeKind) Milestone {
	if m := milestones[kind]; m == WentWrong || r.Action != Cancel {
		return m
	}
	return ""
}
