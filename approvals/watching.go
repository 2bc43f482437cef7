package approvals

import (
	"cmp"
	"slices"
	"time"
)

// This file holds what a look at the instance does to an item: the rows of the
// table "say / when" of what is known of the cloud.

const (
	// changedAfter is how long a schedule that was never read back may stay
	// invisible before it counts as changed by somebody else.
	changedAfter = 15 * time.Minute
	// unchangedFor is how long an end is looked at that may be a moment's picture: that the
	// instance is at rest with its old version, faulty or without its upgrade. Its restart
	// can take minutes, and shows so.
	unchangedFor = 3 * time.Minute
	// startsWithin is how long before an upgrade's start the list may show no time for
	// it any more: the cloud's clock need not be ours.
	startsWithin = 2 * time.Minute
	// goneFor is how long it is out of the list before it counts as gone: a cross-version
	// upgrade takes it out for a while, and a list may be short of what is still upgraded.
	goneFor = time.Hour
	// nearBefore is how long before its time an upgrade is near.
	nearBefore = time.Hour
	// MissedAfter is how long after its time an upgrade that never ran is missed.
	MissedAfter = 30 * time.Minute
	// StuckAfter is how long a running upgrade may take.
	StuckAfter = 4 * time.Hour
	// InvisibleAfter is how long an accepted schedule may stay invisible before
	// people are told.
	InvisibleAfter = 20 * time.Second
)

// Look is one look at the instance of an item, and when it began. Taken says
// that another open request holds the id under which the instance is found.
type Look struct {
	Item        int
	Observation Observation
	Began       time.Time
	Taken       bool
}

func (e Look) About() (Verb, int) { return VerbLook, e.Item }

func (e Look) apply(r *Request, now time.Time) Obstacle {
	it := &r.Items[e.Item]
	it.Progress.SeenAt, it.Progress.BlindSince = now, time.Time{}
	if it.State == Missed && !now.Before(r.dueAt(e.Item).Add(giveUpAfter)) {
		return "" // nobody waits for it any more
	}
	switched := it.Target.switched(e.Observation)
	moved := !e.Taken && it.follow(e.Observation)
	l := look{r: r, i: e.Item, it: it, seen: e.Observation, at: r.dueAt(e.Item), began: e.Began, now: now}
	switch it.State {
	case Executing, Unknown:
		l.afterCall()
	case Running:
		l.whileRunning()
	case Changed:
		l.whileChanged()
	case Missed:
		l.whileMissed(e.Taken)
	default:
		l.whileScheduled()
	}
	switch {
	case moved && switched:
		r.tellAgain(e.Item, NoticeSwitched)
	case moved:
		r.tell(e.Item, NoticeReplaced)
	}
	return ""
}

// follow keeps to an instance that came back under another id, and to the primary
// of a pair. Before the cloud's answer is known there is nothing to follow: another id is then another
// instance than the one people approved.
func (it *Item) follow(o Observation) bool {
	called := it.State == Scheduled || it.State == Running || it.State == Missed || it.Watched
	if !called || o.ServerID == "" || o.ServerID == it.Target.ServerID {
		return false
	}
	it.Target.ServerID, it.Target.HAID = o.ServerID, cmp.Or(o.HAID, it.Target.HAID)
	return true
}

// look is what one look has seen of item i, which is to begin at at.
type look struct {
	r    *Request
	i    int
	it   *Item
	seen Observation

	at, began, now time.Time
}

// afterCall finds out what became of a call whose answer is not known.
func (l look) afterCall() {
	call := &l.it.Call
	call.Reads++
	if l.r.TookEffect(l.i, l.seen, l.now) {
		call.FinishedAt = l.now
		call.Outcome = Outcome{Kind: Accepted, Code: CodeReadBack, At: l.now}
		l.r.accepted(l.i)
		return
	}
	if l.it.State == Executing {
		return // its claim has not ended: absence says nothing yet
	}
	l.absent()
	about := l.at
	if l.r.Action == Rollback { // it has no time of its own
		about = call.StartedAt
	}
	spent := call.Tries >= maxTries && l.r.MayCallAgain(l.i, l.now) // the last attempt is settled, and there is none left
	if l.now.Sub(about) > giveUpAfter || spent {
		l.r.end(l.i, Failed, EndGivenUp, l.now)
		l.r.tell(l.i, NoticeGivenUp)
	}
}

// absent counts a look that showed no trace of the call. Absence says nothing
// before the call is settled, nor of an instance that the list leaves out, and one read
// is counted once, whoever shares it.
func (l look) absent() {
	call := &l.it.Call
	settled := call.StartedAt.Add(SettleAfter)
	switch {
	case l.now.Before(settled):
		call.NextAt = earlier(l.now.Add(readPause(call.Reads)), settled)
		return
	case !l.seen.Missing && !l.began.Before(settled) && l.began.After(call.AbsentAt):
		call.Absent++
		call.AbsentAt = l.began
	}
	call.NextAt = l.now.Add(readPause(0))
	if call.Absent >= absentReads {
		call.NextAt = l.now.Add(readPause(call.Reads))
	}
}

