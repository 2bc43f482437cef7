package approvals

import "time"

// OutcomeKind says what is known of a call after it was made.
type OutcomeKind string

// The kinds of outcomes.
const (
	Accepted OutcomeKind = "accepted" // the cloud said yes
	Refused  OutcomeKind = "refused"  // the cloud said no, and nothing happened there
	Unclear  OutcomeKind = "unclear"  // it may or may not have taken effect
	NotSent  OutcomeKind = "not sent" // it never left; trying again is safe
)

// Outcome is the answer to a call. Code is the machine's word for the reason
// ("too_soon", "latest_version", …), Raw the cloud's own text.
type Outcome struct {
	Kind      OutcomeKind `json:"kind,omitempty"`
	Code      string      `json:"code,omitempty"`
	Status    int         `json:"status,omitempty"` // HTTP status; 0: nothing was answered
	Raw       string      `json:"raw,omitempty"`
	RequestID string      `json:"request_id,omitempty"` // the cloud's
	Phase     string      `json:"phase,omitempty"`      // what the instance was doing, when that is the reason
	At        time.Time   `json:"at,omitzero"`
}

// Observation is one look at one instance.
type Observation struct {
	ServerID    string
	Name        string
	Version     string
	Next        string    // what the cloud offers: the list's "update" field
	UpgradeTime time.Time // zero: nothing scheduled
	Phase       string    // the cloud's words for what it is doing
	Idle        bool      // active, with no task
	Running     bool
	Broken      bool
	Latest      bool // there is nothing to upgrade to
	CanRollback bool
	Missing     bool // the instance is gone and nothing took its place
}
