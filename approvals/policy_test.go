package approvals

import (
	"slices"
	"testing"
)

func TestPatterns(t *testing.T) {
	for pattern, names := range map[string][2][]string{
		"*":          {{"", "a", "bastion-prod"}, nil},
		"prod-*":     {{"prod-", "PROD-1", "prod-a/b", "prod-*-x"}, {"prod", "xprod-1", "*"}},
		"*-prod":     {{"a-prod", "-prod", "a-prod-prod"}, {"a-prod-1"}},
		"b?stion":    {{"bastion", "böstion", "b?stion"}, {"bstion", "baastion", "b*stion"}},
		"a*b*c":      {{"abc", "axxbxxc", "abcbc"}, {"ab", "acb"}},
		"bastion[1]": {{"bastion[1]"}, {"bastion1"}},
		"":           {{""}, {"a"}},
	} {
		for _, name := range slices.Concat(names[0], names[1]) {
			want := slices.Contains(names[0], name)
			if got := Matches(pattern, name); got != want {
				t.Errorf("%q matches %q: %v", pattern, name, got)
			}
		}
	}
}

func TestCardsGoWhereTheRuleOrTheProjectSays(t *testing.T) {
	policy := &Policy{
		Rules:    []Rule{{Instances: []string{"prod-*"}, Channel: "CRULE"}, {Instances: []string{"test-*"}}},
		Channels: map[string]string{"eu": "CPROJECT"},
	}
	for target, want := range map[Target]string{
		{Project: "eu", Name: "prod-1"}:    "CRULE",
		{Project: "asia", Name: "prod-1"}:  "CRULE",
		{Project: "eu", Name: "test-1"}:    "CPROJECT",
		{Project: "asia", Name: "test-1"}:  "CASKED",
		{Project: "asia", Name: "nothing"}: "CASKED",
	} {
		if got := policy.channel(Upgrade, target, "CASKED"); got != want {
			t.Errorf("%v: %s, not %s", target, got, want)
		}
	}
}
