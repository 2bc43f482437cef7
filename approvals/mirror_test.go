package approvals

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals/redistest"
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

// noted writes n entries that change no request.
func (b *bench) noted(n int) {
	b.t.Helper()
	for range n {
		if err := b.store.note(context.Background(), Entry{At: noon, Verb: "ask", Refused: "because"}); err != nil {
			b.t.Fatal(err)
		}
	}
}

func numbers(from, to int64) []int64 {
	var all []int64
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func newMirrored(t *testing.T) (*bench, *copied, *Mirror) {
	b, c := newBenchOn(t, redistest.Start(t, "--appendonly", "no")), &copied{}
	return b, c, &Mirror{Store: b.store, Name: "file", Write: c.write, Log: b.service.Log}
}

func TestReplicasMirrorEachEntryOnce(t *testing.T) {
	b, c, mirror := newMirrored(t)
	b.noted(25)
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
	b.noted(25)
	group.Wait()
	if err := mirror.catchUp(context.Background()); err != nil || !slices.Equal(c.seqs, numbers(1, 50)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
}

func TestAFailedWriteIsMadeAgainFromWhereItStood(t *testing.T) {
	b, c, mirror := newMirrored(t)
	b.noted(3)
	c.err = errors.New("the disk is full")
	if err := mirror.catchUp(context.Background()); !errors.Is(err, c.err) {
		t.Fatal(err)
	}
	c.err = nil
	b.noted(2)
	if err := mirror.catchUp(context.Background()); err != nil || !slices.Equal(c.seqs, numbers(1, 5)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
}

// TestWhoLostTheLockWritesNoMore has a write last until somebody else holds the
// lock: the note of the slow one must not overwrite theirs.
func TestWhoLostTheLockWritesNoMore(t *testing.T) {
	b, c, mirror := newMirrored(t)
	b.noted(25)
	slow := *mirror
	slow.Write = func(ctx context.Context, entries []Entry) error {
		b.store.redis.Set(ctx, b.store.keys.mirroring("file"), "somebody else", time.Minute)
		return c.write(ctx, entries)
	}
	if err := slow.catchUp(context.Background()); err != nil || !slices.Equal(c.seqs, numbers(1, mirrorBatch)) {
		t.Fatalf("%v, mirrored %v", err, c.seqs)
	}
	ctx := context.Background()
	if place := b.store.redis.Get(ctx, b.store.keys.mirrored("file")).Val(); place != "0-0" {
		t.Errorf("the slow one noted %s", place)
	}
	if err := mirror.catchUp(ctx); err != nil || len(c.seqs) != mirrorBatch {
		t.Errorf("the lock is not heeded: %v, mirrored %v", err, c.seqs)
	}
}

func TestALateMirrorBeginsWithTheNextEntry(t *testing.T) {
	b, c, mirror := newMirrored(t)
	mirror.Late = true
	b.noted(4)
	for range 2 {
		if err := mirror.catchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.noted(1)
	}
	if !slices.Equal(c.seqs, []int64{5}) {
		t.Errorf("mirrored %v", c.seqs)
	}
}

func TestAnUnreadableEntryHidesNoOther(t *testing.T) {
	b, c, mirror := newMirrored(t)
	log, hook := test.NewNullLogger()
	mirror.Log = log
	b.noted(1)
	b.store.redis.XAdd(context.Background(), &redis.XAddArgs{Stream: b.store.keys.audit(), Values: []string{"entry", "{"}})
	b.noted(1)
	if err := mirror.catchUp(context.Background()); err != nil || !slices.Equal(c.seqs, numbers(1, 2)) {
		t.Errorf("%v, mirrored %v", err, c.seqs)
	}
	if len(hook.Entries) != 1 || hook.LastEntry().Level != logrus.ErrorLevel {
		t.Errorf("logged %v", hook.AllEntries())
	}
}
