package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store/redistest"
)

func opened(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	client, err := openRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

var (
	echoes = redis.NewScript(`redis.call('INCR', KEYS[1]); if ARGV[1] == 'fails' then return redis.error_reply('ERR as asked') end; return ARGV[1]`)
	counts = redis.NewScript(`return redis.call('GET', KEYS[1])`)
)

// Many scripts at once get each its own answer or error, on few connections.
func TestScriptsShareRoundTrips(t *testing.T) {
	t.Parallel()
	one := redistest.Start(t)
	for name, url := range map[string]string{"one Redis": one.URL(), "Cluster": redistest.StartCluster(t).URL()} {
		client := opened(t, url)
		for i := range 7 { // each node knows the script from then on, and has no need of its source
			if err := echoes.Run(t.Context(), client, []string{fmt.Sprint("{", i, "}")}, "").Err(); err != nil {
				t.Fatal(err)
			}
		}
		var group sync.WaitGroup
		for i := range 400 {
			group.Go(func() {
				says := fmt.Sprint(i)
				if i%10 == 0 {
					says = "fails"
				}
				answer, err := echoes.Run(t.Context(), client, []string{fmt.Sprint("{", i%7, "}")}, says).Text()
				if failed := err != nil && strings.Contains(err.Error(), "as asked"); failed != (i%10 == 0) || !failed && (err != nil || answer != says) {
					t.Errorf("%s: %s got %q, %v", name, says, answer, err)
				}
			})
		}
		group.Wait()
	}
	stats := one.Client().Info(t.Context(), "stats").Val()
	var connections int
	if _, after, ok := strings.Cut(stats, "total_connections_received:"); ok {
		fmt.Sscan(after, &connections)
	}
	if connections == 0 || connections > 64 {
		t.Errorf("%d connections", connections)
	}
}

// hung is a client on a bad network all of whose lone scripts are stuck.
func hung(t *testing.T) (client redis.UniversalClient, p *redistest.Proxy, over func()) {
	t.Helper()
	p = redistest.StartProxy(t, redistest.Start(t).Addr)
	client = opened(t, p.URL())
	if err := echoes.Run(t.Context(), client, []string{"warm"}, "").Err(); err != nil {
		t.Fatal(err)
	}
	var stuck sync.WaitGroup
	for range scriptsAlone {
		met := p.Stop("hangs")
		stuck.Go(func() { _ = echoes.Run(t.Context(), client, []string{"stuck"}, "hangs").Err() })
		<-met
	}
	return client, p, stuck.Wait
}

func TestConnectionsThatHangDelayNobodyElse(t *testing.T) {
	t.Parallel()
	client, _, over := hung(t)
	began := time.Now()
	if answer, err := echoes.Run(t.Context(), client, []string{"k"}, "here").Text(); answer != "here" || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
	if took := time.Since(began); took > 2500*time.Millisecond { // behind those that hang it would be 3 s
		t.Errorf("after %s", took)
	}
	over()
	if answer, err := echoes.Run(t.Context(), client, []string{"k"}, "again").Text(); answer != "again" || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
}

// A pipeline that hangs, too, delays those that are in it.
func TestAPipelineThatHangsDelaysItsOwnAlone(t *testing.T) {
	t.Parallel()
	var late []int32
	for range 3 { // a machine that stands still delays all of them
		n := delayed(t)
		if n > 0 && n <= pipelineMost {
			return
		}
		late = append(late, n)
	}
	t.Errorf("%d were late", late)
}

// delayed is how many scripts are late beside a pipeline that hangs.
func delayed(t *testing.T) int32 {
	t.Helper()
	client, p, over := hung(t)
	p.Stop("hangs")
	var group sync.WaitGroup
	var late atomic.Int32
	began := time.Now()
	for i := range 4 * pipelineMost {
		says := map[bool]string{true: "hangs", false: "here"}[i == 0]
		group.Go(func() {
			if answer, err := echoes.Run(t.Context(), client, []string{"k"}, says).Text(); answer != says || err != nil {
				t.Errorf("%q, %v", answer, err)
			}
			if time.Since(began) > 2*time.Second {
				late.Add(1)
			}
		})
	}
	group.Wait()
	over()
	return late.Load()
}

// A script whose caller has gone away while it waited does nothing.
func TestAScriptThatIsGivenUpIsNotSent(t *testing.T) {
	t.Parallel()
	client, _, over := hung(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := echoes.Run(gone, client, []string{"k"}, "gone").Err(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n, err := counts.Run(t.Context(), client, []string{"k"}).Result(); !errors.Is(err, redis.Nil) {
		t.Errorf("it was run: %v, %v", n, err)
	}
	over()
}

// A connection that breaks, before an answer or in the middle of one, fails none of the
// scripts that were on it.
func TestScriptsOutliveTheirPipeline(t *testing.T) {
	t.Parallel()
	for _, breaks := range []func(*redistest.Proxy, int, ...string) <-chan struct{}{(*redistest.Proxy).Lose, (*redistest.Proxy).Tear} {
		outlived(t, breaks)
	}
}

func outlived(t *testing.T, breaks func(*redistest.Proxy, int, ...string) <-chan struct{}) {
	t.Helper()
	client, p, over := hung(t)
	lost := breaks(p, 1, "lost")
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			says := fmt.Sprint("lost ", i)
			if answer, err := echoes.Run(t.Context(), client, []string{says}, says).Text(); answer != says || err != nil {
				t.Errorf("%s got %q, %v", says, answer, err)
			}
		})
	}
	group.Wait()
	select {
	case <-lost:
	default:
		t.Error("no answer was lost")
	}
	over()
}
