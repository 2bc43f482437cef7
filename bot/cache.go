package bot

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	cacheFor = time.Minute
	askFor   = patience // how long one question may take, whoever waits for it
)

// cache keeps answers for a minute and lets callers at the same time share one
// question, which does not end when the first of them goes away.
type cache[V any] struct {
	flight singleflight.Group
	mu     sync.Mutex
	known  map[string]cached[V]
}

type cached[V any] struct {
	value V
	at    time.Time
}

func newCache[V any]() *cache[V] { return &cache[V]{known: map[string]cached[V]{}} }

func (c *cache[V]) get(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	if v, ok := c.recent(key); ok {
		return v, nil
	}
	answer := c.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
		defer cancel()
		v, err := ask(ctx)
		if err == nil {
			c.keep(key, v)
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
	return entry.value, ok && time.Since(entry.at) < cacheFor
}

func (c *cache[V]) keep(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) > 10_000 {
		clear(c.known)
	}
	c.known[key] = cached[V]{value: v, at: time.Now()}
}
