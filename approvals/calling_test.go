package approvals

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestOutcomes has a row for each answer to a call, and to a look before it.
func TestOutcomes(t *testing.T) {
	conclude := func(o Outcome) Event { return Conclude{Outcome: o} }
	finish := func(o Outcome) Event { return Finish{Attempt: 1, Outcome: o} }
	readBack := Outcome{Kind: Accepted, Code: CodeReadBack}
	of := map[Action]Request{Upgrade: upgradeAsked(1), Cancel: cancelAsked(), Rollback: rollbackAsked()}
	for name, c := range map[string]struct {
		action  Action
		event   Event
		state   State
		told    string
		release bool
	}{
		"upgrade: accepted":      {Upgrade, finish(Outcome{Kind: Accepted}), Scheduled, "called", false},
		"upgrade: there already": {Upgrade, conclude(readBack), Scheduled, "called", false},
		"upgrade: refused":       {Upgrade, finish(Outcome{Kind: Refused}), Failed, "refused", false},
		"upgrade: pointless":     {Upgrade, conclude(Outcome{Kind: Refused, Code: CodeLatest}), Failed, "refused", false},
		"upgrade: unclear":       {Upgrade, finish(Outcome{Kind: Unclear}), Unknown, "unclear 1", false},
		"upgrade: of no kind":    {Upgrade, finish(Outcome{}), Unknown, "unclear 1", false},
		"upgrade: not sent":      {Upgrade, finish(Outcome{Kind: NotSent}), Waiting, "not_sent", false},
		"upgrade: unreadable":    {Upgrade, conclude(Outcome{Kind: NotSent, Code: CodeUnreached}), Waiting, "not_sent", false},
		"upgrade: throttled":     {Upgrade, finish(Outcome{Kind: Deferred, Code: CodeThrottled}), Waiting, "throttled", false},
		"upgrade: no login":      {Upgrade, conclude(Outcome{Kind: Deferred, Code: CodeNotAuthenticated}), Waiting, "shut_out", false},
		"upgrade: no permission": {Upgrade, finish(Outcome{Kind: Deferred, Code: CodeNoPermission}), Waiting, "shut_out", false},
		"cancel: throttled":      {Cancel, finish(Outcome{Kind: Deferred, Code: CodeThrottled}), Waiting, "throttled", false},
		"cancel: accepted":       {Cancel, finish(Outcome{Kind: Accepted}), Scheduled, "cancel_accepted", false},
		"cancel: there already":  {Cancel, conclude(readBack), Scheduled, "", false},
		"cancel: refused":        {Cancel, finish(Outcome{Kind: Refused}), Failed, "refused", true},
		"rollback: accepted":     {Rollback, finish(Outcome{Kind: Accepted}), Scheduled, "rollback_accepted", false},
		"rollback: refused":      {Rollback, finish(Outcome{Kind: Refused}), Failed, "refused", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := after(t, of[c.action], noon, yes("A"))
			if _, calls := c.event.(Finish); calls {
				r = after(t, r, noon, Claim{})
			}
			now := noon.Add(time.Second)
			it := after(t, r, now, c.event).Items[0]
			if got := told(after(t, r, now, c.event)); it.State != c.state || got != c.told || it.Release != c.release {
				t.Errorf("%s, told %s, release %v", it.State, got, it.Release)
			}
			if it.State == Failed && (it.End != EndRefused || !it.Progress.EndedAt.Equal(now)) {
				t.Errorf("%s at %s", it.End, it.Progress.EndedAt)
			}
			if !it.Call.FinishedAt.Equal(now) || !it.Call.Outcome.At.Equal(now) {
				t.Errorf("%+v", it.Call)
			}
		})
	}
}

func TestAClaimHasANumberAndAnEnd(t *testing.T) {
	r := claimed(t, 1)
	call := r.Items[0].Call
	if call.Attempt != 1 || call.Tries != 1 || !call.EndsAt.Equal(noon.Add(CallTimeout)) {
		t.Fatalf("%+v", call)
	}
	if task := r.Agenda(Pace{})[0]; task != (Task{Kind: TaskInquire, At: call.EndsAt}) {
		t.Errorf("nobody asks what became of it: %v", task)
	}
	refused(t, r, noon.Add(time.Hour), Claim{}, WrongState)
	r = after(t, r, noon, answer(1, NotSent), Claim{})
	if call := r.Items[0].Call; call.Attempt != 2 || call.Tries != 1 || call.Unsent != 1 {
		t.Errorf("after a call that never left: %+v", call)
	}
}

