package engine

import (
	"context"
	"slices"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// These tests are named after what is said of an upgrade, and when.

func (b *bench) see(f func(o *approvals.Observation)) { b.cloud.show("s", f) }

// watch lets time pass as it does while an upgrade runs.
func (b *bench) watch(d time.Duration) { b.t.Helper(); b.watchFor(d, 20*time.Second) }

// running is an upgrade that was seen to start.
func (b *bench) running() *approvals.Request {
	b.t.Helper()
	r := b.scheduled()
	b.passTo(r.At.Add(time.Minute))
	b.see(func(o *approvals.Observation) { o.Idle, o.Running, o.Phase = false, true, "UPGRADING" })
	b.watch(2 * time.Minute)
	if got := b.stages(r.ID); got != "running" || b.screen.said("running") != 1 {
		b.t.Fatalf("%s, %+v", got, b.screen.posts)
	}
	return r
}

// endsAs checks how a request has ended, and that nothing is held or due any more.
func (b *bench) endsAs(r *approvals.Request, state approvals.State, notice string) approvals.Item {
	b.t.Helper()
	got := b.load(r.ID)
	if got.Items[0].State != state || b.screen.said(notice) != 1 {
		b.t.Fatalf("%s (%s), %+v", got.Items[0].State, got.Items[0].End, b.screen.posts)
	}
	if n, _ := b.store.Holder(context.Background(), r.Lock(0)); n == r.ID {
		b.t.Fatalf("the instance is still held by %d", n)
	}
	return got.Items[0]
}

func TestAcceptedNotYetVisible(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.scheduled()
	b.watch(2 * time.Minute)
	if got := b.load(r.ID).Items[0]; got.State != approvals.Scheduled || !got.Progress.VerifiedAt.IsZero() || b.screen.said("called") != 1 {
		t.Fatalf("%s, %+v", got.State, b.screen.posts)
	}
	b.see(func(o *approvals.Observation) { o.UpgradeTime = r.At })
	b.watch(2 * time.Minute)
	if b.load(r.ID).Items[0].Progress.VerifiedAt.IsZero() {
		t.Fatal("it is not read back")
	}
}

func TestChangedOutside(t *testing.T) {
	for name, later := range map[string]time.Duration{"gone": 0, "moved": 9 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.scheduled()
			var found time.Time
			if later > 0 {
				found = r.At.Add(later)
			}
			b.see(func(o *approvals.Observation) { o.UpgradeTime = found })
			b.watch(26 * time.Minute) // up to a look and a half of those that are far from the upgrade, and what may be a moment's picture
			got := b.load(r.ID).Items[0]
			if got.State != approvals.Changed || got.Watched != (later > 0) || !got.Progress.FoundTime.Equal(found) || b.screen.said("changed") != 1 {
				t.Errorf("%s, found %s", got.State, got.Progress.FoundTime)
			}
			if holder, _ := b.store.Holder(context.Background(), r.Lock(0)); (holder == r.ID) != got.Watched {
				t.Errorf("the instance is held by %d", holder)
			}
		})
	}
}

// TestWhatWasMovedOutsideIsTakenBackByACancel: the button of its thread asks for one.
func TestWhatWasMovedOutsideIsTakenBackByACancel(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	found := r.At.Add(9 * 24 * time.Hour)
	b.see(func(o *approvals.Observation) { o.UpgradeTime = found })
	b.watch(24 * time.Minute)
	cancel := b.asks(Ask{
		Event: "cancel", By: "R", Action: approvals.Cancel, Items: approvals.NewItems(0, target("s")),
		Timing: approvals.Timing{At: found, Deadline: found, Zone: "UTC"}, Channel: "C",
	})
	b.acts("yes to it", "A", approvals.VerbApprove, cancel)
	b.watch(24 * time.Minute)
	if got := b.stages(cancel.ID); got != "succeeded" {
		t.Errorf("the cancel: %s", got)
	}
	if got := b.endsAs(r, approvals.Changed, "unwatched"); got.End != approvals.EndTakenBack {
		t.Error(got.End)
	}
}

