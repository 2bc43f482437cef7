package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

var (
	tortureFor  = flag.Duration("torture.for", 16*time.Second, "how long the torture lasts")
	tortureSeed = flag.Int64("torture.seed", 0, "repeats a torture; 0 draws a seed")
)

const (
	tortureReplicas  = 3
	tortureInstances = 400
	settleFor        = 100 * time.Second
)

// torture is bots that are killed at random, a Redis that is killed at random,
// and faults in Slack and the cloud, while people ask and press.
type torture struct {
	*world
	random *rand.Rand
	rdb    redis.UniversalClient
	fault  func() // what Redis suffers now and then
	mu     sync.Mutex
	bots   []*process

	asked     []askedFor // commands that were acked
	pressed   int        // presses that were acked
	decided   []string   // instances with such a press
	kills     int
	decisions []time.Duration // from press to decision on the card
	recovered []time.Duration // from kill to the next command's card
}

// askedFor is one acked command: its instance and reason are its own.
type askedFor struct {
	instance string
	at       time.Time
}

// TestTorture spends half of its time with one Redis that is killed and comes
// back, and half with Sentinels that put a replica in the place of a killed
// primary. A short one does both at once.
func TestTorture(t *testing.T) {
	t.Parallel()
	seed := *tortureSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("repeat with -torture.seed=%d", seed)
	short := *tortureFor < time.Minute
	t.Run("one Redis", func(t *testing.T) {
		if short {
			t.Parallel()
		}
		server := redistest.Start(t)
		o := newTorture(t, seed, server.Client(), "REDIS_URL="+server.URL())
		o.fault = func() { server.Kill(); server.Restart() }
		o.run(*tortureFor / 2)
	})
	t.Run("Sentinel", func(t *testing.T) {
		if short {
			t.Parallel()
		}
		nodes := redistest.StartWatched(t, 2)
		o := newTorture(t, seed, nodes.Client(), "REDIS_URL="+nodes.URL(), "REDIS_WAIT_REPLICAS=1")
		o.fault = func() { nodes.FailOver().Restart(); nodes.AwaitReplicas(1) }
		o.run(*tortureFor / 2)
	})
}

func (o *torture) run(duration time.Duration) {
	end := time.Now().Add(duration)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() { o.people(worker, end) })
	}
	group.Go(func() { o.killer(end) })
	group.Wait()
	o.calm()
	o.report()
}

func newTorture(t *testing.T, seed int64, rdb redis.UniversalClient, env ...string) *torture {
	w := newWorld(t, cbhemu.Options{Instances: bastions(tortureInstances)}, append(env, "CBHBOT_LOG_LEVEL=warn")...)
	o := &torture{world: w, rdb: rdb, random: rand.New(rand.NewSource(seed))}
	for range tortureReplicas {
		o.bots = append(o.bots, w.start())
	}
	w.slack.SetFaults(slackemu.Faults{
		Duplicate: 0.1, RetryClicks: true,
		Methods: map[string]slackemu.MethodFault{
			"chat.update": {Times: 5, RetryAfter: 1, Status: 429}, "users.info": {Times: 3, Status: 503},
		},
	})
	return o
}

// bastions are n instances that can be upgraded.
func bastions(n int) []cbhemu.Instance {
	var instances []cbhemu.Instance
	for i := range n {
		instances = append(instances, cbhemu.Instance{
			ServerID: fmt.Sprintf("server-%04d", i), Name: fmt.Sprintf("bastion-%04d", i), Version: "3.3.49.0",
			Path: []cbhemu.Step{{Version: "3.3.52.1"}},
		})
	}
	return instances
}

// draw takes a number from the seeded source, which one goroutine may use at a time.
func (o *torture) draw(n int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.random.Intn(n)
}

// people ask for upgrades and approve them, and try again when Slack tells them
// that it did not work, as people do.
func (o *torture) people(worker int, end time.Time) {
	for n := worker; time.Now().Before(end) && n < tortureInstances; n += 4 {
		name := fmt.Sprintf("bastion-%04d", n)
		d := o.slack.As(rita).Command(slackemu.ChannelOps, "/cbh", "upgrade "+name+" in 3 days at 2am -- torture")
		if !d.Acked {
			continue
		}
		start := time.Now()
		o.mu.Lock()
		o.asked = append(o.asked, askedFor{name, start})
		o.mu.Unlock()
		if card := o.cardOf(name, 20*time.Second); card != "" {
			o.press(card, name)
		}
	}
}

// cardOf waits for the card of an instance.
func (o *torture) cardOf(name string, patience time.Duration) string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := o.slack.As(ana).WaitMessage(ctx, slackemu.ChannelOps, func(m slackemu.Message) bool {
		return m.ThreadTS == "" && m.EphemeralFor == "" && strings.Contains(m.Text, "Upgrade "+name+",")
	})
	if err != nil {
		return ""
	}
	return m.TS
}

// press has both approvers press in the same instant.
func (o *torture) press(card, name string) {
	start := time.Now()
	var group sync.WaitGroup
	acked := make(chan bool, 2)
	for _, user := range []string{ana, bo} {
		group.Go(func() {
			for _, m := range o.slack.As(user).Sees(slackemu.ChannelOps) {
				if m.TS == card {
					acked <- m.Action("Approve").Click().Acked
				}
			}
		})
	}
	group.Wait()
	close(acked)
	got := 0
	for ok := range acked {
		if ok {
			got++
		}
	}
	o.mu.Lock()
	o.pressed += got
	if got > 0 {
		o.decided = append(o.decided, name)
	}
	o.mu.Unlock()
	if got > 0 && o.isDecided(card, 30*time.Second) {
		o.mu.Lock()
		o.decisions = append(o.decisions, time.Since(start))
		o.mu.Unlock()
	}
}

