package messages

import (
	"cmp"
	"slices"
	"time"

	"cbhbot/approvals"
)

// This file holds which texts a notice is made of, by the facts.

// choices are for notices that have more than one text.
var choices = map[approvals.NoticeKind]func(n notification) []Key{
	approvals.NoticeCalled:         notification.called,
	approvals.NoticeCancelAccepted: notification.cancelAccepted,
	approvals.NoticeRefused:        notification.refused,
	approvals.NoticeGivenUp:        func(n notification) []Key { return []Key{n.own(), n.halfMoved()} },
	approvals.NoticeUnclear:        notification.unclear,
	approvals.NoticeNotSent:        notification.notSent,
	approvals.NoticeHeadsUp:        notification.ahead,
	approvals.NoticeRunning:        notification.started,
	approvals.NoticeSucceeded:      notification.succeeded,
	approvals.NoticeFailed:         notification.failed,
	approvals.NoticeMissed:         func(n notification) []Key { return []Key{n.byAction(n.own(), NoticeRollbackMissed)} },
	approvals.NoticeStuck:          func(n notification) []Key { return []Key{n.byAction(NoticeStuckUpgrade, NoticeStuckRollback)} },
	approvals.NoticeChanged:        notification.changed,
	approvals.NoticeUnwatched:      notification.unwatched,
	approvals.NoticeDirect:         notification.direct,
	approvals.NoticeDenied:         func(n notification) []Key { return []Key{n.own(), n.standsAsItWas()} },
	approvals.NoticeWithdrawn:      notification.withdrawn,
	approvals.NoticeTakenOut:       func(n notification) []Key { return []Key{n.own(), n.yours(n.It.Closing.By.ID)} },
	approvals.NoticeRescheduled:    func(n notification) []Key { return []Key{n.own(), n.yours(n.R.MovedBy.ID)} },
	approvals.NoticeClosed:         func(n notification) []Key { return []Key{n.own(), n.yours(n.R.Closing.By.ID)} },
	approvals.NoticeCancelled:      notification.cancelled,
	approvals.NoticeExpired:        notification.expired,
	approvals.NoticeEmergency:      notification.emergency,
	approvals.NoticeUnpostable:     notification.unpostable,
	approvals.NoticeSummary:        func(n notification) []Key { return []Key{n.own(), NoticeSum} },
}

// own is the text that is the notice's alone.
func (n notification) own() Key { return noticeKey(n.notice.Kind) }

// yours tells the requester what somebody else has done to what they had asked for; "" is
// nothing to say.
func (n notification) yours(doer string) Key {
	if doer == n.R.Requester.ID {
		return ""
	}
	return NoticeYours
}

// direct asks one approver, until there is nothing to decide any more.
func (n notification) direct() []Key {
	switch {
	case n.R.State != approvals.Pending:
		return []Key{DirectOver}
	case slices.ContainsFunc(n.R.Approvals(), func(yes approvals.Decision) bool { return yes.By.ID == n.notice.To }):
		return []Key{DirectGiven}
	}
	return []Key{n.own()}
}

// decided is how the decision went.
func decided(r *approvals.Request) Saying {
	switch {
	case r.Emergency != nil:
		return Say(DirectSkipped)
	case r.State == approvals.Approved:
		return Say(DirectApproved)
	}
	return Say(stateKey(r.State))
}

// byAction tells a rollback, which begins at once, from those with a time.
func (n notification) byAction(upgrade, rollback Key) Key {
	if n.R.Action == approvals.Rollback {
		return rollback
	}
	return upgrade
}

// called is the one message about the calls of a request: what is known of them, and
// whose approval they follow.
func (n notification) called() []Key {
	switch {
	case n.R.Batch():
		return []Key{NoticeBatch, NoticeApproved, NoticeBefore}
	case !n.It.Progress.VerifiedAt.IsZero():
		return []Key{NoticeScheduled, n.compared(), NoticeApproved, NoticeBefore}
	case n.now.Sub(n.It.Call.FinishedAt) < approvals.InvisibleAfter:
		return []Key{NoticeAccepted, NoticeApproved}
	}
	return []Key{NoticeNotVisible, NoticeApproved}
}