// TestAClaimIsGivenBackByItsWorkerOnly: nobody else knows that nothing was called.
func TestAClaimIsGivenBackByItsWorkerOnly(t *testing.T) {
	r := after(t, approved(t, 1), noon, Claim{Worker: "A"})
	refused(t, r, noon, Unclaim{Worker: "B"}, OtherAttempt)
	free := after(t, r, noon, Unclaim{Worker: "A"})
	if call := free.Items[0].Call; states(free) != "waiting" || call.Tries != 0 || free.Agenda(Pace{})[0] != (Task{Kind: TaskCall, At: noon}) {
		t.Errorf("%s, %+v, %v", states(free), call, free.Agenda(Pace{}))
	}
	again := after(t, free, noon, Claim{Worker: "B"})
	refused(t, again, noon, Unclaim{Worker: "A"}, OtherAttempt)
	refused(t, after(t, again, noon, answer(2, Unclear)), noon, Unclaim{Worker: "B"}, WrongState)
}

// TestAClaimThatIsGivenBackSettlesNothing: the first call may have taken effect.
func TestAClaimThatIsGivenBackSettlesNothing(t *testing.T) {
	r := after(t, absent(t, called(t, 1, Unclear), 60, 62), settled, Claim{Worker: "A"}, Unclaim{Worker: "A"})
	if call := r.Items[0].Call; states(r) != "unknown" || call.Tries != 1 || r.MayCallAgain(0, settled) {
		t.Errorf("%s, %+v", states(r), call)
	}
}

// settled is when two looks have shown the absence of a call at noon.
var settled = noon.Add(SettleAfter + 2*time.Second)

// absent sees no trace of a call, in looks that begin so many seconds after noon
// and are known at once.
func absent(t *testing.T, r Request, seconds ...int) Request {
	t.Helper()
	for _, s := range seconds {
		now := noon.Add(time.Duration(s) * time.Second)
		r = after(t, r, now, Look{Observation: unplanned, Began: now})
	}
	return r
}

func TestAnUnclearCallIsRepeatedOnlyWhenItClearlyDidNothing(t *testing.T) {
	r := called(t, 1, Unclear)
	slow := Look{Observation: unplanned, Began: noon.Add(SettleAfter - 1)}
	for name, r := range map[string]Request{
		"looks too early":            absent(t, r, 5, 20, 59),
		"one look":                   absent(t, r, 5, 20, 60),
		"one look, counted twice":    absent(t, r, 60, 60),
		"looks that began too soon":  absent(t, after(t, r, settled, slow), 62),
		"lists without the instance": after(t, r, settled, Look{Observation: Observation{Missing: true}, Began: settled}, Look{Observation: Observation{Missing: true}, Began: settled.Add(2 * time.Second)}),
	} {
		if r.MayCallAgain(0, settled.Add(time.Hour)) {
			t.Errorf("%s are enough", name)
		}
		refused(t, r, settled.Add(time.Hour), Claim{}, TooEarly)
	}
	r = absent(t, r, 5, 60, 62)
	if !r.MayCallAgain(0, settled) || r.MayCallAgain(0, noon.Add(SettleAfter-1)) {
		t.Error("it may not be called again, or too early")
	}
	r = after(t, r, settled, Claim{})
	if call := r.Items[0].Call; states(r) != "executing" || call.Attempt != 2 || call.Tries != 2 || call.Absent != 0 {
		t.Errorf("%s, %+v", states(r), call)
	}
	r = after(t, r, settled, answer(2, Unclear))
	refused(t, r, settled, Claim{}, TooEarly)
}

