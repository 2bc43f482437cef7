package handlers

import (
	"context"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// This file holds the commands that take something back from the cloud: each is
// a request of its own.

// cancel takes a pending request back, and asks for the cancel of a scheduled
// upgrade, also of one that was scheduled outside the bot.
func (h *Handlers) cancel(ctx context.Context, a ask, c Command) error {
	if c.Instance == "" {
		return missing("cancel", say("Which instance or request do you want to cancel?"))
	}
	if c.Rest != "" {
		return sentence("I do not understand %s. A reason goes behind two dashes: `/cbh %s`.", code(c.Rest), verbs["cancel"].try)
	}
	if id, ok := approvals.ParseName(c.Instance); ok {
		r, _, err := h.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		return h.cancelRequest(ctx, a, r, c.Reason)
	}
	instance, err := h.find(ctx, c.Instance, Draft{Verb: "cancel", Reason: c.Reason})
	if err != nil {
		return err
	}
	holder, err := h.Store.Holder(ctx, approvals.InstanceLock(instance.Target()))
	if err != nil {
		return err
	}
	if holder == 0 {
		return h.cancelOutside(ctx, a, instance, c.Reason)
	}
	r, _, err := h.Store.Load(ctx, holder)
	if err != nil {
		return err
	}
	return h.cancelItem(ctx, a, viewOf(r, itemOf(r, instance.Target())), c.Reason)
}

// cancelRequest cancels a request as a whole: one that is with the cloud goes by
// its instances.
func (h *Handlers) cancelRequest(ctx context.Context, a ask, r approvals.Request, reason string) error {
	stage := r.Stage(0)
	switch {
	case r.State == approvals.Pending || stage == approvals.Approved && len(r.Stages()) == 1:
		return h.act(ctx, a, engine.Act{Verb: approvals.VerbWithdraw, Request: r.ID, Reason: reason}, say("%s is withdrawn.", r.Name()))
	case !r.Open():
		return sentence("%s is %s, so there is nothing to cancel.", r.Name(), stateWords(r))
	case r.Batch():
		return sentence("%s is about %s: %s. Cancel each by its name, as in `/cbh cancel %s`.", r.Name(), batchTitle(r), stateWords(r), viewOf(r, 0).typed())
	}
	return h.cancelItem(ctx, a, viewOf(r, 0), reason)
}

// cancelItem takes one instance out of a request, or asks the cloud to.
func (h *Handlers) cancelItem(ctx context.Context, a ask, v view, reason string) error {
	r := v.r
	switch {
	case !r.Batch() && v.it.State == approvals.Waiting:
		return h.act(ctx, a, engine.Act{Verb: approvals.VerbWithdraw, Request: r.ID, Reason: reason}, say("%s is withdrawn.", r.Name()))
	case v.it.State == approvals.Waiting:
		return h.act(ctx, a, engine.Act{Verb: approvals.VerbTakeOut, Request: r.ID, Item: v.i, Reason: reason}, say("%s is taken out of %s.", v.name(), r.Name()))
	case r.Action == approvals.Upgrade && v.stage == approvals.Scheduled && v.it.Step == "":
		return h.askCancel(ctx, a, engine.Ask{
			Of: approvals.Ref{Request: r.ID, Item: v.i}, Targets: []approvals.Target{v.it.Target}, At: r.HeldAt(v.i), Reason: reason, Channel: r.Channel,
		})
	case v.it.Watched:
		return h.askCancel(ctx, a, engine.Ask{
			Targets: []approvals.Target{v.it.Target}, At: v.it.Progress.FoundTime, Reason: reason, Channel: r.Channel,
		})
	case v.stage == approvals.Running && r.Action == approvals.Upgrade:
		return sentence("%s has started, and a started upgrade cannot be cancelled. The thread says when it is done.", r.Name())
	}
	return sentence("%s is %s. Wait until that is clear, then try again.", r.Name(), v.state())
}

// cancelOutside asks for the cancel of an upgrade that no request of ours made.
func (h *Handlers) cancelOutside(ctx context.Context, a ask, i cloud.Instance, reason string) error {
	o, err := h.look(ctx, i.Target())
	if err != nil {
		return err
	}
	if !o.Ahead(h.Now()) && !o.Running {
		return sentence("There is no open request for %s, and the cloud holds no upgrade of it, so there is nothing to cancel.", code(called(i.Target())))
	}
	return h.askCancel(ctx, a, engine.Ask{
		Targets: []approvals.Target{i.Target()}, At: o.UpgradeTime, Reason: reason, Channel: h.Cloud.Channel(i.Project, a.channel),
	})
}

// askCancel makes a cancel request, if the cloud shows what is to be cancelled
// and it has not started. It can be approved until the upgrade's time.
func (h *Handlers) askCancel(ctx context.Context, a ask, wanted engine.Ask) error {
	wanted.Action, wanted.Event, wanted.By, wanted.Deadline = approvals.Cancel, a.event, a.user, wanted.At
	target := wanted.Targets[0]
	o, err := h.look(ctx, target)
	if err != nil {
		return err
	}
	if reason := approvals.Preflight(approvals.Cancel, target, wanted.At, o, h.Now()); reason != "" {
		return sentence("%s: %s", code(called(target)), cloudWords(approvals.Cancel, reason))
	}
	return h.askFor(ctx, a, wanted, mrkdwn.Text{})
}

// How long a rollback waits for its approval, and for its call.
const (
	rollbackFor  = 24 * time.Hour
	rollbackLate = time.Hour // how long after that an approved one may still be called
)

// rollback asks for the way back, where the cloud offers it.
func (h *Handlers) rollback(ctx context.Context, a ask, c Command) error {
	if c.Instance == "" {
		return missing("rollback", say("Which instance do you want to roll back?"))
	}
	instance, err := h.find(ctx, c.Instance, Draft{Verb: "rollback", Reason: c.Reason})
	if err != nil {
		return err
	}
	target, err := h.preflight(ctx, approvals.Rollback, instance)
	if err != nil {
		return err
	}
	return h.askFor(ctx, a, engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Rollback, Targets: []approvals.Target{target}, Deadline: h.Now().Add(rollbackFor), Lead: rollbackLate,
		Reason: c.Reason, Channel: h.Cloud.Channel(target.Project, a.channel),
	}, say(" %s", lost))
}

// askFor makes a request in somebody's zone and says so privately.
func (h *Handlers) askFor(ctx context.Context, a ask, wanted engine.Ask, warning mrkdwn.Text) error {
	person, err := h.person(ctx, a)
	if err != nil {
		return err
	}
	zone := zoneOf(person.Zone)
	wanted.Zone, wanted.Private = zone.String(), isDirect(wanted.Channel)
	made, err := h.Engine.Ask(ctx, wanted)
	if err != nil {
		return h.inTheWay(ctx, err, wanted.Targets)
	}
	return h.tell(ctx, a, answer(asked(made, zone, h.Now()).Then("%s", warning)))
}
