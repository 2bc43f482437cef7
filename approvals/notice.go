package approvals

import (
	"fmt"
	"slices"
	"time"
)

// NoticeKind is what people are told about.
type NoticeKind string

// The notices. Those about one item name it.
const (
	NoticeDenied      NoticeKind = "denied"
	NoticeWithdrawn   NoticeKind = "withdrawn"
	NoticeExpired     NoticeKind = "expired"
	NoticeRescheduled NoticeKind = "rescheduled" // N: the revision
	NoticeLapsed      NoticeKind = "lapsed"      // N: how many there were, from 1
	NoticeReminder    NoticeKind = "reminder"    // N: which of Request.Reminders, from 1
	NoticeDirect      NoticeKind = "direct"      // To: a user, in a direct message; N: how many reminders there were
	NoticeEmergency   NoticeKind = "emergency"   // To: another channel; "": the thread; N: how many there were before
	NoticeClock       NoticeKind = "clock"       // no call, because clocks differ
	NoticeNoGroup     NoticeKind = "no_group"    // no call, because nobody knows who is in a group of approvers
	NoticeStopped     NoticeKind = "stopped"     // of a batch: one failed
	NoticeUnpostable  NoticeKind = "unpostable"  // privately: there is no card
	NoticeTakenOut    NoticeKind = "taken_out"   // of a batch: Item.Closing says by whom
	NoticeSummary     NoticeKind = "summary"     // of a batch: all of it has ended
	NoticeApproved    NoticeKind = "approved"    // and no word of its call yet: see Request.NoticesAt; N: how often approvals had lapsed
	NoticeHeadsUp     NoticeKind = "heads_up"    // an upgrade comes; N: which of Request.HeadsUp, from 1; see Request.Beside

	// NoticeCalled is the one message about the calls of an upgrade, all those of a
	// batch: it says what is known of them, and is changed in place. To somebody alone
	// it is given when all was read back.
	NoticeCalled           NoticeKind = "called"
	NoticeCancelAccepted   NoticeKind = "cancel_accepted"
	NoticeFreed            NoticeKind = "freed" // of a move: the old upgrade is cancelled, the other one follows
	NoticeRollbackAccepted NoticeKind = "rollback_accepted"
	NoticeRefused          NoticeKind = "refused"
	NoticeUnclear          NoticeKind = "unclear"   // N: the attempt
	NoticeNotSent          NoticeKind = "not_sent"  // N, also of the next two: how often approvals had lapsed
	NoticeThrottled        NoticeKind = "throttled" // the cloud has too much to do
	NoticeShutOut          NoticeKind = "shut_out"  // the cloud does not let the program in
	NoticeGivenUp          NoticeKind = "given_up"
	NoticeBlind            NoticeKind = "blind" // N: how often it was before
	NoticeRunning          NoticeKind = "running"
	NoticeReplaced         NoticeKind = "replaced"
	NoticeSwitched         NoticeKind = "switched" // N: how often it was before; the parts of a pair have changed their roles
	NoticeStuck            NoticeKind = "stuck"
	NoticeClosed           NoticeKind = "closed"
	NoticeSucceeded        NoticeKind = "succeeded"
	NoticeFailed           NoticeKind = "failed"
	NoticeMissed           NoticeKind = "missed"
	NoticeChanged          NoticeKind = "changed"   // N: how often it was before
	NoticeRestored         NoticeKind = "restored"  // N: how often it was before; changed outside, and changed back
	NoticeUnwatched        NoticeKind = "unwatched" // what somebody had scheduled instead is over, or gone
	NoticeCancelled        NoticeKind = "cancelled"
)

var NoticeKinds = []NoticeKind{
	NoticeDenied, NoticeWithdrawn, NoticeExpired, NoticeRescheduled, NoticeLapsed, NoticeReminder, NoticeDirect,
	NoticeEmergency, NoticeClock, NoticeNoGroup, NoticeStopped, NoticeUnpostable, NoticeCalled, NoticeCancelAccepted, NoticeFreed,
	NoticeRollbackAccepted, NoticeRefused, NoticeUnclear, NoticeNotSent, NoticeThrottled, NoticeShutOut, NoticeGivenUp,
	NoticeBlind, NoticeRunning, NoticeReplaced, NoticeSwitched, NoticeStuck, NoticeClosed, NoticeSucceeded, NoticeFailed,
	NoticeMissed, NoticeChanged, NoticeRestored, NoticeUnwatched, NoticeCancelled, NoticeTakenOut, NoticeSummary, NoticeApproved, NoticeHeadsUp,
}

// Notice is something people are to be told once.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	Item int        `json:"item,omitempty"`
	N    int        `json:"n,omitempty"`
	To   string     `json:"to,omitempty"` // a user or channel instead of the thread

	// Broadcast: it goes to the channel of the thread, too. The policy decides it when
	// the notice is asked for, so that a change of the policy holds from then on.
	Broadcast bool `json:"broadcast,omitempty"`
}

// Key tells the notice from all others of its request, whether it is broadcast or not.
func (n Notice) Key() string {
	key := string(n.Kind)
	if n.Item > 0 {
		key += fmt.Sprintf("#%d", n.Item)
	}
	if n.N > 0 {
		key += fmt.Sprintf(" %d", n.N)
	}
	if n.To != "" {
		key += " " + n.To
	}
	return key
}

// Live reports whether the notice is changed in place when the facts change.
func (n Notice) Live() bool { return n.Kind == NoticeCalled && n.To == "" || n.Kind == NoticeDirect }

// notify asks for a notice, unless it was asked for before. A requester who cannot
// see the thread is told as well.
func (r *Request) notify(n Notice) {
	if slices.ContainsFunc(r.Notices, func(given Notice) bool { given.Broadcast = false; return given == n }) {
		return
	}
	r.Notices = append(r.Notices, n)
	if r.Unseen && n.To == "" && !slices.Contains(besides, n.Kind) {
		n.To = r.Requester.ID
		r.Notices = append(r.Notices, n)
	}
}

// besides are the kinds of notices that are not for the requester, or not yet: what
// was called is told to them alone when it was read back.
var besides = []NoticeKind{
	NoticeReminder, NoticeDirect, NoticeUnpostable, NoticeCalled, NoticeCancelAccepted, NoticeReplaced, NoticeSwitched,
}

// tellAgain asks for a notice about item i that may come several times.
func (r *Request) tellAgain(i int, kind NoticeKind) {
	r.notify(Notice{Kind: kind, Item: i, N: r.told(i, kind)})
}

// told counts the notices of one kind about item i that were asked for in the thread;
// those about the whole request are of item 0.
func (r *Request) told(i int, kind NoticeKind) int {
	n := 0
	for _, given := range r.Notices {
		if given.Kind == kind && given.Item == i && given.To == "" {
			n++
		}
	}
	return n
}

func (r *Request) tell(i int, kind NoticeKind) { r.notify(Notice{Kind: kind, Item: i}) }

// wordAfter is how long an approved request may be without a word of its call.
const wordAfter = 8 * time.Second

// NoticesAt lists the notices that are to be given at a moment: those that were asked
// for, and that the request was approved, where nothing has been said of its call for a
// while. No event brings that one, for it must not get in the way of the call.
func (r *Request) NoticesAt(now time.Time) []Notice {
	since := r.quietSince()
	if since.IsZero() || now.Before(since.Add(wordAfter)) {
		return r.Notices
	}
	told := *r // others hold the record
	told.Notices = slices.Clone(r.Notices)
	told.notify(Notice{Kind: NoticeApproved, N: r.told(0, NoticeLapsed)})
	return told.Notices
}

// callWords are the kinds of notices that say what has become of a call.
var callWords = []NoticeKind{
	NoticeClock, NoticeNoGroup, NoticeCalled, NoticeCancelAccepted, NoticeFreed, NoticeRollbackAccepted, NoticeRefused, NoticeUnclear, NoticeNotSent,
	NoticeThrottled, NoticeShutOut, NoticeGivenUp,
}

// quietSince is when the request was approved, as long as nobody has been told so,
// nor what became of its call. Zero: they have, or nobody had to approve.
func (r *Request) quietSince() time.Time {
	given := r.Approvals()
	if r.State != Approved || r.Emergency != nil || len(given) == 0 {
		return time.Time{}
	}
	for _, n := range slices.Backward(r.Notices) {
		if n.Kind == NoticeLapsed {
			break
		}
		if slices.Contains(callWords, n.Kind) {
			return time.Time{}
		}
	}
	begun := func(it Item) bool { return it.State != Waiting && it.State != Executing && it.End != EndTakenOut }
	if slices.ContainsFunc(r.Items, begun) {
		return time.Time{}
	}
	return given[len(given)-1].At
}

// PastNotice reports whether a notice has lost its point: nobody is asked for an
// answer that is not needed any more, or told that something comes which does not.
func (r *Request) PastNotice(n Notice) bool {
	switch n.Kind {
	case NoticeDirect, NoticeReminder:
		return r.State != Pending
	case NoticeHeadsUp:
		return !r.comes(n.Item)
	}
	return false
}
