package policy

import (
	"context"
	"slices"

	"cbhbot/approvals"
)

// Waiting are those of some requests that wait for one person's word: they may decide, at
// whatever time, and have not approved. Each rule's people are looked up once. The error
// is always Unreachable.
func (s Snapshot) Waiting(ctx context.Context, all []*approvals.Request, by approvals.Person) ([]*approvals.Request, error) {
	var waiting []*approvals.Request
	approver := map[*Rule]bool{}
	for _, r := range all {
		rule := s.ruleOrNone(r)
		own := s.Policy.human(by.ID) == s.asker(r)
		if r.State != approvals.Pending || rule.Approvers.Empty() || own && !rule.SelfApprove || slices.Contains(r.Approvers(), by.Counted()) {
			continue
		}
		may, known := approver[rule]
		if !known {
			members, err := s.resolve(ctx, approvals.VerbRead, rule.Approvers)
			if err != nil {
				return nil, err
			}
			may = slices.Contains(members, s.Policy.human(by.ID))
			approver[rule] = may
		}
		if may {
			waiting = append(waiting, r)
		}
	}
	return waiting, nil
}
