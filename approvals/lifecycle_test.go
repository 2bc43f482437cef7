package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// rule changes the bench's rule for upgrades.
func (b *bench) rule(change func(*Rule)) {
	change(b.policy.Rule(Upgrade, Target{}))
}

// weekends is a calendar that the bench's usual time (noon plus 5 days) is not in.
func weekends() Calendar {
	return Calendar{Windows: []Window{{Hours: Hours{Days: []time.Weekday{noon.AddDate(0, 0, 6).Weekday()}, To: 24 * 60}, Zone: time.UTC}}}
}

func TestAClosedTimeIsRefusedWithTheNextOnes(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) { r.Calendar = weekends() })
	_, err := b.ask("ask", "R")
	var closed *ClosedError
	if !errors.As(err, &closed) || len(closed.Next) != 3 || closed.Override {
		t.Fatalf("%v %+v", err, closed)
	}
	for _, at := range closed.Next {
		if weekends().Closed(at, UpgradeTakes) != "" {
			t.Errorf("%s is offered, and it is closed", at)
		}
	}
}

func (b *bench) askAnyway(event, by, reason string) (Request, error) {
	at := noon.Add(5 * 24 * time.Hour)
	return b.service.Ask(context.Background(), Ask{
		Event: event, By: by, Action: Upgrade, Target: Target{Project: "p", ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW"},
		At: at, Deadline: at.Add(-24 * time.Hour), Zone: "UTC", Channel: "C", Reason: reason, Override: true,
	})
}

func TestAnOverrideIsForThoseThePolicyNamesAndNeedsAReason(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) { r.Calendar, r.Override = weekends(), Set{Users: []string{"C"}} })
	var closed *ClosedError
	if _, err := b.askAnyway("1", "R", "urgent"); !errors.As(err, &closed) || closed.Override {
		t.Errorf("somebody overrode the calendar: %v", err)
	}
	if _, err := b.askAnyway("2", "C", ""); ground(err) != NoReason {
		t.Errorf("an override without a reason: %v", err)
	}
	r, err := b.askAnyway("3", "C", "urgent")
	if err != nil || r.Override == nil || r.Override.By.ID != "C" || r.Override.Reason != "urgent" {
		t.Fatalf("%v %+v", err, r.Override)
	}
	b.settle()
	b.rule(func(r *Rule) { r.Override = Set{} })
	if _, err := b.act("yes", "A", "approve", r); !errors.As(err, &closed) {
		t.Errorf("approved with an override that the policy takes no more: %v", err)
	}
	b.rule(func(r *Rule) { r.Override = Set{Users: []string{"C"}} })
	if _, err := b.act("yes again", "A", "approve", r); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if b.cloud.count() != 1 {
		t.Errorf("%d calls", b.cloud.count())
	}
}

func TestAnOpenTimeNeedsNoOverride(t *testing.T) {
	b := newBench(t)
	if r, err := b.askAnyway("1", "R", "urgent"); err != nil || r.Override != nil {
		t.Errorf("%v %+v", err, r.Override)
	}
}

// TestAFreezeAfterTheApprovalStopsTheCall closes the calendar between the click
// and the call.
func TestAFreezeAfterTheApprovalStopsTheCall(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	if _, err := b.act("yes", "A", "approve", r); err != nil {
		t.Fatal(err)
	}
	b.rule(func(r *Rule) {
		r.Calendar.Freezes = []Freeze{{From: noon, To: noon.AddDate(0, 1, 0), Reason: "end of the year"}}
	})
	b.settle()
	if r = b.load(r.ID); r.State != Pending || len(r.Approvals()) != 0 || b.cloud.count() != 0 || b.screen.said("lapsed 0") != 1 {
		t.Errorf("%s, %d calls, notices %v", r.State, b.cloud.count(), b.screen.notices)
	}
	if _, err := b.act("no", "A", "deny", r); err != nil {
		t.Errorf("a closed calendar stops a denial: %v", err)
	}
}

