package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
)

// Explain says a policy file in words: the rules in order, each with what follows
// from it indented below its name; then what nobody can approve because no rule
// is for it, who is one human, which projects there are, and what cards are written in.
func Explain(what *file.File) []string {
	f := explained{what}
	return slices.Concat(f.rules(), f.unmatched(), f.lead(), f.same(), f.projects(), f.languages())
}

type explained struct{ *file.File }

// sentences are put together one after the other.
type sentences []string

func (s *sentences) add(when bool, text string, args ...any) {
	if when {
		*s = append(*s, fmt.Sprintf(text, args...))
	}
}

func (f explained) rules() (lines sentences) {
	for _, rule := range f.Policy.Rules {
		lines.add(true, "%s:", rule.Name)
		for _, sentence := range f.rule(rule) {
			lines.add(true, "  %s", sentence)
		}
	}
	return lines
}

func (f explained) rule(rule policy.Rule) (s sentences) {
	what := f.scope(rule)
	if len(rule.Quorum) == 0 {
		s.add(true, "Nobody can approve %s, because this rule names no approvers.", what)
		return s
	}
	self := "does not count."
	if rule.SelfApprove {
		self = "counts, too."
	}
	stuck := each(f.Stuck(rule), f.name)
	windows := each(rule.Calendar.Windows, windowWords)
	s.add(true, "%s needs %s. The requester's own approval %s", capital(what), f.demands(rule.Quorum), self)
	s.add(len(stuck) > 0, "Nobody can approve what %s asks for, because too few others may.", file.Listed(stuck, "or"))
	s.add(!rule.Requesters.Empty(), "Only %s may ask.", f.who(rule.Requesters, "or"))
	s.add(rule.CancelAlone, "Who asked for an upgrade may cancel it alone.")
	s.add(rule.Channel != "", "Cards go to %s.", rule.Channel)
	s.add(rule.Expiry > 0, "A request that is not approved within %s expires.", file.DurationWords(rule.Expiry))
	s.add(len(windows) > 0, "Upgrades run %s.", strings.Join(windows, ", or "))
	for _, freeze := range rule.Calendar.Freezes {
		s.add(true, "No upgrade runs from %s.", freezeWords(freeze))
	}
	s.add(!rule.Override.Empty(), "%s may ask for another time, with a reason.", capital(f.who(rule.Override, "or")))
	s.add(true, "%s", remindWords(rule.Remind))
	s.add(rule.Acts(approvals.Upgrade), "%s", headsUpWords(rule.Telling.HeadsUp))
	s.add(true, "%s", broadcastWords(rule.Telling.Broadcast))
	s.add(!rule.BreakGlass.Empty(), "%s may skip the quorum in an emergency, with a reason%s.", f.who(rule.BreakGlass, "or"), f.told(rule.Announce))
	return s
}

// scope says what a rule is for: "an upgrade or a rollback of prod-* in eu".
func (f explained) scope(rule policy.Rule) string {
	actions, instances := approvals.Actions, "any instance"
	if len(rule.Actions) > 0 {
		actions = rule.Actions
	}
	if len(rule.Instances) > 0 {
		instances = file.Listed(rule.Instances, "or")
	}
	text := fmt.Sprintf("%s of %s", actionWords(actions), instances)
	if len(rule.Projects) > 0 {
		text += " in " + file.Listed(rule.Projects, "or")
	}
	return text
}

// demands says a quorum: "2 of @sre and 1 of @security".
func (f explained) demands(quorum approvals.Quorum) string {
	var parts []string
	for _, demand := range quorum {
		who := f.who(demand.From, "and")
		if len(quorum) > 1 || len(demand.From.Users) != 1 || len(demand.From.Groups) > 0 {
			who = fmt.Sprintf("%d of %s", demand.Count, who)
		}
		parts = append(parts, who)
	}
	if len(parts) > 1 {
		return file.Listed(parts, "and") + ", nobody counted twice"
	}
	return parts[0]
}

// told says whom an emergency is announced to.
func (f explained) told(a approvals.Announcement) string {
	names := given(f.who(a.To, "and"), a.Channel)
	if len(names) == 0 {
		return ""
	}
	return "; " + file.Listed(names, "and") + " are told"
}

// unmatched says what no rule is for.
func (f explained) unmatched() (lines sentences) {
	if len(f.Policy.Rules) == 0 {
		return sentences{"Nobody can approve anything, because the policy has no rule."}
	}
	var never, otherwise []approvals.Action
	for _, action := range approvals.Actions {
		switch {
		case !slices.ContainsFunc(f.Policy.Rules, func(rule policy.Rule) bool { return rule.Acts(action) }):
			never = append(never, action)
		case slices.ContainsFunc(f.ProjectNames(), func(project string) bool {
			return f.Policy.Rule(action, approvals.Target{Project: project, Name: "*"}) == nil
		}):
			otherwise = append(otherwise, action)
		}
	}
	lines.add(len(otherwise) > 0, "Nobody can approve %s of any other instance, because no rule matches it.", actionWords(otherwise))
	lines.add(len(never) > 0, "Nobody can approve %s of any instance, because no rule is for it.", actionWords(never))
	return lines
}

// lead says how much notice upgrades need, where it is not the setting's.
func (f explained) lead() (lines sentences) {
	minor, crossVersion := f.Policy.Lead.Minor, f.Policy.Lead.CrossVersion
	lines.add(minor > 0, "A minor upgrade needs %s of notice.", file.DurationWords(minor))
	lines.add(crossVersion > 0, "A cross-version upgrade needs %s of notice.", file.DurationWords(crossVersion))
	return lines
}

// same says which accounts are one human's.
func (f explained) same() (lines sentences) {
	accounts := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(f.Policy.Same)) {
		human := f.Policy.Same[id]
		accounts[human] = append(accounts[human], f.name(id))
	}
	for _, human := range slices.Sorted(maps.Keys(accounts)) {
		lines.add(true, "%s are one human, and count once.", capital(file.Listed(accounts[human], "and")))
	}
	return lines
}

// projects says which projects there are, and which variables they need.
func (f explained) projects() (lines sentences) {
	for _, p := range f.Projects {
		line := fmt.Sprintf("The project %s is %s in %s.", p.Name, p.ID, cmp.Or(p.Region, p.Endpoint))
		c := p.Credentials
		if names := given(c.User, c.Password, c.Domain, c.AK, c.SK, c.SecurityToken); len(names) > 0 {
			line += fmt.Sprintf(" Its credentials are in the variables %s.", file.Listed(names, "and"))
		} else {
			line += " Its credentials are those of the settings: CBH_IAM_USER, CBH_IAM_PASSWORD and CBH_IAM_DOMAIN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK."
		}
		lines = append(lines, line)
	}
	return lines
}

// languages says what the cards are written in.
func (f explained) languages() sentences {
	usual := f.Policy.Language(approvals.Target{})
	text := fmt.Sprintf("Cards and threads are in %s", languageWords[usual])
	for _, p := range f.Projects {
		if own := f.Policy.Language(approvals.Target{Project: p.Name}); own != usual {
			text += fmt.Sprintf(", those of the project %s in %s", p.Name, languageWords[own])
		}
	}
	return sentences{text + "."}
}
