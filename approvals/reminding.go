package approvals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cbhbot/approvals/queue"
)

// Reminder is one time that people were asked again.
type Reminder struct {
	At    time.Time `json:"at"`
	Stage int       `json:"stage"` // which of the policy's reminders, from 1
	Whom  []string  `json:"whom"`  // user ids
}

// Nudge asks those again who have not answered. Later is when the others of the
// stage come into their working hours; zero for none.
type Nudge struct {
	Stage    int
	Revision int
	Whom     []string
	Later    time.Time
	Direct   bool // whether each also gets a direct message
}

func (e Nudge) apply(r *Request, now time.Time) ([]Effect, error) {
	if err := r.current(e, e.Revision); err != nil {
		return nil, err
	}
	var effects []Effect
	if len(e.Whom) > 0 {
		r.Reminders = append(slices.Clone(r.Reminders), Reminder{At: now, Stage: e.Stage, Whom: e.Whom})
		effects = append(effects, r.notify(fmt.Sprintf("reminder %d", len(r.Reminders))))
	}
	if e.Direct {
		effects = append(effects, r.direct(e.Whom)...)
	}
	if !e.Later.IsZero() && e.Later.Before(r.Deadline) {
		effects = append(effects, r.reminder(e.Stage, e.Later))
	}
	return effects, nil
}

// reminder is the timer of one stage of the present revision.
func (r *Request) reminder(stage int, at time.Time) Effect {
	return Effect{Kind: Remind, Request: r.ID, Key: fmt.Sprintf("%d:%d", r.Revision, stage), At: at}
}

// reminders are the timers of all stages: parts of the time to the deadline.
func (r *Request) reminders(parts []float64, now time.Time) []Effect {
	var effects []Effect
	for i, part := range parts {
		wait := time.Duration(part * float64(r.Deadline.Sub(now)))
		effects = append(effects, r.reminder(i+1, now.Add(wait)))
	}
	return effects
}

// direct is a direct message to each of some people.
func (r *Request) direct(whom []string) []Effect {
	var effects []Effect
	for _, id := range whom {
		effects = append(effects, Effect{Kind: Direct, Request: r.ID, Key: fmt.Sprintf("%d %s", len(r.Reminders), id)})
	}
	return effects
}

// remind is a reminder that has come due.
func (r *Runner) remind(ctx context.Context, id int64, key string) error {
	request, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	var revision, stage int
	if _, err := fmt.Sscanf(key, "%d:%d", &revision, &stage); err != nil {
		return fmt.Errorf("reading the reminder %q: %w", key, err)
	}
	if request.State != Pending || request.Revision != revision {
		return nil
	}
	event, err := r.Authority.reminder(ctx, request, stage, r.Now())
	if err != nil {
		return queue.Later(fmt.Errorf("finding whom to remind: %w", err))
	}
	return r.apply(ctx, id, event)
}

// mostReminded bounds the mentions of one message.
const mostReminded = 25

// reminder finds who has not answered, is not reminded in this stage yet, and is
// at work; and when the next of the others will be.
func (a *Authority) reminder(ctx context.Context, r Request, stage int, now time.Time) (Nudge, error) {
	event := Nudge{Stage: stage, Revision: r.Revision}
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil {
		return event, nil
	}
	event.Direct = rule.Remind.Direct
	quorum, err := a.quorum(ctx, "remind", r, rule)
	if err != nil {
		return event, err
	}
	for _, id := range quorum.silent(r) {
		person, err := a.Person(ctx, "remind", id)
		if unreachable(err) {
			return event, err
		}
		if err != nil || r.remindedIn(stage, id) {
			continue
		}
		begins := rule.Remind.Hours.next(now, zoneOf(person))
		switch {
		case !begins.After(now) && len(event.Whom) < mostReminded:
			event.Whom = append(event.Whom, id)
		case event.Later.IsZero() || begins.Before(event.Later):
			event.Later = begins
		}
	}
	return event, nil
}

// silent lists those whose approval could still complete the quorum.
func (q Quorum) silent(r Request) []string {
	var people []string
	for _, need := range q.Missing(r.Approvers()) {
		people = append(people, need.Of...)
	}
	return slices.DeleteFunc(distinct(people), func(id string) bool { return slices.Contains(r.Approvers(), id) })
}

func (r *Request) remindedIn(stage int, id string) bool {
	return slices.ContainsFunc(r.Reminders, func(given Reminder) bool {
		return given.Stage == stage && slices.Contains(given.Whom, id)
	})
}

// next is the first moment from now on that lies in the hours. No hours at all
// are every moment.
func (h Hours) next(now time.Time, zone *time.Location) time.Time {
	if h.To == 0 {
		return now
	}
	for _, s := range (Window{Hours: h, Zone: zone}).open(now, now) {
		if now.Before(s.to) {
			return later(s.from, now)
		}
	}
	return now
}

func zoneOf(p Person) *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		return zone
	}
	return time.UTC
}
