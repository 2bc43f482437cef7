package audit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals"
	"cbhbot/approvals/store/redistest"
)

func TestWhatWaitsIsSealedInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, 2*pageSize+1)
	sealed, err := b.Verify(t.Context())
	if err != nil || sealed != (Sealed{Waiting: 2*pageSize + 1}) {
		t.Errorf("nothing is sealed yet: %+v, %v", sealed, err)
	}
	b.ok(b.seal(t.Context()))
	b.noted(2*pageSize+2, 2*pageSize+3)
	sealed, err = b.Verify(t.Context())
	if err != nil || sealed.Last != 2*pageSize+1 || sealed.Waiting != 2 || time.Since(sealed.At).Abs() > time.Minute {
		t.Errorf("sealed but the last two: %+v, %v", sealed, err)
	}
	b.holds(numbers(1, 2*pageSize+3))
	first := b.entries()[0]
	want := entry(1)
	if want.Seq, want.Hash = 1, first.Hash; string(first.Encode()) != string(want.Encode()) {
		t.Errorf("the first is %+v", first)
	}
}

// TestTheScriptNamesTheRequest has the number beside the entry, as the creation of
// a request has.
func TestTheScriptNamesTheRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.appends("entry", string(Entry{At: noon, Verb: approvals.VerbAsk}.Encode()), "request", "142")
	if e := b.entries()[0]; e.Request != 142 || e.Raw != "" || e.Verb != approvals.VerbAsk {
		t.Errorf("sealed %+v", e)
	}
}

// TestAnUnreadableEntryIsSealedAsItIs has one that is none, one of a later program,
// one with a number that is none, and one in other fields.
func TestAnUnreadableEntryIsSealedAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, 1)
	b.appends("entry", "{\xff")
	later := strings.Replace(string(entry(3).Encode()), "{", `{"weather":"fine",`, 1)
	b.appends("entry", later)
	b.appends("entry", string(entry(0).Encode()), "request", "many")
	b.appends("note", "hello")
	b.appends("entry", string(entry(6).Encode())+"}")
	b.noted(7, 7)
	all := b.entries()
	b.holds([]int64{1, 0, 3, 0, 0, 6, 7})
	for i, want := range map[int]string{1: "{", 2: later, 3: "many", 4: "hello", 5: string(entry(6).Encode()) + "}"} {
		quoted, _ := json.Marshal(want)
		if inner := strings.Trim(string(quoted), `"`); !strings.Contains(all[i].Raw, inner) || all[i].At.IsZero() {
			t.Errorf("entry %d keeps %q at %s, not %s", i+1, all[i].Raw, all[i].At, inner)
		}
	}
	if all[1].Verb != unreadable || all[2].Verb != approvals.VerbApprove || all[2].Actor.ID != "A" || all[6].Raw != "" {
		t.Errorf("sealed %+v", all)
	}
	if n := b.warnings(logrus.ErrorLevel); n != 5 {
		t.Errorf("%d of 5 were logged", n)
	}
}

// FuzzWhateverIsAppendedIsSealedAndHolds reads each sealed entry back as Verify does.
func FuzzWhateverIsAppendedIsSealedAndHolds(f *testing.F) {
	for _, text := range []string{
		string(entry(1).Encode()), "", "{", "null", "[]", "\xff",
		`{"seq":7,"hash":"x","prev":"y","raw":"z"}`,
		"{\"reason\":\"\xff\\ud800\"}",
		`{"at":"0001-01-01T00:00:00Z","due":"0001-01-01T02:00:00+02:00"}`,
		`{"at":"9999-12-31T23:59:59-23:59","items":[]}`, `{"item":"one","verb":7}`,
	} {
		f.Add(text, "1")
	}
	f.Fuzz(func(t *testing.T, text, request string) {
		e, _ := appended(redis.XMessage{ID: "1764072000000-0", Values: map[string]any{"entry": text, "request": request}})
		last := head{seq: 5, hash: "five"}
		chained, end := e.chained(last)
		sealed := redis.XMessage{Values: map[string]any{"entry": string(chained)}}
		if got, err := last.next(sealed); got != end || err != nil {
			t.Errorf("%v: %v", err, sealed.Values)
		}
	})
}

