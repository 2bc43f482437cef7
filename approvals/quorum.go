package approvals

import "slices"

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
	return len(q) > 0 && len(q.missing(approvers)) == 0
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

// missing lists what is still needed: the needs with the counts that remain.
func (q Quorum) missing(approvers []string) Quorum {
	var missing Quorum
	for i, given := range q.assign(approvers) {
		need := q[i]
		if need.Count -= len(given); need.Count > 0 {
			missing = append(missing, need)
		}
	}
	return missing
}

// Silent lists those whose approval could still complete the quorum.
func (q Quorum) Silent(approvers []string) []string {
	return slices.DeleteFunc(distinct(q.missing(approvers).people()), func(id string) bool { return slices.Contains(approvers, id) })
}

// assign gives each approver to at most one need so that as many places as
// possible are filled (bipartite matching by augmenting paths), and returns who
// fills those of each need.
func (q Quorum) assign(approvers []string) [][]string {
	given := make([][]string, len(q))
	for _, person := range distinct(approvers) {
		q.place(person, given, map[int]bool{})
	}
	return given
}

// place finds a need for person, moving others who fit elsewhere if it must.
func (q Quorum) place(person string, given [][]string, tried map[int]bool) bool {
	for i, need := range q {
		if tried[i] || !slices.Contains(need.Of, person) {
			continue
		}
		tried[i] = true
		if len(given[i]) >= need.Count {
			moved := slices.IndexFunc(given[i], func(other string) bool { return q.place(other, given, tried) })
			if moved < 0 {
				continue
			}
			given[i] = slices.Delete(given[i], moved, moved+1)
		}
		given[i] = append(given[i], person)
		slices.Sort(given[i]) // who is moved first must not depend on who came first
		return true
	}
	return false
}

func distinct(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }
