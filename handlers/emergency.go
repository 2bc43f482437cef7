package handlers

import (
	"context"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot"
)

// This file holds what skips a rule of the policy: break-glass, and a time
// outside the calendar. Both are for those the policy names, and need a reason
// and a second word.

const (
	actBreak    = "break_glass"
	actOverride = "override"

	viewOverride = "override"
)

// breakGlass checks that somebody may, and asks once more.
func (h *Handlers) breakGlass(ctx context.Context, a ask, c Command) error {
	switch {
	case c.Instance == "":
		return missing("break-glass", say("For which request do you want to skip the approvals?"))
	case c.Rest != "":
		return sentence("I do not understand %s. The reason goes behind two dashes: `/cbh %s`.", code(c.Rest), verbs["break-glass"].try)
	case c.Reason == "":
		return missing("break-glass", say("Skipping the approvals needs a reason, behind two dashes."))
	}
	r, err := h.named(ctx, c)
	if err != nil {
		return err
	}
	draft := Draft{Verb: "break-glass", Marker: r.Marker().String(), Reason: c.Reason}
	if _, err := h.Engine.Check(ctx, h.breaking(a, r.Marker(), c.Reason)); err != nil {
		return err
	}
	return h.tell(ctx, a, answer(say("This skips the approvals of %s: %s at %s. It is announced in the channel, with your name and your reason, and stays on the card.",
		r.Name(), describe(r), momentLine(r.At, zoneOf(r.Zone), h.Now())),
		confirmed(styled(button(actBreak, "Skip the approvals", draft.value()), slack.StyleDanger),
			"Skip the approvals?", "Nobody else will look at it. "+confirmText(r), "Skip them")))
}

func (h *Handlers) breaking(a ask, m approvals.Marker, reason string) engine.Act {
	return engine.Act{
		Event: a.event, By: a.user, Verb: approvals.VerbBreakGlass, Request: m.ID, Revision: m.Revision, Key: m.Key, Reason: reason, Channel: a.channel,
	}
}

func (h *Handlers) onBreakGlass(ctx context.Context, a ask, p bot.Action) error {
	draft, err := parseDraft(p.Action.Value)
	marker, unread := approvals.ParseMarker(draft.Marker)
	if err != nil || unread != nil {
		return sentence("This button names no request of mine. Nothing was changed; type `/cbh list` for the requests there are.")
	}
	if _, err := h.Engine.Act(ctx, h.breaking(a, marker, draft.Reason)); err != nil {
		return err
	}
	return h.tell(ctx, a, answer(say("The approvals are skipped. The thread says what the cloud answers.")))
}

// onOverride opens the form for the reason of a time outside the calendar.
func (h *Handlers) onOverride(ctx context.Context, a ask, p bot.Action) error {
	draft, err := parseDraft(p.Action.Value)
	if err != nil {
		return sentence("This button carries no command of mine. Please type your command again.")
	}
	draft.Override = true
	if err = h.admit(ctx, a, draft.Verb); err == nil {
		err = h.mayFill(ctx, a, draft)
	}
	if err != nil {
		return err
	}
	return h.openView(ctx, a, form(viewOverride, "Outside the windows", "Ask for it", draft.value(),
		input(inputReason, "Why at this time? It stays on the card, for the approvers and the audit.", false, textInput(longestReason, draft.Reason))))
}

func (h *Handlers) onOverridden(ctx context.Context, a ask, s bot.Submission) error {
	draft, err := parseDraft(s.Callback.View.PrivateMetadata)
	if err != nil {
		return sentence("That form belongs to no command of mine. Please type your command again.")
	}
	draft.Override, draft.Reason = true, reasonOf(typed(s, inputReason).Value)
	return h.proceed(ctx, a, draft)
}
