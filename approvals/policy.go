package approvals

import (
	"path"
	"slices"
	"strings"
)

// Policy says who may do what to which instance. The first rule that matches
// counts; what no rule matches, nobody may approve.
type Policy struct {
	Rules []Rule
	// Same maps the ids of people with several accounts to one of them, so that
	// each human is counted once.
	Same map[string]string
}

// Rule is one line of the policy. Empty patterns match everything.
type Rule struct {
	Name      string
	Instances []string // patterns of instance names: prod-*
	Projects  []string
	Actions   []Action

	Channel     string // where cards go; "" is where the request was made
	Approvers   Set
	Quorum      []Demand
	Requesters  Set  // who may ask; empty: everybody of the workspace
	SelfApprove bool // whether a requester's own approval counts
	CancelAlone bool // whether a requester may cancel without anybody's approval
	BreakGlass  Set  // who may skip the quorum
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
			Quorum: []Demand{{Count: count, From: approvers}},
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
			ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(target.Name))
			return ok
		}))
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
