package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
)

// bench is an engine on a real Redis, whose clock can be moved ahead.
type bench struct {
	t      *testing.T
	redis  redis.UniversalClient
	prefix string
	store  *store.Store
	engine *Engine
	people *people
	cloud  *cloud
	screen *screen
	policy *policy.Policy

	mu    sync.Mutex
	ahead time.Duration
}

func newBench(t *testing.T) *bench {
	t.Parallel()
	return newBenchOn(t, redistest.Start(t, "--appendonly", "no").Client(), store.DefaultPrefix)
}

// newBenchOn is a deployment of its own on a server.
func newBenchOn(t *testing.T, client redis.UniversalClient, prefix string) *bench {
	b := &bench{t: t, redis: client, prefix: prefix, cloud: newCloud(), screen: newScreen()}
	b.people = &people{groups: map[string][]string{"S1": {"G1", "G2"}}, known: map[string]approvals.Person{}}
	for _, id := range []string{"A", "B", "C", "R", "G1", "G2"} {
		b.people.known[id] = approvals.Person{ID: id, Name: id}
	}
	b.policy = policy.OneLine(approvals.Set{Users: []string{"A", "B"}, Groups: []string{"S1"}}, 1, "")
	b.store = b.another()
	b.engine = b.process(b.store, b.cloud, b.screen)
	return b
}

// another is the store of one more process.
func (b *bench) another() *store.Store {
	return store.New(b.redis, store.Options{Prefix: b.prefix, Ahead: b.skipped})
}

// process is the engine of one more process.
func (b *bench) process(s *store.Store, executor Executor, presenter Presenter) *Engine {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return New(Config{
		Store: s, Executor: executor, Presenter: presenter, Log: log,
		Authority: policy.Authority{Policy: func() *policy.Policy { return b.policy }, Directory: b.people},
		Trusted:   func(string, time.Duration) error { return nil }, Unseen: func(context.Context, string, string) bool { return false },
		Changed: func() {}, Metrics: NewMetrics(prometheus.NewRegistry()),
	})
}

// run lets an engine reconcile until the test ends, or until it is stopped.
func (b *bench) run(e *Engine) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); e.Run(ctx) }()
	b.until("the engine to run", func() bool { return e.acts.open() && e.shows.open() })
	stop = func() { cancel(); <-done }
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) skipped() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ahead
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	b.ahead += d
	b.mu.Unlock()
	b.store.Load(context.Background(), 1) // hears the clock
}

func (b *bench) now() time.Time { return b.store.Now() }

// settle does what is due, as a process would, one by one, until nothing is.
func (b *bench) settle() { b.t.Helper(); b.settleBy(b.engine) }

func (b *bench) settleBy(e *Engine) {
	b.t.Helper()
	for range 100 {
		if b.work(e.acts)+b.work(e.shows) == 0 && !b.soon() {
			return
		}
	}
	b.t.Fatal("it never comes to rest")
}

// soon waits for what is due in an instant, and reports whether there is something:
// a process knows Redis' clock only as well as its round trip lets it.
func (b *bench) soon() bool {
	from, to := fmt.Sprint(b.now().UnixMilli()), fmt.Sprint(b.now().UnixMilli()+60)
	for _, q := range []string{"due:act", "due:show"} {
		if b.redis.ZCount(context.Background(), b.prefix+q, from, to).Val() > 0 {
			<-time.After(10 * time.Millisecond)
			return true
		}
	}
	return false
}

// work does what is due in one queue, and counts it.
func (b *bench) work(p *pool) int {
	b.t.Helper()
	leases := b.take(p)
	for _, l := range leases {
		p.reconcile(context.Background(), l)
	}
	return len(leases)
}

