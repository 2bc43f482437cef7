package engine

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// These tests are about the move of an upgrade that the cloud holds.

// moves asks for a scheduled upgrade a day later.
func (b *bench) moves(r *approvals.Request) *approvals.Request {
	b.t.Helper()
	ask := b.upgrade("move", "s")
	ask.At, ask.Deadline = r.At.Add(24*time.Hour), r.At
	ask.Of, ask.Items[0].Step, ask.Items[0].Old = approvals.Ref{Request: r.ID}, approvals.StepCancel, r.At
	return b.asks(ask)
}

// moved lets a move be approved, and time pass for both of its steps.
func (b *bench) moved(r *approvals.Request) *approvals.Request {
	b.t.Helper()
	b.acts("move on", "A", approvals.VerbApprove, r)
	b.watchFor(3*time.Second, 300*time.Millisecond)
	return b.load(r.ID)
}

// holder is who holds the instance.
func (b *bench) holder() int64 {
	b.t.Helper()
	id, err := b.store.Holder(context.Background(), approvals.InstanceLock(target("s")))
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestAMoveCancelsAndSchedulesWithOneApproval(t *testing.T) {
	b := newBench(t)
	old := b.scheduled()
	move := b.moved(b.moves(old))
	if got := b.cloud.called(); !slices.Equal(got, []string{"cancel s", "upgrade s", "upgrade s"}) {
		t.Fatalf("called is %v; it is %s (%s)", got, move.Items[0].State, move.Items[0].Call.Outcome.Code)
	}
	if times := b.cloud.times; !times[1].Equal(old.At) || !times[2].Equal(move.At) {
		t.Errorf("called for %v", times)
	}
	if it := move.Items[0]; it.State != approvals.Scheduled || it.Progress.VerifiedAt.IsZero() || it.Call.Attempt != 2 {
		t.Errorf("the move: %s, %+v", it.State, it.Call)
	}
	if it := b.load(old.ID).Items[0]; it.State != approvals.Cancelled || it.TakenBack != move.ID || !it.Moved || b.holder() != move.ID {
		t.Errorf("the old one: %s, taken back by %d (moved: %v); the instance is held by %d", it.State, it.TakenBack, it.Moved, b.holder())
	}
	if b.screen.said("freed") != 1 || b.screen.said("cancelled") != 1 {
		t.Errorf("%+v", b.screen.posts)
	}
	b.passTo(old.At.Add(time.Hour))
	if got := b.stages(move.ID); got != "scheduled" {
		t.Errorf("at the old time: %s", got)
	}
}

// TestAMoveWhoseSecondStepFailsLeavesNothingScheduled, and says so once.
func TestAMoveWhoseSecondStepFailsLeavesNothingScheduled(t *testing.T) {
	for name, c := range map[string]struct {
		between func(b *bench) // when the cancel has been accepted
		code    approvals.Code
	}{
		"the cloud refuses":           {nil, approvals.CodeConflict},
		"an approver has left":        {func(b *bench) { b.people.change(func() { delete(b.people.known, "A") }) }, approvals.CodeLapsed},
		"it is no longer what it was": {func(b *bench) { b.see(func(o *approvals.Observation) { o.Offer = approvals.OfferCrossVersion }) }, approvals.CodeDiffers},
		"the region has none any more": {func(b *bench) {
			b.cloud.mu.Lock()
			defer b.cloud.mu.Unlock()
			b.cloud.unsupported = true
		}, approvals.CodeUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			old := b.scheduled()
			b.cloud.call = func(action approvals.Action, _ approvals.Target, _ time.Time) approvals.Outcome {
				if action == approvals.Upgrade {
					return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeConflict}
				}
				b.see(func(o *approvals.Observation) { o.UpgradeTime = time.Time{} })
				if c.between != nil {
					c.between(b)
				}
				return approvals.Outcome{Kind: approvals.Accepted}
			}
			it := b.moved(b.moves(old)).Items[0]
			if it.State != approvals.Failed || it.FreedAt.IsZero() || it.Call.Outcome.Code != c.code || b.screen.said("refused") != 1 {
				t.Errorf("%s (%s), %+v", it.State, it.Call.Outcome.Code, b.screen.posts)
			}
			if b.holder() != 0 || b.stages(old.ID) != "cancelled" {
				t.Errorf("the instance is held by %d, and the old one is %s", b.holder(), b.stages(old.ID))
			}
		})
	}
}