// TestTwoSealersRaceForAPage has each read the page before either moves it.
func TestTwoSealersRaceForAPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, 3)
	end, slow, err := b.waiting(t.Context())
	b.ok(err)
	b.noted(4, 4)
	b.ok(b.process(b.server.Addr).seal(t.Context()))
	b.noted(5, 5)
	if moved, err := b.move(t.Context(), end, slow); moved || err != nil {
		t.Errorf("the slow one moved: %v, %v", moved, err)
	}
	b.holds(numbers(1, 5))
}

// TestAChainThatMovedOnIsNotForked has only the head move.
func TestAChainThatMovedOnIsNotForked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, 2)
	end, read, err := b.waiting(t.Context())
	b.ok(err)
	b.ok(b.redis.Set(t.Context(), b.keys.head(), "7:seven", 0).Err())
	if moved, err := b.move(t.Context(), end, read); moved || err != nil {
		t.Errorf("moved: %v, %v", moved, err)
	}
}

// TestWhatRedisDoesNotTakeIsAFault: a full one is read, and takes nothing.
func TestWhatRedisDoesNotTakeIsAFault(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, 1)
	end, read, err := b.waiting(t.Context())
	b.ok(err)
	b.ok(b.redis.Set(t.Context(), b.keys.sealed(), "no stream", 0).Err())
	if moved, err := b.move(t.Context(), end, read); moved || err == nil {
		t.Errorf("moved: %v, %v", moved, err)
	}
}

// TestNothingIsDoneByHalves: a script ends at the command that its user may not call, and is tried again.
func TestNothingIsDoneByHalves(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	without := func(command string, f func() error) {
		b.ok(b.redis.Do(t.Context(), "ACL", "SETUSER", "default", "-"+command).Err())
		if err := f(); err == nil {
			t.Errorf("done without %s", command)
		}
		b.ok(b.redis.Do(t.Context(), "ACL", "SETUSER", "default", "+"+command).Err())
		b.ok(f())
	}
	for n, command := range []string{"get", "xrange", "xlen", "xadd", "xtrim", "set"} {
		b.noted(int64(n+1), int64(n+1))
		without(command, func() error { return b.seal(t.Context()) })
	}
	b.holds(numbers(1, 6))
	for n, command := range []string{"set", "xtrim", "xdel"} {
		without(command, func() error { return b.trim(t.Context(), entry(int64(n+2)).At) })
	}
	b.holds(numbers(4, 6))
}

// TestWhatIsGoneIsNotSealed has an entry vanish after it was read, as a failover to
// a replica that never had it makes it.
func TestWhatIsGoneIsNotSealed(t *testing.T) {
	t.Parallel()
	for name, which := range map[string]int{"the first": 0, "the last": 2} {
		b := newBench(t)
		b.noted(1, 3)
		end, read, err := b.waiting(t.Context())
		b.ok(err)
		b.ok(b.redis.XDel(t.Context(), Stream(prefix), read[which].ID).Err())
		b.noted(4, 4)
		if moved, err := b.move(t.Context(), end, read); moved || err != nil {
			t.Errorf("%s: moved: %v, %v", name, moved, err)
		}
		b.holds(append(numbers(1, 3)[:which:which], append(numbers(1, 3)[which+1:], 4)...))
	}
}

// TestASealerDiesBetweenReadingAndItsScript never lets the script arrive.
func TestASealerDiesBetweenReadingAndItsScript(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	proxy := redistest.StartProxy(t, b.server.Addr)
	b.noted(1, 3)
	ctx, kill := context.WithCancel(t.Context())
	met := proxy.Stop("evalsha", b.keys.head())
	ended := make(chan error, 1)
	go func() { ended <- b.process(proxy.Addr).seal(ctx) }()
	<-met
	b.noted(4, 4)
	kill()
	proxy.Cut()
	if err := <-ended; err == nil {
		t.Error("the dead one says that it has sealed")
	}
	if n := b.redis.XLen(t.Context(), Stream(prefix)).Val(); n != 4 {
		t.Errorf("%d entries wait", n)
	}
	b.holds(numbers(1, 4))
}

