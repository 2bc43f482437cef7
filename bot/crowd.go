package bot

import (
	"math"
	"sync"
	"time"
)

const (
	// What somebody sends beyond humanly many within a while waits behind others'
	// once a lane holds laneFull entries, and is brought back so many at a time: whoever
	// comes has no more before them. A lane with enough to do gets few, lest they gather.
	humanly     = 50
	humanlyIn   = 10 * time.Second
	laneFull    = 300
	broughtMore = 8
)

// crowd counts what each person has sent lately, so that one who floods a lane stands in
// nobody's way there.
type crowd struct {
	mu    sync.Mutex
	since time.Time
	sent  map[string]int
}

// room counts one more of a person's, and says how many entries its lane may hold for it
// to go there at once.
func (c *crowd) room(user string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.since) > humanlyIn {
		c.since, c.sent = time.Now(), map[string]int{}
	}
	c.sent[user]++
	if user == "" || c.sent[user] <= humanly {
		return math.MaxInt32
	}
	return laneFull
}
