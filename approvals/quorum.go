package approvals

import (
	"maps"
	"slices"
)

// Set is people: users and the members of groups, by Slack id.
type Set struct {
	Users  []string `json:"users,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

// Empty reports whether nobody is named.
func (s Set) Empty() bool { return len(s.Users)+len(s.Groups) == 0 }

// Need is one part of a quorum: Count people out of From.
type Need struct {
	Count int      `json:"count"`
	From  Set      `json:"from"`
	Of    []string `json:"-"` // the humans of From at this moment
}

// Quorum is what has to be complete before a call: every need, and no person
// counted for two of them. An empty quorum is never complete.
type Quorum []Need

// Met reports whether approvers (user ids) complete the quorum.
func (q Quorum) Met(approvers []string) bool {
	return len(q) > 0 && len(q.Missing(approvers)) == 0
}

// Possible reports whether the quorum can be completed at all.
func (q Quorum) Possible() bool { return q.Met(q.people()) }

func (q Quorum) people() []string {
	var all []string
	for _, need := range q {
		all = append(all, need.Of...)
	}
	return all
}

// Missing lists what is still needed: the needs with the counts that remain.
func (q Quorum) Missing(approvers []string) Quorum {
	filled := q.assign(approvers)
	var missing Quorum
	for i, need := range q {
		if need.Count > filled[i] {
			need.Count -= filled[i]
			missing = append(missing, need)
		}
	}
	return missing
}

// Silent lists those whose approval could still complete the quorum.
func (q Quorum) Silent(approvers []string) []string {
	return slices.DeleteFunc(distinct(q.Missing(approvers).people()), func(id string) bool { return slices.Contains(approvers, id) })
}

// assign gives each approver to at most one need so that as many places as
// possible are filled (bipartite matching by augmenting paths), and returns how
// many places of each need are filled.
func (q Quorum) assign(approvers []string) []int {
	given := map[string]int{} // approver -> need
	filled := make([]int, len(q))
	for _, person := range distinct(approvers) {
		q.place(person, given, filled, map[int]bool{})
	}
	return filled
}

// place finds a need for person, moving others who fit elsewhere if it must.
func (q Quorum) place(person string, given map[string]int, filled []int, tried map[int]bool) bool {
	for i, need := range q {
		if tried[i] || !slices.Contains(need.Of, person) {
			continue
		}
		tried[i] = true
		if filled[i] < need.Count || q.moveAway(i, given, filled, tried) {
			given[person] = i
			filled[i]++
			return true
		}
	}
	return false
}

// moveAway frees one place of need i.
func (q Quorum) moveAway(i int, given map[string]int, filled []int, tried map[int]bool) bool {
	for _, other := range slices.Sorted(maps.Keys(given)) {
		if given[other] == i && q.place(other, given, filled, tried) {
			filled[i]--
			return true
		}
	}
	return false
}

func distinct(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }
