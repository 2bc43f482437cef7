package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is what the Sentinels call their primary.
const MasterName = "cbhbot"

const sentinels = 3

// Watched is a primary with replicas and the three Sentinels that replace it
// when it dies.
type Watched struct {
	Nodes []*Server // the first began as the primary

	t        testing.TB
	watchers []*Server
	hosts    []string // of the watchers
}

// StartWatched runs a primary, its replicas and three Sentinels, and waits until
// all of them know each other.
func StartWatched(t testing.TB, replicas int) *Watched {
	t.Helper()
	quick := []string{"--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"}
	w := &Watched{t: t, Nodes: []*Server{Start(t, quick...)}}
	for range replicas {
		w.Nodes = append(w.Nodes, Start(t, append(quick, "--replicaof", strings.Replace(w.Nodes[0].Addr, ":", " ", 1))...))
	}
	w.AwaitReplicas(replicas) // a Sentinel that finds none at first looks again after 10 s only
	for range sentinels {
		watcher := StartSentinel(t, w.Nodes[0].Addr)
		w.watchers, w.hosts = append(w.watchers, watcher), append(w.hosts, watcher.Addr)
	}
	for _, watcher := range w.watchers {
		Until(t, "the Sentinels to know everybody", func() bool { return knows(watcher, replicas) })
	}
	return w
}

// StartSentinel runs one Sentinel that watches a primary and calls it MasterName.
// args are further arguments.
func StartSentinel(t testing.TB, primary string, args ...string) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(primary)
	own, dir := FreePort(t), folder(t) // it syncs its file at each change, and one that waits for a disk does nothing for half a minute
	config := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\n", own, dir) +
		fmt.Sprintf("sentinel monitor %s %s %s 2\n", MasterName, host, port) +
		fmt.Sprintf("sentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 3000\n", MasterName, MasterName)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, Addr: fmt.Sprintf("127.0.0.1:%d", own), args: append([]string{config, "--sentinel"}, args...)}
	s.Restart()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the Sentinel at %s said: %s", s.Addr, s.out)
		}
	})
	t.Cleanup(s.Kill)
	return s
}

// knows reports whether a Sentinel has met all others and all replicas.
func knows(watcher *Server, replicas int) bool {
	client := redis.NewSentinelClient(&redis.Options{Addr: watcher.Addr})
	defer client.Close()
	state, err := client.Master(context.Background(), MasterName).Result()
	return err == nil && state["num-other-sentinels"] == fmt.Sprint(sentinels-1) && state["num-slaves"] == fmt.Sprint(replicas)
}

// worried reports whether a Sentinel takes any node for down: it would begin another
// failover behind the one that is wanted.
func worried(watcher *Server) bool {
	client := redis.NewSentinelClient(&redis.Options{Addr: watcher.Addr})
	defer client.Close()
	primary, err := client.Master(context.Background(), MasterName).Result()
	replicas, failed := client.Replicas(context.Background(), MasterName).Result()
	nodes := append(replicas, primary)
	return err != nil || failed != nil || slices.ContainsFunc(nodes, func(node map[string]string) bool {
		return node["flags"] != "master" && node["flags"] != "slave"
	})
}

// AwaitReplicas waits until the primary has that many replicas in step.
func (w *Watched) AwaitReplicas(n int) {
	w.t.Helper()
	Until(w.t, "the replicas to follow the primary", func() bool {
		client := redis.NewClient(&redis.Options{Addr: w.Primary().Addr})
		defer client.Close()
		info, err := client.Info(context.Background(), "replication").Result()
		return err == nil && strings.Count(info, "state=online") >= n
	})
}

// Primary is the server that the Sentinels call the primary at this moment.
func (w *Watched) Primary() *Server {
	for _, watcher := range w.watchers {
		if node := w.named(watcher); node != nil {
			return node
		}
	}
	return w.Nodes[0]
}

// named is the server that one Sentinel calls the primary; nil when it does not
// answer.
func (w *Watched) named(watcher *Server) *Server {
	client := redis.NewSentinelClient(&redis.Options{Addr: watcher.Addr})
	defer client.Close()
	address, err := client.GetMasterAddrByName(context.Background(), MasterName).Result()
	if err != nil {
		return nil
	}
	for _, node := range w.Nodes {
		if node.Addr == net.JoinHostPort(address[0], address[1]) {
			return node
		}
	}
	return nil
}

// FailOver kills the primary (SIGKILL), waits until all Sentinels have put another
// in its place and the replicas follow that one, and returns the dead one. Were it
// started before, those who still think it the primary would have writes of theirs
// taken, and lost when it is told.
func (w *Watched) FailOver() *Server {
	w.t.Helper()
	Until(w.t, "the Sentinels to see everybody well", func() bool { return !slices.ContainsFunc(w.watchers, worried) })
	old := w.Primary()
	old.Kill()
	w.awaitAnother(old)
	w.AwaitReplicas(len(w.Nodes) - 2)
	return old
}

// Return starts a dead node again and has it follow the primary, which Sentinels
// see to after a while too, and waits until it does.
func (w *Watched) Return(old *Server) {
	w.t.Helper()
	old.Restart()
	host, port, _ := net.SplitHostPort(w.Primary().Addr)
	client := old.Client()
	Until(w.t, "the one that was dead to have read its data", func() bool { return client.SlaveOf(context.Background(), host, port).Err() == nil })
	w.AwaitReplicas(len(w.Nodes) - 1)
}

// Switch has the Sentinels put a replica in the place of a primary that lives, as
// they do with one that was slow to answer them, and waits until all of them have. A
// failover that takes a replica too long is given up, and asked for again.
func (w *Watched) Switch() {
	w.t.Helper()
	old, first := w.Primary(), w.watchers[0]
	client := redis.NewSentinelClient(&redis.Options{Addr: first.Addr})
	defer client.Close()
	Until(w.t, "a failover", func() bool {
		if w.named(first) != old {
			return true
		}
		_ = client.Failover(context.Background(), MasterName) // refused while one is under way
		return false
	})
	w.awaitAnother(old)
}

func (w *Watched) awaitAnother(old *Server) {
	w.t.Helper()
	Until(w.t, "another primary", func() bool {
		return !slices.ContainsFunc(w.watchers, func(watcher *Server) bool { return w.named(watcher) == old })
	})
}

// PartReplicas cuts the replicas off, so that the primary alone has what is written
// next. They stand still until the returned function lets them go on.
func (w *Watched) PartReplicas() (join func()) {
	w.t.Helper()
	primary := w.Primary()
	replicas := slices.DeleteFunc(slices.Clone(w.Nodes), func(node *Server) bool { return node == primary })
	for _, node := range replicas {
		node.signal(syscall.SIGSTOP)
	}
	client := redis.NewClient(&redis.Options{Addr: primary.Addr})
	defer client.Close()
	if err := client.ClientKillByFilter(context.Background(), "TYPE", "replica").Err(); err != nil {
		w.t.Fatal(err)
	}
	return func() {
		for _, node := range replicas {
			node.signal(syscall.SIGCONT)
		}
	}
}

// URL is the REDIS_URL that names the Sentinels.
func (w *Watched) URL() string {
	return "redis-sentinel://" + strings.Join(w.hosts, ",") + "/" + MasterName + "/0"
}

// Client follows the primary; it is closed when the test ends.
func (w *Watched) Client() redis.UniversalClient {
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: w.hosts, MasterName: MasterName, ContextTimeoutEnabled: true})
	w.t.Cleanup(func() { client.Close() })
	return client
}

// patience is how long anything is waited for: Sentinels that a busy machine held up do nothing for half a minute, and again.
const patience = 2 * time.Minute

// Until polls a condition, the more seldom the longer it takes: what many tests wait for at
// the same time leaves the processor to what they wait for.
func Until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for begin := time.Now(); !done(); {
		waited := time.Since(begin)
		if waited > patience {
			t.Fatalf("waited in vain for %s", what)
		}
		<-time.After(min(max(waited/4, 5*time.Millisecond), 25*time.Millisecond))
	}
}
