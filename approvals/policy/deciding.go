package policy

import (
	"context"
	"slices"

	"cbhbot/approvals"
)

// Ask checks that the requester may make a request that somebody else can
// approve, and says what has to be complete. Its time is another question.
func (s Snapshot) Ask(ctx context.Context, r *approvals.Request) (approvals.Quorum, error) {
	rule, err := s.Rule(r)
	if err == nil && !rule.Requesters.Empty() {
		err = s.member(ctx, rule.Requesters, r.Requester, NotRequester)
	}
	if err != nil {
		return nil, err
	}
	quorum, err := s.Quorum(ctx, r)
	if err == nil && !quorum.Possible() {
		err = &Refusal{Ground: NobodyCan, Who: rule.Approvers}
	}
	return quorum, err
}

// Alone reports whether a cancel is its requester's own business: who asked for
// the upgrade takes it back, and the policy wants nobody else for that.
func (s Snapshot) Alone(cancel, upgrade *approvals.Request) bool {
	return cancel.Action == approvals.Cancel && s.ruleOrNone(cancel).CancelAlone && s.asker(cancel) == s.asker(upgrade)
}

// Approve checks one person's right to approve a request at its time, and says
// what has to be complete, and whose approvals before theirs do not count any more.
func (s Snapshot) Approve(ctx context.Context, r *approvals.Request, by approvals.Person) (approvals.Approve, error) {
	event := approvals.Approve{By: by}
	err := s.approves(ctx, r, by)
	if err == nil {
		event.Strike, err = s.outside(ctx, r)
	}
	if err == nil {
		event.Quorum, err = s.Quorum(ctx, r)
	}
	return event, err
}

// outside are the ids of those whose approvals the policy does not let count any more. The
// people themselves are not looked up: whoever presses waits for nobody else's account.
func (s Snapshot) outside(ctx context.Context, r *approvals.Request) (ids []string, err error) {
	for _, given := range r.Approvals() {
		switch err := s.approves(ctx, r, given.By); {
		case unreachable(err):
			return nil, err
		case err != nil:
			ids = append(ids, given.By.ID)
		}
	}
	return ids, nil
}

// approves is Approve without what has to be complete.
func (s Snapshot) approves(ctx context.Context, r *approvals.Request, by approvals.Person) error {
	rule, err := s.decides(ctx, r, by)
	if err == nil {
		err = s.timely(ctx, r, rule, by)
	}
	return err
}

// Deny checks one person's right to deny a request, whatever its time.
func (s Snapshot) Deny(ctx context.Context, r *approvals.Request, by approvals.Person) error {
	_, err := s.decides(ctx, r, by)
	return err
}

// decides checks for an approver who has not asked for it.
func (s Snapshot) decides(ctx context.Context, r *approvals.Request, by approvals.Person) (*Rule, error) {
	rule, approvers, err := s.approvers(r, by)
	if err == nil {
		err = s.member(ctx, approvers, by, NotApprover)
	}
	return rule, err
}

// approvers are those among whom somebody has to be to decide on a request. The error is
// why they may not, whoever they are among.
func (s Snapshot) approvers(r *approvals.Request, by approvals.Person) (*Rule, approvals.Set, error) {
	rule, err := s.Rule(r)
	approvers := rule.Approvers
	if err == nil && approvers.Empty() {
		err = &Refusal{Ground: NobodyCan}
	}
	if err == nil && !rule.SelfApprove {
		if approvers = s.without(approvers, s.asker(r)); s.Policy.human(by.ID) == s.asker(r) {
			err = &Refusal{Ground: OwnRequest, Who: approvers}
		}
	}
	return rule, approvers, err
}

func (s Snapshot) without(set approvals.Set, human string) approvals.Set {
	set.Users = slices.DeleteFunc(slices.Clone(set.Users), func(id string) bool { return s.Policy.human(id) == human })
	return set
}

// Involved checks for the requester or an approver.
func (s Snapshot) Involved(ctx context.Context, r *approvals.Request, by approvals.Person) error {
	if s.Policy.human(by.ID) == s.asker(r) {
		return nil
	}
	rule := s.ruleOrNone(r)
	if rule.Approvers.Empty() {
		return &Refusal{Ground: NotInvolved, Who: approvals.Set{Users: []string{r.Requester.ID}}}
	}
	return s.member(ctx, rule.Approvers, by, NotInvolved)
}

// BreakGlass checks for those the policy trusts with skipping the quorum, which
// is all that they skip, and says who has to be told.
func (s Snapshot) BreakGlass(ctx context.Context, r *approvals.Request, by approvals.Person, reason string) (approvals.Announcement, error) {
	rule, err := s.Rule(r)
	if err == nil && reason == "" {
		err = &Refusal{Ground: NoReason}
	}
	if err == nil {
		err = s.member(ctx, rule.BreakGlass, by, NotTrusted)
	}
	if err == nil {
		err = s.timely(ctx, r, rule, by)
	}
	return rule.Announce, err
}

// Waiting are those of some requests that wait for one person's word: they may decide, at
// whatever time, and have not approved. Each rule's people are looked up once. The error
// is always Unreachable.
func (s Snapshot) Waiting(ctx context.Context, all []*approvals.Request, by approvals.Person) ([]*approvals.Request, error) {
	var waiting []*approvals.Request
	approver := map[*Rule]bool{}
	for _, r := range all {
		rule, approvers, refused := s.approvers(r, by)
		if refused != nil || r.State != approvals.Pending || slices.Contains(r.Approvers(), by.Counted()) {
			continue
		}
		may, known := approver[rule]
		if !known {
			var err error
			if may, err = s.among(ctx, approvers, by); err != nil {
				return nil, err
			}
			approver[rule] = may
		}
		if may {
			waiting = append(waiting, r)
		}
	}
	return waiting, nil
}

func (s Snapshot) member(ctx context.Context, set approvals.Set, by approvals.Person, otherwise Ground) error {
	is, err := s.among(ctx, set, by)
	if err == nil && !is {
		err = &Refusal{Ground: otherwise, Who: set}
	}
	return err
}

// among reports whether somebody is one of a set. The error is always Unreachable.
func (s Snapshot) among(ctx context.Context, set approvals.Set, by approvals.Person) (bool, error) {
	members, err := s.resolve(ctx, set)
	return slices.Contains(members, s.Policy.human(by.ID)), err
}
