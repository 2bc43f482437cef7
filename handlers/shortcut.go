package handlers

import (
	"context"

	"cbhbot/bot"
	"cbhbot/handlers/messages"
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
	text := messages.Tell(messages.Say(messages.TypeACommand))
	if a.channel == "" && h.openView(ctx, a, h.voice(ctx, a.user).Notice(messages.FormCommand, text), messages.Button{}) == nil {
		return nil
	}
	return h.tell(ctx, a, text)
}
