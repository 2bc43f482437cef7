package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

func failure(f Failure) func(Place, Picture) error {
	return func(Place, Picture) error { return &SendError{Failure: f, Code: "code", Err: errors.New("fault")} }
}

// rounds counts how often requests are shown while time does not pass.
func (b *bench) rounds(within int) (n int) {
	b.t.Helper()
	for range within {
		n += b.work(b.engine.shows)
	}
	return n
}

func TestACycleIsTwoPostsAndAtMostThreeUpdates(t *testing.T) {
	b := newBench(t)
	b.run(b.engine)
	b.cycles("s")
	if posts, updates := b.screen.counts(); posts != 2 || updates > 3 || b.screen.said("called") != 1 || b.cloud.count() != 1 {
		t.Errorf("%d posts, %d updates, %d calls", posts, updates, b.cloud.count())
	}
}

// cycles brings instances from the command to their schedule, read back and shown.
func (b *bench) cycles(ids ...string) {
	b.t.Helper()
	id := strings.Join(ids, " ")
	r := b.asks(b.upgrade("ask "+id, ids...))
	b.until("a card", func() bool { return b.screen.shows(r.ID) })
	b.acts("yes "+id, "A", approvals.VerbApprove, r)
	b.until("all is read back", func() bool {
		unread := func(it approvals.Item) bool { return it.Progress.VerifiedAt.IsZero() }
		return !slices.ContainsFunc(b.load(r.ID).Items, unread)
	})
	b.until("all is shown", func() bool { return b.shown(r.ID)[store.FieldCounter] == fmt.Sprint(b.load(r.ID).Counter) })
}

// trips counts a client's round trips to Redis. Polls do not count: they are as
// many when nothing happens.
type trips struct{ atomic.Int64 }

func (n *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (n *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !strings.Contains(fmt.Sprint(cmd.Args()...), " 2 "+store.DefaultPrefix+"due:") {
			n.Add(1)
		}
		return next(ctx, cmd)
	}
}

func (n *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		n.Add(1)
		return next(ctx, cmds)
	}
}

func TestACycleIsFewRoundTrips(t *testing.T) {
	b := newBench(t)
	client := redis.NewClient(&redis.Options{Addr: b.redis.(*redis.Client).Options().Addr})
	t.Cleanup(func() { client.Close() })
	var count trips
	client.AddHook(&count)
	b.engine = b.process(store.New(client, store.Options{Prefix: b.prefix, Ahead: b.skipped}), b.cloud, b.screen)
	b.run(b.engine)
	b.cycles("s") // the scripts are there afterwards
	const most = 14
	var trips []int64
	for n := range 20 { // a machine that is busy makes more of them, also by polling meanwhile
		id := fmt.Sprint("x", n)
		b.cloud.change(func() { b.cloud.add(id) })
		count.Store(0)
		start := time.Now()
		b.cycles(id)
		polls := 2 * int64(time.Since(start)/pollEvery)
		if trips = append(trips, count.Load()-polls); slices.Min(trips) <= most {
			return
		}
	}
	t.Errorf("%d round trips", trips)
}

func TestWakingUpForWhatIsShownSendsNothing(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.watchFor(3*time.Second, time.Second)
	posts, updates := b.screen.counts()
	for range 10 {
		b.redis.ZAdd(context.Background(), b.prefix+"due:show", redisZ(r.ID, 0))
		b.settle()
	}
	if p, u := b.screen.counts(); p != posts || u != updates {
		t.Errorf("%d posts and %d updates of an unchanged record", p-posts, u-updates)
	}
}

func TestANoticeOfACallIsChangedInPlace(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.scheduled()
	text := func() string { return b.screen.posts[1].digest }
	if b.screen.said("called") != 1 || text() != "called false false" {
		t.Fatalf("%+v", b.screen.posts)
	}
	b.watchFor(approvals.InvisibleAfter+time.Second, time.Second)
	if text() != "called false true" {
		t.Fatalf("it is not said that the cloud does not show it: %+v", b.screen.posts)
	}
	b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = r.At })
	b.watchFor(5*time.Second, time.Second)
	if text() != "called true false" || len(b.screen.posts) != 2 {
		t.Errorf("%+v", b.screen.posts)
	}
}

