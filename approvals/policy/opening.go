package policy

import (
	"slices"
	"time"

	"cbhbot/approvals"
)

// This file holds what a form is told before anything is asked for: it looks nobody
// up, and decides nothing.

// Opens is the first instant from one on at which an upgrade may begin by the calendar:
// that of the rule for the targets, or without any that of whichever rule is open first.
// It is the instant itself where no calendar opens within a year.
func (p *Policy) Opens(from time.Time, targets ...approvals.Target) time.Time {
	var openings []time.Time
	for _, rule := range p.forUpgrades(targets) {
		if rule.Calendar.Closed(from, UpgradeTakes) == nil {
			return from
		}
		openings = append(openings, rule.Calendar.Near(from, UpgradeTakes, 0, 1)...)
	}
	if len(openings) == 0 {
		return from
	}
	return slices.MinFunc(openings, time.Time.Compare)
}

// forUpgrades are the rules for upgrades of any of the targets, or without any of
// whatever there is.
func (p *Policy) forUpgrades(targets []approvals.Target) []*Rule {
	var rules []*Rule
	for i := range p.Rules {
		r := &p.Rules[i]
		if len(targets) == 0 && r.Acts(approvals.Upgrade) ||
			slices.ContainsFunc(targets, func(t approvals.Target) bool { return p.Rule(approvals.Upgrade, t) == r }) {
			rules = append(rules, r)
		}
	}
	return rules
}

// ClosedToAll is why nobody may have upgrades of the targets at a time, with a stagger
// between them; nil where somebody may, or it takes more to tell.
func (p *Policy) ClosedToAll(at time.Time, stagger time.Duration, targets []approvals.Target) *ClosedError {
	r := &approvals.Request{Action: approvals.Upgrade, Items: approvals.NewItems(stagger, targets...), Timing: approvals.Timing{At: at}}
	rule, err := Snapshot{Policy: p}.Rule(r)
	if err != nil || !rule.Override.Empty() {
		return nil
	}
	return rule.closed(r)
}

// Placed reports whether the card of every upgrade in a project has a channel, wherever
// it is asked for.
func (p *Policy) Placed(project string) bool {
	rules := slices.DeleteFunc(p.forUpgrades(nil), func(r *Rule) bool { return len(r.Projects) > 0 && !slices.Contains(r.Projects, project) })
	unplaced := slices.ContainsFunc(rules, func(r *Rule) bool { return r.Channel == "" })
	return p.Channels[project] != "" || len(rules) > 0 && !unplaced
}
