package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store/redistest"
)

// TestAllScriptsRunOnACluster goes through every script, also after the slot has
// moved to another primary.
func TestAllScriptsRunOnACluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t)
	b := newBenchOn(t, cluster.Client())
	b.allScripts("s1")
	cluster.Move(DefaultPrefix)
	b.allScripts("s2")
}

func (b *bench) allScripts(server string) {
	b.t.Helper()
	ctx := context.Background()
	r := b.asked(server)
	r.CreatedAt, r.ChangedAt = time.Now(), time.Now()
	r = b.commits(create(r, "event "+server)).Request
	b.load(r.ID)
	if err := b.Note(ctx, r, create(r, "").Entry); err != nil {
		b.t.Fatal(err)
	}
	if _, _, err := b.Sweep(ctx); err != nil {
		b.t.Fatal(err)
	}
	l := b.take(b.Store, Show)
	if err := b.Renew(ctx, Show, []Lease{l}); err != nil {
		b.t.Fatal(err)
	}
	b.grants(r.ID, "C", FieldCard)
	b.settles(l, time.Time{}, map[string]string{FieldCard: "1.0", FieldCounter: "1"})
}

func TestACommitReachesTheReplicasOrSaysSo(t *testing.T) {
	t.Parallel()
	w := redistest.StartWatched(t, 1)
	b := newBenchOn(t, w.Client())
	b.Store = New(b.redis, Options{Durable: Durable(b.redis, 1)})
	r := b.made("s") // with EVAL, because no script is known yet
	b.commits(b.change(r, r.CreatedAt))
	b.Store = New(b.redis, Options{Durable: Durable(b.redis, 2)})
	_, err := b.Commit(context.Background(), create(b.asked("other"), "event"))
	if !errors.Is(err, ErrReplicas) {
		t.Fatalf("%v", err)
	}
	if _, err := b.Asked(context.Background(), "event"); err != nil {
		t.Errorf("what stands on the primary is forgotten: %v", err)
	}
}

// TestReplicasAreWaitedForOnTheNodeThatHasTheSlot: where the slot is, is known
// from before it moved.
func TestReplicasAreWaitedForOnTheNodeThatHasTheSlot(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t)
	b := newBenchOn(t, cluster.Client())
	b.Store = New(b.redis, Options{Durable: Durable(b.redis, 1)})
	asked := b.asked("s")
	asked.CreatedAt, asked.ChangedAt = time.Now(), time.Now()
	for range 2 {
		if _, err := b.Commit(context.Background(), create(asked, "event")); !errors.Is(err, ErrReplicas) {
			t.Fatalf("a primary without replicas: %v", err)
		}
		cluster.Move(DefaultPrefix)
	}
}

// TestScriptsThatRedisHasForgottenAreSentAgain: it was restarted.
func TestScriptsThatRedisHasForgottenAreSentAgain(t *testing.T) {
	b := newBench(t)
	b.allScripts("s1")
	if err := b.redis.ScriptFlush(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	b.allScripts("s2")
}

// TestAnAnswerThatIsLostOnTheWayIsNoSecondRequest: the client repeats the script.
func TestAnAnswerThatIsLostOnTheWayIsNoSecondRequest(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "no")
	proxy := redistest.StartProxy(t, server.Addr)
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr, ContextTimeoutEnabled: true})
	defer client.Close()
	b := newBenchOn(t, client)
	b.made("s1")
	lost := proxy.Lose(1, "evalsha", "env-1")
	r := b.commits(create(b.asked("s2"), "env-1")).Request
	<-lost
	if page, total, err := b.List(context.Background(), IndexAll, 0, 10); err != nil || total != 2 || page[0].ID != r.ID {
		t.Errorf("%d requests, %v", total, err)
	}
}