// compared says whether the cloud's time is the one that was wanted.
func (n notification) compared() Key {
	switch {
	case !n.R.HeldAt(n.I).Equal(n.At):
		return NoticeRounded
	case n.R.Emergency != nil:
		return NoticeAsAsked
	}
	return NoticeAsApproved
}

func (n notification) cancelAccepted() []Key {
	if n.R.Moves() {
		return []Key{NoticeMoveCancelAccepted}
	}
	return []Key{n.own()}
}

func (n notification) refused() []Key {
	title := map[approvals.Action]Key{
		approvals.Upgrade: NoticeNotScheduled, approvals.Cancel: NoticeNotCancelled, approvals.Rollback: NoticeNotRolledBack,
	}[n.R.Action]
	if n.R.Moves() {
		title = NoticeNotMoved
	}
	return []Key{title, n.halfMoved()}
}

// halfMoved says how things stand when a move has failed.
func (n notification) halfMoved() Key {
	switch {
	case !n.R.Moves():
		return ""
	case n.It.FreedAt.IsZero():
		return NoticeNothingMoved
	}
	return NoticeHalfMoved
}

// standsAsItWas is for what people did not approve: what it was about goes on as it was.
func (n notification) standsAsItWas() Key {
	switch {
	case n.R.Moves():
		return oneOrAll(n.R, NoticeStands, NoticeAllStand)
	case n.R.Action == approvals.Cancel:
		return NoticeStaysScheduled
	}
	return ""
}

func (n notification) withdrawn() []Key {
	if n.R.Closing.By.ID == "" {
		return []Key{NoticeOvertaken, NoticeYours}
	}
	return []Key{n.own(), n.standsAsItWas(), n.yours(n.R.Closing.By.ID)}
}

// cancelled is for an upgrade that another request took back.
func (n notification) cancelled() []Key {
	key := n.own()
	if n.It.Moved {
		key = NoticeMovedAway
	}
	return []Key{key, n.yours(n.It.TakenBy)}
}

// unclear says what came instead of a yes or a no.
func (n notification) unclear() []Key {
	came := UnclearFault
	switch o := n.It.Call.Outcome; {
	case o.Status == 0:
		came = UnclearBroken
	case o.Raw == "":
		came = UnclearUnreadable
	}
	return []Key{n.own(), came, UnclearLooking}
}

// notSent says why nothing left.
func (n notification) notSent() []Key {
	if n.It.Call.Outcome.Code == approvals.CodeNoProject {
		return []Key{NoticeNoProject}
	}
	return []Key{n.own()}
}

// early is how far ahead of its time an upgrade can start by clocks that differ.
const early = 5 * time.Minute

func (n notification) ahead() []Key {
	if len(n.R.Beside(n.I)) > 1 {
		return []Key{n.own(), NoticeToStopOne}
	}
	return []Key{n.own(), NoticeToStopIt}
}

func (n notification) started() []Key {
	if n.R.Action == approvals.Rollback {
		return []Key{NoticeRollbackStarted}
	}
	keys := []Key{n.own()}
	switch {
	case !n.It.Progress.FoundTime.IsZero():
		keys = append(keys, NoticeStartedElsewhere)
	case n.At.Sub(n.It.Progress.StartedAt) > early:
		keys = append(keys, NoticeStartedEarly)
	}
	if n.It.TakenBack != 0 {
		keys = append(keys, NoticeCancelTooLate)
	}
	return keys
}

func (n notification) succeeded() []Key {
	switch n.R.Action {
	case approvals.Cancel:
		return []Key{NoticeCancelDone}
	case approvals.Rollback:
		return []Key{NoticeRolledBack, NoticeSum}
	}
	keys := []Key{NoticeFinished}
	switch {
	case secondHop(*n.It):
		keys = append(keys, NoticeSecondHop)
	case n.It.Progress.Offer == approvals.OfferRollback:
		keys = append(keys, NoticeWayBack)
	}
	if n.It.Target.Offer == approvals.OfferCrossVersion {
		keys = append(keys, NoticeAfterCrossing)
	}
	if n.R.Batch() {
		return keys // the summary says it of all
	}
	return append(keys, NoticeSum)
}

