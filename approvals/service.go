package approvals

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sirupsen/logrus"
)

// Service is the front door for people: everything a human does to a request
// goes through Ask or Act, and both check the person first. No other way leads
// from a person to a commit.
type Service struct {
	Store     *Store
	Authority *Authority
	Now       func() time.Time
	Log       logrus.FieldLogger
}

// Ask is what somebody wants done.
type Ask struct {
	Event    string // the envelope's id: the same ask repeated makes one request
	By       string // user id
	Action   Action
	Of       int64 // a cancel: the upgrade's request; 0: an upgrade that was not asked for here
	Target   Target
	At       time.Time // zero for a rollback
	Deadline time.Time
	Zone     string
	Phrase   string
	Reason   string
	Override bool   // an upgrade outside the calendar, for those whom the policy lets; needs a reason
	Channel  string // where it was asked; the rule may name another for the card
}

// Ask makes a request. It answers with the stored request, with a *Refusal, or
// with a *BusyError that names the open request that stands in the way.
func (s *Service) Ask(ctx context.Context, ask Ask) (Request, error) {
	by, err := s.Authority.Person(ctx, "ask", ask.By)
	draft := s.draft(ask, by)
	var quorum Quorum
	if err == nil {
		quorum, err = s.mayAsk(ctx, &draft, ask.Override)
	}
	if err != nil {
		return Request{}, s.refused(ctx, Act{Event: ask.Event, Channel: ask.Channel}, draft, by, err)
	}
	return s.Store.create(ctx, ask.Event, func(id int64) (Request, []Effect, Entry) {
		return s.open(draft, id, ask.Event, quorum)
	})
}

func (s *Service) draft(ask Ask, by Person) Request {
	policy, now := s.Authority.Policy(), s.Now().UTC()
	r := Request{
		Version: RecordVersion, Key: rand.Text()[:10], Revision: 1, Action: ask.Action, Of: ask.Of, Target: ask.Target,
		At: ask.At.UTC(), Deadline: ask.Deadline.UTC(), Zone: ask.Zone, Phrase: ask.Phrase,
		Reason: ask.Reason, Requester: by, Channel: policy.channel(ask.Action, ask.Target, ask.Channel), State: Pending,
		CreatedAt: now, ChangedAt: now,
	}
	if ask.At.IsZero() {
		r.At = time.Time{}
	}
	r.Deadline = policy.deadline(r, r.Deadline, now)
	return r
}

// mayAsk checks the requester's right and the time, and notes what the request
// will need.
func (s *Service) mayAsk(ctx context.Context, draft *Request, override bool) (Quorum, error) {
	if draft.Alone = s.mayAlone(ctx, *draft); draft.Alone {
		return nil, nil
	}
	quorum, err := s.Authority.Ask(ctx, *draft)
	draft.Quorum = quorum.String()
	if err == nil {
		err = s.Authority.time(ctx, draft, draft.Requester, draft.CreatedAt, draft.Reason, override)
	}
	return quorum, err
}

// mayAlone reports whether a cancel is the requester's own business.
func (s *Service) mayAlone(ctx context.Context, draft Request) bool {
	rule := s.Authority.Policy().Rule(draft.Action, draft.Target)
	if draft.Action != Cancel || rule == nil || !rule.CancelAlone {
		return false
	}
	upgrade, err := s.Store.Load(ctx, draft.Of)
	return err == nil && s.Authority.asker(upgrade) == s.Authority.asker(draft)
}

func (s *Service) open(draft Request, id int64, event string, quorum Quorum) (Request, []Effect, Entry) {
	draft.ID = id
	effects := []Effect{draft.draw(), draft.expiry()}
	if draft.Alone {
		effects = append(effects, draft.approved(draft.CreatedAt)...)
	}
	if rule := s.Authority.Policy().Rule(draft.Action, draft.Target); rule != nil && !draft.Alone {
		effects = append(effects, draft.reminders(rule.Remind.At, draft.CreatedAt)...)
		if rule.Remind.Direct {
			effects = append(effects, draft.direct(quorum.silent(draft))...)
		}
	}
	return draft, effects, entryOf(Act{Event: event, Reason: draft.Reason, Channel: draft.Channel}, draft, Request{}, draft, draft.Requester, "ask")
}