// TestAMoveWhoseFirstStepFailsLeavesTheUpgradeAsItWas, and it is followed on.
func TestAMoveWhoseFirstStepFailsLeavesTheUpgradeAsItWas(t *testing.T) {
	b := newBench(t)
	old := b.scheduled()
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeConflict}
	}
	move := b.moved(b.moves(old))
	if it := move.Items[0]; it.State != approvals.Failed || !it.FreedAt.IsZero() || it.Release {
		t.Errorf("the move: %s, %+v", it.State, it)
	}
	if it := b.load(old.ID).Items[0]; it.State != approvals.Scheduled || it.TakenBack != 0 || b.holder() != old.ID {
		t.Errorf("the old one: %s, taken back by %d; the instance is held by %d", it.State, it.TakenBack, b.holder())
	}
	again := b.upgrade("again", "s")
	again.Of, again.Items[0].Step, again.Items[0].Old = approvals.Ref{Request: old.ID}, approvals.StepCancel, old.At
	if r := b.asks(again); r.State != approvals.Pending {
		t.Errorf("another move: %s", r.State)
	}
}

// TestAMoveToAnUpgradeThatNobodyApprovedCancelsNothing: what it would schedule next is
// known to be refused.
func TestAMoveToAnUpgradeThatNobodyApprovedCancelsNothing(t *testing.T) {
	for name, change := range map[string]func(o *approvals.Observation){
		"another version": func(o *approvals.Observation) { o.Version = "3.3.50.0" },
		"another kind":    func(o *approvals.Observation) { o.Offer = approvals.OfferCrossVersion },
		"another name":    func(o *approvals.Observation) { o.Name = "bastion-new" },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			old := b.scheduled()
			move := b.moves(old)
			b.see(change)
			calls := b.cloud.count()
			it := b.moved(move).Items[0]
			if it.Call.Outcome.Code != approvals.CodeDiffers || !it.FreedAt.IsZero() || b.cloud.count() != calls {
				t.Errorf("the move: %s (%s), %d calls", it.State, it.Call.Outcome.Code, b.cloud.count()-calls)
			}
			if b.holder() != old.ID {
				t.Errorf("the instance is held by %d", b.holder())
			}
		})
	}
}

// TestOneMoveOrCancelOfAnUpgradeAtATime: both would take the same upgrade back.
func TestOneMoveOrCancelOfAnUpgradeAtATime(t *testing.T) {
	b := newBench(t)
	old := b.scheduled()
	move := b.moves(old)
	_, err := b.engine.Ask(context.Background(), Ask{
		Event: "cancel", By: "R", Action: approvals.Cancel, Of: approvals.Ref{Request: old.ID}, Items: approvals.NewItems(0, target("s")),
		Timing: approvals.Timing{At: old.At, Deadline: old.At, Zone: "UTC"}, Channel: "C",
	})
	if busy, ok := errors.AsType[*store.BusyError](err); !ok || busy.Holder() != move.ID {
		t.Errorf("a cancel beside the move: %v", err)
	}
}

// TestAMoveThatComesTooLateWaitsNoLonger, although the instance is not let go of.
func TestAMoveThatComesTooLateWaitsNoLonger(t *testing.T) {
	b := newBench(t)
	old := b.scheduled()
	move := b.freed(old.ID)
	b.settle()
	if got := b.stages(move); got != "approved" {
		t.Fatal(got)
	}
	b.passTo(b.load(move).CallBy(0))
	if it := b.load(move).Items[0]; it.Call.Outcome.Code != approvals.CodeTooLate || b.cloud.count() != 1 {
		t.Errorf("%s (%s), %d calls", it.State, it.Call.Outcome.Code, b.cloud.count())
	}
}

// TestAnotherRequestBetweenTheSteps has taken the instance, which the move then
// does not touch.
func TestAnotherRequestBetweenTheSteps(t *testing.T) {
	b := newBench(t)
	other := b.asked()
	move := b.freed(99)
	b.settle()
	it := b.load(move).Items[0]
	if it.State != approvals.Failed || it.Call.Outcome.Code != approvals.CodeHeld || b.holder() != other.ID || b.cloud.count() != 0 {
		t.Errorf("%s (%s); the instance is held by %d; %d calls", it.State, it.Call.Outcome.Code, b.holder(), b.cloud.count())
	}
}

// freed is a move of a request that has made its first step.
func (b *bench) freed(of int64) int64 {
	b.t.Helper()
	now := b.now()
	freed := &approvals.Request{
		Version: approvals.RecordVersion, Key: "freed", Revision: 1, Action: approvals.Upgrade, Of: approvals.Ref{Request: of},
		Timing:  approvals.Timing{At: now.Add(72 * time.Hour), Deadline: now.Add(time.Hour), Lead: 24 * time.Hour},
		Channel: "C", State: approvals.Approved, CreatedAt: now, ChangedAt: now,
		Items: []approvals.Item{{Target: target("s"), State: approvals.Waiting, Step: approvals.StepTakeOver, Old: now.Add(48 * time.Hour), FreedAt: now}},
	}
	made, err := b.engine.write(context.Background(), &store.Change{Event: "freed", Before: new(approvals.Request), After: freed, Entry: entryOf(approvals.VerbAsk, &approvals.Request{}, freed)})
	if err != nil {
		b.t.Fatal(err)
	}
	return made.Request.ID
}
