package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// notices are the messages that stand in a conversation, as the bot marks them: card,
// or the notice's key.
func (w *world) notices(channel string) []string {
	var kinds []string
	for _, m := range w.slack.Messages(channel) {
		if payload, ok := m.Metadata["event_payload"].(map[string]any); ok {
			kinds = append(kinds, strings.SplitN(fmt.Sprint(payload["id"]), " ", 3)[2])
		}
	}
	return kinds
}

// TestWhoCannotSeeTheCardIsToldInADirectMessage: the policy sends cards to a private
// channel, by a rule or for a project, and Rita asks from another.
func TestWhoCannotSeeTheCardIsToldInADirectMessage(t *testing.T) {
	t.Parallel()
	t.Run("a rule's", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, cbhemu.Options{}, "CBHBOT_CHANNEL="+slackemu.ChannelVault)
		w.tellsRitaAlone("bastion-prod")
	})
	t.Run("a project's", func(t *testing.T) {
		t.Parallel()
		w, _ := twoProjects(t, 0, fmt.Sprintf("    channel: %s\nrules:\n  - approvers: {users: [%s]}\n", slackemu.ChannelVault, ana))
		w.tellsRitaAlone("asia/bastion-prod")
	})
}

// tellsRitaAlone has an upgrade approved where she cannot read.
func (w *world) tellsRitaAlone(instance string) {
	w.t.Helper()
	w.slack.SetChannel(slackemu.Channel{ID: slackemu.ChannelVault, Name: "vault", Private: true, Members: []string{ana, bo, slackemu.UserBot}})
	w.start()
	w.types(rita, "upgrade "+instance+" in 3 days at 2am -- security fixes")
	w.until("the card", func() bool { return len(w.slack.Messages(slackemu.ChannelVault)) > 0 })
	card := w.slack.As(ana).Sees(slackemu.ChannelVault)[0]
	w.insists("Approve", func() slackemu.Delivery { return card.Action("Approve").Click() })
	w.untilRequest(1, "the read-back", func(r *approvals.Request) bool { return !r.Items[0].Progress.VerifiedAt.IsZero() })
	w.until("Rita to be told", func() bool { return len(w.notices("D0RITA")) > 0 })
	if told := w.notices("D0RITA"); !slices.Equal(told, []string{"called " + rita}) {
		w.t.Errorf("she was told %q", told)
	}
	if told := w.notices(slackemu.ChannelVault); !slices.Equal(told, []string{"card", "called"}) {
		w.t.Errorf("the channel was told %q", told)
	}
	w.types(rita, "cancel "+instance)
	w.until("the card of the cancel", func() bool { return w.request(2).ID == 2 && len(w.slack.Messages(slackemu.ChannelVault)) == 3 })
	card = w.slack.As(ana).Sees(slackemu.ChannelVault)[2]
	w.insists("Approve", func() slackemu.Delivery { return card.Action("Approve").Click() })
	w.until("Rita to be told of the cancel", func() bool { return slices.Contains(w.notices("D0RITA"), "succeeded "+rita) })
}

// TestAnApprovalIsToldWhileTheCloudHangs, in its thread.
func TestAnApprovalIsToldWhileTheCloudHangs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(time.Hour)})
	w.presses(ana, card, "Approve")
	approved := time.Now()
	w.until("word of it", func() bool { return len(w.notices(slackemu.ChannelOps)) > 1 })
	if told := w.notices(slackemu.ChannelOps); !slices.Equal(told, []string{"card", "approved"}) || time.Since(approved) > 12*time.Second {
		t.Errorf("told %q after %s", told, time.Since(approved))
	}
}
