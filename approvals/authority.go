package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Directory knows people and groups, as they are at this moment (at most a
// minute old). An unknown person is ErrNobody.
type Directory interface {
	Person(ctx context.Context, id string) (Person, error)
	Members(ctx context.Context, group string) ([]string, error)
}

// ErrNobody says that the directory knows no such person.
var ErrNobody = errors.New("no such person")

// Ground says why a person may not do something.
type Ground string

// The grounds of refusals.
const (
	UnknownPerson Ground = "unknown person"
	Deactivated   Ground = "deactivated"
	IsBot         Ground = "bot"
	IsGuest       Ground = "guest"
	IsExternal    Ground = "external"
	NotApprover   Ground = "not an approver"
	OwnRequest    Ground = "own request"
	NotRequester  Ground = "may not ask"
	NotInvolved   Ground = "neither requester nor approver"
	NotTrusted    Ground = "may not break glass"
	NobodyCan     Ground = "nobody can approve"
	NoReason      Ground = "a reason is needed"
	Unreachable   Ground = "directory unreachable"
)

// Refusal says that a person may not do something, why, and who may.
type Refusal struct {
	Ground Ground
	Verb   string
	Who    string // who may, in Slack's mentions; "" when nobody
	Err    error  // of Unreachable
}

func (e *Refusal) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s refused: %s: %v", e.Verb, e.Ground, e.Err)
	}
	return fmt.Sprintf("%s refused: %s", e.Verb, e.Ground)
}

func (e *Refusal) Unwrap() error { return e.Err }

// Authority answers who may do what, from the policy and the directory as they
// are now. Whatever it cannot find out, it refuses.
type Authority struct {
	Policy    func() *Policy // the policy in force
	Directory Directory
}

// Person looks up someone who wants to act: an active human of this workspace.
func (a *Authority) Person(ctx context.Context, verb, id string) (Person, error) {
	p, err := a.Directory.Person(ctx, id)
	switch {
	case errors.Is(err, ErrNobody):
		return Person{ID: id}, &Refusal{Ground: UnknownPerson, Verb: verb}
	case err != nil:
		return Person{ID: id}, &Refusal{Ground: Unreachable, Verb: verb, Err: err}
	}
	p.Human = a.Policy().human(p.ID)
	if ground := p.flaw(); ground != "" {
		return p, &Refusal{Ground: ground, Verb: verb}
	}
	return p, nil
}

// asker is the human behind the request, by the policy of this moment: it may
// name a second account of theirs that it did not name when they asked.
func (a *Authority) asker(r Request) string { return a.Policy().human(r.Requester.ID) }

