package messages

import (
	"errors"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// This file turns every error a person can meet into what to say: what was wrong, what
// it means, and what to do. Nothing else words an error.

// Explain returns what to say of an error; ok is false for faults that are not the
// person's to know about (they are tried again).
func Explain(err error) (answer *Answer, ok bool) {
	var (
		said    *Answer
		refusal *policy.Refusal
		event   *approvals.EventError
		busy    *store.BusyError
		closed  *policy.ClosedError
		failure *client.Error
		unread  *approvals.ReadError
	)
	if errors.As(err, &said) {
		return said, true
	}
	switch {
	case errors.As(err, &refusal):
		return Tell(refused(refusal)), true
	case errors.Is(err, policy.ErrRules):
		return Tell(Say(SeveralRules)), true
	case errors.As(err, &closed):
		return Tell(Closed(closed), Say(ClosedMove)), true
	case errors.As(err, &event):
		return Tell(hindered(event), instead(event)), true
	case errors.As(err, &busy):
		return Tell(Say(AlreadyOpen, "request", &approvals.Request{ID: busy.Holder()})), true
	case errors.Is(err, store.ErrNotFound):
		return Tell(Say(NoSuchRequest)), true
	case errors.Is(err, store.ErrNewer):
		return Tell(Say(NewerRequest)), true
	case errors.As(err, &failure):
		return Tell(Say(CloudUnread, "why", NotRead(failure))), true
	case errors.As(err, &unread) && unread.Outcome.Code == approvals.CodeNoProject:
		return Tell(Say(CloudUnread, "why", Refusal(reading, approvals.CodeNoProject))), true
	}
	return nil, false
}

// NotRead says why the cloud could not be read.
func NotRead(e *client.Error) Saying { return Refusal(reading, cloud.CodeOf(e), "status", e.Status) }

// Unread says why a list of instances is not whole.
func Unread(err error) Saying {
	if answer, ok := Explain(err); ok && len(answer.Text) > 0 {
		return answer.Text[0]
	}
	return Say(ProjectSilent)
}

func refused(e *policy.Refusal) Saying {
	key := groundKey(e.Ground)
	switch e.Ground {
	case policy.NobodyCan:
		if e.Who.Empty() {
			key = NobodyNamed
		}
	case policy.Unreachable:
		if errors.Is(e.Err, policy.ErrNoGroup) {
			key = GroupUntold
		}
	case policy.UnknownPerson, policy.Deactivated, policy.IsBot, policy.IsGuest, policy.IsExternal:
		if e.Reading {
			return Say(NotAllowedToSee, "why", Say(key))
		}
		return Say(NotAllowedToDo, "why", Say(key))
	}
	var who any = Say(NobodyNow)
	if !e.Who.Empty() {
		who = mentions(e.Who)
	}
	return Say(key, "who", who)
}

// Closed says why the policy's calendar is closed at a time.
func Closed(e *policy.ClosedError) Saying {
	c := e.Closure
	if c.Kind == calendar.InFreeze {
		return Say(InFreeze, "time", exact(e.At), "freeze", c.Freeze)
	}
	windows := listed(factsOf(c.Windows))
	if c.Kind == calendar.TooNearEnd {
		return Say(TooNearEnd, "time", exact(e.At), "n", int(c.Takes/time.Hour), "windows", windows)
	}
	return Say(OutsideWindows, "time", exact(e.At), "windows", windows)
}

func hindered(e *approvals.EventError) Saying {
	r := e.Request
	switch e.Obstacle {
	case approvals.Replaced, approvals.Overtaken, approvals.LastItem, approvals.AlreadyDecided, approvals.NothingToUndo:
		return Say(obstacleKey(e.Obstacle), Whole(r))
	case approvals.TooLate:
		if dueToLead(r) {
			return Say(TooLateForLead, Whole(r))
		}
		return Say(obstacleKey(e.Obstacle), Whole(r))
	}
	return overtakenBy(r)
}

// instead is what does what somebody wanted of a request that is past it.
func instead(e *approvals.EventError) Saying {
	r := e.Request
	var names commas
	for _, i := range r.Kept() {
		v := ViewOf(r, i)
		if e.Verb == approvals.VerbWithdraw && v.Stage == approvals.Scheduled {
			return Say(CancelInstead, v)
		}
		names = append(names, Typable(v.It.Target))
	}
	if e.Verb == approvals.VerbReschedule && !r.Open() {
		return Say(AskAnew, "typed", names)
	}
	return Saying{}
}

// PastWithdrawal refuses to withdraw one of a batch that was called already.
func PastWithdrawal(v View) error {
	next := Saying{}
	if v.Stage == approvals.Scheduled {
		next = Say(CancelInstead, v)
	}
	return Tell(Say(NotChanged, "states", v.Standing(), v), next)
}

// overtakenBy tells the loser of a race who was faster.
func overtakenBy(r *approvals.Request) Saying {
	if r.Closing.By.ID != "" {
		return Say(NotChangedBy, "by", r.Closing.By, "at", r.Closing.At, Whole(r))
	}
	if e := r.Emergency; e != nil {
		return Say(NotChangedSkipped, "by", e.By, "at", e.At, Whole(r))
	}
	if given := r.Approvals(); len(given) > 0 && r.State != approvals.Pending {
		last := given[len(given)-1]
		return Say(NotChangedApproved, "by", last.By, "at", last.At, Whole(r))
	}
	return Say(NotChanged, Whole(r))
}
