package approvals

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RecordVersion is the shape of the stored record. A record with a higher one
// was written by a later program and is left alone.
const RecordVersion = 2

// Action is what a request asks for.
type Action string

const (
	Upgrade  Action = "upgrade"
	Cancel   Action = "cancel"   // of the scheduled upgrade that Request.Of names
	Rollback Action = "rollback" // to the version before a cross-version upgrade
)

var Actions = []Action{Upgrade, Cancel, Rollback}

// Offer is what the cloud offers to do with an instance.
type Offer string

// The offers (docs: the list's "update" field). Empty: the cloud does not say.
const (
	OfferNone         Offer = "none" // it has the latest version
	OfferMinor        Offer = "minor"
	OfferCrossVersion Offer = "cross_version"
	OfferRollback     Offer = "rollback"
)

// DefaultProject is the name of the only project of a program that is told of one by
// variables. People are not shown it.
const DefaultProject = "default"

// Target is the instance an item is about.
type Target struct {
	Project  string `json:"project"`
	ServerID string `json:"server_id"`       // of a primary/standby pair: the primary's, which changes with their roles
	HAID     string `json:"ha_id,omitempty"` // what both parts of a pair have in common; "" for a single instance
	Name     string `json:"name"`
	Version  string `json:"version"`          // when it was asked for
	Offer    Offer  `json:"offer,omitempty"`  // when it was asked for
	Shared   bool   `json:"shared,omitempty"` // others have the same name, so that it does not tell who is who
}

// Person is a human (or not) as the directory knows them.
type Person struct {
	ID          string `json:"id"`
	Human       string `json:"human,omitempty"` // the id they are counted under, if another
	Team        string `json:"team,omitempty"`
	Name        string `json:"name,omitempty"`
	Email       string `json:"email,omitempty"`
	Zone        string `json:"zone,omitempty"` // IANA name
	Bot         bool   `json:"bot,omitempty"`
	Guest       bool   `json:"guest,omitempty"`
	External    bool   `json:"external,omitempty"` // of another workspace
	Deactivated bool   `json:"deactivated,omitempty"`
}

// Counted is the id a person is counted under, whichever account they use.
func (p Person) Counted() string { return cmp.Or(p.Human, p.ID) }

// Verdict is what a person decided.
type Verdict string

const (
	Yes Verdict = "approve"
	No  Verdict = "deny"
)

// Decision is one person's word on one revision.
type Decision struct {
	By       Person    `json:"by"`
	At       time.Time `json:"at"`
	Verdict  Verdict   `json:"verdict"`
	Reason   string    `json:"reason,omitempty"` // their words
	Revision int       `json:"revision"`
}

// Closing says who ended a request, or one item, before anything was called, and why.
type Closing struct {
	At     time.Time `json:"at"`
	By     Person    `json:"by,omitzero"`      // zero: the program
	Reason string    `json:"reason,omitempty"` // their words
	Code   string    `json:"code,omitempty"`   // of an unpostable card: the chat's word for why
}

// Ref names an item of a request.
type Ref struct {
	Request int64 `json:"request"`
	Item    int   `json:"item"`
}

// Item is one instance of a request, and what became of it. The call and all
// that follows are its own; the decision is the request's.
type Item struct {
	Target    Target        `json:"target"`
	Offset    time.Duration `json:"offset,omitempty"` // after the request's time; stays through moves
	State     State         `json:"state"`
	Call      Call          `json:"call,omitzero"`
	Progress  Progress      `json:"progress,omitzero"`
	End       End           `json:"end,omitempty"`        // why it ended as it did, where the state does not say
	TakenBack int64         `json:"taken_back,omitempty"` // the cancel request under way for it
	TakenBy   string        `json:"taken_by,omitempty"`   // the id of who asked for TakenBack
	Moved     bool          `json:"moved,omitempty"`      // TakenBack schedules it for another time
	Stop      bool          `json:"stop,omitempty"`       // its cancel was asked for because another of its batch failed
	Watched   bool          `json:"watched,omitempty"`    // changed outside: the cloud holds it at another time, and what becomes of that is followed
	Step      Step          `json:"step,omitempty"`       // of a move: what is done first; "": the upgrade itself
	Of        int           `json:"of,omitempty"`         // of a batch's move: which item of Request.Of it replaces
	Old       time.Time     `json:"old,omitzero"`         // of a move: when the cloud holds what it replaces
	FreedAt   time.Time     `json:"freed_at,omitzero"`    // of a move: when the cloud was seen to hold that no longer
	Release   bool          `json:"release,omitempty"`    // of a cancel that is over: the upgrade still has to be told
	Warned    int           `json:"warned,omitempty"`     // how many of Request.HeadsUp are past: given, or never to be
	Closing   Closing       `json:"closing,omitzero"`     // of one that was taken out of its batch: who did, and why
}

