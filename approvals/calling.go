package approvals

import (
	"strconv"
	"time"
)

// This file holds what happens between approval and the cloud's answer.

const (
	// CallTimeout bounds one call to the cloud, so that a call in flight cannot
	// be overtaken by a second attempt, which waits for settleAfter.
	CallTimeout = 25 * time.Second
	// settleAfter is how long after an unclear call its absence in the cloud
	// means that it did not take effect.
	settleAfter = 45 * time.Second
	// absentReads is how many looks in a row have to show that absence.
	absentReads = 2
	// maxAttempts bounds the second attempts after unclear outcomes.
	maxAttempts = 3
	// giveUpAfter is how long after its time an upgrade is followed.
	giveUpAfter = 4 * time.Hour
)

func (e Deadline) apply(r *Request, now time.Time) ([]Effect, error) {
	if now.Before(r.Deadline) {
		return nil, r.refuse(e, TooEarly)
	}
	return r.close(Expired, now, Person{}, ""), nil
}

func (e Unpostable) apply(r *Request, now time.Time) ([]Effect, error) {
	r.State = Withdrawn
	r.Closing = Closing{At: now, Reason: e.Reason}
	return []Effect{r.notify("unpostable")}, nil
}

func (e Lapse) apply(r *Request, _ time.Time) ([]Effect, error) {
	for _, id := range e.Strike {
		r.strike(Person{ID: id})
	}
	r.Emergency = nil
	r.State, r.Quorum = Pending, e.Quorum
	return append(r.drawAndNotify("lapsed "+strconv.Itoa(len(r.Decisions))), r.expiry()), nil
}

func (e Begin) apply(r *Request, now time.Time) ([]Effect, error) {
	if r.State == Unknown && !r.MayCallAgain(now) {
		return nil, r.refuse(e, TooEarly)
	}
	if r.State == Approved && !now.Before(r.Deadline) {
		return nil, r.refuse(e, TooLate)
	}
	r.State = Executing
	r.Call = Call{Attempt: r.Call.Attempt + 1, Unsent: r.Call.Unsent, StartedAt: now}
	// The guard: whoever is alive finds out what became of this call.
	return []Effect{r.draw(), r.execute(now.Add(CallTimeout))}, nil
}

// MayCallAgain reports whether an unclear call clearly did not take effect.
func (r Request) MayCallAgain(now time.Time) bool {
	return r.State == Unknown && r.Call.Absent >= absentReads && r.Call.Attempt < maxAttempts &&
		now.Sub(r.Call.StartedAt) >= settleAfter
}

func (e Finish) apply(r *Request, now time.Time) ([]Effect, error) {
	calling := r.State
	r.Call.FinishedAt, r.Call.Outcome = now, e.Outcome
	r.Call.Outcome.At = now
	switch e.Outcome.Kind {
	case Accepted:
		return r.accepted(now), nil
	case Refused:
		r.State = Failed
		return append(r.drawAndNotify("refused"), r.releaseTarget()...), nil
	case NotSent:
		return r.unsent(calling, now), nil
	default:
		return r.unclear(calling, now), nil
	}
}

// accepted is the cloud's yes. What becomes of it is then watched: an upgrade
// and a rollback to their end, a cancel until it is read back.
func (r *Request) accepted(now time.Time) []Effect {
	r.State = Scheduled
	if r.Action == Rollback {
		r.At = now
	}
	effects := []Effect{r.draw(), r.watch(now)}
	answered := r.Call.Outcome.Code != CodeReadBack // else the look that found it says more
	if answered && r.Action != Upgrade {
		effects = append(effects, r.notify(string(r.Action)+" accepted"))
	}
	return effects
}

// unsent puts a call off that never left. After a first attempt that was
// unclear, though, nothing may be said to be settled by a second that failed.
func (r *Request) unsent(calling State, now time.Time) []Effect {
	if calling == Unknown {
		return []Effect{r.execute(now.Add(readPause(r.Call.Reads)))}
	}
	if calling == Executing {
		r.Call.Attempt--
	}
	pause := readPause(r.Call.Unsent)
	r.Call.Unsent++
	r.State = Approved
	return append(r.drawAndNotify("not sent"), r.execute(now.Add(pause)))
}

func (r *Request) unclear(calling State, now time.Time) []Effect {
	r.State = Unknown
	effects := []Effect{r.draw(), r.execute(now.Add(readPause(r.Call.Reads)))}
	if calling != Unknown {
		effects = append(effects, r.notify("unclear "+strconv.Itoa(r.Call.Attempt)))
	}
	return effects
}

// releaseTarget tells the upgrade that its cancel was refused.
func (r *Request) releaseTarget() []Effect {
	if r.Action != Cancel || r.Of == 0 {
		return nil
	}
	return []Effect{{Kind: Release, Request: r.Of, Key: strconv.FormatInt(r.ID, 10)}}
}

func (e TakeBack) apply(r *Request, _ time.Time) ([]Effect, error) {
	r.TakenBack = e.By
	return []Effect{r.draw()}, nil
}

// readPause is how long to wait before the next look after an unclear call:
// seconds at first, then minutes.
func readPause(reads int) time.Duration {
	pauses := []time.Duration{2, 3, 5, 10, 20, 30, 60, 120}
	return pauses[min(reads, len(pauses)-1)] * time.Second
}
