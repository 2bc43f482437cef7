package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// This file holds batches: several upgrades under one decision. Each is a request
// of its own, with its own lock, call and watch. The first leads: its card shows
// them all, people decide on it, and the others follow what becomes of it.

// What happens to the members of a batch.
type (
	// Join gives a member the decision that its lead got.
	Join struct {
		Revision  int
		Decisions []Decision
		Emergency *Decision
	}
	// Part ends a member with its lead, or because another one failed.
	Part struct {
		State   State
		Closing Closing
	}
)

func (Join) Verb() string { return "join" }
func (Part) Verb() string { return "part" }

func (e Join) apply(r *Request, now time.Time) ([]Effect, error) {
	if err := r.current(e, e.Revision); err != nil {
		return nil, err
	}
	r.Decisions, r.Emergency = slices.Clone(e.Decisions), e.Emergency
	return r.approved(now), nil
}

func (e Part) apply(r *Request, _ time.Time) ([]Effect, error) {
	r.State, r.Closing = e.State, e.Closing
	return []Effect{r.draw()}, nil
}

// Follows reports whether the request is decided with another one.
func (r Request) Follows() bool { return r.Lead != 0 && r.Lead != r.ID }

// lead is the request whose card shows this one.
func (r Request) lead() int64 {
	if r.Follows() {
		return r.Lead
	}
	return r.ID
}

// batchEffects tell the rest of a batch what has become of one of it.
func (r Request) batchEffects(before Request) []Effect {
	var effects []Effect
	if len(r.Members) > 0 && (r.State != before.State || r.Revision != before.Revision) {
		effects = append(effects, Effect{Kind: Follow, Request: r.ID})
	}
	if r.Lead != 0 && r.State != before.State && (r.State == Failed || r.State == Missed) {
		effects = append(effects, Effect{Kind: Stop, Request: r.Lead})
	}
	return effects
}

// AskBatch makes a request for each of several instances, decided as one. The
// first leads. It answers like Ask; either all are made or none stays open.
func (s *Service) AskBatch(ctx context.Context, asks []Ask) ([]Request, error) {
	by, err := s.Authority.Person(ctx, "ask", asks[0].By)
	drafts, quorum := make([]Request, len(asks)), Quorum(nil)
	for i := range asks {
		drafts[i] = s.draft(asks[i], by)
		drafts[i].Deadline = drafts[0].Deadline
		if err == nil {
			quorum, err = s.mayAsk(ctx, &drafts[i], asks[i].Override)
		}
	}
	if err == nil {
		err = s.oneRule(drafts)
	}
	if err != nil {
		return nil, s.refused(ctx, Act{Event: asks[0].Event, Channel: asks[0].Channel}, drafts[0], by, err)
	}
	made, err := s.createBatch(ctx, asks[0].Event, drafts, quorum)
	if err != nil {
		return nil, errors.Join(err, s.dissolve(ctx, made))
	}
	return made, nil
}

// ErrRules says that the instances of a batch fall under different rules, so
// that no one decision is enough for them.
var ErrRules = errors.New("the instances fall under different rules of the policy")

func (s *Service) oneRule(drafts []Request) error {
	policy := s.Authority.Policy()
	first := policy.Rule(drafts[0].Action, drafts[0].Target)
	for _, draft := range drafts[1:] {
		if policy.Rule(draft.Action, draft.Target) != first || draft.Channel != drafts[0].Channel {
			return ErrRules
		}
	}
	return nil
}

// createBatch makes the members first and the lead, which has the card, last. A
// repeated event finds the same members, who know the number of their lead.
func (s *Service) createBatch(ctx context.Context, event string, drafts []Request, quorum Quorum) (made []Request, err error) {
	lead, err := s.Store.reserve(ctx)
	if err != nil {
		return nil, err
	}
	var members []int64
	for i, draft := range drafts[1:] {
		draft.Lead = lead
		member, err := s.Store.create(ctx, fmt.Sprintf("%s/%d", event, i+1), func(id int64) (Request, []Effect, Entry) {
			draft.ID = id
			return draft, []Effect{draft.expiry()}, entryOf(Act{Event: event}, draft, Request{}, draft, draft.Requester, "ask")
		})
		if err != nil {
			return made, err
		}
		lead, members, made = member.Lead, append(members, member.ID), append(made, member)
	}
	drafts[0].Lead, drafts[0].Members = lead, members
	first, err := s.Store.createAs(ctx, lead, event, func(id int64) (Request, []Effect, Entry) {
		return s.open(drafts[0], id, event, quorum)
	})
	return append([]Request{first}, made...), err
}

// dissolve takes back the members of a batch that could not be made.
func (s *Service) dissolve(ctx context.Context, members []Request) error {
	var all error
	for _, member := range members {
		if member.ID == 0 || !member.Follows() {
			continue
		}
		closing := Closing{At: s.Now().UTC(), Reason: "the batch could not be made"}
		after, effects, err := member.Apply(s.Now(), "", Part{State: Withdrawn, Closing: closing})
		if err == nil {
			entry := entryOf(Act{}, member, member, after, Person{}, "part")
			err = s.Store.commit(ctx, change{before: member, after: after, effects: effects[:0], entry: entry})
		}
		all = errors.Join(all, err)
	}
	return all
}

