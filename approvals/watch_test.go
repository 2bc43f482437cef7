package approvals

import (
	"context"
	"testing"
	"time"
)

// These tests are named after the rows of the table "say / when" in the facts.

func (b *bench) show(f func(o *Observation)) {
	b.cloud.change(func() { f(&b.cloud.seen) })
}

// watchFor lets time pass in steps, as the watcher's timers do.
func (b *bench) watchFor(d time.Duration) {
	b.t.Helper()
	for end := b.now().Add(d); b.now().Before(end); {
		b.pass(20 * time.Second)
		b.settle()
	}
}

// until lets time pass to an instant, with one look on the way.
func (b *bench) until(at time.Time) {
	b.t.Helper()
	b.pass(at.Sub(b.now()))
	b.settle()
}

// running is an upgrade that was seen to start.
func (b *bench) running() Request {
	b.t.Helper()
	r := b.scheduled()
	b.until(r.At.Add(time.Minute))
	b.show(func(o *Observation) { o.Idle, o.Running, o.Phase = false, true, "UPGRADING" })
	b.watchFor(2 * time.Minute)
	if got := b.load(r.ID); got.State != Running || b.screen.said("running") != 1 {
		b.t.Fatalf("%s, notices %v", got.State, b.screen.notices)
	}
	return r
}

func (b *bench) endsAs(r Request, state State, notice string) Request {
	b.t.Helper()
	got := b.load(r.ID)
	if got.State != state || b.screen.said(notice) != 1 {
		b.t.Fatalf("%s (%s), notices %v", got.State, got.Closing.Reason, b.screen.notices)
	}
	if n, _ := b.store.Holder(context.Background(), r.Lock()); n != 0 {
		b.t.Fatalf("the instance is still held by %d", n)
	}
	return got
}

func TestAcceptedNotYetVisible(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(Request) Outcome { return Outcome{Kind: Accepted} }
	r := b.scheduled()
	b.watchFor(time.Minute)
	if got := b.load(r.ID); got.State != Scheduled || !got.Progress.VerifiedAt.IsZero() || b.screen.said("accepted") != 1 || b.screen.said("scheduled") != 0 {
		t.Fatalf("%s, notices %v", got.State, b.screen.notices)
	}
	b.show(func(o *Observation) { o.UpgradeTime = r.At })
	b.watchFor(2 * time.Minute)
	if b.screen.said("scheduled") != 1 {
		t.Fatalf("notices %v", b.screen.notices)
	}
}

func TestChangedOutside(t *testing.T) {
	for name, found := range map[string]time.Time{"gone": {}, "moved": noon.Add(9 * 24 * time.Hour)} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.scheduled()
			b.show(func(o *Observation) { o.UpgradeTime = found })
			b.watchFor(16 * time.Minute)
			if got := b.endsAs(r, Changed, "changed"); !got.Progress.FoundTime.Equal(found) {
				t.Errorf("found %s", got.Progress.FoundTime)
			}
		})
	}
}

func TestRunningAndSucceeded(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.show(func(o *Observation) {
		o.Running, o.Idle, o.Version, o.Next, o.UpgradeTime = false, true, "3.3.52.1", "OLD", time.Time{}
	})
	b.pass(20 * time.Second)
	b.settle()
	if got := b.load(r.ID); got.State != Running {
		t.Fatalf("believed the first look: %s", got.State)
	}
	b.watchFor(time.Minute)
	if got := b.endsAs(r, Succeeded, "succeeded"); got.Progress.Version != "3.3.52.1" || got.Progress.Next != "OLD" {
		t.Errorf("%+v", got.Progress)
	}
}

func TestFailedWithTheSameVersion(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.show(func(o *Observation) { o.Running, o.Idle = false, true })
	b.watchFor(time.Minute)
	b.endsAs(r, Failed, "failed")
}

func TestFailedInAnErrorState(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.show(func(o *Observation) { o.Running, o.Idle, o.Broken = false, false, true })
	b.watchFor(time.Minute)
	if got := b.endsAs(r, Failed, "failed"); got.Closing.Reason != "broken" {
		t.Error(got.Closing.Reason)
	}
}

func TestActiveInTheMiddleOfARestartIsNotTheEnd(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.show(func(o *Observation) { o.Running, o.Idle = false, true })
	b.pass(20 * time.Second)
	b.settle()
	b.show(func(o *Observation) { o.Running, o.Idle = true, false })
	b.watchFor(2 * time.Minute)
	if got := b.load(r.ID); got.State != Running {
		t.Fatal(got.State)
	}
}

func TestStuckForMoreThanFourHours(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.until(r.At.Add(stuckAfter + 10*time.Minute))
	if got := b.endsAs(r, Failed, "failed"); got.Closing.Reason != "stuck" {
		t.Error(got.Closing.Reason)
	}
}

