package engine

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
)

var tortureFor = flag.Duration("torture", 4*time.Second, "how long people press and everything else fails")

// torture is some processes on one Redis in a world that misbehaves, people who
// press at random, and what they were told.
type torture struct {
	*bench
	world *world

	mu    sync.Mutex
	alive []*incarnation
	acked []Act
	asked int
	ends  sync.WaitGroup

	seconds []string
}

// incarnation is one life of one process.
type incarnation struct {
	*process
	engine *Engine
	proxy  *redistest.Proxy
	kill   func() // abruptly
	stop   func() // as a shutdown does
}

// TestTorture wants, after the faults have stopped: no call of one revision twice,
// no message twice, whatever was acked in the audit once and in the record, nothing
// open, everything shown, and nothing done again and again.
func TestTorture(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "no")
	b := newBenchOn(t, server.Client(), store.DefaultPrefix)
	tt := &torture{bench: b, world: newWorld(10)}
	b.store = store.New(b.redis, store.Options{Ahead: tt.world.skipped})
	tt.world.store = b.store
	for range 3 {
		tt.alive = append(tt.alive, tt.begins(server))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { tt.repeat(ctx, 60*time.Millisecond, tt.presses) })
	}
	group.Go(func() { tt.repeat(ctx, 250*time.Millisecond, tt.timePasses) })
	group.Go(func() { tt.repeat(ctx, 900*time.Millisecond, func() { tt.replaces(server) }) })
	group.Go(func() { tt.repeat(ctx, 400*time.Millisecond, tt.network) })
	<-time.After(*tortureFor)
	b.until("anything to happen", tt.happened) // on a machine that does something else
	cancel()
	group.Wait()
	tt.calms()
	tt.judges()
	for _, in := range tt.alive {
		in.stop()
	}
	tt.ends.Wait()
}

// happened reports whether somebody was told that something is done, and the cloud did something.
func (tt *torture) happened() bool {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	tt.world.mu.Lock()
	defer tt.world.mu.Unlock()
	return len(tt.acked) > 0 && len(tt.world.effects) > 0
}

func (tt *torture) repeat(ctx context.Context, every time.Duration, f func()) {
	for ctx.Err() == nil {
		dawdle(2 * every)
		f()
	}
}

// begins starts a process.
func (tt *torture) begins(server *redistest.Server) *incarnation {
	in := &incarnation{process: &process{world: tt.world}, proxy: redistest.StartProxy(tt.t, server.Addr)}
	client := redis.NewClient(&redis.Options{Addr: in.proxy.Addr, ContextTimeoutEnabled: true})
	in.engine = tt.bench.process(store.New(client, store.Options{Ahead: tt.world.skipped}), in, in)
	in.engine.Pace = approvals.Pace{Far: 12 * time.Hour, Near: 30 * time.Minute, Running: 5 * time.Minute}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); in.engine.Run(ctx) }()
	tt.ends.Go(func() { <-done; client.Close() })
	in.kill = func() { in.dead.Store(true); client.Close(); cancel() }
	in.stop = func() { cancel(); <-done }
	return in
}

// replaces ends one process, and starts another.
func (tt *torture) replaces(server *redistest.Server) {
	next := tt.begins(server)
	tt.mu.Lock()
	i := rand.IntN(len(tt.alive))
	old := tt.alive[i]
	tt.alive[i] = next
	tt.mu.Unlock()
	if rand.IntN(3) == 0 {
		old.stop()
	} else {
		old.kill()
	}
}

func (tt *torture) one() *incarnation {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	return tt.alive[rand.IntN(len(tt.alive))]
}

// network disturbs the way of one process to Redis.
func (tt *torture) network() {
	if proxy := tt.one().proxy; rand.IntN(2) == 0 {
		proxy.Cut()
	} else {
		proxy.Lose(1, "evalsha")
	}
}

func (tt *torture) timePasses() {
	steps := []time.Duration{time.Second, 3 * time.Second, 12 * time.Second, 30 * time.Second, time.Minute, 20 * time.Minute, 3 * time.Hour}
	tt.world.pass(steps[rand.IntN(len(steps))])
}

