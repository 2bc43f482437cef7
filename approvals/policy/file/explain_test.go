package file

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

var update = flag.Bool("update", false, "write the goldens anew")

func whole(t *testing.T) *File {
	t.Helper()
	f, err := Read("testdata/whole.yaml", 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestExplain(t *testing.T) {
	const golden = "testdata/whole.txt"
	got := strings.Join(whole(t).Explain(), "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the explanation is not that of %s (-update writes it):\n%s", golden, got)
	}
}

func TestExplainSaysWhatNobodyCanApprove(t *testing.T) {
	one := approvals.Set{Users: []string{"U1"}}
	for name, c := range map[string]struct {
		policy *policy.Policy
		says   []string
	}{
		"an empty policy":          {&policy.Policy{}, []string{"Nobody can approve anything, because the policy has no rule."}},
		"the variables, unset":     {policy.OneLine(approvals.Set{}, 1, ""), []string{"Nobody can approve anything, because the policy has no rule."}},
		"the variables":            {policy.OneLine(one, 1, "C1"), []string{"  A cancel of any instance needs U1. The requester's own approval does not count.", "  Cards go to C1."}},
		"an action without a rule": {&policy.Policy{Rules: policy.OneLine(one, 1, "").Rules[1:]}, []string{"Nobody can approve a cancel of any instance, because no rule is for it."}},
		"a rule for some only": {&policy.Policy{Rules: []policy.Rule{{Instances: []string{"prod-*"}, Quorum: approvals.Quorum{{Count: 1, From: one}}}}},
			[]string{"Nobody can approve an upgrade, a cancel or a rollback of any other instance, because no rule matches it."}},
	} {
		lines := (&File{Policy: c.policy}).Explain()
		for _, sentence := range c.says {
			if !slices.Contains(lines, sentence) {
				t.Errorf("%s: no line %q in\n%s", name, sentence, strings.Join(lines, "\n"))
			}
		}
	}
}

func TestTheFirstRuleThatMatchesHolds(t *testing.T) {
	policy := whole(t).Policy
	for _, c := range []struct {
		action        approvals.Action
		project, name string
		rule          string // "": none
	}{
		{approvals.Upgrade, "eu", "LEGACY-1", "never"},
		{approvals.Upgrade, "eu", "legacy-10", "the rest of eu"},
		{approvals.Upgrade, "eu", "prod-1", "production"},
		{approvals.Rollback, "eu", "Bastion-Prod", "production"},
		{approvals.Cancel, "eu", "prod-1", "cancels"},
		{approvals.Rollback, "eu", "other", "the rest of eu"},
		{approvals.Upgrade, "asia", "prod-1", ""},
		{approvals.Upgrade, "asia", "prod-test", "rule 5"},
		{approvals.Cancel, "asia", "prod-test", ""},
	} {
		got := ""
		if rule := policy.Rule(c.action, approvals.Target{Project: c.project, Name: c.name}); rule != nil {
			got = rule.Name
		}
		if got != c.rule {
			t.Errorf("%s of %s in %s: rule %q, not %q", c.action, c.name, c.project, got, c.rule)
		}
	}
}
