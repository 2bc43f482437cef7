package handlers

import (
	"cmp"
	"context"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot/mrkdwn"
)

// This file holds the move of an upgrade that the cloud holds: a request of its own,
// whose one approval is for the cancel of the old upgrade and then for the other one.

// replace asks for the move of one upgrade.
func (h *Handlers) replace(ctx context.Context, a ask, v view, draft Draft, zone *time.Location, when heard) error {
	at, old := time.Unix(draft.At, 0).UTC(), v.r.HeldAt(v.i)
	target, err := h.replaceable(ctx, v, old)
	if err != nil {
		return err
	}
	if at.Equal(v.at) {
		return sentence("%s is scheduled for %s already. Nobody was asked.", v.name(), momentLine(at, zone, h.Now()))
	}
	notice := h.notice([]approvals.Target{target})
	if err := h.inReach(at, notice, zone, draft); err != nil {
		return err
	}
	deadline := at.Add(-notice - LeadSlack)
	if old.Before(deadline) {
		deadline = old
	}
	made, err := h.Engine.Ask(ctx, engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Of: approvals.Ref{Request: v.r.ID, Item: v.i}, Old: old,
		Targets: []approvals.Target{target}, At: at, Deadline: deadline, Lead: notice, Zone: zone.String(), Phrase: when.phrase,
		Reason: cmp.Or(draft.Reason, v.r.Reason), Override: draft.Override, Channel: v.r.Channel,
	})
	if err != nil {
		return h.askOpen(err, zone, draft)
	}
	return h.tell(ctx, a, answer(when.explained(asked(made, zone, h.Now()))))
}

// replaceable looks at the upgrade that is to be moved before people are asked.
func (h *Handlers) replaceable(ctx context.Context, v view, old time.Time) (approvals.Target, error) {
	target := v.it.Target
	if v.r.Action != approvals.Upgrade || v.stage != approvals.Scheduled || v.it.Step != "" {
		return target, sentence("%s is %s, so it cannot be moved. Nothing was changed.", v.r.Name(), v.state())
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
		return target, sentence("%s: %s Nobody was asked.", v.name(), cloudWords(approvals.Cancel, reason))
	}
	target.ServerID, target.HAID, target.Version, target.Offer = o.ServerID, o.HAID, o.Version, o.Offer
	return target, nil
}

// moved is the item that somebody wants to move: of a batch the one they name.
func (h *Handlers) moved(ctx context.Context, r approvals.Request, draft Draft) (view, error) {
	if !r.Batch() {
		return viewOf(r, 0), nil
	}
	if draft.Instance == "" {
		return view{}, sentence("%s is about %s: %s. Move each by its name, as in `/cbh reschedule %s sunday 4am`. Nothing was changed.",
			r.Name(), batchTitle(r), stateWords(r), viewOf(r, 0).typed())
	}
	instance, err := h.find(ctx, draft.Instance, draft)
	return viewOf(r, itemOf(r, instance.Target())), err
}

// old is when the cloud holds, or held, what a move replaces.
func (v view) old() string { return exact(v.it.Old, v.zone()) }

// whenDone is the time that is asked of the cloud at this moment.
func (v view) whenDone() string {
	_, at := v.r.Doing(v.i)
	return exact(at, v.zone())
}

// asks says what is asked of the cloud at this moment: "cancel the upgrade of `bastion-prod`".
func (v view) asks() mrkdwn.Text {
	action, _ := v.r.Doing(v.i)
	return say("%s %s", actionVerbs[action], v.name())
}

// acceptedFor is the time of the upgrade whose cancel was accepted.
func acceptedFor(v view) string {
	if v.r.Moves() {
		return v.old()
	}
	return v.exactly()
}

// leftOpen is halfMoved for a move of whose step nothing is known in the end.
func leftOpen(v view) mrkdwn.Text {
	if v.it.FreedAt.IsZero() {
		return mrkdwn.Text{}
	}
	return halfMoved(v)
}

// freedText ends the first step of a move.
func freedText(v view, now time.Time) mrkdwn.Text {
	return say(":no_entry_sign: *The old time is cancelled:* the cloud holds no upgrade of %s at %s any more; I read it back. Next it is scheduled for %s.",
		v.name(), v.old(), momentLine(v.at, v.zone(), now))
}

// halfMoved says how things stand when a move has failed.
func halfMoved(v view) mrkdwn.Text {
	switch {
	case !v.r.Moves():
		return mrkdwn.Text{}
	case v.it.FreedAt.IsZero():
		return say(" Nothing was changed at the cloud.")
	}
	return say(" The upgrade at %s was cancelled for this before, so *nothing is scheduled any more*.", v.old())
}

// standsAsItWas is for a move that people did not approve.
func standsAsItWas(r approvals.Request) mrkdwn.Text {
	if !r.Moves() {
		return mrkdwn.Text{}
	}
	return say(" The upgrade stands as it was, at %s.", viewOf(r, 0).old())
}

// afterHalfMoved are the ways on from an upgrade that a failed move has left
// unscheduled.
func afterHalfMoved(v view) []slack.BlockElement {
	back := v.again()
	back.At = v.it.Old.Unix()
	return []slack.BlockElement{
		button(actPickTime, "Pick a new time", v.again().value()), button(actContinue, "Ask for the old time", back.value()),
	}
}
