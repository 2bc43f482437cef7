package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// This file holds the look at the cloud before people are asked.

// preflight returns the instance as the cloud showed it a few seconds ago, or why
// nobody should be asked to approve the action. Where something stands in the way,
// an open request of our own is what the person is told about.
func (h *Handlers) preflight(ctx context.Context, action approvals.Action, i cloud.Instance) (approvals.Target, error) {
	target := i.Target()
	o, err := h.look(ctx, target)
	if err != nil {
		return target, err
	}
	if !o.Missing { // the list that the name was found in may be a few seconds old
		target.ServerID, target.HAID, target.Version, target.Offer = o.ServerID, o.HAID, o.Version, o.Offer
	}
	reason := approvals.Preflight(action, target, time.Time{}, o, h.Now())
	if reason == "" && action == approvals.Upgrade && !h.Cloud.Supports(ctx, target.Project) {
		reason = approvals.CodeUnsupported
	}
	if reason == "" {
		return target, nil
	}
	holder, err := h.Store.Holder(ctx, approvals.InstanceLock(target))
	if err != nil {
		return target, err
	}
	if holder != 0 {
		return target, h.standsInTheWay(ctx, holder, target)
	}
	return target, obstacle(action, i, o, reason)
}

// look reads one instance.
func (h *Handlers) look(ctx context.Context, target approvals.Target) (approvals.Observation, error) {
	seen, err := h.Cloud.Survey(ctx, target.Project, time.Now().Add(-cloud.Recent))
	return seen.Find(target), err
}

// obstacle words the result of a preflight.
func obstacle(action approvals.Action, i cloud.Instance, o approvals.Observation, reason approvals.Code) error {
	switch reason {
	case approvals.CodeOther:
		return scheduledOutside(i, o)
	case approvals.CodeBusy:
		return sentence("%s: %s It shows %s. Nobody was asked.", code(called(i.Target())), cloudWords(action, reason), code(o.Phase))
	}
	return sentence("%s: %s Nobody was asked.", code(called(i.Target())), cloudWords(action, reason))
}

// scheduledOutside offers to cancel an upgrade that no request of ours made.
func scheduledOutside(i cloud.Instance, o approvals.Observation) error {
	return &question{
		text:    say("The cloud already holds an upgrade of %s, at %s. It was scheduled outside the bot, so I cannot say by whom; the cloud's trace service (CTS) can. Nobody was asked. If it should not take place, ask for its cancel, and then for the upgrade again.", code(called(i.Target())), dated(o.UpgradeTime, time.UTC)),
		options: []slack.BlockElement{button(actContinue, "Cancel that upgrade", Draft{Verb: "cancel", Instance: cloud.Reference(i.Project, i.ServerID)}.value())},
	}
}

// standsInTheWay points to the open request for the same instance.
func (h *Handlers) standsInTheWay(ctx context.Context, holder int64, target approvals.Target) error {
	r, _, err := h.Store.Load(ctx, holder)
	if err != nil {
		return err
	}
	v := viewOf(r, itemOf(r, target))
	q := &question{text: say("There is an open request for %s already: %s, %s%s, asked by %s. %s",
		v.name(), h.link(ctx, r), v.state(), due(v), mention(r.Requester.ID), whatNext(v))}
	if v.stage == approvals.Scheduled && r.Action == approvals.Upgrade && !r.Batch() {
		q.options = []slack.BlockElement{button(actCancel, "Cancel the upgrade", r.Marker().String())}
	}
	return q
}

// itemOf is the item of a request that is about an instance; the first where none
// is.
func itemOf(r approvals.Request, target approvals.Target) int {
	for i, it := range r.Items {
		if approvals.InstanceLock(it.Target) == approvals.InstanceLock(target) {
			return i
		}
	}
	return 0
}

// inTheWay words the open requests that hold what a new one needs; other errors
// pass.
func (h *Handlers) inTheWay(ctx context.Context, err error, targets []approvals.Target) error {
	var busy *store.BusyError
	if !errors.As(err, &busy) {
		return err
	}
	for _, target := range targets {
		if holder := busy.Holders[approvals.InstanceLock(target)]; holder != 0 {
			return h.standsInTheWay(ctx, holder, target)
		}
	}
	return err
}

// due is when an item's upgrade is to take place.
func due(v view) mrkdwn.Text {
	if v.r.Action != approvals.Upgrade {
		return mrkdwn.Text{}
	}
	return say(" for %s", v.dated())
}

func whatNext(v view) mrkdwn.Text {
	switch v.stage {
	case approvals.Pending:
		return say("Use `/cbh reschedule %s &lt;when&gt;` to move it or `/cbh withdraw %s` to end it.", v.r.Name(), v.r.Name())
	case approvals.Scheduled:
		return say("Use `/cbh reschedule %s &lt;when&gt;` to move it.", v.r.Name())
	case approvals.Changed:
		return say("Cancel it first if it should be at another time.")
	}
	if v.stuck() {
		return say("Press *Stop following* on its card when it is out of the way.")
	}
	return say("Wait until it is done.")
}
