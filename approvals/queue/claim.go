package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// An entry that kills every process that touches it is never counted by fail.
// Delivered this often without being finished, it is parked unread.
const maxDeliveries = 2_000

// forgetAfter is how long a consumer that holds nothing stays listed.
const forgetAfter = time.Hour

// claimLoop takes over entries that nobody has touched for MinIdle: those of
// dead processes, and our own that failed and wait for their next try.
func (c *Consumer) claimLoop(ctx, work context.Context) {
	every(ctx, c.ClaimEvery, func() {
		if err := c.claim(ctx, work); err != nil && ctx.Err() == nil {
			c.Log.WithError(err).WithField("stream", c.Stream).Debug("nothing could be claimed")
		}
	})
}

// every calls f until ctx ends, first after one interval.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}

func (c *Consumer) claim(ctx, work context.Context) error {
	start := "0-0"
	for {
		entries, next, err := c.Redis.XAutoClaim(ctx, &redis.XAutoClaimArgs{
			Stream: c.Stream, Group: c.Group, Consumer: c.Name,
			MinIdle: c.MinIdle, Start: start, Count: int64(c.Workers),
		}).Result()
		if err != nil {
			return fmt.Errorf("claiming from %s: %w", c.Stream, err)
		}
		for _, entry := range entries {
			c.start(ctx, work, entry, len(retries))
		}
		if next == "0-0" || ctx.Err() != nil {
			return c.tidy(ctx)
		}
		start = next
	}
}

// tidy parks what was delivered absurdly often and forgets dead consumers.
func (c *Consumer) tidy(ctx context.Context) error {
	pending, err := c.Redis.XPendingExt(ctx, &redis.XPendingExtArgs{
		Stream: c.Stream, Group: c.Group, Start: "-", End: "+", Count: 100,
	}).Result()
	if err != nil {
		return fmt.Errorf("listing pending work of %s: %w", c.Stream, err)
	}
	for _, p := range pending {
		if p.RetryCount > maxDeliveries {
			c.fail(ctx, p.ID, fmt.Errorf("delivered %d times and never finished", p.RetryCount))
		}
	}
	return c.forgetDead(ctx)
}

func (c *Consumer) forgetDead(ctx context.Context) error {
	consumers, err := c.Redis.XInfoConsumers(ctx, c.Stream, c.Group).Result()
	if err != nil {
		return fmt.Errorf("listing consumers of %s: %w", c.Stream, err)
	}
	for _, other := range consumers {
		if other.Pending == 0 && other.Idle > forgetAfter && other.Name != c.Name {
			c.Redis.XGroupDelConsumer(ctx, c.Stream, c.Group, other.Name)
		}
	}
	return nil
}

// keepLoop shows the group that the entries we hold are being worked on, so
// that a slow call to the outside is not taken for a dead process. It goes on
// through the shutdown's grace, until the last handler has returned.
func (c *Consumer) keepLoop(work context.Context) {
	every(work, c.MinIdle/3, func() { c.keep(work) })
}

func (c *Consumer) keep(ctx context.Context) {
	ids := c.holding()
	if len(ids) == 0 {
		return
	}
	err := c.Redis.XClaimJustID(ctx, &redis.XClaimArgs{
		Stream: c.Stream, Group: c.Group, Consumer: c.Name, Messages: ids,
	}).Err()
	if err != nil {
		c.Log.WithError(err).WithField("stream", c.Stream).Debug("held work could not be renewed")
	}
}

func (c *Consumer) hold(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[id] {
		return false
	}
	c.held[id] = true
	return true
}

func (c *Consumer) release(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, id)
}

func (c *Consumer) holding() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := make([]string, 0, len(c.held))
	for id := range c.held {
		ids = append(ids, id)
	}
	return ids
}
