package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Export seals what waits, and hands every entry since a moment to f, oldest first,
// a page at a time. The zero time means all.
func (l *Log) Export(ctx context.Context, since time.Time, f func(Entry) error) error {
	if err := l.seal(ctx); err != nil {
		return err
	}
	return l.walk(ctx, func(message redis.XMessage) error {
		e, err := decode(message)
		if err != nil || e.At.Before(since) {
			return err
		}
		return f(e)
	})
}

// walk hands every sealed entry to f, oldest first.
func (l *Log) walk(ctx context.Context, f func(redis.XMessage) error) error {
	for place := "0-0"; ; {
		page, err := l.behind(ctx, place, pageSize)
		if err != nil {
			return err
		}
		for _, message := range page {
			place = message.ID
			if err := f(message); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// behind reads the sealed entries that follow a place in the stream.
func (l *Log) behind(ctx context.Context, place string, count int64) ([]redis.XMessage, error) {
	page, err := l.redis.XRangeN(ctx, l.keys.sealed(), "("+place, "+", count).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return page, nil
}
