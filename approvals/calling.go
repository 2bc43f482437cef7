package approvals

import (
	"cmp"
	"slices"
	"time"
)

// This file holds what happens between approval and the cloud's answer.

const (
	// CallTimeout is how long a claim lasts: the call cannot be under way longer.
	CallTimeout = 25 * time.Second
	// SettleAfter is how long after an unclear call its absence in the cloud
	// means that it did not take effect. It is longer than CallTimeout, by more than a
	// clock may go ahead without anybody's noticing (engine.CallSkew).
	SettleAfter = time.Minute
	// absentReads is how many looks in a row have to show that absence.
	absentReads = 2
	// maxTries is how many attempts may be unclear.
	maxTries = 3
	// ShutOutFor is how long an approved call waits for the cloud to let the program in.
	ShutOutFor = time.Hour
	// shutOutPause is between two calls meanwhile: five wrong passwords within a
	// quarter of an hour lock the account.
	shutOutPause = 10 * time.Minute
	// longestWait is how long a cloud is believed that asks to wait: one that still
	// has too much to do then says so again.
	longestWait = 10 * time.Minute
	// giveUpAfter is how long after its time an upgrade is followed that never showed.
	giveUpAfter = 4 * time.Hour
)

type (
	// Hold says that no call is made for the moment: because clocks differ or, with Group,
	// because the directory tells nothing of a group whose approvals have to stand.
	Hold struct {
		Item  int
		Group bool
	}
	// Conclude is what a look before the call showed: the call is not made. It
	// counts against the record that was read before the look.
	Conclude struct {
		Item    int
		Outcome Outcome
	}
	// Claim is the right to the next attempt of the call, until its end. Primary is
	// the server id that a pair is called by at this moment; "" for a single instance.
	// Worker is a word that only whoever claims knows.
	Claim struct {
		Item    int
		Primary string
		Worker  string
	}
	// Unclaim gives a claim back that Worker holds and called nobody by.
	Unclaim struct {
		Item   int
		Worker string
	}
	// Finish is the answer of one attempt.
	Finish struct {
		Item    int
		Attempt int
		Outcome Outcome
	}
	// TakeBack says that the cancel request By is being called for this item.
	TakeBack struct {
		Item int
		By   int64
		For  string // the id of who asked for By
		Move bool   // By is a move: the upgrade takes place at another time
		Undo bool   // the cancel came to nothing
		Stop bool   // the program made the cancel, because the batch has failed
	}
	// TakeOver begins the second step of a move, when what it replaces is over.
	TakeOver struct{ Item int }
	// Release notes that the upgrade knows of its cancel's end.
	Release struct{ Item int }
)

func (e Hold) About() (Verb, int)     { return VerbHold, e.Item }
func (e Conclude) About() (Verb, int) { return VerbConclude, e.Item }
func (e Claim) About() (Verb, int)    { return VerbClaim, e.Item }
func (e Unclaim) About() (Verb, int)  { return VerbUnclaim, e.Item }
func (e Finish) About() (Verb, int)   { return VerbFinish, e.Item }
func (e TakeBack) About() (Verb, int) { return VerbTakeBack, e.Item }
func (e TakeOver) About() (Verb, int) { return VerbTakeOver, e.Item }
func (e Release) About() (Verb, int)  { return VerbRelease, e.Item }

func (e Hold) apply(r *Request, _ time.Time) Obstacle {
	if e.Group {
		r.tell(e.Item, NoticeNoGroup)
	} else {
		r.tell(e.Item, NoticeClock)
	}
	return ""
}

func (e Claim) apply(r *Request, now time.Time) Obstacle {
	it := &r.Items[e.Item]
	if it.State == Unknown && !r.MayCallAgain(e.Item, now) || it.Step == StepTakeOver {
		return TooEarly
	}
	if r.TooLateToCall(e.Item, now) {
		return TooLate
	}
	it.State, it.Target.ServerID = Executing, cmp.Or(e.Primary, it.Target.ServerID)
	it.Call = Call{
		Attempt: it.Call.Attempt + 1, Tries: it.Call.Tries + 1, Unsent: it.Call.Unsent, ShutOutAt: it.Call.ShutOutAt,
		Worker: e.Worker, StartedAt: now, EndsAt: now.Add(CallTimeout),
	}
	return ""
}

