package handlers

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cbhbot/approvals"
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

// targets finds all instances of a request, and looks at each before people are
// asked.
func (h *Handlers) targets(ctx context.Context, draft Draft) ([]approvals.Target, error) {
	names := strings.Split(draft.Instance, listed)
	if len(names) > mostInBatch {
		return nil, sentence("You name %d instances; one request may name %d. Nobody was asked.", len(names), mostInBatch)
	}
	var targets []approvals.Target
	for _, name := range names {
		target, err := h.oneTarget(ctx, name, draft)
		if err != nil && len(names) > 1 {
			return nil, inBatch(err)
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(targets, func(t approvals.Target) bool { return approvals.InstanceLock(t) == approvals.InstanceLock(target) }) {
			return nil, sentence("You name %s twice. Nobody was asked.", code(called(target)))
		}
		targets = append(targets, target)
	}
	return targets, nil
}

func (h *Handlers) oneTarget(ctx context.Context, name string, draft Draft) (approvals.Target, error) {
	instance, err := h.find(ctx, name, draft)
	if err != nil {
		return approvals.Target{}, err
	}
	return h.preflight(ctx, approvals.Upgrade, instance)
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
