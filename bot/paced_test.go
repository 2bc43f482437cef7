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
