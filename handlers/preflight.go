package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
)

// This file holds the look at the cloud before people are asked.

// preflight returns the instance as the cloud shows it at this moment, or why
// nobody should be asked to approve the action. An open request of our own is
// what the person is told about first.
func (h *Handlers) preflight(ctx context.Context, action approvals.Action, i Instance) (approvals.Target, error) {
	target := i.target()
	holder, err := h.Store.Holder(ctx, approvals.InstanceLock(target.Project, target.ServerID))
	if err != nil {
		return target, err
	}
	if holder != 0 {
		return target, h.standsInTheWay(ctx, holder)
	}
	o, err := h.look(ctx, target)
	if err != nil {
		return target, err
	}
	if !o.Missing { // the list that the name was found in may be a minute old
		target.ServerID, target.Version, target.Next = o.ServerID, o.Version, o.Next
	}
	reason := approvals.Preflight(approvals.Request{Action: action, Target: target}, o, h.Now())
	if reason == "" && action == approvals.Upgrade && !h.Cloud.Supports(ctx, target.Project) {
		reason = approvals.CodeUnsupported
	}
	return target, obstacle(action, i, o, reason)
}

// look reads one instance.
func (h *Handlers) look(ctx context.Context, target approvals.Target) (approvals.Observation, error) {
	seen, err := h.Cloud.Survey(ctx, target.Project)
	return approvals.Find(seen, target), err
}

// obstacle words the result of a preflight; nil when nothing stands in the way.
func obstacle(action approvals.Action, i Instance, o approvals.Observation, reason string) error {
	switch reason {
	case "":
		return nil
	case approvals.CodeOther:
		return scheduledOutside(i, o)
	case approvals.CodeBusy:
		return sentence("%s: %s It shows %s. Nobody was asked.", code(i.display()), cloudWords(action, reason), code(o.Phase))
	}
	return sentence("%s: %s Nobody was asked.", code(i.display()), cloudWords(action, reason))
}

// scheduledOutside offers to cancel an upgrade that no request of ours made.
func scheduledOutside(i Instance, o approvals.Observation) error {
	return &question{
		text: fmt.Sprintf("The cloud already holds an upgrade of %s, at %s. It was scheduled outside the bot, so I cannot say by whom; the cloud's trace service (CTS) can. "+
			"Nobody was asked. If it should not take place, ask for its cancel, and then for the upgrade again.", code(i.display()), exact(o.UpgradeTime, time.UTC)),
		options: []slack.BlockElement{button(actContinue, "Cancel that upgrade", Draft{Verb: "cancel", Instance: i.reference()}.value())},
	}
}

// standsInTheWay points to the open request for the same instance.
func (h *Handlers) standsInTheWay(ctx context.Context, holder int64) error {
	r, err := h.Store.Load(ctx, holder)
	if err != nil {
		return err
	}
	q := &question{text: fmt.Sprintf("There is an open request for %s already: %s, %s%s, asked by %s. %s",
		nameOf(r), h.link(ctx, r), stateWords(r), due(r), mention(r.Requester.ID), whatNext(r))}
	if r.State == approvals.Scheduled && r.Action == approvals.Upgrade {
		q.options = []slack.BlockElement{button(actCancel, "Cancel the upgrade", r.Marker().String())}
	}
	return q
}

// due is when a request's upgrade is to take place.
func due(r approvals.Request) string {
	if r.Action != approvals.Upgrade {
		return ""
	}
	return " for " + exact(r.At, zoneOf(r.Zone))
}

func whatNext(r approvals.Request) string {
	switch r.State {
	case approvals.Pending:
		return fmt.Sprintf("Use `/cbh reschedule %s <when>` to move it or `/cbh withdraw %s` to end it.", r.Name(), r.Name())
	case approvals.Scheduled:
		return "Cancel it first if it should be at another time."
	}
	return "Wait until it is done."
}
