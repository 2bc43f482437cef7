package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

// ClosedError says that the policy's calendar is closed when an upgrade would
// run.
type ClosedError struct {
	At       time.Time // of the first item that is in the way
	Closure  *calendar.Closure
	Near     []time.Time // the nearest times at which the first item may begin and all are allowed: at most two before, and three after
	Override bool        // whether this person may have the time nevertheless, with a reason
}

func (e *ClosedError) Error() string {
	return fmt.Sprintf("%s is %s", e.At.UTC().Format(time.RFC3339), e.Closure.Kind)
}

// These many allowed times are offered instead of a closed one.
const (
	offeredBefore = 2
	offeredAfter  = 3
)

// Time checks the time of a request that somebody has just chosen. anyway says that
// they want it also when the calendar is closed, for a reason. It answers with what
// belongs into Request.Override: nil at a time that needs no such mark.
func (s Snapshot) Time(ctx context.Context, r *approvals.Request, by approvals.Person, reason string, anyway bool) (*approvals.Decision, error) {
	rule, err := s.Rule(r)
	if err != nil {
		return nil, err
	}
	bare := *r
	bare.Override = nil
	err = s.timely(ctx, &bare, rule, by)
	switch closed, is := errors.AsType[*ClosedError](err); {
	case !anyway, !is:
		return nil, err
	case reason == "":
		return nil, &Refusal{Ground: NoReason}
	case !closed.Override:
		return nil, closed
	}
	return &approvals.Decision{By: by, At: r.ChangedAt, Verdict: approvals.Yes, Reason: reason, Revision: r.Revision}, nil
}

// timely checks an upgrade's time against the calendar, for somebody, unless it is
// overridden. An override stands as long as the policy names its giver.
func (s Snapshot) timely(ctx context.Context, r *approvals.Request, rule *Rule, by approvals.Person) error {
	closed := rule.closed(r)
	if closed == nil {
		return nil
	}
	if r.Override != nil {
		if overridden, err := s.among(ctx, rule.Override, r.Override.By); overridden || err != nil {
			return err
		}
	}
	var err error
	if closed.Override, err = s.among(ctx, rule.Override, by); err != nil {
		return err
	}
	return closed
}

// toCall are the states of an item that the cloud does not have yet, as far as is known,
// and may still get.
var toCall = []approvals.State{approvals.Waiting, approvals.Executing, approvals.Unknown}

// closed finds the first item yet to be called that the calendar is closed for.
func (r *Rule) closed(request *approvals.Request) *ClosedError {
	if request.Action != approvals.Upgrade {
		return nil
	}
	var first *ClosedError
	var offsets []time.Duration
	for i, item := range request.Items {
		if !slices.Contains(toCall, item.State) {
			continue
		}
		offsets = append(offsets, item.Offset)
		if closure := r.Calendar.Closed(request.Time(i), UpgradeTakes); closure != nil && first == nil {
			first = &ClosedError{At: request.Time(i), Closure: closure}
		}
	}
	if first != nil {
		begins := offsets[0] // of a batch, one may have been taken out
		for i := range offsets {
			offsets[i] -= begins
		}
		first.Near = r.Calendar.Near(request.At.Add(begins), UpgradeTakes, offeredBefore, offeredAfter, offsets...)
	}
	return first
}