// NewItems are those of a request for some targets, each a stagger after the one before.
func NewItems(stagger time.Duration, targets ...Target) []Item {
	var items []Item
	for i, target := range targets {
		items = append(items, Item{Target: target, Offset: time.Duration(i) * stagger, State: Waiting})
	}
	return items
}

// Step is how far a move is on its way: the cloud has no call for it, so the old
// upgrade is cancelled, and when that was read back, the other one is scheduled.
type Step string

// The steps of a move before its upgrade.
const (
	StepCancel   Step = "cancel"    // the old upgrade is taken back
	StepTakeOver Step = "take_over" // it is gone: what it held is taken over
)

// Call is what happened between the program and the cloud.
type Call struct {
	Attempt    int       `json:"attempt,omitempty"` // the claim's number; grows with each
	Tries      int       `json:"tries,omitempty"`   // attempts that may have left
	Worker     string    `json:"worker,omitempty"`  // whose claim it is
	StartedAt  time.Time `json:"started_at,omitzero"`
	EndsAt     time.Time `json:"ends_at,omitzero"` // the claim's end: the attempt cannot be under way after it
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Outcome    Outcome   `json:"outcome,omitzero"`
	Unsent     int       `json:"unsent,omitempty"`     // calls that never left or were deferred, in a row
	ShutOutAt  time.Time `json:"shut_out_at,omitzero"` // since when the cloud does not let the program in
	Absent     int       `json:"absent,omitempty"`     // reads in a row that began after it was settled and showed no trace of the call
	AbsentAt   time.Time `json:"absent_at,omitzero"`   // when the last of those began
	Reads      int       `json:"reads,omitempty"`      // all reads after an unclear outcome
	NextAt     time.Time `json:"next_at,omitzero"`     // no call and no read before
}

// Progress is what was seen of the upgrade afterwards.
type Progress struct {
	VerifiedAt time.Time `json:"verified_at,omitzero"` // read back as asked
	HeldAt     time.Time `json:"held_at,omitzero"`     // the cloud's time for it, where that is not to the second what was asked for
	StartedAt  time.Time `json:"started_at,omitzero"`  // first seen running
	StuckAt    time.Time `json:"stuck_at,omitzero"`    // since when it runs longer than it may
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Version    string    `json:"version,omitempty"`    // after the end
	Offer      Offer     `json:"offer,omitempty"`      // after the end
	Finding    string    `json:"finding,omitempty"`    // an end seen once, waiting for a second look
	FoundAt    time.Time `json:"found_at,omitzero"`    // the first of the looks that found the end
	Waited     bool      `json:"waited,omitempty"`     // seen idle after its time: it started late, or not at all
	BlindSince time.Time `json:"blind_since,omitzero"` // the first of the looks in a row that failed
	SeenAt     time.Time `json:"seen_at,omitzero"`     // the last look
	Phase      string    `json:"phase,omitempty"`      // the cloud's word for what it is doing
	FoundTime  time.Time `json:"found_time,omitzero"`  // the time at which the cloud holds it instead
}

// Announcement is whom to tell, besides those in the channel of the card.
type Announcement struct {
	To      Set    `json:"to,omitzero"`
	Channel string `json:"channel,omitempty"`
}

// Timing is when something is wanted, and until when people can decide on it.
type Timing struct {
	At       time.Time     `json:"at,omitzero"`      // the first item's time; zero for a rollback
	Deadline time.Time     `json:"deadline"`         // after it nobody can approve
	Lead     time.Duration `json:"lead"`             // the notice the cloud wants: no call later than that before an item's time
	Zone     string        `json:"zone"`             // that of whoever asked
	Phrase   string        `json:"phrase,omitempty"` // their words for the time
}

