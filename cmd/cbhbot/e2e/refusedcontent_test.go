package e2e

import (
	"fmt"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// TestACardThatSlackDoesNotTakeLosesItsButtons: what cannot be drawn must not go on
// offering what is over.
func TestACardThatSlackDoesNotTakeLosesItsButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	card := w.card("in 3 days at 2am")
	w.methods(map[string]slackemu.MethodFault{"chat.update": {Error: "invalid_blocks", Times: 1}})
	w.types(rita, "withdraw CBH-1")
	w.until("the card without buttons", func() bool { return !w.shown(ana, card).Action("Approve").Exists() })
	w.sees(ana, "cannot be shown here")
	p.says(t, "Slack does not take what a message holds")
	if n := p.metric(t, "cbhbot_refused_messages_total"); n != "1" {
		t.Errorf("%s messages are counted", n)
	}
}

// TestANoticeThatSlackDoesNotTakeSaysWhereToLook, in the thread and privately.
func TestANoticeThatSlackDoesNotTakeSaysWhereToLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	w.card("in 3 days at 2am")
	w.methods(map[string]slackemu.MethodFault{"chat.postMessage": {Error: "msg_blocks_too_long", Times: 1}})
	w.types(rita, "withdraw CBH-1")
	if m := w.sees(ana, "cannot be shown here"); m.ThreadTS == "" {
		t.Errorf("not in the thread: %+v", m.Message)
	}
	w.methods(map[string]slackemu.MethodFault{"chat.postMessage": {Error: "invalid_blocks", Times: 1}})
	w.types(rita, "upgrade bastion-dev in 3 days at 2am")
	w.sees(rita, "I could not post CBH-2")
	if n := p.metric(t, "cbhbot_refused_messages_total"); n != "2" {
		t.Errorf("%s messages are counted", n)
	}
}

// TestAnAnswerThatSlackDoesNotTakeSaysWhereToLook on no way that it could come.
func TestAnAnswerThatSlackDoesNotTakeSaysWhereToLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	refused := slackemu.MethodFault{Error: "invalid_blocks", Times: 1}
	w.methods(map[string]slackemu.MethodFault{"response_url": refused, "chat.postEphemeral": refused, "chat.postMessage": refused})
	w.types(rita, "help")
	w.sees(rita, "Slack did not take my answer")
	await(t, "the command to be parked", func() bool { return p.metric(t, "cbhbot_parked_total") == "1" })
	if strings.Contains(w.transcript(), "It is put aside") {
		t.Error("whoever was told where to look is told of the parking, too")
	}
}

// TestTenBastionsFitIntoACommandAndACard by their server ids, with the longest
// names that there are and a long reason.
func TestTenBastionsFitIntoACommandAndACard(t *testing.T) {
	t.Parallel()
	one, ids := cbhemu.New(cbhemu.Options{}).Instance("bastion-prod"), []string(nil)
	var fleet cbhemu.Options
	for n := range 10 {
		one.Name = fmt.Sprintf("%d", n) + strings.Repeat("&", 63)
		one.ServerID, one.InstanceID = fmt.Sprintf("0c18a5ce-5b4d-4b4e-9d9b-%012d", n), fmt.Sprint("in-", n)
		fleet.Instances, ids = append(fleet.Instances, one), append(ids, one.ServerID)
	}
	w := newWorld(t, fleet)
	w.start()
	w.types(rita, "upgrade "+strings.Join(ids, ", ")+" in 10 days at 2am stagger 1h -- "+strings.Repeat("<", 500))
	card := w.sees(ana, "Upgrade 10 bastions")
	for n := range 10 {
		if shown := fmt.Sprint(card.Blocks); !strings.Contains(shown, fmt.Sprintf("text:%d&&", n)) {
			t.Errorf("the card lacks bastion %d: %s", n, shown)
		}
	}
	w.presses(ana, card, "Approve")
	await(t, "ten calls", func() bool { return w.posts() == 10 })
}
