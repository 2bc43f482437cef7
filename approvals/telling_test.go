package approvals

import (
	"slices"
	"testing"
	"time"
)

// TestWhatGoesToTheChannelIsThePolicys goes over all notices of an upgrade and of a
// cancel.
func TestWhatGoesToTheChannelIsThePolicys(t *testing.T) {
	failures := []NoticeKind{NoticeFailed, NoticeMissed, NoticeStuck, NoticeGivenUp, NoticeChanged}
	for _, kind := range NoticeKinds {
		for action, want := range map[Action]map[Milestone]bool{
			Upgrade: {Started: kind == NoticeRunning, Finished: kind == NoticeSucceeded, WentWrong: slices.Contains(failures, kind)},
			Cancel:  {WentWrong: slices.Contains(failures, kind)},
		} {
			for _, milestone := range Milestones {
				r := Request{Action: action, Notices: []Notice{{Kind: kind}, {Kind: kind, N: 1}, {Kind: kind, N: 1, To: "U1"}}}
				got := r.Tell(Request{Notices: r.Notices[:1]}, Telling{Broadcast: []Milestone{milestone}})
				broadcast := want[milestone] || kind == NoticeEmergency
				if got.Notices[0].Broadcast || got.Notices[1].Broadcast != broadcast || got.Notices[2].Broadcast || r.Notices[1].Broadcast {
					t.Errorf("%s of %s with %s: %+v", kind, action, milestone, got.Notices)
				}
			}
		}
	}
}

// unseen is a request whose requester cannot see the card.
func unseen(r Request) Request {
	r.Unseen = true
	return r
}

// TestWhoCannotSeeTheThreadIsToldDirectly of all that is for them.
func TestWhoCannotSeeTheThreadIsToldDirectly(t *testing.T) {
	late := noon.Add(ahead + time.Hour)
	r := after(t, unseen(upgradeAsked(1)), noon, yes("A", 1), Claim{}, answer(1, Accepted))
	if told(r) != "called" {
		t.Errorf("before it is read back: told %s", told(r))
	}
	r = after(t, r, noon, Look{Observation: planned}, Look{Observation: planned})
	r = after(t, r, late, Look{Observation: busy}, Look{Observation: upgraded}, Look{Observation: upgraded})
	if want := "called, called R, running, running R, succeeded, succeeded R"; told(r) != want {
		t.Errorf("told %s", told(r))
	}
	for want, r := range map[string]Request{
		"denied, denied R":               after(t, unseen(upgradeAsked(1)), noon, Deny{By: person("A"), Revision: 1}),
		"rescheduled 2, rescheduled 2 R": after(t, unseen(upgradeAsked(1)), noon, moved(upgradeAsked(1), time.Hour)),
		"taken_out#1, taken_out#1 R":     after(t, unseen(upgradeAsked(2)), noon, TakeOut{By: person("A"), Item: 1}),
		"refused, refused R":             after(t, unseen(upgradeAsked(1)), noon, yes("A", 1), Claim{}, answer(1, Refused)),
		"emergency, emergency R": after(t, unseen(upgradeAsked(1)), noon,
			BreakGlass{By: person("E"), Revision: 1, Reason: "fire"}),
	} {
		if told(r) != want {
			t.Errorf("told %s, not %s", told(r), want)
		}
	}
	asked := unseen(upgradeAsked(1))
	asked.RemindAt = []time.Time{noon}
	if r := after(t, asked, noon, Remind{Stage: 1, Revision: 1, Whom: []string{"A"}}); told(r) != "reminder 1" {
		t.Errorf("a reminder is for others: told %s", told(r))
	}
}

// TestWhoCannotSeeABatchIsToldOnceThatItIsScheduled: when all of it was read back.
func TestWhoCannotSeeABatchIsToldOnceThatItIsScheduled(t *testing.T) {
	r := after(t, unseen(upgradeAsked(2)), noon, yes("A", 1))
	reads := func(i int) Look {
		return Look{Item: i, Observation: Observation{ServerID: r.Items[i].Target.ServerID, Version: "3.3.49.0", Idle: true, UpgradeTime: r.Time(i)}}
	}
	r = after(t, r, noon, Claim{}, answer(1, Accepted), reads(0), Claim{Item: 1}, onItem(1, answer(1, Accepted)))
	if told(r) != "called" {
		t.Errorf("one was not read back: told %s", told(r))
	}
	if r = after(t, r, noon, reads(1)); told(r) != "called, called R" {
		t.Errorf("told %s", told(r))
	}
}

// TestCopiesDoNotCount: a notice that may come several times is numbered by those in the thread.
func TestCopiesDoNotCount(t *testing.T) {
	r := unseen(upgradeAsked(1))
	for range 3 {
		r.tellAgain(0, NoticeRestored)
	}
	if want := "restored, restored R, restored 1, restored 1 R, restored 2, restored 2 R"; told(r) != want {
		t.Errorf("told %s", told(r))
	}
}
