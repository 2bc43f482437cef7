package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

func TestABatchHasOneCardAndOneDecision(t *testing.T) {
	b := newBench(t)
	r := b.scheduled("s1", "s2", "s3")
	if got := b.stages(r.ID); got != "scheduled scheduled scheduled" ||
		!slices.Equal(b.cloud.called(), []string{"upgrade s1", "upgrade s2", "upgrade s3"}) {
		t.Errorf("%s, calls %v", got, b.cloud.called())
	}
	if b.screen.said("card") != 1 {
		t.Errorf("%+v", b.screen.posts)
	}
	for i, id := range []string{"s1", "s2", "s3"} {
		if got := b.cloud.seen[id].UpgradeTime; !got.Equal(r.At.Add(time.Duration(i) * time.Hour)) {
			t.Errorf("%s is at %s", id, got)
		}
	}
}

func TestTheSameBatchAskedTwiceIsOne(t *testing.T) {
	b := newBench(t)
	first := b.asks(b.upgrade("env", "s1", "s2"))
	again := b.asks(b.upgrade("env", "s1", "s2"))
	if _, total, err := b.store.List(context.Background(), store.IndexAll, 0, 10); again.ID != first.ID || total != 1 || err != nil {
		t.Errorf("%d requests, %v", total, err)
	}
}

// TestABatchIsMadeWholeOrNotAtAll: in one script, so that nobody can die half-way.
func TestABatchIsMadeWholeOrNotAtAll(t *testing.T) {
	b := newBench(t)
	lone := b.asks(b.upgrade("lone", "s3"))
	before := b.commands()
	var busy *store.BusyError
	if _, err := b.engine.Ask(context.Background(), b.upgrade("env", "s1", "s2", "s3")); !errors.As(err, &busy) || busy.Holder() != lone.ID {
		t.Fatalf("%v", err)
	}
	if n := b.commands() - before; n != 1 {
		t.Errorf("%d scripts", n)
	}
	if open, err := b.store.Open(context.Background()); len(open) != 1 || err != nil {
		t.Errorf("open: %v, %v", open, err)
	}
}

// TestABatchOnAPrimaryAloneIsMadeOnce: the replicas lag for a moment.
func TestABatchOnAPrimaryAloneIsMadeOnce(t *testing.T) {
	b := newBench(t)
	healthy := b.engine.Store
	b.engine.Store = store.New(b.redis, store.Options{Durable: store.Durable(b.redis, 1), Ahead: b.skipped}) // no replica answers
	ask := b.upgrade("env", "s1", "s2", "s3")
	if _, err := b.engine.Ask(context.Background(), ask); !errors.Is(err, store.ErrReplicas) {
		t.Fatalf("%v", err)
	}
	b.engine.Store = healthy
	r := b.asks(ask)
	if open, err := b.store.Open(context.Background()); len(open) != 1 || len(open[0].Items) != 3 || err != nil {
		t.Fatalf("open: %v, %v", open, err)
	}
	b.acts("w", "R", approvals.VerbWithdraw, r)
	if open, err := b.store.Open(context.Background()); len(open) != 0 || err != nil {
		t.Errorf("open: %v, %v", open, err)
	}
}

