package handlers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds the commands that take something back from the cloud: each is
// a request of its own.

// cancel takes a pending request back, and asks for the cancel of a scheduled
// upgrade, also of one that was scheduled outside the bot.
func (h *Handlers) cancel(ctx context.Context, a actor, c messages.Draft) error {
	if err := namesOne(c, messages.MissingCancel); err != nil {
		return err
	}
	if id, ok := approvals.ParseName(c.Instance); ok {
		r, err := h.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		return h.cancelRequest(ctx, a, r, c.Reason)
	}
	instance, err := h.find(ctx, c.Instance, c)
	if err != nil {
		return err
	}
	r, err := h.meant(ctx, a, instance.Target())
	switch {
	case err != nil:
		return err
	case r == nil:
		return h.cancelOutside(ctx, a, instance, c.Reason)
	}
	v := itemOf(r, instance.Target())
	if slices.Contains(r.Applied, a.event) {
		return h.tell(ctx, a, removed(v))
	}
	return h.cancelItem(ctx, a, v, c.Reason)
}

// cancelRequest cancels a request as a whole: one that is with the cloud goes by
// its instances.
func (h *Handlers) cancelRequest(ctx context.Context, a actor, r *approvals.Request, reason string) error {
	uncalled := !slices.ContainsFunc(r.Kept(), func(i int) bool { return r.Stage(i) != approvals.Approved })
	ahead := unfinished(r)
	some := slices.IndexFunc(ahead, cancellable)
	switch {
	case r.State == approvals.Pending || uncalled:
		return h.takeBack(ctx, a, r, reason)
	case !r.Open() || len(ahead) == 0:
		return messages.Refuse(messages.NothingToCancel, "request", r, "state", messages.Standings(r))
	case len(ahead) > 1 && some >= 0:
		return messages.Refuse(messages.CancelEach, "state", messages.Standings(r), ahead[some])
	}
	return h.cancelItem(ctx, a, ahead[0], reason)
}

// cancellable reports whether an instance of a request can be cancelled by its name.
func cancellable(v messages.View) bool {
	return v.It.State == approvals.Waiting || v.It.Watched || held(v)
}

// cancelItem takes one instance out of a request, or asks the cloud to.
func (h *Handlers) cancelItem(ctx context.Context, a actor, v messages.View, reason string) error {
	r := v.R
	switch {
	case !r.Batch() && v.It.State == approvals.Waiting:
		return h.takeBack(ctx, a, r, reason)
	case v.It.State == approvals.Waiting:
		act := a.act(approvals.VerbTakeOut, approvals.Marker{ID: r.ID})
		act.Item, act.Reason = v.I, reason
		return h.actAndTell(ctx, a, act, messages.Tell(messages.Say(messages.DoneTakenOut, v)))
	case held(v):
		return h.askCancel(ctx, a, engine.Ask{
			Of: approvals.Ref{Request: r.ID, Item: v.I}, Items: approvals.NewItems(0, v.It.Target), Timing: approvals.Timing{At: r.HeldAt(v.I)},
			Reason: reason, Card: r.Channel,
		}, &v)
	case v.It.Watched:
		return h.askCancel(ctx, a, engine.Ask{
			Items: approvals.NewItems(0, v.It.Target), Timing: approvals.Timing{At: v.It.Progress.FoundTime}, Reason: reason, Card: r.Channel,
		}, nil)
	case v.Stage == approvals.Running && r.Action == approvals.Upgrade:
		var started any = r
		if r.Batch() { // the others can be cancelled
			started = v.It.Target
		}
		return messages.Refuse(messages.HasStarted, "request", started)
	}
	return messages.Refuse(messages.WaitClear, v)
}

// cancelOutside asks for the cancel of an upgrade that no request of ours made.
func (h *Handlers) cancelOutside(ctx context.Context, a actor, i cloud.Instance, reason string) error {
	o, nothing, err := h.judge(ctx, i.Target(), func(o approvals.Observation) approvals.Code {
		if o.Ahead(h.Now()) || o.Running {
			return ""
		}
		return approvals.CodeNothing
	})
	if err != nil {
		return err
	}
	if nothing != "" {
		return messages.Refuse(messages.NothingHeld, "bastion", i.Target())
	}
	return h.askCancel(ctx, a, engine.Ask{
		Items: approvals.NewItems(0, i.Target()), Timing: approvals.Timing{At: o.UpgradeTime}, Reason: reason,
	}, nil)
}

// unshown reports whether the cloud is only not showing yet what it has accepted.
func unshown(v messages.View, why approvals.Code) bool {
	return why == approvals.CodeNothing && v.It.Progress.VerifiedAt.IsZero()
}

// askCancel makes a cancel request, if the cloud shows what is to be cancelled
// and it has not started. It can be approved until the upgrade's time. ours is the item
// that the upgrade is of; nil where it was scheduled outside the bot.
func (h *Handlers) askCancel(ctx context.Context, a actor, wanted engine.Ask, ours *messages.View) error {
	wanted.Action, wanted.Event, wanted.By, wanted.Deadline = approvals.Cancel, a.event, a.user, wanted.At
	target := wanted.Items[0].Target
	_, reason, err := h.judge(ctx, target, func(o approvals.Observation) approvals.Code {
		return approvals.Preflight(approvals.Cancel, target, wanted.At, o, h.Now())
	})
	if err != nil {
		return err
	}
	if ours != nil && unshown(*ours, reason) {
		return messages.Refuse(messages.WaitClear, *ours)
	}
	if reason != "" {
		return messages.Refuse(messages.CancelHindered, "bastion", target, "why", messages.Refusal(approvals.Cancel, reason))
	}
	return h.askFor(ctx, a, wanted)
}

// How long a rollback waits for its approval, and for its call.
const (
	rollbackFor  = 24 * time.Hour
	rollbackLate = time.Hour // how long after that an approved one may still be called
)

// rollback asks for the way back, where the cloud offers it.
func (h *Handlers) rollback(ctx context.Context, a actor, c messages.Draft) error {
	if err := namesOne(c, messages.MissingRollback); err != nil {
		return err
	}
	instance, err := h.find(ctx, c.Instance, c)
	if err != nil {
		return err
	}
	target, err := h.preflight(ctx, approvals.Rollback, instance)
	if err != nil {
		return err
	}
	return h.askFor(ctx, a, engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Rollback, Items: approvals.NewItems(0, target),
		Timing: approvals.Timing{Deadline: h.Now().Add(rollbackFor), Lead: rollbackLate}, Reason: c.Reason,
	}, messages.Say(messages.LosesData))
}

// askFor makes a request in somebody's zone and says so privately.
func (h *Handlers) askFor(ctx context.Context, a actor, wanted engine.Ask, warnings ...messages.Saying) error {
	zone, err := h.zone(ctx, a)
	if err != nil {
		return err
	}
	wanted.Zone, wanted.Channel, wanted.Private = zone.String(), a.channel, h.isDirect(ctx, a, cmp.Or(wanted.Card, a.channel))
	made, err := h.Engine.Ask(ctx, wanted)
	if err != nil {
		return h.inTheWay(ctx, err, wanted)
	}
	return h.tell(ctx, a, messages.Tell(append([]messages.Saying{messages.AskedFor(made)}, warnings...)...))
}
