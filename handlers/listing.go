package handlers

import (
	"context"
	"fmt"
	"strings"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot"
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
		return missing("history", "Which instance's history do you want to see?")
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
	at := max(0, draft.Page)
	found, total, err := h.Store.List(ctx, index, at*page, page)
	if err != nil {
		return err
	}
	if total == 0 {
		return h.tell(ctx, a, answer("There are none."))
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

func requestsHead(from, shown, total int) string {
	switch {
	case shown == 0:
		return fmt.Sprintf("There are only %d.", total)
	case total == 1:
		return "1 request:"
	case total <= page:
		return fmt.Sprintf("%d requests, the latest first:", total)
	}
	return fmt.Sprintf("Requests %d to %d of %d, the latest first:", from+1, from+shown, total)
}

func (h *Handlers) requestLines(requests []approvals.Request) []string {
	var texts []string
	for _, r := range requests[:min(len(requests), page)] {
		texts = append(texts, h.line(r, r.Name()))
	}
	return texts
}

// line is a request in one line: what, where it stands, when, and who.
func (h *Handlers) line(r approvals.Request, name string) string {
	text := fmt.Sprintf("• %s: %s, *%s*", name, describe(r), stateWords(r))
	if !r.At.IsZero() {
		text += ", " + momentLine(r.At, zoneOf(r.Zone), h.Now())
	}
	return text + ", asked by " + mention(r.Requester.ID) + lineOfDecisions(r)
}

func lineOfDecisions(r approvals.Request) string {
	var given []string
	for _, d := range r.Approvals() {
		given = append(given, mention(d.By.ID))
	}
	switch {
	case r.State == approvals.Pending:
		return "; needs " + stillNeeded(r)
	case r.State == approvals.Denied:
		return ", denied by " + mention(r.Closing.By.ID) + ": " + bot.Escape(r.Closing.Reason, 100)
	case r.Emergency != nil:
		return ", break-glass by " + mention(r.Emergency.By.ID)
	case len(given) > 0:
		return ", approved by " + strings.Join(given, ", ")
	}
	return ""
}
