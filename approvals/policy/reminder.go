package policy

import (
	"context"
	"slices"
	"time"

	"cbhbot/approvals"
)

const (
	// mostReminded bounds the mentions of one message.
	mostReminded = 25
	// restAfter is when those are reminded who found no room in it.
	restAfter = time.Minute
)

// Reminder finds who has not answered, is not reminded in this stage yet, and is
// at work. Later is when the next of the others is, after now; zero for none.
func (s Snapshot) Reminder(ctx context.Context, r *approvals.Request, stage int, now time.Time) (approvals.Remind, error) {
	rule := s.ruleOrNone(r)
	event := approvals.Remind{Stage: stage, Direct: rule.Remind.Direct}
	quorum, err := s.Quorum(ctx, r)
	if err != nil {
		return event, err
	}
	silent := slices.DeleteFunc(quorum.Silent(r.Approvers()), func(id string) bool { return r.Reminded(stage, id) })
	people, err := s.people(ctx, silent)
	if err != nil {
		return event, err
	}
	for i, p := range people {
		if p.ID != "" {
			remindAt(&event, silent[i], rule.Remind.Hours.Next(now, zoneOf(p)), now)
		}
	}
	return event, nil
}

// remindAt puts somebody who is at work from begins on where they belong.
func remindAt(event *approvals.Remind, id string, begins, now time.Time) {
	if !begins.After(now) {
		if len(event.Whom) < mostReminded {
			event.Whom = append(event.Whom, id)
			return
		}
		begins = now.Add(restAfter)
	}
	if event.Later.IsZero() || begins.Before(event.Later) {
		event.Later = begins
	}
}

func zoneOf(p approvals.Person) *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil { // "" is UTC
		return zone
	}
	return time.UTC
}
