package policy

import (
	"errors"
	"slices"
	"testing"

	"cbhbot/approvals"
)

var flawed = map[string]Ground{
	"guest": IsGuest, "external": IsExternal, "bot": IsBot, "gone": Deactivated, "nobody": UnknownPerson,
}

func TestOnlyActiveHumansOfThisWorkspaceActAndRead(t *testing.T) {
	b := newBench(t)
	for id, want := range flawed {
		if p, err := b.snapshot().Person(t.Context(), id); ground(err) != want || p.ID != id {
			t.Errorf("%s acts and reads: %v", id, err)
		}
	}
	if p, err := b.snapshot().Person(t.Context(), "C"); err != nil || p.ID != "C" {
		t.Errorf("a member does not read: %v", err)
	}
	b.people.away = errAway
	if _, err := b.snapshot().Person(t.Context(), "C"); ground(err) != Unreachable || !errors.Is(err, errAway) {
		t.Errorf("with the directory away: %v", err)
	}
}

func TestWhoMayDecide(t *testing.T) {
	b := newBench(t)
	for id, want := range map[string]Ground{"A": "", "G2": "", "C": NotApprover, "R": OwnRequest} {
		_, err := b.snapshot().Approve(t.Context(), upgrade(), b.person(id))
		if ground(err) != want {
			t.Errorf("approve by %s: %v", id, err)
		}
		if err := b.snapshot().Deny(t.Context(), upgrade(), b.person(id)); ground(err) != want {
			t.Errorf("deny by %s: %v", id, err)
		}
	}
	a, r := b.person("A"), b.person("R")
	b.people.split = errAway
	if _, err := b.snapshot().Approve(t.Context(), upgrade(), a); ground(err) != Unreachable {
		t.Errorf("with the groups away: %v", err)
	}
	if _, err := b.snapshot().Approve(t.Context(), upgrade(), r); ground(err) != OwnRequest {
		t.Errorf("one's own, with the groups away: %v", err)
	}
	if err := b.snapshot().Involved(t.Context(), upgrade(), r); err != nil {
		t.Errorf("the requester, with the groups away: %v", err)
	}
}

