package audit

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// TestTheOldestAreTrimmedAndTheChainStillHolds keeps what is not old enough, and
// finds a cut that is not retention's own.
func TestTheOldestAreTrimmedAndTheChainStillHolds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, pageSize+4)
	b.ok(b.seal(t.Context()))
	b.ok(b.trim(t.Context(), entry(pageSize+2).At))
	names := []string{b.keys.sealed(), b.keys.anchor()}
	if done, err := trimScript.Run(t.Context(), b.redis, names, 2, "of a slow one", "0-1").Bool(); done || err != nil {
		t.Errorf("who read before another trimmed takes the anchor back: %v, %v", done, err)
	}
	b.holds(numbers(pageSize+2, pageSize+4))
	b.noted(pageSize+5, pageSize+5)
	b.holds(numbers(pageSize+2, pageSize+5))
	first, err := b.behind(t.Context(), "0-0", 1)
	b.ok(err)
	b.redis.XDel(t.Context(), b.keys.sealed(), first[0].ID)
	var cut *Break
	if _, err := b.Verify(t.Context()); !errors.As(err, &cut) || cut.Seq != pageSize+2 {
		t.Errorf("another cut: %v", err)
	}
}

// TestWhatWasKeptLongEnoughIsRemoved travels through time by a clock that is ahead.
func TestWhatWasKeptLongEnoughIsRemoved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var travelled time.Duration
	b.ahead = func() time.Duration { return travelled }
	now := b.redis.Time(t.Context()).Val()
	add := func(request int64, at time.Time) {
		e := entry(request)
		e.At = at
		b.appends("entry", string(e.Encode()))
	}
	kept := func(what string, want ...int64) {
		t.Helper()
		b.ok(b.tick(t.Context()))
		var got []int64
		for _, e := range b.entries() {
			got = append(got, e.Request)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: kept %v", what, got)
		}
	}
	add(1, now)
	add(2, now.Add(time.Hour))
	kept("at first", 1, 2)
	travelled = retention - time.Minute
	kept("within the retention", 1, 2)
	travelled = retention + time.Minute
	kept("after the retention of the first", 2)
	travelled = retention + time.Hour + time.Minute
	kept("after that of both")
	add(3, now.Add(travelled))
	b.holds([]int64{3})
}
