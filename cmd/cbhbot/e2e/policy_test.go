package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// approvedBy is a policy file in which one person approves everything.
func approvedBy(user string) string {
	return "version: 1\nrules:\n  - approvers: {users: [" + user + "]}\n"
}

func policyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	writePolicy(t, path, text)
	return path
}

func writePolicy(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tellsPolicy asks the bot who has to approve, until it answers with a text.
func (w *world) tellsPolicy(text string) {
	w.t.Helper()
	sees := func() []*slackemu.Shown { return w.slack.As(rita).Sees(slackemu.ChannelOps) }
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		before := len(sees())
		w.types(rita, "policy")
		w.until("an answer", func() bool { return len(sees()) > before })
		all := sees()
		if last := all[len(all)-1]; strings.Contains(last.Text+fmt.Sprint(last.Blocks), text) {
			return
		}
	}
	w.t.Fatalf("the policy never says %q:\n%s", text, w.transcript())
}

// bothPolicies is the warning when a file and the variables name approvers.
const bothPolicies = "the policy file holds: CBHBOT_APPROVERS, CBHBOT_QUORUM and CBHBOT_CHANNEL do not count beside it"

func TestThePolicyFileHoldsAndIsReadAgainAtAHangup(t *testing.T) {
	t.Parallel()
	path := policyFile(t, approvedBy(bo))
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_POLICY="+path)
	p := w.start()
	card := w.card("in 3 days at 2am")
	w.presses(ana, card, "Approve") // of CBHBOT_APPROVERS
	w.sees(ana, "<@"+bo+">")

	writePolicy(t, path, approvedBy(ana))
	p.hangup()
	w.tellsPolicy("<@" + ana + ">")
	writePolicy(t, path, "version: 1\nrulez: []\n")
	p.hangup()
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")

	p.stop()
	for _, text := range []string{bothPolicies, "policy.yaml:2: unknown key", "stays in force"} {
		if !strings.Contains(p.log.String(), text) {
			t.Errorf("the log does not say %q", text)
		}
	}
}

func TestABadPolicyFileEndsTheStart(t *testing.T) {
	t.Parallel()
	path := policyFile(t, "version: 1\nrules:\n  - approvers: {users: [ana]}\n    quorum: 0\nlead: {minor: 2000h}\n")
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_POLICY="+path)
	out, code := output(t, w.env, "run")
	if code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	for _, text := range []string{path + `:3: users: "ana" does not look like`, path + ":4: quorum: must be 1 or more",
		path + ":5: minor: 2000 h of notice is not less than the 1440 h that an upgrade may lie ahead (CBHBOT_MAX_LEAD)"} {
		if !strings.Contains(out, text) {
			t.Errorf("no %q in:\n%s", text, out)
		}
	}
}

// The program's exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func TestCheckExplainsAPolicyFileWithoutAnySetting(t *testing.T) {
	t.Parallel()
	good, bad := policyFile(t, approvedBy(ana)), policyFile(t, "version: 3\n")
	chinese := policyFile(t, approvedBy(ana)+"    heads_up: [2h]\n    broadcast: []\nlanguage: zh-CN\n")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--policy", good}, exitOK, "An upgrade, a cancel or a rollback of any instance needs U0ANA."},
		{[]string{"--policy=" + good}, exitOK, "Nobody can approve what U0ANA asks for"},
		{[]string{"--policy", chinese}, exitOK, "Cards and threads are in Simplified Chinese."},
		{[]string{"--policy", chinese}, exitOK, "The thread is told 2 h before an upgrade that it comes."},
		{[]string{"--policy", chinese}, exitOK, "What becomes of it is told in the thread alone."},
		{[]string{"--policy", bad}, exitFailed, bad + ":1: version: is 3"},
		{[]string{"--policy", bad + ".none"}, exitFailed, "no such file"},
		{[]string{"--policy"}, exitUsage, "stands alone"},
		{[]string{"--policy", good, "--redis-url", "x"}, exitUsage, "stands alone"},
		{[]string{"--help"}, exitOK, "--policy FILE"},
	} {
		out, code := output(t, nil, append([]string{"check"}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("check %s: exit code %d, %s", c.args, code, out)
		}
	}
}

func TestCheckHoldsThePolicyAgainstSlack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	for _, c := range []struct {
		policy string
		says   []string
	}{
		{approvedBy(ana), []string{"ok    the policy is that of ", "with 1 rule(s)", "warn  " + bothPolicies, " of any instance needs 1 of ana"}},
		{"version: 1\n", []string{"FAIL  nobody can approve anything: "}},
		{"version: 2\n", []string{"FAIL  the policy file has 1 problem(s):\n      ", "skip  whom the policy names is unknown"}},
		{"version: 1\nrules:\n- approvers: {users: [U0NONE, U0ANA, U0DEE], groups: [S0NONE]}\n  requesters: {users: [U0GUS]}\n", []string{
			"U0NONE, whom the policy names, cannot act: unknown person", "U0DEE, whom the policy names, cannot act: deactivated",
			"the group S0NONE, which the policy names, is unknown", "U0GUS, whom the policy names, cannot act: guest",
		}},
		{"version: 1\nrules:\n- name: all\n  approvers: {groups: [" + slackemu.GroupApprovers + "]}\n  quorum: 3\n",
			[]string{"FAIL  all: upgrade, cancel, rollback of any instance needs 3 of ana, bo, which is more people than there are"}},
	} {
		out, _ := output(t, append(w.env, "CBHBOT_POLICY="+policyFile(t, c.policy)), "check")
		for _, text := range c.says {
			if !strings.Contains(out, text) {
				t.Errorf("no %q in:\n%s", text, out)
			}
		}
	}
}

// TestCheckLetsSlackLookAtAllMessages also meets a Slack that asks to wait, and one that
// objects.
func TestCheckLetsSlackLookAtAllMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.methods(map[string]slackemu.MethodFault{"blocks.validate": {Times: 1, Status: 429, RetryAfter: 1}})
	out, code := output(t, w.env, "check", "--blocks=0s")
	if code != 0 || strings.Count(out, "ok    Slack has looked at") != 2 || strings.Contains(out, "FAIL") {
		t.Errorf("%d: %s", code, out)
	}
	w.methods(map[string]slackemu.MethodFault{"blocks.validate": {
		Times: 1, Status: 200, Body: `{"ok":false,"error":"invalid_message","errors":[{"pointer":"/blocks/1/text","code":"invalid_text","message":"must be shorter"}]}`,
	}})
	if out, code = output(t, w.env, "check", "--blocks=0s"); code == 0 || !strings.Contains(out, `FAIL  en card "about to close", /blocks/1/text: must be shorter (invalid_text)`) {
		t.Errorf("%d: %s", code, out)
	}
	if out, code = output(t, []string{}, "check", "--blocks"); code == 0 || !strings.Contains(out, "set SLACK_BOT_TOKEN") {
		t.Errorf("%d: %s", code, out)
	}
	if out, code = output(t, w.env, "check", "--blocks=soon"); code == 0 || !strings.Contains(out, "type one like --blocks=200ms") {
		t.Errorf("%d: %s", code, out)
	}
}
