package approvals

import (
	"slices"
	"strconv"
	"time"
)

// This file holds what people's events do.

func (e Approve) apply(r *Request, now time.Time) ([]Effect, error) {
	if err := r.current(e, e.Revision); err != nil {
		return nil, err
	}
	if slices.Contains(r.Approvers(), e.By.human()) {
		return nil, r.refuse(e, AlreadyDecided)
	}
	if !now.Before(r.Deadline) {
		return nil, r.refuse(e, TooLate)
	}
	r.Quorum = e.Quorum.String()
	r.Decisions = append(r.Decisions, Decision{By: e.By, At: now, Verdict: Yes, Revision: r.Revision})
	r.Needed = e.Quorum.needed(r.Approvers())
	if r.Needed != "" {
		return []Effect{r.draw()}, nil
	}
	return r.approved(now), nil
}

func (r *Request) approved(now time.Time) []Effect {
	r.State = Approved
	return []Effect{r.execute(time.Time{}), r.draw()}
}

func (e Deny) apply(r *Request, now time.Time) ([]Effect, error) {
	if err := r.current(e, e.Revision); err != nil {
		return nil, err
	}
	r.Decisions = append(r.Decisions, Decision{By: e.By, At: now, Verdict: No, Reason: e.Reason, Revision: r.Revision})
	return r.close(Denied, now, e.By, e.Reason), nil
}

func (e Retract) apply(r *Request, _ time.Time) ([]Effect, error) {
	if err := r.current(e, e.Revision); err != nil {
		return nil, err
	}
	if len(r.Members) > 0 && r.State != Pending {
		return nil, r.refuse(e, WrongState) // the members are on their way
	}
	if !r.strike(e.By) {
		return nil, r.refuse(e, NothingToUndo)
	}
	r.State, r.Needed = Pending, e.Quorum.needed(r.Approvers())
	return []Effect{r.draw(), r.expiry()}, nil // the deadline may have come while it was being called
}

func (e Withdraw) apply(r *Request, now time.Time) ([]Effect, error) {
	return r.close(Withdrawn, now, e.By, e.Reason), nil
}

func (e Reschedule) apply(r *Request, now time.Time) ([]Effect, error) {
	if !now.Before(r.Deadline) {
		return nil, r.refuse(e, TooLate)
	}
	r.Revision++
	r.Previous, r.At, r.Deadline = r.At, e.At.UTC(), e.Deadline.UTC()
	r.Phrase, r.Zone, r.Override, r.Needed = e.Phrase, e.Zone, e.Override, ""
	effects := append(r.drawAndNotify("rescheduled "+strconv.Itoa(r.Revision)), r.expiry())
	return append(effects, r.reminders(e.Remind, now)...), nil
}

func (e BreakGlass) apply(r *Request, now time.Time) ([]Effect, error) {
	if err := r.current(e, e.Revision); err != nil {
		return nil, err
	}
	if !now.Before(r.Deadline) {
		return nil, r.refuse(e, TooLate)
	}
	r.Emergency = &Decision{By: e.By, At: now, Verdict: Yes, Reason: e.Reason, Revision: r.Revision}
	r.Announced = e.To
	effects := append(r.approved(now), r.notify("emergency"))
	if e.Channel != "" && e.Channel != r.Channel {
		effects = append(effects, Effect{Kind: Announce, Request: r.ID, Key: e.Channel})
	}
	return effects, nil
}

// current refuses a press on a card of another revision.
func (r *Request) current(e Event, revision int) error {
	if revision != r.Revision {
		return r.refuse(e, Replaced)
	}
	return nil
}

// strike removes a person's standing approval, whichever account gave it, and
// reports whether there was one.
func (r *Request) strike(by Person) bool {
	before := len(r.Decisions)
	r.Decisions = slices.DeleteFunc(r.Decisions, func(d Decision) bool {
		return d.Verdict == Yes && d.Revision == r.Revision && (d.By.ID == by.ID || d.By.human() == by.human())
	})
	return len(r.Decisions) < before
}

func (r *Request) close(state State, now time.Time, by Person, reason string) []Effect {
	r.State = state
	r.Closing = Closing{At: now, By: by, Reason: reason}
	return r.drawAndNotify(string(state))
}

// expiry is the timer of the approval deadline.
func (r *Request) expiry() Effect {
	return Effect{Kind: Expire, Request: r.ID, At: r.Deadline}
}
