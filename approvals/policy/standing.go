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
	if enough, err = s.exempt(ctx, r); enough || err != nil {
		return lapse, enough, err
	}
	var ids, standing []string
	for _, given := range r.Approvals() {
		ids = append(ids, given.By.ID)
	}
	people, err := s.people(ctx, ids)
	if err != nil {
		return lapse, false, err
	}
	outside, err := s.outside(ctx, r)
	for i, id := range ids {
		if people[i].ID == "" || slices.Contains(outside, id) {
			lapse.Strike = append(lapse.Strike, id)
		} else {
			standing = append(standing, people[i].Counted())
		}
	}
	if err == nil {
		lapse.Quorum, err = s.Quorum(ctx, r)
	}
	return lapse, err == nil && lapse.Quorum.Met(standing), err
}

// exempt reports whether a request needs no quorum: the program's own, an
// emergency, and a cancel by who may make it alone.
func (s Snapshot) exempt(ctx context.Context, r *approvals.Request) (bool, error) {
	var err error
	switch {
	case r.Auto:
		return true, nil
	case r.Emergency != nil:
		var by approvals.Person
		if by, err = s.Person(ctx, r.Emergency.By.ID); err == nil {
			_, err = s.BreakGlass(ctx, r, by, r.Emergency.Reason)
		}
	case r.Alone && s.ruleOrNone(r).CancelAlone:
		_, err = s.Person(ctx, r.Requester.ID)
	default:
		return false, nil
	}
	if unreachable(err) {
		return false, err
	}
	return err == nil, nil
}
