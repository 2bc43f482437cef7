package approvals

import (
	"slices"
	"time"
)

// This file holds what people do.

type (
	// Approve is one person's yes. Quorum is the policy's demand at this moment, and Strike
	// are the ids of those whose approvals do not count any more.
	Approve struct {
		By     Person
		Quorum Quorum
		Strike []string
	}
	// Deny ends a pending request. Reason is the person's.
	Deny struct {
		By     Person
		Reason string
	}
	// Retract takes one's own approval back.
	Retract struct {
		By     Person
		Quorum Quorum
	}
	// Withdraw ends a request that has not been called yet.
	Withdraw struct {
		By     Person // zero: the program, which takes back by itself what the request is about
		Reason string
	}
	// TakeOut takes one item out of a batch before it is called. What people
	// approved then shrinks, and stays approved.
	TakeOut struct {
		By     Person
		Item   int
		Reason string
	}
	// Reschedule gives the request another time, which is another revision.
	Reschedule struct {
		By Person
		Timing
		Needs    Quorum    // the policy's demand at this moment
		Override *Decision // who wants a time that the calendar is closed at
		Remind   []float64 // the policy's reminders, as parts of the time to the deadline
	}
	// TryAgain calls at once what waits for the cloud to let the program in.
	TryAgain struct{}
	// Close ends the following of what is stuck, or was changed outside.
	Close struct{ By Person }
	// BreakGlass approves without the quorum, with a reason, for ever marked.
	BreakGlass struct {
		By       Person
		Reason   string
		Announce Announcement
	}
)

func (Approve) About() (Verb, int)    { return VerbApprove, Whole }
func (Deny) About() (Verb, int)       { return VerbDeny, Whole }
func (Retract) About() (Verb, int)    { return VerbRetract, Whole }
func (Withdraw) About() (Verb, int)   { return VerbWithdraw, Whole }
func (e TakeOut) About() (Verb, int)  { return VerbTakeOut, e.Item }
func (Reschedule) About() (Verb, int) { return VerbReschedule, Whole }
func (BreakGlass) About() (Verb, int) { return VerbBreakGlass, Whole }
func (TryAgain) About() (Verb, int)   { return VerbTryAgain, Whole }
func (Close) About() (Verb, int)      { return VerbClose, Whole }

// apply of a second Approve counts nobody twice. It completes what has become enough
// since the first one: the policy asks for fewer.
func (e Approve) apply(r *Request, now time.Time) Obstacle {
	given := slices.Contains(r.Approvers(), e.By.Counted())
	if given && !e.Quorum.Met(r.Approvers()) {
		return AlreadyDecided
	}
	if !given {
		r.Decisions = append(r.Decisions, Decision{By: e.By, At: now, Verdict: Yes, Revision: r.Revision})
	}
	r.strikeAll(e.Strike)
	switch complete := r.demand(e.Quorum); {
	case complete:
		r.State = Approved
	case len(e.Strike) > 0:
		r.tellLapsed()
	}
	return ""
}

// demand notes what has to be complete, and reports whether it is.
func (r *Request) demand(q Quorum) bool {
	r.Needs, r.Missing = q, q.missing(r.Approvers())
	return q.Met(r.Approvers())
}

func (e Deny) apply(r *Request, now time.Time) Obstacle {
	r.Decisions = append(r.Decisions, Decision{By: e.By, At: now, Verdict: No, Reason: e.Reason, Revision: r.Revision})
	r.close(Denied, NoticeDenied, Closing{At: now, By: e.By, Reason: e.Reason})
	return ""
}

// apply of a Retract that finds no approval changes nothing but what the person
// pressed last: the approval may still be on its way.
func (e Retract) apply(r *Request, _ time.Time) Obstacle {
	if r.strike(e.By) {
		r.reopen(e.Quorum)
	}
	return ""
}

// reopen makes the request wait for people again. What is tried for so long in the
// name of approvals begins anew with the next ones.
func (r *Request) reopen(q Quorum) {
	r.State, r.Emergency = Pending, nil
	for i := range r.Items {
		r.Items[i].Call.ShutOutAt = time.Time{}
	}
	r.demand(q)
}

