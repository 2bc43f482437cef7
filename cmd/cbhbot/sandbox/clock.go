package sandbox

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the sandbox's: the machine's, moved ahead.
type Clock struct {
	ahead atomic.Int64

	mu    sync.Mutex
	moved []func() // each is told when it was moved, and waited for
}

// Ahead is how far it is ahead of the machine's.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// OnMove has f called each time the clock was moved.
func (c *Clock) OnMove(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = append(c.moved, f)
}

func (c *Clock) now() time.Time { return time.Now().Add(c.Ahead()) }

func (c *Clock) skip(d time.Duration) { c.set(c.Ahead() + d) }

// skipTo moves the clock to t, never back.
func (c *Clock) skipTo(t time.Time) { c.skip(max(0, t.Sub(c.now()))) }

func (c *Clock) set(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead.Store(int64(ahead))
	for _, tell := range c.moved {
		tell()
	}
}
