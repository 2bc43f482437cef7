package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// retention is how long entries are kept. What is to be kept longer has to be
// exported.
const retention = 3 * 365 * 24 * time.Hour

// retain removes what was kept long enough.
func (l *Log) retain(ctx context.Context, s state) error {
	before := s.now.Add(l.offset() - retention)
	if !s.kept.Before(before) {
		return nil
	}
	return l.trim(ctx, before)
}

// trim removes the entries before a moment, a page at a time. The chain then goes
// on from the anchor.
func (l *Log) trim(ctx context.Context, before time.Time) error {
	for {
		page, err := l.behind(ctx, "0-0", pageSize)
		if err != nil {
			return err
		}
		old, id := oldest(page, before)
		if old.Seq == 0 {
			return nil
		}
		names := []string{l.keys.sealed(), l.keys.anchor()}
		if err := trimScript.Run(ctx, l.redis, names, old.Seq, old.Hash, id).Err(); err != nil {
			return fmt.Errorf("trimming the audit: %w", err)
		}
	}
}

// oldest is the last entry of a page's beginning that is before a moment.
func oldest(page []redis.XMessage, before time.Time) (last Entry, id string) {
	for _, message := range page {
		e, err := decode(message)
		if err != nil || !e.At.Before(before) {
			break
		}
		last, id = e, message.ID
	}
	return last, id
}
