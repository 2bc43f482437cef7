package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

const (
	pageSize = 200 // entries that are read at a time
	sealSize = 50  // that are sealed at a time: Redis does nothing else for a quarter of a millisecond
)

// seal numbers and chains all that waits, in the order in which it was appended.
// Several may do so at once: a page is moved by one script, and only if the chain
// still ends where it did when the page was read. Who dies before loses nothing.
func (l *Log) seal(ctx context.Context) error {
	for {
		end, page, err := l.waiting(ctx)
		if err != nil || len(page) == 0 {
			return err
		}
		moved, err := l.move(ctx, end, page)
		if err != nil || moved && len(page) < sealSize {
			return err
		}
	}
}

// waiting are the entries that wait first, and the head of the chain at that moment.
func (l *Log) waiting(ctx context.Context) (end head, page []redis.XMessage, err error) {
	pipe := l.redis.Pipeline()
	last := pipe.Get(ctx, l.keys.head())
	first := pipe.XRangeN(ctx, l.keys.waiting(), "-", "+", sealSize)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return head{}, nil, fmt.Errorf("reading what waits to be sealed: %w", err)
	}
	end, err = parseHead(last.Val())
	return end, first.Val(), errors.Join(err, first.Err())
}

// move seals a page behind the head, and reports whether it was still there to be sealed.
func (l *Log) move(ctx context.Context, end head, page []redis.XMessage) (bool, error) {
	args := []any{end.String(), ""}
	for _, message := range page {
		e, fault := appended(message)
		if fault != nil {
			l.log.WithError(fault).WithField("entry", message.ID).Error("an audit entry cannot be read; it is sealed as it is")
		}
		var text []byte
		text, end = e.chained(end)
		args = append(args, message.ID, text)
	}
	args[1] = end.String()
	names := []string{l.keys.waiting(), l.keys.sealed(), l.keys.head()}
	moved, err := sealScript.Run(ctx, l.redis, names, args...).Bool()
	if err != nil {
		return false, fmt.Errorf("sealing the audit: %w", err)
	}
	return moved, nil
}