func TestADeletedCardIsPostedAgain(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.screen.change(func() {
		b.screen.onUpdate = func(ts string) error {
			if ts == "1.0" {
				return &SendError{Failure: Gone, Code: "message_not_found", Err: errors.New("gone")}
			}
			return nil
		}
	})
	b.acts("no", "A", approvals.VerbDeny, r)
	b.settle()
	if b.screen.said("card") != 2 || b.shown(r.ID)[store.FieldCard] == "1.0" || b.screen.said("denied") != 1 {
		t.Errorf("%+v, %v", b.screen.posts, b.shown(r.ID))
	}
}

// TestACardIsDrawnAgainWhenItsPlaceLetsIt: the bot was removed from the channel, and
// invited again, also when the request was over by then.
func TestACardIsDrawnAgainWhenItsPlaceLetsIt(t *testing.T) {
	for _, verb := range []approvals.Verb{approvals.VerbApprove, approvals.VerbDeny} {
		t.Run(string(verb), func(t *testing.T) {
			b := newBench(t)
			r := b.asked()
			drawn, tries := b.shown(r.ID)[store.FieldDrawn], 0
			b.screen.change(func() {
				b.screen.onUpdate = func(string) error {
					tries++
					return &SendError{Failure: Unpostable, Code: "channel_not_found", Err: errors.New("no")}
				}
			})
			b.acts("press", "A", verb, r)
			b.settle()
			b.watchFor(time.Minute, time.Second)
			if now := b.shown(r.ID)[store.FieldDrawn]; now != drawn || tries == 0 || tries > 5 {
				t.Fatalf("after %d tries: %q, before: %q", tries, now, drawn)
			}
			b.screen.change(func() { b.screen.onUpdate = nil })
			b.watchFor(2*placeWait, time.Minute)
			if now := b.shown(r.ID)[store.FieldDrawn]; now == drawn {
				t.Error("the card says for ever that it waits for approval")
			}
		})
	}
}

// TestAPostedCardIsAChange, because from then on there is a link to it.
func TestAPostedCardIsAChange(t *testing.T) {
	b := newBench(t)
	var changes atomic.Int64
	b.engine.Changed = func() { changes.Add(1) }
	b.asks(b.upgrade("ask s", "s"))
	asked := changes.Load()
	b.settle()
	if posted := changes.Load() - asked; posted != 1 || b.screen.said("card") != 1 {
		t.Errorf("%d changes when the card was posted: %+v", posted, b.screen.posts)
	}
}

func TestACardThatCannotBePostedEndsTheRequest(t *testing.T) {
	b := newBench(t)
	b.screen.onPost = failure(Unpostable)
	r := b.asked()
	if got := b.load(r.ID); got.State != approvals.Withdrawn || got.Closing.Code != "code" || len(b.screen.told) != 1 ||
		b.screen.told[0] != "unpostable" {
		t.Fatalf("%s, told %v", got.State, b.screen.told)
	}
	b.screen.change(func() { b.screen.onPost = nil })
	if _, err := b.ask("again", "R"); err != nil {
		t.Fatalf("the instance is still held: %v", err)
	}
}

// TestWhatIsUnderWayWithoutACardIsToldPrivately: a cancel that needs nobody is
// approved before its card is tried.
func TestWhatIsUnderWayWithoutACardIsToldPrivately(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.policy.Rule(approvals.Cancel, approvals.Target{}).CancelAlone = true
	tries := 0
	b.screen.change(func() {
		b.screen.onPost = func(to Place, p Picture) error { tries++; return failure(Unpostable)(to, p) }
	})
	cancel := b.cancels(r, 0)
	b.settle()
	b.watchFor(10*time.Second, time.Second)
	if got := b.stages(cancel.ID); got != "succeeded" || !strings.Contains(fmt.Sprint(b.screen.told), "succeeded") {
		t.Errorf("%s, told %v", got, b.screen.told)
	}
	if tries > 3 {
		t.Errorf("the card was tried %d times", tries)
	}
}

