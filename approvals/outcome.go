package approvals

import "time"

// OutcomeKind says what is known of a call after it was made.
type OutcomeKind string

const (
	Accepted OutcomeKind = "accepted" // the cloud said yes
	Refused  OutcomeKind = "refused"  // the cloud said no, and nothing happened there
	Unclear  OutcomeKind = "unclear"  // it may or may not have taken effect
	NotSent  OutcomeKind = "not sent" // it never left; trying again is safe
	Deferred OutcomeKind = "deferred" // the cloud did nothing, for a reason that may pass; trying again is safe
)

var OutcomeKinds = []OutcomeKind{Accepted, Refused, Unclear, NotSent, Deferred}

// Code is the machine's word for the reason of an outcome.
type Code string

// Codes that the program finds by itself, before a call or instead of an answer.
const (
	CodeGone        Code = "not_found"           // the instance is not there
	CodeBusy        Code = "busy"                // it is doing something else, or is not active
	CodeLatest      Code = "latest_version"      // there is nothing to upgrade to
	CodeNotOffered  Code = "not_offered"         // the cloud offers a rollback, and no upgrade
	CodeDiffers     Code = "differs"             // id, version or offer are not those that were asked about
	CodeUnsupported Code = "unsupported"         // the region has no upgrades through the API
	CodeOther       Code = "scheduled_otherwise" // the cloud holds an upgrade at another time
	CodeNothing     Code = "nothing_scheduled"
	CodeStarted     Code = "started"
	CodeNoReturn    Code = "no_rollback"
	CodeLapsed      Code = "lapsed"      // the approvals do not stand any more, and another item was called
	CodeHeld        Code = "held"        // of a move: another request has taken the instance between its steps
	CodeTooLate     Code = "too_late"    // the notice the cloud wants cannot be kept any more
	CodeReadBack    Code = "read_back"   // accepted, as a later look showed
	CodeUnreached   Code = "unavailable" // the cloud does not answer
	CodeNoAnswer    Code = "no_answer"   // whoever called died, or waited in vain
	CodeNoProject   Code = "no_project"  // the configuration has no such project
)

// Codes that the cloud's answers are classified into.
const (
	CodeBadRequest       Code = "bad_request"
	CodeTooSoon          Code = "too_soon"
	CodeNotAuthenticated Code = "not_authenticated"
	CodeNoPermission     Code = "no_permission"
	CodeAgentNotStarted  Code = "agent_not_started"
	CodeConflict         Code = "conflict"
	CodeThrottled        Code = "throttled"
	CodeUnreadable       Code = "unreadable"
)

var Codes = []Code{
	CodeGone, CodeBusy, CodeLatest, CodeNotOffered, CodeDiffers, CodeUnsupported, CodeOther, CodeNothing, CodeStarted,
	CodeNoReturn, CodeLapsed, CodeHeld, CodeTooLate, CodeReadBack, CodeUnreached, CodeNoAnswer, CodeNoProject,
	CodeBadRequest, CodeTooSoon, CodeNotAuthenticated, CodeNoPermission, CodeAgentNotStarted, CodeConflict, CodeThrottled, CodeUnreadable,
}

// Outcome is the answer to a call.
type Outcome struct {
	Kind      OutcomeKind   `json:"kind,omitempty"`
	Code      Code          `json:"code,omitempty"`
	Status    int           `json:"status,omitempty"`     // HTTP status; 0: nothing was answered
	Raw       string        `json:"raw,omitempty"`        // the cloud's own text
	RequestID string        `json:"request_id,omitempty"` // the cloud's
	Phase     string        `json:"phase,omitempty"`      // what the instance was doing, when that is the reason
	At        time.Time     `json:"at,omitzero"`
	Wait      time.Duration `json:"wait,omitempty"` // of one that was deferred: how long the cloud asks to wait; 0: it does not say
}

// shutOut reports whether the cloud did not let the program in.
func (o Outcome) shutOut() bool { return o.Kind == Deferred && o.Code != CodeThrottled }

// End says why an item ended as it did, where its state does not.
type End string

const (
	EndStuck       End = "stuck"        // failed: it ran and ran, until somebody closed it
	EndBroken      End = "broken"       // failed: the instance is in an error state
	EndSameVersion End = "same_version" // failed: it ended and changed nothing
	EndRefused     End = "refused"      // failed: the call was refused
	EndGivenUp     End = "given_up"     // failed: called, and never a trace of it
	EndStarted     End = "started"      // failed cancel: the upgrade began meanwhile
	EndStillThere  End = "still_there"  // failed cancel: accepted, and the upgrade stands
	EndGone        End = "gone"         // the instance is not in the cloud's list any more
	EndUpgraded    End = "upgraded"     // changed: upgraded ahead of its time
	EndTakenBack   End = "taken_back"   // changed: somebody has taken back what they had scheduled instead
	EndNeverRan    End = "never_ran"    // changed: what somebody had scheduled instead never ran
	EndStopped     End = "stopped"      // cancelled: another of its batch failed
	EndTakenOut    End = "taken_out"    // cancelled: somebody took it out of its batch before its call
)

var Ends = []End{
	EndStuck, EndBroken, EndSameVersion, EndRefused, EndGivenUp, EndStarted, EndStillThere, EndGone, EndUpgraded, EndTakenBack, EndNeverRan, EndStopped, EndTakenOut,
}
