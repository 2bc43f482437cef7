package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/store/redistest"
)

func TestWhatIsDueIsHandedOutOnceInTheOrderOfTime(t *testing.T) {
	b := newBench(t)
	first := b.commits(&Change{Before: new(approvals.Request), After: b.asked("s1"), ActAt: b.now().Add(-time.Minute), ShowAt: b.now()}).Request
	second := b.commits(&Change{Before: new(approvals.Request), After: b.asked("s2"), ActAt: b.now().Add(-time.Second), ShowAt: b.now()}).Request
	b.made("s3")
	if leases := b.takes(b.Store, Act, 1); len(leases) != 1 || leases[0].ID != first.ID || leases[0].Request.Key != "key" {
		t.Fatalf("%+v", leases)
	}
	if l := b.take(b.another(), Act); l.ID != second.ID {
		t.Errorf("CBH-%d", l.ID)
	}
	if left := b.takes(b.another(), Act, 10); len(left) != 0 {
		t.Errorf("%d more", len(left))
	}
}

// TestTakeSaysWhenTheNextIsDue, so that nobody has to look all the time to be in time.
func TestTakeSaysWhenTheNextIsDue(t *testing.T) {
	b := newBench(t)
	next := func() time.Duration {
		t.Helper()
		_, next, err := b.Take(context.Background(), Act, 1)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	if wait := next(); wait != never {
		t.Errorf("nothing is due in %s", wait)
	}
	b.commits(&Change{Before: new(approvals.Request), After: b.asked("s1"), ActAt: b.now().Add(time.Minute), ShowAt: b.now()})
	if soon := next(); soon > time.Minute || soon < 50*time.Second {
		t.Errorf("due in %s, not in a minute", soon)
	}
	b.commits(&Change{Before: new(approvals.Request), After: b.asked("s2"), ActAt: b.now(), ShowAt: b.now()})
	b.commits(&Change{Before: new(approvals.Request), After: b.asked("s3"), ActAt: b.now(), ShowAt: b.now()})
	b.pass(time.Millisecond)
	if more := next(); more > 0 {
		t.Errorf("what is due beyond the one that was taken is due in %s", more)
	}
}

func TestALeaseRunsOutByRedisClock(t *testing.T) {
	b := newBench(t)
	b.made("s")
	dead := b.take(b.another(), Show)
	b.pass(LeaseFor - 500*time.Millisecond)
	if left := b.takes(b.Store, Show, 10); len(left) != 0 {
		t.Fatal("a held request was handed out")
	}
	b.pass(500 * time.Millisecond)
	l := b.take(b.Store, Show)
	if _, moved := b.settles(dead, time.Time{}, map[string]string{FieldCard: "1.0"}); moved {
		t.Error("a lease that ran out still counts")
	}
	if b.due(Show, l.ID).IsZero() || b.shown(l.ID)[FieldCard] != "1.0" {
		t.Error("the request was taken from its holder, or what was sent is not noted")
	}
}

// TestADeadProcessIsReplacedWithinThreeSeconds waits for real.
func TestADeadProcessIsReplacedWithinThreeSeconds(t *testing.T) {
	b := newBench(t)
	b.made("s")
	b.take(b.another(), Show) // and then it dies
	begin := time.Now()
	redistest.Until(t, "the lease to run out", func() bool { return len(b.takes(b.Store, Show, 1)) == 1 })
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("after %s", took)
	}
}

func TestALeaseIsRenewedByItsHolderAlone(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	dead := b.take(b.another(), Show)
	b.pass(LeaseFor)
	alive := b.take(b.Store, Show)
	b.pass(time.Second)
	for _, l := range []Lease{dead, alive} {
		before := b.due(Show, r.ID)
		if err := b.Renew(context.Background(), Show, []Lease{l}); err != nil {
			t.Fatal(err)
		}
		if renewed := b.due(Show, r.ID).After(before); renewed != (l.token == alive.token) {
			t.Errorf("renewed: %v", renewed)
		}
	}
}

func TestASettledRequestIsDueNextOrNever(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	next := b.now().Add(time.Hour)
	if _, moved := b.settles(b.take(b.Store, Show), next, nil); moved || !b.due(Show, r.ID).Equal(next) {
		t.Fatalf("moved %v, due at %s", moved, b.due(Show, r.ID))
	}
	b.pass(time.Hour)
	if _, moved := b.settles(b.take(b.Store, Show), time.Time{}, nil); moved || !b.due(Show, r.ID).IsZero() {
		t.Errorf("moved %v, due at %s", moved, b.due(Show, r.ID))
	}
	if n := b.redis.HLen(context.Background(), b.keys.held(Show)).Val(); n != 0 {
		t.Errorf("%d are held", n)
	}
}

