package approvals

import (
	"errors"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func person(id string) Person { return Person{ID: id, Name: id} }

func needs(count int, ids ...string) Quorum {
	return Quorum{{Count: count, Of: ids, Label: "approvers"}}
}

// upgradeAsked is a pending upgrade five days ahead.
func upgradeAsked() Request {
	at := noon.Add(5 * 24 * time.Hour)
	return Request{
		Version: RecordVersion, ID: 7, Key: "KEY", Revision: 1, Action: Upgrade, State: Pending,
		Target: Target{Project: "p", ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW"},
		At:     at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Zone: "Asia/Shanghai",
		Requester: person("U_RITA"), Channel: "C", CreatedAt: noon, ChangedAt: noon, Quorum: "1 of approvers",
	}
}

// after applies events in order and fails the test at the first impossible one.
func after(t *testing.T, r Request, now time.Time, events ...Event) (Request, []Effect) {
	t.Helper()
	var effects []Effect
	for _, event := range events {
		next, more, err := r.Apply(now, "", event)
		if err != nil {
			t.Fatalf("%s: %v", event.Verb(), err)
		}
		r, effects = next, append(effects, more...)
	}
	return r, effects
}

func obstacle(err error) Obstacle {
	var e *EventError
	if errors.As(err, &e) {
		return e.Obstacle
	}
	return ""
}

func has(effects []Effect, kind EffectKind, key string) bool {
	return slices.ContainsFunc(effects, func(e Effect) bool { return e.Kind == kind && e.Key == key })
}

func TestOneApprovalOfTwoIsNotEnough(t *testing.T) {
	quorum := needs(2, "A", "B")
	r, effects := after(t, upgradeAsked(), noon, Approve{By: person("A"), Revision: 1, Quorum: quorum})
	if r.State != Pending || has(effects, Execute, "") {
		t.Fatalf("after one of two: %s, %v", r.State, effects)
	}
	r, effects = after(t, r, noon, Approve{By: person("B"), Revision: 1, Quorum: quorum})
	if r.State != Approved || !has(effects, Execute, "") {
		t.Fatalf("after two of two: %s, %v", r.State, effects)
	}
}

func TestImpossibleEventsNameTheirObstacle(t *testing.T) {
	quorum := needs(2, "A", "B")
	once, _ := after(t, upgradeAsked(), noon, Approve{By: person("A"), Revision: 1, Quorum: quorum})
	denied, _ := after(t, upgradeAsked(), noon, Deny{By: person("A"), Revision: 1, Reason: "no"})
	moved, _ := after(t, once, noon, Reschedule{By: person("U_RITA"), At: once.At.Add(time.Hour), Deadline: once.Deadline.Add(time.Hour)})
	late := upgradeAsked().Deadline
	for name, c := range map[string]struct {
		request Request
		now     time.Time
		event   Event
		want    Obstacle
	}{
		"the same human twice":          {once, noon, Approve{By: Person{ID: "A2", Human: "A"}, Revision: 1, Quorum: quorum}, AlreadyDecided},
		"an old card":                   {moved, noon, Approve{By: person("B"), Revision: 1, Quorum: quorum}, Replaced},
		"denying an old card":           {moved, noon, Deny{By: person("B"), Revision: 1}, Replaced},
		"at the deadline":               {once, late, Approve{By: person("B"), Revision: 1, Quorum: quorum}, TooLate},
		"moving at the deadline":        {once, late, Reschedule{By: person("B")}, TooLate},
		"breaking glass too late":       {once, late, BreakGlass{By: person("B"), Revision: 1}, TooLate},
		"after the denial":              {denied, noon, Approve{By: person("B"), Revision: 1, Quorum: quorum}, WrongState},
		"expiring before the deadline":  {once, noon, Deadline{}, TooEarly},
		"retracting what was not given": {once, noon, Retract{By: person("B"), Revision: 1}, NothingToUndo},
		"calling without approval":      {once, noon, Begin{}, WrongState},
	} {
		t.Run(name, func(t *testing.T) {
			next, effects, err := c.request.Apply(c.now, "", c.event)
			if obstacle(err) != c.want || len(effects) > 0 || encode(next) != encode(c.request) {
				t.Fatalf("%v, %v, changed %v", err, effects, encode(next) != encode(c.request))
			}
		})
	}
}

func TestRescheduleClearsApprovals(t *testing.T) {
	r, _ := after(t, upgradeAsked(), noon, Approve{By: person("A"), Revision: 1, Quorum: needs(2, "A", "B")})
	r, effects := after(t, r, noon, Reschedule{By: person("U_RITA"), At: r.At.Add(time.Hour), Deadline: r.Deadline.Add(time.Hour)})
	if r.Revision != 2 || len(r.Approvals()) != 0 || !has(effects, Notify, "rescheduled 2") {
		t.Fatalf("revision %d, approvals %v, effects %v", r.Revision, r.Approvals(), effects)
	}
	r, _ = after(t, r, noon, Approve{By: person("B"), Revision: 2, Quorum: needs(2, "A", "B")})
	if r.State != Pending {
		t.Fatal("an approval of the earlier revision counted")
	}
}

func TestARepeatedEventChangesNothing(t *testing.T) {
	event := Approve{By: person("A"), Revision: 1, Quorum: needs(2, "A", "B")}
	r, _, err := upgradeAsked().Apply(noon, "env-1", event)
	if err != nil {
		t.Fatal(err)
	}
	again, effects, err := r.Apply(noon, "env-1", event)
	if err != nil || len(effects) > 0 || encode(again) != encode(r) {
		t.Fatalf("%v, %v", effects, err)
	}
}

// approvedBy returns a request that is being called.
func executing(t *testing.T) Request {
	r, _ := after(t, upgradeAsked(), noon, Approve{By: person("A"), Revision: 1, Quorum: needs(1, "A")}, Begin{})
	return r
}

func TestAnUnclearCallIsRepeatedOnlyWhenItClearlyDidNothing(t *testing.T) {
	r, _ := after(t, executing(t), noon, Finish{Outcome{Kind: Unclear}})
	nothing := Look{Observation: Observation{ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Idle: true}}
	for _, wait := range []time.Duration{5 * time.Second, 20 * time.Second, settleAfter - time.Second} {
		r, _ = after(t, r, noon.Add(wait), nothing)
		if _, _, err := r.Apply(noon.Add(wait), "", Begin{}); obstacle(err) != TooEarly {
			t.Fatalf("a second call %s after the first: %v", wait, err)
		}
	}
	r, _ = after(t, r, noon.Add(settleAfter), nothing, Begin{})
	if r.State != Executing || r.Call.Attempt != 2 {
		t.Fatalf("%s, attempt %d", r.State, r.Call.Attempt)
	}
}

func TestAnUnclearCallThatTookEffectIsScheduled(t *testing.T) {
	r, _ := after(t, executing(t), noon, Finish{Outcome{Kind: Unclear}})
	r, _ = after(t, r, noon.Add(3*time.Second), Look{Observation: Observation{ServerID: "s", UpgradeTime: r.At, Idle: true}})
	if r.State != Scheduled {
		t.Fatal(r.State)
	}
	if _, _, err := r.Apply(noon.Add(time.Hour), "", Begin{}); obstacle(err) != WrongState {
		t.Fatalf("a second call: %v", err)
	}
}
