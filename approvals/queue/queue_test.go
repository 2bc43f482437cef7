package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals/redistest"
)

// record collects what handlers were given.
type record struct {
	mu   sync.Mutex
	seen map[string]int
	more chan struct{}
}

func newRecord() *record { return &record{seen: map[string]int{}, more: make(chan struct{}, 1000)} }

func (r *record) add(values map[string]any) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := fmt.Sprint(values["name"])
	r.seen[name]++
	r.more <- struct{}{}
	return r.seen[name]
}

func (r *record) times(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[name]
}

// await blocks until name was handled n times.
func (r *record) await(t *testing.T, name string, n int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for r.times(name) < n {
		select {
		case <-r.more:
		case <-deadline:
			t.Fatalf("%s was handled %d times, not %d", name, r.times(name), n)
		}
	}
}

func quiet() logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}

func consumer(rdb redis.UniversalClient, name string, handle Handler) *Consumer {
	return New(Config{
		Redis: rdb, Stream: "{t}:work", Group: "g", Name: name, Handle: handle, Log: quiet(),
		MinIdle: 150 * time.Millisecond, ClaimEvery: 50 * time.Millisecond, Grace: 5 * time.Second,
	})
}

// run starts a consumer and stops it, and waits for it, when the test ends.
func run(t *testing.T, c *Consumer) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func add(t *testing.T, rdb redis.UniversalClient, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := rdb.XAdd(context.Background(), &redis.XAddArgs{Stream: "{t}:work", Values: []string{"name", name}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitLen waits until a stream has a length.
func awaitLen(t *testing.T, rdb redis.UniversalClient, stream string, want int64) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		n, err := rdb.XLen(context.Background(), stream).Result()
		if err == nil && n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has %d entries (%v), not %d", stream, n, err, want)
		}
	}
}

func TestDoneWorkLeavesTheStream(t *testing.T) {
	rdb := redistest.Start(t).Client()
	seen := newRecord()
	run(t, consumer(rdb, "a", func(_ context.Context, _ string, values map[string]any) error {
		seen.add(values)
		return nil
	}))
	add(t, rdb, "one", "two", "three")
	for _, name := range []string{"one", "two", "three"} {
		seen.await(t, name, 1)
	}
	awaitLen(t, rdb, "{t}:work", 0)
}

func TestWorkOfADeadConsumerIsClaimed(t *testing.T) {
	rdb := redistest.Start(t).Client()
	ctx := context.Background()
	add(t, rdb, "orphan")
	rdb.XGroupCreateMkStream(ctx, "{t}:work", "g", "0")
	if _, err := rdb.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "dead", Streams: []string{"{t}:work", ">"}}).Result(); err != nil {
		t.Fatal(err)
	}
	seen := newRecord()
	run(t, consumer(rdb, "alive", func(_ context.Context, _ string, values map[string]any) error {
		seen.add(values)
		return nil
	}))
	seen.await(t, "orphan", 1)
	awaitLen(t, rdb, "{t}:work", 0)
}

func TestSlowWorkIsNotClaimedFromTheLiving(t *testing.T) {
	rdb := redistest.Start(t).Client()
	seen, finish := newRecord(), make(chan struct{})
	slow := func(_ context.Context, _ string, values map[string]any) error {
		seen.add(values)
		<-finish
		return nil
	}
	run(t, consumer(rdb, "slow", slow))
	add(t, rdb, "long")
	seen.await(t, "long", 1)

	claims := newRecord()
	run(t, consumer(rdb, "other", func(_ context.Context, _ string, values map[string]any) error {
		claims.add(values)
		return nil
	}))
	add(t, rdb, "marker-1", "marker-2") // go round the claim loop meanwhile
	deadline := time.After(700 * time.Millisecond)
	for waiting := true; waiting; {
		select {
		case <-claims.more:
		case <-seen.more:
		case <-deadline:
			waiting = false
		}
	}
	close(finish)
	if seen.times("long")+claims.times("long") != 1 {
		t.Fatalf("handled %d times by its owner, %d times by another", seen.times("long"), claims.times("long"))
	}
}

