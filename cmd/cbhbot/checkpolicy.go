package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
	"cbhbot/cmd/cbhbot/check"
	"cbhbot/cmd/cbhbot/cli"
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
	for _, line := range check.Explain(read) {
		fmt.Fprintln(stdout, line)
	}
	return nil
}

// checkedPolicy is the policy that holds, and what is to be said of where it comes from;
// nil where it cannot be read.
func checkedPolicy(c Config) (*policy.Policy, []check.Finding) {
	if c.PolicyFile == "" {
		return c.policy(), []check.Finding{check.PolicyOf("", c.policy())}
	}
	read, err := file.Read(c.PolicyFile, c.MaxLead)
	if err != nil {
		return nil, check.BadPolicy(err)
	}
	words := []check.Finding{check.PolicyOf(c.PolicyFile, read.Policy)}
	if c.namesApprovers() {
		words = append(words, check.DoubledPolicy(bothPolicies))
	}
	return read.Policy, words
}
