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
	// blindAfter is how long the cloud may be unreadable near an upgrade before
	// people are told.
	blindAfter = 10 * time.Minute
)

func (e Look) apply(r *Request, now time.Time) ([]Effect, error) {
	o := e.Observation
	r.Progress.SeenAt, r.Progress.BlindSince = now, time.Time{}
	moved := !e.Taken && r.follow(o)
	effects := r.look(o, now)
	if moved {
		effects = append(effects, r.notify("replaced"), r.draw())
	}
	return effects, nil
}

// apply tells people once that nobody sees what becomes of an upgrade whose time
// is near. Long before it there is time to wait.
func (e Blind) apply(r *Request, now time.Time) ([]Effect, error) {
	near := r.State == Running || !now.Before(r.At.Add(-nearBefore))
	if !near {
		return nil, nil
	}
	if r.Progress.BlindSince.IsZero() {
		r.Progress.BlindSince = now
	}
	if now.Sub(r.Progress.BlindSince) < blindAfter {
		return nil, nil
	}
	return []Effect{r.notify("blind")}, nil
}

// follow keeps to an instance that came back under another id. Before the
// cloud's answer is known there is nothing to follow: another id is then another
// instance than the one people approved.
func (r *Request) follow(o Observation) bool {
	called := r.State == Scheduled || r.State == Running
	if !called || o.ServerID == "" || o.ServerID == r.Target.ServerID {
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
		r.Call.Outcome = Outcome{Kind: Accepted, Code: CodeReadBack, At: now}
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
		return !o.UpgradeTime.Equal(r.At) && !o.Missing && !o.Running
	case Rollback:
		return o.Running || r.ended(o)
	default:
		return o.UpgradeTime.Equal(r.At) || o.Running && !now.Before(r.At)
	}
}

// lookAhead is for what the cloud has accepted and was not seen running.
func (r *Request) lookAhead(o Observation, now time.Time) []Effect {
	switch {
	case r.Action == Cancel:
		return r.lookForCancel(o, now)
	case o.Running:
		return r.started(o, now)
	case now.Before(r.At):
		return r.lookBefore(o, now)
	}
	return r.lookWhenDue(o, now)
}

// lookForCancel reads a cancel back. An upgrade at another time is somebody
// else's, and no trace of this one.
func (r *Request) lookForCancel(o Observation, now time.Time) []Effect {
	switch {
	case o.Running:
		return r.end(Failed, o, now, "started")
	case r.tookEffect(o, now):
		r.Progress.VerifiedAt = now
		return r.close(Succeeded, now, Person{}, "")
	case o.Missing:
		return r.end(Failed, o, now, "gone")
	case now.Sub(r.Call.FinishedAt) >= changedAfter:
		return r.end(Failed, o, now, "still there")
	}
	return nil
}

// lookBefore compares a scheduled upgrade with what the cloud shows ahead of its
// time.
func (r *Request) lookBefore(o Observation, now time.Time) []Effect {
	switch {
	case o.Missing, r.ended(o):
		return r.confirm(Changed, o, now)
	case o.UpgradeTime.Equal(r.At):
		return r.verified(now)
	case r.TakenBack != 0 && !o.Ahead(now):
		return r.close(Cancelled, now, Person{}, "")
	case r.Progress.VerifiedAt.IsZero() && !o.Ahead(now) && now.Sub(r.Call.FinishedAt) < changedAfter:
		return r.invisible(now)
	}
	return r.confirm(Changed, o, now)
}

// lookWhenDue waits for the start. An instance that cannot be found may be on
// its way to another id.
func (r *Request) lookWhenDue(o Observation, now time.Time) []Effect {
	switch {
	case r.ended(o):
		return r.confirm(Succeeded, o, now)
	case o.Broken:
		return r.confirm(Failed, o, now)
	case r.Action == Upgrade && o.Ahead(now):
		return r.confirm(Changed, o, now)
	case now.Before(r.At.Add(missedAfter)):
		r.Progress.Waited, r.Progress.Finding = r.Progress.Waited || o.Idle, ""
		return nil
	case o.Missing:
		return r.end(Changed, o, now, "gone")
	}
	return r.end(Missed, o, now, "")
}

// ended reports whether the instance is at rest with another version.
func (r *Request) ended(o Observation) bool {
	return o.Idle && changed(r.Target.Version, o.Version)
}

// started notes the start. An upgrade that was never seen waiting started at its
// time; one that was started at about this look.
func (r *Request) started(o Observation, now time.Time) []Effect {
	r.State = Running
	r.Progress.StartedAt, r.Progress.Phase, r.Progress.Finding = now, o.Phase, ""
	if r.At.Before(now) && !r.Progress.Waited {
		r.Progress.StartedAt = r.At
	}
	return r.drawAndNotify("running")
}

func (r *Request) verified(now time.Time) []Effect {
	r.Progress.Finding = ""
	if !r.Progress.VerifiedAt.IsZero() {
		return nil
	}
	r.Progress.VerifiedAt = now
	return r.drawAndNotify("scheduled")
}

func (r *Request) invisible(now time.Time) []Effect {
	r.Progress.Finding = ""
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
		r.Progress.Finding, r.Progress.FoundAt = finding, now
		return nil
	}
	return r.end(state, o, r.Progress.FoundAt, reasonFor(state, r, o))
}

func reasonFor(state State, r *Request, o Observation) string {
	switch {
	case o.Missing:
		return "gone"
	case state == Changed && r.ended(o):
		return "upgraded"
	case state != Failed:
		return ""
	case o.Broken:
		return "broken"
	}
	return "same version"
}

// end closes the request with what the last look showed. at is when that was
// first seen.
func (r *Request) end(state State, o Observation, at time.Time, reason string) []Effect {
	p := &r.Progress
	p.EndedAt, p.Version, p.Next, p.Phase, p.Finding = at, o.Version, o.Next, o.Phase, ""
	if state == Changed && o.Ahead(at) {
		p.FoundTime = o.UpgradeTime
	}
	return r.close(state, p.SeenAt, Person{}, reason)
}
