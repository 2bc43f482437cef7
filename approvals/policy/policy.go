package policy

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

// UpgradeTakes is the longest that an upgrade keeps a bastion away: the cloud's
// guide says 15 minutes to 2 hours.
const UpgradeTakes = 2 * time.Hour

// Policy says who may do what to which instance. The first rule that matches
// counts; what no rule matches, nobody may approve. It must not be changed once
// it is in force.
type Policy struct {
	Rules []Rule
	// Same maps the ids of people with several accounts to one of them, so that
	// each human is counted once.
	Same map[string]string
	// Channels is where the cards of a project go when the rule names no channel; "" is
	// where the request was made.
	Channels map[string]string
	// Languages are those of the cards of a project; "" is every other project, and those
	// that name none.
	Languages map[string]Language
	Lead      Lead
}

// Language is what cards and threads are written in, as a BCP 47 tag.
type Language string

const (
	English           Language = "en"
	SimplifiedChinese Language = "zh-CN"
)

var Languages = []Language{English, SimplifiedChinese}

// Lead is how much notice the cloud wants of the kinds of upgrades. Zero: what the
// program's setting says.
type Lead struct{ Minor, CrossVersion time.Duration }

// Of is the notice for upgrades that the cloud offers: the longest of them. An
// upgrade of which the cloud does not say its kind may be any.
func (l Lead) Of(setting time.Duration, offers ...approvals.Offer) time.Duration {
	minor, crossVersion := cmp.Or(l.Minor, setting), cmp.Or(l.CrossVersion, setting)
	longest := time.Duration(0)
	for _, offer := range offers {
		if offer != approvals.OfferCrossVersion {
			longest = max(longest, minor)
		}
		if offer != approvals.OfferMinor {
			longest = max(longest, crossVersion)
		}
	}
	return longest
}

// Shortest is the notice that any upgrade needs.
func (l Lead) Shortest(setting time.Duration) time.Duration {
	return min(cmp.Or(l.Minor, setting), cmp.Or(l.CrossVersion, setting))
}

// Rule is one line of the policy. Empty patterns match everything. By the zero
// Rule nobody may approve anything.
type Rule struct {
	Name      string
	Instances []string // patterns of instance names, in any case: prod-*
	Projects  []string
	Actions   []approvals.Action

	Channel     string           // where cards go; "" is the project's, or where the request was made
	Approvers   approvals.Set    // empty: nobody may approve
	Quorum      approvals.Quorum // who has to approve, without Need.Of
	Requesters  approvals.Set    // who may ask; empty: everybody of the workspace
	SelfApprove bool             // whether a requester's own approval counts
	CancelAlone bool             // whether a requester may cancel without anybody's approval

	BreakGlass approvals.Set          // who may skip the quorum
	Announce   approvals.Announcement // who is told when somebody did

	Calendar calendar.Calendar // when an upgrade may run
	Override approvals.Set     // who may ask for a time outside the calendar
	Expiry   time.Duration     // how long a request waits at most; 0: until its deadline
	Remind   Reminders
	Telling  approvals.Telling
}

// Reminders says when those who have not answered are asked again.
type Reminders struct {
	At     []float64      // parts of the time from the request to its deadline, between 0 and 1; empty: never
	Hours  calendar.Hours // the working hours of the person who is reminded, in their own zone
	Direct bool           // whether approvers get a direct message, too
}

// UsualReminders are those of a policy that says nothing of them.
func UsualReminders() Reminders {
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	return Reminders{At: []float64{0.5, 0.85}, Hours: calendar.Hours{Days: weekdays, From: 9 * 60, To: 18 * 60}}
}

