package bot

import (
	"context"
	"testing"
	"time"
)

func TestWhatIsToldOftenIsDoneALittleApart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	told, calls, start := make(chan struct{}, 1), 0, time.Now()
	paced(ctx, told, time.Hour, func() {
		if calls++; calls == 20 {
			cancel()
			return
		}
		signal(told)
	})
	if took := time.Since(start); calls != 20 || took < 19*apart {
		t.Errorf("%d calls in %s", calls, took)
	}
}

func TestAShortHoldLeavesALongerOne(t *testing.T) {
	t.Parallel()
	h := newHolds()
	h.hold("chat.update", "", time.Hour)
	h.hold("chat.update", "", time.Second)
	if left := h.left("chat.update", ""); left < time.Minute {
		t.Errorf("held for %s", left)
	}
}
