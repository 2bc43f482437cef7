package handlers

import (
	"cmp"
	"context"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/handlers/messages"
)

// This file holds the move of an upgrade that the cloud holds: a request of its own,
// whose one approval is for the cancel of the old upgrade and then for the other one.

// replace asks for the move of one upgrade.
func (h *Handlers) replace(ctx context.Context, a ask, v messages.View, draft messages.Draft, zone *time.Location, when heard) error {
	at, old := time.Unix(draft.At, 0).UTC(), v.R.HeldAt(v.I)
	target, err := h.replaceable(ctx, v, old)
	if err != nil {
		return err
	}
	if at.Equal(v.At) {
		return messages.Refuse(messages.ScheduledAlready, "exact", messages.Exact(at), v)
	}
	notice := h.notice([]approvals.Target{target})
	if err := h.inReach(ctx, a, at, notice, draft); err != nil {
		return err
	}
	deadline := at.Add(-notice - messages.LeadSlack)
	if old.Before(deadline) {
		deadline = old
	}
	made, err := h.Engine.Ask(ctx, engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Of: approvals.Ref{Request: v.R.ID, Item: v.I}, Old: old,
		Targets: []approvals.Target{target}, At: at, Deadline: deadline, Lead: notice, Zone: zone.String(), Phrase: when.phrase,
		Reason: cmp.Or(draft.Reason, v.R.Reason), Override: draft.Override, Channel: v.R.Channel,
	})
	if err != nil {
		return h.askOpen(err, draft)
	}
	return h.tell(ctx, a, when.answer(messages.AskedFor(made)))
}

// replaceable looks at the upgrade that is to be moved before people are asked.
func (h *Handlers) replaceable(ctx context.Context, v messages.View, old time.Time) (approvals.Target, error) {
	target := v.It.Target
	if v.R.Action != approvals.Upgrade || v.Stage != approvals.Scheduled || v.It.Step != "" {
		return target, messages.Refuse(messages.CannotMove, v)
	}
	o, err := h.look(ctx, target)
	if err != nil {
		return target, err
	}
	reason := approvals.Preflight(approvals.Cancel, target, old, o, h.Now())
	if reason == "" && !o.Idle {
		reason = approvals.CodeBusy
	}
	if reason != "" {
		return target, messages.Refuse(messages.Hindered, "bastion", target, "why", messages.Refusal(approvals.Cancel, reason))
	}
	target.ServerID, target.HAID, target.Version, target.Offer = o.ServerID, o.HAID, o.Version, o.Offer
	return target, nil
}

// moved is the item that somebody wants to move: of a batch the one they name.
func (h *Handlers) moved(ctx context.Context, r approvals.Request, draft messages.Draft) (messages.View, error) {
	if !r.Batch() {
		return messages.ViewOf(r, 0), nil
	}
	if draft.Instance == "" {
		return messages.View{}, messages.Refuse(messages.MoveEach, "state", messages.Standings(r), messages.ViewOf(r, 0))
	}
	instance, err := h.find(ctx, draft.Instance, draft)
	return messages.ViewOf(r, itemOf(r, instance.Target())), err
}
