package handlers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// This file holds the bot's own page: what it shows to whom, and what people do there.

// onHome shows the page to those who may know.
func (h *Handlers) onHome(ctx context.Context, e bot.Event) error {
	if err := h.Memory.opens(ctx, e.User); err != nil {
		return err
	}
	return h.showHome(ctx, actor{event: e.ID, user: e.User}, seenHome{})
}

// onTurn turns to another page of a section.
func (h *Handlers) onTurn(ctx context.Context, a actor, p bot.Action) error {
	var turn messages.Turn
	if json.Unmarshal([]byte(p.Action.Value), &turn) != nil || !slices.Contains(messages.Sections, turn.Section) {
		return messages.Refuse(messages.BadDraft)
	}
	seen, _, err := h.Memory.seen(ctx, a.user)
	if err != nil {
		return err
	}
	seen.Pages[turn.Section] = turn.Page
	return h.Memory.turns(ctx, a.user, seen.Pages)
}

// answerHome shows the page with an answer above it; nil is none.
func (h *Handlers) answerHome(ctx context.Context, a actor, answer *messages.Answer) error {
	seen, _, err := h.Memory.seen(ctx, a.user)
	if err != nil {
		return err
	}
	seen.Note = nil
	if answer != nil {
		if seen.Note, err = json.Marshal(h.voice(ctx, a.user).WithoutTable(answer).Blocks); err != nil {
			return err
		}
		seen.Noted = h.Now()
	}
	return h.showHome(ctx, a, seen)
}

// showHome shows the page for somebody who has opened it or pressed something there.
func (h *Handlers) showHome(ctx context.Context, a actor, seen seenHome) error {
	voice := h.voice(ctx, a.user)
	_, err := h.Engine.Admit(ctx, a.act(approvals.VerbRead, approvals.Marker{}))
	if answer, ok := messages.Explain(err); ok {
		_, err = h.Sender.Publish(ctx, a.user, "", messages.HomeOf(voice.Answer(answer).Blocks))
		return h.homeUnshown(a.user, err)
	}
	if err != nil {
		return err
	}
	facts, err := h.homeFacts(ctx)
	if err != nil {
		return err
	}
	page, digest, err := h.page(ctx, voice, a.user, facts, seen)
	if err != nil {
		return err
	}
	shown, err := h.Sender.Publish(ctx, a.user, "", page)
	if err != nil {
		return h.homeUnshown(a.user, err)
	}
	seen.Hash, seen.Digest = shown.Hash, digest
	if err := h.Memory.shows(ctx, a.user, seen, true); err != nil || facts.unread == nil {
		return err
	}
	return h.Memory.makeDue(ctx, a.user) // the cloud may answer soon
}

// homeUnshown says that a page cannot be shown; doing so again would not help.
func (h *Handlers) homeUnshown(user string, err error) error {
	if !bot.Permanent(err) {
		return err
	}
	h.Log.WithError(err).WithField("actor", user).Warn("a home page could not be shown")
	return nil
}

// homeFacts are what the pages of all people are made of.
type homeFacts struct {
	open     []*approvals.Request
	finished []messages.View
	offers   []cloud.Instance
	outside  []cloud.Instance // with an upgrade ahead that no request is for
	unread   error            // of the projects that could not be read in time
}

const (
	readWithin = 1500 * time.Millisecond // nobody waits longer for the cloud than that
	lately     = 7 * 24 * time.Hour
	soon       = 30 * 24 * time.Hour
	mostLately = 40 // requests of each outcome that are looked at
)

func (h *Handlers) homeFacts(ctx context.Context) (facts homeFacts, err error) {
	if facts.open, err = h.Store.Open(ctx); err != nil {
		return facts, err
	}
	if facts.finished, err = h.endedLately(ctx); err != nil {
		return facts, err
	}
	reading, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	all, unread := h.Cloud.Instances(reading)
	held, now := holders(facts.open), h.Now()
	for _, i := range all {
		holder, busy := held[approvals.InstanceLock(i.Target())]
		minor, crossVersion := i.Offer() == approvals.OfferMinor, i.Offer() == approvals.OfferCrossVersion
		switch {
		case !busy && i.UpgradeTime.IsZero() && (minor || crossVersion):
			facts.offers = append(facts.offers, i)
		case (!busy || holder.It.Watched) && i.UpgradeTime.After(now) && i.UpgradeTime.Before(now.Add(soon)):
			facts.outside = append(facts.outside, i)
		}
	}
	facts.unread = unread
	return facts, nil
}

// endedLately are the upgrades and rollbacks that ended lately, the latest first.
func (h *Handlers) endedLately(ctx context.Context) ([]messages.View, error) {
	var all []messages.View
	for _, stage := range []approvals.State{approvals.Succeeded, approvals.Failed, approvals.Missed} {
		ended, _, err := h.Store.List(ctx, store.IndexState(stage), 0, mostLately)
		if err != nil {
			return nil, err
		}
		for _, r := range ended {
			for _, v := range messages.Views(r) {
				if r.Action != approvals.Cancel && v.Stage == stage && v.Ended().After(h.Now().Add(-lately)) {
					all = append(all, v)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b messages.View) int { return b.Ended().Compare(a.Ended()) })
	return all, nil
}

// coming are the upgrades that the cloud holds for the next days, by their times.
func (facts homeFacts) coming(now time.Time) []messages.Coming {
	var all []messages.Coming
	for _, r := range facts.open {
		for _, v := range messages.Views(r) {
			if r.Action == approvals.Upgrade && v.Stage == approvals.Scheduled && r.HeldAt(v.I).Before(now.Add(soon)) {
				all = append(all, messages.Coming{At: r.HeldAt(v.I), View: v})
			}
		}
	}
	for _, i := range facts.outside {
		all = append(all, messages.Coming{At: i.UpgradeTime, Outside: i})
	}
	slices.SortStableFunc(all, func(a, b messages.Coming) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Request(), b.Request()))
	})
	return all
}