func TestAThreadThatTakesNoMessageTellsTheRequester(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.screen.change(func() {
		b.screen.onPost = failure(Unpostable)
		b.screen.onTell = func() error { b.screen.onTell = nil; return errors.New("away") }
	})
	b.acts("no", "A", approvals.VerbDeny, r)
	b.settle()
	if len(b.screen.told) != 0 {
		t.Fatalf("%v", b.screen.told)
	}
	b.watchFor(10*time.Second, time.Second)
	if fmt.Sprint(b.screen.told) != "[denied]" {
		t.Errorf("told %v", b.screen.told)
	}
}

func TestARefusedNoticeOfACallIsNotChanged(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.asked()
	b.screen.change(func() {
		b.screen.onPost = failure(Unpostable)
		b.screen.onTell = func() error { return &SendError{Failure: Unpostable, Err: errors.New("no")} }
	})
	log := test.NewLocal(b.engine.Log.(*logrus.Logger))
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	b.watchFor(30*time.Second, time.Second)
	if last := log.LastEntry(); last == nil || !strings.HasPrefix(last.Message, "nobody can be told") || last.Data["request"] != r.Name() {
		t.Errorf("the log's last line: %+v", last)
	}
	for _, ts := range b.screen.updates {
		if ts != "1.0" {
			t.Errorf("%q was updated", ts)
		}
	}
}

// TestARefusedNoticeOfACallIsToldUntilItIsReadBack: what it promises to say nobody would
// hear otherwise.
func TestARefusedNoticeOfACallIsToldUntilItIsReadBack(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.asked()
	b.screen.change(func() { b.screen.onPost = failure(Unpostable) })
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	hears := func(n int, what string, within time.Duration) {
		b.watchFor(within, time.Second)
		if got := fmt.Sprint(b.screen.told); got != fmt.Sprint(slices.Repeat([]string{"called"}, n)) {
			t.Fatalf("%s: told %s", what, got)
		}
	}
	hears(1, "accepted", 10*time.Second)
	hears(2, "not visible", approvals.InvisibleAfter)
	b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = r.At })
	hears(3, "scheduled", 5*time.Second)
	hears(3, "nothing else", time.Minute)
}

// TestANoticeOfACallThatCannotBeChangedIsPostedAgain: it was deleted, or the workspace lets
// nobody edit. What it promises to say nobody would hear otherwise.
func TestANoticeOfACallThatCannotBeChangedIsPostedAgain(t *testing.T) {
	for name, why := range map[string]Failure{"deleted": Gone, "not to be edited": Unpostable} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
				return approvals.Outcome{Kind: approvals.Accepted}
			}
			r := b.asked()
			b.acts("yes", "A", approvals.VerbApprove, r)
			b.settle()
			b.screen.change(func() {
				b.screen.onUpdate = func(ts string) error {
					if ts == "1.0" {
						return nil
					}
					return &SendError{Failure: why, Code: "code", Err: errors.New("no")}
				}
			})
			b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = r.At })
			b.watchFor(time.Minute, time.Second)
			if n := b.screen.said("called"); n != 2 || b.screen.said("card") != 1 {
				t.Errorf("%d notices: %+v", n, b.screen.posts)
			}
		})
	}
}

func TestALimitedPostWaitsAsLongAsItIsTold(t *testing.T) {
	for name, after := range map[string]time.Duration{"for a while": 300 * time.Millisecond, "for no time at all": 0} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var limited atomic.Int32
			b.screen.onPost = func(Place, Picture) error {
				if limited.Add(1) == 1 {
					return &SendError{Failure: Limited, Method: "chat.postMessage", After: after, Err: errors.New("ratelimited")}
				}
				return nil
			}
			b.run(b.engine)
			begin := time.Now()
			if _, err := b.ask("ask", "R"); err != nil {
				t.Fatal(err)
			}
			b.until("the card", func() bool { return b.screen.said("card") == 1 })
			if took := time.Since(begin); took < after || took > after+3*time.Second || limited.Load() != 2 {
				t.Errorf("after %s, %d posts", took, limited.Load())
			}
		})
	}
}