// Act is what a person does to a request that exists.
type Act struct {
	Event    string // the envelope's id
	By       string // user id
	Request  int64
	Verb     string // "approve", "deny", "retract", "withdraw", "reschedule", "break glass", "check again"
	Revision int    // of the card the person saw; 0: the present one, for a typed command
	Key      string // of the card the person saw; "": a typed command
	Reason   string
	At       time.Time // reschedule
	Deadline time.Time // reschedule
	Phrase   string    // reschedule
	Zone     string    // reschedule
	Override bool      // reschedule: to a time outside the calendar; needs a reason
	Channel  string    // where it was done
	Message  string    // on which message
}

// commitTries bounds how often a change is tried against others' changes.
const commitTries = 50

// Act does it and answers with the request afterwards. It answers with a
// *Refusal when the person may not, and an *EventError when it is not possible,
// which carries the request as somebody else has just made it.
func (s *Service) Act(ctx context.Context, act Act) (Request, error) {
	for range commitTries {
		r, err := s.try(ctx, act)
		if !errors.Is(err, ErrConflict) {
			return r, err
		}
	}
	return Request{}, fmt.Errorf("%s CBH-%d: %w", act.Verb, act.Request, ErrConflict)
}

func (s *Service) try(ctx context.Context, act Act) (Request, error) {
	before, after, effects, by, err := s.weigh(ctx, &act)
	if err != nil || slices.Contains(before.Applied, act.Event) {
		return before, err
	}
	entry := entryOf(act, before, before, after, by, act.Verb)
	if err := s.Store.commit(ctx, change{before: before, after: after, effects: effects, entry: entry}); err != nil {
		return before, err
	}
	s.log(after).WithFields(logrus.Fields{"verb": act.Verb, "actor": act.By, "state": after.State}).Info("request changed")
	return after, nil
}

// Check says whether an act would be possible now, and changes nothing.
func (s *Service) Check(ctx context.Context, act Act) (Request, error) {
	before, _, _, _, err := s.weigh(ctx, &act)
	return before, err
}

// weigh loads the request, authorises the person and applies the event to a
// copy. Whatever stands in the way is written to the audit.
func (s *Service) weigh(ctx context.Context, act *Act) (before, after Request, effects []Effect, by Person, err error) {
	before, err = s.Store.Load(ctx, act.Request)
	if err != nil {
		return before, before, nil, by, err
	}
	if by, err = s.Authority.Person(ctx, act.Verb, act.By); err == nil {
		after, effects, err = s.would(ctx, act, before, by)
	}
	if err != nil {
		err = s.refused(ctx, *act, before, by, err)
	}
	return before, after, effects, by, err
}

func (s *Service) would(ctx context.Context, act *Act, r Request, by Person) (Request, []Effect, error) {
	if act.Revision == 0 {
		act.Revision, act.Key = r.Revision, r.Key
	}
	event, err := s.event(ctx, *act, r, by)
	if err != nil {
		return r, nil, err
	}
	if r.Follows() {
		return r, nil, r.refuse(event, PartOfBatch)
	}
	if act.Key != r.Key {
		return r, nil, r.refuse(event, Replaced)
	}
	return r.Apply(s.Now(), act.Event, event)
}

// event authorises an act and turns it into what happens to the request.
func (s *Service) event(ctx context.Context, act Act, r Request, by Person) (Event, error) {
	switch act.Verb {
	case "approve":
		quorum, err := s.Authority.Approve(ctx, r, by)
		if err == nil {
			err = s.Authority.calendar(ctx, r, by)
		}
		return Approve{By: by, Revision: act.Revision, Quorum: quorum}, err
	case "deny":
		_, err := s.Authority.Approve(ctx, r, by)
		return Deny{By: by, Revision: act.Revision, Reason: act.Reason}, err
	case "retract":
		quorum, err := s.Authority.demand(ctx, r)
		return Retract{By: by, Revision: act.Revision, Quorum: quorum}, err
	case "withdraw":
		return Withdraw{By: by, Reason: act.Reason}, s.Authority.involved(ctx, act.Verb, r, by)
	case "reschedule":
		return s.reschedule(ctx, act, r, by)
	case "break glass":
		return s.breakGlass(ctx, act, r, by)
	default:
		return nil, fmt.Errorf("nobody can %q a request", act.Verb)
	}
}

func (s *Service) reschedule(ctx context.Context, act Act, r Request, by Person) (Event, error) {
	if err := s.Authority.involved(ctx, act.Verb, r, by); err != nil {
		return nil, err
	}
	policy, now := s.Authority.Policy(), s.Now().UTC()
	moved := r
	moved.At = act.At.UTC()
	err := s.Authority.time(ctx, &moved, by, now, act.Reason, act.Override)
	event := Reschedule{
		By: by, At: act.At, Deadline: policy.deadline(r, act.Deadline, now), Phrase: act.Phrase, Zone: act.Zone, Override: moved.Override,
	}
	if rule := policy.Rule(r.Action, r.Target); rule != nil {
		event.Remind = rule.Remind.At
	}
	return event, err
}

func (s *Service) breakGlass(ctx context.Context, act Act, r Request, by Person) (Event, error) {
	if act.Reason == "" {
		return nil, &Refusal{Ground: NoReason, Verb: act.Verb}
	}
	announce, err := s.Authority.breakGlass(ctx, r, by)
	return BreakGlass{By: by, Revision: act.Revision, Reason: act.Reason, To: announce.To.Mentions(), Channel: announce.Channel}, err
}

// CheckAgain looks at the cloud at once for someone involved in the request.
func (s *Service) CheckAgain(ctx context.Context, act Act) (Request, error) {
	r, err := s.Store.Load(ctx, act.Request)
	if err != nil {
		return r, err
	}
	by, err := s.Authority.Person(ctx, act.Verb, act.By)
	if err == nil {
		err = s.Authority.involved(ctx, act.Verb, r, by)
	}
	if err == nil && act.Key != "" && act.Key != r.Key {
		err = &EventError{Request: r, Verb: act.Verb, Obstacle: Replaced}
	}
	if err != nil {
		return r, s.refused(ctx, act, r, by, err)
	}
	return r, s.Store.push(ctx, r.execute(time.Time{}), r.watch(time.Time{}))
}

// refused writes a refusal to the audit and passes it on.
func (s *Service) refused(ctx context.Context, act Act, r Request, by Person, why error) error {
	entry := entryOf(act, r, r, r, by, act.verbOr("ask"))
	entry.At, entry.Refused = s.Now().UTC(), why.Error()
	if err := s.Store.note(ctx, entry); err != nil {
		s.log(r).WithError(err).Warn("a refusal could not be written to the audit")
	}
	return why
}

func (a Act) verbOr(fallback string) string {
	if a.Verb == "" {
		return fallback
	}
	return a.Verb
}

func entryOf(act Act, r, before, after Request, by Person, verb string) Entry {
	return Entry{
		At: after.ChangedAt, Actor: by, Verb: verb, Event: act.Event, Request: r.ID, Revision: after.Revision,
		Instance: r.Target.Name, ServerID: after.Target.ServerID, From: before.State, To: after.State,
		Due: after.At, Outside: after.Override != nil, Reason: act.Reason, Channel: act.Channel, Message: act.Message,
	}
}

func (s *Service) log(r Request) logrus.FieldLogger {
	return s.Log.WithFields(logrus.Fields{"request": r.Name(), "instance": r.Target.Name})
}