// follow brings the members of a batch to where their lead stands.
func (r *Runner) follow(ctx context.Context, id int64) error {
	lead, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	for _, member := range lead.Members {
		request, err := r.Store.Load(ctx, member)
		if err != nil {
			return err
		}
		if event := lead.pulls(request); event != nil {
			if err := r.apply(ctx, member, event); err != nil {
				return err
			}
		}
	}
	return nil
}

// pulls is what the lead's state means for a member; nil: nothing.
func (r Request) pulls(member Request) Event {
	switch {
	case member.State != Pending:
		return nil
	case member.Revision < r.Revision:
		shift := r.At.Sub(r.Previous)
		return Reschedule{By: r.Requester, At: member.At.Add(shift), Deadline: r.Deadline, Phrase: r.Phrase, Zone: r.Zone, Override: r.Override}
	case r.State == Denied || r.State == Withdrawn || r.State == Expired:
		return Part{State: r.State, Closing: r.Closing}
	case r.State != Pending:
		return Join{Revision: r.Revision, Decisions: r.Decisions, Emergency: r.Emergency}
	}
	return nil
}

// stopAgain is how long to wait for those of a stopped batch that are just being
// called.
const stopAgain = 30 * time.Second

// stop takes back what has not started of a batch in which one has failed.
func (r *Runner) stop(ctx context.Context, id int64) error {
	all, err := r.batch(ctx, id)
	if err != nil {
		return err
	}
	failed, busy := fallen(all), false
	for _, request := range all {
		unsettled, err := r.stopOne(ctx, request, failed)
		if err != nil {
			return err
		}
		busy = busy || unsettled
	}
	if busy {
		return r.Store.arm(ctx, Effect{Kind: Stop, Request: id, At: r.Now().Add(stopAgain)})
	}
	return r.Store.push(ctx, Effect{Kind: Notify, Request: id, Key: "stopped"})
}

// stopOne stops one request of a batch; unsettled: it has to be looked at again.
func (r *Runner) stopOne(ctx context.Context, request Request, failed string) (unsettled bool, err error) {
	switch request.State {
	case Pending, Approved:
		closing := Closing{At: r.Now().UTC(), Reason: failed + " failed"}
		return request.State == Approved, r.apply(ctx, request.ID, Part{State: Withdrawn, Closing: closing})
	case Executing, Unknown:
		return true, nil
	case Scheduled:
		if request.TakenBack == 0 && r.Now().Before(request.At) {
			return false, r.takeBack(ctx, request, failed)
		}
	}
	return false, nil
}

// takeBack makes and approves the cancel of a scheduled upgrade in the program's
// own name.
func (r *Runner) takeBack(ctx context.Context, upgrade Request, failed string) error {
	now := r.Now().UTC()
	cancel := Request{
		Version: RecordVersion, Key: upgrade.Key, Revision: 1, Action: Cancel, Of: upgrade.ID, Target: upgrade.Target, Auto: true,
		At: upgrade.At, Deadline: upgrade.At, Zone: upgrade.Zone, Reason: failed + " of the same batch failed", Requester: upgrade.Requester,
		Channel: upgrade.Channel, State: Pending, CreatedAt: now, ChangedAt: now, Quorum: "nobody",
	}
	_, err := r.Store.create(ctx, fmt.Sprintf("stop/%d", upgrade.ID), func(id int64) (Request, []Effect, Entry) {
		cancel.ID = id
		effects := append([]Effect{cancel.expiry()}, cancel.approved(now)...)
		return cancel, effects, entryOf(Act{Reason: cancel.Reason}, cancel, Request{}, cancel, Person{}, "ask")
	})
	var busy *BusyError
	if errors.As(err, &busy) {
		return nil // somebody cancels it already
	}
	return err
}

// fallen names the first of a batch that failed.
func fallen(all []Request) string {
	for _, r := range all {
		if r.State == Failed || r.State == Missed {
			return r.Name()
		}
	}
	return "one"
}

// batch loads a lead and its members, in order.
func (r *Runner) batch(ctx context.Context, id int64) ([]Request, error) {
	lead, err := r.Store.Load(ctx, id)
	all := []Request{lead}
	for _, member := range lead.Members {
		request, fault := r.Store.Load(ctx, member)
		all, err = append(all, request), errors.Join(err, fault)
	}
	return all, err
}

// picture is a request as its card shows it, with the others of its batch, and a
// mark that changes whenever any of them does.
func (r *Runner) picture(ctx context.Context, id int64) (Request, string, error) {
	all, err := r.batch(ctx, id)
	if err != nil {
		return Request{}, "", err
	}
	var mark strings.Builder
	for _, request := range all {
		fmt.Fprintf(&mark, "%d:", request.commit)
	}
	all[0].Batch = all[1:]
	return all[0], mark.String(), nil
}