// TestAnUnclearCallIsGivenUpInTheEnd calls three times, or looks until the
// upgrade's time is long past.
func TestAnUnclearCallIsGivenUpInTheEnd(t *testing.T) {
	now, r := noon, called(t, 1, Unclear)
	for attempt := 2; attempt <= maxTries+1; attempt++ {
		now = now.Add(SettleAfter + time.Second)
		r = after(t, r, now, Look{Observation: unplanned, Began: now.Add(-1)})
		if r = after(t, r, now, Look{Observation: unplanned, Began: now}); attempt <= maxTries {
			r = after(t, r, now, Claim{}, answer(attempt, Unclear))
		}
	}
	it := r.Items[0]
	if want := "unclear 1, unclear 2, unclear 3, given_up"; it.State != Failed || it.End != EndGivenUp || told(r) != want {
		t.Errorf("%s (%s), told %s", it.State, it.End, told(r))
	}
	for name, at := range map[string]time.Time{"upgrade": noon.Add(ahead), "rollback": noon} {
		asked := map[string]Request{"upgrade": upgradeAsked(1), "rollback": rollbackAsked()}[name]
		r := after(t, asked, noon, yes("A"), Claim{}, answer(1, Unclear))
		if r := after(t, r, at.Add(giveUpAfter), Look{Observation: unplanned}); states(r) != "unknown" {
			t.Errorf("%s: given up too early", name)
		}
		if r = after(t, r, at.Add(giveUpAfter+time.Second), Look{Observation: unplanned}); states(r) != "failed" {
			t.Errorf("%s: never given up", name)
		}
	}
}

// TestAnUnclearCallThatTookEffect shows what its trace is, for each action.
func TestAnUnclearCallThatTookEffect(t *testing.T) {
	due, back := noon.Add(ahead+time.Hour), with(unplanned, func(o *Observation) { o.Version = "3.3.40.0" })
	for name, c := range map[string]struct {
		asked Request
		now   time.Time
		shows Observation
		want  string
	}{
		"an upgrade at its time":             {upgradeAsked(1), noon, planned, "scheduled"},
		"an upgrade that runs":               {upgradeAsked(1), due, busy, "scheduled"},
		"an upgrade that ran":                {upgradeAsked(1), due, upgraded, "scheduled"},
		"an upgrade at another time is none": {upgradeAsked(1), noon, elsewhere, "unknown"},
		"one that runs before its time": {upgradeAsked(1), noon, with(busy,
			func(o *Observation) { o.UpgradeTime = time.Time{} }), "unknown"},
		"one that ran before its time":        {upgradeAsked(1), noon, upgraded, "unknown"},
		"no upgrade":                          {upgradeAsked(1), noon, unplanned, "unknown"},
		"a cancel: nothing is there":          {cancelAsked(), noon, unplanned, "scheduled"},
		"a cancel: another upgrade is there":  {cancelAsked(), noon, elsewhere, "scheduled"},
		"a cancel: the upgrade is there":      {cancelAsked(), noon, planned, "unknown"},
		"a cancel: it runs":                   {cancelAsked(), due, with(busy, func(o *Observation) { o.UpgradeTime = time.Time{} }), "unknown"},
		"a cancel: it ran":                    {cancelAsked(), due, upgraded, "unknown"},
		"a cancel: the instance is not there": {cancelAsked(), noon, gone, "unknown"},
		"a rollback that runs":                {rollbackAsked(), noon, busy, "scheduled"},
		"a rollback that ran":                 {rollbackAsked(), noon, back, "scheduled"},
		"no rollback":                         {rollbackAsked(), noon, unplanned, "unknown"},
	} {
		r := after(t, c.asked, noon, yes("A"), Claim{}, answer(1, Unclear))
		if r = after(t, r, c.now, Look{Observation: c.shows}); states(r) != c.want {
			t.Errorf("%s: %s", name, states(r))
		}
		if it := r.Items[0]; it.State == Scheduled && (it.Call.Outcome.Code != CodeReadBack || !it.Call.FinishedAt.Equal(c.now)) {
			t.Errorf("%s: %+v", name, it.Call)
		}
	}
}

