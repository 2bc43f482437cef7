package policy

import (
	"slices"
	"testing"

	"cbhbot/approvals"
)

// TestWhatWaitsForWhom: the same as who may deny it, less what they have approved.
func TestWhatWaitsForWhom(t *testing.T) {
	b := newBench(t)
	var all []*approvals.Request
	for n, r := range []*approvals.Request{upgrade(), approved(upgrade(), "A", "G2"), upgrade(), upgrade()} {
		r.ID = int64(n + 1)
		all = append(all, r)
	}
	all[2].Requester.ID, all[3].State = "B", approvals.Approved
	for id, want := range map[string][]int64{"A": {1, 3}, "B": {1, 2}, "G1": {1, 2, 3}, "G2": {1, 3}, "R": nil, "C": nil} {
		waiting, err := b.snapshot().Waiting(t.Context(), all, b.person(id))
		var ids []int64
		for _, r := range waiting {
			ids = append(ids, r.ID)
			if b.snapshot().Deny(t.Context(), r, b.person(id)) != nil {
				t.Errorf("%s may not decide on %d", id, r.ID)
			}
		}
		if err != nil || !slices.Equal(ids, want) {
			t.Errorf("%s: %v, %v", id, ids, err)
		}
	}
}

// TestAThousandRequestsAskForEachGroupOnce, and a directory that is away is not asked again.
func TestAThousandRequestsAskForEachGroupOnce(t *testing.T) {
	b := newBench(t)
	all, asked, ana := make([]*approvals.Request, 1000), 0, b.person("A")
	for i := range all {
		all[i] = upgrade()
	}
	b.people.asked = func() { asked++ }
	if waiting, err := b.snapshot().Waiting(t.Context(), all, ana); err != nil || len(waiting) != 1000 || asked != 1 {
		t.Errorf("%d wait, %d questions, %v", len(waiting), asked, err)
	}
	b.people.split = errAway
	if _, err := b.snapshot().Waiting(t.Context(), all, ana); ground(err) != Unreachable || asked != 2 {
		t.Errorf("%d questions, %v", asked, err)
	}
}
