package handlers

import (
	"cmp"
	"context"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds what is checked before anything is shown to somebody or asked of
// them in a form. The engine checks each act again when it is done.

// admit lets members of this workspace begin a command, and read where nobody of
// another company is: an answer may name bastions, versions and times.
func (h *Handlers) admit(ctx context.Context, a actor, verb string) error {
	if commands[verb].forAll {
		return nil
	}
	begins := cmp.Or(commands[verb].acts, approvals.VerbRead)
	if _, err := h.Engine.Admit(ctx, a.act(begins, approvals.Marker{})); err != nil || begins != approvals.VerbRead {
		return err
	}
	shared, err := h.inCompany(ctx, a)
	if err == nil && shared {
		err = messages.Refuse(messages.SharedChannel)
	}
	return err
}

// inCompany reports whether somebody acts where people of another company are.
func (h *Handlers) inCompany(ctx context.Context, a actor) (bool, error) {
	if a.shared || a.channel == "" || ofTwo(a.channel) {
		return a.shared, nil
	}
	found, err := h.Sender.Channel(ctx, a.channel)
	return found.Shared, err // where the token may not look, nobody of another company is known to be there
}

// mayFill checks that somebody may do what a form is to ask them about, and finds the
// instances that are named already.
func (h *Handlers) mayFill(ctx context.Context, a actor, draft messages.Draft) ([]cloud.Instance, error) {
	switch {
	case draft.Request != 0 && draft.Override:
		return nil, h.mayOverride(ctx, a, draft)
	case draft.Request != 0:
		_, err := h.Engine.Admit(ctx, a.act(approvals.VerbReschedule, approvals.Marker{ID: draft.Request}))
		return nil, err
	case draft.Instance == "":
		return nil, nil // whoever is admitted may look for one
	}
	named, err := h.namedInstances(ctx, draft)
	if err != nil {
		return nil, err
	}
	wanted := engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Items: approvals.NewItems(staggerOf(draft), targetsAmong(named)...),
		Timing: approvals.Timing{At: time.Unix(draft.At, 0)}, Reason: draft.Reason, Override: draft.Override,
		Channel: cmp.Or(draft.Channel, a.channel),
	}
	wanted.Private = wanted.Channel != "" && h.isDirect(ctx, a, wanted.Channel) // the form asks for one where there is none
	return named, h.Engine.MayAsk(ctx, wanted)
}

// mayOverride checks that somebody may move a request to a time outside the calendar. One
// that is with the cloud is moved by a request of its own.
func (h *Handlers) mayOverride(ctx context.Context, a actor, draft messages.Draft) error {
	r, err := h.drafted(ctx, draft)
	if err != nil {
		return err
	}
	draft.Reason = cmp.Or(draft.Reason, "yet to be given")
	if r.State == approvals.Approved {
		return h.Engine.MayAsk(ctx, engine.Ask{
			Event: a.event, By: a.user, Action: approvals.Upgrade, Of: approvals.Ref{Request: r.ID}, Items: approvals.NewItems(0, targetsOf(r)...),
			Timing: approvals.Timing{At: time.Unix(draft.At, 0)}, Reason: draft.Reason, Override: true, Channel: a.channel, Card: r.Channel,
		})
	}
	_, err = h.Engine.Check(ctx, h.rescheduling(a, r, draft))
	return err
}

// namedInstances are those of a draft, without a wait for the cloud where they are known:
// what is done with them looks at it.
func (h *Handlers) namedInstances(ctx context.Context, draft messages.Draft) ([]cloud.Instance, error) {
	var named []cloud.Instance
	names := strings.Split(draft.Instance, listed)
	for _, name := range names {
		found, known := h.Cloud.Recall(ctx, name)
		var err error
		if !known {
			found, err = h.find(ctx, name, draft)
		}
		if err != nil {
			return nil, inBatch(err, names)
		}
		named = append(named, found)
	}
	return named, nil
}

// ofTwo reports whether a channel is a conversation of two.
func ofTwo(channel string) bool { return strings.HasPrefix(channel, "D") }

// isDirect reports whether a channel is one that nobody else can find: a conversation of
// two or of a group without a name. What a delivery calls its channel tells most; Slack
// is asked about others. What it does not say is taken for a channel with a name.
func (h *Handlers) isDirect(ctx context.Context, a actor, channel string) bool {
	switch {
	case channel == "", ofTwo(channel):
		return true
	case channel == a.channel && a.called != "" && a.called != "privategroup":
		return a.called == "directmessage" || strings.HasPrefix(a.called, "mpdm-")
	}
	found, err := h.Sender.Channel(ctx, channel)
	return err == nil && found.Direct
}
