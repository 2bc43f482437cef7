package handlers

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"cbhbot/approvals"
)

// reading is something read from the cloud, for each project: kept for a while,
// and read once for all who want it at the same moment.
type reading[T any] struct {
	now    func() time.Time
	keep   time.Duration
	flight singleflight.Group

	mu   sync.Mutex
	kept map[string]dated[T]
}

type dated[T any] struct {
	value T
	at    time.Time
}

func newReading[T any](now func() time.Time, keep time.Duration) *reading[T] {
	return &reading[T]{now: now, keep: keep, kept: map[string]dated[T]{}}
}

// recent returns what is kept, and reads it where it is too old.
func (r *reading[T]) recent(ctx context.Context, project string, read func(context.Context) (T, error)) (T, error) {
	r.mu.Lock()
	kept, ok := r.kept[project]
	r.mu.Unlock()
	if ok && r.now().Sub(kept.at).Abs() < r.keep {
		return kept.value, nil
	}
	return r.fresh(ctx, project, read)
}

// fresh reads. Callers at the same time share one call, which does not end when
// the first of them goes away.
func (r *reading[T]) fresh(ctx context.Context, project string, read func(context.Context) (T, error)) (T, error) {
	answer := r.flight.DoChan(project, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), approvals.CallTimeout)
		defer cancel()
		value, err := read(ctx)
		if err == nil {
			r.remember(project, value)
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case result := <-answer:
		value, _ := result.Val.(T)
		return value, result.Err
	}
}

func (r *reading[T]) remember(project string, value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept[project] = dated[T]{value, r.now()}
}
