package policy

import (
	"errors"
	"fmt"

	"cbhbot/approvals"
)

// Ground says why a person may not do something.
type Ground string

const (
	UnknownPerson Ground = "unknown person"
	Deactivated   Ground = "deactivated"
	IsBot         Ground = "bot"
	IsGuest       Ground = "guest"
	IsExternal    Ground = "external" // of another workspace
	NotApprover   Ground = "not an approver"
	OwnRequest    Ground = "own request"
	NotRequester  Ground = "may not ask"
	NotInvolved   Ground = "neither requester nor approver"
	NotTrusted    Ground = "not trusted" // with break-glass, or with a closed time
	NobodyCan     Ground = "nobody can approve"
	NobodySees    Ground = "nobody else would see it"
	NoReason      Ground = "a reason is needed"
	Unreachable   Ground = "directory unreachable" // nobody knows whether they may
)

var Grounds = []Ground{
	UnknownPerson, Deactivated, IsBot, IsGuest, IsExternal, NotApprover, OwnRequest, NotRequester, NotInvolved, NotTrusted,
	NobodyCan, NobodySees, NoReason, Unreachable,
}

// Refusal says that a person may not do something, why, and who may.
type Refusal struct {
	Ground  Ground
	Reading bool          // they want to see something, and not to do it; whoever asked the policy says so
	Who     approvals.Set // who may; empty: nobody, or it is not a matter of who
	Err     error         // of Unreachable
}

func (e *Refusal) Error() string { return "refused: " + e.Why() }

// Why is the ground, with the fault that has led to it.
func (e *Refusal) Why() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Ground, e.Err)
	}
	return string(e.Ground)
}

func (e *Refusal) Unwrap() error { return e.Err }

func unreachable(err error) bool {
	refusal, is := errors.AsType[*Refusal](err)
	return is && refusal.Ground == Unreachable
}

// ErrRules says that the items of a request fall under different rules, so that
// no one decision is enough for them.
var ErrRules = errors.New("the instances fall under different rules of the policy")