// TookEffect reports whether an instance shows what the call of item i asks for.
func (r *Request) TookEffect(i int, o Observation, now time.Time) bool {
	action, at := r.Doing(i)
	ran := o.Running || r.Items[i].ended(o)
	switch action {
	case Cancel:
		return !o.Holds(at) && !o.Missing && !ran
	case Rollback:
		return ran
	default:
		return o.Holds(at) || ran && !now.Before(at)
	}
}

// whileScheduled is for what the cloud has accepted and was not seen running.
func (l look) whileScheduled() {
	switch action, _ := l.r.Doing(l.i); {
	case action == Cancel:
		l.readCancelBack()
	case l.seen.Running, l.it.halfway(l.seen) && !l.now.Before(l.at):
		l.started()
	case l.now.Before(l.at):
		l.beforeStart()
	default:
		l.pastStart()
	}
}

// readCancelBack reads a cancel back. An upgrade at another time is somebody else's,
// and no trace of this one.
func (l look) readCancelBack() {
	switch {
	case l.seen.Running, l.it.ended(l.seen):
		l.end(Failed, EndStarted, l.now)
	case l.r.Moves() && l.r.TookEffect(l.i, l.seen, l.now):
		l.r.freed(l.i, l.now)
	case l.r.TookEffect(l.i, l.seen, l.now):
		l.it.Progress.VerifiedAt = l.now
		l.end(Succeeded, "", l.now)
	case l.seen.Missing:
		l.end(Failed, EndGone, l.now)
	case l.now.Sub(l.it.Call.FinishedAt) >= changedAfter:
		l.end(Failed, EndStillThere, l.now)
	}
}

// beforeStart compares a scheduled upgrade with what the cloud shows ahead of its
// time.
func (l look) beforeStart() {
	unverified, soon := l.it.Progress.VerifiedAt.IsZero(), l.at.Sub(l.now) <= startsWithin
	switch {
	case l.seen.Missing, l.it.ended(l.seen):
		l.confirm(Changed)
	case l.seen.Holds(l.at):
		l.verified()
	case l.seen.Ahead(l.now):
		l.confirm(Changed)
	case l.it.TakenBack != 0 && !soon:
		l.end(Cancelled, "", l.now)
	case soon, unverified && l.now.Sub(l.it.Call.FinishedAt) < changedAfter:
		l.it.Progress.Finding = ""
	default:
		l.confirm(Changed)
	}
}

// pastStart waits for the start. An instance that cannot be found may be on its way
// to another id.
func (l look) pastStart() {
	switch {
	case l.it.ended(l.seen):
		l.confirm(Succeeded)
	case l.seen.Broken:
		l.confirm(Failed)
	case l.r.Action == Upgrade && l.seen.Ahead(l.now):
		l.confirm(Changed)
	case l.now.Before(l.at.Add(MissedAfter)):
		l.it.Progress.Waited, l.it.Progress.Finding = l.it.Progress.Waited || l.seen.Idle, ""
	case l.seen.Missing:
		l.end(Changed, EndGone, l.now)
	case l.it.TakenBack != 0 && !l.seen.Holds(l.at):
		l.end(Cancelled, "", l.now)
	default:
		l.end(Missed, "", l.now)
	}
}

// ended reports whether the instance is at rest with another version, a pair with
// both parts.
func (it Item) ended(o Observation) bool {
	return o.Idle && changed(it.Target.Version, o.Version) && !it.halfway(o)
}

// halfway reports whether one part of a pair has another version, and the other
// has not.
func (it Item) halfway(o Observation) bool {
	was := it.Target.Version
	return o.StandbyVersion != "" && changed(was, o.Version) != changed(was, o.StandbyVersion)
}

// unversioned reports whether the list leaves the version out that it has told before:
// nobody knows then whether it is another one.
func (it Item) unversioned(o Observation) bool {
	return o.Version == "" && it.Target.Version != ""
}

// started notes the start. An upgrade that was never seen waiting started at its
// time; one that was started at about this look.
func (l look) started() {
	p := &l.it.Progress
	l.it.State = Running
	p.StartedAt, p.EndedAt, p.Phase, p.Finding = l.now, time.Time{}, l.seen.Phase, ""
	if l.at.Before(l.now) && !p.Waited {
		p.StartedAt = l.at
	}
	l.r.tell(l.i, NoticeRunning)
}

