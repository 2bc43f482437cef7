package file

import (
	"fmt"
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// cell is the smallest thing a rule can be for. The target has a pattern for a name.
type cell struct {
	action approvals.Action
	target approvals.Target
}

// cells lists what a rule is for, among all the projects there are.
func cells(rule policy.Rule, projects []string) []cell {
	var all []cell
	for _, action := range orAll(rule.Actions, approvals.Actions) {
		for _, project := range orAll(rule.Projects, projects) {
			for _, pattern := range orAll(rule.Instances, []string{"*"}) {
				all = append(all, cell{action, approvals.Target{Project: project, Name: pattern}})
			}
		}
	}
	return all
}

// orAll is what a list means that matches everything when it is empty.
func orAll[T any](some, all []T) []T {
	if len(some) == 0 {
		return all
	}
	return some
}

// reachable finds rules that never match, because earlier ones match first.
func (r *reader) reachable(drafts []*draft) {
	for i, d := range drafts {
		var by []string
		hidden := d.keys != nil
		for _, c := range cells(d.Rule, r.projects) {
			j := slices.IndexFunc(drafts[:i], func(earlier *draft) bool { return earlier.keys != nil && earlier.Matches(c.action, c.target) })
			if j < 0 {
				hidden = false
				break
			}
			if line := fmt.Sprint(drafts[j].node.Line); !slices.Contains(by, line) {
				by = append(by, line)
			}
		}
		if hidden {
			r.at(d.node, "this rule can never match: what it matches is matched first by the rule on line %s", strings.Join(by, " or "))
		}
	}
}