func (e Unclaim) apply(r *Request, now time.Time) Obstacle {
	it := &r.Items[e.Item]
	if e.Worker != it.Call.Worker {
		return OtherAttempt
	}
	it.State = Waiting
	if it.Call.Tries--; it.Call.Tries > 0 { // an earlier attempt is not settled by that
		it.State, it.Call.NextAt = Unknown, now.Add(readPause(it.Call.Reads))
	}
	return ""
}

// TooLateToCall reports whether the notice that the cloud wants cannot be kept
// any more.
func (r *Request) TooLateToCall(i int, now time.Time) bool { return !now.Before(r.CallBy(i)) }

// MayCallAgain reports whether an unclear call clearly did not take effect.
func (r *Request) MayCallAgain(i int, now time.Time) bool {
	it := &r.Items[i]
	return it.State == Unknown && it.Call.Absent >= absentReads && now.Sub(it.Call.StartedAt) >= SettleAfter
}

func (e Conclude) apply(r *Request, now time.Time) Obstacle {
	it := &r.Items[e.Item]
	unsettled := it.State == Unknown && e.Outcome.Kind == Refused && !r.MayCallAgain(e.Item, now)
	between := it.Step == StepTakeOver && e.Outcome.Kind != Refused // of a move: what is seen is not its upgrade
	if unsettled || between {
		return TooEarly
	}
	r.outcome(e.Item, e.Outcome, now)
	return ""
}

func (e Finish) apply(r *Request, now time.Time) Obstacle {
	if e.Attempt != r.Items[e.Item].Call.Attempt {
		return OtherAttempt
	}
	r.outcome(e.Item, e.Outcome, now)
	return ""
}

// outcome is what becomes of item i with an answer, or without a call.
func (r *Request) outcome(i int, o Outcome, now time.Time) {
	it := &r.Items[i]
	o.At, o.Wait = now, min(o.Wait, longestWait)
	it.Call.FinishedAt, it.Call.Outcome = now, o
	unsettled := o.Code == CodeConflict && it.Call.Tries > 1 // what is in the way may be an earlier attempt's
	switch {
	case o.Kind == Accepted:
		r.accepted(i)
	case o.Kind == Refused && !unsettled:
		r.end(i, Failed, EndRefused, now)
		r.tell(i, NoticeRefused)
	case o.Kind == NotSent, o.Kind == Deferred:
		r.unsent(i, now)
	default:
		r.unclear(i, now)
	}
}

// accepted is the cloud's yes. What becomes of it is then watched: an upgrade
// and a rollback to their end, a cancel until it is read back.
func (r *Request) accepted(i int) {
	it := &r.Items[i]
	it.State, it.Call.NextAt = Scheduled, time.Time{}
	answered := it.Call.Outcome.Code != CodeReadBack // else the look that found it says more
	switch action, _ := r.Doing(i); {
	case action == Upgrade:
		r.notify(Notice{Kind: NoticeCalled})
	case action == Cancel && answered:
		r.tell(i, NoticeCancelAccepted)
	case answered:
		r.tell(i, NoticeRollbackAccepted)
	}
}

// unsent puts a call off that had no effect. After an attempt that was unclear,
// though, nothing may be said to be settled by a later one that failed.
func (r *Request) unsent(i int, now time.Time) {
	it := &r.Items[i]
	if it.State == Executing {
		it.Call.Tries--
	}
	if it.Call.Tries > 0 {
		it.State, it.Call.NextAt = Unknown, now.Add(max(readPause(it.Call.Reads), it.Call.Outcome.Wait))
		return
	}
	notice, wait := it.Call.putOff(now)
	it.State, it.Call.NextAt = Waiting, earlier(now.Add(wait), r.CallBy(i))
	it.Call.Unsent++
	if notice == NoticeRefused {
		r.end(i, Failed, EndRefused, now)
	}
	r.notify(Notice{Kind: notice, Item: i, N: r.told(0, NoticeLapsed)}) // approved anew, it is news again
}

// putOff says when a call that had no effect is made again, and what is told of
// it. A cloud with too much to do is left alone for as long as it asks, else for 5 s at first: its gateway
// names 2 to 5 (https://support.huaweicloud.com/intl/en-us/usermanual-apig/apig_03_0048.html). A program
// that is not let in tries no more than for a while.
func (c *Call) putOff(now time.Time) (NoticeKind, time.Duration) {
	switch {
	case c.Outcome.Kind == NotSent:
		return NoticeNotSent, readPause(c.Unsent)
	case !c.Outcome.shutOut():
		return NoticeThrottled, cmp.Or(c.Outcome.Wait, readPause(c.Unsent+2))
	case c.ShutOutAt.IsZero():
		c.ShutOutAt = now
	case now.Sub(c.ShutOutAt) >= ShutOutFor:
		return NoticeRefused, 0
	}
	return NoticeShutOut, min(shutOutPause, c.ShutOutAt.Add(ShutOutFor).Sub(now))
}

