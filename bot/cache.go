package bot

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	peopleFor  = 10 * time.Second // how long somebody's rights may be out of date
	channelFor = time.Minute
	askFor     = patience // how long one question may take, whoever waits for it
)

// cache keeps answers for a while and lets callers at the same time share one
// question, which does not end when the first of them goes away.
type cache[V any] struct {
	lasts  time.Duration // from the question on
	now    func() time.Time
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]cached[V]
	drops int
}

type cached[V any] struct {
	value V
	asked time.Time
}

func newCache[V any](lasts time.Duration) *cache[V] {
	return &cache[V]{lasts: lasts, now: time.Now, known: map[string]cached[V]{}}
}

func (c *cache[V]) get(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	if v, ok := c.recent(key); ok {
		return v, nil
	}
	answer := c.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
		defer cancel()
		asked, drops := c.now(), c.dropped()
		v, err := ask(ctx)
		if err == nil {
			c.keep(key, cached[V]{v, asked}, drops)
		}
		return v, err
	})
	select {
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	case result := <-answer:
		v, _ := result.Val.(V)
		return v, result.Err
	}
}

func (c *cache[V]) recent(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.known[key]
	return entry.value, ok && c.now().Sub(entry.asked) < c.lasts
}

func (c *cache[V]) dropped() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drops
}

// keep keeps an answer, unless something was dropped since it was asked for: it may
// be from before.
func (c *cache[V]) keep(key string, entry cached[V], drops int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if drops != c.drops {
		return
	}
	if len(c.known) > 10_000 {
		clear(c.known)
	}
	c.known[key] = entry
}

// drop forgets an answer, and lets nobody share a question that was asked before.
func (c *cache[V]) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	delete(c.known, key)
	c.flight.Forget(key)
}
