package policy

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

// TestApprovalsAreCheckedAgainBeforeTheCall changes the people or the policy
// after A has approved what R asked for. Whatever takes the right away undoes
// the approval; what cannot be found out is no answer.
func TestApprovalsAreCheckedAgainBeforeTheCall(t *testing.T) {
	flawed := func(p approvals.Person) func(*bench) {
		return func(b *bench) { p.ID = "A"; b.people.known["A"] = p }
	}
	const stands, struck, short, unknown = "stands", "struck", "short", "unknown"
	for name, then := range map[string]struct {
		change func(*bench)
		want   string
	}{
		"nothing":                  {func(*bench) {}, stands},
		"a guest":                  {flawed(approvals.Person{Guest: true}), struck},
		"external":                 {flawed(approvals.Person{External: true}), struck},
		"a bot":                    {flawed(approvals.Person{Bot: true}), struck},
		"deactivated":              {flawed(approvals.Person{Deactivated: true}), struck},
		"unknown":                  {func(b *bench) { delete(b.people.known, "A") }, struck},
		"no approver":              {func(b *bench) { b.policy = OneLine(users("B"), 1, "") }, struck},
		"out of the group":         {func(b *bench) { b.policy = OneLine(approvals.Set{Groups: []string{"S1"}}, 1, "") }, struck},
		"no rule at all":           {func(b *bench) { b.policy = &Policy{} }, struck},
		"two rules":                {func(b *bench) { b.policy.Rules[1].Instances = []string{"bastion-prod"} }, struck},
		"a larger quorum":          {func(b *bench) { b.policy = OneLine(users("A", "B"), 2, "") }, short},
		"the requester's account":  {func(b *bench) { b.policy.Same = map[string]string{"A": "R"} }, struck},
		"the requester is theirs":  {func(b *bench) { b.policy.Same = map[string]string{"R": "A"} }, struck},
		"counted as somebody else": {func(b *bench) { b.policy.Same = map[string]string{"A": "A2"} }, stands},
		"a freeze": {func(b *bench) {
			b.rule().Calendar.Freezes = []calendar.Freeze{{From: noon, To: noon.AddDate(0, 1, 0)}}
		}, struck},
		"the directory is away": {func(b *bench) { b.people.away = errAway }, unknown},
		"the groups are away":   {func(b *bench) { b.people.split = errAway }, unknown},
		"the people are away":   {func(b *bench) { b.people.faces = errAway }, unknown},
		"approvers without an id": {func(b *bench) {
			b.people.known["A"] = approvals.Person{ID: "A", Guest: true}
			b.policy = OneLine(users("A", ""), 1, "")
		}, struck},
	} {
		b := newBench(t)
		then.change(b)
		lapse, enough, err := b.snapshot().Standing(t.Context(), approved(upgrade("bastion-prod", "other"), "A"))
		got := short
		switch {
		case ground(err) == Unreachable:
			got = unknown
		case err != nil:
			got = err.Error()
		case enough:
			got = stands
		case slices.Equal(lapse.Strike, []string{"A"}):
			got = struck
		}
		if got != then.want {
			t.Errorf("%s: %s, not %s", name, got, then.want)
		}
	}
}

func TestALapseSaysWhatIsNeededNow(t *testing.T) {
	b := newBench(t)
	b.policy = OneLine(users("A", "B", "C"), 2, "")
	b.people.known["B"] = approvals.Person{ID: "B", Deactivated: true}
	lapse, enough, err := b.snapshot().Standing(t.Context(), approved(upgrade(), "A", "B"))
	if err != nil || enough || !slices.Equal(lapse.Strike, []string{"B"}) || len(lapse.Quorum) != 1 || lapse.Quorum[0].Count != 2 {
		t.Errorf("%+v, %v, %v", lapse, enough, err)
	}
}

// TestTwoAccountsOfOneHumanAreOneAtTheCall has the policy learn between the
// second approval and the call that both came from one human.
func TestTwoAccountsOfOneHumanAreOneAtTheCall(t *testing.T) {
	b := newBench(t)
	b.policy = OneLine(users("A", "B", "C"), 2, "")
	r := approved(upgrade(), "A", "B")
	if _, enough, err := b.snapshot().Standing(t.Context(), r); !enough || err != nil {
		t.Fatalf("of two: %v, %v", enough, err)
	}
	b.policy.Same = map[string]string{"B": "A"}
	if lapse, enough, err := b.snapshot().Standing(t.Context(), r); enough || err != nil || len(lapse.Strike) != 0 {
		t.Errorf("of one: %v, %v, %v", enough, lapse.Strike, err)
	}
}

