package approvals

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func two(id string) Approve {
	return Approve{By: person(id), Quorum: needs(2, "A", "B")}
}

// moved is a reschedule by a while.
func moved(r Request, by time.Duration) Reschedule {
	return Reschedule{By: person("R"), Timing: Timing{At: r.At.Add(by), Deadline: r.Deadline.Add(by), Lead: r.Lead, Zone: "UTC"}, Needs: r.Needs}
}

func TestOneApprovalOfTwoIsNotEnough(t *testing.T) {
	r := after(t, upgradeAsked(1), noon, two("A"))
	if r.State != Pending || len(r.Missing) != 1 || r.Missing[0].Count != 1 || r.Needs[0].Count != 2 {
		t.Fatalf("after one of two: %s, %v of %v missing", r.State, r.Missing, r.Needs)
	}
	if r = after(t, r, noon, two("B")); r.State != Approved || len(r.Missing) != 0 || r.Agenda(Pace{})[0].Kind != TaskCall {
		t.Fatalf("after two of two: %s, %v missing, %v", r.State, r.Missing, r.Agenda(Pace{}))
	}
}

// TestASecondApprovalCompletesWhatHasBecomeEnough: nobody else need press where the policy
// asks for fewer than it did at the first.
func TestASecondApprovalCompletesWhatHasBecomeEnough(t *testing.T) {
	r := after(t, upgradeAsked(1), noon, two("A"))
	if r = after(t, r, noon, Approve{By: person("A"), Quorum: needs(1, "A", "B")}); r.State != Approved || len(r.Decisions) != 1 {
		t.Errorf("%s, %v", r.State, r.Decisions)
	}
}

func TestImpossibleEventsNameTheirObstacle(t *testing.T) {
	once := after(t, upgradeAsked(1), noon, two("A"))
	denied := after(t, upgradeAsked(1), noon, Deny{By: person("A"), Reason: "no"})
	called := called(t, 2, Accepted)
	late := once.Deadline
	for name, c := range map[string]struct {
		request Request
		now     time.Time
		event   Event
		want    Obstacle
	}{
		"the same human twice": {once, noon, Approve{By: Person{ID: "A2", Human: "A"},
			Quorum: needs(2, "A", "B")}, AlreadyDecided},
		"at the deadline":                {once, late, two("B"), TooLate},
		"moving at the deadline":         {once, late, moved(once, time.Hour), TooLate},
		"breaking the glass too late":    {once, late, BreakGlass{By: person("B")}, TooLate},
		"after the denial":               {denied, noon, two("B"), WrongState},
		"moving a cancel":                {cancelAsked(), noon, moved(cancelAsked(), time.Hour), WrongState},
		"moving a rollback":              {rollbackAsked(), noon, moved(rollbackAsked(), time.Hour), WrongState},
		"moving what is approved":        {approved(t, 1), noon, moved(once, time.Hour), WrongState},
		"denying what is approved":       {approved(t, 1), noon, Deny{By: person("B")}, WrongState},
		"expiring before the deadline":   {once, late.Add(-1), Expire{}, TooEarly},
		"expiring what is approved":      {approved(t, 1), late, Expire{}, WrongState},
		"calling without approval":       {once, noon, Claim{}, WrongState},
		"withdrawing what is called":     {called, noon, Withdraw{By: person("R")}, WrongState},
		"taking back what is called":     {called, noon, Retract{By: person("A")}, WrongState},
		"taking out what is called":      {called, noon, TakeOut{By: person("R")}, WrongState},
		"undoing what is called":         {called, noon, Lapse{Strike: []string{"A"}}, WrongState},
		"a card nobody sees, of a call":  {called, noon, Unpostable{Code: "x"}, WrongState},
		"about an item that is not":      {called, noon, Look{Item: 2}, WrongState},
		"about an item before the first": {called, noon, Look{Item: -1}, WrongState},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.request, c.now, c.event, c.want) })
	}
}

func TestWhatIsPressedOnACardIsForItsRevision(t *testing.T) {
	asked := upgradeAsked(1)
	next := after(t, asked, noon, moved(asked, time.Hour))
	for _, event := range []Event{two("B"), Deny{By: person("B")}, Retract{By: person("A")}, BreakGlass{By: person("B")}, moved(next, time.Hour)} {
		for revision, want := range map[int]Obstacle{0: "", 1: Replaced, 2: "", 3: Replaced} {
			if _, err := next.Apply(noon, Origin{ID: "e", Revision: revision}, event); obstacle(err).Obstacle != want {
				t.Errorf("%s on a card of revision %d: %v", verbOf(event), revision, err)
			}
		}
	}
}

func TestARescheduleIsAnotherDecision(t *testing.T) {
	once := after(t, upgradeAsked(1), noon, two("A"))
	move := moved(once, time.Hour)
	move.Phrase, move.Remind, move.Override = "sunday 3am", []float64{0.5}, &Decision{By: person("R")}
	move.Needs = needs(3, "A", "B", "C") // the policy has changed
	r := after(t, once, noon, move)
	if r.Revision != 2 || len(r.Approvals()) != 0 || told(r) != "rescheduled 2" || !r.Previous.Equal(once.At) {
		t.Fatalf("revision %d, approvals %v, told %s, before %s", r.Revision, r.Approvals(), told(r), r.Previous)
	}
	if !reflect.DeepEqual(r.Missing, move.Needs) || !reflect.DeepEqual(r.Needs, move.Needs) || len(r.Decisions) != 1 || r.Phrase != "sunday 3am" || r.Override == nil || r.Zone != "UTC" {
		t.Errorf("%+v", r)
	}
	if want := noon.Add(r.Deadline.Sub(noon) / 2); len(r.RemindAt) != 1 || !r.RemindAt[0].Equal(want) {
		t.Errorf("reminded %v, not %s", r.RemindAt, want)
	}
	if r = after(t, r, noon, two("B")); r.State != Pending {
		t.Error("an approval of the earlier revision counted")
	}
}

func TestARepeatedEventChangesNothing(t *testing.T) {
	from := Origin{ID: "env-1", By: "A", At: noon}
	asked := upgradeAsked(1)
	r, err := asked.Apply(noon, from, two("A"))
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range []Event{two("A"), Deny{By: person("A")}} {
		if again, err := r.Apply(noon.Add(time.Hour), from, event); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%v, %+v", err, again)
		}
	}
}

func TestARecordRemembersTheLatestEvents(t *testing.T) {
	r := upgradeAsked(1)
	for n := range remembered + 3 {
		next, _ := r.Apply(noon, Origin{ID: string(rune('A' + n))}, Retract{By: person("A")})
		r = *next
	}
	if len(r.Applied) != remembered || r.Applied[0] != "D" {
		t.Errorf("%d: %v", len(r.Applied), r.Applied)
	}
}

// TestPressesCountInTheOrderOfTheirTime has a press come late that a later press
// of the same person has overtaken.
func TestPressesCountInTheOrderOfTheirTime(t *testing.T) {
	press := func(r Request, who string, second int, event Event) (Request, error) {
		when := noon.Add(time.Duration(second) * time.Second).In(time.FixedZone("", 3600))
		next, err := r.Apply(noon.Add(time.Minute), Origin{By: who, At: when}, event)
		return *next, err
	}
	back := Retract{By: person("A"), Quorum: needs(1, "A", "B")}
	r, err := press(upgradeAsked(1), "A", 2, back)
	if err != nil || r.State != Pending || len(r.Notices) != 0 || r.Pressed["A"] != noon.Add(2*time.Second) {
		t.Fatalf("taking back before the approval has come: %v, %s", err, r.State)
	}
	if _, err := press(r, "A", 1, yes("A")); obstacle(err).Obstacle != Overtaken {
		t.Errorf("an approval taken back counts: %v", err)
	}
	for name, c := range map[string]struct {
		who    string
		second int
	}{"a later one of theirs": {"A", 3}, "one at the same moment": {"A", 2}, "somebody else's": {"B", 1}} {
		if next, err := press(r, c.who, c.second, yes(c.who)); err != nil || next.State != Approved {
			t.Errorf("%s: %v", name, err)
		}
	}
	if next, err := r.Apply(noon, Origin{By: "A"}, yes("A")); err != nil || next.State != Approved {
		t.Errorf("one of which nobody knows when: %v", err)
	}
	next, _ := r.Apply(noon, Origin{By: "A"}, back)
	if _, err := press(*next, "A", 1, yes("A")); obstacle(err).Obstacle != Overtaken {
		t.Errorf("one of which nobody knows when let an older one count: %v", err)
	}
}

