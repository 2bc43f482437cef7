package approvals

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAQuorumCountsEachHumanOnce(t *testing.T) {
	sre := Need{Count: 2, Of: []string{"ana", "bo", "cy"}}
	security := Need{Count: 1, Of: []string{"cy", "dee"}}
	for name, c := range map[string]struct {
		quorum    Quorum
		approvers []string
		met       bool
	}{
		"nobody is asked for":              {Quorum{}, []string{"ana"}, false},
		"nobody approved":                  {Quorum{sre}, nil, false},
		"one of two":                       {Quorum{sre}, []string{"ana"}, false},
		"the same one twice":               {Quorum{sre}, []string{"ana", "ana"}, false},
		"two of two":                       {Quorum{sre}, []string{"ana", "bo"}, true},
		"an outsider":                      {Quorum{sre}, []string{"ana", "eve"}, false},
		"one in both groups counts once":   {Quorum{sre, security}, []string{"ana", "cy"}, false},
		"one in both groups, enough round": {Quorum{sre, security}, []string{"ana", "cy", "bo"}, true},
		"moved to where they are needed":   {Quorum{sre, security}, []string{"cy", "ana", "dee"}, true},
		"three of one group":               {Quorum{sre, security}, []string{"ana", "bo", "eve"}, false},
	} {
		if got := c.quorum.Met(c.approvers); got != c.met {
			t.Errorf("%s: met %v", name, got)
		}
	}
}

func TestAQuorumSaysWhatIsMissingAndWhoCouldGiveIt(t *testing.T) {
	q := Quorum{{Count: 2, Of: []string{"ana", "bo"}}, {Count: 1, Of: []string{"dee", "bo"}}}
	missing := q.missing([]string{"ana"})
	if len(missing) != 2 || missing[0].Count != 1 || missing[1].Count != 1 || q[0].Count != 2 {
		t.Errorf("missing %v of %v", missing, q)
	}
	for want, approvers := range map[string][]string{"ana bo dee": nil, "bo dee": {"ana"}, "bo": {"ana", "dee"}, "": {"ana", "bo", "dee"}} {
		if got := q.Silent(approvers); want != joined(got) {
			t.Errorf("after %v: %v", approvers, got)
		}
	}
	if !q.Possible() || (Quorum{{Count: 2, Of: []string{"ana"}}}).Possible() || (Quorum{}).Possible() {
		t.Error("what can be completed, and what cannot")
	}
	if !(Set{}).Empty() || (Set{Groups: []string{"S1"}}).Empty() {
		t.Error("an empty set is not, or another is")
	}
}

func joined(ids []string) (all string) {
	for i, id := range ids {
		if i > 0 {
			all += " "
		}
		all += id
	}
	return all
}

// TestAQuorumAgainstTryingEverything compares the matching with the most places
// that any assignment fills.
func TestAQuorumAgainstTryingEverything(t *testing.T) {
	people := []string{"a", "b", "c", "d", "e"}
	draw := rand.New(rand.NewPCG(1, 2))
	some := func() []string {
		return slices.DeleteFunc(slices.Clone(people), func(string) bool { return draw.IntN(2) == 0 })
	}
	for range 2000 {
		quorum := Quorum{}
		for range 1 + draw.IntN(3) {
			quorum = append(quorum, Need{Count: 1 + draw.IntN(2), Of: some()})
		}
		approvers := some()
		wanted, left := 0, 0
		for _, need := range quorum {
			wanted += need.Count
		}
		for _, need := range quorum.missing(approvers) {
			left += need.Count
		}
		if most := mostFilled(quorum, approvers); wanted-left != most || quorum.Met(approvers) != (most == wanted) {
			t.Fatalf("%v by %v: %d of %d filled, and %d could be", quorum, approvers, wanted-left, wanted, most)
		}
	}
}

// mostFilled tries each place for each person.
func mostFilled(q Quorum, approvers []string) int {
	if len(approvers) == 0 {
		return 0
	}
	most := mostFilled(q, approvers[1:])
	for i, need := range q {
		if need.Count > 0 && slices.Contains(need.Of, approvers[0]) {
			rest := slices.Clone(q)
			rest[i].Count--
			most = max(most, 1+mostFilled(rest, approvers[1:]))
		}
	}
	return most
}