// TestWhatNeedsNoQuorumIsCheckedAgain: an emergency while the policy trusts who
// called it, a cancel alone while its requester may act, the program's own always.
func TestWhatNeedsNoQuorumIsCheckedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b *bench, r *approvals.Request)
		enough bool
		fault  Ground
	}{
		"an emergency":      {func(*bench, *approvals.Request) {}, true, ""},
		"of nobody trusted": {func(b *bench, _ *approvals.Request) { b.rule().BreakGlass = approvals.Set{} }, false, ""},
		"in a closed time":  {func(b *bench, _ *approvals.Request) { b.rule().Calendar = weekends() }, false, ""},
		"of who has left": {func(b *bench, _ *approvals.Request) {
			b.people.known["C"] = approvals.Person{ID: "C", Deactivated: true}
		}, false, ""},
		"with the quorum": {func(b *bench, r *approvals.Request) {
			b.rule().BreakGlass = approvals.Set{}
			*r = *approved(r, "A")
		}, true, ""},
		"and nobody knows": {func(b *bench, _ *approvals.Request) {
			b.people.away = errAway
			b.rule().Approvers, b.rule().Quorum = users("A"), approvals.Quorum{{Count: 1, From: users("A")}} // who are known without it
		}, false, Unreachable},
		"the program's own":      {func(_ *bench, r *approvals.Request) { r.Emergency, r.Auto = nil, true }, true, ""},
		"a cancel alone":         {alone, true, ""},
		"of who has left, alone": {func(b *bench, r *approvals.Request) { alone(b, r); delete(b.people.known, "R") }, false, ""},
		"not alone by now": {func(b *bench, r *approvals.Request) {
			alone(b, r)
			b.policy.Rules[0].CancelAlone = false
		}, false, ""},
	} {
		b, r := newBench(t), upgrade()
		b.rule().BreakGlass = users("C")
		r.Emergency = &approvals.Decision{By: approvals.Person{ID: "C"}, Reason: "urgent"}
		c.change(b, r)
		lapse, enough, err := b.snapshot().Standing(t.Context(), r)
		if enough != c.enough || ground(err) != c.fault {
			t.Errorf("%s: %v, %v", name, enough, err)
		}
		if !enough && err == nil && !lapse.Quorum.Possible() {
			t.Errorf("%s: nobody can approve it then", name)
		}
	}
}

func alone(b *bench, r *approvals.Request) {
	b.policy.Rules[0].CancelAlone = true
	r.Action, r.Emergency, r.Alone = approvals.Cancel, nil, true
}

// crowd is a directory that answers nobody before as many have asked as may ask
// at a time.
type crowd struct {
	*people
	mu         sync.Mutex
	open, most int
	full       sync.Once
	enough     chan struct{}
}

func (d *crowd) Person(ctx context.Context, id string) (approvals.Person, error) {
	if d.enter() == lookUps {
		for range 1000 {
			runtime.Gosched() // whoever may come in as well does
		}
		d.full.Do(func() { close(d.enough) })
	}
	select {
	case <-d.enough:
	case <-ctx.Done():
		return approvals.Person{}, ctx.Err()
	}
	d.mu.Lock()
	d.open--
	d.mu.Unlock()
	return d.people.Person(ctx, id)
}

func (d *crowd) enter() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	d.most = max(d.most, d.open)
	return d.open
}

func TestManyApproversAreLookedUpSeveralAtATime(t *testing.T) {
	b := newBench(t)
	var ids []string
	for i := range 41 {
		id := fmt.Sprintf("U%02d", i)
		ids = append(ids, id)
		b.people.known[id] = approvals.Person{ID: id}
	}
	b.policy = OneLine(users(ids...), 40, "")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for name, ask := range map[string]func(Snapshot) error{
		"standing": func(s Snapshot) error {
			_, enough, err := s.Standing(ctx, approved(upgrade(), ids...))
			if err == nil && !enough {
				t.Error("41 approvals are not enough")
			}
			return err
		},
		"reminder": func(s Snapshot) error {
			event, err := s.Reminder(ctx, upgrade(), 1, noon)
			if err == nil && len(event.Whom) != mostReminded {
				t.Errorf("%d are reminded", len(event.Whom))
			}
			return err
		},
	} {
		d := &crowd{people: b.people, enough: make(chan struct{})}
		if err := ask(Snapshot{Policy: b.policy, Directory: d}); err != nil || d.most != lookUps {
			t.Errorf("%s: %d at a time, %v", name, d.most, err)
		}
	}
}
