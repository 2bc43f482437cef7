package redistest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestAFailoverKeepsWhatAReplicaHas(t *testing.T) {
	t.Parallel()
	w := StartWatched(t, 2)
	rdb, ctx := w.Client(), context.Background()
	if err := rdb.Set(ctx, "kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n := rdb.Do(ctx, "WAIT", 2, 2000).Val(); n != int64(2) {
		t.Fatalf("%v replicas", n)
	}
	w.FailOver().Restart()
	Until(t, "the key on the other primary", func() bool { return rdb.Get(ctx, "kept").Val() == "yes" })
	w.AwaitReplicas(2)
}

func TestAMovedSlotIsFollowed(t *testing.T) {
	t.Parallel()
	c := StartCluster(t)
	rdb, ctx := c.Client(), context.Background()
	if err := rdb.Set(ctx, "{cbhbot}:kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	before := c.owner(c.do(0, "CLUSTER", "KEYSLOT", "{cbhbot}").(int64))
	c.Move("{cbhbot}")
	if got, err := rdb.Get(ctx, "{cbhbot}:kept").Result(); got != "yes" {
		t.Fatalf("%q, %v", got, err)
	}
	if after := c.owner(c.do(0, "CLUSTER", "KEYSLOT", "{cbhbot}").(int64)); after == before {
		t.Fatal("the slot is where it was")
	}
}

func TestTheProxyIsABadNetwork(t *testing.T) {
	t.Parallel()
	server := Start(t)
	p := StartProxy(t, server.Addr)
	rdb := redis.NewClient(&redis.Options{Addr: p.Addr, MaxRetries: -1, ContextTimeoutEnabled: true})
	defer rdb.Close()
	ctx := context.Background()
	lost := p.Lose(1, "SET", "half")
	if err := rdb.Set(ctx, "half", "done", 0).Err(); err == nil {
		t.Error("an answer came through")
	}
	<-lost
	if got := rdb.Get(ctx, "half").Val(); got != "done" {
		t.Errorf("the command whose answer was lost left %q", got)
	}
	stopped := p.Stop("never")
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := rdb.Set(short, "never", "x", 0).Err(); err == nil || server.Client().Exists(ctx, "never").Val() != 0 {
		t.Errorf("a stopped command arrived: %v", err)
	}
	<-stopped
	p.Slow(30 * time.Millisecond)
	if start := time.Now(); rdb.Ping(ctx).Err() != nil || time.Since(start) < 30*time.Millisecond {
		t.Errorf("the slow network took %s", time.Since(start))
	}
	p.Slow(0)
	p.Cut()
	if err := rdb.Ping(ctx).Err(); err != nil && !strings.Contains(err.Error(), "EOF") && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
}
