package approvals

import (
	"fmt"
	"slices"
	"strings"
)

// Need is one part of a quorum: Count people out of Of (user ids, groups
// already resolved). Label is how people are told, e.g. "@sre".
type Need struct {
	Count int
	Of    []string
	Label string
}

// Quorum is what has to be complete before a call: every need, and no person
// counted for two of them. An empty quorum is never complete.
type Quorum []Need

// Met reports whether approvers (user ids) complete the quorum.
func (q Quorum) Met(approvers []string) bool {
	return len(q) > 0 && len(q.Missing(approvers)) == 0
}

// Possible reports whether the quorum can be completed at all.
func (q Quorum) Possible() bool {
	var everybody []string
	for _, need := range q {
		everybody = append(everybody, need.Of...)
	}
	return q.Met(everybody)
}

// Missing lists what is still needed: the needs with the counts that remain.
func (q Quorum) Missing(approvers []string) []Need {
	filled := q.assign(approvers)
	var missing []Need
	for i, need := range q {
		if need.Count > filled[i] {
			need.Count -= filled[i]
			missing = append(missing, need)
		}
	}
	return missing
}

// String says the quorum in words: "2 of @sre and 1 of @security".
func (q Quorum) String() string {
	if len(q) == 0 {
		return "nobody"
	}
	var parts []string
	for _, need := range q {
		parts = append(parts, fmt.Sprintf("%d of %s", need.Count, need.Label))
	}
	return strings.Join(parts, " and ")
}

// needed says what is missing in words: "1 of @security"; "" when nothing is. An
// empty quorum needs what nobody can give.
func (q Quorum) needed(approvers []string) string {
	if q.Met(approvers) {
		return ""
	}
	return Quorum(q.Missing(approvers)).String()
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
	for _, other := range holders(given, i) {
		if q.place(other, given, filled, tried) {
			filled[i]--
			return true
		}
	}
	return false
}

func holders(given map[string]int, need int) []string {
	var people []string
	for person, i := range given {
		if i == need {
			people = append(people, person)
		}
	}
	slices.Sort(people)
	return people
}

func distinct(ids []string) []string {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
