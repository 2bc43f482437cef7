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
	calls map[string]approvals.Call
}

// callOf is one item's, of one request: a number is given again after a loss.
func callOf(r *approvals.Request, i int) string { return fmt.Sprintf("%d %s %d", r.ID, r.Key, i) }

func (m *memory) note(r *approvals.Request, i int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	call := r.Items[i].Call
	maps.DeleteFunc(m.calls, func(_ string, old approvals.Call) bool { return settled(old, call.StartedAt) })
	m.calls[callOf(r, i)] = call
}

// knowsMore reports whether an attempt was made lately that a record does not know of.
func (m *memory) knowsMore(r *approvals.Request, i int, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := m.calls[callOf(r, i)]
	return last.Attempt > r.Items[i].Call.Attempt && !settled(last, now)
}

func settled(c approvals.Call, now time.Time) bool {
	return now.Sub(c.StartedAt) >= approvals.SettleAfter
}