func TestARecordThatHasMovedOnStaysHeld(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	l := b.take(b.Store, Show)
	b.commits(b.change(r, r.CreatedAt))
	b.pass(time.Second)
	after, moved := b.settles(l, time.Time{}, map[string]string{FieldCard: "1.0", "gone": ""})
	if !moved || after.Request.Revision != 2 || after.Request.Counter != 2 || after.Shown[FieldCard] != "1.0" {
		t.Fatalf("%v, %+v", moved, after)
	}
	if others := b.takes(b.another(), Show, 10); len(others) != 0 || b.due(Show, r.ID).Sub(b.now()) < LeaseFor-time.Second/2 {
		t.Errorf("%d others have it; hidden until %s", len(others), b.due(Show, r.ID))
	}
	if _, moved = b.settles(after, time.Time{}, nil); moved {
		t.Error("moved again")
	}
}

func TestASweepMakesDueWhatIsOpenAndInNoQueue(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	for i := range 3 {
		b.made(fmt.Sprintf("s%d", i))
	}
	b.redis.ZRem(ctx, b.keys.due(Act), 1)
	b.redis.Del(ctx, b.keys.due(Show))
	b.redis.HSet(ctx, b.keys.shown(2), FieldCounter, 1) // everything is shown of it
	if found, _, err := b.Sweep(ctx); found != 3 || err != nil {
		t.Fatalf("%d, %v", found, err)
	}
	if l := b.take(b.Store, Act); l.ID != 1 {
		t.Errorf("CBH-%d", l.ID)
	}
	if leases := b.takes(b.Store, Show, 10); len(leases) != 2 {
		t.Errorf("%d to show", len(leases))
	}
	if found, lost, err := b.Sweep(ctx); found != 0 || len(lost) != 0 || err != nil {
		t.Errorf("once more: %d, %v, %v", found, lost, err)
	}
}

// TestASweepTellsOfWhatIsLost but for its locks, once.
func TestASweepTellsOfWhatIsLost(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.made("s1")
	b.made("s2", "s3")
	b.redis.Del(ctx, b.keys.request(2))
	b.redis.ZRem(ctx, b.keys.due(Act), 2)
	found, lost, err := b.Sweep(ctx)
	if want := map[string]string{"p/s2": "2", "p/s3": "2"}; found != 0 || !maps.Equal(lost, want) || err != nil {
		t.Errorf("%d, %v, %v", found, lost, err)
	}
	if _, lost, err = b.Sweep(ctx); len(lost) != 0 || err != nil || b.holder("p/s2") != 0 || b.holder("p/s1") != 1 {
		t.Errorf("once more: %v, %v", lost, err)
	}
}