func TestRefusalsNameThoseWhoMay(t *testing.T) {
	b := newBench(t)
	b.rule().Requesters = users("R")
	c := b.person("C")
	theirs := upgrade()
	theirs.Requester = c
	for verb, err := range map[approvals.Verb]error{
		approvals.VerbDeny:     b.snapshot().Deny(t.Context(), upgrade(), c),
		approvals.VerbWithdraw: b.snapshot().Involved(t.Context(), upgrade(), c),
		approvals.VerbAsk:      second(b.snapshot().Ask(t.Context(), theirs)),
	} {
		want := b.rule().Approvers
		if verb == approvals.VerbAsk {
			want = b.rule().Requesters
		}
		var refusal *Refusal
		if !errors.As(err, &refusal) || !slices.Equal(refusal.Who.Users, want.Users) {
			t.Errorf("%s: %+v", verb, err)
		}
	}
	own := upgrade()
	own.Requester = b.person("A")
	var others *Refusal
	if err := b.snapshot().Deny(t.Context(), own, c); !errors.As(err, &others) || slices.Contains(others.Who.Users, "A") {
		t.Errorf("of what an approver has asked for: %+v", err)
	}
	b.policy = &Policy{}
	err := b.snapshot().Involved(t.Context(), upgrade(), c)
	var refusal *Refusal
	if !errors.As(err, &refusal) || !slices.Equal(refusal.Who.Users, []string{"R"}) {
		t.Errorf("without a rule: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestNobodyCanApproveAnEmptyPolicy(t *testing.T) {
	b := newBench(t)
	for name, policy := range map[string]*Policy{
		"empty":                   {},
		"the requester only":      OneLine(users("R"), 1, ""),
		"fewer than the quorum":   OneLine(users("A"), 2, ""),
		"rules for others only":   {Rules: []Rule{{Instances: []string{"other-*"}, Approvers: users("A")}}},
		"approvers of no quorum":  {Rules: []Rule{{Approvers: users("A")}}},
		"one human, two accounts": {Rules: OneLine(users("A", "B"), 2, "").Rules, Same: map[string]string{"B": "A"}},
	} {
		b.policy = policy
		if _, err := b.snapshot().Ask(t.Context(), upgrade()); ground(err) != NobodyCan {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.policy = &Policy{}
	if _, err := b.snapshot().Approve(t.Context(), upgrade(), b.person("A")); ground(err) != NobodyCan {
		t.Errorf("approved: %v", err)
	}
}

// TestASecondAccountNamedLaterCannotApprove: the policy may name it either way round.
func TestASecondAccountNamedLaterCannotApprove(t *testing.T) {
	b := newBench(t)
	for _, same := range []map[string]string{{"A": "R"}, {"R": "A"}, {"A": "X", "R": "X"}} {
		b.policy.Same = same
		if _, err := b.snapshot().Approve(t.Context(), upgrade(), b.person("A")); ground(err) != OwnRequest {
			t.Errorf("with %v: %v", same, err)
		}
	}
}

func TestItemsUnderDifferentRulesHaveNoOneDecision(t *testing.T) {
	b := newBench(t)
	b.policy.Rules = append([]Rule{{Instances: []string{"test-*"}, Approvers: users("A")}}, b.policy.Rules...)
	s, a := b.snapshot(), b.person("A")
	mixed := upgrade("bastion-prod", "test-1")
	_, asked := s.Ask(t.Context(), mixed)
	_, yes := s.Approve(t.Context(), mixed, a)
	_, anyway := s.BreakGlass(t.Context(), mixed, a, "urgent")
	_, at := s.Time(t.Context(), mixed, a, "urgent", true)
	no := s.Deny(t.Context(), mixed, a)
	for name, err := range map[string]error{"ask": asked, "approve": yes, "deny": no, "break glass": anyway, "time": at} {
		if !errors.Is(err, ErrRules) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if rule, err := s.Rule(upgrade("bastion-prod", "bastion-test")); err != nil || rule.Name != "default" {
		t.Errorf("of one rule: %v, %v", rule, err)
	}
	if err := s.Involved(t.Context(), mixed, b.person("R")); err != nil {
		t.Errorf("the requester cannot withdraw: %v", err)
	}
	if q, err := s.Quorum(t.Context(), mixed); err != nil || q.Possible() {
		t.Errorf("a quorum of %v, %v", q, err)
	}
	mixed.Items[1].State, mixed.Items[1].End = approvals.Cancelled, approvals.EndTakenOut
	if _, err := s.Approve(t.Context(), mixed, a); err != nil {
		t.Errorf("the one of another rule is taken out: %v", err)
	}
}

func TestACancelAloneIsForWhoAskedForTheUpgrade(t *testing.T) {
	b := newBench(t)
	b.policy.Same = map[string]string{"R2": "R"}
	cancel, other := upgrade(), upgrade()
	cancel.Action, other.Requester.ID = approvals.Cancel, "A"
	if b.snapshot().Alone(cancel, upgrade()) {
		t.Error("alone, and the policy does not say so")
	}
	b.policy.Rule(approvals.Cancel, approvals.Target{}).CancelAlone = true
	cancel.Requester.ID = "R2"
	if !b.snapshot().Alone(cancel, upgrade()) || b.snapshot().Alone(cancel, other) || b.snapshot().Alone(upgrade(), upgrade()) {
		t.Error("not for the requester's other account, or for somebody else, or for an upgrade")
	}
}

func TestBreakGlassSkipsOnlyTheQuorum(t *testing.T) {
	b := newBench(t)
	b.rule().BreakGlass = users("C")
	b.rule().Announce = approvals.Announcement{To: approvals.Set{Groups: []string{"S9"}}, Channel: "CSEC"}
	glass := func(id, reason string) (approvals.Announcement, error) {
		return b.snapshot().BreakGlass(t.Context(), upgrade(), b.person(id), reason)
	}
	if _, err := glass("A", "urgent"); ground(err) != NotTrusted {
		t.Errorf("anybody breaks the glass: %v", err)
	}
	if _, err := glass("C", ""); ground(err) != NoReason {
		t.Errorf("the glass is broken without a reason: %v", err)
	}
	if told, err := glass("C", "urgent"); err != nil || told.Channel != "CSEC" || !slices.Equal(told.To.Groups, []string{"S9"}) {
		t.Errorf("told: %v, %v", told, err)
	}
	b.rule().Calendar = weekends()
	var closed *ClosedError
	if _, err := glass("C", "urgent"); !errors.As(err, &closed) {
		t.Errorf("the calendar is skipped: %v", err)
	}
}

func TestTheNeedsOfARequestAreThePolicysOfThisMoment(t *testing.T) {
	b := newBench(t)
	b.policy.Same = map[string]string{"G2": "A"}
	b.rule().Approvers.Users = append(b.rule().Approvers.Users, "R")
	b.rule().Quorum[0].From = b.rule().Approvers
	q, err := b.snapshot().Ask(t.Context(), upgrade())
	others := []string{"A", "B", "G1"}
	if err != nil || len(q) != 1 || q[0].Count != 1 || !slices.Equal(q[0].Of, others) || len(q[0].From.Groups) != 1 {
		t.Errorf("%+v, %v", q, err)
	}
	if b.rule().Quorum[0].Of != nil {
		t.Error("the rule itself was filled in")
	}
	b.rule().SelfApprove = true
	if q, err = b.snapshot().Demands(t.Context(), b.rule(), "R"); err != nil || !slices.Equal(q[0].Of, []string{"A", "B", "G1", "R"}) {
		t.Errorf("%+v, %v", q, err)
	}
}

// TestADecisionIsTakenOnOnePolicy exchanges the policy while the directory is
// being asked: what the decision began with holds to its end.
func TestADecisionIsTakenOnOnePolicy(t *testing.T) {
	b := newBench(t)
	asked, inForce := 0, b.policy
	authority := Authority{Directory: b.people, Policy: func() *Policy { asked++; return inForce }}
	a := b.person("A")
	b.people.asked = func() { inForce = &Policy{Rules: []Rule{{Calendar: weekends()}}} }
	b.policy.Rules[1].Requesters = users("R")
	s := authority.Snapshot()
	if q, err := s.Ask(t.Context(), upgrade()); err != nil || !q.Possible() {
		t.Errorf("ask: %v", err)
	}
	if e, err := s.Approve(t.Context(), upgrade(), a); err != nil || !e.Quorum.Possible() {
		t.Errorf("approve: %v", err)
	}
	if _, enough, err := s.Standing(t.Context(), approved(upgrade(), "A")); err != nil || !enough {
		t.Errorf("standing: %v, %v", enough, err)
	}
	if asked != 1 {
		t.Errorf("the policy in force was taken %d times", asked)
	}
}

// TestTheRequesterIsNotNamedAmongThoseWhoCanApprove, unless the rule lets them.
func TestTheRequesterIsNotNamedAmongThoseWhoCanApprove(t *testing.T) {
	for _, self := range []bool{false, true} {
		b := newBench(t)
		everybody := approvals.Set{Users: []string{"R", "A", "B"}}
		b.rule().SelfApprove, b.rule().Approvers, b.rule().Quorum = self, everybody, approvals.Quorum{{Count: 1, From: everybody}}
		quorum, err := b.snapshot().Ask(t.Context(), upgrade())
		if err != nil || slices.Contains(quorum[0].From.Users, "R") != self {
			t.Errorf("%+v, %v", quorum, err)
		}
		_, err = b.snapshot().Approve(t.Context(), upgrade(), b.person("R"))
		var refusal *Refusal
		if errors.As(err, &refusal) == self || !self && slices.Contains(refusal.Who.Users, "R") {
			t.Errorf("%v %+v", err, refusal)
		}
	}
}
