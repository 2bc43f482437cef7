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
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// This file holds upgrades of several instances under one decision.

// mostInBatch is how many instances one request may name.
const mostInBatch = messages.MostChosen

// staggered is "stagger 1h", or "间隔1小时", before or behind the time.
var staggered = regexp.MustCompile(
	`(?i)(?:^|[\s,;，；]+)(?:stagger(?:ed)?(?:\s+by)?\s+|(?:每台)?(?:间隔|每隔|相隔|错开)\s*)(\d{1,3})\s*(h|hours?|m|min|mins|minutes?|小时|个小时|分钟?)(?:[\s,;，；]+|$)`)

// staggers is a word of such a distance, in whatever way it goes on.
var staggers = regexp.MustCompile(`(?i)\bstagger|\bapart\b|间隔|每隔|相隔|错开`)

// cutStagger takes the distance between the upgrades of a batch out of a time.
func cutStagger(phrase string) (when string, seconds int64) {
	plain := timephrase.Simplified(phrase) // as long as the phrase
	at := staggered.FindStringSubmatchIndex(plain)
	if at == nil {
		return phrase, 0
	}
	n, _ := strconv.ParseInt(phrase[at[2]:at[3]], 10, 64) // three digits at most
	unit := time.Minute
	if word := plain[at[4]:at[5]]; strings.EqualFold(word[:1], "h") || strings.HasSuffix(word, "小时") {
		unit = time.Hour
	}
	return strings.TrimSpace(phrase[:at[0]] + " " + phrase[at[1]:]), n * int64(unit/time.Second)
}

// staggerOf is the distance between the upgrades of a draft.
func staggerOf(draft messages.Draft) time.Duration { return time.Duration(draft.Stagger) * time.Second }

// targets finds all instances of a request, and looks at each before people are
// asked.
func (h *Handlers) targets(ctx context.Context, draft messages.Draft) ([]approvals.Target, error) {
	names := strings.Split(draft.Instance, listed)
	if len(names) > mostInBatch {
		return nil, messages.Refuse(messages.TooManyInstances, "n", len(names), "most", mostInBatch)
	}
	var targets []approvals.Target
	for _, name := range names {
		instance, err := h.find(ctx, name, draft)
		if err != nil {
			return nil, inBatch(err, names)
		}
		target, err := h.preflight(ctx, approvals.Upgrade, instance)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(targets, func(t approvals.Target) bool { return approvals.InstanceLock(t) == approvals.InstanceLock(target) }) {
			return nil, messages.Refuse(messages.NamedTwice, "bastion", target)
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// inBatch asks about the name of one of several instances without buttons: they would go on
// without the others.
func inBatch(err error, names []string) error {
	q, ok := errors.AsType[*messages.Answer](err)
	if !ok || len(q.Buttons) == 0 || len(names) == 1 {
		return err
	}
	var meant []any
	for _, b := range q.Buttons {
		meant = append(meant, b.Label)
	}
	return messages.Tell(append(slices.Clone(q.Text), messages.Say(messages.InBatch, "names", messages.List(meant...)))...)
}
