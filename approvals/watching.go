package approvals

import "time"

// This file holds what a look at the instance does to a request: the rows of
// the table "say / when".

const (
	// missedAfter is how long after its time an upgrade that never ran is missed.
	missedAfter = 30 * time.Minute
	// stuckAfter is how long a running upgrade may take.
	stuckAfter = 4 * time.Hour
	// invisibleAfter is how long an accepted schedule may stay invisible before
	// people are told.
	invisibleAfter = 20 * time.Second
	// changedAfter is how long a schedule that was never read back may stay
	// invisible before it counts as changed by somebody else.
	changedAfter = 15 * time.Minute
)

func (e Look) apply(r *Request, now time.Time) ([]Effect, error) {
	o := e.Observation
	r.Progress.SeenAt = now
	moved := r.follow(o)
	effects := r.look(o, now)
	if moved {
		effects = append(effects, r.notify("replaced"), r.draw())
	}
	return effects, nil
}

// follow keeps to an instance that came back under another id.
func (r *Request) follow(o Observation) bool {
	if o.ServerID == "" || o.ServerID == r.Target.ServerID {
		return false
	}
	r.Target.ServerID = o.ServerID
	return true
}

func (r *Request) look(o Observation, now time.Time) []Effect {
	switch r.State {
	case Executing, Unknown:
		return r.lookAfterCall(o, now)
	case Running:
		return r.lookWhileRunning(o, now)
	default:
		return r.lookAhead(o, now)
	}
}

// lookAfterCall finds out what became of a call whose answer is not known.
func (r *Request) lookAfterCall(o Observation, now time.Time) []Effect {
	r.Call.Reads++
	if r.tookEffect(o, now) {
		r.Call.FinishedAt = now
		r.Call.Outcome = Outcome{Kind: Accepted, Code: "read back", At: now}
		return r.accepted(now)
	}
	r.Call.Absent++
	if r.State == Executing {
		return nil
	}
	if now.Sub(r.lastMoment()) > giveUpAfter || r.spent(now) {
		r.State = Failed
		return append(r.drawAndNotify("given up"), r.releaseTarget()...)
	}
	return []Effect{r.execute(now.Add(readPause(r.Call.Reads)))}
}

// spent reports whether the last attempt is settled and there is none left.
func (r *Request) spent(now time.Time) bool {
	return r.Call.Attempt >= maxAttempts && r.Call.Absent >= absentReads && now.Sub(r.Call.StartedAt) >= settleAfter
}

// lastMoment is the time the request is about: a rollback has none of its own.
func (r *Request) lastMoment() time.Time {
	if r.At.IsZero() {
		return r.Call.StartedAt
	}
	return r.At
}

// tookEffect reports whether the instance shows what the call asked for.
func (r *Request) tookEffect(o Observation, now time.Time) bool {
	switch r.Action {
	case Cancel:
		return o.UpgradeTime.IsZero() && !o.Missing
	case Rollback:
		return o.Running || o.Idle && o.Version != r.Target.Version
	default:
		return o.UpgradeTime.Equal(r.At) || o.Running && !now.Before(r.At)
	}
}

// lookAhead compares a scheduled upgrade with what the cloud shows.
func (r *Request) lookAhead(o Observation, now time.Time) []Effect {
	switch {
	case o.Running:
		return r.started(o, now)
	case r.ended(o):
		return r.confirm(Succeeded, o, now)
	case !now.Before(r.At.Add(missedAfter)):
		return r.close(Missed, now, Person{}, "")
	case o.Missing:
		return r.confirm(Changed, o, now)
	case r.Action == Rollback || !now.Before(r.At):
		return nil // it is about to start
	case o.UpgradeTime.Equal(r.At):
		return r.verified(now)
	case r.TakenBack != 0 && o.UpgradeTime.IsZero():
		return r.close(Cancelled, now, Person{}, "")
	case r.Progress.VerifiedAt.IsZero() && now.Sub(r.Call.FinishedAt) < changedAfter:
		return r.invisible(now)
	}
	r.Progress.FoundTime = o.UpgradeTime
	return r.close(Changed, now, Person{}, "")
}

// ended reports whether the instance is at rest with another version.
func (r *Request) ended(o Observation) bool {
	return o.Idle && o.Version != "" && o.Version != r.Target.Version
}

func (r *Request) started(o Observation, now time.Time) []Effect {
	r.State = Running
	r.Progress.StartedAt, r.Progress.Phase, r.Progress.Finding = now, o.Phase, ""
	return r.drawAndNotify("running")
}

func (r *Request) verified(now time.Time) []Effect {
	if !r.Progress.VerifiedAt.IsZero() {
		return nil
	}
	r.Progress.VerifiedAt = now
	return r.drawAndNotify("scheduled")
}

func (r *Request) invisible(now time.Time) []Effect {
	if now.Sub(r.Call.FinishedAt) < invisibleAfter {
		return nil
	}
	return []Effect{r.notify("accepted")}
}

// lookWhileRunning follows an upgrade that has started to its end.
func (r *Request) lookWhileRunning(o Observation, now time.Time) []Effect {
	switch {
	case o.Broken:
		return r.confirm(Failed, o, now)
	case r.ended(o):
		return r.confirm(Succeeded, o, now)
	case o.Idle:
		return r.confirm(Failed, o, now)
	case now.Sub(r.Progress.StartedAt) > stuckAfter:
		return r.end(Failed, o, now, "stuck")
	}
	r.Progress.Finding, r.Progress.Phase = "", o.Phase
	return []Effect{r.draw()}
}

// confirm ends the request when two looks in a row found the same end: an
// instance can show itself active in the middle of its restart.
func (r *Request) confirm(state State, o Observation, now time.Time) []Effect {
	finding := string(state) + " " + o.Version
	if r.Progress.Finding != finding {
		r.Progress.Finding = finding
		return nil
	}
	return r.end(state, o, now, findingReason(state, o))
}

func findingReason(state State, o Observation) string {
	switch {
	case o.Missing:
		return "gone"
	case state != Failed:
		return ""
	case o.Broken:
		return "broken"
	default:
		return "same version"
	}
}

func (r *Request) end(state State, o Observation, now time.Time, reason string) []Effect {
	r.Progress.EndedAt, r.Progress.Version, r.Progress.Next = now, o.Version, o.Next
	r.Progress.Phase, r.Progress.Finding = o.Phase, ""
	return r.close(state, now, Person{}, reason)
}
