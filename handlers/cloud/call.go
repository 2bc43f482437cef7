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
		return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeNoProject, Raw: err.Error()}
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

// outcomeOf tells a clear no from an unclear answer from a call that never left.
func outcomeOf(err error) approvals.Outcome {
	outcome := approvals.Outcome{Kind: approvals.Refused, Code: codeOf(err), Raw: err.Error()}
	var cloud *client.Error
	if errors.As(err, &cloud) {
		outcome.Status, outcome.RequestID, outcome.Raw = cloud.Status, cloud.RequestID, cloud.Message
	}
	switch {
	case client.Unclear(err):
		outcome.Kind = approvals.Unclear
	case cloud == nil || cloud.Kind == client.Unavailable:
		outcome.Kind = approvals.NotSent
	}
	return outcome
}

// codeOf is the kind of the client's error as a word.
func codeOf(err error) approvals.Code {
	if kind := client.KindOf(err); kind != 0 {
		return approvals.Code(kind.String())
	}
	return approvals.CodeUnreached
}
