package approvals

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals/queue"
	"cbhbot/approvals/redistest"
)

// people is a directory of everybody a test needs.
type people struct {
	mu     sync.Mutex
	known  map[string]Person
	groups map[string][]string
	away   error
}

func (d *people) Person(_ context.Context, id string) (Person, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away != nil {
		return Person{}, d.away
	}
	p, ok := d.known[id]
	if !ok {
		return Person{ID: id}, ErrNobody
	}
	return p, nil
}

func (d *people) Members(_ context.Context, group string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.groups[group], d.away
}

func (d *people) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// cloud is an executor whose instance does what the test says.
type cloud struct {
	mu    sync.Mutex
	seen  Observation
	err   error
	calls []Request

	others      []Observation // the other instances of the project
	surveys     int
	unsupported bool                  // by the region
	call        func(Request) Outcome // nil: accept, and show it
}

func (c *cloud) Survey(context.Context, string) ([]Observation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.surveys++
	return append([]Observation{c.seen}, c.others...), c.err
}

func (c *cloud) Supports(context.Context, string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.unsupported
}

func (c *cloud) Call(_ context.Context, r Request) Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, r)
	if c.call != nil {
		return c.call(r)
	}
	c.take(r)
	return Outcome{Kind: Accepted}
}

// take makes the instance show what a call asked for. The caller holds c.mu.
func (c *cloud) take(r Request) {
	c.seen.UpgradeTime = r.At
	if r.Action == Cancel {
		c.seen.UpgradeTime = time.Time{}
	}
}

func (c *cloud) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *cloud) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.calls)
}

// screen is a presenter that remembers what it showed.
type screen struct {
	mu      sync.Mutex
	posts   int
	drawn   Request
	notices []string
	told    []string
	postErr error
}

func (s *screen) Post(_ context.Context, r Request) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postErr != nil {
		return "", s.postErr
	}
	s.posts++
	s.drawn = r
	return fmt.Sprintf("%d.0", s.posts), nil
}

func (s *screen) Update(_ context.Context, r Request, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn = r
	return nil
}

func (s *screen) Say(_ context.Context, _ Request, _, key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, key)
	return "n", nil
}

func (s *screen) Tell(_ context.Context, _ Request, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, key)
	return nil
}

func (s *screen) Direct(_ context.Context, _ Request, _, user string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, "direct "+user)
	return "d", nil
}

func (s *screen) Announce(_ context.Context, _ Request, channel, key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, key+" in "+channel)
	return "a", nil
}

func (s *screen) Find(context.Context, Request, string, string) string { return "" }

func (s *screen) said(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, notice := range s.notices {
		if notice == key {
			n++
		}
	}
	return n
}

// bench is a service and a runner on a real Redis, with a clock of its own.
type bench struct {
	t       *testing.T
	redis   *redistest.Server
	store   *Store
	service *Service
	runner  *Runner
	people  *people
	cloud   *cloud
	screen  *screen
	policy  *Policy
	mu      sync.Mutex
	clock   time.Time
}

func newBench(t *testing.T) *bench { return newBenchOn(t, redistest.Start(t)) }