func (e Withdraw) apply(r *Request, now time.Time) Obstacle {
	r.close(Withdrawn, NoticeWithdrawn, Closing{At: now, By: e.By, Reason: e.Reason})
	return ""
}

func (e TakeOut) apply(r *Request, now time.Time) Obstacle {
	if !r.Items[e.Item].FreedAt.IsZero() { // half of its move is done
		return WrongState
	}
	rest := slices.Concat(r.Items[:e.Item], r.Items[e.Item+1:])
	if !slices.ContainsFunc(rest, Item.Unfinished) && !r.Begun() { // what was called cannot be withdrawn
		return LastItem
	}
	r.end(e.Item, Cancelled, EndTakenOut, now)
	r.Items[e.Item].Closing = Closing{At: now, By: e.By, Reason: e.Reason}
	r.tell(e.Item, NoticeTakenOut)
	return ""
}

// apply of a Reschedule is for upgrades: what is taken back has the time that the cloud
// holds.
func (e Reschedule) apply(r *Request, now time.Time) Obstacle {
	if r.Action != Upgrade {
		return WrongState
	}
	r.Revision++
	r.Previous, r.MovedBy, r.Timing, r.Override = r.At, e.By, e.Timing, e.Override
	r.At, r.Deadline = e.At.UTC(), e.Deadline.UTC()
	r.demand(e.Needs)
	r.notify(Notice{Kind: NoticeRescheduled, N: r.Revision})
	r.RemindAt = RemindAt(e.Remind, now, r.Deadline)
	return ""
}

func (e BreakGlass) apply(r *Request, now time.Time) Obstacle {
	r.Emergency = &Decision{By: e.By, At: now, Verdict: Yes, Reason: e.Reason, Revision: r.Revision}
	r.Announced, r.State = e.Announce, Approved
	before := r.told(0, NoticeEmergency)
	r.notify(Notice{Kind: NoticeEmergency, N: before})
	if e.Announce.Channel != "" && e.Announce.Channel != r.Channel {
		r.notify(Notice{Kind: NoticeEmergency, N: before, To: e.Announce.Channel})
	}
	return ""
}

func (e Close) apply(r *Request, now time.Time) Obstacle {
	why := WrongState
	for i, it := range r.Items {
		switch {
		case it.State == Running && !it.Progress.StuckAt.IsZero():
			r.end(i, Failed, EndStuck, now)
		case it.Watched:
			r.Items[i].Watched = false
		default:
			continue
		}
		r.tell(i, NoticeClosed)
		r.Closing, why = Closing{At: now, By: e.By}, ""
	}
	return why
}

// Begun reports whether a call of any item was claimed, or concluded.
func (r *Request) Begun() bool {
	return slices.ContainsFunc(r.Items, func(it Item) bool {
		return (it.State != Waiting || !it.FreedAt.IsZero()) && it.End != EndTakenOut
	})
}

// strike removes a person's standing approval, whichever account gave it, and
// reports whether there was one.
func (r *Request) strike(by Person) bool {
	before := len(r.Decisions)
	r.Decisions = slices.DeleteFunc(r.Decisions, func(d Decision) bool {
		return r.stands(d) && (d.By.ID == by.ID || d.By.Counted() == by.Counted())
	})
	return len(r.Decisions) < before
}

func (r *Request) strikeAll(ids []string) {
	for _, id := range ids {
		r.strike(Person{ID: id})
	}
}

func (r *Request) tellLapsed() { r.notify(Notice{Kind: NoticeLapsed, N: r.told(0, NoticeLapsed) + 1}) }

// close ends the request by its decision. An upgrade may have been told already
// that this is its cancel.
func (r *Request) close(state State, kind NoticeKind, closing Closing) {
	r.State, r.Closing = state, closing
	for i := range r.Items {
		if r.Action == Cancel {
			r.end(i, Failed, "", closing.At)
		}
	}
	r.notify(Notice{Kind: kind})
}
