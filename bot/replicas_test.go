package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

func TestAWriteThatReachesAReplicaIsASuccess(t *testing.T) {
	t.Parallel()
	primary, _ := replicated(t)
	in := replicating(primary.Client(), 1)
	for _, e := range []bot.Envelope{command("e1", "t1"), press("e2", "t2")} {
		redistest.Until(t, "a put to reach the replica", func() bool { _, err := in.Put(t.Context(), e); return err == nil })
	}
	if n := calls(t, primary, "eval"); n != 1 {
		t.Errorf("the script was sent %d times", n)
	}
}

// What was written before, and may not have reached the replica, is no more acked
// than the first time.
func TestAnEnvelopeThatComesAgainWaitsForItsReplicaToo(t *testing.T) {
	t.Parallel()
	primary, network := replicated(t)
	<-network.Stop("ACK")
	for range 2 {
		in := replicating(primary.Client(), 1)
		if _, err := in.Put(context.Background(), command("e1", "t1")); !errors.Is(err, store.ErrReplicas) {
			t.Errorf("kept without a replica: %v", err)
		}
	}
}

// replicating is an inbox whose writes have to reach some replicas.
func replicating(client redis.UniversalClient, replicas int) *bot.Inbox {
	return bot.NewInbox(bot.InboxConfig{Redis: client, Durable: store.Durable(client, replicas), Deadline: 3 * time.Second, Log: quiet()})
}

// replicated is a primary with one replica, and the network between them.
func replicated(t *testing.T) (*redistest.Server, *redistest.Proxy) {
	primary := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	network := redistest.StartProxy(t, primary.Addr)
	host, port, _ := strings.Cut(network.Addr, ":")
	redistest.Start(t, "--replicaof", host+" "+port)
	redistest.Until(t, "the replica to follow", func() bool {
		return strings.Contains(primary.Client().Info(context.Background(), "replication").Val(), "state=online")
	})
	return primary, network
}

// Sentinels may put a replica in the place of a primary that lives: the other
// replica then takes the old primary's writes until it is told. A write that all
// replicas have is in whichever of them comes next.
func TestAFailoverOfAPrimaryThatLivesLosesNothing(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartWatched(t, 2)
	in := replicating(nodes.Client(), 2)
	var kept sync.Map
	ctx, stop := context.WithCancel(context.Background())
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprintf("e%d-%d", w, n)
				if _, err := in.Put(context.Background(), event(id, id)); err == nil {
					kept.Store(id, true)
				}
			}
		})
	}
	nodes.Switch()
	nodes.AwaitReplicas(2)
	redistest.Until(t, "a put to reach both", func() bool { _, err := in.Put(ctx, event("last", "last")); return err == nil })
	stop()
	writers.Wait()
	all, lost := 0, 0
	client := nodes.Primary().Client()
	kept.Range(func(id, _ any) bool {
		n, err := client.Exists(context.Background(), "{cbhbot}:seen:"+id.(string)).Result()
		if err != nil {
			t.Fatal(err)
		}
		all, lost = all+1, lost+1-int(n)
		return true
	})
	t.Logf("%d were kept", all)
	if all == 0 || lost > 0 {
		t.Errorf("%d of %d are lost", lost, all)
	}
}
