package bot

import (
	"maps"
	"sync"
	"time"
)

// holds are the pauses that Slack asked for: of a method or, as chat.postMessage
// is limited by channel, of a method in a channel.
type holds struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// mostHolds is how many are kept before those that are over are looked for.
const mostHolds = 1000

func newHolds() *holds { return &holds{until: map[string]time.Time{}} }

func holdKey(method, channel string) string {
	if method == "chat.postMessage" {
		return method + " " + channel
	}
	return method
}

// hold stops a method for a while. It never shortens a longer hold. A form is never held
// back: what it opens from is over before most limits are, and each is one person's press.
func (h *holds) hold(method, channel string, d time.Duration) {
	if method == "views.open" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now, key := time.Now(), holdKey(method, channel)
	if until := now.Add(d); until.After(h.until[key]) {
		h.until[key] = until
	}
	if len(h.until) > mostHolds {
		maps.DeleteFunc(h.until, func(_ string, until time.Time) bool { return until.Before(now) })
	}
}

// left is how long a method is still held.
func (h *holds) left(method, channel string) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Until(h.until[holdKey(method, channel)])
}
