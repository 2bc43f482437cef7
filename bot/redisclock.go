package bot

import (
	"sync"
	"time"
)

// redisClock is what this process knows of Redis' clock from the times in
// Redis' answers. It counts on the process's monotonic clock and never asks
// what time the machine believes it is.
type redisClock struct {
	start time.Time // where counting begins

	mu    sync.Mutex
	known bool
	ahead int64 // µs that Redis' clock shows beyond our count, at the least
}

// at is an instant in Redis' clock in µs, or earlier by what is not known; 0,
// which is always past, before anything was learnt.
func (c *redisClock) at(t time.Time) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return 0
	}
	return t.Sub(c.start).Microseconds() + c.ahead
}

// learn takes in that Redis' clock showed theirs (µs) at some instant between
// two of ours. The best of what was learnt is kept as long as it is possible:
// another node's clock may be behind.
func (c *redisClock) learn(theirs int64, before, after time.Time) {
	least := theirs - after.Sub(c.start).Microseconds()
	most := theirs - before.Sub(c.start).Microseconds()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || most < c.ahead {
		c.known, c.ahead = true, least
	}
	c.ahead = max(c.ahead, least)
}
