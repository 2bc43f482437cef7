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
				got := withTelling(r, Request{Notices: r.Notices[:1]}, Telling{Broadcast: []Milestone{milestone}})
				broadcast := want[milestone] || kind == NoticeEmergency
				if got.Notices[0].Broadcast || got.Notices[1].Broadcast != broadcast || got.Notices[2].Broadcast {
					t.Errorf("%s of %s with %s: %+v", kind, action, milestone, got.Notices)
				}
			}
		}
	}
}

func withTelling(r, before Request, telling Telling) Request {
	r.Notices, r.Items = slices.Clone(r.Notices), slices.Clone(r.Items)
	r.NoteTelling(&before, telling)
	return r
}

// unseen is a request whose requester cannot see the card.
func unseen(r Request) Request {
	r.Unseen = true
	return r
}

// TestWhoCannotSeeTheThreadIsToldDirectly of all that is for them.
func TestWhoCannotSeeTheThreadIsToldDirectly(t *testing.T) {
	late := noon.Add(ahead + time.Hour)
	r := after(t, unseen(upgradeAsked(1)), noon, yes("A"), Claim{}, answer(1, Accepted))
	if told(r) != "called" {
		t.Errorf("before it is read back: told %s", told(r))
	}
	r = after(t, r, noon, Look{Observation: planned}, Look{Observation: planned})
	r = after(t, r, late, Look{Observation: busy}, Look{Observation: upgraded}, Look{Observation: upgraded})
	if want := "called, called R, running, running R, succeeded, succeeded R"; told(r) != want {
		t.Errorf("told %s", told(r))
	}
	for want, r := range map[string]Request{
		"denied, denied R":               after(t, unseen(upgradeAsked(1)), noon, Deny{By: person("A")}),
		"rescheduled 2, rescheduled 2 R": after(t, unseen(upgradeAsked(1)), noon, moved(upgradeAsked(1), time.Hour)),
		"taken_out#1, taken_out#1 R":     after(t, unseen(upgradeAsked(2)), noon, TakeOut{By: person("A"), Item: 1}),
		"refused, refused R":             after(t, unseen(upgradeAsked(1)), noon, yes("A"), Claim{}, answer(1, Refused)),
		"emergency, emergency R": after(t, unseen(upgradeAsked(1)), noon,
			BreakGlass{By: person("E"), Reason: "fire"}),
	} {
		if told(r) != want {
			t.Errorf("told %s, not %s", told(r), want)
		}
	}
	asked := unseen(upgradeAsked(1))
	asked.RemindAt = []time.Time{noon}
	if r := after(t, asked, noon, Remind{Stage: 1, Whom: []string{"A"}}); told(r) != "reminder 1" {
		t.Errorf("a reminder is for others: told %s", told(r))
	}
}

// TestWhoCannotSeeABatchIsToldOnceThatItIsScheduled: when all of it was read back.
func TestWhoCannotSeeABatchIsToldOnceThatItIsScheduled(t *testing.T) {
	r := after(t, unseen(upgradeAsked(2)), noon, yes("A"))
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

// coming is an upgrade of n instances that was read back at a moment, with the usual heads-ups.
func coming(t *testing.T, n int, at time.Time) Request {
	t.Helper()
	r := approved(t, n)
	for i := range r.Items {
		seen := Observation{ServerID: r.Items[i].Target.ServerID, Version: "3.3.49.0", Idle: true, UpgradeTime: r.Time(i)}
		r = after(t, r, noon, Claim{Item: i}, onItem(i, answer(1, Accepted)))
		r = withTelling(after(t, r, at, Look{Item: i, Observation: seen}), r, UsualTelling())
	}
	return r
}

// headsUps are the tasks that tell people what comes.
func headsUps(r Request) []Task {
	return slices.DeleteFunc(r.Agenda(Pace{}), func(task Task) bool { return task.Kind != TaskHeadsUp })
}

func TestPeopleAreToldThatAnUpgradeComes(t *testing.T) {
	r := coming(t, 1, noon)
	day, hour := r.At.Add(-24*time.Hour), r.At.Add(-time.Hour)
	if got := headsUps(r); len(got) != 1 || got[0] != (Task{Kind: TaskHeadsUp, Stage: 1, At: day}) {
		t.Fatalf("%v", got)
	}
	refused(t, r, day.Add(-1), HeadsUp{}, TooEarly)
	if seen := withTelling(after(t, r, day, Look{Observation: planned}), r, UsualTelling()); len(headsUps(seen)) != 1 || headsUps(seen)[0].Stage != 1 {
		t.Errorf("a look when it is due passes it over: %v", headsUps(seen))
	}
	r = after(t, r, day, HeadsUp{})
	if got := headsUps(r); told(r) != "called, heads_up 1" || len(got) != 1 || got[0] != (Task{Kind: TaskHeadsUp, Stage: 2, At: hour}) {
		t.Errorf("told %s, next %v", told(r), got)
	}
	refused(t, r, day, HeadsUp{}, TooEarly)
	r = after(t, r, hour, HeadsUp{})
	if got := headsUps(r); told(r) != "called, heads_up 1, heads_up 2" || len(got) != 0 {
		t.Errorf("told %s, next %v", told(r), got)
	}
}

// TestLateHeadsUps were due while nobody could give them, or before there was
// anything to tell.
func TestLateHeadsUps(t *testing.T) {
	at := noon.Add(ahead)
	for name, c := range map[string]struct {
		scheduled, given time.Time
		want             string
	}{
		"scheduled before all":           {noon, at.Add(-20 * time.Hour), "called, heads_up 1"},
		"two of them":                    {noon, at.Add(-time.Minute), "called, heads_up 2"},
		"its time has come":              {noon, at, "called"},
		"scheduled after the first":      {at.Add(-23 * time.Hour), at.Add(-time.Hour), "called, heads_up 2"},
		"scheduled at that very instant": {at.Add(-24 * time.Hour), at.Add(-time.Hour), "called, heads_up 2"},
	} {
		r := coming(t, 1, c.scheduled)
		due := headsUps(r)
		if len(due) != 1 || due[0].At.After(c.given) {
			t.Errorf("%s: due are %v", name, due)
			continue
		}
		if r = after(t, r, c.given, HeadsUp{}); told(r) != c.want || slices.ContainsFunc(headsUps(r), func(t Task) bool { return !t.At.After(c.given) }) {
			t.Errorf("%s: told %s, next %v", name, told(r), headsUps(r))
		}
	}
	if r := coming(t, 1, at.Add(-time.Minute)); len(headsUps(r)) != 0 {
		t.Errorf("scheduled after all of them: %v", headsUps(r))
	}
}

// TestNothingIsToldToComeThatDoesNot, or may not.
func TestNothingIsToldToComeThatDoesNot(t *testing.T) {
	r, late := coming(t, 1, noon), noon.Add(ahead)
	for name, r := range map[string]Request{
		"not read back":       called(t, 1, Accepted),
		"by its policy never": {Action: Upgrade, State: Approved, Items: []Item{{State: Scheduled, Progress: Progress{VerifiedAt: noon}}}},
		"being taken back":    after(t, r, noon, TakeBack{By: 9}),
		"changed outside":     after(t, r, noon, Look{Observation: elsewhere}, Look{Observation: elsewhere}),
		"running":             after(t, r, late, Look{Observation: busy}),
		"of a stopped batch":  after(t, coming(t, 3, noon), late.Add(time.Hour+MissedAfter), Look{Item: 1, Observation: Observation{ServerID: "s2", Version: "3.3.49.0", Idle: true}}),
	} {
		if due := headsUps(r); len(due) > 0 {
			t.Errorf("%s: %v", name, due)
		}
	}
	again := after(t, r, noon, TakeBack{By: 9}, TakeBack{By: 9, Undo: true})
	if len(headsUps(again)) != 1 {
		t.Errorf("its cancel came to nothing: %v", headsUps(again))
	}
}

// TestWhatIsChangedBackComesAgain: what was due meanwhile is not told afterwards.
func TestWhatIsChangedBackComesAgain(t *testing.T) {
	r, at := coming(t, 1, noon), noon.Add(ahead)
	r = after(t, r, at.Add(-30*time.Hour), Look{Observation: elsewhere}, Look{Observation: elsewhere})
	before, now := r, at.Add(-2*time.Hour)
	r = withTelling(after(t, r, now, Look{Observation: planned}), before, UsualTelling())
	if due := headsUps(r); states(r) != "scheduled" || len(due) != 1 || due[0].Stage != 2 {
		t.Errorf("%s, due are %v", states(r), due)
	}
}

// TestThoseOfOneTimeShareAHeadsUp, and the others have their own.
func TestThoseOfOneTimeShareAHeadsUp(t *testing.T) {
	r := coming(t, 3, noon)
	r.Items[2].Offset = 0
	day := r.At.Add(-24 * time.Hour)
	r = after(t, r, day, HeadsUp{Item: 2})
	if due := headsUps(r); told(r) != "called, heads_up#2 1" || !slices.Equal(r.Beside(2), []int{0, 2}) || len(due) != 3 ||
		due[0] != (Task{Kind: TaskHeadsUp, Item: 1, Stage: 1, At: day.Add(time.Hour)}) {
		t.Errorf("told %s of %v, next %v", told(r), r.Beside(2), due)
	}
}

// TestHeadsUpsHoldFromWhenTheFirstWasReadBack, whatever the policy says later.
func TestHeadsUpsHoldFromWhenTheFirstWasReadBack(t *testing.T) {
	r := coming(t, 2, noon)
	before := r
	before.Items = slices.Clone(r.Items)
	before.Items[1].Progress.VerifiedAt = time.Time{}
	if after := withTelling(r, before, Telling{HeadsUp: []time.Duration{time.Minute}}); !slices.Equal(after.HeadsUp, UsualTelling().HeadsUp) {
		t.Errorf("%v", after.HeadsUp)
	}
}