func TestPoisonIsParkedAndBlocksNobody(t *testing.T) {
	rdb := redistest.Start(t).Client()
	seen := newRecord()
	run(t, consumer(rdb, "a", func(_ context.Context, _ string, values map[string]any) error {
		seen.add(values)
		switch values["name"] {
		case "poison":
			return errors.New("it never works")
		case "bomb":
			panic("boom")
		}
		return nil
	}))
	add(t, rdb, "poison", "bomb", "fine")
	seen.await(t, "fine", 1)
	seen.await(t, "poison", 5)
	seen.await(t, "bomb", 5)
	awaitLen(t, rdb, Parked("{t}:work"), 2)
	awaitLen(t, rdb, "{t}:work", 0)
	if n := seen.times("poison"); n != 5 {
		t.Errorf("poison was tried %d times", n)
	}
}

func TestWorkPutOffIsNeverParked(t *testing.T) {
	rdb := redistest.Start(t).Client()
	seen := newRecord()
	run(t, consumer(rdb, "a", func(_ context.Context, _ string, values map[string]any) error {
		if seen.add(values) < 8 {
			return Later(errors.New("the world is away"))
		}
		return nil
	}))
	add(t, rdb, "patient")
	seen.await(t, "patient", 8)
	awaitLen(t, rdb, "{t}:work", 0)
	awaitLen(t, rdb, Parked("{t}:work"), 0)
}

func TestAShutdownLetsWorkFinish(t *testing.T) {
	rdb := redistest.Start(t).Client()
	began, finish := make(chan struct{}), make(chan struct{})
	stop := run(t, consumer(rdb, "a", func(ctx context.Context, _ string, _ map[string]any) error {
		close(began)
		<-finish
		return ctx.Err()
	}))
	add(t, rdb, "last")
	<-began
	go close(finish)
	stop()
	awaitLen(t, rdb, "{t}:work", 0)
}

func TestARedisThatComesBackIsWorkedOn(t *testing.T) {
	server := redistest.Start(t)
	rdb := server.Client()
	seen := newRecord()
	run(t, consumer(rdb, "a", func(_ context.Context, _ string, values map[string]any) error {
		seen.add(values)
		return nil
	}))
	add(t, rdb, "before")
	seen.await(t, "before", 1)
	server.Kill()
	server.Restart()
	add(t, rdb, "after")
	seen.await(t, "after", 1)
}

// faults of Redis, as go-redis passes them on.
func TestFaultsOfRedisAreNotTheWorks(t *testing.T) {
	server := redistest.Start(t)
	rdb := server.Client()
	ctx := context.Background()
	rdb.ConfigSet(ctx, "maxmemory", "1")
	full := rdb.Set(ctx, "k", "v", 0).Err()
	rdb.ConfigSet(ctx, "maxmemory", "0")
	rdb.Do(ctx, "REPLICAOF", "127.0.0.1", "1")
	replica := rdb.Eval(ctx, "return redis.call('SET', KEYS[1], 'v')", []string{"k"}).Err()
	rdb.Do(ctx, "REPLICAOF", "NO", "ONE")
	wrong := rdb.Eval(ctx, "return redis.call('LPUSH', KEYS[1], 'v', 'w') + redis.call('INCR', KEYS[1])", []string{"l"}).Err()
	p := redistest.StartProxy(t, server.Addr)
	one := redis.NewClient(&redis.Options{Addr: p.Addr, MaxRetries: -1})
	defer one.Close()
	p.Lose(1, "GET", "lost")
	lost := one.Get(ctx, "lost").Err()
	server.Kill()
	gone := rdb.Get(ctx, "k").Err()
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"full": {full, true}, "a replica": {replica, true}, "a lost answer": {lost, true}, "gone": {gone, true},
		"a wrong type": {wrong, false}, "ours": {errors.New("it never works"), false}, "no key": {redis.Nil, false},
	} {
		if c.err == nil || Away(fmt.Errorf("working: %w", c.err)) != c.away {
			t.Errorf("%s: away is %v for %v", name, !c.away, c.err)
		}
	}
}
