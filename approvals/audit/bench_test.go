package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals"
	"cbhbot/approvals/store/redistest"
)

const prefix = "{t}:"

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// bench is an audit on a Redis of its own.
type bench struct {
	*Log
	t      *testing.T
	server *redistest.Server
	logged *test.Hook
}

func newBench(t *testing.T) *bench {
	t.Helper()
	server := redistest.Start(t, "--appendonly", "no")
	log, logged := test.NewNullLogger()
	return &bench{Log: New(server.Client(), prefix, log, nil), t: t, server: server, logged: logged}
}

// process is the audit of another process, which reaches Redis at an address.
func (b *bench) process(addr string) *Log {
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{addr}, ContextTimeoutEnabled: true, PoolSize: 30})
	b.t.Cleanup(func() { client.Close() })
	return New(client, prefix, b.log, nil)
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// entry is what the tests append; the request tells one from another.
func entry(request int64) Entry {
	return Entry{
		At: noon.Add(time.Duration(request) * time.Minute), Actor: approvals.Person{ID: "A"}, Verb: approvals.VerbApprove,
		Request: request, Instance: "bastion-prod", Channel: "C0OPS",
	}
}

// appends adds fields to what waits, as a commit's script does, and returns the id.
func (b *bench) appends(fields ...string) string {
	b.t.Helper()
	id, err := b.redis.XAdd(b.t.Context(), &redis.XAddArgs{Stream: Stream(prefix), Values: fields}).Result()
	b.ok(err)
	return id
}

// noted appends the entries from one to another.
func (b *bench) noted(from, to int64) {
	b.t.Helper()
	for n := from; n <= to; n++ {
		b.appends("entry", string(entry(n).Encode()))
	}
}

// entries seals and reads all.
func (b *bench) entries() []Entry {
	b.t.Helper()
	var all []Entry
	b.ok(b.Export(b.t.Context(), func(e Entry) error { all = append(all, e); return nil }))
	return all
}

// holds wants the chain to hold, and the entries to be these requests' in order.
func (b *bench) holds(want []int64) {
	b.t.Helper()
	var got []int64
	for _, e := range b.entries() {
		got = append(got, e.Request)
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("sealed %v, not %v", got, want)
	}
	if sealed, err := b.Verify(b.t.Context()); err != nil || sealed.Waiting != 0 {
		b.t.Errorf("the chain: %+v, %v", sealed, err)
	}
}

func numbers(from, to int64) []int64 {
	var all []int64
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

// texts are the sealed entries as they are stored.
func (b *bench) texts() []string {
	b.t.Helper()
	var texts []string
	b.ok(b.walk(b.t.Context(), func(m redis.XMessage) error { texts = append(texts, fmt.Sprint(m.Values["entry"])); return nil }))
	return texts
}

// replace is somebody with the Redis who writes the sealed stream again.
func (b *bench) replace(texts []string) {
	b.t.Helper()
	ctx := context.Background()
	b.redis.Del(ctx, b.keys.sealed())
	for _, text := range texts {
		b.ok(b.redis.XAdd(ctx, &redis.XAddArgs{Stream: b.keys.sealed(), Values: []string{"entry", text}}).Err())
	}
}

func decoded(t *testing.T, text string) Entry {
	t.Helper()
	var e Entry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// warnings counts what was logged at a level.
func (b *bench) warnings(level logrus.Level) (n int) {
	for _, e := range b.logged.AllEntries() {
		if e.Level == level {
			n++
		}
	}
	return n
}

func timeID(ms int64) string { return fmt.Sprintf("%d-0", ms) }
