package handlers

import (
	"context"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/messages"
)

// onShortcut opens the form for an upgrade: from a message's menu in the message's
// channel and with its words as the reason, else with the question in which channel.
func (h *Handlers) onShortcut(ctx context.Context, s bot.Shortcut) error {
	a := actorOf(s)
	draft := messages.Draft{Verb: "upgrade", Channel: a.channel, Reason: messages.ReasonOf(mrkdwn.Unescape(s.Callback.Message.Text))}
	return h.serve(ctx, a, func(a actor) error { return h.pickTime(ctx, a, draft) })
}
