package policy

import (
	"context"
	"slices"

	"cbhbot/approvals"
)

// Standing checks the approvals of a request once more, right before the call.
// Who may no longer approve is struck, and what is left must still be enough;
// where it is not, lapse is what happens to the request. An error is Unreachable:
// nobody knows.
func (s Snapshot) Standing(ctx context.Context, r *approvals.Request) (lapse approvals.Lapse, enough bool, err error) {
	rule := s.ruleOrNone(r)
	if enough, err = s.exempt(ctx, r, rule); enough || err != nil {
		return lapse, enough, err
	}
	standing, strike, err := s.weigh(ctx, r, rule)
	if err != nil {
		return lapse, false, err
	}
	lapse.Strike = strike
	lapse.Quorum, err = s.quorum(ctx, rule, s.asker(r))
	return lapse, err == nil && lapse.Quorum.Met(standing), err
}

// exempt reports whether a request needs no quorum: the program's own, an
// emergency, and a cancel by who may make it alone.
func (s Snapshot) exempt(ctx context.Context, r *approvals.Request, rule *Rule) (bool, error) {
	var err error
	switch {
	case r.Auto:
		return true, nil
	case r.Emergency != nil:
		err = s.emergency(ctx, r)
	case r.Alone && rule.CancelAlone:
		_, err = s.Person(ctx, r.Requester.ID)
	default:
		return false, nil
	}
	if unreachable(err) {
		return false, err
	}
	return err == nil, nil
}

func (s Snapshot) emergency(ctx context.Context, r *approvals.Request) error {
	by, err := s.Person(ctx, r.Emergency.By.ID)
	if err == nil {
		_, err = s.BreakGlass(ctx, r, by, r.Emergency.Reason)
	}
	return err
}

// weigh tells the humans whose approvals stand from the ids of those whose
// approvals do not.
func (s Snapshot) weigh(ctx context.Context, r *approvals.Request, rule *Rule) (standing, strike []string, err error) {
	approvers, err := s.approvers(ctx, r, rule)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, given := range r.Approvals() {
		ids = append(ids, given.By.ID)
	}
	people, err := s.people(ctx, ids)
	for i, by := range people {
		if by.ID != "" && slices.Contains(approvers, by.Counted()) {
			standing = append(standing, by.Counted())
		} else {
			strike = append(strike, ids[i])
		}
	}
	return standing, strike, err
}

// approvers lists the humans who may approve a request: nobody at a time that
// the calendar is closed at.
func (s Snapshot) approvers(ctx context.Context, r *approvals.Request, rule *Rule) ([]string, error) {
	closed, err := s.closed(ctx, r, rule)
	if closed != nil || err != nil {
		return nil, err
	}
	approvers, err := s.resolve(ctx, rule.Approvers)
	return others(approvers, rule, s.asker(r)), err
}
