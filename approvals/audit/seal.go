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
		page, err := l.waiting(ctx)
		if err != nil || len(page.messages) == 0 {
			return err
		}
		moved, err := l.move(ctx, page)
		if err != nil || moved && len(page.messages) < sealSize {
			return err
		}
	}
}

// page are the entries that wait first, and the head of the chain at that moment.
type page struct {
	head     head
	messages []redis.XMessage
}

func (l *Log) waiting(ctx context.Context) (page, error) {
	pipe := l.redis.Pipeline()
	end := pipe.Get(ctx, l.keys.head())
	first := pipe.XRangeN(ctx, l.keys.waiting(), "-", "+", sealSize)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return page{}, fmt.Errorf("reading what waits to be sealed: %w", err)
	}
	head, err := parseHead(end.Val())
	return page{head: head, messages: first.Val()}, errors.Join(err, first.Err())
}

// move seals a page, and reports whether it was still there to be sealed.
func (l *Log) move(ctx context.Context, p page) (bool, error) {
	end := p.head
	args := []any{end.String(), ""}
	for _, message := range p.messages {
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
