package handlers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/handlers/messages"
)

// This file holds the move of upgrades that the cloud holds: a request of its own,
// whose one approval is for the cancel of each old upgrade and then for the other one.

// replace asks for the move of some upgrades of a request, which keep their distances.
func (h *Handlers) replace(ctx context.Context, a actor, views []messages.View, draft messages.Draft, zone *time.Location, when heard) error {
	at, first := time.Unix(draft.At, 0).UTC(), views[0]
	wanted := engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Of: approvals.Ref{Request: first.R.ID, Item: first.I},
		Timing: approvals.Timing{At: at, Zone: zone.String(), Phrase: when.phrase},
		Reason: cmp.Or(draft.Reason, first.R.Reason), Override: draft.Override, Channel: a.channel, Card: first.R.Channel,
	}
	var targets []approvals.Target
	var olds []time.Time
	for _, v := range views {
		target, err := h.replaceable(ctx, v)
		if err != nil {
			return err
		}
		old := v.R.HeldAt(v.I)
		targets, olds = append(targets, target), append(olds, old)
		wanted.Items = append(wanted.Items, approvals.Item{
			Target: target, Offset: v.It.Offset - first.It.Offset, State: approvals.Waiting, Step: approvals.StepCancel, Of: v.I, Old: old,
		})
	}
	if at.Equal(first.At) {
		return messages.Refuse(messages.ScheduledAlready, "exact", messages.Exact(at), first)
	}
	wanted.Lead = h.notice(targets)
	if err := h.inReach(at.In(zone), wanted.Items[len(views)-1].Offset, wanted.Lead, draft); err != nil {
		return err
	}
	wanted.Deadline = decidedBy(at, wanted.Lead, olds...)
	made, err := h.Engine.Ask(ctx, wanted)
	if err != nil {
		return h.askOpen(err, draft)
	}
	return h.tell(ctx, a, when.answer(messages.AskedFor(made)))
}

// decidedBy is until when an upgrade can be approved: the cloud is to have its notice, and
// what a move is to cancel may not have begun.
func decidedBy(at time.Time, notice time.Duration, olds ...time.Time) time.Time {
	return slices.MinFunc(append(olds, at.Add(-notice-messages.LeadSlack)), time.Time.Compare)
}

// held reports whether the cloud holds an upgrade as it was approved.
func held(v messages.View) bool {
	return v.R.Action == approvals.Upgrade && v.Stage == approvals.Scheduled && v.It.Step == ""
}

// replaceable looks at an upgrade that is to be moved before people are asked.
func (h *Handlers) replaceable(ctx context.Context, v messages.View) (approvals.Target, error) {
	target := v.It.Target
	if !held(v) {
		return target, messages.Refuse(messages.CannotMove, v)
	}
	o, reason, err := h.judge(ctx, target, func(o approvals.Observation) approvals.Code {
		reason := approvals.Preflight(approvals.Cancel, target, v.R.HeldAt(v.I), o, h.Now())
		if reason == "" && !o.Idle {
			return approvals.CodeBusy
		}
		return reason
	})
	if err != nil {
		return target, err
	}
	if unshown(v, reason) {
		return target, messages.Refuse(messages.WaitClear, v)
	}
	if reason != "" {
		return target, messages.Refuse(messages.Hindered, "bastion", target, "why", messages.Refusal(approvals.Cancel, reason))
	}
	target.Name, target.ServerID, target.HAID, target.Version, target.Offer = cmp.Or(o.Name, target.Name), o.ServerID, o.HAID, o.Version, o.Offer
	return target, nil
}

// toMove are the items that somebody wants to move: of a batch the one they name, or
// all that are not over. The cloud holds one of them at least, or the request is unmovable.
func (h *Handlers) toMove(ctx context.Context, r *approvals.Request, draft messages.Draft) ([]messages.View, error) {
	if r.Batch() && draft.Instance != "" {
		return h.namedToMove(ctx, r, draft)
	}
	all := unfinished(r)
	if slices.ContainsFunc(all, func(v messages.View) bool { return !held(v) }) {
		return nil, messages.Refuse(messages.MoveEach, "state", messages.Standings(r), all[slices.IndexFunc(all, held)])
	}
	return all, nil
}

// unfinished are the items of a request that are not over.
func unfinished(r *approvals.Request) []messages.View {
	return slices.DeleteFunc(messages.Views(r), func(v messages.View) bool { return !v.It.Unfinished() })
}

// namedToMove is the item that somebody names. A name may have come to mean another bastion
// since the batch was asked for.
func (h *Handlers) namedToMove(ctx context.Context, r *approvals.Request, draft messages.Draft) ([]messages.View, error) {
	instance, err := h.find(ctx, draft.Instance, draft)
	if err != nil {
		return nil, err
	}
	v := itemOf(r, instance.Target())
	if approvals.InstanceLock(v.It.Target) != approvals.InstanceLock(instance.Target()) {
		return nil, messages.Refuse(messages.MoveEach, "state", messages.Standings(r), v)
	}
	return []messages.View{v}, nil
}
