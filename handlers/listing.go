package handlers

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds the lists of requests. A page is read from Redis at a time,
// however many requests there are.

// page is how many lines one answer holds.
const page = 20

// whatIsListed are words that say nothing behind which requests are to be listed.
var whatIsListed = regexp.MustCompile(`(?i)(^|\s)requests?$|的?申[请請]$`)

func (h *Handlers) list(ctx context.Context, a actor, c messages.Draft) error {
	which := whatIsListed.ReplaceAllString(behind(c), "")
	if strings.EqualFold(which, "my") {
		which = "mine"
	}
	if known := messages.Understood(which); slices.Contains(messages.Listed, known) {
		which = known
	}
	return h.showRequests(ctx, a, messages.Draft{Verb: "list", Instance: which})
}

// history lists all that was ever asked for one bastion.
func (h *Handlers) history(ctx context.Context, a actor, c messages.Draft) error {
	name := behind(c)
	if name == "" {
		return missing(messages.MissingHistory, c.Verb)
	}
	instance, err := h.find(ctx, name, messages.Draft{Verb: "history"})
	if err != nil {
		return err
	}
	return h.showRequests(ctx, a, messages.Draft{Verb: "history", Instance: cloud.Reference(instance.Project, instance.ServerID)})
}

// showRequests shows the page of a list that a draft names.
func (h *Handlers) showRequests(ctx context.Context, a actor, draft messages.Draft) error {
	index, err := h.index(ctx, a, draft)
	if err != nil {
		return err
	}
	from := draft.Page * page
	found, total, err := h.Store.List(ctx, index, from, page)
	if err != nil {
		return err
	}
	if total == 0 {
		return h.say(ctx, a, messages.NoRequests)
	}
	answer := pageOf(messages.RequestsShown, messages.RequestsPage, draft, from, from+len(found), total)
	answer.Table = messages.Requests(found, h.links(ctx, found))
	return h.tell(ctx, a, answer)
}

// showOpen shows a page of what is open.
func (h *Handlers) showOpen(ctx context.Context, a actor, draft messages.Draft) error {
	open, err := h.Store.Open(ctx)
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return h.say(ctx, a, messages.NothingOpen)
	}
	from, to := messages.PageOf(draft.Page, page, len(open))
	answer := pageOf(messages.OpenRequests, messages.OpenPage, draft, from, to, len(open))
	answer.Table = messages.Requests(open[from:to], h.links(ctx, open[from:to]))
	return h.tell(ctx, a, answer)
}

// index is the list that a draft names.
func (h *Handlers) index(ctx context.Context, a actor, draft messages.Draft) (string, error) {
	if draft.Verb == "history" {
		instance, err := h.find(ctx, draft.Instance, draft)
		return store.IndexInstance(instance.Target()), err
	}
	indexes := map[string]string{
		"": store.IndexAll, "all": store.IndexAll, "mine": store.IndexBy(a.user),
		"pending": store.IndexState(approvals.Pending), "scheduled": store.IndexState(approvals.Scheduled),
	}
	index, ok := indexes[draft.Instance]
	typed := messages.Code(draft.Instance)
	if near, like := messages.Nearest(draft.Instance, messages.Listed); !ok && like {
		return "", messages.Refuse(messages.ListNear, "typed", typed, "list", messages.CommandName("list"), "near", messages.CommandName(near))
	}
	if !ok {
		return "", messages.Refuse(messages.ListWhat, "typed", typed, "try", example("list"))
	}
	return index, nil
}

// pageOf says what of a list is shown, all of it or a page, and has buttons to the pages beside it.
func pageOf(whole, part messages.Key, draft messages.Draft, from, to, total int) *messages.Answer {
	key := part
	switch {
	case from == to:
		key = messages.PageBehind
	case total <= page:
		key = whole
	}
	answer := messages.Tell(messages.Say(key, "n", to-from, "from", from+1, "to", to, "total", total))
	answer.Buttons = messages.Turns(messages.ActContinue, from/page, to < total, func(page int) string {
		draft.Page = page
		return draft.Value()
	})
	return answer
}

// link is the request's name, leading to its card where that is known.
func (h *Handlers) link(ctx context.Context, r *approvals.Request) any {
	return messages.Link(r, h.links(ctx, []*approvals.Request{r})[r.ID])
}

// links lead to the cards of requests, as far as they are known soon: Slack is asked for
// one at most, and not again where it fails.
func (h *Handlers) links(ctx context.Context, requests []*approvals.Request) map[int64]string {
	ctx, cancel := context.WithTimeout(ctx, linksWithin)
	defer cancel()
	ids := make([]int64, len(requests))
	for i, r := range requests {
		ids[i] = r.ID
	}
	urls := map[int64]string{}
	cards, err := h.Store.Cards(ctx, ids...)
	for _, r := range requests {
		if err != nil || cards[r.ID] == "" {
			continue
		}
		var url string
		if url, err = h.Sender.Permalink(ctx, r.Channel, cards[r.ID]); err == nil {
			urls[r.ID] = url
		}
	}
	return urls
}

const linksWithin = time.Second