// TestALateAnswer comes after the claim's end was noted.
func TestALateAnswer(t *testing.T) {
	r := called(t, 1, Unclear)
	for kind, want := range map[OutcomeKind]string{Accepted: "scheduled", Refused: "failed", Unclear: "unknown", NotSent: "unknown", Deferred: "unknown"} {
		if r := after(t, r, noon.Add(30*time.Second), answer(1, kind)); states(r) != want {
			t.Errorf("%s: %s", kind, states(r))
		}
	}
	again := after(t, absent(t, r, 60, 62), settled, Claim{})
	for _, kind := range OutcomeKinds {
		refused(t, again, noon.Add(time.Minute), answer(1, kind), OtherAttempt)
		refused(t, r, noon, answer(2, kind), OtherAttempt)
	}
	refused(t, called(t, 1, Accepted), noon, answer(1, Refused), WrongState)
}

// TestNothingIsSettledByALaterCallThatFailed: the first may have taken effect.
func TestNothingIsSettledByALaterCallThatFailed(t *testing.T) {
	r := after(t, absent(t, called(t, 1, Unclear), 60, 62), settled, Claim{}, answer(2, NotSent))
	if call := r.Items[0].Call; states(r) != "unknown" || call.Tries != 1 || call.Attempt != 2 {
		t.Errorf("%s, %+v", states(r), call)
	}
	if got := told(r); got != "unclear 1" {
		t.Errorf("told %s", got)
	}
	r = after(t, r, settled, Conclude{Outcome: Outcome{Kind: NotSent}})
	if states(r) != "unknown" || r.Items[0].Call.Tries != 1 {
		t.Errorf("%s, %+v", states(r), r.Items[0].Call)
	}
}

// TestWhatIsInTheWayOfASecondCallMayBeTheFirst: the cloud says that it holds an
// upgrade, which its list did not show.
func TestWhatIsInTheWayOfASecondCallMayBeTheFirst(t *testing.T) {
	conflict := Outcome{Kind: Refused, Code: CodeConflict}
	again := after(t, absent(t, called(t, 1, Unclear), 60, 62), settled, Claim{})
	r := after(t, again, settled, Finish{Attempt: 2, Outcome: conflict})
	if states(r) != "unknown" || told(r) != "unclear 1, unclear 2" {
		t.Errorf("%s, told %s", states(r), told(r))
	}
	if r = after(t, r, settled, Look{Observation: planned}); states(r) != "scheduled" {
		t.Error(states(r))
	}
	if r := after(t, again, settled, answer(2, Refused)); states(r) != "failed" {
		t.Errorf("refused for another reason: %s", states(r))
	}
	if r := after(t, claimed(t, 1), noon, Finish{Attempt: 1, Outcome: conflict}); states(r) != "failed" {
		t.Errorf("the first call: %s", states(r))
	}
}

func TestNothingIsConcludedOfACallThatMayHaveTakenEffect(t *testing.T) {
	r, no := called(t, 1, Unclear), Conclude{Outcome: Outcome{Kind: Refused, Code: CodeTooLate}}
	refused(t, absent(t, r, 5, 20, 60), settled, no, TooEarly)
	if r := after(t, absent(t, r, 60, 62), settled, no); states(r) != "failed" {
		t.Error(states(r))
	}
	if r = after(t, r, noon, Conclude{Outcome: Outcome{Kind: Accepted, Code: CodeReadBack}}); states(r) != "scheduled" {
		t.Error(states(r))
	}
}

func TestAnAnswerThatALookForestalled(t *testing.T) {
	late := noon.Add(ahead + giveUpAfter + time.Hour)
	r := after(t, claimed(t, 1), late, Look{Observation: unplanned, Began: late})
	if call := r.Items[0].Call; states(r) != "executing" || call.Absent != 0 {
		t.Errorf("absence counts while the call may be under way: %s, %+v", states(r), call)
	}
	if r = after(t, r, noon, Look{Observation: planned}); states(r) != "scheduled" || told(r) != "called" {
		t.Errorf("%s, told %s", states(r), told(r))
	}
	refused(t, r, noon, answer(1, Refused), WrongState)
}

