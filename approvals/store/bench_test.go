package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/store/redistest"
)

// bench is a store on a real Redis, whose clock can be moved ahead.
type bench struct {
	*Store
	t     *testing.T
	redis redis.UniversalClient

	mu    sync.Mutex
	ahead time.Duration
}

func newBench(t *testing.T) *bench {
	t.Parallel()
	return newBenchOn(t, redistest.Start(t, "--appendonly", "no").Client())
}

func newBenchOn(t *testing.T, client redis.UniversalClient) *bench {
	b := &bench{t: t, redis: client}
	b.Store = b.another()
	return b
}

// another is the store of one more process.
func (b *bench) another() *Store { return New(b.redis, Options{Ahead: b.passed}) }

func (b *bench) passed() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ahead
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ahead += d
}

// now is Redis' clock.
func (b *bench) now() time.Time {
	b.t.Helper()
	return b.redis.Time(context.Background()).Val().Add(b.passed()).UTC().Truncate(time.Millisecond)
}

// asked is a request for an upgrade of some instances that nobody has stored yet.
func (b *bench) asked(servers ...string) *approvals.Request {
	now := b.now()
	r := &approvals.Request{
		Version: approvals.RecordVersion, Key: "key", Revision: 1, Action: approvals.Upgrade,
		Timing:    approvals.Timing{At: now.Add(72 * time.Hour), Deadline: now.Add(24 * time.Hour), Zone: "UTC"},
		Requester: approvals.Person{ID: "R"}, Channel: "C",
		State: approvals.Pending, CreatedAt: now, ChangedAt: now,
	}
	for _, server := range servers {
		r.Items = append(r.Items, approvals.Item{Target: approvals.Target{Project: "p", ServerID: server}, State: approvals.Waiting})
	}
	return r
}

// create is the change that stores a request, due an hour later.
func create(r *approvals.Request, event string) *Change {
	entry := audit.Entry{Verb: approvals.VerbAsk, At: r.CreatedAt}
	return &Change{Event: event, Before: new(approvals.Request), After: r, ActAt: r.CreatedAt.Add(time.Hour), ShowAt: r.ChangedAt, Entry: entry}
}

func (b *bench) made(servers ...string) *approvals.Request {
	b.t.Helper()
	return b.commits(create(b.asked(servers...), "")).Request
}

func (b *bench) commits(c *Change) Committed {
	b.t.Helper()
	done, err := b.Commit(context.Background(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

// change is one more revision of a request, due at a time.
func (b *bench) change(r *approvals.Request, due time.Time) *Change {
	after := *r
	after.Items = slices.Clone(r.Items)
	after.Revision++
	after.ChangedAt = b.now()
	entry := audit.Entry{Verb: approvals.VerbReschedule, At: after.ChangedAt}
	return &Change{Before: r, After: &after, ActAt: due, ShowAt: after.ChangedAt, Entry: entry}
}

func (b *bench) load(id int64) *approvals.Request {
	b.t.Helper()
	r, err := b.Load(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// takes is what a store hands out.
func (b *bench) takes(s *Store, q Queue, n int) []Lease {
	b.t.Helper()
	leases, _, err := s.Take(context.Background(), q, n)
	if err != nil {
		b.t.Fatal(err)
	}
	return leases
}

// take is the one request that is due.
func (b *bench) take(s *Store, q Queue) Lease {
	b.t.Helper()
	leases := b.takes(s, q, 10)
	if len(leases) != 1 || leases[0].Err != nil {
		b.t.Fatalf("%d requests are due: %+v", len(leases), leases)
	}
	return leases[0]
}

func (b *bench) settles(l Lease, next time.Time, sent map[string]string) (Lease, bool) {
	b.t.Helper()
	after, moved, err := b.Settle(context.Background(), l, next, sent)
	if err != nil {
		b.t.Fatal(err)
	}
	return after, moved
}

// due is when a request is due; zero: it is in no queue.
func (b *bench) due(q Queue, id int64) time.Time {
	b.t.Helper()
	score, err := b.redis.ZScore(context.Background(), b.keys.due(q), fmt.Sprint(id)).Result()
	if errors.Is(err, redis.Nil) {
		return time.Time{}
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return time.UnixMilli(int64(score)).UTC()
}

// traces is all that is stored, by key.
func (b *bench) traces() string {
	b.t.Helper()
	ctx, all := context.Background(), map[string]string{}
	for _, key := range b.redis.Keys(ctx, "*").Val() {
		all[key] = fmt.Sprint(b.redis.Dump(ctx, key).Val())
	}
	var text string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		text += fmt.Sprintf("%s %x\n", key, all[key])
	}
	return text
}

func (b *bench) shown(id int64) map[string]string {
	b.t.Helper()
	shown, err := b.Shown(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return shown
}

func (b *bench) holder(lock string) int64 {
	b.t.Helper()
	id, err := b.Holder(context.Background(), lock)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}
