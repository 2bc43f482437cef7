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

// These tests are about the move of several upgrades with one approval.

// moveAll is the move of all upgrades of a request by a day, with the distances they
// have.
func (b *bench) moveAll(r *approvals.Request) Ask {
	ask := b.upgrade("move all")
	ask.At, ask.Deadline, ask.Of = r.At.Add(24*time.Hour), r.At, approvals.Ref{Request: r.ID}
	for i, it := range r.Items {
		ask.Items = append(ask.Items, approvals.Item{
			Target: it.Target, Offset: it.Offset, State: approvals.Waiting, Step: approvals.StepCancel, Of: i, Old: r.Time(i),
		})
	}
	return ask
}

// refusing has the cloud refuse what is for one instance.
func (b *bench) refusing(refused approvals.Action, id string) {
	b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
		if action == refused && target.ServerID == id {
			return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeConflict}
		}
		b.cloud.change(func() { b.cloud.take(action, target, at) })
		return approvals.Outcome{Kind: approvals.Accepted}
	}
}

// heldLater is by how much later than at first the cloud holds each upgrade.
func (b *bench) heldLater(r *approvals.Request) (later []string) {
	for i, it := range r.Items {
		at := b.cloud.seen[it.Target.ServerID].UpgradeTime
		if at.IsZero() {
			later = append(later, "not at all")
			continue
		}
		later = append(later, at.Sub(r.Time(i)).String())
	}
	return later
}

func TestABatchIsMovedWithOneApprovalAndKeepsItsDistances(t *testing.T) {
	b := newBench(t)
	old := b.scheduled("s1", "s2", "s3")
	move := b.moved(b.asks(b.moveAll(old)))
	if got := b.heldLater(old); !slices.Equal(got, []string{"24h0m0s", "24h0m0s", "24h0m0s"}) || b.cloud.count() != 9 {
		t.Fatalf("held later by %v, calls %v", got, b.cloud.called())
	}
	for i, it := range move.Items {
		if it.Progress.VerifiedAt.IsZero() || it.FreedAt.IsZero() {
			t.Errorf("item %d was not read back: %+v", i, it.Progress)
		}
	}
	if b.stages(move.ID) != "scheduled scheduled scheduled" || b.stages(old.ID) != "cancelled cancelled cancelled" {
		t.Errorf("%s, and the old one %s", b.stages(move.ID), b.stages(old.ID))
	}
	b.passTo(old.Time(2).Add(time.Hour))
	if got := b.stages(move.ID); got != "scheduled scheduled scheduled" {
		t.Errorf("at the old times: %s", got)
	}
}

// TestOneOfABatchThatIsNotMovedLeavesTheOthersMoved: no upgrade has failed yet.
func TestOneOfABatchThatIsNotMovedLeavesTheOthersMoved(t *testing.T) {
	for name, c := range map[string]struct {
		refused approvals.Action
		held    string // of the one that is not moved
		old     string
	}{
		"its cancel is refused": {approvals.Cancel, "0s", "scheduled"},
		"its other time is":     {approvals.Upgrade, "not at all", "cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			old := b.scheduled("s1", "s2", "s3")
			b.refusing(c.refused, "s2")
			move := b.moved(b.asks(b.moveAll(old)))
			b.watchFor(3*time.Minute, 20*time.Second)
			if got := b.heldLater(old); !slices.Equal(got, []string{"24h0m0s", c.held, "24h0m0s"}) {
				t.Errorf("held later by %v, calls %v", got, b.cloud.called())
			}
			if got, was := b.stages(move.ID), b.stages(old.ID); got != "scheduled failed scheduled" || was != "cancelled "+c.old+" cancelled" {
				t.Errorf("%s, and the old one %s", got, was)
			}
			if b.screen.said("refused#1") != 1 || b.screen.said("stopped") != 0 || b.load(old.ID).Items[1].TakenBack != 0 && c.old == "scheduled" {
				t.Errorf("%+v", b.screen.posts)
			}
		})
	}
}

// TestAMoveOfABatchIsAskedForWholeOrNotAtAll: another one takes one of its upgrades back.
func TestAMoveOfABatchIsAskedForWholeOrNotAtAll(t *testing.T) {
	b := newBench(t)
	old := b.scheduled("s1", "s2", "s3")
	alone := b.upgrade("alone", "s2")
	alone.Of = approvals.Ref{Request: old.ID, Item: 1}
	alone.Items[0].Step, alone.Items[0].Of, alone.Items[0].Old = approvals.StepCancel, 1, old.Time(1)
	other := b.asks(alone)
	var busy *store.BusyError
	if _, err := b.engine.Ask(context.Background(), b.moveAll(old)); !errors.As(err, &busy) || busy.Holder() != other.ID {
		t.Errorf("%v", err)
	}
}