func TestRunningAndSucceeded(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.see(func(o *approvals.Observation) {
		o.Running, o.Idle, o.Version, o.Offer, o.UpgradeTime = false, true, "3.3.52.1", approvals.OfferNone, time.Time{}
	})
	b.watch(20 * time.Second)
	if got := b.stages(r.ID); got != "running" {
		t.Fatalf("believed the first look: %s", got)
	}
	b.watch(2 * time.Minute)
	if got := b.endsAs(r, approvals.Succeeded, "succeeded"); got.Progress.Version != "3.3.52.1" || got.Progress.Offer != approvals.OfferNone {
		t.Errorf("%+v", got.Progress)
	}
}

func TestFailedWithTheSameVersion(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.see(func(o *approvals.Observation) { o.Running, o.Idle = false, true })
	b.watch(2 * time.Minute)
	if got := b.stages(r.ID); got != "running" {
		t.Fatalf("took a restart for the end: %s", got)
	}
	b.watch(3 * time.Minute)
	if got := b.endsAs(r, approvals.Failed, "failed"); got.End != approvals.EndSameVersion {
		t.Error(got.End)
	}
}

func TestFailedInAnErrorState(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.see(func(o *approvals.Observation) { o.Running, o.Idle, o.Broken = false, false, true })
	b.watch(4 * time.Minute)
	if got := b.endsAs(r, approvals.Failed, "failed"); got.End != approvals.EndBroken {
		t.Error(got.End)
	}
}

func TestActiveInTheMiddleOfARestartIsNotTheEnd(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.see(func(o *approvals.Observation) { o.Running, o.Idle = false, true })
	b.watch(20 * time.Second)
	b.see(func(o *approvals.Observation) { o.Running, o.Idle = true, false })
	b.watch(2 * time.Minute)
	if got := b.stages(r.ID); got != "running" {
		t.Fatal(got)
	}
}

func TestStuckForMoreThanFourHours(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.passTo(r.At.Add(4*time.Hour + 10*time.Minute))
	if got := b.stages(r.ID); got != "running" || b.screen.said("stuck") != 1 {
		t.Fatalf("%s, %+v", got, b.screen.posts)
	}
	if _, err := b.act("guest", "X", approvals.VerbClose, r); err == nil {
		t.Error("a stranger has closed it")
	}
	b.acts("close", "R", approvals.VerbClose, r)
	b.settle()
	if got := b.endsAs(r, approvals.Failed, "closed"); got.End != approvals.EndStuck {
		t.Error(got.End)
	}
}

func TestStuckAndOverInTheEnd(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.passTo(r.At.Add(5 * time.Hour))
	looks := b.cloud.looks()
	b.watchFor(time.Hour, time.Minute)
	if n := b.cloud.looks() - looks; n > 5 {
		t.Errorf("%d looks in an hour at what is stuck", n)
	}
	b.see(func(o *approvals.Observation) {
		o.Running, o.Idle, o.Version, o.UpgradeTime = false, true, "3.3.52.1", time.Time{}
	})
	b.passTo(r.At.Add(7 * time.Hour))
	b.watch(2 * time.Minute)
	b.endsAs(r, approvals.Succeeded, "succeeded")
}

func TestMissed(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.passTo(r.At.Add(29 * time.Minute))
	if got := b.stages(r.ID); got != "scheduled" {
		t.Fatalf("before half an hour had passed: %s", got)
	}
	b.watch(3 * time.Minute)
	b.endsAs(r, approvals.Missed, "missed")
}

// TestWhatWasMissedMayBeginLate: people are told, also when they have asked for it again meanwhile.
func TestWhatWasMissedMayBeginLate(t *testing.T) {
	for name, again := range map[string]bool{"alone": false, "asked for again": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.scheduled()
			b.passTo(r.At.Add(29 * time.Minute))
			b.watch(3 * time.Minute)
			b.endsAs(r, approvals.Missed, "missed")
			want := approvals.Running
			if again {
				want = approvals.Missed
				if _, err := b.ask("again", "R"); err != nil {
					t.Fatal(err)
				}
			}
			b.see(func(o *approvals.Observation) { o.Idle, o.Running = false, true })
			b.watchFor(time.Hour, time.Minute)
			if got := b.load(r.ID).Items[0].State; got != want || b.screen.said("running") != 1 {
				t.Fatalf("%s, %+v", got, b.screen.posts)
			}
			b.see(func(o *approvals.Observation) {
				o.Running, o.Idle, o.Version, o.UpgradeTime = false, true, "3.3.52.1", time.Time{}
			})
			b.watchFor(3*time.Minute, time.Minute)
			if got := b.load(r.ID).Items[0].State; got != approvals.Succeeded || b.screen.said("succeeded") != 1 {
				t.Fatalf("%s, %+v", got, b.screen.posts)
			}
		})
	}
}

