package approvals

import (
	"fmt"
	"slices"
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
	NoticeStopped     NoticeKind = "stopped"     // of a batch: one failed
	NoticeUnpostable  NoticeKind = "unpostable"  // privately: there is no card

	// NoticeCalled is the one message about a call of an upgrade: it says what is
	// known of it, and is changed in place.
	NoticeCalled           NoticeKind = "called"
	NoticeCancelAccepted   NoticeKind = "cancel_accepted"
	NoticeFreed            NoticeKind = "freed" // of a move: the old upgrade is cancelled, the other one follows
	NoticeRollbackAccepted NoticeKind = "rollback_accepted"
	NoticeRefused          NoticeKind = "refused"
	NoticeUnclear          NoticeKind = "unclear" // N: the attempt
	NoticeNotSent          NoticeKind = "not_sent"
	NoticeThrottled        NoticeKind = "throttled" // the cloud has too much to do
	NoticeShutOut          NoticeKind = "shut_out"  // the cloud does not let the program in
	NoticeGivenUp          NoticeKind = "given_up"
	NoticeBlind            NoticeKind = "blind"
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

// NoticeKinds lists all kinds.
var NoticeKinds = []NoticeKind{
	NoticeDenied, NoticeWithdrawn, NoticeExpired, NoticeRescheduled, NoticeLapsed, NoticeReminder, NoticeDirect,
	NoticeEmergency, NoticeClock, NoticeStopped, NoticeUnpostable, NoticeCalled, NoticeCancelAccepted, NoticeFreed,
	NoticeRollbackAccepted, NoticeRefused, NoticeUnclear, NoticeNotSent, NoticeThrottled, NoticeShutOut, NoticeGivenUp,
	NoticeBlind, NoticeRunning, NoticeReplaced, NoticeSwitched, NoticeStuck, NoticeClosed, NoticeSucceeded, NoticeFailed,
	NoticeMissed, NoticeChanged, NoticeRestored, NoticeUnwatched, NoticeCancelled,
}

// Notice is something people are to be told once.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	Item int        `json:"item,omitempty"`
	N    int        `json:"n,omitempty"`
	To   string     `json:"to,omitempty"` // a user or channel instead of the thread
}

// Key tells the notice from all others of its request.
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
func (n Notice) Live() bool { return n.Kind == NoticeCalled }

// notify asks for a notice, unless it was asked for before.
func (r *Request) notify(n Notice) {
	if !slices.Contains(r.Notices, n) {
		r.Notices = append(r.Notices, n)
	}
}

// tellAgain asks for a notice about item i that may come several times.
func (r *Request) tellAgain(i int, kind NoticeKind) {
	before := 0
	for _, given := range r.Notices {
		if given.Kind == kind && given.Item == i {
			before++
		}
	}
	r.notify(Notice{Kind: kind, Item: i, N: before})
}

// told counts the notices of one kind that were asked for.
func (r Request) told(kind NoticeKind) int {
	n := 0
	for _, given := range r.Notices {
		if given.Kind == kind {
			n++
		}
	}
	return n
}

// tell asks for a notice about item i.
func (r *Request) tell(i int, kind NoticeKind) { r.notify(Notice{Kind: kind, Item: i}) }

// PastNotice reports whether a notice has lost its point: nobody is asked for an
// answer that is not needed any more.
func (r Request) PastNotice(n Notice) bool {
	return (n.Kind == NoticeDirect || n.Kind == NoticeReminder) && r.State != Pending
}
