package bot

import (
	"sync"
	"time"
)

const (
	floodFrom = 4                     // envelopes that wait for their ack at once: with twice as many some floods go unnoticed
	floodFor  = 20 * time.Millisecond // since there were last more of them
)

// flood counts the envelopes that wait for their ack, and knows whether there
// are, or just were, many.
type flood struct {
	mu      sync.Mutex
	waiting int
	until   time.Time
}

func (f *flood) enter() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting++; f.waiting > floodFrom {
		f.until = time.Now().Add(floodFor)
	}
}

func (f *flood) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting--
}

func (f *flood) on() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting > floodFrom || time.Now().Before(f.until)
}
