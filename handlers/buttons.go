package handlers

import (
	"cmp"
	"context"
	"sync/atomic"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/messages"
)

// actorOf is somebody doing something in Slack's own surfaces.
func actorOf(i bot.Interaction) actor {
	return actor{
		event: i.EnvelopeID, user: i.Callback.User.ID, channel: i.Callback.Channel.ID, called: i.Callback.Channel.Name, at: i.Received,
		trigger: i.Callback.TriggerID, to: i.From(),
	}
}

// presser is somebody pressing a button.
func presser(p bot.Action) actor {
	a := actorOf(p.Interaction)
	if p.Callback.View.Type == slack.VTHomeTab {
		a.home = new(atomic.Bool)
	}
	return a
}

// onUnknown is a button that this version does not have: of a newer one, which was here before.
func onUnknown(context.Context, actor, bot.Action) error { return messages.Refuse(messages.BadButton) }

// actOf reads which request and revision a button belongs to.
func actOf(a actor, p bot.Action, verb approvals.Verb) (engine.Act, error) {
	marker, err := approvals.ParseMarker(p.Action.Value)
	if err != nil {
		return engine.Act{}, messages.Refuse(messages.BadButton)
	}
	act := a.act(verb, marker)
	act.Message = p.Callback.Message.Timestamp
	if p.Action.ActionTs != "" { // else Slack does not say when
		act.Pressed = p.At
	}
	return act, nil
}

// onDecision is a button that decides by itself; the card shows the result.
func (h *Handlers) onDecision(verb approvals.Verb) onPress {
	return func(ctx context.Context, a actor, p bot.Action) error {
		act, err := actOf(a, p, verb)
		if err == nil {
			_, err = h.Engine.Act(ctx, act)
		}
		return err
	}
}

// onDeny opens the form for the reason, if the person may deny at all.
func (h *Handlers) onDeny(ctx context.Context, a actor, p bot.Action) error {
	act, err := actOf(a, p, approvals.VerbDeny)
	if err == nil {
		_, err = h.Engine.Check(ctx, act)
	}
	if err != nil {
		return err
	}
	form := h.denyForm(ctx, a, p.Action.Value, p.Callback.Message.Timestamp)
	_, err = h.openView(ctx, a, form, messages.Button{Action: messages.ActDeny, Value: p.Action.Value})
	return err
}

func (h *Handlers) onCheckAgain(ctx context.Context, a actor, p bot.Action) error {
	act, err := actOf(a, p, approvals.VerbCheckAgain)
	if err == nil {
		_, err = h.Engine.CheckAgain(ctx, act)
	}
	if err != nil {
		return err
	}
	return h.say(ctx, a, messages.Looking)
}

// onTryAgain has the cloud asked again, and by a new login, as soon as the press is committed.
func (h *Handlers) onTryAgain(ctx context.Context, a actor, p bot.Action) error {
	act, err := actOf(a, p, approvals.VerbTryAgain)
	if err != nil {
		return err
	}
	r, err := h.Engine.Check(ctx, act)
	if err != nil {
		return err
	}
	for i := range r.Items {
		h.Cloud.Insist(r.Items[i].Target.Project)
	}
	if _, err := h.Engine.Act(ctx, act); err != nil {
		return err
	}
	return h.say(ctx, a, messages.TryingAgain)
}

func (h *Handlers) onCancelButton(ctx context.Context, a actor, p bot.Action) error {
	act, err := actOf(a, p, approvals.VerbWithdraw)
	if err == nil {
		err = h.admit(ctx, a, "withdraw")
	}
	if err != nil {
		return err
	}
	r, err := h.Store.Find(ctx, act.Request)
	switch {
	case err != nil:
		return err
	case r.Revision != act.Request.Revision:
		return &approvals.EventError{Request: r, Verb: act.Verb, Obstacle: approvals.Replaced}
	}
	return h.cancelRequest(ctx, a, r, "")
}

// onDraft is a button that carries a draft.
func onDraft(do func(context.Context, actor, messages.Draft) error) onPress {
	return func(ctx context.Context, a actor, p bot.Action) error {
		draft, err := parseDraft(p.Action.Value)
		if err != nil {
			return err
		}
		return do(ctx, a, draft)
	}
}

// proceed carries on with a draft as far as it goes.
func (h *Handlers) proceed(ctx context.Context, a actor, draft messages.Draft) error {
	if err := h.admit(ctx, a, draft.Verb); err != nil {
		return err
	}
	draft.Channel = cmp.Or(draft.Channel, a.channel)
	does := commands[draft.Verb]
	switch {
	case does.page != nil && (draft.Verb != "status" || draft.Instance == ""): // else it is the status of one
		a.instead = true
		return does.page(h, ctx, a, draft)
	case does.on != nil:
		return does.on(h, ctx, a, draft)
	}
	return does.run(h, ctx, a, asTyped(draft))
}

// asTyped is what a draft holds of the words of a command.
func asTyped(draft messages.Draft) messages.Draft {
	return messages.Draft{Verb: draft.Verb, Instance: draft.Instance, Phrase: draft.Phrase, Reason: draft.Reason}
}

func (h *Handlers) upgradeOn(ctx context.Context, a actor, draft messages.Draft) error {
	if draft.At == 0 || draft.Instance == "" {
		return h.openForm(ctx, a, draft)
	}
	return h.request(ctx, a, draft, heard{})
}

func (h *Handlers) rescheduleOn(ctx context.Context, a actor, draft messages.Draft) error {
	switch {
	case draft.Request == 0:
		return h.reschedule(ctx, a, asTyped(draft))
	case draft.At == 0:
		return h.openForm(ctx, a, draft)
	}
	return h.move(ctx, a, draft, heard{})
}

// pickTime opens the form for what a draft lacks.
func (h *Handlers) pickTime(ctx context.Context, a actor, draft messages.Draft) error {
	if err := h.admit(ctx, a, draft.Verb); err != nil {
		return err
	}
	return h.openForm(ctx, a, draft)
}

// submitter is somebody sending a form, in the channel that they chose in it, or else
// where it was opened from.
func submitter(s bot.Submission) actor {
	a := actor{event: s.EnvelopeID, user: s.Callback.User.ID, at: s.Received, to: s.From()}
	if a.to.Channel == "" {
		a.to.Channel, a.to.ThreadTS = openedFrom(s)
	}
	a.channel = a.to.Channel
	return a
}

// openedFrom is where a form was opened; "" where it does not say, and the answer is a
// direct message.
func openedFrom(s bot.Submission) (channel, thread string) {
	from := originOf(s.Callback.View.PrivateMetadata)
	if !mrkdwn.IsChannel(from.Channel) {
		return "", ""
	}
	if !timestamp.MatchString(from.Thread) {
		from.Thread = ""
	}
	return from.Channel, from.Thread
}

// typed reads one input of a form.
func typed(s bot.Submission, block string) slack.BlockAction {
	if state := s.Callback.View.State; state != nil {
		for _, action := range state.Values[block] {
			return action
		}
	}
	return slack.BlockAction{}
}
