package check

import "cbhbot/approvals/policy"

// PolicyOf says where the policy comes from, and that it has rules.
func PolicyOf(source string, held *policy.Policy) []Finding {
	if len(held.Rules) == 0 {
		return []Finding{fail(NobodyApproves,
			"Set CBHBOT_APPROVERS, or CBHBOT_POLICY to a file with rules.",
			"nobody can approve anything: %s names no rule", source)}
	}
	return []Finding{ok("the policy is that of %s, with %d rule(s); cbhbot check --policy explains a file", source, len(held.Rules))}
}

// BadPolicy says what is wrong with the policy file.
func BadPolicy(err error) []Finding {
	return []Finding{fail(PolicyBad, "Correct the lines that are named; deploy/policy.example.yaml shows every key.", "%v", err)}
}

// DoubledPolicy says that two policies are stated.
func DoubledPolicy(text string) Finding {
	return warn(PolicyDoubled, "Remove what does not count.", "%s", text)
}