// TestPauses grow from seconds to two minutes.
func TestPauses(t *testing.T) {
	want := []time.Duration{2, 3, 5, 10, 20, 30, 60, 120, 120}
	pauses := func(r Request, now time.Time, next func(Request) []Event) (got []time.Duration) {
		for range want {
			r = after(t, r, now, next(r)...)
			got = append(got, r.Items[0].Call.NextAt.Sub(now)/time.Second)
		}
		return got
	}
	unread := func(Request) []Event { return []Event{answer(1, Unclear)} }
	if got := pauses(claimed(t, 1), noon, unread); !slices.Equal(got, want) {
		t.Errorf("looks that fail: %v", got)
	}
	unsent := func(r Request) []Event { return []Event{Claim{}, answer(r.Items[0].Call.Attempt+1, NotSent)} }
	if got := pauses(approved(t, 1), noon, unsent); !slices.Equal(got, want) {
		t.Errorf("calls that never leave: %v", got)
	}
	deferred := func(o Outcome) func(Request) []Event {
		return func(r Request) []Event {
			return []Event{Claim{}, Finish{Attempt: r.Items[0].Call.Attempt + 1, Outcome: o}}
		}
	}
	throttled := Outcome{Kind: Deferred, Code: CodeThrottled}
	if got := pauses(approved(t, 1), noon, deferred(throttled)); !slices.Equal(got[:7], []time.Duration{5, 10, 20, 30, 60, 120, 120}) {
		t.Errorf("calls that are throttled: %v", got)
	}
	throttled.Wait = 17 * time.Second
	if got := pauses(approved(t, 1), noon, deferred(throttled)); got[0] != 17 || got[5] != 17 {
		t.Errorf("calls that are throttled for a time: %v", got)
	}
	throttled.Wait = 1000 * time.Hour
	if got := pauses(approved(t, 1), noon, deferred(throttled)); got[0] != longestWait/time.Second {
		t.Errorf("calls that are throttled for ever: %v", got)
	}
	if got := pauses(called(t, 1, Unclear), noon, func(Request) []Event { return []Event{Conclude{Outcome: throttled}} }); got[0] != longestWait/time.Second {
		t.Errorf("looks that are throttled for ever: %v", got)
	}
	look := func(Request) []Event { return []Event{Look{Observation: unplanned}} }
	if got := pauses(called(t, 1, Unclear), noon, look); !slices.Equal(got[:7], []time.Duration{3, 5, 10, 20, 30, 60, 60}) {
		t.Errorf("looks that show nothing until it is settled: %v", got)
	}
	if got := pauses(absent(t, called(t, 1, Unclear), 60), settled, look); got[0] != 2 {
		t.Errorf("before the second look that counts: %v", got)
	}
	if got := pauses(absent(t, called(t, 1, Unclear), 60, 62), settled, look); !slices.Equal(got[:6], want[3:]) {
		t.Errorf("after it: %v", got)
	}
}

func TestClocksThatDifferHoldTheCall(t *testing.T) {
	r := after(t, approved(t, 1), noon, Hold{}, Hold{})
	if task := r.Agenda(Pace{})[0]; states(r) != "waiting" || told(r) != "clock" || task != (Task{Kind: TaskCall, At: noon}) {
		t.Errorf("%s, told %s, %v", states(r), told(r), task)
	}
}

// TestACancelIsDoneWhenItIsReadBack follows it to each of its ends.
func TestACancelIsDoneWhenItIsReadBack(t *testing.T) {
	start := -ahead
	for name, c := range map[string]struct {
		glimpses []glimpse
		state    State
		end      End
		told     string
	}{
		"read back":                {[]glimpse{{start, planned}, {start + 5*time.Minute, unplanned}}, Succeeded, "", "succeeded"},
		"another upgrade is there": {[]glimpse{{start, elsewhere}}, Succeeded, "", "succeeded"},
		"the cloud forgets it":     {[]glimpse{{start, planned}}, Failed, EndStillThere, "failed"},
		"the upgrade has begun":    {[]glimpse{{start, busy}}, Failed, EndStarted, "failed"},
		"the upgrade has ended":    {[]glimpse{{start, upgraded}}, Failed, EndStarted, "failed"},
		"the instance is gone":     {[]glimpse{{start, gone}}, Failed, EndGone, "failed"},
	} {
		r := after(t, cancelAsked(), noon, yes("A"), Claim{}, answer(1, Accepted))
		r = follow(t, r, 0, c.glimpses...)
		if it := r.Items[0]; it.State != c.state || it.End != c.end || told(r) != "cancel_accepted, "+c.told {
			t.Errorf("%s: %s (%s), told %s", name, it.State, it.End, told(r))
		}
	}
}

