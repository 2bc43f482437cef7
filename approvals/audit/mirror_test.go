package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

// copied is what a mirror has written.
type copied struct {
	mu   sync.Mutex
	seqs []int64
	err  error
}

func (c *copied) write(_ context.Context, entries []Entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	for _, e := range entries {
		c.seqs = append(c.seqs, e.Seq)
	}
	return nil
}

func newMirrored(t *testing.T) (*bench, *copied, *Mirror) {
	b, c := newBench(t), &copied{}
	return b, c, &Mirror{Log: b.Log, Name: "file", Write: c.write}
}

// sealedTo appends and seals.
func (b *bench) sealedTo(from, to int64) {
	b.t.Helper()
	b.noted(from, to)
	b.ok(b.seal(b.t.Context()))
}

func TestReplicasMirrorEachEntryOnce(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 25)
	var group sync.WaitGroup
	for range 8 {
		other := *mirror
		group.Go(func() {
			for range 10 {
				if err := other.catchUp(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	b.sealedTo(26, 50)
	group.Wait()
	if err := mirror.catchUp(t.Context()); err != nil || !slices.Equal(c.seqs, numbers(1, 50)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
}

func TestAFailedWriteIsMadeAgainFromWhereItStood(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 3)
	c.err = errors.New("the disk is full")
	if err := mirror.catchUp(t.Context()); !errors.Is(err, c.err) {
		t.Fatal(err)
	}
	c.err = nil
	b.sealedTo(4, 5)
	b.noted(6, 6) // waits to be sealed, and is not mirrored before
	if err := mirror.catchUp(t.Context()); err != nil || !slices.Equal(c.seqs, numbers(1, 5)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
}

func TestACopyLagsByWhatItLacks(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	lags := func(want time.Duration) {
		t.Helper()
		if lag, err := mirror.Lag(t.Context()); err != nil || lag < want || lag > want+30*time.Second {
			t.Errorf("it lags by %s, %v, and not by %s", lag, err, want)
		}
	}
	aMinuteAgo := fmt.Sprint(time.Now().Add(-time.Minute).UnixMilli()) // the Redis of a test has this clock
	b.redis.XAdd(t.Context(), &redis.XAddArgs{Stream: b.keys.sealed(), ID: aMinuteAgo, Values: []string{"entry", "{}"}})
	lags(0) // it is yet to begin
	c.err = errors.New("the disk is full")
	if err := mirror.catchUp(t.Context()); !errors.Is(err, c.err) {
		t.Fatal(err)
	}
	b.sealedTo(1, 1)
	lags(time.Minute)
	c.err = nil
	b.ok(mirror.catchUp(t.Context()))
	lags(0)
}

// alone is a primary that no replica follows for now.
type alone struct{ redis.UniversalClient }

var errAlone = errors.New("the primary is alone")

func (a alone) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	answer := a.UniversalClient.Eval(ctx, script, keys, args...)
	answer.SetErr(errAlone)
	return answer
}

func (a alone) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	answer := a.UniversalClient.EvalSha(ctx, sha, keys, args...)
	if answer.Err() == nil {
		answer.SetErr(errAlone)
	}
	return answer
}

// TestWhatAFailoverMayUndoIsNotMirrored: the copy would hold what never was.
func TestWhatAFailoverMayUndoIsNotMirrored(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 2)
	mirror.Durable = alone{b.redis}
	if err := mirror.catchUp(t.Context()); !errors.Is(err, errAlone) || len(c.seqs) != 0 {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
	mirror.Durable = nil
	if err := mirror.catchUp(t.Context()); err != nil || !slices.Equal(c.seqs, numbers(1, 2)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
}

// TestWhoLostTheLockWritesNoMore has a write last until somebody else holds the
// lock: the note of the slow one must not overwrite theirs.
func TestWhoLostTheLockWritesNoMore(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 25)
	slow := *mirror
	slow.Write = func(ctx context.Context, entries []Entry) error {
		b.redis.Set(ctx, b.keys.mirroring("file"), "somebody else", time.Minute)
		return c.write(ctx, entries)
	}
	if err := slow.catchUp(t.Context()); err != nil || !slices.Equal(c.seqs, numbers(1, mirrorPage)) {
		t.Fatalf("%v, mirrored %v", err, c.seqs)
	}
	if place := b.redis.Get(t.Context(), b.keys.mirrored("file")).Val(); place != "0-0" {
		t.Errorf("the slow one noted %s", place)
	}
	if err := mirror.catchUp(t.Context()); err != nil || len(c.seqs) != mirrorPage {
		t.Errorf("the lock is not heeded: %v, mirrored %v", err, c.seqs)
	}
}

func TestALateMirrorBeginsWithTheNextEntry(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	mirror.Late = true
	b.sealedTo(1, 4)
	for n := range int64(2) {
		b.ok(mirror.catchUp(t.Context()))
		b.sealedTo(5+n, 5+n)
	}
	if !slices.Equal(c.seqs, []int64{5}) {
		t.Errorf("mirrored %v", c.seqs)
	}
}

func TestAnUnreadableEntryHidesNoOther(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 1)
	b.redis.XAdd(t.Context(), &redis.XAddArgs{Stream: b.keys.sealed(), Values: []string{"entry", "{"}})
	b.sealedTo(2, 2)
	if err := mirror.catchUp(t.Context()); err != nil || !slices.Equal(c.seqs, numbers(1, 2)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
	if b.warnings(logrus.ErrorLevel) != 1 {
		t.Errorf("logged %v", b.logged.AllEntries())
	}
}

// TestAWriteThatTakesAllItsTimeIsNoted: what a slow disk has taken is not written again.
func TestAWriteThatTakesAllItsTimeIsNoted(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 2)
	mirror.Write = func(work context.Context, entries []Entry) error {
		<-work.Done()
		return c.write(work, entries)
	}
	if err := mirror.catchUp(t.Context()); err != nil || !slices.Equal(c.seqs, numbers(1, 2)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
}

// TestAShutdownWaitsForAWriteButNotForLong has one write that ends by itself, and
// one that hangs.
func TestAShutdownWaitsForAWriteButNotForLong(t *testing.T) {
	t.Parallel()
	b, c, mirror := newMirrored(t)
	b.sealedTo(1, 2)
	for _, hangs := range []bool{true, false} {
		ctx, stop := context.WithCancel(t.Context())
		mirror.Write = func(work context.Context, entries []Entry) error {
			stop()
			if hangs {
				<-work.Done()
				return work.Err()
			}
			return errors.Join(work.Err(), c.write(work, entries))
		}
		begin := time.Now()
		mirror.Run(ctx)
		if took := time.Since(begin); took > mirrorGrace+2*time.Second {
			t.Errorf("the stop took %s", took)
		}
	}
	left, err := b.behind(t.Context(), b.redis.Get(t.Context(), b.keys.mirrored("file")).Val(), 1)
	if len(left) != 0 || err != nil || !slices.Equal(c.seqs, numbers(1, 2)) {
		t.Errorf("%v left, %v, mirrored %v", left, err, c.seqs)
	}
}
