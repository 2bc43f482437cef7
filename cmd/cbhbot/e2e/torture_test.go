package e2e

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
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/cmd/cbhbot/e2e/outage"
)

var (
	tortureFor  = flag.Duration("torture.for", 16*time.Second, "how long the torture lasts")
	tortureSeed = flag.Int64("torture.seed", 0, "repeats a torture; 0 draws a seed")
	tortureOf   = flag.Int("torture.people", 4, "how many people ask and approve")
	tortureOut  = flag.String("torture.out", "", "`file` that gets a line of JSON with what each half counted")
)

const (
	roomsOfEach   = 2 // channels for each of the people: one takes a burst of cards, and then one message a second
	tortureQuorum = 3 // of the four who may approve
	settleFor     = 4 * time.Minute
)

// clocksAhead is how far each replica's clock is from the machine's, which is Redis'.
var clocksAhead = []time.Duration{-45 * time.Second, 45 * time.Second, 0}

// torture is bots that are killed at random, a Redis that is killed at random, a
// flood in one channel, and faults in Slack and the cloud, while people ask, press,
// waver and move.
type torture struct {
	*world
	random    *rand.Rand
	rdb       redis.UniversalClient
	fault     func() // what Redis suffers now and then
	approvers []string

	mu        sync.Mutex
	bots      []*process
	next      int                  // of the instances
	asked     map[string]command   // instances of commands that were acked
	pressed   map[string]time.Time // titles whose approval was acked from enough people, and when they began to press
	presses   int                  // that were acked
	kills     int
	recovered []time.Duration // from kill to two sockets again
	outages   []time.Duration // in which Redis' misfortune left commands without an ack
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
	halves := map[string]func(*testing.T){
		"one Redis": func(t *testing.T) {
			server := redistest.Start(t)
			o := newTorture(t, seed, server.Client(), "REDIS_URL="+server.URL())
			o.fault = func() { server.Kill(); server.Restart() }
			o.run(*tortureFor / 2)
		},
		"Sentinel": func(t *testing.T) {
			nodes := redistest.StartWatched(t, 2)
			o := newTorture(t, seed, nodes.Client(), "REDIS_URL="+nodes.URL(), "REDIS_WAIT_REPLICAS=2")
			o.fault = func() { nodes.Return(nodes.FailOver()); nodes.Switch(); nodes.AwaitReplicas(2) }
			o.run(*tortureFor / 2)
		},
	}
	atOnce := 1
	if *tortureFor < time.Minute {
		atOnce = len(halves)
	}
	together(t, atOnce, halves)
}

func newTorture(t *testing.T, seed int64, rdb redis.UniversalClient, env ...string) *torture {
	w := newWorld(t, cbhemu.Options{Instances: bastions(500 + *tortureOf*int(tortureFor.Seconds()/2))}, append(env, "CBHBOT_LOG_LEVEL=warn")...)
	o := &torture{world: w, rdb: rdb, random: rand.New(rand.NewSource(seed)), asked: map[string]command{}, pressed: map[string]time.Time{}}
	o.approvers = append(crowd(w, 2), ana, bo)
	for n := range o.rooms() {
		w.slack.SetChannel(slackemu.Channel{ID: w.room(n), Name: fmt.Sprintf("room%d", n), Members: append(o.approvers, rita, slackemu.UserBot)})
	}
	w.env = append(w.env, "CBHBOT_APPROVERS="+strings.Join(o.approvers, ","), fmt.Sprintf("CBHBOT_QUORUM=%d", tortureQuorum))
	w.cloud.SetBehaviour(cbhemu.Behaviour{Lag: cbhemu.Duration(4 * time.Second)}) // that a look shows nothing says nothing
	for _, ahead := range clocksAhead {
		o.bots = append(o.bots, w.startAhead(ahead))
	}
	w.slack.SetFaults(slackemu.Faults{
		Duplicate: 0.1, RetryClicks: true,
		Methods: map[string]slackemu.MethodFault{
			"chat.update": {Times: 5, RetryAfter: 1, Status: 429}, "users.info": {Times: 3, Status: 503},
			"chat.postMessage": {Times: 3, After: true, Drop: true},
		},
	})
	return o
}

// command is what was typed for an instance: where, and in which envelope.
type command struct{ channel, envelope string }

func (o *torture) rooms() int { return roomsOfEach * *tortureOf }

func (o *torture) run(duration time.Duration) {
	end := time.Now().Add(duration)
	var group sync.WaitGroup
	for range *tortureOf {
		group.Go(func() { o.people(end) })
	}
	group.Go(func() { o.flood(end) })
	group.Go(func() { o.killer(end) })
	group.Wait()
	o.calm()
	o.report()
}

// draw takes a number from the seeded source, which one goroutine may use at a time.
func (o *torture) draw(n int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.random.Intn(n)
}

