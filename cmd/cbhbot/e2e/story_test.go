package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

func TestTheStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	card := w.card("in 3 days at 2am")
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	w.until("the buttons to give way to who and when", func() bool {
		m := w.shown(rita, card)
		return !m.Action("Approve").Exists() && strings.Contains(fmt.Sprint(m.Blocks), "Approved by <@"+ana+">")
	})

	if n := w.posts(); n != 1 {
		t.Fatalf("%d POSTs", n)
	}
	var body map[string]any
	for _, r := range w.cloud.Requests(cbhemu.OpUpgrade) {
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
	}
	ms, _ := body["upgrade_time"].(float64)
	at := w.cloud.Instance("bastion-prod").UpgradeTime
	if time.UnixMilli(int64(ms)).Sub(at) != 0 || ms < 1e12 || body["cancel"] != false {
		t.Fatalf("body %v, the cloud holds %s", body, at)
	}
	if took := p.stop(); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if p.err != nil {
		t.Errorf("the bot ended with %v", p.err)
	}
}

func TestAPressByTheWrongPersonChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	for user, words := range map[string]string{
		rita:              "You asked for this yourself",
		slackemu.UserGus:  "active members of this workspace",
		slackemu.UserXen:  "active members of this workspace",
		slackemu.UserDee:  "active members of this workspace",
		slackemu.UserJobs: "active members of this workspace",
	} {
		w.presses(user, card, "Approve")
		if m := w.sees(user, words); m.EphemeralFor != user {
			t.Errorf("%s was answered for all to read", user)
		}
	}
	if m := w.shown(ana, card); !m.Action("Approve").Exists() || w.posts() != 0 {
		t.Errorf("a refused press changed something: %d POSTs", w.posts())
	}
}

func TestDenyAsksForAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.presses(ana, card, "Deny")
	if d := w.form(ana).Submit(map[string]any{"reason": "   "}); len(d.Errors) == 0 {
		t.Errorf("a blank reason was taken: %+v", d)
	}
	w.submits(w.slack.As(ana).Modal(), map[string]any{"reason": "the release is *frozen* <!channel>"})
	w.sees(rita, "*Denied*")
	w.until("the buttons to go", func() bool { return !w.shown(bo, card).Action("Approve").Exists() })
	if w.posts() != 0 {
		t.Error("a denied request was called")
	}
}

func TestCancelOfAScheduledUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.sees(rita, "*Scheduled.*")
	w.types(rita, "cancel bastion-prod -- the release slipped")
	w.presses(bo, w.sees(bo, "Cancel the upgrade of bastion-prod"), "Approve")
	w.sees(rita, "*Cancelled.*")
	if at := w.cloud.Instance("bastion-prod").UpgradeTime; !at.IsZero() {
		t.Errorf("the cloud still holds %s", at)
	}
}

func TestCommandsInAnyShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for text, answer := range map[string]string{
		"":                                      "commands you need first",
		"  HELP   upgrade ":                     "asks for an upgrade",
		"upgarde bastion-prod in 3 days at 2am": "Do you mean `upgrade`?",
		"frobnicate":                            "I do not know the command",
		"cancel":                                "Which instance or request",
		"cancel CBH-99":                         "There is no such request",
		"status CBH-0":                          "There is no instance called",
		"upgrade bastion-prdo in 3 days at 2am": "Do you mean one of these",
		"list sideways":                         "I can list",
		"list pendig":                           "Do you mean `/cbh list pending`?",
		"help upgarde":                          "Do you mean `upgrade`?",
		"升极bastion-prod":                        "Do you mean `upgrade`?",
		"status":                                "Nothing is open",
		"instances STAG":                        "1 bastion:",
		"policy":                                "Who has to approve",
		`upgrade "bastion prod sunday`:          "quotation mark is opened and never closed",
	} {
		w.types(rita, text)
		if m := w.sees(rita, answer); m.EphemeralFor != rita {
			t.Errorf("%q was answered for all to read", text)
		}
		w.slack.As(rita).Reload()
	}
	w.types(rita, "UPGRADE   “Bastion-Prod”   in 3 days at 2am — why not")
	w.sees(ana, "waiting for approval")
	w.types(rita, "upgrade bastion-prod in 4 days at 3am")
	w.sees(rita, "There is an open request for")
}

func TestTwoApproversInTheSameInstant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.start()
	card := w.card("in 3 days at 2am")
	presses := make(chan slackemu.Delivery)
	for _, user := range []string{ana, bo} {
		button := w.shown(user, card).Action("Approve")
		go func() { presses <- button.Click() }()
	}
	for range 2 {
		if d := <-presses; !d.Acked {
			t.Errorf("a press was not acked: %+v", d)
		}
	}
	w.sees(rita, "*Scheduled.*")
	told := func(user string) bool {
		for _, m := range w.slack.As(user).Sees(slackemu.ChannelOps) {
			if m.EphemeralFor == user && strings.Contains(m.Text, "Nothing was changed. CBH-1: ") {
				return true
			}
		}
		return false
	}
	w.until("the slower one to be told", func() bool { return told(ana) != told(bo) })
	if n := w.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
}

func TestKilledRightAfterTheAck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	// The work on a command begins with users.info: it never gets an answer.
	w.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.info": {Delay: time.Hour}}})
	first := w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	first.kill()
	w.slack.SetFaults(slackemu.Faults{})
	second := w.start()
	card := w.sees(ana, "waiting for approval")

	w.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"users.info": {Delay: time.Hour}}})
	w.presses(ana, card, "Approve")
	second.kill()
	w.slack.SetFaults(slackemu.Faults{})
	w.start()
	w.sees(rita, "*Scheduled.*")
	if n := w.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
	cards := 0
	for _, m := range w.slack.Messages(slackemu.ChannelOps) {
		if strings.HasPrefix(m.Text, "CBH-") && m.ThreadTS == "" {
			cards++
		}
	}
	if cards != 1 {
		t.Errorf("%d cards\n%s", cards, w.transcript())
	}
}

func TestKilledInTheMiddleOfTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	card := w.card("in 3 days at 2am")
	// The cloud takes the upgrade and is silent about it.
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultResetAfter})
	w.presses(ana, card, "Approve")
	w.until("the call", func() bool { return w.posts() == 1 })
	first.kill()
	w.start()
	w.sees(rita, "*Scheduled.*")
	if n := w.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
}

func TestRedisAwayIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.redis.Kill()
	d := w.slack.As(rita).Command(slackemu.ChannelOps, "/cbh", "upgrade bastion-prod in 3 days at 2am")
	if d.Acked {
		t.Errorf("acked what was not kept: %+v", d)
	}
	w.sees(rita, "Not recorded, please try again")
	w.redis.Restart()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am") // she does what she was told
	w.presses(ana, w.sees(ana, "waiting for approval"), "Approve")
	w.sees(rita, "*Scheduled.*")
}

func TestDuplicateDeliveriesDoNothingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.slack.SetFaults(slackemu.Faults{Duplicate: 1})
	w.start()
	card := w.card("in 3 days at 2am")
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	if n := w.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
}

func TestATokenThatIsRefusedEndsTheProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"apps.connections.open": {Error: "token_revoked"}}})
	out, code := output(t, w.env, "run")
	if code == 0 || !strings.Contains(out, "The app-level token was revoked.") || strings.Contains(out, slackemu.AppToken) {
		t.Errorf("%d: %s", code, out)
	}
}