// TestAnUpgradeKnowsOfItsCancel: its vanishing is nobody else's doing then.
func TestAnUpgradeKnowsOfItsCancel(t *testing.T) {
	scheduled := after(t, called(t, 1, Accepted), noon, Look{Observation: planned})
	r := after(t, scheduled, noon, TakeBack{By: 8})
	if task := r.Agenda(Pace{})[0]; task.At.After(noon.Add(2 * time.Minute)) {
		t.Errorf("while it is taken back it is looked at %s later", task.At.Sub(noon))
	}
	if done := after(t, r, noon, Look{Observation: unplanned}); states(done) != "cancelled" || !strings.HasSuffix(told(done), "cancelled") {
		t.Errorf("%s, told %s", states(done), told(done))
	}
	if r := after(t, r, noon, Look{Observation: elsewhere}, Look{Observation: elsewhere}); states(r) != "changed" {
		t.Errorf("somebody else moved it: %s", states(r))
	}
	for by, want := range map[int64]int64{8: 0, 9: 8} {
		if r := after(t, r, noon, TakeBack{By: by, Undo: true}); r.Items[0].TakenBack != want {
			t.Errorf("the cancel %d came to nothing, and %d is on its way", by, r.Items[0].TakenBack)
		}
	}
}

// TestATimeThatIsGoneRightBeforeTheStartIsNoCancel: the cloud may have begun by its own
// clock, and refuse the cancel that is on its way.
func TestATimeThatIsGoneRightBeforeTheStartIsNoCancel(t *testing.T) {
	r := after(t, called(t, 1, Accepted), noon, Look{Observation: planned}, TakeBack{By: 8})
	soon := r.At.Add(-startsWithin)
	if r := after(t, r, soon.Add(-1), Look{Observation: unplanned}); states(r) != "cancelled" {
		t.Errorf("long before it: %s", states(r))
	}
	r = after(t, r, soon, Look{Observation: unplanned}, TakeBack{By: 8, Undo: true}, Look{Observation: busy})
	if states(r) != "running" {
		t.Error(states(r))
	}
}

// TestAnUpgradeTakenBackAtTheLastMoment is not missed, though nobody saw it
// vanish before its time.
func TestAnUpgradeTakenBackAtTheLastMoment(t *testing.T) {
	r := after(t, called(t, 1, Accepted), noon, Look{Observation: planned}, TakeBack{By: 8})
	late := r.At.Add(MissedAfter)
	if r := after(t, r, late.Add(-1), Look{Observation: unplanned}); states(r) != "scheduled" {
		t.Errorf("it may yet begin: %s", states(r))
	}
	if r := after(t, r, late, Look{Observation: unplanned}); states(r) != "cancelled" {
		t.Error(states(r))
	}
	if r = after(t, r, late, Look{Observation: planned}); states(r) != "missed" {
		t.Errorf("the cloud holds it still: %s", states(r))
	}
}

// TestARollbackIsFollowedFromItsCall, whose answer is its time.
func TestARollbackIsFollowedFromItsCall(t *testing.T) {
	r := after(t, rollbackAsked(), noon, yes("A"), Claim{}, answer(1, Accepted))
	back := with(upgraded, func(o *Observation) { o.Version = "3.3.40.0" })
	if !r.Time(0).Equal(noon) {
		t.Errorf("its time is %s", r.Time(0))
	}
	done := follow(t, r, time.Hour, glimpse{-ahead, busy}, glimpse{-ahead + 10*time.Minute, back})
	if states(done) != "succeeded" || told(done) != "rollback_accepted, running, succeeded" {
		t.Errorf("%s, told %s", states(done), told(done))
	}
	if missed := follow(t, r, time.Hour, glimpse{-ahead, unplanned}); states(missed) != "missed" ||
		missed.Items[0].Progress.EndedAt.After(noon.Add(32*time.Minute)) {
		t.Errorf("%s, %+v", states(missed), missed.Items[0].Progress)
	}
	last := rollbackAsked().Deadline
	refused(t, after(t, rollbackAsked(), noon, yes("A")), last, Claim{}, TooLate)
}