func TestReplaced(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.replaced(func(o *approvals.Observation) {})
	b.watch(2 * time.Minute)
	if got := b.load(r.ID).Items[0]; got.Target.ServerID != "s-2" || b.screen.said("replaced") != 1 {
		t.Fatalf("%s, %+v", got.Target.ServerID, b.screen.posts)
	}
	if n, _ := b.store.Holder(context.Background(), "p/s-2"); n != r.ID {
		t.Errorf("the other id is held by %d", n)
	}
	b.cloud.show("s-2", func(o *approvals.Observation) {
		o.Running, o.Idle, o.Version, o.Offer = false, true, "4.0.0.0", approvals.OfferRollback
	})
	b.watch(2 * time.Minute)
	b.endsAs(b.load(r.ID), approvals.Succeeded, "succeeded")
}

// replaced has the instance come back under another id.
func (b *bench) replaced(f func(o *approvals.Observation)) {
	b.cloud.change(func() {
		o := b.cloud.seen["s"]
		delete(b.cloud.seen, "s")
		o.ServerID = "s-2"
		f(&o)
		b.cloud.seen["s-2"] = o
	})
}

func TestReplacedWhenTheNextRequestHasTheNewID(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.asks(b.upgrade("next", "s-2"))
	b.replaced(func(o *approvals.Observation) { o.Running, o.Idle, o.Version = false, true, "4.0.0.0" })
	b.watch(2 * time.Minute)
	b.endsAs(r, approvals.Succeeded, "succeeded")
}

func TestSecondHop(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.see(func(o *approvals.Observation) {
		o.Running, o.Idle, o.Version, o.Offer = false, true, "3.3.40.0", approvals.OfferCrossVersion
	})
	b.watch(2 * time.Minute)
	if got := b.endsAs(r, approvals.Succeeded, "succeeded"); got.Progress.Offer != approvals.OfferCrossVersion {
		t.Errorf("%+v", got.Progress)
	}
}

func TestAnUpgradeThatRanBetweenTwoLooksSucceeded(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.pass(r.At.Add(20 * time.Minute).Sub(b.now()))
	b.see(func(o *approvals.Observation) { o.Version, o.UpgradeTime = "3.3.52.1", time.Time{} })
	b.settle()
	b.watch(2 * time.Minute)
	b.endsAs(r, approvals.Succeeded, "succeeded")
}

func TestACloudThatCannotBeReadIsReadAgain(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.passTo(r.At.Add(time.Minute))
	b.cloud.change(func() { b.cloud.err = context.DeadlineExceeded })
	looks := b.cloud.looks()
	b.watch(9 * time.Minute)
	if n := b.cloud.looks() - looks; b.screen.said("blind") != 0 || n > 10 {
		t.Errorf("said too early, or looked %d times: %+v", n, b.screen.posts)
	}
	b.watch(10 * time.Minute)
	if b.screen.said("blind") != 1 {
		t.Errorf("%+v", b.screen.posts)
	}
	b.cloud.change(func() { b.cloud.err = nil })
	b.see(func(o *approvals.Observation) { o.Idle, o.Running = false, true })
	b.watch(2 * time.Minute)
	if got := b.stages(r.ID); got != "running" {
		t.Fatal(got)
	}
}

// TestACallIsReadBackSoonAfterTheCloudCouldNotBeRead: people wait for it.
func TestACallIsReadBackSoonAfterTheCloudCouldNotBeRead(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
		b.cloud.change(func() { b.cloud.take(action, target, at); b.cloud.err = context.DeadlineExceeded })
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.scheduled()
	if !b.load(r.ID).Items[0].Progress.VerifiedAt.IsZero() {
		t.Fatal("read back from a cloud that could not be read")
	}
	b.cloud.change(func() { b.cloud.err = nil })
	b.watchFor(lookSoon+time.Second, time.Second)
	if b.load(r.ID).Items[0].Progress.VerifiedAt.IsZero() {
		t.Error("it is not read back")
	}
}

func TestARollbackBeginsAtOnceAndIsFollowed(t *testing.T) {
	b := newBench(t)
	b.see(func(o *approvals.Observation) { o.Offer = approvals.OfferRollback })
	one := target("s")
	one.Offer = approvals.OfferRollback
	r := b.asks(Ask{
		Event: "back", By: "R", Action: approvals.Rollback, Items: approvals.NewItems(0, one),
		Timing: approvals.Timing{Deadline: b.now().Add(time.Hour), Zone: "UTC"}, Channel: "C",
	})
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		b.see(func(o *approvals.Observation) { o.Idle, o.Running = false, true })
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	if got := b.stages(r.ID); got != "running" || b.screen.said("rollback_accepted") != 1 {
		t.Fatalf("%s, %+v", got, b.screen.posts)
	}
	b.see(func(o *approvals.Observation) { o.Idle, o.Running, o.Version = true, false, "3.3.40.0" })
	b.watch(2 * time.Minute)
	b.endsAs(r, approvals.Succeeded, "succeeded")
}

func TestAFinishedRequestIsForgottenAfterItsRetention(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	r = b.acts("no", "A", approvals.VerbDeny, r)
	b.settle()
	b.passTo(r.ChangedAt.Add(approvals.Retention - time.Minute))
	b.load(r.ID)
	b.passTo(r.ChangedAt.Add(approvals.Retention))
	if _, total, err := b.store.List(context.Background(), store.IndexAll, 0, 10); total != 0 || err != nil {
		t.Errorf("%d requests, %v", total, err)
	}
	if n := b.redis.ZCard(context.Background(), b.prefix+"due:act").Val(); n != 0 {
		t.Errorf("%d are due", n)
	}
}

// TestWhatIsInNoQueueIsFoundAndDone: as if something had been lost.
func TestWhatIsInNoQueueIsFoundAndDone(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	b.redis.Del(context.Background(), b.prefix+"due:act", b.prefix+"due:show")
	b.settle()
	if got := b.stages(r.ID); got != "approved" {
		t.Fatal(got)
	}
	b.run(b.engine) // sweeps when it begins
	b.until("the call", func() bool { return b.stages(r.ID) == "scheduled" })
	b.until("the card", func() bool { return b.screen.said("card") == 1 })
}

func TestAnIdleEngineStopsAtOnce(t *testing.T) {
	b := newBench(t)
	stop, took := b.run(b.engine), []time.Duration(nil)
	b.scheduledLive()
	for range 3 { // in one of them the machine itself does not pause
		begin := time.Now()
		stop()
		took = append(took, time.Since(begin))
		stop = b.run(b.engine)
	}
	if slices.Min(took) > 100*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}

// scheduledLive is scheduled, by an engine that runs.
func (b *bench) scheduledLive() *approvals.Request {
	b.t.Helper()
	r, err := b.ask("live", "R")
	if err != nil {
		b.t.Fatal(err)
	}
	b.acts("live yes", "A", approvals.VerbApprove, r)
	b.until("the end of it", func() bool { return b.stages(r.ID) == "scheduled" && b.idle() })
	return r
}

// TestACallUnderWayIsWaitedForAtAShutdown, and its answer is written down.
func TestACallUnderWayIsWaitedForAtAShutdown(t *testing.T) {
	b := newBench(t)
	began, release := make(chan bool), make(chan bool)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		began <- true
		<-release
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.asked()
	stop := b.run(b.engine)
	b.acts("yes", "A", approvals.VerbApprove, r)
	<-began
	stopped := make(chan bool)
	go func() { stop(); close(stopped) }()
	b.until("the shutdown", func() bool { return b.engine.acts.stopping() })
	select {
	case <-stopped:
		t.Fatal("it did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	<-stopped
	if got := b.stages(r.ID); got != "scheduled" {
		t.Error(got)
	}
}

// TestADeadProcessIsReplacedWithinThreeSeconds: it held an approved request.
func TestADeadProcessIsReplacedWithinThreeSeconds(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	if leases, _, err := b.another().Take(context.Background(), store.Act, 10); len(leases) != 1 || err != nil {
		t.Fatalf("%d, %v", len(leases), err)
	}
	begin := time.Now()
	b.run(b.engine)
	b.until("the call", func() bool { return b.cloud.count() == 1 })
	if took := time.Since(begin); took > 5*time.Second { // 3 s, and what a busy machine adds
		t.Errorf("CBH-%d was called after %s", r.ID, took)
	}
}