// presses is one thing that somebody does.
func (tt *torture) presses() {
	tt.mu.Lock()
	tt.asked++
	event := fmt.Sprint("event ", tt.asked)
	tt.mu.Unlock()
	open, err := tt.store.Open(context.Background())
	if err != nil || len(open) == 0 || rand.IntN(4) == 0 {
		tt.asksSomewhere(event)
		return
	}
	r := open[rand.IntN(len(open))]
	if item := rand.IntN(len(r.Items)); r.Action == approvals.Upgrade && r.Items[item].State == approvals.Scheduled {
		tt.cancelsSomewhere(event, r, item)
		return
	}
	verbs := []approvals.Verb{
		approvals.VerbApprove, approvals.VerbApprove, approvals.VerbApprove, approvals.VerbRetract, approvals.VerbDeny, approvals.VerbWithdraw,
		approvals.VerbReschedule, approvals.VerbTakeOut, approvals.VerbCheckAgain,
	}
	at := tt.store.Now().Add(26*time.Hour + rand.N(6*time.Hour))
	act := Act{
		Event: event, By: []string{"A", "B", "G1"}[rand.IntN(3)], Verb: verbs[rand.IntN(len(verbs))], Request: r.Marker(),
		Item: rand.IntN(len(r.Items)), Pressed: tt.store.Now(), Reason: "because",
		Timing: approvals.Timing{At: at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Lead: 24 * time.Hour, Zone: "UTC"},
	}
	for range 1 + rand.IntN(2) { // what comes twice counts once
		if act.Verb == approvals.VerbCheckAgain {
			tt.one().engine.CheckAgain(context.Background(), act)
		} else if _, err := tt.one().engine.Act(context.Background(), act); err == nil {
			tt.acks(act)
		}
	}
}

func (tt *torture) acks(act Act) {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	if !slices.ContainsFunc(tt.acked, func(other Act) bool { return other.Event == act.Event }) {
		tt.acked = append(tt.acked, act)
	}
}

func (tt *torture) asksSomewhere(event string) {
	var targets []approvals.Target
	for _, i := range rand.Perm(len(tt.world.instances))[:1+rand.IntN(3)] {
		targets = append(targets, tt.world.target(fmt.Sprint("x", i)))
	}
	at := tt.store.Now().Add(26*time.Hour + rand.N(6*time.Hour))
	tt.ackAsk(Ask{
		Event: event, By: "R", Action: approvals.Upgrade, Items: approvals.NewItems(30*time.Minute, targets...),
		Timing:  approvals.Timing{At: at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Lead: 24 * time.Hour, Zone: "UTC"},
		Channel: fmt.Sprint("C", rand.IntN(4)),
	})
}

func (tt *torture) cancelsSomewhere(event string, r *approvals.Request, item int) {
	tt.ackAsk(Ask{
		Event: event, By: "R", Action: approvals.Cancel, Of: approvals.Ref{Request: r.ID, Item: item},
		Items:  approvals.NewItems(0, r.Items[item].Target),
		Timing: approvals.Timing{At: r.Time(item), Deadline: r.Time(item), Zone: "UTC"}, Channel: r.Channel,
	})
}

func (tt *torture) ackAsk(ask Ask) {
	for range 1 + rand.IntN(2) {
		if r, err := tt.one().engine.Ask(context.Background(), ask); err == nil {
			tt.acks(Act{Event: ask.Event, Verb: approvals.VerbAsk, Request: r.Marker()})
		}
	}
}

// calms stops the faults and lets the time pass until nothing is open, and all is
// shown. Each upgrade that hangs takes fifty looks until it counts as stuck.
func (tt *torture) calms() {
	tt.world.calm.Store(true)
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); {
		tt.world.pass(tt.untilNext())
		tt.store.Load(context.Background(), 1)
		tt.rests()
		if open, err := tt.store.Open(context.Background()); err == nil && len(open) == 0 && tt.allShown() {
			return
		}
	}
}

// rests waits until nothing is under way, for a while.
func (tt *torture) rests() {
	for end := time.Now().Add(time.Second); !tt.idle() && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
}