func TestABatchMovedTwiceKeepsItsDistances(t *testing.T) {
	b := newBench(t)
	r := b.asked("s1", "s2", "s3")
	for i, by := range []time.Duration{24 * time.Hour, 50 * time.Hour} {
		at := r.At.Add(by)
		_, err := b.engine.Act(context.Background(), Act{
			Event: fmt.Sprint("move ", i), By: "R", Verb: approvals.VerbReschedule, Request: approvals.Marker{ID: r.ID},
			Timing: approvals.Timing{At: at, Deadline: at.Add(-25 * time.Hour), Lead: 24 * time.Hour, Zone: "UTC"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.acts("yes", "A", approvals.VerbApprove, b.load(r.ID))
	b.settle()
	for i, id := range []string{"s1", "s2", "s3"} {
		if moved := b.cloud.seen[id].UpgradeTime.Sub(r.Time(i)); moved != 50*time.Hour {
			t.Errorf("%s moved by %s", id, moved)
		}
	}
}

// TestAFailureStopsWhatHasNotStarted refuses the upgrade of one of three: what the
// cloud holds already is taken back by requests that nobody has to approve.
func TestAFailureStopsWhatHasNotStarted(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
		if target.ServerID == "s2" {
			return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeLatest}
		}
		b.cloud.change(func() { b.cloud.take(action, target, at) })
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.scheduled("s1", "s2", "s3")
	b.watchFor(3*time.Minute, 20*time.Second)
	if got := b.stages(r.ID); got != "cancelled failed cancelled" {
		t.Errorf("%s, calls %v", got, b.cloud.called())
	}
	for id, o := range b.cloud.seen {
		if !o.UpgradeTime.IsZero() {
			t.Errorf("the cloud still holds %s at %s", id, o.UpgradeTime)
		}
	}
	if open, err := b.store.Open(context.Background()); len(open) != 0 || err != nil || b.screen.said("stopped") != 1 {
		t.Errorf("%d open, %v, %+v", len(open), err, b.screen.posts)
	}
}

// TestAStoppedBatchWaitsForNobodysApproval: somebody has asked to cancel one of three, or
// to move two, before another is refused, and nobody decides it.
func TestAStoppedBatchWaitsForNobodysApproval(t *testing.T) {
	for name, asks := range map[string]func(b *bench, r *approvals.Request) *approvals.Request{
		"a cancel": func(b *bench, r *approvals.Request) *approvals.Request { return b.cancels(r, 0) },
		"a move": func(b *bench, r *approvals.Request) *approvals.Request {
			ask := b.moveAll(r)
			ask.Items = slices.Delete(ask.Items, 1, 2)
			return b.asks(ask)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			answer := approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeThrottled}
			b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
				if target.ServerID == "s2" {
					return answer
				}
				b.cloud.change(func() { b.cloud.take(action, target, at) })
				return approvals.Outcome{Kind: approvals.Accepted}
			}
			r := b.scheduled("s1", "s2", "s3")
			own := asks(b, r)
			answer = approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeLatest}
			b.watchFor(10*time.Minute, 20*time.Second)
			if got := b.stages(r.ID); got != "cancelled failed cancelled" {
				t.Errorf("%s, calls %v", got, b.cloud.called())
			}
			if own = b.load(own.ID); own.State != approvals.Withdrawn || own.Closing.By.ID != "" || b.screen.said("withdrawn") != 1 {
				t.Errorf("it is %s by %q, said %+v", own.State, own.Closing.By.ID, b.screen.posts)
			}
		})
	}
}

func TestABatchUnderTwoRulesIsRefused(t *testing.T) {
	b := newBench(t)
	own := *b.policy.Rule(approvals.Upgrade, target("s2"))
	own.Instances = []string{"bastion-s2"}
	b.policy.Rules = append([]policy.Rule{own}, b.policy.Rules...)
	if _, err := b.engine.Ask(context.Background(), b.upgrade("env", "s1", "s2")); !errors.Is(err, policy.ErrRules) {
		t.Errorf("%v", err)
	}
}

// TestWhatDoesNotFitOfABatchIsRefusedByItself: it is not called, and the one beside it is not blamed.
func TestWhatDoesNotFitOfABatchIsRefusedByItself(t *testing.T) {
	b := newBench(t)
	b.cloud.show("s2", func(o *approvals.Observation) { o.Offer = approvals.OfferNone })
	r := b.load(b.scheduled("s1", "s2").ID)
	if it := r.Items[1]; it.Call.Outcome.Code != approvals.CodeLatest || r.Items[0].Call.Outcome.Code == approvals.CodeLatest {
		t.Errorf("%s, %s is refused as %s", b.stages(r.ID), it.Target.Name, it.Call.Outcome.Code)
	}
}

