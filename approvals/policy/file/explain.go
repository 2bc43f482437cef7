package file

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
)

// Explain says the policy in words: the rules in order, each with what follows
// from it indented below its name; then what nobody can approve because no rule
// is for it, who is one human, which projects there are, and what cards are written in.
func (f *File) Explain() []string {
	return slices.Concat(f.rules(), f.lead(), f.same(), f.projects(), f.languages())
}

func (f *File) rules() []string {
	if len(f.Policy.Rules) == 0 {
		return []string{"Nobody can approve anything, because the policy has no rule."}
	}
	var lines []string
	for _, rule := range f.Policy.Rules {
		lines = append(lines, rule.Name+":")
		for _, sentence := range f.rule(rule) {
			lines = append(lines, "  "+sentence)
		}
	}
	return append(lines, f.unmatched()...)
}

// rule says one rule.
func (f *File) rule(rule policy.Rule) []string {
	what := f.scope(rule)
	if len(rule.Quorum) == 0 {
		return []string{fmt.Sprintf("Nobody can approve %s, because this rule names no approvers.", what)}
	}
	self := "does not count."
	if rule.SelfApprove {
		self = "counts, too."
	}
	sentences := []string{fmt.Sprintf("%s needs %s. The requester's own approval %s", capital(what), f.demands(rule.Quorum), self)}
	sentences = append(sentences, f.stuck(rule)...)
	add := func(when bool, text string, args ...any) {
		if when {
			sentences = append(sentences, fmt.Sprintf(text, args...))
		}
	}
	add(!rule.Requesters.Empty(), "Only %s may ask.", f.who(rule.Requesters, "or"))
	add(rule.CancelAlone, "Who asked for an upgrade may cancel it alone.")
	add(rule.Channel != "", "Cards go to %s.", rule.Channel)
	add(rule.Expiry > 0, "A request that is not approved within %s expires.", durationWords(rule.Expiry))
	sentences = append(sentences, f.calendar(rule)...)
	sentences = append(sentences, remindWords(rule.Remind))
	add(rule.Acts(approvals.Upgrade), "%s", headsUpWords(rule.Telling.HeadsUp))
	sentences = append(sentences, broadcastWords(rule.Telling.Broadcast))
	add(!rule.BreakGlass.Empty(), "%s may skip the quorum in an emergency, with a reason%s.", f.who(rule.BreakGlass, "or"), f.told(rule.Announce))
	return sentences
}

// scope says what a rule is for: "an upgrade or a rollback of prod-* in eu".
func (f *File) scope(rule policy.Rule) string {
	instances := "any instance"
	if len(rule.Instances) > 0 {
		instances = join(rule.Instances, "or")
	}
	text := fmt.Sprintf("%s of %s", actionWords(orAll(rule.Actions, approvals.Actions)), instances)
	if len(rule.Projects) > 0 {
		text += " in " + join(rule.Projects, "or")
	}
	return text
}

// demands says a quorum: "2 of @sre and 1 of @security".
func (f *File) demands(quorum approvals.Quorum) string {
	var parts []string
	for _, demand := range quorum {
		who := f.who(demand.From, "and")
		if len(demand.From.Users) == 1 && len(demand.From.Groups) == 0 {
			parts = append(parts, who)
		} else {
			parts = append(parts, fmt.Sprintf("%d of %s", demand.Count, who))
		}
	}
	if len(parts) > 1 {
		return join(parts, "and") + ", nobody counted twice"
	}
	return parts[0]
}

