package handlers

import (
	"context"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/handlers/messages"
)

// This file holds second copies of a card. A card whose timestamp was lost with a
// process is looked for in the channel's history; a token that may not read it
// finds nothing, and the card is posted again. Nobody knows of the first one until
// somebody presses its buttons.

// onCard is a button of a card. On a copy it does the same, and the copy then leads
// to the card.
func (h *Handlers) onCard(do onPress) onPress {
	return func(ctx context.Context, a actor, p bot.Action) error {
		err := do(ctx, a, p)
		r, found, fault := h.copyOf(ctx, p)
		if fault == nil && found {
			fault = h.retire(ctx, p, r)
		}
		switch {
		case fault != nil && (err == nil || bot.Temporary(fault)):
			return fault // the press is taken up again, and counts once
		case err != nil || !found:
			return err
		}
		return h.say(ctx, a, messages.PressedCopy, "link", h.link(ctx, r))
	}
}

// copyOf is the request of which a press was on a copy of the card.
func (h *Handlers) copyOf(ctx context.Context, p bot.Action) (r *approvals.Request, found bool, err error) {
	marker, err := approvals.ParseMarker(p.Action.Value)
	if err != nil || p.Callback.Container.IsEphemeral {
		return r, false, nil
	}
	card, err := h.Store.Card(ctx, marker.ID)
	if err != nil || card == "" || card == p.Callback.Message.Timestamp {
		return r, false, err
	}
	r, err = h.Store.Load(ctx, marker.ID)
	return r, err == nil && r.Key == marker.Key && r.Channel == p.Callback.Channel.ID, err
}

// retire makes the message that somebody pressed lead to the card. It claims nothing
// that may change.
func (h *Handlers) retire(ctx context.Context, p bot.Action, r *approvals.Request) error {
	voice := messages.Voice{Language: h.Language(r), Zone: messages.ZoneOf(r.Zone), Now: h.Now()}
	m := voice.Answer(messages.Tell(messages.Say(messages.CopyOf, "link", h.link(ctx, r), messages.Whole(r))))
	m.Metadata = messages.Marked(r, "copy")
	err := h.Sender.Update(ctx, p.Callback.Channel.ID, p.Callback.Message.Timestamp, encoded(m))
	if bot.Permanent(err) {
		h.Log.WithError(err).WithField("request", r.Name()).Warn("a copy of a card could not be changed")
		return nil
	}
	return err
}
