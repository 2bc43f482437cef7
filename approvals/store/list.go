package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
)

// Open loads all open requests, oldest first.
func (s *Store) Open(ctx context.Context) ([]*approvals.Request, error) {
	var requests []*approvals.Request
	err := s.EachOpen(ctx, func(r *approvals.Request) { requests = append(requests, r) })
	slices.SortFunc(requests, func(a, b *approvals.Request) int { return cmp.Compare(a.ID, b.ID) })
	return requests, err
}

// openPage is how many open requests are read, or swept, in one round trip.
const openPage = 500

// EachOpen reads the open requests, in no order, a few at a time: there may be many.
func (s *Store) EachOpen(ctx context.Context, do func(*approvals.Request)) error {
	ids, err := s.openIDs(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, openPage) {
		requests, err := s.loadAll(ctx, some)
		if err != nil {
			return err
		}
		for _, r := range requests {
			do(r)
		}
	}
	return nil
}

// openIDs lists the requests that hold a lock, each once.
func (s *Store) openIDs(ctx context.Context) ([]string, error) {
	ids, err := s.redis.HVals(ctx, s.keys.open()).Result()
	slices.Sort(ids)
	return slices.Compact(ids), fault(err, "listing open requests")
}

// Count is how many requests each stage has, whether open or not.
func (s *Store) Count(ctx context.Context) (map[approvals.State]int64, error) {
	pipe, answers := s.redis.Pipeline(), map[approvals.State]*redis.IntCmd{}
	for _, stage := range approvals.AllStages {
		answers[stage] = pipe.ZCard(ctx, s.keys.index(IndexState(stage)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("counting requests: %w", err)
	}
	counts := map[approvals.State]int64{}
	for stage, answer := range answers {
		counts[stage] = answer.Val()
	}
	return counts, nil
}

// List reads one page of an index, newest first, and how many there are in all.
func (s *Store) List(ctx context.Context, index string, offset, limit int) ([]*approvals.Request, int, error) {
	pipe, key := s.redis.Pipeline(), s.keys.index(index)
	total, ids := pipe.ZCard(ctx, key), pipe.ZRevRange(ctx, key, int64(offset), int64(offset+limit-1))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("listing requests: %w", err)
	}
	requests, err := s.loadAll(ctx, ids.Val())
	return requests, int(total.Val()), err
}

// loadAll reads requests in one round trip. What cannot be read by this version
// of the program is left out.
func (s *Store) loadAll(ctx context.Context, ids []string) ([]*approvals.Request, error) {
	pipe, answers := s.redis.Pipeline(), make([]*redis.SliceCmd, len(ids))
	for i, id := range ids {
		answers[i] = pipe.HMGet(ctx, s.keys.request(number(id)), "n", "body")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("loading requests: %w", err)
	}
	var requests []*approvals.Request
	for i, answer := range answers {
		counter, _ := answer.Val()[0].(string)
		body, _ := answer.Val()[1].(string)
		if r, err := decode(number(ids[i]), counter, body); err == nil {
			requests = append(requests, r)
		}
	}
	return requests, nil
}

// Forget deletes a request whose retention is over. The audit keeps its story.
func (s *Store) Forget(ctx context.Context, r *approvals.Request) error {
	pipe := s.redis.TxPipeline()
	pipe.Del(ctx, s.keys.request(r.ID), s.keys.shown(r.ID))
	for _, q := range queues {
		pipe.ZRem(ctx, s.keys.due(q), r.ID)
	}
	for _, index := range indexes(r) {
		pipe.ZRem(ctx, s.keys.index(index), r.ID)
	}
	_, err := pipe.Exec(ctx)
	return fault(err, "forgetting %s", r.Name())
}