func TestTakingBackBeforeTheCall(t *testing.T) {
	quorum := needs(1, "A", "B")
	back := Retract{By: Person{ID: "A2", Human: "A"}, Quorum: quorum}
	if r := after(t, approved(t, 1), noon, back); r.State != Pending || len(r.Decisions) != 0 || len(r.Missing) != 1 {
		t.Errorf("%s, %v, %v", r.State, r.Decisions, r.Missing)
	}
	if r := after(t, called(t, 1, NotSent), noon, back); r.State != Pending {
		t.Errorf("after a call that never left: %s", r.State)
	}
	if r := after(t, approved(t, 1), noon, Retract{By: person("B"), Quorum: quorum}); r.State != Approved {
		t.Errorf("somebody took back what another gave: %s", r.State)
	}
}

func TestWhatEndsADecision(t *testing.T) {
	denied := Closing{At: noon, By: person("A"), Reason: "not now"}
	for state, c := range map[State]struct {
		event   Event
		now     time.Time
		told    string
		closing Closing
	}{
		Denied:    {Deny{By: person("A"), Reason: "not now"}, noon, "denied", denied},
		Withdrawn: {Withdraw{By: person("A"), Reason: "not now"}, noon, "withdrawn", denied},
		Expired:   {Expire{}, upgradeAsked(1).Deadline, "expired", Closing{At: upgradeAsked(1).Deadline}},
	} {
		r := after(t, upgradeAsked(2), c.now, c.event)
		if r.State != state || told(r) != c.told || len(r.Approvals()) != 0 || r.Open() || len(r.Holds()) != 0 ||
			!reflect.DeepEqual(r.Closing, c.closing) {
			t.Errorf("%s: %s, told %s, holds %v, %+v", state, r.State, told(r), r.Holds(), r.Closing)
		}
		if tasks := r.Agenda(Pace{}); len(tasks) != 1 || tasks[0] != (Task{Kind: TaskForget, At: c.now.Add(Retention)}) {
			t.Errorf("%s: %v", state, tasks)
		}
	}
	r := after(t, upgradeAsked(1), noon, Unpostable{Code: "channel_not_found"})
	if r.State != Withdrawn || told(r) != "unpostable" || r.Closing.Code != "channel_not_found" {
		t.Errorf("%s, told %s, %+v", r.State, told(r), r.Closing)
	}
	if r = after(t, approved(t, 1), noon, Withdraw{By: person("R")}); r.State != Withdrawn {
		t.Errorf("withdrawn after the approval: %s", r.State)
	}
}

// TestTheDeadlineIsForApprovals has people approve a second before it: the call
// has until the notice that the cloud wants.
func TestTheDeadlineIsForApprovals(t *testing.T) {
	asked := upgradeAsked(1)
	r := after(t, asked, asked.Deadline.Add(-time.Second), yes("A"))
	refused(t, r, asked.Deadline.Add(time.Second), Expire{}, WrongState)
	if task := r.Agenda(Pace{})[0]; task.Kind != TaskCall {
		t.Errorf("next: %v", task)
	}
	last := asked.At.Add(-asked.Lead)
	for _, now := range []time.Time{asked.Deadline.Add(time.Second), last.Add(-1)} {
		if r := after(t, r, now, Claim{}); states(r) != "executing" {
			t.Errorf("called at %s: %s", now, states(r))
		}
	}
	refused(t, r, last, Claim{}, TooLate)
	if r.TooLateToCall(0, last.Add(-1)) || !r.TooLateToCall(0, last) {
		t.Error("too late is not from the cloud's notice on")
	}
}

