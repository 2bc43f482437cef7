package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// twoProjects is a world whose policy has a project more, whose cloud is reached with signed
// requests and has its clock ahead. The rest of the policy begins with more of that project.
func twoProjects(t *testing.T, ahead time.Duration, rest string, env ...string) (w *world, other *cbhemu.Server) {
	t.Helper()
	now := func() time.Time { return time.Now().Add(ahead) }
	other = cbhemu.New(cbhemu.Options{ProjectID: "feed", Now: now, Keys: []cbhemu.AccessKey{{AK: "ak", SK: "sk"}}})
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	path := policyFile(t, fmt.Sprintf(`version: 1
projects:
  - name: prod
    project_id: %[1]s
    region: eu-west-101
  - name: asia
    project_id: feed
    endpoint: %[2]s
    iam_endpoint: %[2]s
    credentials: {ak: ASIA_AK, sk: ASIA_SK}
%[3]s`, cbhemu.DefaultProject, server.URL, rest))
	env = append(env, "CBHBOT_POLICY="+path, "ASIA_AK=ak", "ASIA_SK=sk", "CBH_PROJECT_ID=", "CBH_REGION=eu-west-101")
	return newWorld(t, cbhemu.Options{}, env...), other
}

// TestSeveralProjects has namesakes in two projects, each with its own
// credentials, channel and approvers.
func TestSeveralProjects(t *testing.T) {
	t.Parallel()
	w, other := twoProjects(t, 0, fmt.Sprintf(`    channel: %s
rules:
  - projects: [asia]
    approvers: {users: [%s]}
  - approvers: {users: [%s]}
`, slackemu.ChannelOps, bo, ana))
	w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	w.presses(rita, w.sees(rita, "More than one instance is called like"), "asia/bastion-prod")
	card := w.sees(bo, "waiting for approval")
	w.presses(ana, card, "Approve")
	w.sees(ana, "You are not among those who may decide this")
	w.presses(bo, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	if w.posts() != 0 || other.Instance("bastion-prod").UpgradeTime.IsZero() {
		t.Errorf("%d POSTs to the wrong project, and the right one holds %s", w.posts(), other.Instance("bastion-prod").UpgradeTime)
	}
}

// TestAWrongClockOfOneCloudHoldsUpItsOwnCalls, and those alone: what another cloud tells
// of the time is not its.
func TestAWrongClockOfOneCloudHoldsUpItsOwnCalls(t *testing.T) {
	t.Parallel()
	addr := fmt.Sprintf("127.0.0.1:%d", redistest.FreePort(t))
	w, other := twoProjects(t, 90*time.Second, fmt.Sprintf(`rules:
  - approvers: {users: [%s]}
`, ana), "CBHBOT_LISTEN="+addr)
	w.start()
	w.types(rita, "upgrade prod/bastion-prod, asia/bastion-prod in 3 days at 2am")
	w.presses(ana, w.sees(ana, "waiting for approval"), "Approve")
	w.sees(rita, "so I call nothing")
	w.sees(rita, "1 scheduled, 1 approved, not yet with the cloud") // the other's list was read last
	if status, text := ready(t, addr); status != http.StatusServiceUnavailable || !strings.Contains(text, "cloud/asia") {
		t.Errorf("/readyz: %d %s", status, text)
	}
	if at := other.Instance("bastion-prod").UpgradeTime; !at.IsZero() {
		t.Errorf("a cloud whose clock is off was called, for %s", at)
	}
}

// TestATimeOutsideTheWindowsIsAskedBack picks one of the times that are offered,
// and overrides the calendar as somebody whom the policy names.
func TestATimeOutsideTheWindowsIsAskedBack(t *testing.T) {
	t.Parallel()
	path := policyFile(t, fmt.Sprintf(`version: 1
rules:
  - approvers: {users: [%s]}
    windows:
      - {from: "01:00", to: "05:00", zone: Asia/Shanghai}
    window_override: {users: [%s]}
    break_glass: {users: [%s]}
`, ana, rita, bo))
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_POLICY="+path)
	w.start()
	w.types(rita, "policy")
	for _, words := range []string{"allowed: every day 01:00 to 05:00 (Asia/Shanghai)", "break-glass: <@" + bo + ">"} {
		if text := fmt.Sprint(w.sees(rita, "Who has to approve").Blocks); !strings.Contains(text, words) {
			t.Errorf("the policy does not say %q: %s", words, text)
		}
	}
	noon := ritasTime(t, 10, 12)
	w.types(rita, noon.Format("upgrade bastion-prod 2006-01-02 15:04 -- security fixes"))
	question := w.sees(rita, "is outside the windows")
	for _, near := range []time.Time{noon.Add(-9 * time.Hour), noon.Add(13 * time.Hour)} {
		if text := near.Format("*Mon 2 Jan 2006 15:04 "); !strings.Contains(question.Text, text) {
			t.Errorf("%s is not offered: %s", text, question.Text)
		}
	}
	w.presses(rita, question, "continue:1")
	card := w.sees(ana, "waiting for approval")
	if !strings.Contains(card.Text, noon.Add(-9*time.Hour).Format("2 Jan 2006 15:04 ")+"Asia/Shanghai") {
		t.Errorf("the nearest time before is not asked for: %s", card.Text)
	}

	w.types(bo, "break-glass CBH-1")
	w.sees(bo, "needs a reason")
	w.types(ana, "break-glass CBH-1 -- attackers are in")
	w.sees(ana, "does not trust you with skipping approvals")
	w.types(rita, "withdraw CBH-1")
	w.sees(rita, "CBH-1 is withdrawn")

	w.presses(rita, question, "Ask for it anyway")
	form := w.form(rita)
	if d := form.Submit(map[string]any{"reason": " "}); len(d.Errors) == 0 {
		t.Errorf("an override without a reason: %+v", d)
	}
	w.submits(form, map[string]any{"reason": "the fix cannot wait"})
	second := w.sees(bo, "CBH-2 waiting for approval: Upgrade bastion-prod ("+noon.Format("Mon 2 Jan 2006 15:04"))
	if text := fmt.Sprint(second.Blocks); !strings.Contains(text, "Why: the fix cannot wait") {
		t.Errorf("the card does not say so: %s", text)
	}

	w.types(bo, "break-glass CBH-2 -- attackers are in")
	w.presses(bo, w.sees(bo, "This skips the approvals of CBH-2"), "Skip the approvals")
	w.sees(rita, "*Break-glass.* <@"+bo+"> skipped the approvals of CBH-2")
	w.isScheduled(noon)
	w.until("the mark on the card", func() bool {
		return strings.Contains(fmt.Sprint(w.shown(rita, second).Blocks), "Why without approval: attackers are in")
	})
}

// TestARequestIsMovedFromItsCard moves a request with the button on its card.
func TestARequestIsMovedFromItsCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_QUORUM=2")
	w.start()
	card := w.card("in 3 days at 2am")
	w.presses(ana, card, "Approve")
	w.until("the progress", func() bool {
		return strings.Contains(fmt.Sprint(w.shown(bo, card).Blocks), "Still needs 1 of")
	})
	w.presses(rita, card, "Reschedule")
	at := ritasTime(t, 12, 3)
	w.submits(w.form(rita), map[string]any{"time": at.Unix()})
	w.sees(bo, "*Moved* by")
	w.until("the new time on the card", func() bool { return strings.Contains(w.shown(bo, card).Text, at.Format("Mon 2 Jan 2006 15:04")) })
	w.presses(ana, card, "Approve")
	w.presses(bo, card, "Approve")
	w.isScheduled(at)
	w.types(rita, "history bastion-prod")
	w.sees(rita, "1 of 1 request")
}

// TestThePolicyShortensTheNoticeOfMinorUpgrades, as the cloud's newest guide does.
func TestThePolicyShortensTheNoticeOfMinorUpgrades(t *testing.T) {
	t.Parallel()
	path := policyFile(t, fmt.Sprintf("version: 1\nlead: {minor: 1h}\nrules:\n  - approvers: {users: [%s]}\n", ana))
	w := newWorld(t, cbhemu.Options{Behaviour: cbhemu.Behaviour{MinorAtOnce: true}}, "CBHBOT_POLICY="+path)
	w.start()
	w.types(rita, "upgrade bastion-archive in 3 hours")
	w.sees(rita, "is too soon: it must be at least 24 hours 5 minutes ahead")
	w.presses(ana, w.card("in 3 hours"), "Approve")
	w.sees(rita, "*Scheduled.*")
}