// names are the next instances that nobody has asked for.
func (o *torture) names(n int) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var names []string
	for range n {
		names = append(names, fmt.Sprintf("bastion-%04d", o.next))
		o.next++
	}
	return names
}

// asks types a command for instances, and reports whether it was acked.
func (o *torture) asks(channel string, names []string) bool {
	d := o.slack.As(rita).Command(channel, "/cbh", "upgrade "+strings.Join(names, ", ")+" in 3 days at 2am -- torture")
	if d.Acked {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, name := range names {
			o.asked[name] = command{channel, d.EnvelopeID}
		}
	}
	return d.Acked
}

// people ask for upgrades and approve them, some waver and some move. Where a short torture
// has let nobody get to a call, they go on for a while when it is over.
func (o *torture) people(end time.Time) {
	for time.Now().Before(end) || o.posts() == 0 && !o.t.Failed() && time.Now().Before(end.Add(time.Minute)) {
		names := o.names([]int{1, 1, 1, 3}[o.draw(4)])
		room := o.room(o.draw(o.rooms()))
		if !o.asks(room, names) {
			continue // as people do who are told to try again
		}
		ts := o.cardOf(room, names, 20*time.Second)
		if ts == "" {
			continue
		}
		switch o.draw(6) {
		case 0:
			o.wavers(room, ts, names)
		case 1:
			o.moves(room, ts, names)
		case 2, 3:
			o.approve(room, ts, names[0], o.approvers...)
			o.movesOn(room, ts, names)
		default:
			o.approve(room, ts, names[0], o.approvers...)
		}
	}
}

