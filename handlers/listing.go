package handlers

import (
	"context"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// This file holds the lists of requests. A page is read from Redis at a time,
// however many requests there are.

// page is how many lines one answer holds.
const page = 20

func (h *Handlers) list(ctx context.Context, a ask, c Command) error {
	return h.showRequests(ctx, a, Draft{Verb: "list", Instance: strings.ToLower(c.Instance)})
}

// history lists all that was ever asked for one bastion.
func (h *Handlers) history(ctx context.Context, a ask, c Command) error {
	name := strings.TrimSpace(c.Instance + " " + c.Rest)
	if name == "" {
		return missing("history", say("Which instance's history do you want to see?"))
	}
	instance, err := h.find(ctx, name, Draft{Verb: "history"})
	if err != nil {
		return err
	}
	return h.showRequests(ctx, a, Draft{Verb: "history", Instance: cloud.Reference(instance.Project, instance.ServerID)})
}

// showRequests shows the page of a list that a draft names.
func (h *Handlers) showRequests(ctx context.Context, a ask, draft Draft) error {
	index, err := h.index(ctx, a, draft)
	if err != nil {
		return err
	}
	at := draft.Page
	found, total, err := h.Store.List(ctx, index, at*page, page)
	if err != nil {
		return err
	}
	if total == 0 {
		return h.tell(ctx, a, answer(say("There are none.")))
	}
	m := lines(requestsHead(at*page, len(found), total), h.requestLines(found))
	if turns := pageButtons(draft, at, at*page+len(found) < total); len(turns) > 0 {
		m.Blocks = append(m.Blocks, buttons(turns...))
	}
	return h.tell(ctx, a, m)
}

// index is the list that a draft names.
func (h *Handlers) index(ctx context.Context, a ask, draft Draft) (string, error) {
	if draft.Verb == "history" {
		instance, err := h.find(ctx, draft.Instance, draft)
		return store.IndexInstance(instance.Target()), err
	}
	indexes := map[string]string{
		"": store.IndexAll, "all": store.IndexAll, "mine": store.IndexBy(a.user),
		"pending": store.IndexState(approvals.Pending), "scheduled": store.IndexState(approvals.Scheduled),
	}
	index, ok := indexes[draft.Instance]
	if !ok {
		return "", sentence("I can list `mine`, `pending`, `scheduled` or `all`, not %s. For example: `/cbh %s`.", code(draft.Instance), verbs["list"].try)
	}
	return index, nil
}

func requestsHead(from, shown, total int) mrkdwn.Text {
	switch {
	case shown == 0:
		return say("There are only %d.", total)
	case total == 1:
		return say("1 request:")
	case total <= page:
		return say("%d requests, the latest first:", total)
	}
	return say("Requests %d to %d of %d, the latest first:", from+1, from+shown, total)
}

func (h *Handlers) requestLines(requests []approvals.Request) []mrkdwn.Text {
	var texts []mrkdwn.Text
	for _, r := range requests[:min(len(requests), page)] {
		texts = append(texts, h.line(r, say("%s", r.Name())))
	}
	return texts
}

// line is a request in one line: what, where it stands, when, and who.
func (h *Handlers) line(r approvals.Request, name mrkdwn.Text) mrkdwn.Text {
	text := say("• %s: %s, *%s*", name, describe(r), stateWords(r))
	if !r.At.IsZero() {
		text = text.Then(", %s", momentLine(r.At, zoneOf(r.Zone), waiting(r, h.Now())))
	}
	return text.Then(", asked by %s%s", mention(r.Requester.ID), lineOfDecisions(r))
}

func lineOfDecisions(r approvals.Request) mrkdwn.Text {
	var given []mrkdwn.Text
	for _, d := range r.Approvals() {
		given = append(given, mention(d.By.ID))
	}
	switch {
	case r.State == approvals.Pending:
		return say("; needs %s", stillNeeded(r))
	case r.State == approvals.Denied:
		return say(", denied by %s: %s", mention(r.Closing.By.ID), code(r.Closing.Reason))
	case r.Emergency != nil:
		return say(", break-glass by %s", mention(r.Emergency.By.ID))
	case len(given) > 0:
		return say(", approved by %s", mrkdwn.Join(given, ", "))
	}
	return mrkdwn.Text{}
}
