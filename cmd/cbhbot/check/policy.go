package check

import (
	"cmp"
	"errors"

	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
)

// PolicyOf says where the policy comes from, and that it has rules. file is "" where it is
// that of the variables.
func PolicyOf(file string, held *policy.Policy) Finding {
	switch {
	case len(held.Rules) > 0:
		return ok("the policy is that of %s, with %d rule(s); cbhbot check --policy explains a file", cmp.Or(file, "CBHBOT_APPROVERS"), len(held.Rules))
	case file == "":
		return fail(NobodyApproves, "Set CBHBOT_APPROVERS to ids of users and user groups, as in U012ABCDEF,S345GHIJKL, or CBHBOT_POLICY to a file with rules.",
			"nobody can approve anything: CBHBOT_APPROVERS is empty, and CBHBOT_POLICY names no file")
	}
	return fail(NobodyApproves, "Write one, as in deploy/policy.example.yaml.", "nobody can approve anything: %s has no rules", file)
}

// BadPolicy says what is wrong with the policy file.
func BadPolicy(err error) []Finding {
	if _, is := errors.AsType[*file.Error](err); !is {
		return []Finding{fail(PolicyBad, "Let CBHBOT_POLICY be the path of a file that is there and that the bot's user may read.", "%v", err)}
	}
	return []Finding{fail(PolicyBad, "Correct the lines that are named; deploy/policy.example.yaml shows every key.", "%v", err)}
}

// DoubledPolicy says that two policies are stated.
func DoubledPolicy(text string) Finding {
	return warn(PolicyDoubled, "Remove what does not count.", "%s", text)
}
