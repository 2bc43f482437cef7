package approvals

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// onItem is an event about another item than the first.
func onItem(i int, event Event) Event {
	switch e := event.(type) {
	case Finish:
		e.Item = i
		return e
	case Look:
		e.Item = i
		return e
	}
	return event
}

// everyCalled is a batch of three of which every call was accepted and read back.
func everyCalled(t *testing.T) Request { t.Helper(); return everyCalledOf(t, 3) }

func everyCalledOf(t *testing.T, n int) Request {
	t.Helper()
	r := approved(t, n)
	for i := range r.Items {
		seen := Observation{ServerID: r.Items[i].Target.ServerID, Version: "3.3.49.0", Idle: true, UpgradeTime: r.Time(i)}
		r = after(t, r, noon, Claim{Item: i}, onItem(i, answer(1, Accepted)), Look{Item: i, Observation: seen})
	}
	return r
}

func kinds(tasks []Task) string {
	var all []string
	for _, task := range tasks {
		all = append(all, string(task.Kind))
	}
	return strings.Join(all, ", ")
}

func TestABatchIsOneDecisionAboutItsItems(t *testing.T) {
	r, single := upgradeAsked(3), upgradeAsked(1)
	if want := []string{"p/s1", "p/s2", "p/s3"}; !slices.Equal(r.Holds(), want) || !r.Batch() || single.Batch() {
		t.Errorf("holds %v", r.Holds())
	}
	r = after(t, r, noon, yes("A"))
	for i, task := range r.Agenda(Pace{}) {
		if task != (Task{Kind: TaskCall, Item: i, At: noon}) {
			t.Errorf("%d: %v", i, task)
		}
	}
	last := r.Time(1).Add(-r.Lead) // the second has an hour more than the first
	refused(t, r, last.Add(-1), Claim{}, TooLate)
	refused(t, r, last, Claim{Item: 1}, TooLate)
	if r = after(t, r, last.Add(-1), Claim{Item: 1}); states(r) != "waiting executing waiting" {
		t.Error(states(r))
	}
	refused(t, r, noon, Withdraw{By: person("R")}, WrongState)
}

func TestAMovedBatchKeepsItsDistances(t *testing.T) {
	asked := upgradeAsked(3)
	r := after(t, asked, noon, moved(asked, 24*time.Hour))
	r = after(t, r, noon, moved(asked, 50*time.Hour))
	for i := range r.Items {
		if by := r.Time(i).Sub(asked.Time(i)); by != 50*time.Hour {
			t.Errorf("item %d moved by %s", i, by)
		}
	}
	if r.Revision != 3 || !r.Previous.Equal(asked.At.Add(24*time.Hour)) {
		t.Errorf("revision %d, before it was %s", r.Revision, r.Previous)
	}
}

func TestAFailureStopsWhatHasNotStarted(t *testing.T) {
	r := after(t, approved(t, 3), noon, Claim{}, answer(1, Accepted), Claim{Item: 1}, onItem(1, answer(1, Refused)))
	if states(r) != "scheduled failed cancelled" || r.Items[2].End != EndStopped || !r.Stopped || told(r) != "called, refused#1, stopped" {
		t.Fatalf("%s, told %s", states(r), told(r))
	}
	if !slices.Equal(r.Holds(), []string{"p/s1"}) {
		t.Errorf("holds %v", r.Holds())
	}
	if got := kinds(r.Agenda(Pace{})); got != "look, take back" {
		t.Errorf("next: %s", got)
	}
	if due := r.Agenda(Pace{})[1].At; !due.Equal(noon.Add(InvisibleAfter)) {
		t.Errorf("taken back at %s, where the cloud may not show it yet", due)
	}
	seen := after(t, r, noon, Look{Observation: planned})
	if next := seen.Agenda(Pace{})[0]; next.Kind != TaskTakeBack || !next.At.Equal(noon) {
		t.Errorf("it was read back, and next: %+v", next)
	}
	taken := after(t, r, noon, TakeBack{By: 9, Stop: true})
	if got := kinds(taken.Agenda(Pace{})); got != "look" {
		t.Errorf("while it is taken back: %s", got)
	}
	over := after(t, taken, noon, TakeBack{By: 9, Undo: true})
	if got := kinds(over.Agenda(Pace{})); got != "look" || over.Items[0].TakenBack != 0 {
		t.Errorf("the cancel came to nothing, and is asked for again: %s", got)
	}
	done := after(t, taken, noon, Look{Observation: unplanned})
	if states(done) != "cancelled failed cancelled" || done.Open() || len(done.Holds()) != 0 {
		t.Errorf("%s, holds %v", states(done), done.Holds())
	}
}

