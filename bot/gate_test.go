package bot

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// coverage is how long no socket was up, and how many were opened.
type coverage struct {
	mu    sync.Mutex
	up    int
	since time.Time // without a socket
	deaf  time.Duration
	opens int
}

// change counts sockets up or down and returns how many there are.
func (c *coverage) change(by int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.up == 0 && by > 0 {
		c.deaf += time.Since(c.since)
	}
	if c.up += by; c.up == 0 {
		c.since = time.Now()
	}
	return c.up
}

// flap has a slot of a gate opened for as long as ctx lasts by a Slack that takes
// its time and ends each socket after a life.
func (c *coverage) flap(ctx context.Context, g *gate, opening, life time.Duration) {
	for {
		turn, ok := g.enter(ctx)
		if !ok {
			return
		}
		c.mu.Lock()
		c.opens++
		c.mu.Unlock()
		time.Sleep(opening)
		g.leave(turn)
		g.opened()
		g.holds(c.change(1))
		time.Sleep(life)
		g.holds(c.change(-1))
		g.lived(life)
	}
}

// An hour of a Slack that ends each socket after a while: with two slots, what
// there is between one socket and the next is the opening of the next.
func TestFlappingIsNeitherDeafNorHammering(t *testing.T) {
	const opening = 200 * time.Millisecond
	for _, c := range []struct {
		life  time.Duration
		deaf  float64 // at most this share of the time
		opens int     // at most in the hour
	}{
		{0, 1.01, 1200}, // the last pause may end after the hour
		{100 * time.Millisecond, 1.01, 1200},
		{500 * time.Millisecond, 0.4, 5500},
		{time.Second, 0.18, 3300},
		{3 * time.Second, 0.01, 1700},
		{10 * time.Second, 0.01, 800},
		{time.Minute, 0.001, 130},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			seen := coverage{since: time.Now()}
			g := newGate(backoff)
			var slots sync.WaitGroup
			for range 2 {
				slots.Go(func() { seen.flap(ctx, g, opening, c.life) })
			}
			slots.Wait()
			share := seen.deaf.Hours()
			t.Logf("a life of %s: deaf %.3f of the time, %d openings in the hour", c.life, share, seen.opens)
			if share > c.deaf || seen.opens > c.opens {
				t.Fail()
			}
		})
	}
}

// Slack gives no socket for ten minutes, and then it does.
func TestAnOutageIsNotOutlasted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, outage := newGate(backoff), time.Now().Add(10*time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		up := make(chan time.Duration, 2)
		var tries atomic.Int32
		var slots sync.WaitGroup
		for range 2 {
			slots.Go(func() {
				for {
					turn, ok := g.enter(ctx)
					g.leave(turn)
					if !ok || time.Now().After(outage) {
						break
					}
					tries.Add(1)
					g.refused(0)
				}
				up <- time.Since(outage)
				cancel()
			})
		}
		if deaf := <-up; deaf > 7*time.Second {
			t.Errorf("up %s after the outage", deaf)
		}
		slots.Wait()
		if n := tries.Load(); n < 90 || n > 200 {
			t.Errorf("%d openings in ten minutes", n)
		}
	})
}

// Each opening has its turn for a moment at most, and whoever comes out of one that was not waited
// for ends no other's.
func TestOneOpensAtATime(t *testing.T) {
	g, now := newGate(backoff), time.Now()
	later := now.Add(aMoment)
	may := func(at time.Time) (turn time.Time, ok bool) {
		turn, wait, _ := g.take(at)
		return turn, wait <= 0
	}
	first, _ := may(now)
	if _, ok := may(now); ok {
		t.Error("two open at once")
	}
	second, ok := may(later)
	if !ok {
		t.Error("a hung opening is waited for")
	}
	g.leave(first)
	if _, ok := may(later); ok {
		t.Error("the end of the first has ended the second")
	}
	g.leave(second)
	if _, ok := may(later); !ok {
		t.Error("an opening that is over is waited for")
	}
}

func TestOpeningsWaitAsLongAsSlackAsks(t *testing.T) {
	for sound := range 2 {
		g := newGate(backoff)
		g.holds(sound)
		g.refused(time.Hour)
		if _, wait, _ := g.take(time.Now()); wait < 59*time.Minute {
			t.Errorf("with %d sound sockets, after %s", sound, wait)
		}
	}
}

func TestPausesGrowWithFailuresInARow(t *testing.T) {
	g := newGate(func(n int) time.Duration { return time.Duration(n) * time.Minute })
	g.holds(1)
	if g.lived(0); !g.paused.IsZero() {
		t.Error("a refresh makes a pause")
	}
	for n, step := range []struct {
		between func()
		want    time.Duration
	}{
		{func() { g.lived(stillborn) }, time.Minute}, {func() {}, 2 * time.Minute}, {g.opened, time.Minute},
		{func() { g.lived(0) }, 3 * time.Minute}, {func() { g.lived(time.Minute) }, 3 * time.Minute},
	} {
		step.between()
		if wait := g.refused(0); wait != step.want {
			t.Errorf("step %d: %s", n, wait)
		}
	}
	for n, most := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 1000: longestPause} {
		if wait := backoff(n); wait < most/2 || wait > most*3/2 {
			t.Errorf("%s after failure %d", wait, n)
		}
	}
}

// What was taken while no socket was up, more than there was, is not paid for later.
func TestABucketIsNeverInDebt(t *testing.T) {
	b, now := newGate(nil).tokens, time.Now()
	for range 100 {
		b.take(now)
	}
	if wait := b.ready().Sub(now); wait <= 0 || wait > b.every {
		t.Errorf("the next is there after %s", wait)
	}
}