// TestTheHourIsThatOfTheApprovals: those that were taken back took theirs along.
func TestTheHourIsThatOfTheApprovals(t *testing.T) {
	no, later := Outcome{Kind: Deferred, Code: CodeNoPermission}, noon.Add(3*ShutOutFor)
	for name, ends := range map[string]Event{"taken back": Retract{By: person("A")}, "lapsed": Lapse{Strike: []string{"A"}}} {
		r := after(t, approved(t, 1), noon, Claim{}, Finish{Attempt: 1, Outcome: no})
		r = after(t, r, noon.Add(time.Minute), ends)
		r = after(t, r, later, yes("A"), Claim{}, Finish{Attempt: 2, Outcome: no})
		if !r.ShutOut(0) {
			t.Errorf("%s: %s", name, states(r))
		}
	}
}

// TestThrottledCallsEndWithTheNotice: the cloud may name a time that lies behind it.
func TestThrottledCallsEndWithTheNotice(t *testing.T) {
	r := approved(t, 1)
	now := r.CallBy(0).Add(-time.Minute)
	r = after(t, r, now, Claim{}, Finish{Attempt: 1, Outcome: Outcome{Kind: Deferred, Code: CodeThrottled, Wait: time.Hour}})
	if next := r.Agenda(Pace{})[0]; next != (Task{Kind: TaskCall, At: r.CallBy(0)}) {
		t.Errorf("%+v, and the notice ends at %s", next, r.CallBy(0))
	}
	if len(r.Approvals()) == 0 {
		t.Error("the approvals are gone")
	}
}

// TestAProgramThatIsNotLetInTriesForAnHour, more often when somebody wants it.
func TestAProgramThatIsNotLetInTriesForAnHour(t *testing.T) {
	no := Outcome{Kind: Deferred, Code: CodeNoPermission}
	r := after(t, approved(t, 1), noon, Claim{}, Finish{Attempt: 1, Outcome: no})
	soon := noon.Add(time.Minute)
	if r = after(t, r, soon, TryAgain{}); !r.ShutOut(0) || !r.Agenda(Pace{})[0].At.Equal(soon) {
		t.Errorf("%v", r.Agenda(Pace{}))
	}
	tries := 0
	for now := soon; r.ShutOut(0); tries++ {
		r = after(t, r, now, Claim{}, Finish{Attempt: tries + 2, Outcome: no})
		now = r.Agenda(Pace{})[0].At
	}
	it := r.Items[0]
	if tries != 7 || it.State != Failed || it.End != EndRefused || !it.Progress.EndedAt.Equal(noon.Add(ShutOutFor)) || told(r) != "shut_out, refused" {
		t.Errorf("%d tries, then %s (%s) at %s, told %s", tries, it.State, it.End, it.Progress.EndedAt, told(r))
	}
	refused(t, r, soon, TryAgain{}, WrongState)
	refused(t, approved(t, 1), soon, TryAgain{}, WrongState)
}

// freed is an approved move whose first step is done.
func freed(t *testing.T) Request {
	t.Helper()
	r := after(t, moveAsked(1), noon, yes("A"), Claim{}, answer(1, Accepted))
	return after(t, r, noon.Add(time.Second), Look{Observation: unplanned})
}

