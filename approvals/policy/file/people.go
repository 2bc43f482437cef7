package file

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals"
)

var (
	user    = matching(`^[UW][A-Z0-9]{1,30}$`, "the id of a user (U… or W…)")
	group   = matching(`^S[A-Z0-9]{1,30}$`, "the id of a user group (S…)")
	named   = matching(`^[UWS][A-Z0-9]{1,30}$`, "the id of a user (U… or W…) or group (S…)")
	channel = matching(`^[CG][A-Z0-9]{1,30}$`, "the id of a channel (C… or G…)")
)

// people returns a reader of people and of what else there may be beside them. One of
// naming must be there, without any users or groups.
func (r *reader) people(set *approvals.Set, beside map[string]take, naming ...string) take {
	known := map[string]take{"users": eachOnce(r, &set.Users, said(user)), "groups": eachOnce(r, &set.Groups, said(group))}
	maps.Copy(known, beside)
	if len(naming) == 0 {
		naming = []string{"users", "groups"}
	}
	return func(n *yaml.Node) {
		if !r.is(n, n.Kind == yaml.MappingNode, "keys and values, as in {users: [U012ABCDEF], groups: [S345GHIJKL]}") {
			return
		}
		keys := r.mapping(n, r.key, known)
		if !slices.ContainsFunc(naming, func(key string) bool { return keys[key] != nil }) {
			r.wrong(n, "names nobody: it needs %s", Listed(naming, "or"))
		}
	}
}

// names reads what people call users and groups, for explanations.
func (r *reader) names(n *yaml.Node) map[string]string {
	names := map[string]string{}
	r.pairs(n, func(key, value *yaml.Node) {
		if _, err := named(key.Value); err != nil {
			r.wrong(key, "%v", err)
		}
		var name string
		into(r, &name, text)(resolve(value))
		names[key.Value] = strings.TrimPrefix(name, "@")
	})
	return names
}

// same reads which accounts belong to one human: lists of two and more users.
func (r *reader) same(n *yaml.Node) map[string]string {
	humans := map[string]string{}
	r.list(func(item *yaml.Node) {
		var accounts []string
		eachOnce(r, &accounts, said(user))(item)
		if len(item.Content) == 1 {
			r.wrong(item, "one account is the same as no other: list two or more")
		}
		for _, id := range accounts {
			if _, taken := humans[id]; taken && accounts[0] != humans[id] {
				r.wrong(item, "%s is in two lists", id)
			}
			humans[id] = accounts[0]
		}
	})(n)
	return humans
}