// TestAPairIsCalledByItsPrimary, whichever of its parts that is at this moment.
func TestAPairIsCalledByItsPrimary(t *testing.T) {
	b := newBench(t)
	ask := b.upgrade("pair", "s")
	ask.Items[0].Target.HAID = "h"
	b.cloud.change(func() {
		o := b.cloud.seen["s"]
		delete(b.cloud.seen, "s")
		o.ServerID, o.StandbyID, o.HAID = "other", "s", "h"
		b.cloud.seen["other"] = o
	})
	r, err := b.engine.Ask(context.Background(), ask)
	if err != nil {
		t.Fatal(err)
	}
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	if got := b.cloud.called(); !slices.Equal(got, []string{"upgrade other"}) {
		t.Errorf("%s, calls %v", b.stages(r.ID), got)
	}
}

func TestOneItemIsTakenOutOfABatch(t *testing.T) {
	b := newBench(t)
	r := b.asked("s1", "s2")
	out := Act{Event: "out", By: "R", Verb: approvals.VerbTakeOut, Request: approvals.Marker{ID: r.ID}, Item: 1, Reason: "not that one"}
	if _, err := b.engine.Act(context.Background(), out); err != nil {
		t.Fatal(err)
	}
	entries := b.entries()
	if e := entries[len(entries)-1]; e.Item != 1 || e.Instance != r.Items[1].Target.Name || e.ServerID != "s2" {
		t.Errorf("the audit says %+v", e)
	}
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	if got := b.stages(r.ID); got != "scheduled cancelled" || !slices.Equal(b.cloud.called(), []string{"upgrade s1"}) {
		t.Errorf("%s, calls %v", got, b.cloud.called())
	}
	if out := b.load(r.ID).Items[1].Closing; out.By.ID != "R" || out.Reason != "not that one" || b.screen.said("taken_out#1") != 1 {
		t.Errorf("%+v, said %+v", out, b.screen.posts)
	}
	if n, _ := b.store.Holder(context.Background(), r.Lock(1)); n != 0 {
		t.Errorf("CBH-%d still holds what was taken out", n)
	}
}

// TestOneCallOfABatchThatHangsKeepsNoOtherFromBeingMade: those of its own batch.
func TestOneCallOfABatchThatHangsKeepsNoOtherFromBeingMade(t *testing.T) {
	b := newBench(t)
	release := make(chan struct{})
	b.cloud.call = func(_ approvals.Action, target approvals.Target, _ time.Time) approvals.Outcome {
		if target.ServerID == "s1" {
			<-release
		}
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.asked("s1", "s2", "s3")
	b.run(b.engine)
	t.Cleanup(func() { close(release) })
	begin := time.Now()
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.until("all three calls", func() bool { return b.cloud.count() == 3 })
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the calls took %s", took)
	}
}

// TestWhatHasToBeReadAgainDoesNotWaitForASiblingsCall: the policy changes while one call of
// a batch hangs and the others have weighed the approvals already.
func TestWhatHasToBeReadAgainDoesNotWaitForASiblingsCall(t *testing.T) {
	b := newBench(t)
	hung, release := make(chan struct{}), make(chan struct{})
	var calls, looks atomic.Int32
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		if calls.Add(1) == 1 {
			close(hung)
			<-release
		}
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	var current atomic.Pointer[policy.Policy]
	current.Store(b.policy)
	b.engine.Authority.Policy = current.Load
	renewed := sync.OnceFunc(func() { same := *b.policy; current.Store(&same) })
	b.engine.Executor = slow{b.cloud, func() error {
		if looks.Add(1) > 1 {
			<-hung
			renewed()
		}
		return nil
	}}
	r := b.asked("s1", "s2", "s3")
	b.run(b.engine)
	t.Cleanup(func() { close(release) })
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.until("all three calls", func() bool { return b.cloud.count() == 3 })
}

// TestWhatASiblingHasJustChangedIsStillDue: whoever changed the record had a clock that is
// a moment ahead.
func TestWhatASiblingHasJustChangedIsStillDue(t *testing.T) {
	b, held := newBench(t), approvals.Hold{Item: 1}
	r := b.acts("yes", "A", approvals.VerbApprove, b.asked("s1", "s2"))
	after, err := r.Apply(b.now().Add(2*time.Second), approvals.Origin{}, held)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.engine.write(context.Background(), &store.Change{Before: r, After: after, Entry: entryOfEvent(r, after, held)}); err != nil {
		t.Fatal(err)
	}
	b.engine.insist(context.Background(), r, approvals.Task{Kind: approvals.TaskCall})
	if calls := b.cloud.called(); !slices.Equal(calls, []string{"upgrade s1"}) {
		t.Errorf("called %v", calls)
	}
}

// TestABatchThatNothingHappensToIsLookedAtInItsPace: its items are looked at
// together, and what the looks bring is nothing.
func TestABatchThatNothingHappensToIsLookedAtInItsPace(t *testing.T) {
	b := newBench(t)
	r := b.scheduled("s1", "s2", "s3")
	b.watchFor(time.Minute, time.Second)
	before, looks := b.load(r.ID), b.cloud.looks()
	b.passTo(b.now().Add(16 * time.Minute))
	for range 10 {
		b.settle()
	}
	if after := b.load(r.ID); after.Counter != before.Counter || b.cloud.looks()-looks > 3 {
		t.Errorf("%d commits, %d looks", after.Counter-before.Counter, b.cloud.looks()-looks)
	}
}

func TestWhatWaitsOfABatchHoldsUpNothingElse(t *testing.T) {
	b := newBench(t)
	r := b.scheduled("s1", "s2")
	agenda := r.Agenda(b.engine.Pace)
	first := map[approvals.Task]time.Duration{timeless(agenda[0]): afterPanic}
	if next := nextOf(r, b.engine.Pace, first, agenda[0].At); !next.Equal(agenda[1].At) {
		t.Errorf("next is %s of %+v", next, agenda)
	}
}

// TestAPanicInOneItemsTaskIsTheRecordsOwnFault: the process, and the other items, go on.
func TestAPanicInOneItemsTaskIsTheRecordsOwnFault(t *testing.T) {
	b := newBench(t)
	fell := make(chan bool, 10)
	b.cloud.call = func(_ approvals.Action, target approvals.Target, _ time.Time) approvals.Outcome {
		if target.ServerID == "s1" {
			fell <- true
			panic("no")
		}
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.asked("s1", "s2")
	b.run(b.engine)
	b.acts("yes", "A", approvals.VerbApprove, r)
	<-fell
	b.until("the other's call", func() bool { return b.load(r.ID).Items[1].State == approvals.Scheduled })
	b.until("the end of it", b.idle)
}

// TestABatchIsTwoPosts, however many instances it has: the card, and one message
// about all calls, which changes when all are read back. Their answers come one by one.
func TestABatchIsTwoPosts(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
		<-time.After(time.Duration(target.ServerID[1]-'0') * 150 * time.Millisecond)
		b.cloud.change(func() { b.cloud.take(action, target, at) })
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	b.run(b.engine)
	begin := time.Now()
	b.cycles("s1", "s2", "s3")
	most := 3 * (1 + int(time.Since(begin)/time.Second)) // for longer than a second nobody waits for all of them
	if posts, updates := b.screen.counts(); posts != 2 || updates > most || b.screen.said("called") != 1 || b.cloud.count() != 3 {
		t.Errorf("%d posts, %d updates, %d calls", posts, updates, b.cloud.count())
	}
}
