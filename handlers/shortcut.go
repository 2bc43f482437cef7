package handlers

import (
	"context"

	"github.com/slack-go/slack"

	"cbhbot/bot"
)

// onShortcut says what to type instead. The manifest names no shortcut: one that
// somebody has added in the app's settings is answered all the same, in the channel of
// a message's menu, or by a form where there is no channel.
func (h *Handlers) onShortcut(ctx context.Context, s bot.Shortcut) error {
	a := ask{
		event: s.EnvelopeID, user: s.Callback.User.ID, channel: s.Callback.Channel.ID, at: s.Received,
		trigger: s.Callback.TriggerID, to: s.From(),
	}
	return h.serve(ctx, a, func() error { return h.shortcut(ctx, a) })
}

func (h *Handlers) shortcut(ctx context.Context, a ask) error {
	text := say("I take commands: type `/cbh upgrade bastion-prod sunday 2am` in a channel where the approvers are, or `/cbh help` for all that I understand.")
	if a.channel == "" && h.openView(ctx, a, slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("Type a command", 24), Close: plain("Close", 24), Blocks: slack.Blocks{BlockSet: sections(text)},
	}) == nil {
		return nil
	}
	return h.tell(ctx, a, answer(text))
}