func (b *bench) take(p *pool) []store.Lease {
	b.t.Helper()
	b.pass(2 * time.Millisecond) // by which the moment of a change may be ahead of Redis' clock, as it is known here
	leases, _, err := p.store.Take(context.Background(), p.queue, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return leases
}

// lease waits until there is something to do, and takes it.
func (b *bench) lease(p *pool) (l store.Lease) {
	b.t.Helper()
	b.until("something to do", func() bool {
		leases := b.take(p)
		if len(leases) > 0 {
			l = leases[0]
		}
		return len(leases) > 0
	})
	return l
}

// watchFor lets time pass in steps.
func (b *bench) watchFor(d, step time.Duration) {
	b.t.Helper()
	for end := b.now().Add(d); b.now().Before(end); {
		b.pass(step)
		b.settle()
	}
}

// passTo lets time pass to an instant.
func (b *bench) passTo(at time.Time) {
	b.t.Helper()
	b.pass(at.Sub(b.now()))
	b.settle()
}

func target(id string) approvals.Target {
	return approvals.Target{Project: "p", ServerID: id, Name: "bastion-" + id, Version: "3.3.49.0", Offer: approvals.OfferMinor}
}

// upgrade asks for an upgrade of instances, an hour apart.
func (b *bench) upgrade(event string, ids ...string) Ask {
	at := b.now().Add(5 * 24 * time.Hour).Truncate(time.Minute)
	var targets []approvals.Target
	for _, id := range ids {
		targets = append(targets, target(id))
	}
	return Ask{
		Event: event, By: "R", Action: approvals.Upgrade, Items: approvals.NewItems(time.Hour, targets...),
		Timing: approvals.Timing{At: at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Lead: 24 * time.Hour, Zone: "UTC"}, Channel: "C",
	}
}

func (b *bench) ask(event, by string) (*approvals.Request, error) {
	ask := b.upgrade(event, "s")
	ask.By = by
	return b.engine.Ask(context.Background(), ask)
}

func (b *bench) asks(ask Ask) *approvals.Request {
	b.t.Helper()
	r, err := b.engine.Ask(context.Background(), ask)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// asked is a pending request with its card.
func (b *bench) asked(ids ...string) *approvals.Request {
	b.t.Helper()
	if len(ids) == 0 {
		ids = []string{"s"}
	}
	r := b.asks(b.upgrade("ask "+strings.Join(ids, " "), ids...))
	b.settle()
	return b.load(r.ID)
}

// scheduled is a request that the cloud has taken and shows.
func (b *bench) scheduled(ids ...string) *approvals.Request {
	b.t.Helper()
	r := b.asked(ids...)
	b.acts("yes", "A", approvals.VerbApprove, r)
	for range 100 { // on a slow machine, Redis' clock is known less well than soon waits for
		b.settle()
		if r = b.load(r.ID); r.Stage(0) != approvals.Approved {
			break
		}
	}
	return r
}

func (b *bench) act(event, by string, verb approvals.Verb, r *approvals.Request) (*approvals.Request, error) {
	return b.engine.Act(context.Background(), Act{
		Event: event, By: by, Verb: verb, Request: r.Marker(), Reason: "because",
	})
}

func (b *bench) acts(event, by string, verb approvals.Verb, r *approvals.Request) *approvals.Request {
	b.t.Helper()
	r, err := b.act(event, by, verb, r)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// cancels asks for the cancel of a request's item.
func (b *bench) cancels(r *approvals.Request, item int) *approvals.Request {
	b.t.Helper()
	return b.asks(Ask{
		Event: fmt.Sprintf("cancel/%d/%d/%d", r.ID, item, b.now().UnixNano()), By: "R", Action: approvals.Cancel,
		Of:    approvals.Ref{Request: r.ID, Item: item},
		Items: approvals.NewItems(0, r.Items[item].Target), Timing: approvals.Timing{At: r.Time(item), Deadline: r.Time(item), Zone: "UTC"}, Channel: "C",
	})
}

func (b *bench) load(id int64) *approvals.Request {
	b.t.Helper()
	r, err := b.store.Load(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// stages is where the items of a request stand.
func (b *bench) stages(id int64) string {
	b.t.Helper()
	var all []string
	r := b.load(id)
	for i := range r.Items {
		all = append(all, string(r.Stage(i)))
	}
	return strings.Join(all, " ")
}

// entries is the audit.
func (b *bench) entries() []audit.Entry {
	b.t.Helper()
	messages, err := b.redis.XRange(context.Background(), audit.Stream(b.prefix), "-", "+").Result()
	if err != nil {
		b.t.Fatal(err)
	}
	var all []audit.Entry
	for _, m := range messages {
		var e audit.Entry
		if err := json.Unmarshal([]byte(m.Values["entry"].(string)), &e); err != nil {
			b.t.Fatal(err)
		}
		if id, given := m.Values["request"].(string); given {
			fmt.Sscan(id, &e.Request)
		}
		all = append(all, e)
	}
	return all
}

// verbs counts the audit's entries by what happened.
func (b *bench) verbs() map[approvals.Verb]int {
	b.t.Helper()
	n := map[approvals.Verb]int{}
	for _, e := range b.entries() {
		n[e.Verb]++
	}
	return n
}

func (b *bench) shown(id int64) map[string]string {
	b.t.Helper()
	shown, err := b.store.Shown(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return shown
}

// until waits for something to be so.
func (b *bench) until(what string, so func() bool) {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatal("it never came to this: " + what)
		}
	}
}

// idle reports whether nothing is due and nobody holds anything.
func (b *bench) idle() bool {
	ctx, now := context.Background(), fmt.Sprint(b.now().UnixMilli())
	busy := int64(0)
	for _, q := range []store.Queue{store.Act, store.Show} {
		busy += b.redis.ZCount(ctx, b.prefix+"due:"+string(q), "-inf", now).Val() + b.redis.HLen(ctx, b.prefix+"held:"+string(q)).Val()
	}
	return busy == 0
}

func ground(err error) policy.Ground {
	var refusal *policy.Refusal
	if errors.As(err, &refusal) {
		return refusal.Ground
	}
	return ""
}

func obstacle(err error) approvals.Obstacle {
	var event *approvals.EventError
	if errors.As(err, &event) {
		return event.Obstacle
	}
	return ""
}

// newProxied is a bench whose way to Redis can fail; its client repeats nothing.
func newProxied(t *testing.T) (*bench, *redistest.Proxy) {
	t.Parallel()
	proxy := redistest.StartProxy(t, redistest.Start(t, "--appendonly", "no").Addr)
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	return newBenchOn(t, client, store.DefaultPrefix), proxy
}

// outage is a Redis that is away for some scripts, from the first of them on.
type outage struct {
	of    string // what is in their arguments
	lasts time.Duration
	since time.Time
}

func (o *outage) DialHook(next redis.DialHook) redis.DialHook { return next }

func (o *outage) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (o *outage) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !strings.Contains(cmd.String(), o.of) {
			return next(ctx, cmd)
		}
		if o.since.IsZero() {
			o.since = time.Now()
		}
		if time.Since(o.since) < o.lasts {
			cmd.SetErr(io.EOF)
			return io.EOF
		}
		return next(ctx, cmd)
	}
}

// open reports whether the pool takes work.
func (p *pool) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ctx != nil && !p.stopped
}

func redisZ(id int64, score float64) redis.Z { return redis.Z{Score: score, Member: id} }
