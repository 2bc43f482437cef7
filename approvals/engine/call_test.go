package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

// slow is the cloud by the way of one process, which the test can hold up.
type slow struct {
	*cloud
	survey func() error
}

func (s slow) Survey(ctx context.Context, project string, since time.Time) (approvals.Survey, error) {
	if err := s.survey(); err != nil {
		return approvals.Survey{}, err
	}
	return s.cloud.Survey(ctx, project, since)
}

// TestOneListThatLacksTheInstanceEndsNothing: the next one has it.
func TestOneListThatLacksTheInstanceEndsNothing(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	shown := b.cloud.seen
	b.cloud.look = func() {
		b.cloud.change(func() {
			if b.cloud.seen = shown; len(b.cloud.ages) == 0 {
				b.cloud.seen = nil
			}
		})
	}
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.looks() < 2 {
		t.Errorf("%s after %d looks", got, b.cloud.looks())
	}
}

// TestALateLookCountsAgainstTheRecordItWasMadeFor: the look of process A before the
// call fails late. Meanwhile the approval was taken back and given by another, and
// process B is calling.
func TestALateLookCountsAgainstTheRecordItWasMadeFor(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	inA, releaseA, inB, releaseB := make(chan bool), make(chan bool), make(chan bool, 9), make(chan bool)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		inB <- true
		<-releaseB
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	a := b.process(b.another(), slow{b.cloud, func() error { inA <- true; <-releaseA; return errors.New("timeout") }}, b.screen)
	b.acts("1", "A", approvals.VerbApprove, r)
	lease := b.lease(a.acts)
	var group sync.WaitGroup
	group.Go(func() { a.acts.reconcile(context.Background(), lease) })
	<-inA
	b.acts("2", "A", approvals.VerbRetract, r)
	b.acts("3", "B", approvals.VerbApprove, r)
	b.pass(store.LeaseFor) // A's lease runs out
	group.Go(func() {
		for b.work(b.engine.acts) == 0 {
		}
	})
	<-inB
	close(releaseA)
	b.until("A's look to count for nothing", func() bool {
		for _, e := range b.entries() {
			if e.Verb == approvals.VerbConclude {
				t.Error("it was concluded that nothing was sent")
			}
		}
		return b.stages(r.ID) == "executing"
	})
	b.pass(3 * time.Second)
	third := b.process(b.another(), b.cloud, b.screen)
	b.work(third.acts)
	close(releaseB)
	group.Wait()
	b.settle()
	if b.cloud.count() != 1 || b.stages(r.ID) != "scheduled" {
		t.Errorf("%d calls, %s", b.cloud.count(), b.stages(r.ID))
	}
}

// TestASecondProcessFindsTheClaimRunning: processes' own clocks are asked for
// nothing here. Whatever they show, a process takes the time from Redis' answers;
// the store's tests give it a clock that is 90 s off.
func TestASecondProcessFindsTheClaimRunning(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	began, release := make(chan bool), make(chan bool)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		began <- true
		<-release
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	b.acts("1", "A", approvals.VerbApprove, r)
	var group sync.WaitGroup
	group.Go(func() {
		for b.work(b.engine.acts) == 0 {
		}
	})
	<-began
	other := b.process(b.another(), b.cloud, b.screen)
	for range 10 {
		b.pass(2 * time.Second)
		b.settleBy(other)
	}
	if got := b.stages(r.ID); b.cloud.count() != 1 || got != "executing" {
		t.Errorf("%d calls, %s", b.cloud.count(), got)
	}
	close(release)
	group.Wait()
	b.settle()
	if got := b.stages(r.ID); b.cloud.count() != 1 || got != "scheduled" {
		t.Errorf("%d calls, %s", b.cloud.count(), got)
	}
}

// TestADeadlineIsNeitherEarlyNorLost: somebody looks just before it, and is not
// needed again.
func TestADeadlineIsNeitherEarlyNorLost(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.pass(r.Deadline.Sub(b.now()) - 5*time.Second)
	b.redis.ZAdd(context.Background(), b.prefix+"due:act", redisZ(r.ID, 0))
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Pending {
		t.Fatalf("before its deadline it is %s", got.State)
	}
	b.pass(5 * time.Second)
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Expired {
		t.Errorf("it is %s", got.State)
	}
	if _, err := b.ask("again", "R"); err != nil {
		t.Errorf("the instance is still held: %v", err)
	}
}

