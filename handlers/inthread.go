package handlers

import (
	"context"
	"regexp"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/handlers/messages"
)

// This file holds what is meant by a command that names nothing, in the thread of a card.

// pointing is how people name what a thread is about.
var pointing = regexp.MustCompile(`(?i)^(it|this|that|this one|这个|此申请|它)$`)

// inThread names the request whose card has the thread that a command was typed in, where
// the command names none. A slash command does not say its thread.
func (h *Handlers) inThread(ctx context.Context, a actor, c messages.Draft) (messages.Draft, error) {
	if a.to.ThreadTS == "" || !commands[c.Verb].ofOne || !h.namesNone(ctx, a, c) {
		return c, nil
	}
	r, err := h.carded(ctx, a.channel, a.to.ThreadTS)
	if err != nil || r == nil {
		return c, err
	}
	if !pointing.MatchString(c.Instance) {
		c.Phrase = behind(c)
	}
	c.Instance = r.Name()
	return c, nil
}

// namesNone reports whether somebody says only what to do, or to what time to move.
func (h *Handlers) namesNone(ctx context.Context, a actor, c messages.Draft) bool {
	switch {
	case c.Instance == "":
		return true
	case !pointing.MatchString(c.Instance) && (c.Verb != "reschedule" || !movesTo(behind(c), a.at)):
		return false
	}
	return h.nobodys(ctx, c.Instance)
}

// movesTo reports whether words are nothing but a time to move to, misspelt or not, or its day alone, or by how much to move.
func movesTo(words string, now time.Time) bool {
	when := to.ReplaceAllString(words, "")
	return beginsTime(when, now) || misspellsTime(when, now) || later.MatchString(words) || earlier.MatchString(words)
}

// mostOver is among how many of the latest requests one that is over is looked for by its card.
const mostOver = 100

// carded is the request whose card is a message; nil where there is none.
func (h *Handlers) carded(ctx context.Context, channel, ts string) (*approvals.Request, error) {
	open, err := h.Store.Open(ctx)
	if err != nil {
		return nil, err
	}
	latest, _, err := h.Store.List(ctx, store.IndexAll, 0, mostOver)
	if err != nil {
		return nil, err
	}
	all := append(open, latest...)
	ids := make([]int64, len(all))
	for i, r := range all {
		ids[i] = r.ID
	}
	cards, err := h.Store.Cards(ctx, ids...)
	for _, r := range all {
		if r.Channel == channel && cards[r.ID] == ts {
			return r, nil
		}
	}
	return nil, err
}
