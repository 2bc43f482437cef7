package approvals

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/queue"
)

// AuditRetention is how long the audit is kept. What is to be kept longer has to
// be exported.
const AuditRetention = 3 * 365 * 24 * time.Hour

// trimEvery is how often old entries are looked for.
const trimEvery = 24 * time.Hour

var (
	//go:embed trim.lua
	trimSource string
	trimScript = redis.NewScript(trimSource)
)

// trim removes what the audit has kept long enough, and sets the timer of the
// next time.
func (r *Runner) trim(ctx context.Context) error {
	err := r.Store.trimAudit(ctx, r.Now().Add(-AuditRetention))
	if err == nil {
		err = r.Store.arm(ctx, Effect{Kind: Trim, At: r.Now().Add(trimEvery)})
	}
	if err != nil {
		return queue.Later(err)
	}
	return nil
}

// trimAudit removes the entries before an instant, a page at a time. The chain
// then goes on from the anchor: the number and hash of the last one removed.
func (s *Store) trimAudit(ctx context.Context, before time.Time) error {
	for {
		page, err := s.auditPage(ctx, "-", auditPageSize)
		if err != nil {
			return err
		}
		old, id := oldest(page, before)
		if old.Seq == 0 {
			return nil
		}
		names := []string{s.keys.audit(), s.keys.anchor()}
		if err := trimScript.Run(ctx, s.redis, names, old.Seq, old.Hash, next(id)).Err(); err != nil {
			return fmt.Errorf("trimming the audit: %w", err)
		}
		if len(page) < auditPageSize {
			return nil
		}
	}
}

// oldest is the last entry of a page's beginning that is before an instant.
func oldest(page []redis.XMessage, before time.Time) (last Entry, id string) {
	for _, message := range page {
		entry, err := decodeEntry(message)
		if err != nil || !entry.At.Before(before) {
			break
		}
		last, id = entry, message.ID
	}
	return last, id
}

// next is the stream id behind another.
func next(id string) string {
	var ms, n uint64
	fmt.Sscanf(id, "%d-%d", &ms, &n)
	return fmt.Sprintf("%d-%d", ms, n+1)
}

// anchored is a verifier that begins where the stored chain does.
func (s *Store) anchored(ctx context.Context) (Verifier, error) {
	text, err := s.redis.Get(ctx, s.keys.anchor()).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return Verifier{}, fmt.Errorf("reading the audit's anchor: %w", err)
	}
	anchor, err := parseHead(text)
	return Verifier{last: anchor}, err
}