// TestTheEndOfAClaimIsNotLost: whoever claimed has died, and whoever looks after it
// comes a moment early.
func TestTheEndOfAClaimIsNotLost(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	if _, err := b.engine.commit(context.Background(), r, approvals.Claim{}); err != nil {
		t.Fatal(err)
	}
	b.pass(approvals.CallTimeout - 5*time.Second)
	b.redis.ZAdd(context.Background(), b.prefix+"due:act", redisZ(r.ID, 0))
	b.settle()
	if got := b.stages(r.ID); got != "executing" {
		t.Fatalf("before its end it is %s", got)
	}
	b.watchFor(2*time.Minute, time.Second)
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// approved is a request that nobody has begun to call.
func (b *bench) approved() *approvals.Request {
	b.t.Helper()
	return b.acts("yes", "A", approvals.VerbApprove, b.asked())
}

func TestApprovedInTimeIsCalledAfterTheDeadline(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.pass(r.Deadline.Sub(b.now()) - 5*time.Second)
	b.acts("1", "A", approvals.VerbApprove, r)
	b.pass(6 * time.Second) // the queue is a little behind
	b.settle()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

func TestACallThatWouldBreakTheCloudsNoticeIsNotMade(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	b.passTo(r.At.Add(time.Second - r.Lead))
	if got := b.load(r.ID).Items[0]; got.State != approvals.Failed || got.Call.Outcome.Code != approvals.CodeTooLate || b.cloud.count() != 0 {
		t.Errorf("%s, %d calls", got.State, b.cloud.count())
	}
}

func TestACallWithoutAnAnswerIsNotRepeatedBlindly(t *testing.T) {
	for name, tookEffect := range map[string]bool{"it took effect": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			first := true
			b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
				if tookEffect || !first {
					b.cloud.change(func() { b.cloud.take(action, target, at) })
				}
				if first {
					first = false
					return approvals.Outcome{Kind: approvals.Unclear, Code: approvals.CodeUnreached, Raw: "connection reset"}
				}
				return approvals.Outcome{Kind: approvals.Accepted}
			}
			r := b.scheduled()
			if got := b.stages(r.ID); got != "unknown" || b.screen.said("unclear 1") != 1 {
				t.Fatalf("%s, %+v", got, b.screen.posts)
			}
			b.watchFor(40*time.Second, time.Second)
			if !tookEffect && b.cloud.count() != 1 {
				t.Fatal("called again before the first call was settled")
			}
			b.watchFor(40*time.Second, time.Second)
			want := map[bool]int{true: 1, false: 2}[tookEffect]
			if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != want {
				t.Fatalf("%s after %d calls", got, b.cloud.count())
			}
		})
	}
}

// TestACallThatIsInItsOwnWayIsAccepted: a gateway has passed it on twice, and hands out the second answer.
func TestACallThatIsInItsOwnWayIsAccepted(t *testing.T) {
	for want, c := range map[string]struct {
		tookEffect bool
		unread     error
	}{"scheduled": {tookEffect: true}, "failed": {}, "unknown": {tookEffect: true, unread: errors.New("away")}} {
		t.Run(want, func(t *testing.T) {
			b := newBench(t)
			b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
				b.cloud.change(func() {
					if b.cloud.err = c.unread; c.tookEffect {
						b.cloud.take(action, target, at)
					}
				})
				return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeConflict}
			}
			r := b.scheduled()
			b.watchFor(time.Minute, 10*time.Second)
			if got := b.stages(r.ID); got != want || b.cloud.count() != 1 {
				t.Errorf("%s after %d calls", got, b.cloud.count())
			}
			if c.unread == nil {
				return
			}
			if raw := b.load(r.ID).Items[0].Call.Outcome.Raw; raw != "away" {
				t.Errorf("it is not known because %q", raw)
			}
			b.cloud.change(func() { b.cloud.err = nil })
			b.engine.lookAtAll(context.Background(), b.load(r.ID))
			if got := b.stages(r.ID); got != "scheduled" {
				t.Errorf("%s, when somebody has it checked again", got)
			}
		})
	}
}

// TestACallThatMayBeOnItsWayIsNotRepeated, although Redis' clock goes ahead meanwhile by as
// much as is let pass: a replica that takes over has a clock of its own.
func TestACallThatMayBeOnItsWayIsNotRepeated(t *testing.T) {
	b := newBench(t)
	answer := make(chan struct{})
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		if b.cloud.count() == 1 {
			<-answer
		}
		return approvals.Outcome{Kind: approvals.Unclear}
	}
	b.approved()
	l, over := b.lease(b.engine.acts), make(chan struct{})
	go func() { defer close(over); b.engine.acts.reconcile(context.Background(), l) }()
	t.Cleanup(func() { close(answer); <-over })
	b.until("the call", func() bool { return b.cloud.count() == 1 })
	other := b.process(b.another(), b.cloud, b.screen)
	for range (approvals.CallTimeout - callMargin + CallSkew) / time.Second {
		b.pass(time.Second)
		b.settleBy(other)
	}
	if n := b.cloud.count(); n != 1 {
		t.Errorf("%d calls at once", n)
	}
}

