package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/store"
	"cbhbot/handlers/messages"
)

// This file holds the commands that change a request that exists.

// named finds the request somebody named, CBH-142 as a whole, or the open one of an
// instance, as what that is of it.
func (h *Handlers) named(ctx context.Context, a actor, c messages.Draft) (messages.View, error) {
	if id, ok := approvals.ParseName(c.Instance); ok {
		r, err := h.Store.Load(ctx, id)
		if err != nil {
			return messages.View{}, err
		}
		return messages.Whole(r), nil
	}
	instance, err := h.find(ctx, c.Instance, c)
	if err != nil {
		return messages.View{}, err
	}
	r, err := h.meant(ctx, a, instance.Target())
	switch {
	case err != nil:
		return messages.View{}, err
	case r == nil:
		return messages.View{}, messages.Refuse(messages.NoOpenRequest, "bastion", instance.Target(), "typed", messages.Typable(instance.Target()))
	}
	return itemOf(r, instance.Target()), nil
}

// holder is the open request for an instance; nil where there is none.
func (h *Handlers) holder(ctx context.Context, target approvals.Target) (*approvals.Request, error) {
	id, err := h.Store.Holder(ctx, approvals.InstanceLock(target))
	return h.loaded(ctx, id, err)
}

// meant is the holder for a command, also when that is served again because its answer could
// not be given: another request may have the instance by then.
func (h *Handlers) meant(ctx context.Context, a actor, target approvals.Target) (*approvals.Request, error) {
	id, err := h.Store.Holder(ctx, approvals.InstanceLock(target))
	if err == nil {
		id, err = h.Memory.means(ctx, a.event, id)
	}
	return h.loaded(ctx, id, err)
}

// loaded is the request of a number that was looked for; nil for none, and for one of which
// nothing but its lock is left.
func (h *Handlers) loaded(ctx context.Context, id int64, err error) (*approvals.Request, error) {
	if err != nil || id == 0 {
		return nil, err
	}
	r, err := h.Store.Load(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		r, err = nil, nil
	}
	return r, err
}

func (h *Handlers) withdraw(ctx context.Context, a actor, c messages.Draft) error {
	if err := namesOne(c, messages.MissingWithdraw); err != nil {
		return err
	}
	v, err := h.named(ctx, a, c)
	switch {
	case err != nil:
		return err
	case slices.Contains(v.R.Applied, a.event):
		return h.tell(ctx, a, removed(v))
	case !oneOfSeveral(v.R, c):
		return h.takeBack(ctx, a, v.R, c.Reason)
	case v.It.State == approvals.Waiting: // of a batch what was named, and nothing else
		return h.cancelItem(ctx, a, v, c.Reason)
	}
	return messages.PastWithdrawal(v)
}

// removed is what is said of what was withdrawn, or taken out of its batch.
func removed(v messages.View) *messages.Answer {
	if v.It.End == approvals.EndTakenOut {
		return messages.Tell(messages.Say(messages.DoneTakenOut, v))
	}
	return messages.Tell(messages.Say(messages.DoneWithdrawn, "request", v.R))
}

// oneOfSeveral reports whether somebody names a bastion of a batch, and not the batch.
func oneOfSeveral(r *approvals.Request, c messages.Draft) bool {
	_, request := approvals.ParseName(c.Instance)
	return !request && len(r.Kept()) > 1
}

// takeBack withdraws a request in somebody's name.
func (h *Handlers) takeBack(ctx context.Context, a actor, r *approvals.Request, reason string) error {
	act := a.act(approvals.VerbWithdraw, approvals.Marker{ID: r.ID})
	act.Reason = reason
	return h.actAndTell(ctx, a, act, messages.Tell(messages.Say(messages.DoneWithdrawn, "request", r)))
}