// flaw is why a person can never act.
func (p Person) flaw() Ground {
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

// Ask checks that someone may make a request that somebody else can approve.
func (a *Authority) Ask(ctx context.Context, r Request) (Quorum, error) {
	const verb = "ask"
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil {
		return nil, &Refusal{Ground: NobodyCan, Verb: verb}
	}
	if !rule.Requesters.Empty() {
		allowed, err := a.resolve(ctx, verb, rule.Requesters)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(allowed, a.asker(r)) {
			return nil, &Refusal{Ground: NotRequester, Verb: verb, Who: rule.Requesters.Mentions()}
		}
	}
	quorum, err := a.quorum(ctx, verb, r, rule)
	if err == nil && !quorum.Possible() {
		err = &Refusal{Ground: NobodyCan, Verb: verb, Who: rule.Approvers.Mentions()}
	}
	return quorum, err
}

// Approve checks one person's right to decide, and says what the quorum is now.
func (a *Authority) Approve(ctx context.Context, r Request, by Person) (Quorum, error) {
	const verb = "approve"
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil {
		return nil, &Refusal{Ground: NobodyCan, Verb: verb}
	}
	if by.human() == a.asker(r) && !rule.SelfApprove {
		return nil, &Refusal{Ground: OwnRequest, Verb: verb, Who: rule.Approvers.Mentions()}
	}
	if err := a.member(ctx, verb, rule.Approvers, by, NotApprover); err != nil {
		return nil, err
	}
	return a.quorum(ctx, verb, r, rule)
}

// involved checks for the requester or an approver.
func (a *Authority) involved(ctx context.Context, verb string, r Request, by Person) error {
	if by.human() == a.asker(r) {
		return nil
	}
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil {
		return &Refusal{Ground: NotInvolved, Verb: verb, Who: "<@" + r.Requester.ID + ">"}
	}
	return a.member(ctx, verb, rule.Approvers, by, NotInvolved)
}

// breakGlass checks for those the policy trusts with skipping the quorum, which
// is all that they skip, and says who has to be told.
func (a *Authority) breakGlass(ctx context.Context, r Request, by Person) (Announcement, error) {
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil || rule.BreakGlass.Empty() {
		return Announcement{}, &Refusal{Ground: NotTrusted, Verb: "break glass"}
	}
	err := a.member(ctx, "break glass", rule.BreakGlass, by, NotTrusted)
	if err == nil {
		err = a.calendar(ctx, r, by)
	}
	return rule.Announce, err
}

func (a *Authority) member(ctx context.Context, verb string, set Set, by Person, otherwise Ground) error {
	members, err := a.resolve(ctx, verb, set)
	if err != nil {
		return err
	}
	if !slices.Contains(members, by.human()) {
		return &Refusal{Ground: otherwise, Verb: verb, Who: set.Mentions()}
	}
	return nil
}

// Standing checks the approvals of a request once more, right before the call:
// who may no longer approve is struck, and what is left must still be enough.
func (a *Authority) Standing(ctx context.Context, r Request) (strike []string, quorum Quorum, enough bool, err error) {
	if r.Emergency != nil {
		return a.standingEmergency(ctx, r)
	}
	if r.Auto {
		return nil, nil, true, nil // the program's own, because a batch has failed
	}
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil {
		return r.approverIDs(), nil, false, nil
	}
	if r.Alone && rule.CancelAlone {
		if _, err = a.Person(ctx, "ask", r.Requester.ID); err == nil || unreachable(err) {
			return nil, nil, err == nil, err
		}
	}
	var standing []string
	for _, d := range r.Approvals() {
		if by, err := a.stillMay(ctx, r, d.By.ID); err == nil {
			standing = append(standing, by.human())
		} else if unreachable(err) {
			return nil, nil, false, err
		} else {
			strike = append(strike, d.By.ID)
		}
	}
	quorum, err = a.quorum(ctx, "approve", r, rule)
	return strike, quorum, quorum.Met(standing), err
}

func (a *Authority) stillMay(ctx context.Context, r Request, id string) (Person, error) {
	p, err := a.Person(ctx, "approve", id)
	if err == nil {
		_, err = a.Approve(ctx, r, p)
	}
	if err == nil {
		err = a.calendar(ctx, r, p)
	}
	return p, err
}

func (a *Authority) standingEmergency(ctx context.Context, r Request) ([]string, Quorum, bool, error) {
	p, err := a.Person(ctx, "break glass", r.Emergency.By.ID)
	if err == nil {
		_, err = a.breakGlass(ctx, r, p)
	}
	if unreachable(err) {
		return nil, nil, false, err
	}
	return nil, nil, err == nil, nil
}

func unreachable(err error) bool {
	var refusal *Refusal
	return errors.As(err, &refusal) && refusal.Ground == Unreachable
}

// demand is what the policy asks for a request at this moment.
func (a *Authority) demand(ctx context.Context, r Request) (Quorum, error) {
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil {
		return nil, nil
	}
	return a.quorum(ctx, "retract", r, rule)
}

// quorum resolves a rule's demands to people. The requester's own place is left
// out unless the rule lets it count.
func (a *Authority) quorum(ctx context.Context, verb string, r Request, rule *Rule) (Quorum, error) {
	var quorum Quorum
	for _, demand := range rule.Quorum {
		of, err := a.resolve(ctx, verb, demand.From)
		if err != nil {
			return nil, err
		}
		if !rule.SelfApprove {
			of = slices.DeleteFunc(of, func(id string) bool { return id == a.asker(r) })
		}
		quorum = append(quorum, Need{Count: demand.Count, Of: of, Label: demand.From.Mentions()})
	}
	return quorum, nil
}

// Demands is what a rule demands of the people of this moment, whoever asks.
func (a *Authority) Demands(ctx context.Context, rule *Rule) (Quorum, error) {
	return a.quorum(ctx, "check", Request{}, rule)
}

// resolve lists the humans of a set.
func (a *Authority) resolve(ctx context.Context, verb string, set Set) ([]string, error) {
	policy := a.Policy()
	var people []string
	for _, user := range set.Users {
		people = append(people, policy.human(user))
	}
	for _, group := range set.Groups {
		members, err := a.Directory.Members(ctx, group)
		if err != nil {
			return nil, &Refusal{Ground: Unreachable, Verb: verb, Err: err}
		}
		for _, user := range members {
			people = append(people, policy.human(user))
		}
	}
	return distinct(people), nil
}