func (r *Request) unclear(i int, now time.Time) {
	it := &r.Items[i]
	if it.State == Unknown {
		it.Call.Reads++ // one that showed nothing
	} else {
		r.notify(Notice{Kind: NoticeUnclear, Item: i, N: it.Call.Tries})
	}
	it.State, it.Call.NextAt = Unknown, now.Add(readPause(it.Call.Reads))
}

// readPause is how long to wait before the next look after an unclear call:
// seconds at first, then minutes.
func readPause(reads int) time.Duration {
	seconds := []int{2, 3, 5, 10, 20, 30, 60, 120}
	return time.Duration(seconds[min(max(reads, 0), len(seconds)-1)]) * time.Second
}

func (e TakeBack) apply(r *Request, _ time.Time) Obstacle {
	it := &r.Items[e.Item]
	it.Stop = it.Stop || e.Stop
	switch {
	case !e.Undo:
		it.TakenBack, it.TakenBy, it.Moved = e.By, e.For, e.Move
	case it.TakenBack == e.By:
		it.TakenBack, it.TakenBy, it.Moved = 0, "", false
	}
	return ""
}

func (e Release) apply(r *Request, _ time.Time) Obstacle {
	if !r.Items[e.Item].Release {
		return WrongState
	}
	r.Items[e.Item].Release = false
	return ""
}

// ShutOut reports whether item i waits for the cloud to let the program in.
func (r *Request) ShutOut(i int) bool {
	return r.State == Approved && r.Items[i].State == Waiting && r.Items[i].Call.Outcome.shutOut()
}

// apply makes the calls due that wait for the cloud to let the program in.
func (e TryAgain) apply(r *Request, now time.Time) Obstacle {
	why := WrongState
	for i := range r.Items {
		if r.ShutOut(i) {
			r.Items[i].Call.NextAt, why = now, ""
		}
	}
	return why
}

// freed ends the first step of a move. A cancel whose answer was never known may
// still be on its way, and must not meet what is scheduled next.
func (r *Request) freed(i int, now time.Time) {
	it := &r.Items[i]
	next := now
	if it.Call.Outcome.Code == CodeReadBack {
		next = later(now, it.Call.StartedAt.Add(SettleAfter))
	}
	it.State, it.Step, it.FreedAt, it.Release = Waiting, StepTakeOver, now, true
	it.Call, it.Progress = Call{Attempt: it.Call.Attempt, NextAt: next}, Progress{}
	r.tell(i, NoticeFreed)
}

func (e TakeOver) apply(r *Request, now time.Time) Obstacle {
	it := &r.Items[e.Item]
	switch {
	case it.Step != StepTakeOver || it.Release:
		return WrongState
	case now.Before(it.Call.NextAt):
		return TooEarly
	}
	it.Step = ""
	return ""
}

// stopBatch takes back what has not begun of a batch in which an item has failed,
// and what comes back from a call that came to nothing. What the cloud holds
// already is taken back by requests of their own. An upgrade that could not be moved has
// not failed: the others are moved all the same.
func (r *Request) stopBatch(before *Request, now time.Time) {
	for i := range r.Items {
		it, was := &r.Items[i], &before.Items[i]
		begun := !r.Moves() || was.Step == "" && (was.State == Scheduled || was.State == Running)
		failed := begun && (it.State == Failed || it.State == Missed)
		r.Stopped = r.Stopped || r.Batch() && (failed || !it.Progress.StuckAt.IsZero())
	}
	if !r.Stopped {
		return
	}
	for i := range r.Items {
		if r.Items[i].State == Waiting || r.MayCallAgain(i, now) {
			r.end(i, Cancelled, EndStopped, now)
		}
	}
	r.notify(Notice{Kind: NoticeStopped})
}

// sumUp asks for the last word about a batch, when all of it has ended.
func (r *Request) sumUp() {
	if r.Batch() && !slices.ContainsFunc(r.Items, Item.Unfinished) {
		r.notify(Notice{Kind: NoticeSummary})
	}
}

func (r *Request) end(i int, state State, why End, at time.Time) {
	it := &r.Items[i]
	it.State, it.End, it.Progress.EndedAt = state, why, at
	it.Release = state != Cancelled && (r.Action == Cancel || it.Step == StepCancel) && r.Of != (Ref{})
}
