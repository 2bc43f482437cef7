package handlers

import (
	"context"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/handlers/messages"
)

// This file holds what skips a rule of the policy: break-glass, and a time
// outside the calendar. Both are for those the policy names, and need a reason
// and a second word.

// breakGlass checks that somebody may, and asks once more.
func (h *Handlers) breakGlass(ctx context.Context, a actor, c messages.Draft) error {
	if err := namesOne(c, messages.MissingBreakGlass); err != nil {
		return err
	}
	if c.Reason == "" {
		return missing(messages.MissingReason, c.Verb)
	}
	v, err := h.named(ctx, a, c)
	if err != nil {
		return err
	}
	r := v.R
	draft := messages.Draft{Verb: "break-glass", Marker: r.Marker().String(), Reason: c.Reason}
	act := a.act(approvals.VerbBreakGlass, r.Marker())
	act.Reason = c.Reason
	if _, err := h.Engine.Check(ctx, act); err != nil {
		return err
	}
	answer := messages.Tell(messages.Say(messages.BreakAsk, messages.Whole(r)))
	answer.Buttons = []messages.Button{messages.SkipApprovals(r, draft.Value())}
	return h.tell(ctx, a, answer)
}

func (h *Handlers) onBreakGlass(ctx context.Context, a actor, p bot.Action) error {
	draft, err := parseDraft(p.Action.Value)
	marker, unread := approvals.ParseMarker(draft.Marker)
	if err != nil || unread != nil {
		return messages.Refuse(messages.BadButton)
	}
	act := a.act(approvals.VerbBreakGlass, marker)
	act.Reason = draft.Reason
	if _, err := h.Engine.Act(ctx, act); err != nil {
		return err
	}
	return h.say(ctx, a, messages.DoneSkipped)
}

// override opens the form for the reason of a time outside the calendar.
func (h *Handlers) override(ctx context.Context, a actor, draft messages.Draft) error {
	again := messages.Button{Action: messages.ActOverride, Value: draft.Value()}
	draft.Override = true
	err := h.admit(ctx, a, draft.Verb)
	if err == nil {
		_, err = h.mayFill(ctx, a, draft)
	}
	if err != nil {
		return err
	}
	draft = h.spoken(ctx, a, draft)
	form := h.voice(ctx, a.user).ReasonForm(viewOverride, messages.FormOutside, messages.FormAsk, messages.FormOutsideWhy, draft.Reason, draft.Value())
	_, err = h.openView(ctx, a, form, again)
	return err
}

func (h *Handlers) onOverridden(ctx context.Context, a actor, s bot.Submission) error {
	draft, err := parseDraft(s.Callback.View.PrivateMetadata)
	if err != nil {
		return err
	}
	draft.Override, draft.Reason = true, messages.ReasonOf(typed(s, messages.InputReason).Value)
	return h.proceed(ctx, a, draft)
}