// TestWhatIsOverIsShownThoughTheClockWasPutBack: what is left to say of it does not wait for as long
// as the clock was ahead, and what is to be forgotten some day is left alone.
func TestWhatIsOverIsShownThoughTheClockWasPutBack(t *testing.T) {
	b := newBench(t)
	denied := create(b.asked("s"), "")
	denied.After.State, denied.ActAt = approvals.Denied, b.now().Add(approvals.Retention)
	over := b.commits(denied).Request
	b.pass(time.Hour)
	b.settles(b.take(b.Store, Show), b.now().Add(time.Minute), nil)
	b.pass(-time.Hour)
	for _, found := range []int{1, 0} {
		if n, _, err := b.Sweep(t.Context()); n != found || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	b.pass(LeaseFor)
	if l := b.take(b.Store, Show); l.ID != over.ID {
		t.Errorf("CBH-%d", l.ID)
	}
	if leases := b.takes(b.Store, Act, 1); len(leases) != 0 {
		t.Error("it is looked at before it is to be forgotten")
	}
}

// TestARequestOfWhichVeryMuchWasShownHoldsUpNoOther: a thousand people were told directly, several times.
func TestARequestOfWhichVeryMuchWasShownHoldsUpNoOther(t *testing.T) {
	b := newBench(t)
	much, other := b.made("s1"), b.made("s2")
	sent := map[string]string{}
	for n := range 10_000 {
		sent[FieldNotice(fmt.Sprint("direct ", n))] = "1.0"
	}
	b.redis.HSet(t.Context(), b.keys.shown(much.ID), sent)
	leases := b.takes(b.Store, Show, 10)
	if len(leases) != 2 || len(leases[0].Shown) != len(sent) || leases[1].ID != other.ID {
		t.Errorf("%d requests", len(leases))
	}
}

func TestARecordOfALaterVersionIsLeftAlone(t *testing.T) {
	b := newBench(t)
	r := b.asked("s")
	r.Version++
	id := b.commits(create(r, "")).Request.ID
	if _, err := b.Load(context.Background(), id); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	if open, err := b.Open(context.Background()); len(open) != 0 || err != nil {
		t.Errorf("%v, %v", open, err)
	}
	l := b.takes(b.Store, Show, 1)[0]
	if !errors.Is(l.Err, ErrNewer) || l.ID != id {
		t.Fatalf("%+v", l)
	}
	if _, moved := b.settles(l, b.now().Add(time.Minute), nil); moved {
		t.Error("it counts as moved")
	}
}

func TestALoadComparesTheClocks(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	b.pass(100 * time.Hour)
	_, err := b.Load(context.Background(), r.ID)
	if off := b.Now().Sub(b.now()); err != nil || off.Abs() > time.Second {
		t.Errorf("%s off, %v", off, err)
	}
	if _, err := b.Load(context.Background(), 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if b.Skew().Abs() > time.Second {
		t.Errorf("skew %s", b.Skew())
	}
}

func TestForgettingLeavesNothing(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	c := b.change(r, r.CreatedAt)
	c.After.State = approvals.Denied
	r = b.commits(c).Request
	held := b.take(b.Store, Show)
	if err := b.Forget(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if _, moved := b.settles(held, time.Time{}, map[string]string{FieldCard: "1.0"}); moved {
		t.Error("moved")
	}
	for _, key := range b.redis.Keys(context.Background(), "*").Val() {
		if key != DefaultPrefix+"last-id" && key != DefaultPrefix+"audit:new" {
			t.Errorf("%s is left", key)
		}
	}
}

// TestNumbersGoOnFromTheOneThatIsSet, as the runbook has redis-cli do where Redis was lost or restored.
func TestNumbersGoOnFromTheOneThatIsSet(t *testing.T) {
	b := newBench(t)
	last := DefaultPrefix + "last-id"
	b.redis.Set(t.Context(), last, 142, 0)
	if r := b.made("s1"); r.ID != 143 {
		t.Error(r.Name())
	}
	b.redis.IncrBy(t.Context(), last, 100)
	if r := b.made("s2"); r.ID != 244 {
		t.Error(r.Name())
	}
}

func TestListsArePagedNewestFirst(t *testing.T) {
	b := newBench(t)
	for i := range 12 {
		b.made(fmt.Sprintf("s%d", i))
		b.pass(time.Second)
	}
	var ids []int64
	for offset := 0; offset < 12; offset += 5 {
		page, total, err := b.List(context.Background(), IndexAll, offset, 5)
		if err != nil || total != 12 {
			t.Fatalf("%d, %v", total, err)
		}
		for _, r := range page {
			ids = append(ids, r.ID)
		}
	}
	if fmt.Sprint(ids) != "[12 11 10 9 8 7 6 5 4 3 2 1]" {
		t.Error(ids)
	}
	open, err := b.Open(context.Background())
	if err != nil || len(open) != 12 || open[0].ID != 1 || open[11].ID != 12 {
		t.Errorf("%d open, %v", len(open), err)
	}
}

// TestAPictureDrawnByTwoAtOnceIsDrawnOnceMore: nobody knows whose update came last.
func TestAPictureDrawnByTwoAtOnceIsDrawnOnceMore(t *testing.T) {
	for name, others := range map[string]bool{"while another shows it": true, "when nobody does": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.made("s")
			late := b.take(b.another(), Show)
			b.pass(LeaseFor)
			other, sent := b.take(b.Store, Show), map[string]string{FieldDrawn: "later", FieldCard: "1.0"}
			if !others {
				b.settles(other, time.Time{}, sent)
			}
			b.settles(late, time.Time{}, map[string]string{FieldDrawn: "earlier", FieldCard: "1.0"})
			if others {
				b.settles(other, time.Time{}, sent)
			}
			again := b.take(b.Store, Show)
			if again.Shown[FieldDrawn] != "" || again.Shown[FieldCard] != "1.0" {
				t.Fatalf("%v", again.Shown)
			}
			b.settles(again, time.Time{}, map[string]string{FieldDrawn: "later"})
			if shown := b.shown(r.ID); shown[FieldDrawn] != "later" || !b.due(Show, r.ID).IsZero() {
				t.Errorf("%v", shown)
			}
		})
	}
}

// TestTheClocksAreComparedAsTheyWereAsked: a deployment whose time is moved on
// while a script is under way does not take that for a difference.
func TestTheClocksAreComparedAsTheyWereAsked(t *testing.T) {
	b := newBench(t)
	asked := 0
	s := New(b.redis, Options{Ahead: func() time.Duration { asked++; return time.Duration(asked) * time.Hour }})
	if _, err := s.Load(context.Background(), 1); !errors.Is(err, ErrNotFound) || s.Skew().Abs() > time.Second {
		t.Errorf("%v, skew %s", err, s.Skew())
	}
}

// stopping is a process that is stopped while an answer of Redis' is on its way.
type stopping struct{}

func (stopping) DialHook(next redis.DialHook) redis.DialHook { return next }

func (stopping) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (stopping) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		defer time.Sleep(1500 * time.Millisecond)
		return next(ctx, c)
	}
}