// TestAMoveIsACancelAndThenAnUpgrade, each called, read back and told.
func TestAMoveIsACancelAndThenAnUpgrade(t *testing.T) {
	r := moveAsked(1)
	if action, at := r.Doing(0); action != Cancel || !at.Equal(r.Items[0].Old) || r.Lock(0) != "cancel/7/0" {
		t.Errorf("first %s of %s, under the lock %s", action, at, r.Lock(0))
	}
	r = freed(t)
	it, now := r.Items[0], noon.Add(2*time.Second)
	if it.State != Waiting || it.Step != StepTakeOver || !it.Release || it.Call.Attempt != 1 || r.Agenda(Pace{})[0].Kind != TaskRelease {
		t.Fatalf("%+v, then %v", it, r.Agenda(Pace{}))
	}
	refused(t, r, now, TakeOver{}, WrongState)
	refused(t, r, now, Conclude{Outcome: Outcome{Kind: Accepted, Code: CodeReadBack}}, TooEarly)
	refused(t, r, now, Claim{}, TooEarly)
	r = after(t, r, now, Release{})
	if task := r.Agenda(Pace{})[0]; task.Kind != TaskTakeOver || r.Lock(0) != "cancel/7/0" {
		t.Errorf("%v, under the lock %s", task, r.Lock(0))
	}
	r = after(t, r, now, TakeOver{})
	if action, at := r.Doing(0); action != Upgrade || !at.Equal(r.At) || r.Lock(0) != "p/s1" {
		t.Errorf("then %s at %s, under the lock %s", action, at, r.Lock(0))
	}
	r = after(t, r, now, Claim{})
	refused(t, r, now, answer(1, Refused), OtherAttempt)
	r = after(t, r, now, answer(2, Accepted), Look{Observation: planned})
	if got := told(r); states(r) != "scheduled" || r.Items[0].Progress.VerifiedAt.IsZero() || got != "cancel_accepted, freed, called" {
		t.Errorf("%s, told %s", states(r), got)
	}
}

// TestACancelThatMayStillBeOnItsWayMeetsNoSecondStep: its answer was never known.
func TestACancelThatMayStillBeOnItsWayMeetsNoSecondStep(t *testing.T) {
	r := after(t, moveAsked(1), noon, yes("A"), Claim{}, answer(1, Unclear))
	r = after(t, r, noon.Add(time.Second), Look{Observation: unplanned}, Look{Observation: unplanned}, Release{})
	settled := noon.Add(SettleAfter)
	if task := r.Agenda(Pace{})[0]; task != (Task{Kind: TaskTakeOver, At: settled}) {
		t.Errorf("%+v", task)
	}
	refused(t, r, settled.Add(-1), TakeOver{}, TooEarly)
	after(t, r, settled, TakeOver{})
}

// TestAMoveThatHasBegunIsNotTakenBack: its second step follows, or fails.
func TestAMoveThatHasBegunIsNotTakenBack(t *testing.T) {
	r := after(t, freed(t), noon.Add(time.Second), Release{})
	for _, event := range []Event{Withdraw{By: person("R")}, Retract{By: person("A")}, Lapse{Strike: []string{"A"}}} {
		refused(t, r, noon.Add(time.Second), event, WrongState)
	}
	batch := after(t, moveAsked(2), noon, yes("A"), Claim{}, answer(1, Accepted))
	batch = after(t, batch, noon.Add(time.Second), Look{Observation: unplanned})
	refused(t, batch, noon.Add(time.Second), TakeOut{By: person("R")}, WrongState)
	r = after(t, r, noon.Add(time.Second), TakeOver{}, Conclude{Outcome: Outcome{Kind: Refused, Code: CodeLapsed}})
	if it := r.Items[0]; it.State != Failed || it.Release || it.FreedAt.IsZero() {
		t.Errorf("%+v", it)
	}
	for name, event := range map[string]Event{
		"refused":     Conclude{Outcome: Outcome{Kind: Refused, Code: CodeNothing}},
		"still there": Look{Observation: with(planned, func(o *Observation) { o.UpgradeTime = moveAsked(1).Items[0].Old })},
	} {
		r := after(t, moveAsked(1), noon, yes("A"))
		if _, looks := event.(Look); looks {
			r = after(t, r, noon, Claim{}, answer(1, Accepted))
		}
		r = after(t, r, noon.Add(changedAfter), event)
		if it := r.Items[0]; it.State != Failed || !it.Release || !it.FreedAt.IsZero() {
			t.Errorf("a cancel that is %s: %+v", name, it)
		}
	}
}