func (o *torture) isDecided(card string, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := o.slack.As(ana).WaitMessage(ctx, slackemu.ChannelOps, func(m slackemu.Message) bool {
		return m.TS == card && !strings.Contains(m.Text, "waiting for approval")
	})
	return err == nil
}

// killer kills bots, and now and then Redis, and starts them again.
func (o *torture) killer(end time.Time) {
	for time.Now().Before(end) {
		pause := time.NewTimer(time.Duration(300+o.draw(1500)) * time.Millisecond)
		<-pause.C
		o.kills++
		if o.draw(6) == 0 {
			o.fault()
			continue
		}
		victim := o.draw(len(o.bots))
		o.bots[victim].kill()
		start := time.Now()
		o.bots[victim] = o.start()
		o.recovered = append(o.recovered, time.Since(start))
	}
}

// calm takes the faults away and waits until nothing moves any more.
func (o *torture) calm() {
	o.slack.SetFaults(slackemu.Faults{})
	o.cloud.ClearFaults()
	ctx, cancel := context.WithTimeout(context.Background(), settleFor)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !o.settled(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// settled reports whether no work is left and no request is on its way.
func (o *torture) settled(ctx context.Context) bool {
	rdb := o.rdb
	inbox, err1 := rdb.XLen(ctx, approvals.DefaultPrefix+"inbox").Result()
	effects, err2 := rdb.XLen(ctx, approvals.DefaultPrefix+"effects").Result()
	if err1 != nil || err2 != nil || inbox+effects > 0 {
		return false
	}
	for _, r := range o.requests(ctx) {
		if r.State == approvals.Approved || r.State == approvals.Executing || r.State == approvals.Unknown {
			return false
		}
	}
	return true
}

func (o *torture) requests(ctx context.Context) []approvals.Request {
	all, _, err := approvals.NewStore(o.rdb, approvals.DefaultPrefix, 0).List(ctx, approvals.IndexAll, 0, 10_000)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// report counts what the promises are about, and fails when one is broken.
func (o *torture) report() {
	ctx := context.Background()
	requests := o.requests(ctx)
	posts, cards := o.tally()
	lost, double, doubleCards, wedged, unknown := 0, 0, 0, 0, 0
	byName := map[string]approvals.Request{}
	for _, r := range requests {
		byName[r.Target.Name] = r
		switch r.State {
		case approvals.Unknown:
			unknown++
		case approvals.Approved, approvals.Executing:
			wedged++
		case approvals.Scheduled:
			if posts[r.Target.ServerID] == 0 {
				o.t.Errorf("%s is scheduled and was never called", r.Name())
			}
		}
	}
	for _, a := range o.asked {
		if _, ok := byName[a.instance]; !ok || cards[a.instance] == 0 {
			lost++
			o.t.Errorf("the command for %s was acked and is lost", a.instance)
		}
	}
	for _, name := range o.decided {
		if byName[name].State == approvals.Pending {
			lost++
			o.t.Errorf("a press for %s was acked and is lost", name)
		}
	}
	for id, n := range posts {
		if n > 1 {
			double++
			o.t.Errorf("%s was called %d times", id, n)
		}
	}
	for _, n := range cards {
		doubleCards += max(0, n-1)
	}
	o.t.Logf(`%s
| commands acked | presses acked | kills | requests | POSTs | cards | second cards | lost | double POSTs | wedged | unknown left |
|---|---|---|---|---|---|---|---|---|---|---|
| %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |
press to decision p50 %s, p99 %s; kill to two sockets again p50 %s, p99 %s`,
		o.t.Name(), len(o.asked), o.pressed, o.kills, len(requests), o.posts(), sum(cards), doubleCards, lost, double, wedged, unknown,
		quantile(o.decisions, .5), quantile(o.decisions, .99), quantile(o.recovered, .5), quantile(o.recovered, .99))
	if wedged+unknown > 0 || len(o.asked) == 0 || o.pressed == 0 {
		o.t.Errorf("%d requests wedged, %d unknown, %d commands, %d presses", wedged, unknown, len(o.asked), o.pressed)
	}
	if _, err := approvals.NewStore(o.rdb, approvals.DefaultPrefix, 0).VerifyAudit(ctx); err != nil {
		o.t.Errorf("the audit: %v", err)
	}
}

// tally counts calls by server id and cards by instance.
func (o *torture) tally() (posts, cards map[string]int) {
	posts, cards = map[string]int{}, map[string]int{}
	for _, r := range o.cloud.Requests(cbhemu.OpUpgrade) {
		_, rest, _ := strings.Cut(r.Body, `"server_id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		posts[id]++
	}
	for _, m := range o.slack.Messages(slackemu.ChannelOps) {
		if _, rest, ok := strings.Cut(m.Text, ": Upgrade "); ok && m.ThreadTS == "" && m.EphemeralFor == "" {
			name, _, _ := strings.Cut(rest, ",")
			cards[name]++
		}
	}
	return posts, cards
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))].Round(time.Millisecond)
}