// TestAClaimThatHasEndedIsNoRightToCall: the process stood still since it claimed.
func TestAClaimThatHasEndedIsNoRightToCall(t *testing.T) {
	b := newBench(t)
	if got := b.engine.send(context.Background(), b.approved(), 0, time.Now()); got.Kind != approvals.NotSent || b.cloud.count() != 0 {
		t.Errorf("%+v, %d calls", got, b.cloud.count())
	}
}

// TestAReadThatIsOldByTheClaimIsNoRightToCall: the look-up of those who approved took long.
func TestAReadThatIsOldByTheClaimIsNoRightToCall(t *testing.T) {
	b := newBench(t)
	_, err := b.engine.attempt(context.Background(), b.approved(), 0, approvals.Survey{}, time.Now().Add(-readFor))
	if !errors.Is(err, store.ErrConflict) || b.cloud.count() != 0 {
		t.Errorf("%v, %d calls", err, b.cloud.count())
	}
}

// TestALookIsSharedUnlessItIsToShowACall, or to be sure of what a cancel takes back.
func TestALookIsSharedUnlessItIsToShowACall(t *testing.T) {
	b := newBench(t)
	shared := func(look int) bool { return b.cloud.ages[look] >= readFor }
	r := b.scheduled()
	if !shared(0) || shared(1) {
		t.Errorf("before the call, and after it: %v", b.cloud.ages)
	}
	b.passTo(r.At.Add(-time.Hour))
	b.watchFor(30*time.Minute, time.Minute)
	n := b.cloud.looks()
	if !shared(n - 1) {
		t.Errorf("once it was read back: %v", b.cloud.ages)
	}
	b.acts("yes to the cancel", "B", approvals.VerbApprove, b.cancels(r, 0))
	b.settle()
	if shared(n) {
		t.Errorf("before a cancel: %v", b.cloud.ages[n:])
	}
}

