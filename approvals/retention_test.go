package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/queue"
)

func TestAFinishedRequestIsForgottenAfterItsRetention(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	r := b.asked()
	if _, err := b.act("no", "A", "deny", r); err != nil {
		t.Fatal(err)
	}
	b.settle()
	b.pass(Retention - time.Second)
	b.settle()
	if got := b.load(r.ID); got.State != Denied {
		t.Fatalf("before its retention is over: %s", got.State)
	}
	b.pass(time.Second)
	b.settle()
	if _, err := b.store.Load(ctx, r.ID); !errors.Is(err, ErrNotFound) {
		t.Fatalf("after its retention: %v", err)
	}
	if _, err := b.store.VerifyAudit(ctx); err != nil {
		t.Errorf("the audit: %v", err)
	}
	for _, key := range b.store.redis.Keys(ctx, "*").Val() {
		for _, left := range []string{"request:", "posted:", "index:", "effects:failures", "timers"} {
			if strings.Contains(key, left) {
				t.Errorf("%s is left behind", key)
			}
		}
	}
}

func TestARecordOfALaterVersionIsLeftAlone(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	r := b.asked()
	key := b.store.keys.request(r.ID)
	later := strings.Replace(encode(r), `"version":1`, `"version":2`, 1)
	if err := b.store.redis.HSet(ctx, key, "body", later).Err(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []EffectKind{Draw, Execute, Expire, Forget} {
		err := b.runner.Handle(ctx, "1-0", map[string]any{"effect": encode(Effect{Kind: kind, Request: r.ID})})
		if !errors.Is(err, ErrNewer) || !queue.IsLater(err) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := b.act("yes", "A", "approve", r); !errors.Is(err, ErrNewer) {
		t.Errorf("a press: %v", err)
	}
	if got := b.store.redis.HGet(ctx, key, "body").Val(); got != later {
		t.Errorf("the record was changed to %s", got)
	}
	if open, err := b.store.Open(ctx); err != nil || len(open) != 0 {
		t.Errorf("the others are listed with it: %v, %v", open, err)
	}
	if _, err := b.ask("again", "R"); !errors.As(err, new(*BusyError)) {
		t.Errorf("its instance is free: %v", err)
	}
}

// TestTheAuditIsTrimmedAndItsChainStillHolds keeps what is not old enough, and
// finds a cut that is not its own.
func TestTheAuditIsTrimmedAndItsChainStillHolds(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	for n := range 3 {
		if n == 2 {
			b.pass(AuditRetention + time.Second)
		}
		at := b.now().Add(5 * 24 * time.Hour)
		r, err := b.service.Ask(ctx, Ask{
			Event: fmt.Sprint(n), By: "R", Action: Upgrade, Target: Target{Project: "p", ServerID: fmt.Sprint(n), Name: "bastion"},
			At: at, Deadline: at.Add(-25 * time.Hour), Channel: "C",
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.act(fmt.Sprint("no", n), "A", "deny", r); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.runner.Handle(ctx, "1-0", map[string]any{"effect": encode(Effect{Kind: Trim})}); err != nil {
		t.Fatal(err)
	}
	var kept []int64
	if err := b.store.Audit(ctx, func(e Entry) error { kept = append(kept, e.Seq); return nil }); err != nil {
		t.Fatal(err)
	}
	if last, err := b.store.VerifyAudit(ctx); err != nil || last != 6 || !slices.Equal(kept, []int64{5, 6}) {
		t.Errorf("kept %v, verified up to %d, %v", kept, last, err)
	}
	if n := b.store.redis.ZScore(ctx, b.store.keys.timers(), encode(Effect{Kind: Trim})).Val(); n == 0 {
		t.Error("there is no next time")
	}
	first := b.store.redis.XRangeN(ctx, b.store.keys.audit(), "-", "+", 1).Val()[0].ID
	b.store.redis.XDel(ctx, b.store.keys.audit(), first)
	var cut *Break
	if _, err := b.store.VerifyAudit(ctx); !errors.As(err, &cut) || cut.Seq != 5 {
		t.Errorf("another cut: %v", err)
	}
}