// TestAProcessThatWasStoppedKnowsRedisClockStill: people would be told that clocks differ.
func TestAProcessThatWasStoppedKnowsRedisClockStill(t *testing.T) {
	b := newBenchOn(t, redistest.Start(t, "--appendonly", "no").Client())
	b.load(b.made("s").ID) // from now on Redis knows the script
	before := b.Skew()
	b.redis.AddHook(stopping{})
	if _, err := b.Load(context.Background(), 1); err != nil || (b.Skew()-before).Abs() > 500*time.Millisecond {
		t.Errorf("%v; Redis' clock is taken to be %s ahead, and was %s", err, b.Skew(), before)
	}
}

// TestAProcessWhoseClockIsOffIsJudgedByRedis: what is due, and whether a lease has
// run out, it is told; what it decides by its own clock does not count.
func TestAProcessWhoseClockIsOffIsJudgedByRedis(t *testing.T) {
	for _, off := range []time.Duration{-90 * time.Second, 60 * time.Second, 90 * time.Second} {
		b := newBenchOn(t, redistest.Start(t, "--appendonly", "no").Client())
		r := b.commits(&Change{Before: new(approvals.Request), After: b.asked("s"), ActAt: b.now().Add(30 * time.Second), ShowAt: b.now()}).Request
		b.take(b.Store, Show)
		wrong := b.another()
		wrong.skew.Store(int64(off))
		c := b.change(r, r.CreatedAt)
		c.After.ChangedAt = wrong.Now()
		if _, err := wrong.Commit(context.Background(), c); !errors.Is(err, ErrConflict) || wrong.Now().Sub(b.now()).Abs() > time.Second {
			t.Errorf("%s: %v; it is %s by what it has heard", off, err, wrong.Now().Sub(b.now()))
		}
		wrong.skew.Store(int64(off))
		if early := len(b.takes(wrong, Act, 9)) + len(b.takes(wrong, Show, 9)); early != 0 {
			t.Errorf("%s: %d were taken too early", off, early)
		}
		b.pass(30 * time.Second)
		wrong.skew.Store(int64(off))
		if due := len(b.takes(wrong, Act, 9)); due != 1 {
			t.Errorf("%s: what is due was not handed out", off)
		}
	}
}

// TestWhoHasLostALeaseTakesNoNoteBack: another may be about to post by now, or have
// posted.
func TestWhoHasLostALeaseTakesNoNoteBack(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	late := b.take(b.another(), Show)
	b.grants(r.ID, "C", FieldCard)
	b.pass(noteLasts)
	b.settles(b.take(b.Store, Show), time.Time{}, map[string]string{FieldCard: "1.0"})
	for _, note := range []string{"", MayStand(b.now())} {
		b.settles(late, time.Time{}, map[string]string{FieldCard: note})
		if ts := b.shown(r.ID)[FieldCard]; ts != "1.0" {
			t.Errorf("with %q the card is %q", note, ts)
		}
	}
}