// TestTheAnswerForARecordThatIsGoneIsKeptByNobody: Redis has lost it.
func TestTheAnswerForARecordThatIsGoneIsKeptByNobody(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		b.redis.FlushAll(context.Background())
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	b.approved()
	b.settle()
	if n := b.cloud.count(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// TestAProcessThatDiedInTheCallIsReplacedByReading: it claimed, called, and died
// before it wrote the answer down.
func TestAProcessThatDiedInTheCallIsReplacedByReading(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	if _, err := b.engine.commit(context.Background(), r, approvals.Claim{}); err != nil {
		t.Fatal(err)
	}
	b.cloud.change(func() { b.cloud.take(approvals.Upgrade, target("s"), r.At) })
	b.watchFor(30*time.Second, time.Second)
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 0 {
		t.Fatalf("%s, %d calls by the second process", got, b.cloud.count())
	}
}

// TestAnAnswerThatCannotBeWrittenDownIsTriedAgain: Redis is away when it comes.
func TestAnAnswerThatCannotBeWrittenDownIsTriedAgain(t *testing.T) {
	b, proxy := newProxied(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		proxy.Lose(3, "evalsha", "finish")
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.scheduled()
	b.settle()
	if got := b.stages(r.ID); got != "scheduled" || b.screen.said("unclear 1") != 0 {
		t.Errorf("%s, %+v", got, b.screen.posts)
	}
}

// TestAnAnswerIsKeptForAsLongAsRedisIsAway: whoever does not know it calls again.
func TestAnAnswerIsKeptForAsLongAsRedisIsAway(t *testing.T) {
	b := newBench(t)
	away := &outage{of: `"verb":"finish"`, lasts: answerFor + time.Second}
	b.redis.AddHook(away)
	r := b.scheduled()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 || time.Since(away.since) < away.lasts {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// TestAClaimWhoseAnswerIsLostIsGivenBack, and the call is made at once: whoever claimed
// knows that nothing was called. A client that sends the claim again hears that the record
// has changed.
func TestAClaimWhoseAnswerIsLostIsGivenBack(t *testing.T) {
	for name, tries := range map[string]int{"sent once": -1, "sent again": 3} {
		t.Run(name, func(t *testing.T) {
			b, proxy := newProxied(t)
			r := b.acts("yes", "A", approvals.VerbApprove, b.asked())
			client := redis.NewClient(&redis.Options{Addr: proxy.Addr, MaxRetries: tries})
			t.Cleanup(func() { client.Close() })
			b.engine = b.process(store.New(client, store.Options{Prefix: b.prefix, Ahead: b.skipped}), b.cloud, b.screen)
			lost := proxy.Lose(1, "evalsha", `"verb":"claim"`)
			b.settle()
			<-lost
			b.watchFor(10*time.Second, time.Second)
			if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
				t.Errorf("%s, %d calls", got, b.cloud.count())
			}
		})
	}
}

// TestALateClaimDoesNotGiveTheOthersBack: the look of process A before the call comes when
// process B is calling.
func TestALateClaimDoesNotGiveTheOthersBack(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	inA, releaseA, inB, releaseB := make(chan bool), make(chan bool), make(chan bool, 9), make(chan bool)
	b.cloud.call = func(action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
		inB <- true
		<-releaseB
		b.cloud.change(func() { b.cloud.take(action, target, at) })
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	a := b.process(b.another(), slow{b.cloud, func() error { inA <- true; <-releaseA; return nil }}, b.screen)
	lease := b.lease(a.acts)
	var theirs, ours sync.WaitGroup
	theirs.Go(func() { a.acts.reconcile(context.Background(), lease) })
	<-inA
	b.pass(store.LeaseFor) // A's lease runs out
	ours.Go(func() { b.work(b.engine.acts) })
	<-inB
	close(releaseA)
	theirs.Wait()
	if got := b.stages(r.ID); got != "executing" {
		t.Errorf("%s while B calls", got)
	}
	close(releaseB)
	ours.Wait()
	b.settle()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// TestNothingIsClaimedOnAPrimaryAlone: what was not sent would be said to be unclear,
// and be given up after three claims.
func TestNothingIsClaimedOnAPrimaryAlone(t *testing.T) {
	b := newBench(t)
	r, healthy := b.approved(), b.engine
	b.engine = b.process(store.New(b.redis, store.Options{Prefix: b.prefix, Durable: store.Durable(b.redis, 1), Ahead: b.skipped}), b.cloud, b.screen)
	b.watchFor(time.Minute, 5*time.Second)
	if got := b.stages(r.ID); got != "approved" || b.cloud.count() != 0 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
	b.engine = healthy
	b.watchFor(10*time.Second, 5*time.Second)
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
		t.Errorf("with a replica: %s, %d calls", got, b.cloud.count())
	}
}

// TestAReadThatTakesLongIsGoodEnough: it is fresh when it comes.
func TestAReadThatTakesLongIsGoodEnough(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.cloud.change(func() { b.cloud.look = func() { <-time.After(readFor + 200*time.Millisecond) } })
	b.run(b.engine)
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.until("the call", func() bool { return b.cloud.count() == 1 })
}

func TestAWrongClockMakesNoCall(t *testing.T) {
	b := newBench(t)
	b.engine.Trusted = apart(time.Minute)
	r := b.scheduled()
	b.watchFor(time.Minute, time.Second)
	if got := b.stages(r.ID); got != "approved" || b.cloud.count() != 0 || b.screen.said("clock") != 1 {
		t.Fatalf("%s, %d calls", got, b.cloud.count())
	}
	b.engine.Trusted = apart(0)
	b.watchFor(10*time.Second, time.Second)
	if got := b.stages(r.ID); got != "scheduled" {
		t.Errorf("with the clock right again: %s", got)
	}
}

// apart are clocks that differ.
func apart(by time.Duration) func(_ string, limit time.Duration) error {
	return func(_ string, limit time.Duration) error {
		if by > limit {
			return fmt.Errorf("%s off", by)
		}
		return nil
	}
}

// TestClocksThatDifferALittleHoldUpNothingButCalls: an upgrade is followed to its end.
func TestClocksThatDifferALittleHoldUpNothingButCalls(t *testing.T) {
	b := newBench(t)
	r := b.running()
	b.engine.Trusted = apart(time.Minute)
	b.see(func(o *approvals.Observation) { o.Running, o.Idle, o.Version = false, true, "3.3.52.1" })
	b.watch(2 * time.Minute)
	b.endsAs(r, approvals.Succeeded, "succeeded")
}

// TestClocksThatDifferALittleEndWhatIsTooLate: until the deadline, people are told, it waits for
// the clock.
func TestClocksThatDifferALittleEndWhatIsTooLate(t *testing.T) {
	b := newBench(t)
	b.engine.Trusted = apart(time.Minute)
	r := b.scheduled()
	b.pass(5 * 24 * time.Hour)
	b.watchFor(time.Minute, 5*time.Second)
	if got := b.stages(r.ID); got != "failed" || b.cloud.count() != 0 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// TestNothingIsConcludedWhileTheClocksDiffer: Redis' clock jumps past all that could be due,
// and is put back.
func TestNothingIsConcludedWhileTheClocksDiffer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ahead       time.Duration
		begin, amid func(b *bench) *approvals.Request
		held, after string
	}{
		"pending":                         {5 * 24 * time.Hour, func(b *bench) *approvals.Request { return b.asked() }, nil, "pending", "pending"},
		"approved":                        {5 * 24 * time.Hour, (*bench).approved, nil, "approved", "scheduled"},
		"approved while they differ":      {2 * time.Hour, func(b *bench) *approvals.Request { return b.asked() }, (*bench).approves, "approved", "scheduled"},
		"scheduled, and its time is over": {6 * 24 * time.Hour, (*bench).read, nil, "scheduled", "scheduled"},
		"over, and to be forgotten in it": {500 * 24 * time.Hour, (*bench).denied, nil, "denied", "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := c.begin(b)
			wrong := errors.New("far off")
			b.engine.Trusted = func(string, time.Duration) error { return wrong }
			b.pass(c.ahead)
			if c.amid != nil {
				c.amid(b)
			}
			b.watchFor(time.Minute, 5*time.Second)
			told := b.screen.said("clock")
			if got := b.stages(r.ID); got != c.held || (told == 1) != (got == "approved") {
				t.Fatalf("while they differ: %s, told %d times", got, told)
			}
			wrong = nil
			b.pass(-c.ahead)
			if _, _, err := b.store.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.watchFor(10*time.Second, time.Second)
			if got := b.stages(r.ID); got != c.after {
				t.Errorf("put back: %s", got)
			}
		})
	}
}

func (b *bench) approves() *approvals.Request {
	return b.acts("yes", "A", approvals.VerbApprove, b.load(1))
}

func (b *bench) denied() *approvals.Request {
	r := b.acts("no", "A", approvals.VerbDeny, b.asked())
	b.settle()
	return r
}

// read is an upgrade that was read back.
func (b *bench) read() *approvals.Request {
	r := b.scheduled()
	b.watchFor(time.Minute, 5*time.Second)
	return r
}

// TestAWrongClockIsComparedAgain: what the cloud's last answer showed of the clocks
// may be over, and it is the next answer that says so.
func TestAWrongClockIsComparedAgain(t *testing.T) {
	b := newBench(t)
	wrong := errors.New("40 s off")
	b.engine.Trusted = func(string, time.Duration) error { return wrong }
	b.cloud.change(func() { b.cloud.look = func() { wrong = nil } })
	r := b.scheduled()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// TestAClockThatIsSeenToBeWrongRightBeforeTheCallMakesNone.
func TestAClockThatIsSeenToBeWrongRightBeforeTheCallMakesNone(t *testing.T) {
	b := newBench(t)
	var wrong error
	b.engine.Trusted = func(string, time.Duration) error { return wrong }
	b.cloud.change(func() { b.cloud.look = func() { wrong = errors.New("40 s off") } })
	r := b.scheduled()
	if got := b.stages(r.ID); got != "approved" || b.cloud.count() != 0 || b.screen.said("clock") != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// TestAPolicyThatChangesDuringTheLookCounts: a list can take long.
func TestAPolicyThatChangesDuringTheLookCounts(t *testing.T) {
	b := newBench(t)
	b.cloud.change(func() {
		b.cloud.look = func() { b.policy = policy.OneLine(approvals.Set{Users: []string{"B"}}, 1, "") }
	})
	r := b.acts("yes", "A", approvals.VerbApprove, b.asked())
	b.settle()
	if got := b.stages(r.ID); got != "pending" || b.cloud.count() != 0 || b.screen.said("lapsed 1") != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

func TestAChangeOfMembershipBetweenApprovalAndCallCounts(t *testing.T) {
	b := newBench(t)
	r := b.acts("yes", "G1", approvals.VerbApprove, b.asked())
	b.people.change(func() { b.people.groups["S1"] = []string{"G2"} })
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Pending || b.cloud.count() != 0 || len(got.Approvals()) != 0 ||
		b.screen.said("lapsed 1") != 1 {
		t.Fatalf("%s, %d calls, approvals %v", got.State, b.cloud.count(), got.Approvals())
	}
}

func TestAChangeOfMembershipBetweenTwoApprovalsCounts(t *testing.T) {
	b := newBench(t)
	b.policy = policy.OneLine(approvals.Set{Users: []string{"A"}, Groups: []string{"S1"}}, 2, "")
	r := b.acts("first", "G1", approvals.VerbApprove, b.asked())
	b.people.change(func() { b.people.groups["S1"] = []string{"G2"} })
	r = b.acts("second", "A", approvals.VerbApprove, r)
	b.settle()
	if got := b.load(r.ID); !slices.Equal(got.Approvers(), []string{"A"}) || b.screen.said("lapsed 1") != 1 {
		t.Fatalf("%s by %v", got.State, got.Approvers())
	}
	b.acts("third", "G2", approvals.VerbApprove, r)
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Approved || !slices.Equal(got.Approvers(), []string{"A", "G2"}) || b.cloud.count() != 1 {
		t.Errorf("%s by %v, %d calls", got.State, got.Approvers(), b.cloud.count())
	}
}

// TestAChangeOfMembershipDuringTheLookCounts: a list can take long.
func TestAChangeOfMembershipDuringTheLookCounts(t *testing.T) {
	b := newBench(t)
	b.cloud.change(func() {
		b.cloud.look = func() { b.people.change(func() { b.people.groups["S1"] = []string{"G2"} }) }
	})
	r := b.acts("yes", "G1", approvals.VerbApprove, b.asked())
	b.settle()
	if got := b.stages(r.ID); got != "pending" || b.cloud.count() != 0 || b.screen.said("lapsed 1") != 1 {
		t.Errorf("%s, %d calls", got, b.cloud.count())
	}
}

// TestAGroupThatNobodyTellsHoldsTheCall: it was disabled after the approval. People are told
// why nothing comes of it.
func TestAGroupThatNobodyTellsHoldsTheCall(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	b.people.change(func() { b.people.away = policy.ErrNoGroup })
	b.watchFor(time.Minute, time.Second)
	if got := b.stages(r.ID); got != "approved" || b.cloud.count() != 0 || b.screen.said("no_group") != 1 || b.screen.said("approved") != 0 {
		t.Fatalf("%s, %d calls, %+v", got, b.cloud.count(), b.screen.posts)
	}
	b.people.change(func() { b.people.away = nil })
	b.watchFor(10*time.Second, time.Second)
	if got := b.stages(r.ID); got != "scheduled" {
		t.Errorf("with the group back: %s", got)
	}
}

// TestADirectoryThatIsAwayPutsTheCallOff: nothing is committed meanwhile.
func TestADirectoryThatIsAwayPutsTheCallOff(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	b.people.change(func() { b.people.away = errors.New("Slack is away") })
	b.watchFor(10*time.Second, time.Second)
	if got := b.load(r.ID); got.Counter != r.Counter || b.cloud.count() != 0 {
		t.Fatalf("%d commits, %d calls", got.Counter-r.Counter, b.cloud.count())
	}
	b.people.change(func() { b.people.away = nil })
	b.watchFor(3*time.Second, time.Second)
	if got := b.stages(r.ID); got != "scheduled" {
		t.Error(got)
	}
}

// TestACancelTakesTheUpgradeBack, whatever speaks against the upgrade by then.
func TestACancelTakesTheUpgradeBack(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.cloud.change(func() { b.cloud.unsupported = true })
	b.cloud.show("s", func(o *approvals.Observation) { o.Offer = approvals.OfferNone })
	cancel := b.cancels(r, 0)
	b.acts("yes to the cancel", "B", approvals.VerbApprove, cancel)
	b.settle()
	b.watchFor(2*time.Second, time.Second)
	if up, down := b.stages(r.ID), b.stages(cancel.ID); up != "cancelled" || down != "succeeded" {
		t.Fatalf("upgrade %s, cancel %s", up, down)
	}
	if calls, at := b.cloud.called(), b.cloud.times[1]; fmt.Sprint(calls) != "[cancel s upgrade s]" || !at.Equal(r.At) {
		t.Fatalf("%v, at %s", calls, at)
	}
	if open, err := b.store.Open(context.Background()); len(open) != 0 || err != nil {
		t.Errorf("%d open, %v", len(open), err)
	}
}

// TestWhatTakesAForgottenUpgradeBackGoesOn: Redis has lost the request of an upgrade that the cloud
// holds, and people have approved its cancel, or its move.
func TestWhatTakesAForgottenUpgradeBackGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		asked  func(b *bench, of *approvals.Request) *approvals.Request
		called string
		state  string
	}{
		"a cancel": {func(b *bench, of *approvals.Request) *approvals.Request { return b.cancels(of, 0) }, "[cancel s upgrade s]", "succeeded"},
		"a move":   {(*bench).moves, "[cancel s upgrade s upgrade s]", "scheduled"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.scheduled()
			back := c.asked(b, r)
			b.redis.Del(context.Background(), fmt.Sprint(b.prefix, "request:", r.ID))
			b.acts("yes", "B", approvals.VerbApprove, back)
			if _, _, err := b.store.Sweep(context.Background()); err != nil {
				t.Fatal(err)
			}
			b.watchFor(5*time.Second, time.Second)
			if got, calls := b.stages(back.ID), fmt.Sprint(b.cloud.called()); got != c.state || calls != c.called {
				t.Errorf("%s, called %s", got, calls)
			}
		})
	}
}

func TestARefusedCancelLeavesTheUpgradeScheduled(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeTooSoon}
	}
	cancel := b.cancels(r, 0)
	b.acts("yes to the cancel", "B", approvals.VerbApprove, cancel)
	b.settle()
	if up, down := b.load(r.ID).Items[0], b.stages(cancel.ID); up.State != approvals.Scheduled || up.TakenBack != 0 || down != "failed" {
		t.Fatalf("upgrade %s (taken back by %d), cancel %s", up.State, up.TakenBack, down)
	}
}

// TestACancelThatIsWithdrawnIsTakenOffItsUpgrade: it had been announced, its call
// never left, and then nobody wanted it any more.
func TestACancelThatIsWithdrawnIsTakenOffItsUpgrade(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeUnreached}
	}
	cancel := b.cancels(r, 0)
	b.acts("yes to the cancel", "B", approvals.VerbApprove, cancel)
	b.settle()
	if got := b.load(r.ID).Items[0]; got.TakenBack != cancel.ID {
		t.Fatalf("taken back by %d", got.TakenBack)
	}
	b.acts("no", "R", approvals.VerbWithdraw, cancel)
	b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = time.Time{} }) // somebody else's doing
	b.watchFor(40*time.Minute, time.Minute)
	if got := b.load(r.ID).Items[0]; got.State != approvals.Changed || got.TakenBack != 0 {
		t.Errorf("%s, taken back by %d", got.State, got.TakenBack)
	}
}