func newBenchOn(t *testing.T, server *redistest.Server) *bench {
	b := &bench{t: t, clock: noon, redis: server, cloud: &cloud{}, screen: &screen{}}
	b.people = &people{groups: map[string][]string{"S1": {"G1", "G2"}}, known: map[string]Person{}}
	for _, id := range []string{"A", "B", "C", "R", "G1", "G2"} {
		b.people.known[id] = Person{ID: id, Name: id}
	}
	b.cloud.seen = Observation{ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW", Idle: true}
	b.policy = OneLine(Set{Users: []string{"A", "B"}, Groups: []string{"S1"}}, 1, "")
	log := logrus.New()
	log.SetOutput(io.Discard)
	authority := &Authority{Policy: func() *Policy { return b.policy }, Directory: b.people}
	b.store = NewStore(b.redis.Client(), DefaultPrefix, 0)
	b.service = &Service{Store: b.store, Authority: authority, Now: b.now, Log: log}
	b.runner = &Runner{Store: b.store, Authority: authority, Executor: b.cloud, Presenter: b.screen, Now: b.now, Log: log}
	return b
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

func (b *bench) ask(event, by string) (Request, error) {
	at := noon.Add(5 * 24 * time.Hour)
	return b.service.Ask(context.Background(), Ask{
		Event: event, By: by, Action: Upgrade, Target: Target{Project: "p", ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW"},
		At: at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Zone: "UTC", Channel: "C",
	})
}

func (b *bench) act(event, by, verb string, r Request) (Request, error) {
	return b.service.Act(context.Background(), Act{Event: event, By: by, Verb: verb, Request: r.ID, Revision: r.Revision, Key: r.Key, Reason: "because"})
}

func (b *bench) load(id int64) Request {
	b.t.Helper()
	r, err := b.store.Load(context.Background(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// settle carries out all effects that are due, as a runner would, one by one.
func (b *bench) settle() {
	b.t.Helper()
	ctx := context.Background()
	for range 200 {
		if _, err := b.store.fire(ctx, b.now()); err != nil {
			b.t.Fatal(err)
		}
		entries, err := b.store.redis.XRange(ctx, b.runner.Stream(), "-", "+").Result()
		if err != nil {
			b.t.Fatal(err)
		}
		if len(entries) == 0 {
			return
		}
		for _, entry := range entries {
			if err := b.runner.Handle(ctx, entry.ID, entry.Values); err != nil && !queue.IsLater(err) {
				b.t.Fatalf("%v: %v", entry.Values, err)
			}
			b.store.redis.XDel(ctx, b.runner.Stream(), entry.ID)
		}
	}
	b.t.Fatal("the effects never come to rest")
}

// asked is a pending request with its card.
func (b *bench) asked() Request {
	b.t.Helper()
	r, err := b.ask("ask", "R")
	if err != nil {
		b.t.Fatal(err)
	}
	b.settle()
	return r
}

// scheduled is a request that the cloud has taken and shows.
func (b *bench) scheduled() Request {
	b.t.Helper()
	r := b.asked()
	if _, err := b.act("yes", "A", "approve", r); err != nil {
		b.t.Fatal(err)
	}
	b.settle()
	return b.load(r.ID)
}

func ground(err error) Ground {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Ground
	}
	return ""
}

func TestAnApprovedRequestIsCalledOnceAndReadBack(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	if r.State != Scheduled || r.Progress.VerifiedAt.IsZero() || b.cloud.count() != 1 || b.screen.said("scheduled") != 1 || b.screen.posts != 1 {
		t.Fatalf("%s, %d calls, notices %v, %d cards", r.State, b.cloud.count(), b.screen.notices, b.screen.posts)
	}
}

func TestTheSameAskRepeatedMakesOneRequest(t *testing.T) {
	b := newBench(t)
	first, err := b.ask("env-1", "R")
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.ask("env-1", "R")
	if err != nil || again.ID != first.ID {
		t.Fatalf("%v, %v", again.ID, err)
	}
	var busy *BusyError
	if _, err := b.ask("env-2", "R"); !errors.As(err, &busy) || busy.Holder != first.ID {
		t.Fatalf("a second request for the instance: %v", err)
	}
}

func TestTwentyApproversInTheSameInstantMakeOneCall(t *testing.T) {
	b := newBench(t)
	var users []string
	for i := range 20 {
		id := fmt.Sprintf("U%d", i)
		users = append(users, id)
		b.people.known[id] = Person{ID: id}
	}
	b.policy = OneLine(Set{Users: users}, 1, "")
	r := b.asked()
	var group sync.WaitGroup
	var mu sync.Mutex
	won, lost := 0, 0
	for i, id := range users {
		verb := []string{"approve", "approve", "deny", "withdraw"}[i%4]
		group.Go(func() {
			_, err := b.act("env-"+id, id, verb, r)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case obstacle(err) == WrongState:
				lost++
			default:
				t.Errorf("%s by %s: %v", verb, id, err)
			}
		})
	}
	group.Wait()
	b.settle()
	// An approved request may still be withdrawn before it is called.
	if final := b.load(r.ID); won < 1 || won > 2 || won+lost != 20 || b.cloud.count() > 1 || (final.State == Scheduled) != (b.cloud.count() == 1) {
		t.Fatalf("%d won, %d lost, %d calls, %s", won, lost, b.cloud.count(), final.State)
	}
}

func TestTheSamePressDeliveredTwiceCountsOnce(t *testing.T) {
	b := newBench(t)
	b.policy = OneLine(Set{Users: []string{"A", "B"}}, 2, "")
	r := b.asked()
	for range 2 {
		if got, err := b.act("env-1", "A", "approve", r); err != nil || got.State != Pending {
			t.Fatalf("%s, %v", got.State, err)
		}
	}
	if _, err := b.act("env-2", "A", "approve", r); obstacle(err) != AlreadyDecided {
		t.Fatalf("a second press: %v", err)
	}
}

func TestWhoMayNotDecide(t *testing.T) {
	b := newBench(t)
	for id, p := range map[string]Person{
		"guest": {Guest: true}, "external": {External: true}, "bot": {Bot: true}, "gone": {Deactivated: true}, "C": {},
	} {
		p.ID = id
		b.people.known[id] = p
	}
	b.policy = OneLine(Set{Users: []string{"A", "R", "guest", "external", "bot", "gone", "nobody"}}, 1, "")
	r := b.asked()
	for id, want := range map[string]Ground{
		"guest": IsGuest, "external": IsExternal, "bot": IsBot, "gone": Deactivated, "nobody": UnknownPerson, "C": NotApprover, "R": OwnRequest,
	} {
		for _, verb := range []string{"approve", "deny"} {
			if _, err := b.act("env-"+id+verb, id, verb, r); ground(err) != want {
				t.Errorf("%s by %s: %v", verb, id, err)
			}
		}
	}
	if got := b.load(r.ID); got.State != Pending || len(got.Decisions) != 0 {
		t.Errorf("refused presses changed the request: %s", encode(got))
	}
	b.people.change(func() { b.people.away = errors.New("Slack is away") })
	if _, err := b.act("env-away", "A", "approve", r); ground(err) != Unreachable {
		t.Errorf("with the directory away: %v", err)
	}
}

func TestNobodyCanApproveAnEmptyPolicy(t *testing.T) {
	b := newBench(t)
	for name, policy := range map[string]*Policy{
		"empty":                   {},
		"the requester only":      OneLine(Set{Users: []string{"R"}}, 1, ""),
		"fewer than the quorum":   OneLine(Set{Users: []string{"A"}}, 2, ""),
		"rules for others only":   {Rules: []Rule{{Instances: []string{"other-*"}, Approvers: Set{Users: []string{"A"}}}}},
		"one human, two accounts": {Rules: OneLine(Set{Users: []string{"A", "B"}}, 2, "").Rules, Same: map[string]string{"B": "A"}},
	} {
		b.policy = policy
		if _, err := b.ask("env-"+name, "R"); ground(err) != NobodyCan {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARequestExpiresWhenItsRuleSays(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Expiry = 2 * time.Hour
	}
	r := b.asked()
	if want := noon.Add(2 * time.Hour); !r.Deadline.Equal(want) {
		t.Fatalf("the deadline is %s, not %s", r.Deadline, want)
	}
	b.pass(time.Hour)
	at := r.At.Add(time.Hour)
	moved, err := b.service.Act(context.Background(), Act{Event: "move", By: "R", Verb: "reschedule", Request: r.ID, At: at, Deadline: at.Add(-25 * time.Hour)})
	if want := noon.Add(3 * time.Hour); err != nil || !moved.Deadline.Equal(want) {
		t.Fatalf("moved, the deadline is %s, not %s: %v", moved.Deadline, want, err)
	}
	b.pass(2 * time.Hour)
	b.settle()
	if got := b.load(r.ID); got.State != Expired {
		t.Errorf("the request is %s", got.State)
	}
}

func TestAChangeOfMembershipBetweenApprovalAndCallCounts(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	if _, err := b.act("yes", "G1", "approve", r); err != nil {
		t.Fatal(err)
	}
	b.people.change(func() { b.people.groups["S1"] = []string{"G2"} })
	b.settle()
	if got := b.load(r.ID); got.State != Pending || b.cloud.count() != 0 || len(got.Approvals()) != 0 {
		t.Fatalf("%s, %d calls, approvals %v", got.State, b.cloud.count(), got.Approvals())
	}
}

func TestACallWithoutAnAnswerIsNotRepeatedBlindly(t *testing.T) {
	b := newBench(t)
	for name, tookEffect := range map[string]bool{"it took effect": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			first := true
			b.cloud.call = func(r Request) Outcome {
				if tookEffect || !first {
					b.cloud.take(r)
				}
				if first {
					first = false
					return Outcome{Kind: Unclear, Code: "unavailable", Raw: "connection reset"}
				}
				return Outcome{Kind: Accepted}
			}
			r := b.asked()
			if _, err := b.act("yes", "A", "approve", r); err != nil {
				t.Fatal(err)
			}
			b.settle()
			if got := b.load(r.ID); got.State != Unknown || b.screen.said("unclear 1") != 1 {
				t.Fatalf("%s, notices %v", got.State, b.screen.notices)
			}
			for range 12 {
				b.pass(6 * time.Second)
				b.settle()
			}
			want := map[bool]int{true: 1, false: 2}[tookEffect]
			if got := b.load(r.ID); got.State != Scheduled || b.cloud.count() != want {
				t.Fatalf("%s after %d calls", got.State, b.cloud.count())
			}
		})
	}
	_ = b
}

func TestAProcessThatDiedInTheCallIsReplacedByReading(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	if _, err := b.act("yes", "A", "approve", r); err != nil {
		t.Fatal(err)
	}
	// Somebody claimed the call, made it, and died before recording the answer.
	if err := b.runner.apply(context.Background(), r.ID, Begin{}); err != nil {
		t.Fatal(err)
	}
	b.cloud.change(func() { b.cloud.take(r) })
	b.settle()
	if got := b.load(r.ID); got.State != Scheduled || b.cloud.count() != 0 {
		t.Fatalf("%s, %d calls by the second process", got.State, b.cloud.count())
	}
}

func TestAProcessThatDiedBeforeTheCallIsReplacedByCalling(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	if _, err := b.act("yes", "A", "approve", r); err != nil {
		t.Fatal(err)
	}
	if err := b.runner.apply(context.Background(), r.ID, Begin{}); err != nil {
		t.Fatal(err)
	}
	b.settle()
	for range 20 {
		b.pass(6 * time.Second)
		b.settle()
	}
	if got := b.load(r.ID); got.State != Scheduled || b.cloud.count() != 1 {
		t.Fatalf("%s after %d calls", got.State, b.cloud.count())
	}
}

func TestAnUnapprovedRequestExpires(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.pass(r.Deadline.Sub(noon) - time.Second)
	b.settle()
	if got := b.load(r.ID); got.State != Pending {
		t.Fatalf("before the deadline: %s", got.State)
	}
	b.pass(time.Second)
	b.settle()
	if got := b.load(r.ID); got.State != Expired || b.screen.said("expired") != 1 {
		t.Fatalf("at the deadline: %s", got.State)
	}
	if _, err := b.act("late", "A", "approve", r); obstacle(err) != WrongState {
		t.Fatalf("an approval after the end: %v", err)
	}
}

func TestACardThatCannotBePostedEndsTheRequest(t *testing.T) {
	b := newBench(t)
	b.screen.postErr = fmt.Errorf("%w: channel_not_found", ErrUnpostable)
	r, err := b.ask("ask", "R")
	if err != nil {
		t.Fatal(err)
	}
	b.settle()
	if got := b.load(r.ID); got.State != Withdrawn || len(b.screen.told) != 1 || b.screen.told[0] != "unpostable" {
		t.Fatalf("%s, told %v", got.State, b.screen.told)
	}
	b.screen.postErr = nil
	if _, err := b.ask("again", "R"); err != nil {
		t.Fatalf("the instance is still held: %v", err)
	}
}

func TestACancelTakesTheUpgradeBack(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	cancel, err := b.service.Ask(context.Background(), Ask{Event: "c", By: "R", Action: Cancel, Of: r.ID, Target: r.Target, At: r.At, Deadline: r.At, Zone: "UTC", Channel: "C"})
	if err != nil {
		t.Fatal(err)
	}
	b.settle()
	if _, err := b.act("yes-cancel", "B", "approve", cancel); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if up, down := b.load(r.ID), b.load(cancel.ID); up.State != Cancelled || down.State != Succeeded {
		t.Fatalf("upgrade %s, cancel %s", up.State, down.State)
	}
	if last := b.cloud.calls[len(b.cloud.calls)-1]; last.Action != Cancel || !last.At.Equal(r.At) {
		t.Fatalf("the cancel was called with %s at %s", last.Action, last.At)
	}
}

func TestARefusedCancelLeavesTheUpgradeScheduled(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.cloud.call = func(Request) Outcome { return Outcome{Kind: Refused, Code: "too_soon"} }
	cancel, err := b.service.Ask(context.Background(), Ask{Event: "c", By: "R", Action: Cancel, Of: r.ID, Target: r.Target, At: r.At, Deadline: r.At, Zone: "UTC", Channel: "C"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.act("yes-cancel", "B", "approve", cancel); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if up, down := b.load(r.ID), b.load(cancel.ID); up.State != Scheduled || up.TakenBack != 0 || down.State != Failed {
		t.Fatalf("upgrade %s (taken back by %d), cancel %s", up.State, up.TakenBack, down.State)
	}
}

func TestAWrongClockMakesNoCall(t *testing.T) {
	b := newBench(t)
	b.runner.Trusted = func() error { return errors.New("six minutes off") }
	r := b.asked()
	if _, err := b.act("yes", "A", "approve", r); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if got := b.load(r.ID); got.State != Approved || b.cloud.count() != 0 {
		t.Fatalf("%s, %d calls", got.State, b.cloud.count())
	}
}
