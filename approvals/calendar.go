package approvals

import (
	"context"
	"fmt"
	"time"
)

// ClosedError says that the policy's calendar is closed at the time asked for.
type ClosedError struct {
	At       time.Time
	Why      string      // the end of a sentence that begins with the time
	Next     []time.Time // the next allowed instants, at most three
	Override bool        // whether this person may have the time nevertheless, with a reason
}

func (e *ClosedError) Error() string {
	return fmt.Sprintf("%s %s", e.At.UTC().Format(time.RFC3339), e.Why)
}

// offered is how many allowed times are offered instead of a closed one.
const offered = 3

// calendar checks an upgrade's time against the windows and freezes of this
// moment. An override stands as long as the policy names its giver.
func (a *Authority) calendar(ctx context.Context, r Request, by Person) error {
	const verb = "override"
	rule := a.Policy().Rule(r.Action, r.Target)
	if rule == nil || r.Action != Upgrade {
		return nil
	}
	why := rule.Calendar.Closed(r.At, UpgradeTakes)
	if why == "" {
		return nil
	}
	if r.Override != nil {
		if err := a.member(ctx, verb, rule.Override, r.Override.By, NotTrusted); err == nil || unreachable(err) {
			return err
		}
	}
	may := !rule.Override.Empty() && a.member(ctx, verb, rule.Override, by, NotTrusted) == nil
	return &ClosedError{At: r.At, Why: why, Next: rule.Calendar.Next(r.At, UpgradeTakes, offered), Override: may}
}

// time checks a time that somebody chooses, and notes who wants one that the
// calendar is closed at. A time that is open needs no such mark.
func (a *Authority) time(ctx context.Context, r *Request, by Person, now time.Time, reason string, override bool) error {
	r.Override = nil
	err := a.calendar(ctx, *r, by)
	if err == nil || !override {
		return err
	}
	if reason == "" {
		return &Refusal{Ground: NoReason, Verb: "override"}
	}
	r.Override = &Decision{By: by, At: now, Verdict: Yes, Reason: reason, Revision: r.Revision}
	return a.calendar(ctx, *r, by)
}
