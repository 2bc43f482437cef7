package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/handlers"
)

// people says who can approve what, and whom Slack does not know.
func (s *slack) people(ctx context.Context) []Finding {
	held := s.settings.Policy
	if held == nil {
		return []Finding{skip("whom the policy names is unknown while its file is bad")}
	}
	as, err := s.introduce(ctx)
	if err != nil {
		return []Finding{skip("people are not looked up: what is wrong with Slack or SLACK_BOT_TOKEN comes first")}
	}
	directory := handlers.Directory{Sender: as.sender, Home: func() bot.Identity { return as.home }}
	c := census{ctx: ctx, snapshot: policy.Snapshot{Policy: held, Directory: directory}, names: map[string]string{}}
	c.visit(held)
	if c.known == 0 && c.unknown > 1 {
		c.found = append(c.found, fail(OtherWorkspace, "Take the bot's token of the workspace where the people are, or name its people.",
			"nobody and no group that the policy names is known in %s (%s): the token may be of another workspace", s.bot.Team, s.bot.TeamID))
	}
	for i := range held.Rules {
		c.found = append(c.found, c.rule(&held.Rules[i]))
	}
	return c.found
}

// census is who stands behind the ids of a policy.
type census struct {
	ctx      context.Context
	snapshot policy.Snapshot
	names    map[string]string // of those who may act, by id
	known    int
	unknown  int
	found    []Finding
}

// visit looks up everybody whom the policy names, each once.
func (c *census) visit(held *policy.Policy) {
	var all []string
	for i := range held.Rules {
		for _, set := range held.Rules[i].Sets() {
			all = slices.Concat(all, set.Users, set.Groups)
		}
	}
	for n, id := range all {
		if !slices.Contains(all[:n], id) {
			c.lookUp(id)
		}
	}
}

func (c *census) lookUp(id string) {
	if strings.HasPrefix(id, "S") {
		c.group(id)
		return
	}
	if why := c.person(id); why != "" {
		c.found = append(c.found, fail(PersonUnfit, "Take the id out of the policy, or name somebody else: a profile's menu in Slack has \"Copy member ID\".",
			"%s, whom the policy names, cannot act: %s", id, why))
	}
}

// person says why somebody cannot act, and learns their name where they can.
func (c *census) person(id string) (why string) {
	p, err := c.snapshot.Person(c.ctx, id)
	var refusal *policy.Refusal
	switch {
	case err == nil:
		c.known, c.names[id] = c.known+1, p.Name
		return ""
	case errors.As(err, &refusal) && refusal.Ground == policy.UnknownPerson:
		c.unknown++
		return string(refusal.Ground)
	case errors.As(err, &refusal) && refusal.Ground != policy.Unreachable:
		c.known++
		return string(refusal.Ground)
	}
	return fmt.Sprintf("Slack does not tell who they are: %v", errors.Unwrap(err))
}

// group says why a group stands for nobody, and learns the names of its members.
func (c *census) group(id string) {
	members, err := c.snapshot.Directory.Members(c.ctx, id)
	const mend = "The page of a user group in Slack has \"Copy group ID\"; usergroups:read has to be among the bot's scopes."
	switch code := bot.ErrorCode(err); {
	case code == "no_such_subteam":
		c.unknown++
		c.found = append(c.found, fail(GroupUnknown, mend, "the group %s, which the policy names, is unknown", id))
		return
	case code == "plan_upgrade_required":
		c.found = append(c.found, fail(GroupsClosed,
			"Name people (U…) instead of groups.",
			"the workspace's plan has no user groups, and the policy names %s", id))
		return
	case err != nil:
		c.found = append(c.found, fail(GroupsClosed, mend, "Slack does not tell who is in the group %s: %v", id, err))
		return
	}
	c.known++
	active := slices.DeleteFunc(members, func(member string) bool { return c.person(member) != "" })
	if len(active) == 0 {
		c.found = append(c.found, fail(GroupEmpty, "Put people into the group in Slack, or name others in the policy.",
			"the group %s, which the policy names, holds nobody who can act", id))
	}
}

// rule says who can approve what.
func (c *census) rule(rule *policy.Rule) Finding {
	what := fmt.Sprintf("%s: %s", rule.Name, scopeOf(rule))
	quorum, err := c.snapshot.Demands(c.ctx, rule, "")
	if err != nil {
		return skip("who approves %s is unknown: Slack does not tell", what)
	}
	for i := range quorum {
		quorum[i].Of = slices.DeleteFunc(quorum[i].Of, func(id string) bool { return c.names[id] == "" })
	}
	switch {
	case len(quorum) == 0:
		return ok("%s: nobody can approve it, as the policy wants it", what)
	case len(quorum[0].Of) == 0:
		return fail(NobodyApproves, "Name approvers in this rule of the policy, or in CBHBOT_APPROVERS.", "nobody can approve %s", what)
	case !quorum.Possible():
		return fail(TooFewApprovers,
			"Lower the quorum, or name more people.",
			"%s needs %s, which is more people than there are", what, c.words(quorum))
	}
	return ok("%s needs %s", what, c.words(quorum))
}

func scopeOf(rule *policy.Rule) string {
	var actions []string
	for _, a := range approvals.Actions {
		if rule.Acts(a) {
			actions = append(actions, string(a))
		}
	}
	instances := "any instance"
	if len(rule.Instances) > 0 {
		instances = strings.Join(rule.Instances, ", ")
	}
	if len(rule.Projects) > 0 {
		instances += " in " + strings.Join(rule.Projects, ", ")
	}
	return strings.Join(actions, ", ") + " of " + instances
}

// words says a quorum by people's names: "2 of Ana, Bo, and 1 of Cy".
func (c *census) words(q approvals.Quorum) string {
	var parts []string
	for _, need := range q {
		var names []string
		for _, id := range need.Of {
			names = append(names, c.names[id])
		}
		slices.Sort(names)
		parts = append(parts, fmt.Sprintf("%d of %s", need.Count, strings.Join(names, ", ")))
	}
	return strings.Join(parts, ", and ")
}
