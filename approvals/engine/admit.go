package engine

import (
	"cmp"
	"context"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// This file holds what is checked before anything is shown or asked of somebody.
// The act itself is checked again when it is done. Refusals are in the audit.

// Admit checks that somebody may begin an act at all: an active member of this
// workspace who is no guest and, of a request that exists, its requester or an
// approver. It answers with the request, an empty one where the act is about none, or
// with a *policy.Refusal.
func (e *Engine) Admit(ctx context.Context, act Act) (*approvals.Request, error) {
	return retried(func() (r *approvals.Request, err error) {
		r = new(approvals.Request)
		if act.Request != 0 {
			if r, err = e.Store.Load(ctx, act.Request); err != nil {
				return r, err
			}
		}
		snapshot := e.Authority.Snapshot()
		by, err := snapshot.Person(ctx, act.Verb, act.By)
		if err == nil && act.Request != 0 {
			err = snapshot.Involved(ctx, act.Verb, r, by)
		}
		if err == nil && act.Key != "" && act.Key != r.Key {
			err = store.ErrNotFound
		}
		if err != nil {
			err = e.refused(ctx, act, r, by, err)
		}
		return r, err
	})
}

// MayAsk checks that Ask would not be refused to somebody for who they are. The time
// is looked at only where it is to be overridden, and a missing reason is no matter:
// the form is yet to ask for both.
func (e *Engine) MayAsk(ctx context.Context, ask Ask) error {
	snapshot := e.Authority.Snapshot()
	by, err := snapshot.Person(ctx, approvals.VerbAsk, ask.By)
	draft := e.draft(ask, by)
	draft.Reason = cmp.Or(ask.Reason, "yet to be given")
	if err == nil {
		err = e.authorise(ctx, snapshot, draft, ask, ask.Override)
	}
	if err != nil {
		err = e.refused(ctx, Act{Event: ask.Event, Verb: approvals.VerbAsk, Channel: ask.Channel}, draft, by, err)
	}
	return err
}
