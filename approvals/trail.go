package approvals

import (
	"context"
	"encoding/json"
	"fmt"
)

const auditPage = 500

// Audit hands every entry to f, oldest first, a page at a time.
func (s *Store) Audit(ctx context.Context, f func(Entry) error) error {
	from := "-"
	for {
		page, err := s.redis.XRangeN(ctx, s.keys.audit(), from, "+", auditPage).Result()
		if err != nil {
			return fmt.Errorf("reading the audit: %w", err)
		}
		for _, message := range page {
			text, _ := message.Values["entry"].(string)
			var entry Entry
			if err := json.Unmarshal([]byte(text), &entry); err != nil {
				return fmt.Errorf("decoding audit entry %s: %w", message.ID, err)
			}
			if err := f(entry); err != nil {
				return err
			}
		}
		if len(page) < auditPage {
			return nil
		}
		from = "(" + page[len(page)-1].ID
	}
}

// VerifyAudit checks the whole chain and counts its entries. A *Break names the
// first entry that was changed, removed or moved.
func (s *Store) VerifyAudit(ctx context.Context) (int64, error) {
	end, err := s.head(ctx)
	if err != nil {
		return 0, err
	}
	chain, err := s.anchored(ctx)
	if err != nil {
		return 0, err
	}
	err = s.Audit(ctx, func(e Entry) error {
		if chain.Last() >= end.seq {
			return nil // written while we read
		}
		return chain.Check(e)
	})
	if err == nil {
		err = chain.atEnd(end)
	}
	return chain.Last(), err
}

// Effects is the key of the stream of effects.
func (s *Store) Effects() string { return s.keys.effects() }
