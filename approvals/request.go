package approvals

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RecordVersion is the shape of the stored record. A record with a higher one
// was written by a later program and is left alone.
const RecordVersion = 1

// State is where a request stands.
type State string

// The states of a request. Pending, Approved, Executing, Unknown, Scheduled and
// Running are open; the others are final.
const (
	Pending   State = "pending"   // waits for people
	Approved  State = "approved"  // the quorum is complete; the call has not begun
	Executing State = "executing" // the call has begun
	Unknown   State = "unknown"   // the call's outcome is not known
	Scheduled State = "scheduled" // the cloud holds the upgrade for its time
	Running   State = "running"   // the upgrade runs
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Missed    State = "missed"    // its time passed and it never ran
	Cancelled State = "cancelled" // taken back from the cloud through the bot
	Changed   State = "changed"   // rescheduled or cancelled in the cloud by somebody else
	Denied    State = "denied"
	Withdrawn State = "withdrawn"
	Expired   State = "expired"
)

// Open reports whether the request can still change.
func (s State) Open() bool {
	return slices.Contains([]State{Pending, Approved, Executing, Unknown, Scheduled, Running}, s)
}

// Action is what a request asks for.
type Action string

// The actions.
const (
	Upgrade  Action = "upgrade"
	Cancel   Action = "cancel"   // of the scheduled upgrade that Request.Of names
	Rollback Action = "rollback" // to the version before a cross-version upgrade
)

