package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

// Act is what a person does to a request that exists.
type Act struct {
	Event   string           // the envelope's id
	By      string           // user id
	Pressed time.Time        // by the chat's clock; zero: not known
	Request approvals.Marker // whose card the person saw; a typed command knows the number alone
	Verb    approvals.Verb
	Reason  string
	Item    int // take out

	approvals.Timing        // reschedule
	Override         bool   // reschedule: to a time outside the calendar; needs a reason
	Channel          string // where it was done
	Message          string // on which message
}

// Act does it and answers with the request afterwards. It answers with a
// *policy.Refusal when the person may not, and an *approvals.EventError when it is
// not possible, which carries the request as somebody else has just made it.
func (e *Engine) Act(ctx context.Context, act Act) (*approvals.Request, error) {
	return retried(func() (*approvals.Request, error) {
		before, after, by, err := e.weigh(ctx, act)
		if err != nil || slices.Contains(before.Applied, act.Event) {
			return before, err
		}
		nothing := act.nothingUndone(before, after)
		entry := act.entry(by, before, after)
		if nothing != nil {
			entry.Refused = whyRefused(nothing)
		}
		done, err := e.write(ctx, &store.Change{Before: before, After: after, Entry: entry})
		if err != nil {
			return before, err
		}
		observe(e.Metrics.decisions, act.Pressed, done.Now)
		return done.Request, nothing
	})
}

// nothingUndone is the answer to somebody who took back what was not there. That
// they did is kept all the same: their approval may still be on its way.
func (act Act) nothingUndone(before, after *approvals.Request) error {
	if act.Verb != approvals.VerbRetract || len(after.Decisions) < len(before.Decisions) {
		return nil
	}
	return &approvals.EventError{Request: before, Verb: act.Verb, Obstacle: approvals.NothingToUndo}
}

// Check says whether an act would be possible now, and changes nothing.
func (e *Engine) Check(ctx context.Context, act Act) (*approvals.Request, error) {
	return retried(func() (*approvals.Request, error) {
		before, _, _, err := e.weigh(ctx, act)
		return before, err
	})
}

// Admit checks that somebody may begin an act at all: an active member of this
// workspace who is no guest and, of a request that exists, its requester or an
// approver. The act itself is checked again when it is done. It answers with the request,
// an empty one where the act is about none, or with a *policy.Refusal.
func (e *Engine) Admit(ctx context.Context, act Act) (*approvals.Request, error) {
	return retried(func() (r *approvals.Request, err error) {
		r = new(approvals.Request)
		if act.Request.ID != 0 {
			if r, err = e.Store.Find(ctx, act.Request); err != nil {
				return r, err
			}
		}
		snapshot := e.Authority.Snapshot()
		by, err := snapshot.Person(ctx, act.By)
		if err == nil && act.Request.ID != 0 {
			err = snapshot.Involved(ctx, r, by)
		}
		if err != nil {
			err = e.refused(ctx, act, r, by, err)
		}
		return r, err
	})
}

// weigh reads the request, authorises the person by one snapshot of the policy and
// applies the event to a copy. A member is told that it is decided before why they are not
// the one to decide it. Whatever stands in the way is written to the audit,
// if the record is still the one that was read; else that is ErrConflict.
func (e *Engine) weigh(ctx context.Context, act Act) (before, after *approvals.Request, by approvals.Person, err error) {
	if before, err = e.Store.Find(ctx, act.Request); err != nil {
		return before, nil, by, err
	}
	snapshot := e.Authority.Snapshot()
	by, err = snapshot.Person(ctx, act.By)
	from := approvals.Origin{ID: act.Event, By: by.Counted(), At: act.Pressed, Revision: act.Request.Revision}
	if err == nil && before.Past(from, act.Verb) {
		err = &approvals.EventError{Request: before, Verb: act.Verb, Obstacle: approvals.WrongState}
	}
	var event approvals.Event
	if err == nil {
		event, err = act.event(ctx, snapshot, before, by, e.Store.Now())
	}
	if err == nil {
		after, err = before.Apply(e.Store.Now(), from, event)
	}
	if err != nil {
		err = e.refused(ctx, act, before, by, err)
	}
	return before, after, by, err
}

