package approvals

import (
	"context"
	"errors"
	"testing"

	"cbhbot/approvals/redistest"
)

// TestApprovalsAreCheckedAgainBeforeTheCall changes the people or the policy
// after A has approved what R asked for. Whatever takes the right away undoes
// the approval; what cannot be found out puts the call off.
func TestApprovalsAreCheckedAgainBeforeTheCall(t *testing.T) {
	flawed := func(p Person) func(*bench) {
		return func(b *bench) { p.ID = "A"; b.people.known["A"] = p }
	}
	server := redistest.Start(t, "--appendonly", "no")
	for name, then := range map[string]struct {
		change func(*bench)
		want   State
	}{
		"nothing":                  {func(*bench) {}, Scheduled},
		"a guest":                  {flawed(Person{Guest: true}), Pending},
		"external":                 {flawed(Person{External: true}), Pending},
		"a bot":                    {flawed(Person{Bot: true}), Pending},
		"deactivated":              {flawed(Person{Deactivated: true}), Pending},
		"unknown":                  {func(b *bench) { delete(b.people.known, "A") }, Pending},
		"no approver":              {func(b *bench) { b.policy = OneLine(Set{Users: []string{"B"}}, 1, "") }, Pending},
		"out of the group":         {func(b *bench) { b.policy = OneLine(Set{Groups: []string{"S1"}}, 1, "") }, Pending},
		"no rule at all":           {func(b *bench) { b.policy = &Policy{} }, Pending},
		"a larger quorum":          {func(b *bench) { b.policy = OneLine(Set{Users: []string{"A", "B"}}, 2, "") }, Pending},
		"the requester's account":  {func(b *bench) { b.policy.Same = map[string]string{"A": "R"} }, Pending},
		"the requester is theirs":  {func(b *bench) { b.policy.Same = map[string]string{"R": "A"} }, Pending},
		"counted as somebody else": {func(b *bench) { b.policy.Same = map[string]string{"A": "A2"} }, Scheduled},
		"the directory is away":    {func(b *bench) { b.people.away = errors.New("Slack is away") }, Approved},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchOn(t, server)
			b.keep(name)
			r := b.asked()
			if _, err := b.act("yes", "A", "approve", r); err != nil {
				t.Fatal(err)
			}
			b.people.change(func() { then.change(b) })
			b.settle()
			got, calls := b.load(r.ID), b.cloud.count()
			if got.State != then.want || (calls == 1) != (then.want == Scheduled) {
				t.Errorf("%s, %d calls", got.State, calls)
			}
		})
	}
}

// keep gives the bench a deployment of its own on a shared server.
func (b *bench) keep(name string) {
	b.store = NewStore(b.store.redis, "{"+name+"}:", 0)
	b.service.Store, b.runner.Store = b.store, b.store
}

// TestTwoAccountsOfOneHumanAreOneAtTheCall has the policy learn between the
// second approval and the call that both came from one human.
func TestTwoAccountsOfOneHumanAreOneAtTheCall(t *testing.T) {
	b := newBench(t)
	b.policy = OneLine(Set{Users: []string{"A", "B", "C"}}, 2, "")
	r := b.asked()
	for _, id := range []string{"A", "B"} {
		if _, err := b.act("yes "+id, id, "approve", r); err != nil {
			t.Fatal(err)
		}
	}
	b.policy.Same = map[string]string{"B": "A"}
	if b.settle(); b.load(r.ID).State != Pending || b.cloud.count() != 0 {
		t.Errorf("%s, %d calls", b.load(r.ID).State, b.cloud.count())
	}
}

// TestASecondAccountNamedLaterCannotApprove: the policy may name it either way round.
func TestASecondAccountNamedLaterCannotApprove(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	for _, same := range []map[string]string{{"A": "R"}, {"R": "A"}, {"A": "X", "R": "X"}} {
		b.policy.Same = same
		if _, err := b.act("yes", "A", "approve", r); ground(err) != OwnRequest {
			t.Errorf("with %v: %v", same, err)
		}
	}
}

// TestACancelAloneEndsWithItsRequester: who has left cannot cancel alone; others
// can approve it in their place.
func TestACancelAloneEndsWithItsRequester(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.policy.Rule(Cancel, Target{}).CancelAlone = true
	cancel, err := b.service.Ask(context.Background(), Ask{Event: "c", By: "R", Action: Cancel, Of: r.ID, Target: r.Target, At: r.At, Deadline: r.At, Zone: "UTC", Channel: "C"})
	if err != nil || !cancel.Alone {
		t.Fatalf("alone: %v, %v", cancel.Alone, err)
	}
	b.people.change(func() { b.people.known["R"] = Person{ID: "R", Deactivated: true} })
	if b.settle(); b.load(cancel.ID).State != Pending || b.cloud.count() != 1 {
		t.Fatalf("%s, %d calls", b.load(cancel.ID).State, b.cloud.count())
	}
	if _, err := b.act("yes to the cancel", "B", "approve", cancel); err != nil {
		t.Fatal(err)
	}
	if b.settle(); b.load(cancel.ID).State != Succeeded {
		t.Errorf("%s", b.load(cancel.ID).State)
	}
}

// TestAButtonOfAnotherDeploymentLooksAtNothing: the number on it may be that of
// another request here.
func TestAButtonOfAnotherDeploymentLooksAtNothing(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	look := Act{Event: "look", By: "A", Verb: "check again", Request: r.ID, Key: "another"}
	if _, err := b.service.CheckAgain(context.Background(), look); obstacle(err) != Replaced {
		t.Errorf("another's key: %v", err)
	}
	look.Key = r.Key
	if _, err := b.service.CheckAgain(context.Background(), look); err != nil {
		t.Errorf("its own key: %v", err)
	}
}
