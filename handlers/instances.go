package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds the list of bastions.

// instances lists the bastions that have a text in their name.
func (h *Handlers) instances(ctx context.Context, a actor, c messages.Draft) error {
	return h.showInstances(ctx, a, messages.Draft{Verb: "instances", Instance: behind(c)})
}

// showInstances answers with one page of the list.
func (h *Handlers) showInstances(ctx context.Context, a actor, draft messages.Draft) error {
	found, unread := h.Cloud.Search(ctx, draft.Instance)
	if len(found) == 0 && unread != nil {
		return noneFound(unread, draft, h.Now())
	}
	open, err := h.Store.Open(ctx)
	if err != nil {
		return err
	}
	return h.tell(ctx, a, instancePage(found, holders(open), unread, draft, h.Now()))
}

func noneFound(err error, draft messages.Draft, now time.Time) error {
	if _, unknown := errors.AsType[*cloud.UnknownError](err); unknown && draft.Instance == "" {
		return messages.Refuse(messages.NoBastions)
	}
	return askName(err, draft, now)
}

// holders are the open upgrades and rollbacks by instance.
func holders(open []*approvals.Request) map[string]messages.View {
	byInstance := map[string]messages.View{}
	for _, r := range open {
		for _, v := range messages.Views(r) {
			if r.Action != approvals.Cancel && slices.Contains(r.Holds(), r.Lock(v.I)) {
				byInstance[r.Lock(v.I)] = v
			}
		}
	}
	return byInstance
}

func instancePage(found []cloud.Instance, open map[string]messages.View, unread error, draft messages.Draft, now time.Time) *messages.Answer {
	from, to := messages.PageOf(draft.Page, page, len(found))
	answer := pageOf(messages.BastionsShown, messages.BastionsPage, draft, from, to, len(found))
	answer.Table = messages.Bastions(found[from:to], open, now)
	if unread != nil {
		answer.Text = append(answer.Text, messages.Say(messages.NotWhole, "why", messages.Unread(unread)))
	}
	return answer
}
