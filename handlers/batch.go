package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// This file holds upgrades of several instances under one decision.

// mostInBatch is how many instances one request may name.
const mostInBatch = 10

// staggered is "stagger 1h" before or behind the time.
var staggered = regexp.MustCompile(`(?i)(?:^|[\s,;]+)stagger(?:ed)?(?:\s+by)?\s+(\d{1,3})\s*(h|hours?|m|min|mins|minutes?)(?:[\s,;]+|$)`)

// cutStagger takes the distance between the upgrades of a batch out of a time.
func cutStagger(phrase string) (when string, seconds int64) {
	at := staggered.FindStringSubmatchIndex(phrase)
	if at == nil {
		return phrase, 0
	}
	n, _ := strconv.ParseInt(phrase[at[2]:at[3]], 10, 64) // three digits at most
	unit := time.Minute
	if strings.EqualFold(phrase[at[4]:at[4]+1], "h") {
		unit = time.Hour
	}
	return strings.TrimSpace(phrase[:at[0]] + " " + phrase[at[1]:]), n * int64(unit/time.Second)
}

// requestBatch makes the requests of a batch and says so privately.
func (h *Handlers) requestBatch(ctx context.Context, a ask, draft Draft, names []string, zone *time.Location, phrase string) error {
	targets, err := h.targets(ctx, names)
	if err != nil {
		return err
	}
	var asks []approvals.Ask
	for i, target := range targets {
		at := time.Unix(draft.At+int64(i)*draft.Stagger, 0).UTC()
		asks = append(asks, approvals.Ask{
			Event: a.event, By: a.user, Action: approvals.Upgrade, Target: target, At: at, Deadline: at.Add(-h.Lead.Min),
			Zone: zone.String(), Phrase: phrase, Reason: draft.Reason, Override: draft.Override, Channel: h.Cloud.channel(target.Project, draft.Channel),
		})
	}
	made, err := h.Service.AskBatch(ctx, asks)
	if err != nil {
		return h.askOpen(err, zone, draft)
	}
	lead := made[0]
	lead.Batch = made[1:]
	return h.tell(ctx, a, answer(asked(lead, zone, h.Now())))
}

// targets finds all instances of a batch, and looks at each before people are
// asked.
func (h *Handlers) targets(ctx context.Context, names []string) ([]approvals.Target, error) {
	if len(names) > mostInBatch {
		return nil, sentence("You name %d instances; one request may name %d. Nobody was asked.", len(names), mostInBatch)
	}
	var targets []approvals.Target
	for _, name := range names {
		instance, err := h.Cloud.find(ctx, name, Draft{Verb: "upgrade"})
		if err != nil {
			return nil, inBatch(err)
		}
		if slices.ContainsFunc(targets, func(t approvals.Target) bool { return t.Project == instance.Project && t.ServerID == instance.ServerID }) {
			return nil, sentence("You name %s twice. Nobody was asked.", code(instance.display()))
		}
		target, err := h.preflight(ctx, approvals.Upgrade, instance)
		if err != nil {
			return nil, inBatch(err)
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// inBatch words a question about one instance without its buttons: they would
// go on without the others.
func inBatch(err error) error {
	var q *question
	if !errors.As(err, &q) {
		return err
	}
	return sentence("%s Nobody was asked about the batch: type it again with the full names.", q.text)
}

// batchTitle is how a card calls the instances.
func batchTitle(r approvals.Request) string {
	return fmt.Sprintf("%d bastions", 1+len(r.Batch))
}

// batchState says where a batch stands: together, or how many in which state.
func batchState(r approvals.Request) string {
	var order []string
	count := map[string]int{}
	for _, one := range append([]approvals.Request{r}, r.Batch...) {
		one.Batch = nil
		words := stateWords(one)
		if count[words] == 0 {
			order = append(order, words)
		}
		count[words]++
	}
	if len(order) == 1 {
		return order[0]
	}
	for i, words := range order {
		order[i] = fmt.Sprintf("%d %s", count[words], words)
	}
	return strings.Join(order, ", ")
}

// whenOf is a request's time for every reader, and in words.
func whenOf(r approvals.Request) string {
	zone := zoneOf(r.Zone)
	return bot.Date(r.At, zone) + " (" + exact(r.At, zone) + ")"
}

// batchLines has a line for each instance of a batch.
func batchLines(r approvals.Request) slack.Block {
	var lines []string
	for _, one := range append([]approvals.Request{r}, r.Batch...) {
		one.Batch = nil
		line := fmt.Sprintf("• %s (%s) version %s at %s: *%s*", nameOf(one), one.Name(), code(one.Target.Version), whenOf(one), stateWords(one))
		if one.State == approvals.Running {
			line += ", " + code(phaseOf(one))
		}
		lines = append(lines, line)
	}
	return section(strings.Join(lines, "\n"))
}