func TestBreakGlassIsAnnouncedAndSkipsOnlyTheQuorum(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) {
		r.BreakGlass = Set{Users: []string{"C"}}
		r.Announce = Announcement{To: Set{Groups: []string{"S9"}}, Channel: "CSEC"}
	})
	r := b.asked()
	if _, err := b.act("1", "A", "break glass", r); ground(err) != NotTrusted {
		t.Errorf("anybody breaks the glass: %v", err)
	}
	if _, err := b.service.Act(context.Background(), Act{Event: "2", By: "C", Verb: "break glass", Request: r.ID}); ground(err) != NoReason {
		t.Errorf("the glass is broken without a reason: %v", err)
	}
	b.rule(func(r *Rule) { r.Calendar = weekends() })
	var closed *ClosedError
	if _, err := b.act("3", "C", "break glass", r); !errors.As(err, &closed) {
		t.Errorf("the calendar is skipped: %v", err)
	}
	b.rule(func(r *Rule) { r.Calendar = Calendar{} })
	if _, err := b.act("4", "C", "break glass", r); err != nil {
		t.Fatal(err)
	}
	b.settle()
	r = b.load(r.ID)
	if r.State != Scheduled || r.Emergency == nil || r.Announced != "<!subteam^S9>" || b.cloud.count() != 1 ||
		b.screen.said("emergency") != 1 || !slices.Equal(b.screen.told, []string{"emergency in CSEC"}) {
		t.Errorf("%s %+v %q, %d calls, notices %v, told %v", r.State, r.Emergency, r.Announced, b.cloud.count(), b.screen.notices, b.screen.told)
	}
}

// TestBreakGlassIsRefusedWhenTooLate keeps the cloud's 24 hours.
func TestBreakGlassIsRefusedWhenTooLate(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) { r.BreakGlass = Set{Users: []string{"C"}} })
	r := b.asked()
	b.pass(r.Deadline.Sub(b.now()))
	var impossible *EventError
	if _, err := b.act("1", "C", "break glass", r); !errors.As(err, &impossible) {
		t.Errorf("after the deadline: %v", err)
	}
}

func TestWhatIsStillNeededIsSaid(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) {
		r.Quorum = []Demand{{Count: 2, From: Set{Users: []string{"A", "B"}}}, {Count: 1, From: Set{Groups: []string{"S1"}}}}
	})
	r := b.asked()
	r, err := b.act("1", "G1", "approve", r)
	if err != nil || r.Needed != "2 of <@A>, <@B>" || r.State != Pending {
		t.Fatalf("%v %q", err, r.Needed)
	}
	if r, err = b.act("2", "A", "approve", r); err != nil || r.Needed != "1 of <@A>, <@B>" {
		t.Fatalf("%v %q", err, r.Needed)
	}
	if r, err = b.act("3", "G1", "retract", r); err != nil || r.Needed != "1 of <@A>, <@B> and 1 of <!subteam^S1>" || r.State != Pending {
		t.Fatalf("%v %q", err, r.Needed)
	}
	if b.settle(); b.cloud.count() != 0 {
		t.Error("called without the quorum")
	}
}