// flood asks for more in one channel than it takes, and approves nothing.
func (o *torture) flood(end time.Time) {
	tick := time.NewTicker(700 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(end) {
		o.asks(slackemu.ChannelOps, o.names(1))
		<-tick.C
	}
}

// cardOf waits for a card of instances besides those that are known: a batch's card names
// them in its blocks.
func (o *torture) cardOf(room string, names []string, patience time.Duration, known ...string) string {
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	m, err := o.slack.As(ana).WaitMessage(ctx, room, func(m slackemu.Message) bool {
		return isCardOf(m, names[0]) && !slices.Contains(known, m.TS)
	})
	if err != nil {
		return ""
	}
	return m.TS
}

func isCardOf(m slackemu.Message, name string) bool {
	blocks := fmt.Sprint(m.Blocks)
	named := strings.Contains(blocks, " "+name+" ") || strings.Contains(blocks, ":"+name+" ") // in its head, or its table
	return m.ThreadTS == "" && m.EphemeralFor == "" && m.FromApp && named
}

// card is a card as a person sees it.
func (o *torture) card(user, room, ts string) *slackemu.Shown {
	for _, m := range o.slack.As(user).Sees(room) {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// click presses a button, if it is there, and reports whether that was acked.
func (o *torture) click(user, room, ts, button string) bool {
	m := o.card(user, room, ts)
	if m == nil || !m.Action(button).Exists() || !m.Action(button).Click().Acked {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.presses++
	return true
}

// approve has people press in the same instant.
func (o *torture) approve(room, ts, title string, users ...string) {
	var group sync.WaitGroup
	acked, start := make(chan bool, len(users)), time.Now()
	for _, user := range users {
		group.Go(func() { acked <- o.click(user, room, ts, "Approve") })
	}
	group.Wait()
	close(acked)
	got := 0
	for ok := range acked {
		if ok {
			got++
		}
	}
	if got >= tortureQuorum {
		o.mu.Lock()
		o.pressed[title] = start
		o.mu.Unlock()
	}
}

// wavers has somebody approve and take that back in one burst, before the others
// complete the quorum without them.
func (o *torture) wavers(room, ts string, names []string) {
	if !o.click(o.approvers[0], room, ts, "Approve") || !o.comes(func() bool {
		m := o.card(ana, room, ts)
		return m != nil && m.Action("Take my approval back").Exists()
	}) {
		return
	}
	m := o.card(ana, room, ts)
	yes, back := m.Action("Approve"), m.Action("Take my approval back")
	if !yes.Click().Acked || !back.Click().Acked {
		return
	}
	o.approve(room, ts, names[0], o.approvers[1], bo)
}

// requestOf is what the request of a card is called.
func (o *torture) requestOf(room, ts string) string {
	return strings.Fields(o.card(rita, room, ts).Text)[0]
}

// movesOn has what the cloud holds moved, a batch as a whole, and the same people approve
// it.
func (o *torture) movesOn(room, ts string, names []string) {
	if !o.comes(func() bool { // what is not read back is not there yet
		m := o.card(rita, room, ts)
		return m != nil && m.Action("Reschedule").Exists() && strings.Contains(m.Text, " scheduled:")
	}) {
		return
	}
	if !o.slack.As(rita).Command(room, "/cbh", "reschedule "+o.requestOf(room, ts)+" in 5 days at 4am").Acked {
		return
	}
	if moved := o.cardOf(room, names, 20*time.Second, ts); moved != "" {
		o.approve(room, moved, movesOf(names[0]), o.approvers...)
	}
}

// movesOf is the title of a move.
func movesOf(name string) string { return "move of " + name }

// moves has a request moved while people approve it.
func (o *torture) moves(room, ts string, names []string) {
	id := strings.TrimSuffix(o.requestOf(room, ts), ":")
	var group sync.WaitGroup
	group.Go(func() { o.approve(room, ts, names[0], o.approvers[:2]...) })
	group.Go(func() { o.slack.As(rita).Command(room, "/cbh", "reschedule "+id+" in 4 days at 3am") })
	group.Wait()
	o.comes(func() bool {
		m := o.card(ana, room, ts)
		return m != nil && strings.Contains(fmt.Sprint(m.Blocks), ", revision 2")
	})
	o.approve(room, ts, names[0], ana, bo)
}

// comes waits for what need not come while everything fails.
func (o *torture) comes(done func() bool) bool {
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	defer cancel()
	return o.slack.Wait(ctx, done) == nil
}

// killer kills bots, and now and then Redis, and starts them again; or it breaks
// the cloud.
func (o *torture) killer(end time.Time) {
	for time.Now().Before(end) {
		pause := time.NewTimer(time.Duration(300+o.draw(1500)) * time.Millisecond)
		<-pause.C
		switch o.draw(12) {
		case 0, 1:
			o.kills++
			o.outages = append(o.outages, outage.During(o.fault, 50*time.Millisecond, func() bool {
				return o.slack.As(bo).Command(slackemu.ChannelGeneral, "/cbh", "help").Acked
			}))
		case 2, 3, 4, 5:
			o.cloud.ClearFaults() // each instead of the one before: they would pile up where few calls are made
			o.cloud.Fault(o.misfortune())
		default:
			o.kills++
			victim := o.draw(len(o.bots))
			o.bots[victim].kill()
			start := time.Now()
			o.bots[victim] = o.startAhead(clocksAhead[victim])
			o.recovered = append(o.recovered, time.Since(start))
		}
	}
}

// misfortune is something that goes wrong with the cloud.
func (o *torture) misfortune() cbhemu.Fault {
	all := []cbhemu.Fault{
		{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(time.Hour)}, // takes effect when the caller has hung up
		{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultResetAfter},
		{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultLateError},
		{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultResetBefore},
		{Op: cbhemu.OpCancel, Kind: cbhemu.FaultResetAfter},
		{Op: cbhemu.OpCancel, Kind: cbhemu.FaultResetBefore},
		{Op: cbhemu.OpList, Delay: cbhemu.Duration(30 * time.Second), Times: 3},
		{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, Times: 3},
	}
	return all[o.draw(len(all))]
}

// calm takes the faults away and waits until nothing moves any more.
func (o *torture) calm() {
	o.slack.SetFaults(slackemu.Faults{})
	o.cloud.ClearFaults()
	ctx, cancel := context.WithTimeout(o.t.Context(), settleFor)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !o.settled(ctx) {
		select {
		case <-ctx.Done():
			o.t.Error("it never settles")
			return
		case <-tick.C:
		}
	}
}

// settled reports whether no work is left, no request is on its way, and all is
// shown.
func (o *torture) settled(ctx context.Context) bool {
	lanes, err := bot.NewInbox(bot.InboxConfig{Redis: o.rdb}).Depths(ctx)
	if err != nil || slices.ContainsFunc(lanes, func(lane bot.Depth) bool { return lane.Waiting+lane.PutOff > 0 }) {
		return false
	}
	keep := store.New(o.rdb, store.Options{})
	for _, r := range o.requests(ctx) {
		if slices.ContainsFunc(r.Items, func(it approvals.Item) bool { return r.State == approvals.Approved && onItsWay(it) }) {
			return false
		}
		shown, err := keep.Shown(ctx, r.ID)
		if err != nil || shown[store.FieldCounter] != fmt.Sprint(r.Counter) {
			return false
		}
	}
	return true
}

// onItsWay is an item whose call is not over, or an upgrade that is being moved.
func onItsWay(it approvals.Item) bool {
	calling := slices.Contains([]approvals.State{approvals.Waiting, approvals.Executing, approvals.Unknown}, it.State)
	return calling || it.State == approvals.Scheduled && (it.Step != "" || it.TakenBack != 0)
}

func (o *torture) requests(ctx context.Context) []*approvals.Request {
	all, _, err := store.New(o.rdb, store.Options{}).List(ctx, store.IndexAll, 0, 10_000)
	if err != nil {
		return nil
	}
	return all
}