// TestALostAnswerDoublesNothing has the script's answer never arrive.
func TestALostAnswerDoublesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	proxy := redistest.StartProxy(t, b.server.Addr)
	other := b.process(proxy.Addr)
	b.noted(1, 1)
	b.ok(other.seal(t.Context())) // Redis knows the script from here on
	b.noted(2, 4)
	met := proxy.Lose(1, "evalsha", b.keys.head())
	b.ok(other.seal(t.Context()))
	<-met
	b.holds(numbers(1, 4))
}

// TestFaultsMakeThePausesGrowAndAreLoggedOnce fails five times, then once more.
func TestFaultsMakeThePausesGrowAndAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, logged := test.NewNullLogger()
		ctx, stop := context.WithCancel(t.Context())
		begin, tries := time.Now(), []int{}
		keepOn(ctx, patience, log, "trouble", func(context.Context) error {
			tries = append(tries, int(time.Since(begin).Seconds()))
			switch n := len(tries); {
			case n == 9:
				stop()
			case n <= 5 || n == 7:
				return errors.New("away")
			}
			return nil
		})
		if want := []int{0, 2, 6, 14, 24, 34, 35, 37, 38}; !slices.Equal(tries, want) {
			t.Errorf("tried after %v s, not %v", tries, want)
		}
		if n := len(logged.AllEntries()); n != 4 {
			t.Errorf("%d lines for two troubles and their ends", n)
		}
	})
}

// newSealing is a bench whose log runs until stop is called, and has sealed an entry.
func newSealing(t *testing.T) (b *bench, stop func()) {
	t.Helper()
	b = newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	b.noted(1, 1)
	redistest.Until(t, "the first seal", func() bool { return b.redis.XLen(ctx, b.keys.sealed()).Val() == 1 })
	return b, func() { cancel(); <-ended }
}

// TestARedisThatIsAwayIsWaitedOut logs its absence once, and seals afterwards.
func TestARedisThatIsAwayIsWaitedOut(t *testing.T) {
	t.Parallel()
	b, stop := newSealing(t)
	b.server.Kill()
	redistest.Until(t, "the warning", func() bool { return b.warnings(logrus.WarnLevel) == 1 })
	b.server.Restart()
	b.noted(2, 2)
	redistest.Until(t, "the next seal", func() bool { return b.redis.XLen(t.Context(), b.keys.sealed()).Val() == 1 })
	stop()
	if n := b.warnings(logrus.WarnLevel); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

// TestAShutdownSealsOnceMore appends right after a seal, and stops.
func TestAShutdownSealsOnceMore(t *testing.T) {
	t.Parallel()
	b, stop := newSealing(t)
	b.noted(2, 2)
	begin := time.Now()
	stop()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if n := b.redis.XLen(t.Context(), b.keys.sealed()).Val(); n != 2 {
		t.Errorf("%d of 2 are sealed", n)
	}
}

func TestTheLagIsInRedisTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if n, age, err := b.Lag(t.Context()); n != 0 || age != 0 || err != nil {
		t.Errorf("nothing waits: %d, %s, %v", n, age, err)
	}
	ms := b.redis.Time(t.Context()).Val().Add(-90 * time.Second).UnixMilli()
	b.ok(b.redis.XAdd(t.Context(), &redis.XAddArgs{Stream: Stream(prefix), ID: timeID(ms), Values: []string{"entry", "{}"}}).Err())
	b.noted(1, 1)
	if n, age, err := b.Lag(t.Context()); n != 2 || age < 90*time.Second || age > 100*time.Second || err != nil {
		t.Errorf("two wait: %d, %s, %v", n, age, err)
	}
}