// event authorises an act and turns it into what happens to the request.
func (act Act) event(ctx context.Context, snapshot policy.Snapshot, r *approvals.Request, by approvals.Person, now time.Time) (approvals.Event, error) {
	switch act.Verb {
	case approvals.VerbApprove:
		return snapshot.Approve(ctx, r, by)
	case approvals.VerbDeny:
		return approvals.Deny{By: by, Reason: act.Reason}, snapshot.Deny(ctx, r, by)
	case approvals.VerbRetract:
		quorum, err := snapshot.Quorum(ctx, r)
		return approvals.Retract{By: by, Quorum: quorum}, err
	case approvals.VerbBreakGlass:
		announce, err := snapshot.BreakGlass(ctx, r, by, act.Reason)
		return approvals.BreakGlass{By: by, Reason: act.Reason, Announce: announce}, err
	}
	if err := snapshot.Involved(ctx, r, by); err != nil {
		return nil, err
	}
	switch act.Verb {
	case approvals.VerbWithdraw:
		return approvals.Withdraw{By: by, Reason: act.Reason}, nil
	case approvals.VerbTakeOut:
		return approvals.TakeOut{By: by, Item: act.Item, Reason: act.Reason}, nil
	case approvals.VerbTryAgain:
		return approvals.TryAgain{}, nil
	case approvals.VerbClose:
		return approvals.Close{By: by}, nil
	case approvals.VerbReschedule:
		return act.reschedule(ctx, snapshot, r, by, now)
	}
	return nil, fmt.Errorf("nobody can %q a request", act.Verb)
}

func (act Act) reschedule(ctx context.Context, snapshot policy.Snapshot, r *approvals.Request, by approvals.Person, now time.Time) (approvals.Event, error) {
	rule, err := snapshot.Rule(r)
	if err != nil {
		return nil, err
	}
	moved := *r
	moved.At, moved.ChangedAt, moved.Revision = act.At.UTC(), now, r.Revision+1
	override, err := snapshot.Time(ctx, &moved, by, act.Reason, act.Override)
	act.Deadline = rule.Deadline(act.Deadline, now)
	return approvals.Reschedule{By: by, Timing: act.Timing, Needs: snapshot.Needs(r), Override: override, Remind: rule.Remind.At}, err
}

// CheckAgain looks at the cloud at once for someone involved in the request.
func (e *Engine) CheckAgain(ctx context.Context, act Act) (*approvals.Request, error) {
	r, err := e.Admit(ctx, act)
	if err == nil {
		e.acts.beside(r, func(ctx context.Context) { e.lookAtAll(ctx, r) })
	}
	return r, err
}

// lookAtAll looks at each item that the cloud may have something to say of.
func (e *Engine) lookAtAll(ctx context.Context, r *approvals.Request) {
	for _, task := range r.Agenda(e.Pace) {
		unclear := task.Kind == approvals.TaskInquire && r.Items[task.Item].State == approvals.Unknown
		if task.Kind == approvals.TaskLook || unclear {
			r = e.do(ctx, r, task).after
		}
	}
}

// refused writes a refusal to the audit, against the record it was decided on, and
// passes it on.
func (e *Engine) refused(ctx context.Context, act Act, r *approvals.Request, by approvals.Person, why error) error {
	entry := act.entry(by, r, r)
	entry.At, entry.Refused = e.Store.Now(), whyRefused(why)
	refusal, byPolicy := errors.AsType[*policy.Refusal](why)
	if byPolicy {
		refusal.Reading = act.Verb == approvals.VerbRead
	}
	err := e.Store.Note(ctx, r, entry)
	if errors.Is(err, store.ErrConflict) {
		return err
	}
	log := e.logEntry(r, entry)
	if err != nil {
		log.WithError(err).Warn("a refusal could not be written to the audit")
	}
	say := log.Info
	if byPolicy && refusal.Ground == policy.Unreachable {
		say = log.Warn // nobody was judged: whoever runs the bot has to see to it
	}
	say("refused")
	return why
}
