package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

// Ask is what somebody wants done.
type Ask struct {
	Event  string // the envelope's id: the same ask repeated makes one request
	By     string // user id
	Action approvals.Action
	Of     approvals.Ref    // a cancel: the upgrade's item; zero: an upgrade that was not asked for here; an upgrade: the one it replaces
	Items  []approvals.Item // at least one; several only of an upgrade
	approvals.Timing
	Reason   string
	Override bool   // an upgrade outside the calendar, for those whom the policy lets; needs a reason
	Channel  string // where it was asked
	Card     string // where the card goes, unless the policy names a channel; "": where it was asked
	Private  bool   // the asker alone reads there: what needs approval cannot be asked for
}

// Ask makes a request. It answers with the stored request, with a *policy.Refusal
// or *policy.ClosedError, or with a *store.BusyError that names the open requests
// that stand in the way. All items are held, or none.
func (e *Engine) Ask(ctx context.Context, ask Ask) (*approvals.Request, error) {
	return retried(func() (*approvals.Request, error) {
		draft, err := e.drafted(ctx, ask, true)
		if err != nil {
			return nil, err
		}
		draft.Unseen = e.unseen(ctx, ask, draft)
		none := new(approvals.Request)
		entry := ask.act().entry(draft.Requester, none, draft)
		made, err := e.write(ctx, &store.Change{Event: ask.Event, Before: none, After: draft, Entry: entry})
		return made.Request, err
	})
}

// MayAsk checks that Ask would not be refused to somebody for who they are. The time
// is looked at only where it is to be overridden, and a missing reason is no matter:
// the form is yet to ask for both.
func (e *Engine) MayAsk(ctx context.Context, ask Ask) error {
	_, err := e.drafted(ctx, ask, false)
	return err
}

func (ask Ask) act() Act {
	return Act{Event: ask.Event, Verb: approvals.VerbAsk, Reason: ask.Reason, Channel: ask.Channel}
}

// drafted is the request that an ask makes, which may be yet to be completed. Its requester
// is authorised by one snapshot of the policy; whatever stands in the way is written to the
// audit.
func (e *Engine) drafted(ctx context.Context, ask Ask, complete bool) (*approvals.Request, error) {
	snapshot := e.Authority.Snapshot()
	by, err := snapshot.Person(ctx, ask.By)
	draft := e.draft(ask, by)
	if !complete {
		draft.Reason = cmp.Or(ask.Reason, "yet to be given")
	}
	if err == nil {
		err = e.authorise(ctx, snapshot, draft, ask, complete || ask.Override)
	}
	if err != nil {
		err = e.refused(ctx, ask.act(), draft, by, err)
	}
	return draft, err
}

func (e *Engine) draft(ask Ask, by approvals.Person) *approvals.Request {
	now := e.Store.Now()
	r := &approvals.Request{
		Version: approvals.RecordVersion, Key: rand.Text()[:10], Revision: 1, Action: ask.Action, Of: ask.Of, Items: slices.Clone(ask.Items),
		Timing: ask.Timing, Reason: ask.Reason, Requester: by, Channel: cmp.Or(ask.Card, ask.Channel),
		State: approvals.Pending, CreatedAt: now, ChangedAt: now,
	}
	r.At, r.Deadline = ask.At.UTC(), ask.Deadline.UTC()
	return r
}

// authorise checks the requester's right and, where it is to be timed, the time, and notes
// what the policy wants of the request.
func (e *Engine) authorise(ctx context.Context, snapshot policy.Snapshot, r *approvals.Request, ask Ask, timed bool) error {
	asked := r.Channel
	rule, err := snapshot.Rule(r)
	if err == nil {
		r.Channel, err = snapshot.Channel(rule, r)
	}
	if err != nil {
		return err
	}
	r.Deadline = rule.Deadline(r.Deadline, r.CreatedAt)
	if r.Alone = e.mayAlone(ctx, snapshot, r); r.Alone {
		r.State = approvals.Approved
		return nil
	}
	quorum, err := snapshot.Ask(ctx, r)
	if err == nil && ask.Private && r.Channel == asked {
		err = &policy.Refusal{Ground: policy.NobodySees}
	}
	if err == nil && timed {
		r.Override, err = snapshot.Time(ctx, r, r.Requester, r.Reason, ask.Override)
	}
	if err != nil {
		return err
	}
	r.Needs, r.Missing = quorum, quorum
	r.RemindAt = approvals.RemindAt(rule.Remind.At, r.CreatedAt, r.Deadline)
	if rule.Remind.Direct {
		r.AskDirectly(quorum.Silent(nil))
	}
	return nil
}

// sightFor bounds the question who sees a channel: people wait for the answer to
// what they asked.
const sightFor = time.Second

// unseen reports whether the requester will not see the card, as far as is known:
// those who asked where it goes do.
func (e *Engine) unseen(ctx context.Context, ask Ask, r *approvals.Request) bool {
	if r.Channel == ask.Channel {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, sightFor)
	defer cancel()
	return e.Unseen(ctx, r.Channel, r.Requester.ID)
}

// mayAlone reports whether a cancel is the requester's own business.
func (e *Engine) mayAlone(ctx context.Context, snapshot policy.Snapshot, r *approvals.Request) bool {
	if r.Action != approvals.Cancel || r.Of == (approvals.Ref{}) {
		return false
	}
	upgrade, err := e.Store.Load(ctx, r.Of.Request)
	return err == nil && snapshot.Alone(r, upgrade)
}
