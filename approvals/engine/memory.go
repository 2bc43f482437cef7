package engine

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"cbhbot/approvals"
)

// errForgotten: this process has made a call that the record knows nothing of. Redis
// went back in time, to before the claim, and the cloud may not show yet what came of it.
var errForgotten = errors.New("Redis has forgotten a call; it is waited for what the cloud shows of it")

// memory is what this process called lately. It is only for a Redis that loses what it
// had taken, and knows nothing of other processes' calls.
type memory struct {
	mu    sync.Mutex
	calls map[string]made
}

type made struct {
	attempt int
	at      time.Time
}

// callOf is one item's, of one request: a number is given again after a loss.
func callOf(r *approvals.Request, i int) string { return fmt.Sprintf("%d %s %d", r.ID, r.Key, i) }

func (m *memory) note(r *approvals.Request, i int, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.calls, func(_ string, old made) bool { return settled(old, now) })
	m.calls[callOf(r, i)] = made{attempt: r.Items[i].Call.Attempt, at: now}
}

// knowsMore reports whether an attempt was made lately that a record does not know of.
func (m *memory) knowsMore(r *approvals.Request, i int, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	last, known := m.calls[callOf(r, i)]
	return known && last.attempt > r.Items[i].Call.Attempt && !settled(last, now)
}

func settled(m made, now time.Time) bool { return now.Sub(m.at) >= approvals.SettleAfter }