// Request is one record: one decision about one item or several. Times are UTC.
//
// It is passed as a pointer, because it is large and calls are deep, and many hold the
// same one: nobody changes it but who has made it and handed it to nobody yet. Apply makes
// another.
type Request struct {
	Version  int    `json:"version"`
	ID       int64  `json:"-"`        // the store's, given when it is created
	Key      string `json:"key"`      // random; tells this request from another of the same number
	Revision int    `json:"revision"` // grows when the time changes; an approval counts for one revision
	Action   Action `json:"action"`
	Of       Ref    `json:"of,omitzero"` // a cancel: what it takes back; zero: an upgrade that was not asked for here; an upgrade: what it replaces
	Items    []Item `json:"items"`       // at least one; several only of an upgrade
	Timing
	Reason    string          `json:"reason,omitempty"` // their words
	Requester Person          `json:"requester"`
	Channel   string          `json:"channel"`          // where the card is
	Unseen    bool            `json:"unseen,omitempty"` // the requester cannot see that channel, and is told directly what becomes of it
	CreatedAt time.Time       `json:"created_at"`
	ChangedAt time.Time       `json:"changed_at"`
	State     State           `json:"state"`   // of the decision
	Needs     Quorum          `json:"needs"`   // who has to approve, as of the last change
	Missing   Quorum          `json:"missing"` // what is missing of it
	Decisions []Decision      `json:"decisions,omitempty"`
	Reminders []Reminder      `json:"reminders,omitempty"`
	RemindAt  []time.Time     `json:"remind_at,omitempty"` // when each stage of this revision is due; zero: over
	Override  *Decision       `json:"override,omitempty"`  // who wanted a time outside the calendar, and why
	Alone     bool            `json:"alone,omitempty"`     // a cancel by the requester, who by policy needs nobody
	Auto      bool            `json:"auto,omitempty"`      // a cancel that the program makes because a batch has failed
	Emergency *Decision       `json:"emergency,omitempty"` // break-glass: who skipped the quorum and why
	Announced Announcement    `json:"announced,omitzero"`  // break-glass: whom the policy wants to be told
	Closing   Closing         `json:"closing,omitzero"`
	Stopped   bool            `json:"stopped,omitempty"`  // a batch of which one has failed: nothing more of it starts
	Previous  time.Time       `json:"previous,omitzero"`  // the time before the last reschedule
	MovedBy   Person          `json:"moved_by,omitzero"`  // who made the last reschedule
	Notices   []Notice        `json:"notices,omitempty"`  // to be given, in this order, each once
	HeadsUp   []time.Duration `json:"heads_up,omitempty"` // how long before an item's time people are told that it comes, the longest first

	// Pressed is when each person's latest press that counted was made, by the
	// chat's clock: an older one that comes late must not undo it.
	Pressed map[string]time.Time `json:"pressed,omitempty"`
	Applied []string             `json:"applied,omitempty"` // the latest event ids, so that a repeated event changes nothing

	// Counter is the stored record's, compared at the next commit.
	Counter int64 `json:"-"`
}

// Name is how people call the request: CBH-142.
func (r *Request) Name() string { return fmt.Sprintf("CBH-%d", r.ID) }

// InstanceNames are those of the items that are left in it, as one text.
func (r *Request) InstanceNames() string {
	var all []string
	for _, i := range r.Kept() {
		all = append(all, r.Items[i].Target.Name)
	}
	return strings.Join(all, ", ")
}

// Batch reports whether the request is about several instances.
func (r *Request) Batch() bool { return len(r.Items) > 1 }

// Moves reports whether the request replaces an upgrade that the cloud holds.
func (r *Request) Moves() bool { return r.Action == Upgrade && r.Of != (Ref{}) }

// Replaces is the item that item i takes back, or moves.
func (r *Request) Replaces(i int) Ref {
	if r.Batch() {
		return Ref{Request: r.Of.Request, Item: r.Items[i].Of}
	}
	return r.Of
}

