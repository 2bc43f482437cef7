package approvals

import (
	"context"
	"errors"
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