// TestALimitedDirectMessageLeavesTheChannelAlone: its budget is the person's.
func TestALimitedDirectMessageLeavesTheChannelAlone(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
	}
	b.screen.onPost = func(to Place, _ Picture) error {
		if to.User == "" {
			return nil
		}
		return &SendError{Failure: Limited, Method: "chat.postMessage", After: time.Hour, Err: errors.New("ratelimited")}
	}
	r := b.asked()
	grant, err := b.store.Grant(context.Background(), r.ID, false, []store.Post{{Field: "notice:other", Place: r.Channel}})
	if err != nil || len(grant.Posts) != 1 {
		t.Errorf("the channel has to wait %s: %v", grant.PostWait, err)
	}
}

// TestAFailingCardIsTriedLessAndLess: also when there are notices to give.
func TestAFailingCardIsTriedLessAndLess(t *testing.T) {
	for name, f := range map[string]Failure{"not sent": NotSent, "limited": Limited} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for i := range b.policy.Rules {
				b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
			}
			tries := 0
			b.screen.onPost = func(Place, Picture) error {
				tries++
				return &SendError{Failure: f, Method: "chat.postMessage", After: time.Minute, Err: errors.New("fault")}
			}
			r := b.asks(b.upgrade("ask", "s"))
			if n := b.rounds(20); n > 2 || tries != 1 {
				t.Fatalf("%d rounds, %d tries at once", n, tries)
			}
			if f == NotSent {
				b.watchFor(10*time.Minute, time.Second)
				if tries > 30 {
					t.Errorf("%d tries in ten minutes", tries)
				}
				b.screen.change(func() { b.screen.onPost = nil })
				b.watchFor(3*time.Minute, time.Second)
				if b.screen.said("card") != 1 || b.screen.said("direct A") != 1 || b.shown(r.ID)[fieldFail] != "" {
					t.Errorf("%+v, %v", b.screen.posts, b.shown(r.ID))
				}
			}
		})
	}
}

func TestAnUnclearPostIsLookedForBeforeItIsPostedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		found bool
		cards int
	}{"found": {true, 1}, "nobody can tell": {false, 2}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for i := range b.policy.Rules {
				b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
			}
			b.screen.find = c.found
			first := true
			b.screen.onPost = func(to Place, p Picture) error {
				if first {
					first = false
					return failure(Unclear)(to, p)
				}
				return nil
			}
			begin := b.now()
			r := b.asks(b.upgrade("ask", "s"))
			if n := b.rounds(20); n > 2 {
				t.Fatalf("%d rounds at once", n)
			}
			b.watchFor(2*time.Second, time.Second)
			if (b.screen.said("card") != 1 || b.screen.found != 0) && b.now().Sub(begin) < unclearIn {
				t.Fatalf("too early: %+v", b.screen.posts)
			}
			b.watchFor(4*time.Second, time.Second)
			if b.screen.said("card") != c.cards || b.shown(r.ID)[store.FieldCard] == "" || b.screen.said("direct A") != 1 {
				t.Errorf("%+v, %v", b.screen.posts, b.shown(r.ID))
			}
		})
	}
}

// TestASearchThatFailsLeavesTheNote: whatever failed it, the message may stand.
func TestASearchThatFailsLeavesTheNote(t *testing.T) {
	for name, why := range map[string]*SendError{
		"limited": {Failure: Limited, Method: "conversations.history", After: 20 * time.Second, Err: errors.New("ratelimited")},
		"unsent":  {Failure: NotSent, Err: errors.New("no route")},
		"unclear": {Failure: Unclear, Err: errors.New("reset")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			posts, searches := 0, 0
			b.screen.onPost = func(to Place, p Picture) error {
				if posts++; posts == 1 {
					return failure(Unclear)(to, p)
				}
				return nil
			}
			b.screen.onFind = func() error {
				if searches++; searches <= 2 {
					return why
				}
				return nil
			}
			r := b.asks(b.upgrade("ask", "s"))
			b.watchFor(90*time.Second, time.Second)
			if got := b.load(r.ID); b.screen.said("card") != 1 || b.shown(r.ID)[store.FieldCard] != "1.0" || got.State != approvals.Pending {
				t.Errorf("%d cards after %d searches, %s, %v", b.screen.said("card"), searches, got.State, b.shown(r.ID))
			}
		})
	}
}