func (n notification) failed() []Key {
	switch n.It.End {
	case approvals.EndBroken:
		return []Key{n.byAction(NoticeBroken, NoticeBrokenBack)}
	case approvals.EndStarted:
		return []Key{NoticeCancelStarted}
	case approvals.EndGone:
		if action, _ := n.R.Doing(n.I); action != approvals.Cancel {
			return []Key{NoticeGone}
		}
		return []Key{NoticeCancelGone}
	case approvals.EndStillThere:
		return []Key{NoticeCancelStillThere}
	}
	if n.took() == nil {
		return []Key{n.byAction(NoticeSameVersion, NoticeNotBack)}
	}
	return []Key{n.byAction(NoticeSameVersionTook, NoticeNotBack)}
}

func (n notification) changed() []Key {
	switch {
	case n.It.End == approvals.EndGone:
		return []Key{NoticeChangedGone, NoticeWhoDidIt, NoticeStopFollowing}
	case n.It.End == approvals.EndUpgraded:
		return []Key{NoticeChangedUpgraded, NoticeWhoDidIt, NoticeStopFollowing}
	case n.neverShown():
		return []Key{NoticeNeverShown, NoticeStopFollowing}
	case n.It.Progress.FoundTime.IsZero():
		return []Key{NoticeChangedCancelled, NoticeWhoDidIt, NoticeStopFollowing}
	}
	return []Key{NoticeChangedMoved, NoticeWhoDidIt, NoticeKeepEye}
}

// unwatched says how it ended with what somebody had scheduled in place of what was
// approved.
func (n notification) unwatched() []Key {
	key := map[approvals.End]Key{
		approvals.EndTakenBack: NoticeUnwatchedTakenBack, approvals.EndNeverRan: NoticeUnwatchedNeverRan, approvals.EndUpgraded: NoticeUnwatchedUpgraded,
	}[n.It.End]
	return []Key{cmp.Or(key, NoticeUnwatchedGone)}
}

func (n notification) expired() []Key {
	key, next := n.own(), NoticePickAgain
	switch {
	case n.R.Action != approvals.Upgrade:
		next = NoticeAskAgain
	case overtakenByTime(n.R):
		next = ""
	case dueToLead(n.R):
		key = NoticeExpiredLead
	}
	return []Key{key, n.standsAsItWas(), next}
}

// LeadSlack is kept between the last moment of approval and the cloud's notice.
const LeadSlack = 5 * time.Minute

// dueToLead reports whether an upgrade's approval ended when it did for the notice that
// the cloud wants.
func dueToLead(r *approvals.Request) bool {
	return r.Action == approvals.Upgrade && !r.Deadline.Before(r.At.Add(-r.Lead-LeadSlack))
}

// overtakenByTime reports whether a move could be approved until what it was to move began:
// there is nothing left to move then.
func overtakenByTime(r *approvals.Request) bool {
	return r.Moves() && !r.Deadline.Before(Whole(r).It.Old)
}

func (n notification) emergency() []Key {
	var yours, announced Key
	if n.notice.To == "" && n.R.Emergency != nil {
		yours = n.yours(n.R.Emergency.By.ID)
	}
	if !n.R.Announced.To.Empty() {
		announced = NoticeAnnounced
	}
	return []Key{n.own(), yours, announced}
}

// unpostable is what to do about a channel that takes no card.
func (n notification) unpostable() []Key {
	switch n.R.Closing.Code {
	case "is_archived":
		return []Key{n.own(), UnpostableArchived}
	case "", "channel_not_found", "not_in_channel":
		return []Key{n.own(), UnpostableInvite}
	}
	return []Key{n.own(), UnpostableSlack}
}
