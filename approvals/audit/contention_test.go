package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals/store/redistest"
)

// crowd is 48 writers and the sealers of two processes on one Redis.
type crowd struct {
	*bench
	writers, each int
	addr          string
	mu            sync.Mutex
	last          atomic.Int64     // request
	ids           map[string]int64 // among those that wait -> request
	slowest       time.Duration    // append
	lag           time.Duration    // the longest that was seen
}

// TestManyWritersWaitForNoSeal wants every entry once, in the order in which Redis
// took it, with few scripts an entry: on a quick network, and on one that holds each
// command for a millisecond.
func TestManyWritersWaitForNoSeal(t *testing.T) {
	t.Parallel()
	for _, slow := range []time.Duration{0, time.Millisecond} {
		b := newBench(t)
		proxy := redistest.StartProxy(t, b.server.Addr)
		proxy.Slow(slow)
		c := &crowd{bench: b, writers: 48, each: 100, addr: proxy.Addr, ids: map[string]int64{}}
		if slow == 0 {
			c.addr = b.server.Addr
		}
		b.redis.ConfigResetStat(t.Context())
		begin := time.Now()
		c.writeAndSeal()
		took := time.Since(begin)
		all, scripts := c.writers*c.each, b.scripts()
		t.Logf("+%s: %d entries (%.0f/s), %d scripts (%.3f each), slowest append %s, longest lag %s",
			slow, all, float64(all)/took.Seconds(), scripts, float64(scripts)/float64(all), c.slowest, c.lag)
		if scripts > all/10 {
			t.Errorf("%d scripts for %d entries", scripts, all)
		}
		if c.lag > 5*time.Second && c.lag > took*9/10 { // as if nothing were sealed meanwhile
			t.Errorf("an entry waited %s", c.lag)
		}
		b.holds(c.inOrder())
	}
}

// writeAndSeal returns when all is written and the sealers have ended.
func (c *crowd) writeAndSeal() {
	ctx, stop := context.WithCancel(c.t.Context())
	var writers, sealers sync.WaitGroup
	// A write whose answer is late is not made again: that would be another entry.
	writing := redis.NewClient(&redis.Options{Addr: c.addr, PoolSize: c.writers, MaxRetries: -1, ReadTimeout: time.Minute, PoolTimeout: time.Minute})
	defer writing.Close()
	for range 2 {
		process := c.process(c.addr)
		sealers.Go(func() { process.Run(ctx) })
		for range c.writers / 2 {
			writers.Go(func() { c.write(writing) })
		}
	}
	sealers.Go(func() { c.watch(ctx) })
	writers.Wait()
	stop()
	sealers.Wait()
}

func (c *crowd) write(client redis.UniversalClient) {
	for range c.each {
		request, begin := c.last.Add(1), time.Now()
		id, err := client.XAdd(context.Background(), &redis.XAddArgs{
			Stream: Stream(prefix), Values: []string{"entry", string(entry(0).Encode()), "request", strconv.FormatInt(request, 10)},
		}).Result()
		if err != nil {
			c.t.Error(err)
		}
		c.mu.Lock()
		c.slowest = max(c.slowest, time.Since(begin))
		c.ids[id] = request
		c.mu.Unlock()
	}
}

func (c *crowd) watch(ctx context.Context) {
	for ctx.Err() == nil {
		if _, age, err := c.Lag(ctx); err == nil {
			c.lag = max(c.lag, age)
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// inOrder are the requests in the order in which Redis took their entries.
func (c *crowd) inOrder() []int64 {
	ids := slices.SortedFunc(maps.Keys(c.ids), func(a, b string) int {
		return cmp.Or(timeOf(a).Compare(timeOf(b)), cmp.Compare(len(a), len(b)), strings.Compare(a, b)) // -10 behind -9
	})
	var requests []int64
	for _, id := range ids {
		requests = append(requests, c.ids[id])
	}
	return requests
}

// scripts is how many scripts Redis has run.
func (b *bench) scripts() (n int) {
	for _, line := range strings.Split(b.redis.Info(context.Background(), "commandstats").Val(), "\r\n") {
		for _, command := range []string{"eval", "evalsha"} {
			var calls int
			if _, err := fmt.Sscanf(line, "cmdstat_"+command+":calls=%d,", &calls); err == nil {
				n += calls
			}
		}
	}
	return n
}

// BenchmarkSeal seals entries that wait, as many as there are.
func BenchmarkSeal(b *testing.B) {
	client := redistest.Start(b).Client()
	log := New(client, prefix, logrus.New(), nil)
	text := string(entry(1).Encode())
	for i := 0; i < b.N; i += 1000 {
		_, err := client.Pipelined(b.Context(), func(pipe redis.Pipeliner) error {
			for range min(1000, b.N-i) {
				pipe.XAdd(b.Context(), &redis.XAddArgs{Stream: Stream(prefix), Values: []string{"entry", text}})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	if err := log.seal(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
