package policy

import (
	"cmp"
	"context"
	"errors"

	"cbhbot/approvals"
)

// Directory knows people and groups, as they are at this moment (at most 10
// seconds old). It is asked by several at a time. An unknown person is ErrNobody;
// every other error means that it cannot tell, and ErrNoGroup that it will not later.
type Directory interface {
	Person(ctx context.Context, id string) (approvals.Person, error)
	Members(ctx context.Context, group string) ([]string, error)
}

// ErrNobody says that the directory knows no such person.
var ErrNobody = errors.New("no such person")

// ErrNoGroup says that the directory tells nothing of a group: it was disabled, say.
var ErrNoGroup = errors.New("no such group")

// Authority is where snapshots come from.
type Authority struct {
	Policy    func() *Policy // the policy in force
	Directory Directory
}

// Snapshot takes what one decision is judged by.
func (a Authority) Snapshot() Snapshot { return Snapshot{Policy: a.Policy(), Directory: a.Directory} }

// Snapshot answers who may do what for one decision.
type Snapshot struct {
	Policy    *Policy
	Directory Directory
}

// Person looks up someone who wants to act or read: an active human of this
// workspace who is no guest. Anybody else is a *Refusal, with what is known of them.
func (s Snapshot) Person(ctx context.Context, id string) (approvals.Person, error) {
	p, err := s.Directory.Person(ctx, id)
	switch {
	case errors.Is(err, ErrNobody):
		return approvals.Person{ID: id}, &Refusal{Ground: UnknownPerson}
	case err != nil:
		return approvals.Person{ID: id}, &Refusal{Ground: Unreachable, Err: err}
	}
	p.Human = s.Policy.human(p.ID)
	if ground := flaw(p); ground != "" {
		return p, &Refusal{Ground: ground}
	}
	return p, nil
}

// flaw is why a person can never act.
func flaw(p approvals.Person) Ground {
	switch {
	case p.Deactivated:
		return Deactivated
	case p.Bot:
		return IsBot
	case p.External:
		return IsExternal
	case p.Guest:
		return IsGuest
	}
	return ""
}

// Rule is the rule for what is left of a request: the zero one where none matches. Items
// that fall under different rules are ErrRules, and have the zero one, too.
func (s Snapshot) Rule(r *approvals.Request) (*Rule, error) {
	var found *Rule
	for n, i := range r.Kept() {
		rule := s.Policy.Rule(r.Action, r.Items[i].Target)
		if n > 0 && rule != found {
			return &Rule{}, ErrRules
		}
		found = rule
	}
	return cmp.Or(found, &Rule{}), nil
}

// ruleOrNone is the rule for a request on which people have begun to decide: by
// different rules nobody can decide on it.
func (s Snapshot) ruleOrNone(r *approvals.Request) *Rule {
	rule, _ := s.Rule(r)
	return rule
}

// Channel is where the card of a request goes by its rule; its own where nothing is said.
// Items whose cards belong into different ones are ErrRules.
func (s Snapshot) Channel(rule *Rule, r *approvals.Request) (string, error) {
	channel := r.Channel
	for i, item := range r.Items {
		one := cmp.Or(rule.Channel, s.Policy.Channels[item.Target.Project], r.Channel)
		if i > 0 && one != channel {
			return "", ErrRules
		}
		channel = one
	}
	return channel, nil
}

// asker is the human behind the request, by this policy: it may name a second
// account of theirs that the one did not by which they asked.
func (s Snapshot) asker(r *approvals.Request) string { return s.Policy.human(r.Requester.ID) }
