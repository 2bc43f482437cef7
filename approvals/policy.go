package approvals

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Policy says who may do what to which instance. The first rule that matches
// counts; what no rule matches, nobody may approve.
type Policy struct {
	Rules []Rule
	// Same maps the ids of people with several accounts to one of them, so that
	// each human is counted once.
	Same map[string]string
	// Channels is where the cards of a project go when the rule names no channel.
	Channels map[string]string
}

// Rule is one line of the policy. Empty patterns match everything.
type Rule struct {
	Name      string
	Instances []string // patterns of instance names, in any case: prod-*
	Projects  []string
	Actions   []Action

	Channel     string // where cards go; "" is the project's, or where the request was made
	Approvers   Set    // empty: nobody may approve
	Quorum      []Demand
	Requesters  Set  // who may ask; empty: everybody of the workspace
	SelfApprove bool // whether a requester's own approval counts
	CancelAlone bool // whether a requester may cancel without anybody's approval

	BreakGlass Set          // who may skip the quorum
	Announce   Announcement // who is told when somebody did

	Calendar Calendar      // when an upgrade may run
	Override Set           // who may ask for a time outside the calendar
	Expiry   time.Duration // how long a request waits at most; 0: until its deadline
	Remind   Reminders
}

// Sets lists everybody whom the rule names, also those named twice.
func (r Rule) Sets() []Set {
	sets := []Set{r.Approvers, r.Requesters, r.BreakGlass, r.Announce.To, r.Override}
	for _, demand := range r.Quorum {
		sets = append(sets, demand.From)
	}
	return sets
}

// Announcement is whom to tell, besides those in the channel of the card.
type Announcement struct {
	To      Set
	Channel string
}

// Reminders says when those who have not answered are asked again.
type Reminders struct {
	At     []float64 // parts of the time from the request to its deadline, between 0 and 1; empty: never
	Hours  Hours     // the working hours of the person who is reminded, in their own zone
	Direct bool      // whether approvers get a direct message, too
}

// UsualReminders are those of a policy that says nothing of them.
func UsualReminders() Reminders {
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	return Reminders{At: []float64{0.5, 0.85}, Hours: Hours{Days: weekdays, From: 9 * 60, To: 18 * 60}}
}

// Set is people: users and the members of groups, by Slack id.
type Set struct {
	Users  []string
	Groups []string
}

// Empty reports whether nobody is named.
func (s Set) Empty() bool { return len(s.Users)+len(s.Groups) == 0 }

// Demand asks for Count people out of From.
type Demand struct {
	Count int
	From  Set
}

// OneLine is the policy without a file: the same approvers for everything.
// quorum is for upgrades and rollbacks; a cancel needs one approver.
func OneLine(approvers Set, quorum int, channel string) *Policy {
	if approvers.Empty() {
		return &Policy{}
	}
	rule := func(name string, count int, actions ...Action) Rule {
		return Rule{
			Name: name, Actions: actions, Channel: channel, Approvers: approvers,
			Quorum: []Demand{{Count: count, From: approvers}}, Remind: UsualReminders(),
		}
	}
	return &Policy{Rules: []Rule{rule("cancel", 1, Cancel), rule("default", quorum, Upgrade, Rollback)}}
}

// Rule finds the rule for an action on an instance; nil when there is none.
func (p *Policy) Rule(action Action, target Target) *Rule {
	for i := range p.Rules {
		if p.Rules[i].matches(action, target) {
			return &p.Rules[i]
		}
	}
	return nil
}

func (r *Rule) matches(action Action, target Target) bool {
	return (len(r.Actions) == 0 || slices.Contains(r.Actions, action)) &&
		(len(r.Projects) == 0 || slices.Contains(r.Projects, target.Project)) &&
		(len(r.Instances) == 0 || slices.ContainsFunc(r.Instances, func(pattern string) bool {
			return Matches(pattern, target.Name)
		}))
}

// Matches reports whether a name fits a pattern in any case, where * is any
// characters and ? is one. A * in the name is matched by * only, so that patterns
// can be compared, too: what matches a pattern matches whatever that one does.
func Matches(pattern, name string) bool {
	want, got := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(name))
	star, retry := -1, 0 // the last *, and where in the name its rest is tried
	w, g := 0, 0
	for g < len(got) {
		switch {
		case w < len(want) && want[w] == '*':
			star, retry = w, g
			w++
		case w < len(want) && (want[w] == got[g] || want[w] == '?' && got[g] != '*'):
			w, g = w+1, g+1
		case star >= 0:
			retry++
			w, g = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(string(want[w:]), "*") == ""
}

// channel is where the card of a request goes that was made in another one.
func (p *Policy) channel(action Action, target Target, asked string) string {
	if rule := p.Rule(action, target); rule != nil && rule.Channel != "" {
		return rule.Channel
	}
	return cmp.Or(p.Channels[target.Project], asked)
}

// deadline is the earlier of a deadline and the end of the rule's patience.
func (p *Policy) deadline(r Request, deadline, now time.Time) time.Time {
	if rule := p.Rule(r.Action, r.Target); rule != nil && rule.Expiry > 0 {
		return earlier(deadline, now.Add(rule.Expiry))
	}
	return deadline
}

// human is the id under which a person is counted.
func (p *Policy) human(id string) string {
	if one, ok := p.Same[id]; ok {
		return one
	}
	return id
}

// Mentions writes a set the way Slack shows it: <@U1>, <!subteam^S1>.
func (s Set) Mentions() string {
	var names []string
	for _, user := range s.Users {
		names = append(names, "<@"+user+">")
	}
	for _, group := range s.Groups {
		names = append(names, "<!subteam^"+group+">")
	}
	return strings.Join(names, ", ")
}
