package cloud

import (
	"context"
	"errors"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
)

// Call makes the one POST that an action needs, and never repeats it. at is the
// time of the upgrade, for a cancel that of the one to cancel.
func (c *Cloud) Call(ctx context.Context, action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
	p, err := c.project(target.Project)
	if err != nil {
		return unlisted(err)
	}
	receipt, err := send(ctx, p.Client, action, target, at)
	if err != nil {
		return outcomeOf(err)
	}
	return approvals.Outcome{Kind: approvals.Accepted, Status: receipt.Status, RequestID: receipt.RequestID}
}

func send(ctx context.Context, api *client.Client, action approvals.Action, target approvals.Target, at time.Time) (client.Receipt, error) {
	switch action {
	case approvals.Cancel:
		return api.CancelUpgrade(ctx, target.ServerID, at)
	case approvals.Rollback:
		return api.Rollback(ctx, target.ServerID)
	}
	return api.Upgrade(ctx, target.ServerID, at)
}

// outcomeOf tells a clear no from an unclear answer, from a call that never left,
// and from one that the cloud may take later.
func outcomeOf(err error) approvals.Outcome {
	outcome := said(err)
	switch {
	case client.Unclear(err):
		outcome.Kind = approvals.Unclear
	case passes(err):
		outcome.Kind = approvals.Deferred
	case !left(err):
		outcome.Kind, outcome.Code = approvals.NotSent, approvals.CodeUnreached
	}
	return outcome
}

// left reports whether a call may have reached the cloud: whatever came before, such as
// the page that answered in IAM's place, is no word of the cloud's about it.
func left(err error) bool {
	cloud, ok := errors.AsType[*client.Error](err)
	return ok && cloud.Sent
}

// said is a refusal in the cloud's own words.
func said(err error) approvals.Outcome {
	outcome := approvals.Outcome{Kind: approvals.Refused, Code: CodeOf(err), Raw: err.Error()}
	if cloud, ok := errors.AsType[*client.Error](err); ok {
		outcome.Status, outcome.RequestID, outcome.Raw, outcome.Wait = cloud.Status, cloud.RequestID, cloud.Message, cloud.RetryAfter
	}
	return outcome
}

// passes reports whether the cloud has done nothing for a reason that lies in the
// caller: too many calls, a login or a permission that somebody can put right.
func passes(err error) bool {
	kind := client.KindOf(err)
	return kind == client.Throttled || kind == client.NotAuthenticated || kind == client.NoPermission
}

// unlisted is what it means for a call that the configuration of this copy has no such project:
// another copy's may have it.
func unlisted(err error) approvals.Outcome {
	return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeNoProject, Raw: err.Error()}
}

// unread is what a failed read means for a call that relies on it.
func unread(err error) approvals.Outcome {
	if passes(err) {
		return outcomeOf(err)
	}
	return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeUnreached, Raw: err.Error()}
}

// CodeOf is the kind of the client's error as a word.
func CodeOf(err error) approvals.Code {
	if kind := client.KindOf(err); kind != 0 {
		return approvals.Code(kind.String())
	}
	return approvals.CodeUnreached
}