// TestACancelAloneEndsWithItsRequester: who has left cannot cancel alone; others
// can approve it in their place.
func TestACancelAloneEndsWithItsRequester(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.policy.Rule(approvals.Cancel, approvals.Target{}).CancelAlone = true
	cancel := b.cancels(r, 0)
	if !cancel.Alone {
		t.Fatal("it needs somebody")
	}
	b.people.change(func() { b.people.known["R"] = approvals.Person{ID: "R", Deactivated: true} })
	if b.settle(); b.stages(cancel.ID) != "pending" || b.cloud.count() != 1 {
		t.Fatalf("%s, %d calls", b.stages(cancel.ID), b.cloud.count())
	}
	b.acts("yes to the cancel", "B", approvals.VerbApprove, cancel)
	if b.settle(); b.stages(cancel.ID) != "succeeded" {
		t.Error(b.stages(cancel.ID))
	}
}

// TestTwoAccountsOfOneHumanAreOneAtTheCall has the policy learn between the
// second approval and the call that both came from one human.
func TestTwoAccountsOfOneHumanAreOneAtTheCall(t *testing.T) {
	b := newBench(t)
	b.policy = policy.OneLine(approvals.Set{Users: []string{"A", "B", "C"}}, 2, "")
	r := b.asked()
	for _, id := range []string{"A", "B"} {
		b.acts("yes "+id, id, approvals.VerbApprove, r)
	}
	b.policy.Same = map[string]string{"B": "A"}
	if b.settle(); b.stages(r.ID) != "pending" || b.cloud.count() != 0 {
		t.Errorf("%s, %d calls", b.stages(r.ID), b.cloud.count())
	}
}