// TestRemindersGoToThoseAtWorkWhoHaveNotAnswered has the approvers in two zones:
// noon is in A's working hours, and past those of B.
func TestRemindersGoToThoseAtWorkWhoHaveNotAnswered(t *testing.T) {
	b := newBench(t)
	b.people.known["A"] = Person{ID: "A", Zone: "Europe/London"}
	b.people.known["B"] = Person{ID: "B", Zone: "Asia/Tokyo"}
	b.people.known["G2"] = Person{ID: "G2", Deactivated: true}
	b.rule(func(r *Rule) {
		r.Quorum[0].Count = 3
		r.Remind = Reminders{At: []float64{0.25}, Hours: Hours{From: 9 * 60, To: 18 * 60}, Direct: true}
	})
	r := b.asked()
	if want := []string{"direct A", "direct B", "direct G1", "direct G2"}; !slices.Equal(slices.Sorted(slices.Values(b.screen.told)), want) {
		t.Errorf("directly asked: %v", b.screen.told)
	}
	if _, err := b.act("yes", "G1", "approve", r); err != nil {
		t.Fatal(err)
	}
	b.pass(24 * time.Hour) // a quarter of the way is a minute and a bit before
	b.settle()
	if r = b.load(r.ID); len(r.Reminders) != 1 || !slices.Equal(r.Reminders[0].Whom, []string{"A"}) || b.screen.said("reminder 1") != 1 {
		t.Fatalf("at noon: %+v, notices %v", r.Reminders, b.screen.notices)
	}
	b.pass(13 * time.Hour) // ten in the morning in Tokyo
	b.settle()
	if r = b.load(r.ID); len(r.Reminders) != 2 || !slices.Equal(r.Reminders[1].Whom, []string{"B"}) || b.screen.said("reminder 2") != 1 {
		t.Fatalf("in the Tokyo morning: %+v", r.Reminders)
	}
	b.pass(48 * time.Hour)
	b.settle()
	if r = b.load(r.ID); len(r.Reminders) != 2 {
		t.Errorf("somebody was reminded twice in one stage: %+v", r.Reminders)
	}
}

func TestNobodyIsRemindedOfADecidedRequest(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) { r.Remind = Reminders{At: []float64{0.5}} })
	b.scheduled()
	b.pass(3 * 24 * time.Hour)
	b.settle()
	if b.screen.said("reminder 1") != 0 {
		t.Errorf("notices %v", b.screen.notices)
	}
}

func TestARuleMayExpireARequestEarlier(t *testing.T) {
	b := newBench(t)
	b.rule(func(r *Rule) { r.Expiry = 8 * time.Hour })
	r := b.asked()
	if want := noon.Add(8 * time.Hour); !r.Deadline.Equal(want) {
		t.Fatalf("the deadline is %s, not %s", r.Deadline, want)
	}
	b.pass(8 * time.Hour)
	b.settle()
	if r = b.load(r.ID); r.State != Expired {
		t.Errorf("it is %s", r.State)
	}
}

// TestAWrongClockCallsNothingAndSaysSo goes on when the clock is right.
func TestAWrongClockCallsNothingAndSaysSo(t *testing.T) {
	b := newBench(t)
	wrong := errors.New("six minutes ahead")
	b.runner.Trusted = func() error { return wrong }
	r := b.scheduled()
	if r.State != Approved || b.cloud.count() != 0 || b.screen.said("clock") != 1 {
		t.Fatalf("%s, %d calls, notices %v", r.State, b.cloud.count(), b.screen.notices)
	}
	wrong = nil
	if err := b.store.push(context.Background(), r.execute(time.Time{})); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if r = b.load(r.ID); r.State != Scheduled || b.cloud.count() != 1 {
		t.Errorf("%s, %d calls", r.State, b.cloud.count())
	}
}

// TestPressesAgainstTheDeadline lets people press while the deadline comes: one
// of them wins, and what is expired is never called.
func TestPressesAgainstTheDeadline(t *testing.T) {
	for range 10 {
		b := newBench(t)
		r := b.asked()
		b.pass(r.Deadline.Sub(b.now()) - time.Millisecond)
		var all sync.WaitGroup
		for n, id := range []string{"A", "B", "G1", "G2"} {
			all.Go(func() { b.act(fmt.Sprint("env-", n), id, []string{"approve", "deny"}[n%2], r) })
		}
		all.Go(func() {
			b.pass(time.Millisecond)
			if err := b.runner.apply(context.Background(), r.ID, Deadline{}); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		b.settle()
		if r = b.load(r.ID); (r.State != Expired && r.State != Denied) || b.cloud.count() != 0 {
			t.Errorf("%s with %d calls", r.State, b.cloud.count())
		}
	}
}