// Target is the instance a request is about.
type Target struct {
	Project  string `json:"project"`
	ServerID string `json:"server_id"`
	Name     string `json:"name"`
	Version  string `json:"version"`          // when it was asked for
	Next     string `json:"next"`             // what the cloud offered when it was asked for: the list's "update" field
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

// human is the id a person is counted under, whichever account they use.
func (p Person) human() string {
	if p.Human != "" {
		return p.Human
	}
	return p.ID
}

// Verdict is what a person decided.
type Verdict string

// The verdicts.
const (
	Yes Verdict = "approve"
	No  Verdict = "deny"
)

// Decision is one person's word on one revision.
type Decision struct {
	By       Person    `json:"by"`
	At       time.Time `json:"at"`
	Verdict  Verdict   `json:"verdict"`
	Reason   string    `json:"reason,omitempty"`
	Revision int       `json:"revision"`
}

// Closing says how a request ended.
type Closing struct {
	At     time.Time `json:"at"`
	By     Person    `json:"by,omitzero"` // zero: the program
	Reason string    `json:"reason,omitempty"`
}

// Call is what happened between the program and the cloud.
type Call struct {
	Attempt    int       `json:"attempt,omitempty"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Outcome    Outcome   `json:"outcome,omitzero"`
	Unsent     int       `json:"unsent,omitempty"` // calls that never left
	Absent     int       `json:"absent,omitempty"` // consecutive reads after an unclear outcome that showed no trace of the call
	Reads      int       `json:"reads,omitempty"`  // all reads after an unclear outcome
}

// Progress is what was seen of the upgrade afterwards.
type Progress struct {
	VerifiedAt time.Time `json:"verified_at,omitzero"` // read back as asked
	StartedAt  time.Time `json:"started_at,omitzero"`  // first seen running
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Version    string    `json:"version,omitempty"`    // after the end
	Next       string    `json:"next,omitempty"`       // what the cloud offers after the end
	Finding    string    `json:"finding,omitempty"`    // an end seen once, waiting for a second look
	FoundAt    time.Time `json:"found_at,omitzero"`    // the first of the looks that found the end
	Waited     bool      `json:"waited,omitempty"`     // seen idle after its time: it started late, or not at all
	BlindSince time.Time `json:"blind_since,omitzero"` // the first of the looks in a row that failed
	SeenAt     time.Time `json:"seen_at,omitzero"`     // the last look
	Phase      string    `json:"phase,omitempty"`      // the cloud's word for what it is doing
	FoundTime  time.Time `json:"found_time,omitzero"`
}

// Request is one record. Times are UTC. Only Apply changes it.
type Request struct {
	Version   int        `json:"version"`
	ID        int64      `json:"id"`
	Key       string     `json:"key"`      // random; tells this request from another of the same number
	Revision  int        `json:"revision"` // grows when the time changes; an approval counts for one revision
	Action    Action     `json:"action"`
	Of        int64      `json:"of,omitempty"` // a cancel: the upgrade it takes back; 0: one that was not asked for here
	Target    Target     `json:"target"`
	At        time.Time  `json:"at,omitzero"` // the upgrade's time; zero for a rollback
	Deadline  time.Time  `json:"deadline"`    // after it nobody can approve
	Zone      string     `json:"zone"`        // the requester's zone when asked
	Phrase    string     `json:"phrase,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Requester Person     `json:"requester"`
	Channel   string     `json:"channel"` // where the card is
	CreatedAt time.Time  `json:"created_at"`
	ChangedAt time.Time  `json:"changed_at"`
	State     State      `json:"state"`
	Quorum    string     `json:"quorum"`           // the policy's words for who has to approve, as of the last change
	Needed    string     `json:"needed,omitempty"` // what is missing of it, once somebody has approved
	Decisions []Decision `json:"decisions,omitempty"`
	Reminders []Reminder `json:"reminders,omitempty"`
	Override  *Decision  `json:"override,omitempty"`  // who wanted a time outside the calendar, and why
	Alone     bool       `json:"alone,omitempty"`     // a cancel by the requester, who by policy needs nobody
	Emergency *Decision  `json:"emergency,omitempty"` // break-glass: who skipped the quorum and why
	Announced string     `json:"announced,omitempty"` // break-glass: whom the policy wants to be told, in Slack's mentions
	Closing   Closing    `json:"closing,omitzero"`
	Call      Call       `json:"call,omitzero"`
	Progress  Progress   `json:"progress,omitzero"`
	Lead      int64      `json:"lead,omitempty"`       // of a batch: the request whose card and decision count for all; its own number for that one
	Members   []int64    `json:"members,omitempty"`    // of a batch's lead: the others
	Auto      bool       `json:"auto,omitempty"`       // a cancel that the program makes because a batch has failed
	Batch     []Request  `json:"-"`                    // the members, where they are shown
	TakenBack int64      `json:"taken_back,omitempty"` // the cancel request under way for this upgrade
	Previous  time.Time  `json:"previous,omitzero"`    // the time before the last reschedule
	Applied   []string   `json:"applied,omitempty"`    // the latest event ids, so that a repeated event changes nothing

	commit int64 // the stored record's counter, compared at the next commit
}

// Name is how people call the request: CBH-142.
func (r Request) Name() string { return fmt.Sprintf("CBH-%d", r.ID) }

// Marker names the request's revision in a button. The key makes a card that
// outlived its request (a Redis that was emptied) name nothing.
type Marker struct {
	ID       int64
	Revision int
	Key      string
}

// Marker is the request's own.
func (r Request) Marker() Marker { return Marker{ID: r.ID, Revision: r.Revision, Key: r.Key} }

// String writes the marker as a button's value: "142:2:6ab1f09c".
func (m Marker) String() string { return fmt.Sprintf("%d:%d:%s", m.ID, m.Revision, m.Key) }

// ParseMarker reads what String wrote.
func ParseMarker(s string) (Marker, error) {
	var m Marker
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return m, fmt.Errorf("%.40q names no request and revision", s)
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err == nil {
		m.Revision, err = strconv.Atoi(parts[1])
	}
	m.ID, m.Key = id, parts[2]
	if err != nil || m.ID < 1 || m.Revision < 1 || m.Key == "" {
		return Marker{}, fmt.Errorf("%.40q names no request and revision", s)
	}
	return m, nil
}

// ParseName reads "CBH-142", in any case, or "142".
func ParseName(s string) (id int64, ok bool) {
	digits := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "CBH-")
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0
}

// Approvals are the standing approvals of the current revision, oldest first.
func (r Request) Approvals() []Decision {
	var given []Decision
	for _, d := range r.Decisions {
		if d.Verdict == Yes && d.Revision == r.Revision {
			given = append(given, d)
		}
	}
	return given
}

// Approvers are the humans whose approval stands.
func (r Request) Approvers() []string {
	var ids []string
	for _, d := range r.Approvals() {
		ids = append(ids, d.By.human())
	}
	return ids
}

func (r Request) approverIDs() []string {
	var ids []string
	for _, d := range r.Approvals() {
		ids = append(ids, d.By.ID)
	}
	return ids
}

// Lock is what only one open request may hold: the instance for an upgrade or a
// rollback, the upgrade for a cancel.
func (r Request) Lock() string {
	switch {
	case r.Action == Cancel && r.Of == 0:
		return "cancel/" + InstanceLock(r.Target.Project, r.Target.ServerID)
	case r.Action == Cancel:
		return fmt.Sprintf("cancel/%d", r.Of)
	}
	return InstanceLock(r.Target.Project, r.Target.ServerID)
}

// InstanceLock is the lock of one instance.
func InstanceLock(project, serverID string) string { return project + "/" + serverID }