func (l look) verified() {
	l.it.Progress.Finding = ""
	if l.it.Progress.HeldAt = l.seen.UpgradeTime; l.seen.UpgradeTime.Equal(l.at) {
		l.it.Progress.HeldAt = time.Time{}
	}
	if l.it.Progress.VerifiedAt.IsZero() {
		l.it.Progress.VerifiedAt = l.now
		if l.r.Unseen && !l.r.Unread() { // the requester does not see the thread
			l.r.notify(Notice{Kind: NoticeCalled, To: l.r.Requester.ID})
		}
	}
}

// Unread reports whether something was called, or is to be, that was not read back yet.
func (r *Request) Unread() bool {
	return slices.ContainsFunc(r.Items, func(it Item) bool {
		return it.State == Waiting || it.State == Executing || it.State == Unknown || it.State == Scheduled && it.Progress.VerifiedAt.IsZero()
	})
}

// whileRunning follows an upgrade that has started to its end.
func (l look) whileRunning() {
	p := &l.it.Progress
	switch {
	case l.it.ended(l.seen):
		l.confirm(Succeeded)
	case l.seen.Broken, l.seen.Idle && !l.it.halfway(l.seen) && !l.it.unversioned(l.seen):
		l.confirm(Failed)
	case l.seen.Missing:
		p.Phase = ""
		l.confirm(Failed)
	default:
		p.Finding, p.Phase = "", l.seen.Phase
		if p.StuckAt.IsZero() && l.now.Sub(p.StartedAt) > StuckAfter {
			p.StuckAt = l.now
			l.r.tell(l.i, NoticeStuck)
		}
	}
}

// whileChanged follows what somebody has scheduled in place of what was approved.
func (l look) whileChanged() {
	p, approved := &l.it.Progress, l.r.Time(l.i)
	switch {
	case l.seen.Running:
		l.it.Watched = false
		l.started()
	case l.seen.Missing, l.it.ended(l.seen):
		l.confirm(Changed)
	case l.seen.Ahead(l.now) && l.seen.Holds(approved):
		l.it.State, l.it.Watched, p.FoundTime, p.EndedAt = Scheduled, false, time.Time{}, time.Time{}
		l.verified()
		l.r.tellAgain(l.i, NoticeRestored)
	case l.seen.Ahead(l.now) && !l.seen.Holds(p.FoundTime):
		p.Finding, p.FoundTime = "", l.seen.UpgradeTime
		l.r.tellAgain(l.i, NoticeChanged)
	case l.seen.Ahead(l.now), !l.now.Before(l.at) && l.now.Before(l.at.Add(MissedAfter)), !l.seen.Idle && !l.seen.Broken:
		p.Finding = ""
	default:
		l.confirm(Changed)
	}
}

// whileMissed tells of what begins after it was missed. It holds its instance no longer: where
// another request has that, people are told, and no more.
func (l look) whileMissed(taken bool) {
	switch runs := l.seen.Running || l.it.halfway(l.seen); {
	case runs && taken:
		l.r.tell(l.i, NoticeRunning)
	case runs:
		l.started()
	case l.it.ended(l.seen):
		l.confirm(Succeeded)
	}
}

// confirm ends the item when looks in a row, two or more, found the same end: an
// instance can show itself active in the middle of its restart.
func (l look) confirm(state State) {
	p, finding := &l.it.Progress, string(state)+" "+l.seen.Version
	switch {
	case p.Finding != finding:
		p.Finding, p.FoundAt = finding, l.now
	case l.now.Sub(p.FoundAt) >= l.patience(state):
		l.end(state, l.why(state), p.FoundAt)
	}
}

// patience is how long an end is looked at before it counts. Another version, or another
// time, is somebody's doing.
func (l look) patience(state State) time.Duration {
	switch {
	case l.seen.Missing:
		return goneFor
	case l.it.ended(l.seen), state == Changed && l.seen.Ahead(l.now):
		return 0
	}
	return unchangedFor
}

func (l look) why(state State) End {
	switch {
	case l.seen.Missing:
		return EndGone
	case state == Changed && l.it.ended(l.seen):
		return EndUpgraded
	case l.it.Watched && l.now.Before(l.at):
		return EndTakenBack
	case l.it.Watched:
		return EndNeverRan
	case state != Failed:
		return ""
	case l.seen.Broken:
		return EndBroken
	}
	return EndSameVersion
}

// end closes the item with what the last look showed. at is when that was first
// seen. What somebody has scheduled instead is watched.
func (l look) end(state State, why End, at time.Time) {
	p, notice := &l.it.Progress, NoticeKind(state) // each end has the notice of its name
	if l.it.Watched {
		notice = NoticeUnwatched
	}
	p.Version, p.Offer, p.Phase, p.Finding = l.seen.Version, l.seen.Offer, l.seen.Phase, ""
	if l.it.Watched = state == Changed && why == "" && l.seen.Ahead(at); l.it.Watched {
		p.FoundTime = l.seen.UpgradeTime
	}
	l.r.end(l.i, state, why, at)
	l.r.tell(l.i, notice)
}