// untilNext is how long nothing is due, at most a few hours.
func (tt *torture) untilNext() time.Duration {
	ctx, wait := context.Background(), 3*time.Hour
	for _, q := range []string{"due:act", "due:show"} {
		for _, z := range tt.redis.ZRangeWithScores(ctx, tt.prefix+q, 0, 0).Val() {
			wait = min(wait, time.UnixMilli(int64(z.Score)).Sub(tt.store.Now()))
		}
	}
	return max(wait, 0) + 10*time.Millisecond
}

func (tt *torture) all() []*approvals.Request {
	tt.t.Helper()
	all, _, err := tt.store.List(context.Background(), store.IndexAll, 0, 100000)
	if err != nil {
		tt.t.Fatal(err)
	}
	return all
}

func (tt *torture) allShown() bool {
	return !slices.ContainsFunc(tt.all(), func(r *approvals.Request) bool { return tt.unshown(r) != "" })
}

// unshown is what is missing in the chat of a request.
func (tt *torture) unshown(r *approvals.Request) string {
	shown := tt.shown(r.ID)
	if shown[store.FieldCounter] != fmt.Sprint(r.Counter) {
		return fmt.Sprintf("record %d, shown %s", r.Counter, shown[store.FieldCounter])
	}
	for _, n := range r.Notices {
		if store.Sent(shown[store.FieldNotice(n.Key())]) == "" && !r.PastNotice(n) {
			return n.Key()
		}
	}
	if p := (&process{world: tt.world}); shown[store.FieldDrawn] != p.Card(r, time.Time{}).Digest {
		return "the card shows " + shown[store.FieldDrawn]
	}
	return ""
}

// judges looks at everything that must be so in the end.
func (tt *torture) judges() {
	for _, r := range tt.all() {
		if r.Open() {
			tt.t.Errorf("%s is %s, items %v, after everything has stopped", r.Name(), r.State, r.Stages())
		}
		if missing := tt.unshown(r); missing != "" {
			tt.t.Errorf("%s is not shown: %s", r.Name(), missing)
		}
	}
	counted, seconds := map[string]int{}, map[string]int{}
	for i, e := range tt.entries() {
		if e.Event != "" && (e.Refused == "" || e.Verb == approvals.VerbRetract) { // "there is none" is an answer, too
			counted[e.Event]++
		}
		if e.Event != "" {
			continue
		}
		seconds[fmt.Sprintf("%s CBH-%d at %s", e.Verb, e.Request, tt.stamps()[i])]++
	}
	for _, act := range tt.acked {
		tt.reflects(act, counted[act.Event])
	}
	for what, n := range seconds {
		if n > 12 {
			tt.t.Errorf("%s: %d times", what, n)
		}
	}
	tt.world.mu.Lock()
	defer tt.world.mu.Unlock()
	for _, fault := range tt.world.faults {
		tt.t.Error(fault)
	}
	tt.t.Logf("%d requests, %d acts acked, %d calls took effect, %d messages",
		len(tt.all()), len(tt.acked), len(tt.world.effects), len(tt.world.marks))
}

// reflects checks that what somebody was told has happened did, once.
func (tt *torture) reflects(act Act, entries int) {
	if entries != 1 {
		tt.t.Errorf("%s of CBH-%d (%s) was acked and is %d times in the audit", act.Verb, act.Request.ID, act.Event, entries)
	}
	final := map[approvals.Verb]approvals.State{approvals.VerbDeny: approvals.Denied, approvals.VerbWithdraw: approvals.Withdrawn}[act.Verb]
	if got := tt.load(act.Request.ID); final != "" && got.State != final {
		tt.t.Errorf("%s of %s was acked, and it is %s", act.Verb, got.Name(), got.State)
	}
}

// stamps are the seconds in which the audit's entries were written.
func (tt *torture) stamps() []string {
	if tt.seconds == nil {
		for _, m := range tt.redis.XRange(context.Background(), tt.prefix+"audit:new", "-", "+").Val() {
			ms, _, _ := strings.Cut(m.ID, "-")
			tt.seconds = append(tt.seconds, ms[:len(ms)-3])
		}
	}
	return tt.seconds
}