// TestManyCallsThatHangDoNotStopAnother, nor what people do.
func TestManyCallsThatHangDoNotStopAnother(t *testing.T) {
	b := newBench(t)
	const hung = 64
	release := make(chan struct{})
	b.cloud.call = func(_ approvals.Action, target approvals.Target, _ time.Time) approvals.Outcome {
		if target.ServerID != "s" {
			<-release
		}
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	b.cloud.change(func() {
		for i := range hung {
			b.cloud.add(fmt.Sprint("x", i))
		}
	})
	b.run(b.engine)
	t.Cleanup(func() { close(release) })
	for i := range hung {
		ask := b.upgrade(fmt.Sprint("ask ", i), fmt.Sprint("x", i))
		ask.Channel = "another"
		r := b.asks(ask)
		b.acts(fmt.Sprint("yes ", i), "A", approvals.VerbApprove, r)
	}
	b.until("the calls to hang", func() bool { return b.cloud.count() == hung })
	b.callsWithin(5*time.Second, hung+1)
}

// TestALoginThatIsRefusedBeforeTheCall keeps the approval, and the call follows when
// somebody tries again.
func TestALoginThatIsRefusedBeforeTheCall(t *testing.T) {
	b := newBench(t)
	no := approvals.Outcome{Kind: approvals.Deferred, Code: approvals.CodeNotAuthenticated}
	b.cloud.change(func() { b.cloud.err = &approvals.ReadError{Outcome: no, Err: errors.New("401")} })
	r := b.approved()
	b.settle()
	if got := b.load(r.ID); !got.ShutOut(0) || len(got.Approvals()) != 1 || b.cloud.count() != 0 || b.screen.said("shut_out") != 1 {
		t.Fatalf("%s, %+v", got.Items[0].State, b.screen.posts)
	}
	b.cloud.change(func() { b.cloud.err = nil })
	b.acts("again", "R", approvals.VerbTryAgain, b.load(r.ID))
	b.settle()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 1 {
		t.Errorf("%s after %d calls", got, b.cloud.count())
	}
}

// TestNothingIsCalledUnread, whatever a read that failed says of itself.
func TestNothingIsCalledUnread(t *testing.T) {
	b := newBench(t)
	b.cloud.change(func() { b.cloud.err = &approvals.ReadError{Err: errors.New("cut off")} })
	r := b.approved()
	b.settle()
	if n := b.cloud.count(); n != 0 {
		t.Errorf("%s after %d calls", b.stages(r.ID), n)
	}
}

// TestWhatTheCloudHoldsAlreadyIsNotCalled: somebody has scheduled it in the console meanwhile.
func TestWhatTheCloudHoldsAlreadyIsNotCalled(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = r.At })
	b.settle()
	if got := b.stages(r.ID); got != "scheduled" || b.cloud.count() != 0 {
		t.Errorf("%s after %d calls", got, b.cloud.count())
	}
}

