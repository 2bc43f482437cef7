package handlers

import (
	"context"
	"time"

	"cbhbot/approvals"
)

// This file holds the commands that take something back from the cloud: each is
// a request of its own.

// cancel takes a pending request back, and asks for the cancel of a scheduled
// upgrade, also of one that was scheduled outside the bot.
func (h *Handlers) cancel(ctx context.Context, a ask, c Command) error {
	if c.Instance == "" {
		return missing("cancel", "Which instance or request do you want to cancel?")
	}
	if c.Rest != "" {
		return sentence("I do not understand %s. A reason goes behind two dashes: `/cbh %s`.", code(c.Rest), verbs["cancel"].try)
	}
	if id, ok := approvals.ParseName(c.Instance); ok {
		return h.cancelNumber(ctx, a, id, c.Reason)
	}
	instance, err := h.Cloud.find(ctx, c.Instance, Draft{Verb: "cancel", Reason: c.Reason})
	if err != nil {
		return err
	}
	holder, err := h.Store.Holder(ctx, approvals.InstanceLock(instance.Project, instance.ServerID))
	if err != nil {
		return err
	}
	if holder == 0 {
		return h.cancelOutside(ctx, a, instance, c.Reason)
	}
	return h.cancelNumber(ctx, a, holder, c.Reason)
}

func (h *Handlers) cancelNumber(ctx context.Context, a ask, id int64, reason string) error {
	r, err := h.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	return h.cancelRequest(ctx, a, r, reason)
}

func (h *Handlers) cancelRequest(ctx context.Context, a ask, r approvals.Request, reason string) error {
	switch {
	case r.Action == approvals.Upgrade && r.State == approvals.Scheduled:
		return h.askCancel(ctx, a, approvals.Ask{Of: r.ID, Target: r.Target, At: r.At, Reason: reason, Channel: r.Channel})
	case r.State == approvals.Pending || r.State == approvals.Approved:
		return h.act(ctx, a, approvals.Act{Verb: "withdraw", Request: r.ID, Reason: reason}, r.Name()+" is withdrawn.")
	case r.State == approvals.Running && r.Action == approvals.Upgrade:
		return sentence("%s has started, and a started upgrade cannot be cancelled. The thread says when it is done.", r.Name())
	case !r.State.Open():
		return sentence("%s is %s, so there is nothing to cancel.", r.Name(), stateWords(r))
	}
	return sentence("%s is %s. Wait until that is clear, then try again.", r.Name(), stateWords(r))
}

// cancelOutside asks for the cancel of an upgrade that no request of ours made.
func (h *Handlers) cancelOutside(ctx context.Context, a ask, i Instance, reason string) error {
	o, err := h.look(ctx, i.target())
	if err != nil {
		return err
	}
	if !o.Ahead(h.Now()) && !o.Running {
		return sentence("There is no open request for %s, and the cloud holds no upgrade of it, so there is nothing to cancel.", code(i.display()))
	}
	return h.askCancel(ctx, a, approvals.Ask{
		Target: i.target(), At: o.UpgradeTime, Reason: reason, Channel: h.Cloud.channel(i.Project, a.channel),
	})
}

// askCancel makes a cancel request, if the cloud shows what is to be cancelled
// and it has not started. It can be approved until the upgrade's time.
func (h *Handlers) askCancel(ctx context.Context, a ask, wanted approvals.Ask) error {
	wanted.Action, wanted.Event, wanted.By, wanted.Deadline = approvals.Cancel, a.event, a.user, wanted.At
	o, err := h.look(ctx, wanted.Target)
	if err != nil {
		return err
	}
	want := approvals.Request{Action: approvals.Cancel, Target: wanted.Target, At: wanted.At}
	if reason := approvals.Preflight(want, o, h.Now()); reason != "" {
		return sentence("%s: %s", code(display(wanted.Target.Project, wanted.Target.Name)), cloudWords(approvals.Cancel, reason))
	}
	return h.askFor(ctx, a, wanted, "")
}

// rollbackFor is how long a rollback waits for its approval.
const rollbackFor = 24 * time.Hour

// rollback asks for the way back, where the cloud offers it.
func (h *Handlers) rollback(ctx context.Context, a ask, c Command) error {
	if c.Instance == "" {
		return missing("rollback", "Which instance do you want to roll back?")
	}
	instance, err := h.Cloud.find(ctx, c.Instance, Draft{Verb: "rollback", Reason: c.Reason})
	if err != nil {
		return err
	}
	target, err := h.preflight(ctx, approvals.Rollback, instance)
	if err != nil {
		return err
	}
	return h.askFor(ctx, a, approvals.Ask{
		Event: a.event, By: a.user, Action: approvals.Rollback, Target: target, Deadline: h.Now().Add(rollbackFor),
		Reason: c.Reason, Channel: h.Cloud.channel(target.Project, a.channel),
	}, " "+lost)
}

// askFor makes a request in somebody's zone and says so privately.
func (h *Handlers) askFor(ctx context.Context, a ask, wanted approvals.Ask, warning string) error {
	person, err := h.person(ctx, a)
	if err != nil {
		return err
	}
	zone := zoneOf(person.Zone)
	wanted.Zone = zone.String()
	made, err := h.Service.Ask(ctx, wanted)
	if err != nil {
		return err
	}
	return h.tell(ctx, a, answer(asked(made, zone, h.Now())+warning))
}
