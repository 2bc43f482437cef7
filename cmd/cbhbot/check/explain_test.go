package check

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
)

var update = flag.Bool("update", false, "write the goldens anew")

// wholePolicy has each key.
const wholePolicy = "../../../approvals/policy/file/testdata/whole.yaml"

func whole(t *testing.T) *file.File {
	t.Helper()
	f, err := file.Read(wholePolicy, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestExplain(t *testing.T) {
	const golden = "testdata/whole.txt"
	got := strings.Join(Explain(whole(t)), "\n") + "\n"
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

func TestExplainSaysWhereAProjectWithoutCredentialsHasThem(t *testing.T) {
	lines := Explain(&file.File{Policy: &policy.Policy{}, Projects: []file.Project{{Name: "eu", ID: "feed", Region: "eu-west-101"}}})
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "those of the settings: CBH_IAM_USER") }) {
		t.Errorf("%q", lines)
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
		lines := Explain(&file.File{Policy: c.policy})
		for _, sentence := range c.says {
			if !slices.Contains(lines, sentence) {
				t.Errorf("%s: no line %q in\n%s", name, sentence, strings.Join(lines, "\n"))
			}
		}
	}
}

func FuzzWhateverIsAPolicyIsExplained(f *testing.F) {
	text, err := os.ReadFile(wholePolicy)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("version: 1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "policy.yaml")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if read, err := file.Read(path, 0); err == nil && len(Explain(read)) == 0 {
			t.Fatal("no explanation")
		}
	})
}