func TestMissed(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.until(r.At.Add(missedAfter - time.Minute))
	if got := b.load(r.ID); got.State != Scheduled {
		t.Fatalf("before half an hour had passed: %s", got.State)
	}
	b.watchFor(3 * time.Minute)
	b.endsAs(r, Missed, "missed")
}

func TestReplaced(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.show(func(o *Observation) { o.ServerID = "s-2" })
	b.watchFor(time.Minute)
	if got := b.load(r.ID); got.Target.ServerID != "s-2" || b.screen.said("replaced") != 1 {
		t.Fatalf("%s, notices %v", got.Target.ServerID, b.screen.notices)
	}
	b.show(func(o *Observation) { o.Running, o.Idle, o.Version, o.Next = false, true, "4.0.0.0", "ROLLBACK" })
	b.watchFor(time.Minute)
	b.endsAs(b.load(r.ID), Succeeded, "succeeded")
}

func TestReplacedWhenTheNextRequestHasTheNewID(t *testing.T) {
	b := newBench(t)
	r := b.running()
	at := b.now().Add(48 * time.Hour)
	next := Ask{Event: "next", By: "R", Action: Upgrade, Target: Target{Project: "p", ServerID: "s-2", Name: "bastion-prod"}, At: at, Deadline: at.Add(-25 * time.Hour), Zone: "UTC", Channel: "C"}
	if _, err := b.service.Ask(context.Background(), next); err != nil {
		t.Fatal(err)
	}
	b.show(func(o *Observation) { o.ServerID, o.Running, o.Idle, o.Version = "s-2", false, true, "4.0.0.0" })
	b.watchFor(time.Minute)
	b.endsAs(r, Succeeded, "succeeded")
}

func TestSecondHop(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.show(func(o *Observation) { o.Running, o.Idle, o.Version, o.Next = false, true, "3.3.40.0", "CROSS_OS" })
	b.watchFor(time.Minute)
	if got := b.endsAs(r, Succeeded, "succeeded"); got.Progress.Next != "CROSS_OS" {
		t.Errorf("%+v", got.Progress)
	}
}

func TestAnUpgradeThatRanBetweenTwoLooksSucceeded(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.pass(r.At.Add(20 * time.Minute).Sub(b.now()))
	b.show(func(o *Observation) { o.Version, o.UpgradeTime = "3.3.52.1", time.Time{} })
	b.settle()
	b.watchFor(time.Minute)
	b.endsAs(r, Succeeded, "succeeded")
}

func TestACloudThatCannotBeReadIsReadAgain(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.until(r.At.Add(time.Minute))
	b.cloud.change(func() { b.cloud.err = context.DeadlineExceeded })
	b.watchFor(9 * time.Minute)
	if b.screen.said("blind") != 0 {
		t.Errorf("said too early: %v", b.screen.notices)
	}
	b.watchFor(10 * time.Minute)
	if b.screen.said("blind") != 1 {
		t.Errorf("notices %v", b.screen.notices)
	}
	b.cloud.change(func() { b.cloud.err = nil })
	b.show(func(o *Observation) { o.Idle, o.Running = false, true })
	b.watchFor(2 * time.Minute)
	if got := b.load(r.ID); got.State != Running {
		t.Fatal(got.State)
	}
}

func TestPaceOfLooks(t *testing.T) {
	at := noon.Add(5 * 24 * time.Hour)
	verified := Request{State: Scheduled, At: at, Call: Call{FinishedAt: noon}, Progress: Progress{VerifiedAt: noon}}
	fresh, running := verified, verified
	fresh.Progress.VerifiedAt = time.Time{}
	running.State = Running
	for name, c := range map[string]struct {
		request Request
		now     time.Time
		want    time.Duration
	}{
		"right after the call":      {fresh, noon.Add(5 * time.Second), 3 * time.Second},
		"still invisible":           {fresh, noon.Add(5 * time.Minute), time.Minute},
		"days ahead":                {verified, noon.Add(time.Hour), 15 * time.Minute},
		"just before the last hour": {verified, at.Add(-time.Hour - 4*time.Minute), 4 * time.Minute},
		"in the last hour":          {verified, at.Add(-30 * time.Minute), time.Minute},
		"due":                       {verified, at.Add(10 * time.Minute), time.Minute},
		"running":                   {running, at.Add(20 * time.Minute), 20 * time.Second},
	} {
		if got := (Pace{}).orDefault().Next(c.request, c.now).Sub(c.now); got != c.want {
			t.Errorf("%s: the next look after %s, not %s", name, got, c.want)
		}
	}
}