// stuck names approvers whose own requests cannot be approved, because too few
// others are named.
func (f *File) stuck(rule policy.Rule) []string {
	if rule.SelfApprove {
		return nil
	}
	var names []string
	for _, user := range rule.Approvers.Users {
		if !f.possibleWithout(rule, user) {
			names = append(names, f.name(user))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Nobody can approve what %s asks for, because too few others may.", join(names, "or"))}
}

// possibleWithout reports whether a quorum can be complete without somebody.
func (f *File) possibleWithout(rule policy.Rule, user string) bool {
	demands := namedIn(rule.Quorum, f.Policy.Same)
	for i := range demands {
		demands[i].Of = missing(demands[i].Of, humans(f.Policy.Same, []string{user}))
	}
	return len(demands) == 0 || demands.Possible()
}

// calendar says when upgrades may run.
func (f *File) calendar(rule policy.Rule) []string {
	var sentences []string
	if windows := each(rule.Calendar.Windows, calendar.Window.String); len(windows) > 0 {
		sentences = append(sentences, fmt.Sprintf("Upgrades run %s.", strings.Join(windows, ", or ")))
	}
	for _, freeze := range rule.Calendar.Freezes {
		sentences = append(sentences, fmt.Sprintf("No upgrade runs from %s.", freeze))
	}
	if !rule.Override.Empty() {
		sentences = append(sentences, fmt.Sprintf("%s may ask for another time, with a reason.", capital(f.who(rule.Override, "or"))))
	}
	return sentences
}

// told says whom an emergency is announced to.
func (f *File) told(a approvals.Announcement) string {
	var names []string
	if !a.To.Empty() {
		names = append(names, f.who(a.To, "and"))
	}
	if a.Channel != "" {
		names = append(names, a.Channel)
	}
	if len(names) == 0 {
		return ""
	}
	return "; " + join(names, "and") + " are told"
}

// unmatched says what no rule is for.
func (f *File) unmatched() []string {
	var never, otherwise []approvals.Action
	for _, action := range approvals.Actions {
		switch {
		case !slices.ContainsFunc(f.Policy.Rules, func(rule policy.Rule) bool { return rule.Acts(action) }):
			never = append(never, action)
		case slices.ContainsFunc(f.projectNames(), func(project string) bool {
			return f.Policy.Rule(action, approvals.Target{Project: project, Name: "*"}) == nil
		}):
			otherwise = append(otherwise, action)
		}
	}
	var lines []string
	if len(otherwise) > 0 {
		lines = append(lines, fmt.Sprintf("Nobody can approve %s of any other instance, because no rule matches it.", actionWords(otherwise)))
	}
	if len(never) > 0 {
		lines = append(lines, fmt.Sprintf("Nobody can approve %s of any instance, because no rule is for it.", actionWords(never)))
	}
	return lines
}

// lead says how much notice upgrades need, where it is not the setting's.
func (f *File) lead() []string {
	var lines []string
	for _, kind := range []struct {
		name string
		lead time.Duration
	}{{"A minor", f.Policy.Lead.Minor}, {"A cross-version", f.Policy.Lead.CrossVersion}} {
		if kind.lead > 0 {
			lines = append(lines, fmt.Sprintf("%s upgrade needs %s of notice.", kind.name, durationWords(kind.lead)))
		}
	}
	return lines
}

// same says which accounts are one human's.
func (f *File) same() []string {
	accounts := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(f.Policy.Same)) {
		human := f.Policy.Same[id]
		accounts[human] = append(accounts[human], f.name(id))
	}
	var lines []string
	for _, human := range slices.Sorted(maps.Keys(accounts)) {
		lines = append(lines, fmt.Sprintf("%s are one human, and count once.", capital(join(accounts[human], "and"))))
	}
	return lines
}

// projects says which projects there are, and which variables they need.
func (f *File) projects() []string {
	var lines []string
	for _, p := range f.Projects {
		line := fmt.Sprintf("The project %s is %s in %s.", p.Name, p.ID, cmp.Or(p.Region, p.Endpoint))
		if names := p.Credentials.names(); len(names) > 0 {
			line += fmt.Sprintf(" Its credentials are in the variables %s.", join(names, "and"))
		}
		lines = append(lines, line)
	}
	return lines
}

// languages says what the cards are written in.
func (f *File) languages() []string {
	usual := f.Policy.Language(approvals.Target{})
	text := fmt.Sprintf("Cards and threads are in %s", languageWords[usual])
	for _, p := range f.Projects {
		if p.Language != "" && p.Language != usual {
			text += fmt.Sprintf(", those of the project %s in %s", p.Name, languageWords[p.Language])
		}
	}
	return []string{text + "."}
}