func (h *Handlers) reschedule(ctx context.Context, a actor, c messages.Draft) error {
	c = withDash(c, a.at)
	_, request := approvals.ParseName(c.Instance)
	if c.Instance == "" || !request && movesTo(behind(c), a.at) && h.nobodys(ctx, c.Instance) {
		return missing(messages.MissingReschedule, c.Verb)
	}
	toward := to.FindStringSubmatch(c.Phrase)
	c.Phrase = to.ReplaceAllString(c.Phrase, "")
	v, err := h.named(ctx, a, c)
	if err != nil {
		return err
	}
	r := v.R
	draft := messages.Draft{Verb: "reschedule", Request: r.ID, Key: r.Key, Reason: c.Reason, Channel: a.channel}
	if err := unmovable(r); err != nil {
		return err
	}
	switch {
	case !oneOfSeveral(r, c):
	case r.State == approvals.Pending:
		return messages.Refuse(messages.MoveTogether, "request", r, "n", len(r.Kept()))
	default:
		draft.Instance = c.Instance
	}
	if c.Phrase == "" {
		return h.openForm(ctx, a, draft)
	}
	read, err := h.movedTo(ctx, a, toward, c.Phrase, v.At, draft)
	if err != nil {
		return err
	}
	return h.move(ctx, a, draft.AtTime(read.Time), heard{c.Phrase, read})
}

// unmovable is why a request can have no other time, whichever is chosen; nil where it may.
func unmovable(r *approvals.Request) error {
	switch {
	case !r.Open():
		return &approvals.EventError{Request: r, Verb: approvals.VerbReschedule, Obstacle: approvals.WrongState}
	case r.Action != approvals.Upgrade, r.State == approvals.Approved && !slices.ContainsFunc(unfinished(r), held):
		return messages.Refuse(messages.CannotMove, "request", r, "state", messages.Standings(r))
	}
	return nil
}

// move gives a request another time: one that is with the cloud by a request of its
// own.
func (h *Handlers) move(ctx context.Context, a actor, draft messages.Draft, when heard) error {
	zone, err := h.zone(ctx, a)
	if err != nil {
		return err
	}
	r, err := h.drafted(ctx, draft)
	if err == nil {
		err = unmovable(r)
	}
	if err != nil {
		return err
	}
	if r.State == approvals.Approved {
		views, err := h.toMove(ctx, r, draft)
		if err != nil {
			return err
		}
		return h.replace(ctx, a, views, draft, zone, when)
	}
	at, notice, kept := time.Unix(draft.At, 0).UTC(), h.notice(targetsOf(r)), r.Kept()
	if r.State == approvals.Pending && at.Equal(r.Time(kept[0])) && !draft.Override {
		return messages.Refuse(messages.AskedForAlready, "request", r, "exact", messages.Exact(at))
	}
	if old := r.Items[kept[0]].Old; r.Moves() && at.Sub(old).Abs() < time.Minute {
		return messages.Refuse(messages.ScheduledAlready, "exact", messages.Exact(at), messages.Whole(r))
	}
	span := r.Items[kept[len(kept)-1]].Offset - r.Items[kept[0]].Offset
	if err := h.inReach(at.In(zone), span, notice, draft); err != nil {
		return err
	}
	act := h.rescheduling(a, r, draft)
	act.Phrase, act.Zone = when.phrase, zone.String()
	err = h.actAndTell(ctx, a, act, when.answer(messages.Say(messages.DoneMoved, "request", r, "exact", messages.Exact(at), "ahead", messages.Ahead(at))))
	return h.askOpen(err, draft)
}

// rescheduling moves what is left of a pending request so that the first of it begins at the
// time of a draft.
func (h *Handlers) rescheduling(a actor, r *approvals.Request, draft messages.Draft) engine.Act {
	at, notice, kept := time.Unix(draft.At, 0).UTC(), h.notice(targetsOf(r)), r.Kept()
	var olds []time.Time
	for _, i := range kept {
		if r.Moves() {
			olds = append(olds, r.Items[i].Old)
		}
	}
	act := a.act(approvals.VerbReschedule, approvals.Marker{ID: r.ID})
	act.Reason, act.Override = draft.Reason, draft.Override
	act.Timing = approvals.Timing{At: at.Add(-r.Items[kept[0]].Offset), Deadline: decidedBy(at, notice, olds...), Lead: notice}
	return act
}

// drafted is the request that a draft is about, and not another one that has its number
// since it was forgotten.
func (h *Handlers) drafted(ctx context.Context, draft messages.Draft) (*approvals.Request, error) {
	return h.Store.Find(ctx, approvals.Marker{ID: draft.Request, Key: draft.Key})
}

// actAndTell does something to a request in somebody's name and says so privately.
func (h *Handlers) actAndTell(ctx context.Context, a actor, act engine.Act, done *messages.Answer) error {
	if _, err := h.Engine.Act(ctx, act); err != nil {
		return err
	}
	return h.tell(ctx, a, done)
}