func TestWhatIsPendingPastItsDeadlineExpires(t *testing.T) {
	r := called(t, 1, NotSent)
	late := r.Deadline.Add(time.Minute)
	for _, event := range []Event{Retract{By: person("A")}, Lapse{Strike: []string{"A"}}} {
		r := after(t, r, late, event)
		if task := r.Agenda(Pace{})[0]; task.Kind != TaskExpire || task.At.After(late) {
			t.Errorf("after %s nothing ends it: %v", verbOf(event), task)
		}
		if r = after(t, r, late, Expire{}); r.State != Expired {
			t.Error(r.State)
		}
	}
}

func TestApprovalsThatDoNotStandLapse(t *testing.T) {
	quorum := needs(2, "A", "B")
	r := after(t, upgradeAsked(1), noon, two("A"), two("B"), Lapse{Strike: []string{"A"}, Quorum: quorum})
	if r.State != Pending || len(r.Approvals()) != 1 || r.Missing[0].Count != 1 || told(r) != "lapsed 1" {
		t.Fatalf("%s, %v, %v, told %s", r.State, r.Approvals(), r.Missing, told(r))
	}
	r = after(t, r, noon, two("A"), Lapse{Strike: []string{"A", "B"}, Quorum: quorum})
	if len(r.Approvals()) != 0 || told(r) != "lapsed 1, lapsed 2" {
		t.Errorf("the second time: %v, told %s", r.Approvals(), told(r))
	}
}

// Who is no approver any more is not shown as one beside those who count.
func TestAnApprovalThatNoLongerCountsIsStruckAtTheNext(t *testing.T) {
	now := needs(2, "B", "C")
	r := after(t, upgradeAsked(1), noon, two("A"), Approve{By: person("B"), Quorum: now, Strike: []string{"A"}})
	if r.State != Pending || !slices.Equal(r.Approvers(), []string{"B"}) || told(r) != "lapsed 1" {
		t.Fatalf("%s by %v, told %s", r.State, r.Approvers(), told(r))
	}
	if r = after(t, r, noon, Approve{By: person("C"), Quorum: now}); r.State != Approved || told(r) != "lapsed 1" {
		t.Errorf("%s by %v, told %s", r.State, r.Approvers(), told(r))
	}
	r = after(t, upgradeAsked(1), noon, two("A"), Approve{By: person("B"), Quorum: needs(1, "B"), Strike: []string{"A"}})
	if r.State != Approved || !slices.Equal(r.Approvers(), []string{"B"}) || told(r) != "" {
		t.Errorf("complete by the last: %s by %v, told %s", r.State, r.Approvers(), told(r))
	}
}

func TestBreakingTheGlass(t *testing.T) {
	glass := BreakGlass{By: person("E"), Reason: "fire", Announce: Announcement{To: Set{Groups: []string{"S1"}}, Channel: "CSEC"}}
	r := after(t, upgradeAsked(1), noon, glass)
	if r.State != Approved || r.Emergency == nil || r.Emergency.Reason != "fire" || told(r) != "emergency, emergency CSEC" ||
		r.Announced.To.Groups[0] != "S1" {
		t.Fatalf("%s, %+v, told %s, %+v", r.State, r.Emergency, told(r), r.Announced)
	}
	again := after(t, r, noon, Lapse{Quorum: needs(1, "A")})
	if again.State != Pending || again.Emergency != nil {
		t.Errorf("an emergency that does not stand: %s, %+v", again.State, again.Emergency)
	}
	again = after(t, again, noon, glass)
	if want := "emergency, emergency CSEC, lapsed 1, emergency 1, emergency 1 CSEC"; told(again) != want {
		t.Errorf("the second time: told %s", told(again))
	}
	glass.Announce.Channel = "C"
	if r = after(t, upgradeAsked(1), noon, glass); told(r) != "emergency" {
		t.Errorf("told %s: the thread is in that channel", told(r))
	}
}

