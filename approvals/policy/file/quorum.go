package file

import (
	"cmp"
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// approvers reads who may approve: people, or the word nobody.
func (r *reader) approvers(n *yaml.Node, d *draft) {
	if n.Kind == yaml.ScalarNode && n.Value == "nobody" {
		d.nobody = true
		return
	}
	if vacant(n) {
		r.wrong(n, "names nobody: %s", approversForm)
		return
	}
	r.people(&d.Approvers, nil)(n)
}

// approversForm is what to write where nobody is named.
const approversForm = "name them, as in approvers: {users: [U012ABCDEF], groups: [S345GHIJKL]}; that nobody can approve is written as approvers: nobody"

// vacant reports whether a value, or each key in it, has nothing in it.
func vacant(n *yaml.Node) bool {
	nothing := func(n *yaml.Node) bool { return n.Tag == "!!null" || empty(n) }
	if n.Kind != yaml.MappingNode {
		return nothing(n)
	}
	for i := 1; i < len(n.Content); i += 2 {
		if !nothing(resolve(n.Content[i])) {
			return false
		}
	}
	return true
}

// quorum reads a number, or keys n and from: how many in all, and how many out
// of each of several sets.
func (r *reader) quorum(n *yaml.Node, d *draft) {
	if n.Kind != yaml.MappingNode {
		into(r, &d.total, count)(n)
		return
	}
	keys := r.mapping(n, "quorum", map[string]take{
		"n":    into(r, &d.total, count),
		"from": r.list(func(item *yaml.Node) { r.demand(item, d) }),
	})
	if keys != nil && keys["n"] == nil && keys["from"] == nil {
		r.wrong(n, "needs n or from")
	}
}

func (r *reader) demand(n *yaml.Node, d *draft) {
	demand := approvals.Need{Count: 1}
	r.people(&demand.From, map[string]take{"n": into(r, &demand.Count, count)})(n)
	if n.Kind == yaml.MappingNode { // else it is of nobody
		d.Quorum = append(d.Quorum, demand)
	}
}

// count reads how many people are wanted.
func count(n *yaml.Node) (int, error) {
	number, err := integer(n)
	if err == nil && number < 1 {
		err = errors.New("must be 1 or more; that nobody can approve is written as approvers: nobody")
	}
	return number, err
}

// completeQuorum fills in what the file leaves to be understood, and checks that
// the people named can be enough.
func (r *reader) completeQuorum(d *draft) {
	switch {
	case d.nobody:
		r.pointless(d, "quorum", true, "where nobody may approve")
		return
	case d.keys["approvers"] == nil && len(d.Quorum) == 0:
		r.at(d.node, "a rule needs approvers: %s", approversForm)
		return
	case d.keys["approvers"] == nil:
		d.Approvers = union(d.Quorum)
	}
	r.demandsAreOfApprovers(d)
	r.addRest(d)
	r.isEnough(d)
}

func union(demands approvals.Quorum) approvals.Set {
	var all approvals.Set
	for _, demand := range demands {
		all.Users = append(all.Users, missing(demand.From.Users, all.Users)...)
		all.Groups = append(all.Groups, missing(demand.From.Groups, all.Groups)...)
	}
	return all
}

// missing lists which of some ids are not among others.
func missing(some, others []string) []string {
	return slices.DeleteFunc(slices.Clone(some), func(id string) bool { return slices.Contains(others, id) })
}

func (r *reader) demandsAreOfApprovers(d *draft) {
	for _, demand := range d.Quorum {
		outside := append(missing(demand.From.Users, d.Approvers.Users), missing(demand.From.Groups, d.Approvers.Groups)...)
		for _, id := range outside {
			r.at(d.keys["quorum"], "the quorum wants %s, who is not among the approvers", id)
		}
	}
}

// addRest adds the demand for those whom the sets do not account for.
func (r *reader) addRest(d *draft) {
	demanded := 0
	for _, demand := range d.Quorum {
		demanded += demand.Count
	}
	switch {
	case d.total == 0 && demanded == 0:
		d.total = 1
	case d.total > 0 && d.total < demanded:
		r.at(d.keys["quorum"], "the quorum is %d in all, but its sets want %d", d.total, demanded)
	}
	if d.total > demanded {
		d.Quorum = append(d.Quorum, approvals.Need{Count: d.total - demanded, From: d.Approvers})
	}
}

// isEnough checks that the people who are named can make the quorum.
func (r *reader) isEnough(d *draft) {
	at := cmp.Or(d.keys["quorum"], d.node)
	demands := namedIn(d.Quorum, r.identities)
	for _, demand := range demands {
		if named := len(demand.Of); demand.Count > named && named > 0 {
			r.at(at, "the quorum wants %d of %d named: it can never be complete", demand.Count, named)
			return
		}
	}
	if len(demands) > 1 && !demands.Possible() {
		r.at(at, "the quorum wants more people than are named, each counted once: it can never be complete")
	}
}

// namedIn is what a quorum demands of people who are named, with their humans. The
// members of groups are not known here, and are taken to be enough.
func namedIn(quorum approvals.Quorum, same map[string]string) approvals.Quorum {
	var named approvals.Quorum
	for _, demand := range quorum {
		if len(demand.From.Groups) == 0 {
			named = append(named, approvals.Need{Count: demand.Count, Of: policy.Humans(same, demand.From.Users)})
		}
	}
	return named
}

// Stuck lists users among a rule's approvers whose own requests cannot be approved,
// because too few others are named.
func (f *File) Stuck(rule policy.Rule) []string {
	return slices.DeleteFunc(slices.Clone(rule.Approvers.Users), func(user string) bool {
		demands := namedIn(rule.Quorum, f.Policy.Same)
		for i := range demands {
			demands[i].Of = missing(demands[i].Of, policy.Humans(f.Policy.Same, []string{user}))
		}
		return rule.SelfApprove || len(demands) == 0 || demands.Possible()
	})
}
