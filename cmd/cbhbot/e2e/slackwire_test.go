package e2e

import (
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// answered are what only one person reads of what the bot says.
func (w *world) answered(user string) (private []slackemu.Message) {
	for _, channel := range w.slack.Channels() {
		for _, m := range w.slack.As(user).Sees(channel.ID) {
			if m.FromApp && w.private(user, m.Message) {
				private = append(private, m.Message)
			}
		}
	}
	return private
}

// Slack has delivered commands twice, acked or not: in another envelope, with the
// same trigger.
func TestACommandDeliveredInTwoEnvelopesCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.slack.SetFaults(slackemu.Faults{Redeliver: 1})
	w.card("in 3 days at 2am")
	w.types(rita, "status bastion-prod")
	w.reads(rita, "waiting for approval")
	w.idle()
	if n := w.top("CBH-"); n != 1 {
		t.Errorf("%d cards", n)
	}
	if told := w.answered(rita); len(told) != 2 {
		t.Errorf("two commands were answered with %d messages:\n%s", len(told), w.transcript())
	}
}

// Whoever presses in a thread reads the answer there.
func TestAnAnswerToAPressInAThreadStaysInTheThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.addresses(rita, slackemu.ChannelOps, card.TS, "status bastion-prd")
	question := w.sees(rita, "Do you mean one of these?")
	w.presses(rita, question, "bastion-prod")
	if told := w.sees(rita, "version `"); told.ThreadTS != card.TS || told.EphemeralFor != rita || told.TS == question.TS {
		t.Errorf("the press was answered in %q: %+v", told.ThreadTS, told)
	}
	w.presses(rita, card, "Approve") // of the message that the thread hangs on
	if told := w.sees(rita, "You asked for this yourself"); told.ThreadTS != "" {
		t.Errorf("a press in the channel was answered in the thread %q", told.ThreadTS)
	}
}

// What was said is what counts: not what it was made into afterwards.
func TestAnEditedMessageIsNoCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for _, channel := range []string{slackemu.ChannelOps, "D0RITA"} {
		said, _ := w.slack.As(rita).Say(channel, "@cbhbot frobnicate1")
		w.reads(rita, "frobnicate1")
		if d := w.slack.As(rita).Edit(said, "@cbhbot frobnicate2"); !d.Acked {
			t.Fatalf("%s: the app was not told of the edit: %+v", channel, d)
		}
		w.idle()
		for _, m := range w.answered(rita) {
			if strings.Contains(m.Text, "frobnicate2") {
				t.Errorf("an edit was answered: %s", m.Text)
			}
		}
		w.slack.As(rita).Reload()
	}
}