// TestAnEmergencyEndsWithTheApprovalTakenBack: what is approved after it needs its
// quorum, and its approvers are looked at again before the call.
func TestAnEmergencyEndsWithTheApprovalTakenBack(t *testing.T) {
	glass := BreakGlass{By: person("E"), Reason: "fire"}
	r := after(t, upgradeAsked(1), noon, two("A"), glass, Retract{By: person("A"), Quorum: needs(2, "A", "B")})
	if r.State != Pending || r.Emergency != nil {
		t.Errorf("%s, %+v", r.State, r.Emergency)
	}
}

func TestTakingOneOutOfABatch(t *testing.T) {
	out := func(i int) TakeOut { return TakeOut{By: person("R"), Item: i} }
	r := after(t, upgradeAsked(2), noon, out(0))
	if r.State != Pending || r.Items[0].State != Cancelled || r.Items[0].End != EndTakenOut || len(r.Holds()) != 1 || r.Holds()[0] != "p/s2" || r.InstanceNames() != r.Items[1].Target.Name {
		t.Fatalf("%s, %+v, holds %v", r.State, r.Items[0], r.Holds())
	}
	refused(t, r, noon, out(1), LastItem)
	refused(t, r, noon, out(0), WrongState)
	refused(t, upgradeAsked(1), noon, out(0), LastItem)
	called := approved(t, 2)
	called.Items[0].State = Cancelled // by a request of its own: a withdrawal is past
	if called = after(t, called, noon, out(1)); states(called) != "cancelled cancelled" || called.Open() {
		t.Errorf("the last that waits for its call: %s", states(called))
	}
	if r.Stage(0) != Cancelled || r.Stage(1) != Pending {
		t.Errorf("one is taken out and one is pending, shown as %v", r.Stages())
	}
	r = after(t, r, noon, yes("A"))
	if r.State != Approved || r.Stage(0) != Cancelled || r.Stage(1) != Approved || len(r.Agenda(Pace{})) != 1 ||
		r.Agenda(Pace{})[0].Item != 1 {
		t.Errorf("%s, %v, %v", r.State, r.Stages(), r.Agenda(Pace{}))
	}
	if r = after(t, r, noon, Retract{By: person("A")}); r.State != Pending {
		t.Errorf("one taken out is not one called: %s", r.State)
	}
}

func TestStages(t *testing.T) {
	r := after(t, approved(t, 3), noon, Claim{Item: 1}, Claim{Item: 2})
	if got := r.Stages(); len(got) != 2 || got[0] != Approved || got[1] != Executing {
		t.Error(got)
	}
	asked := upgradeAsked(3)
	if got := asked.Stages(); len(got) != 1 || got[0] != Pending {
		t.Error(got)
	}
}

// TestTheEndOfACancelIsToldToItsUpgrade, also when people end it: it may have been
// told before that the cancel is on its way.
func TestTheEndOfACancelIsToldToItsUpgrade(t *testing.T) {
	ended := map[string]Request{
		"withdrawn": after(t, cancelAsked(), noon, yes("A"), Claim{}, answer(1, NotSent), Withdraw{By: person("R")}),
		"denied":    after(t, cancelAsked(), noon, Deny{By: person("A")}),
		"expired":   after(t, cancelAsked(), cancelAsked().Deadline, Expire{}),
		"refused":   after(t, cancelAsked(), noon, yes("A"), Claim{}, answer(1, Refused)),
		"read back": after(t, cancelAsked(), noon, yes("A"), Claim{}, answer(1, Accepted), Look{Observation: unplanned}),
	}
	for name, r := range ended {
		tasks := r.Agenda(Pace{})
		if !r.Open() || len(tasks) != 1 || tasks[0].Kind != TaskRelease || len(r.Holds()) != 0 {
			t.Errorf("%s: %v, holds %v", name, tasks, r.Holds())
			continue
		}
		r = after(t, r, noon, Release{})
		if refused(t, r, noon, Release{}, WrongState); r.Open() || r.Agenda(Pace{})[0].Kind != TaskForget {
			t.Errorf("%s: released, and %v", name, r.Agenda(Pace{}))
		}
	}
	outside := cancelAsked()
	outside.Of = Ref{}
	if r := after(t, outside, noon, Deny{By: person("A")}); r.Open() {
		t.Errorf("there is no upgrade to tell: %v", r.Agenda(Pace{}))
	}
}
