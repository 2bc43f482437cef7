package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/store"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds the look at the cloud before people are asked.

// preflight returns the instance as the cloud showed it a few seconds ago, or why
// nobody should be asked to approve the action. Where something stands in the way,
// an open request of our own is what the person is told about.
func (h *Handlers) preflight(ctx context.Context, action approvals.Action, i cloud.Instance) (approvals.Target, error) {
	target := i.Target()
	o, reason, err := h.judge(ctx, target, func(o approvals.Observation) approvals.Code {
		target = i.Target()
		if !o.Missing { // the list that the name was found in may be a few seconds old
			target.ServerID, target.HAID, target.Version, target.Offer = o.ServerID, o.HAID, o.Version, o.Offer
		}
		return approvals.Preflight(action, target, time.Time{}, o, h.Now())
	})
	if err != nil {
		return target, err
	}
	if reason == "" && action == approvals.Upgrade && !h.Cloud.Supports(ctx, target.Project) {
		reason = approvals.CodeUnsupported
	}
	if reason == "" {
		return target, nil
	}
	r, err := h.holder(ctx, target)
	switch {
	case err != nil:
		return target, err
	case r != nil:
		return target, h.standsInTheWay(ctx, action, r, target)
	}
	return target, obstacle(action, i, o, reason)
}

// judge looks at one instance for what speaks against an action. A list of a few seconds ago
// is enough to go on; nobody is told that something is in the way which a list of this
// moment does not show.
func (h *Handlers) judge(
	ctx context.Context, target approvals.Target, against func(approvals.Observation) approvals.Code,
) (o approvals.Observation, reason approvals.Code, err error) {
	for _, age := range []time.Duration{cloud.Recent, 0} {
		seen, err := h.Cloud.Survey(ctx, target.Project, time.Now().Add(-age))
		if err != nil {
			return o, "", err
		}
		o = seen.Find(target)
		if reason = against(o); reason == "" {
			break
		}
	}
	return o, reason, nil
}

// obstacle words the result of a preflight.
func obstacle(action approvals.Action, i cloud.Instance, o approvals.Observation, reason approvals.Code) error {
	var phase string
	switch reason {
	case approvals.CodeOther:
		return scheduledOutside(i, o)
	case approvals.CodeBusy:
		phase = o.Phase
	}
	return messages.Refuse(messages.Hindered, "bastion", i.Target(), "why", messages.Refusal(action, reason), "phase", messages.Code(phase))
}

// scheduledOutside offers to cancel an upgrade that no request of ours made.
func scheduledOutside(i cloud.Instance, o approvals.Observation) error {
	q := messages.Tell(messages.Say(messages.ScheduledOutside, "bastion", i.Target(), "time", o.UpgradeTime))
	draft := messages.Draft{Verb: "cancel", Instance: cloud.Reference(i.Project, i.ServerID)}
	q.Buttons = []messages.Button{{Action: messages.ActContinue, Label: messages.Say(messages.LabelCancelThat), Value: draft.Value()}}
	return q
}

// standsInTheWay points to the open request for the same instance.
func (h *Handlers) standsInTheWay(ctx context.Context, action approvals.Action, r *approvals.Request, target approvals.Target) error {
	v := itemOf(r, target)
	q := messages.Tell(messages.InTheWayOf(action, v, h.link(ctx, r))...)
	if v.Stage == approvals.Scheduled && r.Action == approvals.Upgrade && !r.Batch() {
		q.Buttons = []messages.Button{{Action: messages.ActCancel, Label: messages.Say(messages.LabelCancel), Value: r.Marker().String()}}
	}
	return q
}

// itemOf is the item of a request that is about an instance; the first where none
// is.
func itemOf(r *approvals.Request, target approvals.Target) messages.View {
	i := slices.IndexFunc(r.Items, func(it approvals.Item) bool {
		return approvals.InstanceLock(it.Target) == approvals.InstanceLock(target)
	})
	return messages.ViewOf(r, max(0, i))
}

// inTheWay words the open requests that hold what a new one needs; other errors
// pass.
func (h *Handlers) inTheWay(ctx context.Context, err error, wanted engine.Ask) error {
	busy, ok := errors.AsType[*store.BusyError](err)
	if !ok {
		return err
	}
	for _, it := range wanted.Items {
		if holder := busy.Holders[approvals.InstanceLock(it.Target)]; holder != 0 {
			r, fault := h.Store.Load(ctx, holder)
			if fault != nil {
				return fault
			}
			return h.standsInTheWay(ctx, wanted.Action, r, it.Target)
		}
	}
	return err
}