// TestAWorkerThatDiesAfterItsPostIsReplacedByLooking: it posted, and never said so.
func TestAWorkerThatDiesAfterItsPostIsReplacedByLooking(t *testing.T) {
	b := newBench(t)
	r := b.asks(b.upgrade("ask", "s"))
	leases, _, err := b.another().Take(context.Background(), store.Show, 1)
	if err != nil || len(leases) != 1 {
		t.Fatalf("%d, %v", len(leases), err)
	}
	b.engine.show(context.Background(), &leases[0]) // and then it dies
	b.acts("no", "A", approvals.VerbDeny, r)
	b.watchFor(8*time.Second, time.Second) // what is left of the 5 s is waited for with some jitter
	if b.screen.said("card") != 1 || b.screen.found != 1 || b.shown(r.ID)[store.FieldCard] != "1.0" {
		t.Errorf("%d cards, %d looks, %v", b.screen.said("card"), b.screen.found, b.shown(r.ID))
	}
	if now := b.screen.Card(b.load(r.ID), b.now()).Digest; b.screen.posts[0].digest != now {
		t.Errorf("the card still says %q", b.screen.posts[0].digest)
	}
}

// TestNothingADeadWorkerMayHavePostedIsPostedAgain, also when the search for another of its
// messages fails.
func TestNothingADeadWorkerMayHavePostedIsPostedAgain(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
	}
	b.asks(b.upgrade("ask", "s"))
	b.work(b.engine.shows) // the card
	dead := b.lease(b.process(b.another(), b.cloud, b.screen).shows)
	b.engine.show(context.Background(), &dead)
	b.screen.onFind = func() error { b.screen.onFind = nil; return failure(NotSent)(Place{}, Picture{}) }
	b.watchFor(time.Minute, time.Second)
	if posts, _ := b.screen.counts(); posts != 5 || b.screen.found != 4 {
		t.Errorf("%d found: %+v", b.screen.found, b.screen.posts)
	}
}

// TestWhoTakesNoDirectMessageIsTheirsAlone: the requester is not told instead, and the next
// approver is.
func TestWhoTakesNoDirectMessageIsTheirsAlone(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
	}
	b.screen.onPost = func(to Place, p Picture) error {
		if to.User != "A" {
			return nil
		}
		return failure(Unpostable)(to, p)
	}
	b.asked()
	if b.screen.said("direct A") != 0 || b.screen.said("direct G2") != 1 || len(b.screen.told) != 0 {
		t.Errorf("%+v, told %v", b.screen.posts, b.screen.told)
	}
}

// TestWhatWasPostedIsNotedWhenRedisComesBack: the note is not lost with one fault.
func TestWhatWasPostedIsNotedWhenRedisComesBack(t *testing.T) {
	b, proxy := newProxied(t)
	b.screen.find = false // nobody could tell
	var once sync.Once
	b.screen.onPost = func(Place, Picture) error {
		once.Do(func() { proxy.Lose(1, "evalsha", "due:show"); proxy.Cut() })
		return nil
	}
	r := b.asks(b.upgrade("ask", "s"))
	b.settle()
	b.watchFor(15*time.Second, time.Second)
	if b.screen.said("card") != 1 || b.shown(r.ID)[store.FieldCard] == "" {
		t.Errorf("%d cards, %v", b.screen.said("card"), b.shown(r.ID))
	}
}

// TestAPostLeavesSoonAfterItsNote: one that had to wait for another is granted anew,
// because whoever finds an old note takes it for a dead process's.
func TestAPostLeavesSoonAfterItsNote(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
	}
	slow := true
	b.screen.onPost = func(to Place, _ Picture) error {
		if to.User == "" {
			return nil
		}
		shown := b.shown(1)
		for field, value := range shown {
			ms := int64(0)
			if _, err := fmt.Sscanf(value, "?%d", &ms); err == nil && b.now().Sub(time.UnixMilli(ms)) > grantFor+300*time.Millisecond {
				t.Errorf("%s leaves %s after its note", field, b.now().Sub(time.UnixMilli(ms)))
			}
		}
		if slow {
			slow = false
			<-time.After(grantFor + 500*time.Millisecond)
		}
		return nil
	}
	b.asked()
	if b.screen.said("direct A") != 1 || b.screen.said("direct G2") != 1 {
		t.Errorf("%+v", b.screen.posts)
	}
}
