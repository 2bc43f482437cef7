package handlers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// This file holds the list of bastions.

// instances lists the bastions that have a text in their name.
func (h *Handlers) instances(ctx context.Context, a ask, c Command) error {
	return h.showInstances(ctx, a, Draft{Verb: "instances", Instance: strings.TrimSpace(c.Instance + " " + c.Rest)})
}

// showInstances answers with one page of the list.
func (h *Handlers) showInstances(ctx context.Context, a ask, draft Draft) error {
	found, unread := h.Cloud.Search(ctx, draft.Instance)
	if len(found) == 0 && unread != nil {
		return noneFound(unread, draft)
	}
	open, err := h.openRequests(ctx)
	if err != nil {
		return err
	}
	return h.tell(ctx, a, instancePage(found, open, unread, draft, h.Now()))
}

func noneFound(err error, draft Draft) error {
	var unknown *cloud.UnknownError
	if draft.Instance == "" && errors.As(err, &unknown) {
		return sentence("The cloud lists no bastion in the bot's projects.")
	}
	return askName(err, draft)
}

// openRequests are the open upgrades and rollbacks by instance.
func (h *Handlers) openRequests(ctx context.Context) (map[string]view, error) {
	open, err := h.Store.Open(ctx)
	byInstance := map[string]view{}
	for _, r := range open {
		for _, v := range views(r) {
			if r.Action != approvals.Cancel && slices.Contains(r.Holds(), r.Lock(v.i)) {
				byInstance[r.Lock(v.i)] = v
			}
		}
	}
	return byInstance, err
}

// instancePage is one page of a list, with buttons to the pages beside it.
func instancePage(found []cloud.Instance, open map[string]view, unread error, draft Draft, now time.Time) bot.Message {
	from := min(draft.Page*page, (len(found)-1)/page*page)
	to := min(from+page, len(found))
	var texts []mrkdwn.Text
	for _, i := range found[from:to] {
		text := say("• %s", instanceLine(i, now))
		if v, ok := open[approvals.InstanceLock(i.Target())]; ok {
			text = text.Then(" · %s: %s", v.r.Name(), v.state())
		}
		texts = append(texts, text)
	}
	m := lines(pageHead(from, to, len(found)), texts)
	if unread != nil {
		m.Blocks = append(m.Blocks, sections(say(":warning: This list is not whole. %s", unreadWords(unread)))...)
	}
	if turns := pageButtons(draft, from/page, to < len(found)); len(turns) > 0 {
		m.Blocks = append(m.Blocks, buttons(turns...))
	}
	return m
}

func pageHead(from, to, total int) mrkdwn.Text {
	switch {
	case total == 1:
		return say("1 bastion:")
	case total <= page:
		return say("%d bastions:", total)
	}
	return say("Bastions %d to %d of %d:", from+1, to, total)
}

func pageButtons(draft Draft, at int, more bool) []slack.BlockElement {
	var turns []slack.BlockElement
	turn := func(label string, to int) {
		draft.Page = to
		turns = append(turns, button(numbered(actContinue, to), label, draft.value()))
	}
	if at > 0 {
		turn("Previous", at-1)
	}
	if more {
		turn("Next", at+1)
	}
	return turns
}

// instanceLine is a bastion in one line: name, version, what the cloud offers,
// state, scheduled time.
func instanceLine(i cloud.Instance, now time.Time) mrkdwn.Text {
	parts := []mrkdwn.Text{code(called(i.Target())), say("version %s", code(i.Version))}
	if i.Shared {
		parts[0] = parts[0].Then(" %s", code(i.ServerID))
	}
	if offer := offers[i.Offer()]; offer != "" {
		parts = append(parts, say("%s", offer))
	}
	parts = append(parts, condition(i))
	if i.UpgradeTime.After(now) {
		parts = append(parts, say("scheduled for %s (%s)", date(i.UpgradeTime), exact(i.UpgradeTime, time.UTC)))
	}
	return mrkdwn.Join(parts, " · ")
}

// condition is an instance's state in words, and in the cloud's own where it is
// not simply active.
func condition(i cloud.Instance) mrkdwn.Text {
	switch {
	case i.Idle:
		return say("active")
	case i.Running:
		return say("upgrading (%s)", code(i.Phase()))
	case i.RollingBack:
		return say("being rolled back (%s)", code(i.Phase()))
	case i.Broken:
		return say("in an error state (%s)", code(i.Phase()))
	}
	return code(i.Phase())
}