// page is what somebody is to see, and its digest.
func (h *Handlers) page(
	ctx context.Context, voice messages.Voice, user string, facts homeFacts, seen seenHome,
) (view slack.HomeTabViewRequest, digest string, err error) {
	home := messages.Home{Coming: facts.coming(h.Now()), Finished: facts.finished, Offers: facts.offers, Pages: seen.Pages}
	if facts.unread != nil {
		home.Unread = messages.Say(messages.NotWhole, "why", messages.Unread(facts.unread))
	}
	h.concerns(ctx, &home, user, facts.open)
	if h.Now().Sub(seen.Noted) < noteFor {
		var note slack.Blocks
		_ = json.Unmarshal(seen.Note, &note) // what cannot be read is not shown again
		home.Note = note.BlockSet
	}
	home.Links = h.links(ctx, home.Shown())
	view = voice.Home(home)
	text, err := json.Marshal(view)
	sum := sha256.Sum256(text)
	return view, hex.EncodeToString(sum[:]), err
}

// concerns fills in what waits for somebody, and what they have asked for.
func (h *Handlers) concerns(ctx context.Context, home *messages.Home, user string, open []*approvals.Request) {
	snapshot := h.Engine.Authority.Snapshot()
	person, err := snapshot.Person(ctx, user)
	if err == nil {
		home.Waiting, err = snapshot.Waiting(ctx, open, person)
	}
	if answer, ok := messages.Explain(err); ok {
		home.Unsure = answer.Text[0]
	}
	for _, r := range open {
		if r.Requester.Counted() == person.Counted() {
			home.Mine = append(home.Mine, r)
		}
	}
}

// noteFor is how long an answer stands above the page, if nothing is pressed.
const noteFor = 2 * time.Minute

// KeepHomes draws the pages again that are open, soon after something has changed, until
// ctx ends. Every process does; each page is drawn by one of them.
func (h *Handlers) KeepHomes(ctx context.Context) {
	h.Changed() // what the last process did may not be shown yet
	ticker := time.NewTicker(homeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := h.redrawHomes(ctx); err != nil && ctx.Err() == nil {
			h.Log.WithError(err).Warn("home pages could not be drawn again; trying again")
		}
	}
}

const (
	// homeEvery is how often pages are drawn, by all processes together: with mostDrawn at
	// a time that is within the 100 calls a minute of views.publish
	// (https://docs.slack.dev/apis/web-api/rate-limits).
	homeEvery = 3 * time.Second
	mostDrawn = 4
)

// Changed says that pages may be out of date. It waits for nothing.
func (h *Handlers) Changed() { h.outdated.Store(true) }

func (h *Handlers) redrawHomes(ctx context.Context) error {
	if h.outdated.Swap(false) {
		if err := h.Memory.changed(ctx); err != nil {
			h.Changed()
			return err
		}
	}
	users, lease, err := h.Memory.round(ctx, homeEvery-homeEvery/10, mostDrawn)
	if err != nil || len(users) == 0 {
		return err
	}
	facts, err := h.homeFacts(ctx)
	if err != nil {
		return err
	}
	failed := make([]error, len(users))
	var drawing sync.WaitGroup // at once: a page that Slack does not take holds up nobody else's
	for i, user := range users {
		drawing.Go(func() { failed[i] = h.redrawHome(ctx, user, lease, facts) })
	}
	drawing.Wait()
	return errors.Join(failed...)
}

// redrawHome draws one page again, if it would look different. What somebody has done there
// meanwhile is not overwritten: the page stays due.
func (h *Handlers) redrawHome(ctx context.Context, user string, lease int64, facts homeFacts) error {
	seen, open, err := h.Memory.seen(ctx, user)
	if err != nil {
		return err
	}
	_, refused := h.Engine.Authority.Snapshot().Person(ctx, user)
	if refusal, ok := errors.AsType[*policy.Refusal](refused); !open || ok && refusal.Ground != policy.Unreachable {
		return h.Memory.closes(ctx, user)
	}
	page, digest, err := h.page(ctx, h.voice(ctx, user), user, facts, seen)
	if err != nil || digest == seen.Digest {
		return cmp.Or(err, h.settle(ctx, user, lease, facts))
	}
	shown, err := h.Sender.Publish(ctx, user, seen.Hash, page)
	switch {
	case bot.Outdated(err):
		return h.overtaken(ctx, user, seen)
	case err != nil && !bot.Permanent(err):
		return nil // it stays due
	case err != nil:
		return cmp.Or(h.homeUnshown(user, err), h.Memory.closes(ctx, user))
	}
	seen.Hash, seen.Digest = shown.Hash, digest
	return cmp.Or(h.Memory.shows(ctx, user, seen, false), h.settle(ctx, user, lease, facts))
}

// settle ends that a page is due. One that is not whole stays due until the cloud can be
// read.
func (h *Handlers) settle(ctx context.Context, user string, lease int64, facts homeFacts) error {
	if facts.unread != nil {
		return nil
	}
	return h.Memory.drawn(ctx, user, lease)
}

// overtaken leaves a page due that somebody else has drawn since. Whatever nobody knows of
// is drawn over the next time.
func (h *Handlers) overtaken(ctx context.Context, user string, before seenHome) error {
	seen, open, err := h.Memory.seen(ctx, user)
	if err != nil || !open || seen.Hash != before.Hash {
		return err
	}
	seen.Hash = ""
	return h.Memory.shows(ctx, user, seen, false)
}