// TestABusyInstanceIsNotCalled, and people are told what it is busy with.
func TestABusyInstanceIsNotCalled(t *testing.T) {
	b := newBench(t)
	r := b.approved()
	b.cloud.show("s", func(o *approvals.Observation) { o.Idle, o.Phase = false, "RESIZING" })
	b.settle()
	if got := b.load(r.ID).Items[0].Call.Outcome; got.Code != approvals.CodeBusy || got.Phase != "RESIZING" || b.cloud.count() != 0 {
		t.Errorf("%+v, %d calls", got, b.cloud.count())
	}
}

// TestACallThatRedisForgotIsNotMadeAgain: it went back to before the claim, and the
// cloud does not show yet what it has accepted.
func TestACallThatRedisForgotIsNotMadeAgain(t *testing.T) {
	for name, tookEffect := range map[string]bool{"it took effect": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
				return approvals.Outcome{Kind: approvals.Accepted}
			}
			r := b.approved()
			goesBack := b.remembers(r.ID)
			b.settle()
			if b.cloud.count() != 1 {
				t.Fatalf("%d calls", b.cloud.count())
			}
			goesBack()
			b.cloud.change(func() { b.cloud.err = errors.New("away") })
			b.watchFor(10*time.Second, time.Second)
			b.cloud.change(func() { b.cloud.err = nil })
			b.watchFor(10*time.Second, time.Second)
			if got := b.stages(r.ID); got != "approved" || b.cloud.count() != 1 || b.screen.said("not_sent") != 0 {
				t.Errorf("%s, %d calls, %+v", got, b.cloud.count(), b.screen.posts)
			}
			if tookEffect {
				b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = r.At })
			}
			b.watchFor(time.Minute, time.Second)
			if got, calls := b.stages(r.ID), b.cloud.count(); got != "scheduled" || calls == 1 != tookEffect || calls > 2 {
				t.Errorf("in the end: %s, %d calls", got, calls)
			}
		})
	}
}

// remembers keeps a record as it is, and makes Redis go back to it.
func (b *bench) remembers(id int64) (goBack func()) {
	ctx, key := context.Background(), fmt.Sprint(b.prefix, "request:", id)
	kept := b.redis.HGetAll(ctx, key).Val()
	return func() {
		b.redis.HSet(ctx, key, kept)
		b.redis.ZAdd(ctx, b.prefix+"due:act", redis.Z{Score: float64(b.now().UnixMilli()), Member: id})
	}
}
