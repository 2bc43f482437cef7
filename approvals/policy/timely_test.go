package policy

import (
	"errors"
	"slices"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

func TestAClosedTimeIsRefusedWithTheNearestOnes(t *testing.T) {
	b := newBench(t)
	b.rule().Calendar = weekends()
	_, err := b.snapshot().Time(t.Context(), upgrade(), b.person("R"), "", false)
	var closed *ClosedError
	if !errors.As(err, &closed) || len(closed.Near) != 5 || closed.Override || closed.Closure.Kind != calendar.OutsideWindows {
		t.Fatalf("%v %+v", err, closed)
	}
	for _, at := range closed.Near {
		if weekends().Closed(at, UpgradeTakes) != nil {
			t.Errorf("%s is offered, and it is closed", at)
		}
	}
	cancel := upgrade()
	cancel.Action = approvals.Cancel
	b.policy.Rules[0].Calendar = weekends()
	if _, err := b.snapshot().Time(t.Context(), cancel, b.person("R"), "", false); err != nil {
		t.Errorf("a cancel: %v", err)
	}
}

// TestEveryItemOfABatchHasToBeAllowed: the first fits into the hours, the others
// do not; and what is called already is not judged again.
func TestEveryItemOfABatchHasToBeAllowed(t *testing.T) {
	b := newBench(t)
	b.rule().Calendar = calendar.Calendar{Windows: []calendar.Window{
		{Hours: calendar.Hours{From: 11 * 60, To: 15 * 60}, Zone: time.UTC},
	}}
	r := upgrade("one", "two", "three")
	_, err := b.snapshot().Approve(t.Context(), r, b.person("A"))
	var closed *ClosedError
	if !errors.As(err, &closed) || !closed.At.Equal(r.Time(2)) || closed.Closure.Kind != calendar.TooNearEnd {
		t.Fatalf("%v %+v", err, closed)
	}
	if len(closed.Near) != 5 || !closed.Near[2].Equal(noon.AddDate(0, 0, 6).Add(-time.Hour)) || !slices.IsSortedFunc(closed.Near, time.Time.Compare) {
		t.Errorf("offered: %v", closed.Near)
	}
	wide := b.rule().Calendar
	b.rule().Calendar = calendar.Calendar{Windows: []calendar.Window{{Hours: calendar.Hours{From: 11 * 60, To: 14 * 60}, Zone: time.UTC}}}
	r.Items[0].State = approvals.Cancelled // what is offered is when the second begins
	_, err = b.snapshot().Approve(t.Context(), r, b.person("A"))
	if !errors.As(err, &closed) || len(closed.Near) != 5 {
		t.Fatalf("without the first: %v", err)
	}
	for _, at := range closed.Near {
		if hours := b.rule().Calendar; hours.Closed(at, UpgradeTakes) != nil || hours.Closed(at.Add(r.Items[2].Offset-r.Items[1].Offset), UpgradeTakes) != nil {
			t.Errorf("without the first, %s is offered", at)
		}
	}
	b.rule().Calendar = wide
	r.Items[0].State, r.Items[2].State = approvals.Waiting, approvals.Cancelled
	if _, err := b.snapshot().Approve(t.Context(), r, b.person("A")); err != nil {
		t.Errorf("without the third: %v", err)
	}
	b.rule().Calendar = weekends()
	for _, state := range approvals.ItemStates {
		r := upgrade("one", "two")
		r.Items[0].State, r.Items[1].State = state, state
		_, err := b.snapshot().Approve(t.Context(), r, b.person("A"))
		ahead := state == approvals.Waiting || state == approvals.Executing || state == approvals.Unknown
		if errors.As(err, &closed) != ahead || ahead && !closed.At.Equal(r.Time(0)) {
			t.Errorf("%s: %v", state, err)
		}
	}
}

func TestAnOverrideIsForThoseThePolicyNamesAndNeedsAReason(t *testing.T) {
	b := newBench(t)
	b.rule().Calendar, b.rule().Override = weekends(), users("C")
	anyway := func(id, reason string) (*approvals.Decision, error) {
		return b.snapshot().Time(t.Context(), upgrade(), b.person(id), reason, true)
	}
	var closed *ClosedError
	if _, err := anyway("R", "urgent"); !errors.As(err, &closed) || closed.Override {
		t.Errorf("somebody overrode the calendar: %v", err)
	}
	if _, err := anyway("C", ""); ground(err) != NoReason {
		t.Errorf("an override without a reason: %v", err)
	}
	r := upgrade()
	_, err := b.snapshot().Time(t.Context(), r, b.person("C"), "", false)
	if !errors.As(err, &closed) || !closed.Override {
		t.Errorf("it is not said that they may: %v", err)
	}
	want := approvals.Decision{By: b.person("C"), At: r.ChangedAt, Verdict: approvals.Yes, Reason: "urgent", Revision: r.Revision}
	if r.Override, err = anyway("C", "urgent"); err != nil || r.Override == nil || *r.Override != want {
		t.Fatalf("%v %+v", err, r.Override)
	}
	if _, err := b.snapshot().Time(t.Context(), r, b.person("R"), "", false); !errors.As(err, &closed) {
		t.Errorf("the override of another time counts: %v", err)
	}
	if _, err := b.snapshot().Approve(t.Context(), r, b.person("A")); err != nil {
		t.Errorf("with the override: %v", err)
	}
	b.rule().Override = users("A")
	if _, err := b.snapshot().Approve(t.Context(), r, b.person("A")); !errors.As(err, &closed) {
		t.Errorf("approved with an override that the policy does not take: %v", err)
	}
	b.rule().Calendar = calendar.Calendar{}
	if word, err := anyway("R", "urgent"); err != nil || word != nil {
		t.Errorf("an open time needs no override: %v %+v", err, word)
	}
}

// TestAClosedTimeWithoutADirectoryIsNoAnswer: who may override is not known then.
func TestAClosedTimeWithoutADirectoryIsNoAnswer(t *testing.T) {
	b := newBench(t)
	b.policy = OneLine(users("A", "B"), 1, "")
	b.rule().Calendar, b.rule().Override = weekends(), approvals.Set{Groups: []string{"S1"}}
	r, by := upgrade(), b.person("A")
	b.people.split = errAway
	if _, err := b.snapshot().Time(t.Context(), r, by, "", false); ground(err) != Unreachable {
		t.Errorf("a time: %v", err)
	}
	r.Override = &approvals.Decision{By: by, Reason: "urgent"}
	if _, _, err := b.snapshot().Standing(t.Context(), approved(r, "B")); ground(err) != Unreachable {
		t.Errorf("a standing override: %v", err)
	}
}
