package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals/policy/file"
	"cbhbot/cmd/cbhbot/check"
)

func TestAProjectWithoutItsCredentialsIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	text := "version: 1\nprojects:\n  - name: asia\n    project_id: feed\n    region: ap-southeast-3\n    credentials: {ak: ASIA_AK, sk: ASIA_SK}\nrules:\n  - approvers: {users: [U0ANA]}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readConfig("run", nil, complete("CBHBOT_POLICY="+path, "ASIA_AK=ak"), nil)
	if err == nil || !strings.Contains(err.Error(), "1 problem(s):\n  - project asia of the policy file: ASIA_SK is required: its secret key\n") {
		t.Errorf("%v", err)
	}
	_, err = readConfig("run", nil, complete("CBHBOT_POLICY="+path), nil)
	if err == nil || !strings.Contains(err.Error(), "ASIA_AK is required") || !strings.Contains(err.Error(), "ASIA_SK is required") {
		t.Errorf("both: %v", err)
	}
}

// TestAProjectsChannelCountsAtOnce, and whoever changes it is not told to start the bot again.
func TestAProjectsChannelCountsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	write := func(region, channel string) {
		text := fmt.Sprintf("version: 1\nprojects:\n  - {name: asia, project_id: feed, region: %s, channel: %s}\nrules: []\n", region, channel)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ap-southeast-3", "C0OPS")
	log, said := test.NewNullLogger()
	held, err := openPolicy(Config{PolicyFile: path}, log, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	again := func() bool {
		said.Reset()
		held.reload()
		return slices.ContainsFunc(said.AllEntries(), func(e *logrus.Entry) bool { return strings.Contains(e.Message, "when cbhbot starts again") })
	}
	if write("ap-southeast-3", "C0VAULT"); again() || held.now().Channels["asia"] != "C0VAULT" {
		t.Errorf("cards go to %s; the log says %v", held.now().Channels["asia"], said.LastEntry())
	}
	if write("eu-west-101", "C0VAULT"); !again() {
		t.Error("nobody is told of another region")
	}
}

// TestCopiesThatDecideByDifferentPoliciesAreTold from each other by a number.
func TestCopiesThatDecideByDifferentPoliciesAreTold(t *testing.T) {
	dir, log := t.TempDir(), logrus.New()
	log.Out = io.Discard
	open := func(c Config) (held *inForce, sum func() float64) {
		t.Helper()
		registry := prometheus.NewRegistry()
		held, err := openPolicy(c, log, registry)
		if err != nil {
			t.Fatal(err)
		}
		return held, func() float64 { return valueOf(t, registry, "cbhbot_policy_checksum") }
	}
	write := func(name, user string) Config {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("version: 1\nrules:\n  - approvers: {users: ["+user+"]}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return Config{PolicyFile: path}
	}
	first, a := open(write("a", "U0ANA"))
	_, b := open(write("b", "U0ANA"))
	_, c := open(write("c", "U0BO"))
	if a() != b() || a() == c() {
		t.Errorf("two alike tell %v and %v, and another %v", a(), b(), c())
	}
	write("a", "U0BO")
	if first.reload(); a() != c() {
		t.Errorf("read again, it tells %v instead of %v", a(), c())
	}
	_, both := open(Config{Approvers: []string{"U0ANA", "U0BO"}})
	_, turned := open(Config{Approvers: []string{"U0BO", "U0ANA"}})
	_, one := open(Config{Approvers: []string{"U0BO"}})
	if both() != turned() || both() == one() {
		t.Errorf("of variables, two alike tell %v and %v, and another %v", both(), turned(), one())
	}
}

func TestTheExamplePolicyIsGood(t *testing.T) {
	f, err := file.Read("../../deploy/policy.example.yaml", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Policy.Rules) < 3 || len(f.Projects) < 2 || len(check.Explain(f)) == 0 {
		t.Errorf("the example shows too little: %+v", f)
	}
}

// TestTheSandboxRefusesAPolicyFileThatCannotBeRead, before it has greeted anybody: its bot
// would end at once, behind a page that waits for it.
func TestTheSandboxRefusesAPolicyFileThatCannotBeRead(t *testing.T) {
	if err := checkSandboxed(complete("CBHBOT_POLICY=../../deploy/policy.example.yaml")); err != nil {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := checkSandboxed(complete("CBHBOT_POLICY=" + path)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}