// OneLine is the policy without a file: the same approvers for everything.
// quorum is for upgrades and rollbacks; a cancel needs one approver.
func OneLine(approvers approvals.Set, quorum int, channel string) *Policy {
	if approvers.Empty() {
		return &Policy{}
	}
	rule := func(name string, count int, actions ...approvals.Action) Rule {
		return Rule{
			Name: name, Actions: actions, Channel: channel, Approvers: approvers,
			Quorum: approvals.Quorum{{Count: count, From: approvers}}, Remind: UsualReminders(), Telling: approvals.UsualTelling(),
		}
	}
	return &Policy{Rules: []Rule{
		rule("cancel", 1, approvals.Cancel), rule("default", quorum, approvals.Upgrade, approvals.Rollback),
	}}
}

// Rule finds the rule for an action on an instance; nil when there is none.
func (p *Policy) Rule(action approvals.Action, target approvals.Target) *Rule {
	for i := range p.Rules {
		if p.Rules[i].Matches(action, target) {
			return &p.Rules[i]
		}
	}
	return nil
}

// Apart are the rules for some bastions only, by their names or projects.
func (p *Policy) Apart() []Rule {
	return slices.DeleteFunc(slices.Clone(p.Rules), func(r Rule) bool {
		return slices.ContainsFunc(approvals.Actions, func(a approvals.Action) bool { return r.Matches(a, approvals.Target{}) })
	})
}

// Telling is how people are told what becomes of an action on an instance: the usual
// way where no rule is for it any more.
func (p *Policy) Telling(action approvals.Action, target approvals.Target) approvals.Telling {
	if rule := p.Rule(action, target); rule != nil {
		return rule.Telling
	}
	return approvals.UsualTelling()
}

// Language is that of the cards of requests about a target.
func (p *Policy) Language(target approvals.Target) Language {
	return cmp.Or(p.Languages[target.Project], p.Languages[""], English)
}

// human is the id under which a person is counted.
func (p *Policy) human(id string) string { return cmp.Or(p.Same[id], id) }

// Humans are the different humans behind some ids, by [Policy.Same].
func Humans(same map[string]string, ids []string) []string {
	var humans []string
	for _, id := range ids {
		humans = append(humans, cmp.Or(same[id], id))
	}
	slices.Sort(humans)
	return slices.Compact(humans)
}

// Sets lists everybody whom the rule names, also those named twice. Whom the quorum names
// are approvers.
func (r *Rule) Sets() []approvals.Set {
	return []approvals.Set{r.Approvers, r.Requesters, r.BreakGlass, r.Announce.To, r.Override}
}

// Deadline is the earlier of a deadline and the end of the rule's patience.
func (r *Rule) Deadline(deadline, now time.Time) time.Time {
	if end := now.Add(r.Expiry); r.Expiry > 0 && end.Before(deadline) {
		return end
	}
	return deadline
}

// Acts reports whether the rule is for an action.
func (r *Rule) Acts(action approvals.Action) bool {
	return len(r.Actions) == 0 || slices.Contains(r.Actions, action)
}

// Matches reports whether the rule is for an action on an instance, or on all that
// a pattern in the place of its name stands for.
func (r *Rule) Matches(action approvals.Action, target approvals.Target) bool {
	return r.Acts(action) &&
		(len(r.Projects) == 0 || slices.Contains(r.Projects, target.Project)) &&
		(len(r.Instances) == 0 || slices.ContainsFunc(r.Instances, func(pattern string) bool { return fits(pattern, target.Name) }))
}

// fits reports whether a name fits a pattern in any case, where * is any
// characters and ? is one. A * in the name is matched by * only, so that patterns
// can be compared, too: what matches a pattern matches whatever that one does.
func fits(pattern, name string) bool {
	is, _ := path.Match(globs.Replace(strings.ToLower(pattern)), strings.ReplaceAll(strings.ToLower(name), "/", "\x00"))
	return is
}

// globs writes patterns for path.Match, to which brackets, backslashes and slashes are more
// than characters.
var globs = strings.NewReplacer("?", "[^*]", "[", `\[`, `\`, `\\`, "/", "\x00")
