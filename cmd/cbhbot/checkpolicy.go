package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
	"cbhbot/bot"
	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers"
)

// wantsPolicy reports whether check is asked for a policy file only.
func wantsPolicy(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		name, _, _ := strings.Cut(arg, "=")
		return name == "--policy" || name == "-policy"
	})
}

// checkPolicyFile explains a policy file, or says all that is wrong with it. It
// needs no other setting.
func checkPolicyFile(args []string, stdout io.Writer) error {
	set := cli.Flags("check")
	path := set.String("policy", "", "`file`")
	rest, err := cli.Parse(set, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil || len(rest) > 0 || *path == "":
		return cli.Misuse(set, "--policy stands alone and names one file, as in cbhbot check --policy policy.yaml")
	}
	read, err := file.Read(*path, 0)
	if err != nil {
		return err
	}
	for _, line := range read.Explain() {
		fmt.Fprintln(stdout, line)
	}
	return nil
}

// checkPolicy says which policy holds.
func checkPolicy(_ context.Context, c Config) (string, error) {
	if c.PolicyFile == "" {
		if len(c.policy().Rules) == 0 {
			return "", errors.New("nobody can approve anything: set CBHBOT_APPROVERS, or CBHBOT_POLICY to a file with rules")
		}
		return "the policy is that of CBHBOT_APPROVERS", nil
	}
	read, err := file.Read(c.PolicyFile, c.MaxLead)
	if err != nil {
		return "", err
	}
	if len(read.Policy.Rules) == 0 {
		return "", fmt.Errorf("the policy file %s has no rule: nobody can approve anything", c.PolicyFile)
	}
	text := fmt.Sprintf("the policy file %s has %d rule(s); cbhbot check --policy explains them", c.PolicyFile, len(read.Policy.Rules))
	if c.namesApprovers() {
		text += "; " + bothPolicies
	}
	return text, nil
}

// checkPeople says whether Slack knows all whom the policy names, and whether
// they are enough at this moment.
func checkPeople(ctx context.Context, c Config) (string, error) {
	held, err := policyNow(c)
	if err != nil {
		return "", errors.New("whom the policy names is unknown while its file is bad")
	}
	sender, identity, err := introduced(ctx, c)
	if err != nil {
		return "", err
	}
	people := handlers.Directory{Sender: sender, Home: func() bot.Identity { return identity }}
	snapshot := policy.Snapshot{Policy: held, Directory: people}
	var problems []string
	var known []string
	for i := range held.Rules {
		rule := &held.Rules[i]
		strangers, err := strangersIn(ctx, snapshot, rule, &known)
		if err != nil {
			return "", err
		}
		problems = append(problems, strangers...)
		if len(strangers) == 0 {
			problems = append(problems, tooFew(ctx, snapshot, rule)...)
		}
	}
	if len(problems) > 0 {
		return "", fmt.Errorf("the policy and Slack do not agree: %s", strings.Join(problems, "; "))
	}
	return "Slack knows everybody whom the policy names, and they are enough", nil
}

func policyNow(c Config) (*policy.Policy, error) {
	if c.PolicyFile == "" {
		return c.policy(), nil
	}
	read, err := file.Read(c.PolicyFile, c.MaxLead)
	if err != nil {
		return nil, err
	}
	return read.Policy, nil
}

// strangersIn lists whom a rule names and who cannot act, and leaves out those
// who were looked up before.
func strangersIn(ctx context.Context, snapshot policy.Snapshot, rule *policy.Rule, known *[]string) ([]string, error) {
	var strangers []string
	for _, set := range rule.Sets() {
		for _, id := range slices.Concat(set.Users, set.Groups) {
			if slices.Contains(*known, id) {
				continue
			}
			*known = append(*known, id)
			why, err := strange(ctx, snapshot, id)
			if err != nil {
				return nil, err
			}
			if why != "" {
				strangers = append(strangers, id+": "+why)
			}
		}
	}
	return strangers, nil
}

// strange says why a user or group cannot be meant; "" when it can.
func strange(ctx context.Context, snapshot policy.Snapshot, id string) (string, error) {
	var err error
	if strings.HasPrefix(id, "S") {
		_, err = snapshot.Directory.Members(ctx, id)
	} else {
		_, err = snapshot.Person(ctx, approvals.VerbRead, id)
	}
	var refusal *policy.Refusal
	switch {
	case bot.ErrorCode(err) == "no_such_subteam":
		return "unknown group", nil
	case errors.As(err, &refusal) && refusal.Ground != policy.Unreachable:
		return string(refusal.Ground), nil
	case err != nil:
		return "", fmt.Errorf("looking up %s, whom the policy names: %w", id, err)
	}
	return "", nil
}

// tooFew says that a rule's quorum cannot be complete.
func tooFew(ctx context.Context, snapshot policy.Snapshot, rule *policy.Rule) []string {
	quorum, err := snapshot.Demands(ctx, rule)
	switch {
	case err != nil:
		return []string{fmt.Sprintf("the rule %q: %v", rule.Name, err)}
	case len(quorum) > 0 && !quorum.Possible():
		return []string{fmt.Sprintf("the rule %q wants %s, which is more people than there are", rule.Name, quorumWords(quorum))}
	}
	return nil
}

// quorumWords says a quorum by ids: "2 of U1, S2 and 1 of U3".
func quorumWords(q approvals.Quorum) string {
	var parts []string
	for _, need := range q {
		parts = append(parts, fmt.Sprintf("%d of %s", need.Count, strings.Join(slices.Concat(need.From.Users, need.From.Groups), ", ")))
	}
	return strings.Join(parts, " and ")
}
