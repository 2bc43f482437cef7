package approvals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

const auditPageSize = 500

// Audit hands every entry to f, oldest first, a page at a time.
func (s *Store) Audit(ctx context.Context, f func(Entry) error) error {
	from := "-"
	for {
		page, err := s.auditPage(ctx, from, auditPageSize)
		if err != nil {
			return err
		}
		for _, message := range page {
			entry, err := decodeEntry(message)
			if err == nil {
				err = f(entry)
			}
			if err != nil {
				return err
			}
		}
		if len(page) < auditPageSize {
			return nil
		}
		from = "(" + page[len(page)-1].ID
	}
}

func (s *Store) auditPage(ctx context.Context, from string, size int64) ([]redis.XMessage, error) {
	page, err := s.redis.XRangeN(ctx, s.keys.audit(), from, "+", size).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return page, nil
}

// unreadableError is an entry of the audit stream that is none.
type unreadableError struct {
	id    string // of the stream entry
	cause error
}

func (e *unreadableError) Error() string {
	return fmt.Sprintf("decoding audit entry %s: %v", e.id, e.cause)
}

func (e *unreadableError) Unwrap() error { return e.cause }

func decodeEntry(message redis.XMessage) (Entry, error) {
	text, _ := message.Values["entry"].(string)
	var entry Entry
	if err := json.Unmarshal([]byte(text), &entry); err != nil {
		return Entry{}, &unreadableError{id: message.ID, cause: err}
	}
	return entry, nil
}

// VerifyAudit checks the whole chain and counts its entries. A *Break names the
// first entry that was changed, removed, moved or added. Entries that are
// written while it reads are no fault.
func (s *Store) VerifyAudit(ctx context.Context) (int64, error) {
	before, err := s.head(ctx)
	if err != nil {
		return 0, err
	}
	chain, err := s.anchored(ctx)
	if err != nil {
		return 0, err
	}
	err = s.Audit(ctx, func(e Entry) error {
		if err := chain.Check(e); err != nil {
			return err
		}
		return chain.passes(before)
	})
	var unreadable *unreadableError
	if errors.As(err, &unreadable) {
		return chain.Last(), chain.broken("cannot be read (%s in the stream)", unreadable.id)
	}
	if err != nil {
		return chain.Last(), err
	}
	after, err := s.head(ctx)
	if err != nil {
		return chain.Last(), err
	}
	return chain.Last(), chain.between(before, after)
}

// Effects is the key of the stream of effects.
func (s *Store) Effects() string { return s.keys.effects() }
