package file

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// draft is a rule with what is needed to judge it as a whole.
type draft struct {
	policy.Rule
	node   *yaml.Node
	keys   map[string]*yaml.Node // where each key stands; nil: it is no rule
	nobody bool                  // approvers: nobody
	total  int                   // how many approvers in all; 0: not said
}

// rules reads the rules; an empty list is a policy by which nobody approves.
func (r *reader) rules(n *yaml.Node) []policy.Rule {
	if empty(n) {
		return nil
	}
	var drafts []*draft
	r.list(func(item *yaml.Node) {
		if d := r.rule(item, len(drafts)+1); d.keys != nil {
			r.complete(d)
			drafts = append(drafts, d)
		}
	})(n)
	r.namedOnce(drafts)
	r.reachable(drafts)
	var rules []policy.Rule
	for _, d := range drafts {
		rules = append(rules, d.Rule)
	}
	return rules
}

func (r *reader) rule(n *yaml.Node, ordinal int) *draft {
	d := &draft{node: n, Rule: policy.Rule{Name: fmt.Sprintf("rule %d", ordinal), Remind: policy.UsualReminders(), Telling: approvals.UsualTelling()}}
	d.keys = r.mapping(n, "a rule", map[string]take{
		"name":            into(r, &d.Name, text),
		"instances":       eachOnce(r, &d.Instances, said(pattern)),
		"projects":        eachOnce(r, &d.Projects, said(r.knownProject)),
		"actions":         eachOnce(r, &d.Actions, said(action)),
		"channel":         into(r, &d.Channel, said(channel)),
		"approvers":       func(n *yaml.Node) { r.approvers(n, d) },
		"quorum":          func(n *yaml.Node) { r.quorum(n, d) },
		"requesters":      r.people(&d.Requesters, nil),
		"self_approval":   into(r, &d.SelfApprove, boolean),
		"cancel_alone":    into(r, &d.CancelAlone, boolean),
		"windows":         r.list(func(item *yaml.Node) { d.Calendar.Windows = append(d.Calendar.Windows, r.window(item)) }),
		"freezes":         r.list(func(item *yaml.Node) { d.Calendar.Freezes = append(d.Calendar.Freezes, r.freeze(item)) }),
		"window_override": r.people(&d.Override, nil),
		"expiry":          into(r, &d.Expiry, said(duration)),
		"reminders":       instead(r, &d.Remind.At, fraction),
		"working_hours":   func(n *yaml.Node) { d.Remind.Hours, _ = r.hours(n, "working_hours", map[string]take{}) },
		"dm":              into(r, &d.Remind.Direct, boolean),
		"heads_up":        func(n *yaml.Node) { r.headsUp(n, &d.Telling) },
		"broadcast":       instead(r, &d.Telling.Broadcast, said(milestone)),
		"break_glass":     r.people(&d.BreakGlass, map[string]take{"announce": r.announce(&d.Announce)}),
	})
	slices.Sort(d.Remind.At)
	return d
}

// pattern reads a pattern of instance names. Brackets and the like mean
// something elsewhere, and would match nothing here.
func pattern(text string) (string, error) {
	if strings.ContainsAny(text, `[]{}\^$|+`) {
		return "", fmt.Errorf("%.40q: a pattern knows * for any characters and ? for one, and nothing else", text)
	}
	return text, nil
}

func (r *reader) knownProject(name string) (string, error) {
	if !slices.Contains(r.projects, name) {
		return "", fmt.Errorf("unknown project %.40q; known are %s", name, strings.Join(r.projects, ", "))
	}
	return name, nil
}

var (
	action    = oneOf("no action", approvals.Actions)
	milestone = oneOf("nothing that goes to the channel", approvals.Milestones)
)

// announce returns a reader of whom to tell: people, a channel, or both.
func (r *reader) announce(to *approvals.Announcement) take {
	return r.people(&to.To, map[string]take{"channel": into(r, &to.Channel, said(channel))}, "users", "groups", "channel")
}

func (r *reader) complete(d *draft) {
	r.completeQuorum(d)
	r.pointless(d, "window_override", d.keys["windows"] == nil && d.keys["freezes"] == nil, "without windows or freezes")
	r.pointless(d, "cancel_alone", d.CancelAlone && !d.Acts(approvals.Cancel), "in a rule that is not for cancel")
	for _, key := range []string{"windows", "freezes", "heads_up"} {
		r.pointless(d, key, !d.Acts(approvals.Upgrade), "in a rule that is not for upgrade")
	}
}

func (r *reader) pointless(d *draft, key string, is bool, where string) {
	if n := d.keys[key]; is && n != nil {
		r.at(n, "%s means nothing %s", key, where)
	}
}

func (r *reader) namedOnce(drafts []*draft) {
	first := map[string]*draft{}
	for _, d := range drafts {
		if other := first[d.Name]; other != nil {
			r.at(d.node, "the name %.40q is taken by the rule on line %d", d.Name, other.node.Line)
			continue
		}
		first[d.Name] = d
	}
}

// reachable finds rules that never match, because earlier ones match first.
func (r *reader) reachable(drafts []*draft) {
	for i, d := range drafts {
		if by := r.hiding(d, drafts[:i]); len(by) > 0 {
			r.at(d.node, "this rule can never match: what it matches is matched first by the rule on line %s", strings.Join(by, " or "))
		}
	}
}

// hiding are the lines of those earlier rules that match all that a rule is for; none
// when something is left to it. A pattern stands for the names that it matches.
func (r *reader) hiding(d *draft, earlier []*draft) (lines []string) {
	for _, action := range orAll(d.Actions, approvals.Actions) {
		for _, project := range orAll(d.Projects, r.projects) {
			for _, pattern := range orAll(d.Instances, []string{"*"}) {
				target := approvals.Target{Project: project, Name: pattern}
				first := slices.IndexFunc(earlier, func(e *draft) bool { return e.Matches(action, target) })
				if first < 0 {
					return nil
				}
				if line := fmt.Sprint(earlier[first].node.Line); !slices.Contains(lines, line) {
					lines = append(lines, line)
				}
			}
		}
	}
	return lines
}

// orAll is what a list means that matches everything when it is empty.
func orAll[T any](some, all []T) []T {
	if len(some) == 0 {
		return all
	}
	return some
}