// CameToNothing reports whether a cancel, or a move, is over for an item that it has
// left as it was.
func (r *Request) CameToNothing(of Ref) bool {
	for i := range r.Items {
		if it := &r.Items[i]; r.Replaces(i) == of {
			return r.State != Approved || !it.Unfinished() && !it.Release && it.State != Succeeded && it.FreedAt.IsZero()
		}
	}
	return true
}

// Doing is what is asked of the cloud for item i at this moment, and for when.
func (r *Request) Doing(i int) (Action, time.Time) {
	if it := &r.Items[i]; it.Step == StepCancel {
		return Cancel, it.Old
	}
	return r.Action, r.Time(i)
}

// Time is when item i is to begin; of a rollback, which begins at once, when its
// call was answered.
func (r *Request) Time(i int) time.Time {
	if r.Action == Rollback {
		return r.Items[i].Call.FinishedAt
	}
	return r.At.Add(r.Items[i].Offset)
}

// dueAt is when item i is to begin by the cloud, also where somebody has moved it.
func (r *Request) dueAt(i int) time.Time {
	if it := &r.Items[i]; it.Watched {
		return it.Progress.FoundTime
	}
	_, at := r.Doing(i)
	return at
}

// HeldAt is the time at which the cloud holds the upgrade of item i, as far as it
// was read back.
func (r *Request) HeldAt(i int) time.Time {
	return cmp.Or(r.Items[i].Progress.HeldAt, r.Time(i))
}

// CallBy is the end of the time in which item i may be called.
func (r *Request) CallBy(i int) time.Time {
	if r.Action == Rollback {
		return r.Deadline.Add(r.Lead)
	}
	return r.At.Add(r.Items[i].Offset - r.Lead)
}

// Marker names the request's revision in a button. The key makes a card that
// outlived its request (a Redis that was emptied) name nothing.
type Marker struct {
	ID       int64
	Revision int
	Key      string
}

// Marker is the request's own.
func (r *Request) Marker() Marker { return Marker{ID: r.ID, Revision: r.Revision, Key: r.Key} }

// String writes the marker as a button's value: "142:2:6ab1f09c".
func (m Marker) String() string { return fmt.Sprintf("%d:%d:%s", m.ID, m.Revision, m.Key) }

// ParseMarker reads what String wrote.
func ParseMarker(s string) (Marker, error) {
	if parts := strings.Split(s, ":"); len(parts) == 3 {
		id, noID := strconv.ParseInt(parts[0], 10, 64)
		revision, noRevision := strconv.Atoi(parts[1])
		if noID == nil && noRevision == nil && id > 0 && revision > 0 && parts[2] != "" {
			return Marker{ID: id, Revision: revision, Key: parts[2]}, nil
		}
	}
	return Marker{}, fmt.Errorf("%.40q names no request and revision", s)
}

// ParseName reads "CBH-142", in any case, "142" or "#142".
func ParseName(s string) (id int64, ok bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "#"), "CBH-")
	n, err := strconv.ParseUint(digits, 10, 63)
	return int64(n), err == nil && n > 0
}

// Approvals are the standing approvals of the current revision, oldest first.
func (r *Request) Approvals() []Decision {
	return slices.DeleteFunc(slices.Clone(r.Decisions), func(d Decision) bool { return !r.stands(d) })
}

func (r *Request) stands(d Decision) bool { return d.Verdict == Yes && d.Revision == r.Revision }

// Approvers are the humans whose approval stands.
func (r *Request) Approvers() []string {
	var ids []string
	for _, d := range r.Approvals() {
		ids = append(ids, d.By.Counted())
	}
	return ids
}

// Lock is what only one open request may hold for item i: the instance for an
// upgrade or a rollback, the upgrade for a cancel, and for a move until it is gone.
func (r *Request) Lock(i int) string {
	instance := InstanceLock(r.Items[i].Target)
	switch {
	case r.Action == Cancel && r.Of == (Ref{}):
		return "cancel/" + instance
	case r.Action == Cancel, r.Items[i].Step != "":
		of := r.Replaces(i)
		return fmt.Sprintf("cancel/%d/%d", of.Request, of.Item)
	}
	return instance
}

// InstanceLock is the lock of one instance, or of a pair.
func InstanceLock(t Target) string { return t.Project + "/" + cmp.Or(t.HAID, t.ServerID) }