func TestAPersonsCancelComesBeforeTheStop(t *testing.T) {
	r := after(t, everyCalled(t), noon, TakeBack{By: 9})
	late := r.At.Add(MissedAfter + 2*time.Hour)
	r = after(t, r, late, Look{Item: 2, Observation: Observation{ServerID: "s3", Version: "3.3.49.0", Idle: true}})
	if got := kinds(r.Agenda(Pace{})); states(r) != "scheduled scheduled missed" || strings.Count(got, "take back") != 1 {
		t.Errorf("%s, next: %s", states(r), got)
	}
	r = after(t, r, late, TakeBack{By: 9, Undo: true})
	if got := kinds(r.Agenda(Pace{})); strings.Count(got, "take back") != 2 {
		t.Errorf("their cancel came to nothing, next: %s", got)
	}
	r = after(t, r, late, TakeBack{By: 10, Stop: true})
	if it := r.Items[0]; !it.Stop || it.TakenBack != 10 || strings.Count(kinds(r.Agenda(Pace{})), "take back") != 1 {
		t.Errorf("%+v", it)
	}
}

// TestAStoppedBatchStartsNothingMore has calls under way when one of the batch
// fails.
func TestAStoppedBatchStartsNothingMore(t *testing.T) {
	stop := func(kind OutcomeKind) Request {
		return after(t, claimed(t, 2), noon, Claim{Item: 1}, answer(1, kind), onItem(1, answer(1, Refused)))
	}
	r := after(t, claimed(t, 2), noon, Claim{Item: 1}, onItem(1, answer(1, Refused)), answer(1, NotSent))
	if states(r) != "cancelled failed" || r.Items[0].End != EndStopped || r.Open() {
		t.Errorf("a call that never left: %s", states(r))
	}
	r = absent(t, stop(Unclear), 5, 20)
	if states(r) != "unknown failed" || r.MayCallAgain(0, noon.Add(time.Hour)) {
		t.Errorf("an unclear call: %s", states(r))
	}
	refused(t, r, settled, Claim{}, TooEarly)
	if r = absent(t, r, 60, 62); states(r) != "cancelled failed" || r.Items[0].End != EndStopped {
		t.Errorf("an unclear call that came to nothing: %s", states(r))
	}
	if r = after(t, stop(Unclear), noon, Look{Observation: planned}); kinds(r.Agenda(Pace{})) != "take back, look" {
		t.Errorf("an unclear call that took effect: %s, next: %s", states(r), kinds(r.Agenda(Pace{})))
	}
}

// TestWhatDoesNotStopABatch is every end that is no failure.
func TestWhatDoesNotStopABatch(t *testing.T) {
	late := noon.Add(ahead + time.Hour)
	for name, r := range map[string]Request{
		"succeeded":           after(t, everyCalled(t), late, Look{Observation: upgraded}, Look{Observation: upgraded}),
		"changed":             after(t, everyCalled(t), noon, Look{Observation: elsewhere}, Look{Observation: elsewhere}),
		"cancelled":           after(t, everyCalled(t), noon, TakeBack{By: 9}, Look{Observation: unplanned}),
		"taken out":           after(t, approved(t, 3), noon, TakeOut{}),
		"failed, of only one": called(t, 1, Refused),
	} {
		if r.Stopped || !slices.Contains(final, r.Items[0].State) {
			t.Errorf("%s: %s, told %s", name, states(r), told(r))
		}
	}
}

func TestTheThreadSaysWhoTookWhatOutOfABatch(t *testing.T) {
	r := after(t, upgradeAsked(3), noon, TakeOut{By: person("R"), Item: 1, Reason: "not that one"})
	if want := (Closing{At: noon, By: person("R"), Reason: "not that one"}); r.Items[1].Closing != want || told(r) != "taken_out#1" {
		t.Errorf("%+v, told %s", r.Items[1].Closing, told(r))
	}
}

func TestTheCallsOfABatchAreOneMessage(t *testing.T) {
	if r := everyCalled(t); told(r) != "called" {
		t.Errorf("told %s", told(r))
	}
}

// TestABatchIsSummedUpOnce, when the last of its items has ended.
func TestABatchIsSummedUpOnce(t *testing.T) {
	r, late := everyCalled(t), noon.Add(ahead+3*time.Hour)
	ends := func(r Request, i int) Request {
		o := with(upgraded, func(o *Observation) { o.ServerID = r.Items[i].Target.ServerID })
		return after(t, r, late, Look{Item: i, Observation: o}, Look{Item: i, Observation: o})
	}
	r = ends(ends(r, 2), 0)
	if strings.Contains(told(r), "summary") {
		t.Errorf("told %s before the last has ended", told(r))
	}
	if r = ends(r, 1); told(r) != "called, succeeded#2, succeeded, succeeded#1, summary" {
		t.Errorf("told %s", told(r))
	}
	for name, r := range map[string]Request{
		"withdrawn": after(t, upgradeAsked(2), noon, Withdraw{By: person("R")}),
		"one alone": ends(everyCalledOf(t, 1), 0),
	} {
		if strings.Contains(told(r), "summary") {
			t.Errorf("%s: told %s", name, told(r))
		}
	}
	if r := after(t, claimed(t, 2), noon, answer(1, Refused)); !strings.HasSuffix(told(r), "stopped, summary") {
		t.Errorf("nothing was scheduled: told %s", told(r))
	}
}
