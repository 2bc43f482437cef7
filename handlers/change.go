package handlers

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/store"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// This file holds the commands that change a request that exists.

// named finds the request somebody named, CBH-142 as a whole, or the open one of an
// instance, as what that is of it.
func (h *Handlers) named(ctx context.Context, c messages.Draft) (messages.View, error) {
	if id, ok := approvals.ParseName(c.Instance); ok {
		r, _, err := h.Store.Load(ctx, id)
		if err != nil {
			return messages.View{}, err
		}
		return messages.Whole(r), nil
	}
	instance, err := h.find(ctx, c.Instance, c)
	if err != nil {
		return messages.View{}, err
	}
	r, err := h.holder(ctx, instance.Target())
	switch {
	case err != nil:
		return messages.View{}, err
	case r == nil:
		return messages.View{}, messages.Refuse(messages.NoOpenRequest, "bastion", instance.Target(), "typed", messages.Typable(instance.Target()))
	}
	return messages.ViewOf(r, itemOf(r, instance.Target())), nil
}

// holder is the open request for an instance; nil where there is none.
func (h *Handlers) holder(ctx context.Context, target approvals.Target) (*approvals.Request, error) {
	id, err := h.Store.Holder(ctx, approvals.InstanceLock(target))
	if err != nil || id == 0 {
		return nil, err
	}
	r, _, err := h.Store.Load(ctx, id)
	return r, err
}

func (h *Handlers) withdraw(ctx context.Context, a ask, c messages.Draft) error {
	if err := namesOne(c, messages.MissingWithdraw); err != nil {
		return err
	}
	v, err := h.named(ctx, c)
	switch {
	case err != nil:
		return err
	case !oneOfSeveral(v.R, c):
		return h.takeBack(ctx, a, v.R, c.Reason)
	case v.It.State == approvals.Waiting: // of a batch what was named, and nothing else
		return h.cancelItem(ctx, a, v, c.Reason)
	}
	return messages.PastWithdrawal(v)
}

// oneOfSeveral reports whether somebody names a bastion of a batch, and not the batch.
func oneOfSeveral(r *approvals.Request, c messages.Draft) bool {
	_, request := approvals.ParseName(c.Instance)
	return !request && len(r.Kept()) > 1
}

// takeBack withdraws a request in somebody's name.
func (h *Handlers) takeBack(ctx context.Context, a ask, r *approvals.Request, reason string) error {
	done := messages.Tell(messages.Say(messages.DoneWithdrawn, "request", r))
	return h.act(ctx, a, engine.Act{Verb: approvals.VerbWithdraw, Request: r.ID, Reason: reason}, done)
}

// to is what people put between what they move and its new time; later and earlier are how
// they say by how much they move it.
var (
	to = regexp.MustCompile(`(?i)^(?:(?:(?:move|change) )?(?:it )?to\s+|改成\s*|` +
		`(?:改|更改|[变變]更|[调調]整?|[换換挪移]|移[动動]|(?P<later>推[迟遲后後]|延[迟遲后後期]|[顺順]延)|(?P<earlier>提[前早]))?[到至为為]\s*)`)
	later   = regexp.MustCompile(`(?i)^(?:by\s+|\+|推[迟遲后後]|延[迟遲后後期]|[顺順]延|[往向][后後]推|晚)\s*(.+?)(?:\s+later)?$`)
	earlier = regexp.MustCompile(`(?i)^(?:by\s+)?(.+)\s+earlier$|^(?:提前|提早|早)\s*(.+)$`)
)

func (h *Handlers) reschedule(ctx context.Context, a ask, c messages.Draft) error {
	c = withDash(c, a.at)
	_, request := approvals.ParseName(c.Instance)
	_, forgotten := h.withoutName(ctx, a, c)
	if c.Instance == "" || forgotten && !request {
		return missing(messages.MissingReschedule, c.Verb)
	}
	toward := to.FindStringSubmatch(c.Phrase)
	c.Phrase = to.ReplaceAllString(c.Phrase, "")
	v, err := h.named(ctx, c)
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
	if err := h.askSince(ctx, a, c.Phrase, v.At, draft); err != nil {
		return err
	}
	read, err := h.time(ctx, a, c.Phrase, draft)
	if err != nil {
		return err
	}
	if err := h.askDirection(ctx, a, toward, c.Phrase, read, v.At, draft); err != nil {
		return err
	}
	return h.move(ctx, a, draft.AtTime(read.Time), heard{c.Phrase, read})
}

// askDirection asks about a time that is on the other side of the one there is than people say: "推迟到周一" of
// what is due on the Sunday after that may mean the Monday behind it.
func (h *Handlers) askDirection(ctx context.Context, a ask, toward []string, phrase string, read timephrase.Reading, at time.Time, draft messages.Draft) error {
	says := func(direction string) bool { return toward != nil && toward[to.SubexpIndex(direction)] != "" }
	ways := []since{{read.Time, messages.SinceNow}}
	switch {
	case says("earlier") && read.Time.After(at):
	case says("later") && read.Time.Before(at):
		if late, unclear := parse(phrase, at, read.Time.Location()); unclear == nil {
			ways = append(ways, since{late.Time, messages.SinceThen})
		}
	default:
		return nil
	}
	q := messages.Tell(messages.Say(messages.SinceWhen))
	q.Language = messages.Typed(read.Chinese)
	return h.askWhich(ctx, a, q, draft, ways...)
}

// since is one way to count a length of time.
type since struct {
	at  time.Time
	why messages.Key
}

// askSince asks about a length of time that does not say from when it is counted: "a week later" may
// be meant from the time that is to be moved. "By a week" is, and is shown before it is done.
func (h *Handlers) askSince(ctx context.Context, a ask, phrase string, at time.Time, draft messages.Draft) error {
	zone, err := h.zone(ctx, a)
	if err != nil {
		return err
	}
	if moved, ok := shifted(phrase, at.In(zone)); ok {
		q := messages.Tell()
		q.Language = typedIn(phrase)
		return h.askWhich(ctx, a, q, draft, since{moved, messages.SinceThen})
	}
	ways := slices.Concat(unanchored(phrase, at, zone, messages.SinceThen), unanchored(phrase, a.at, zone, messages.SinceNow))
	if len(ways) == 0 {
		return nil
	}
	q := messages.Tell(messages.Say(messages.SinceWhen))
	q.Language = typedIn(phrase)
	return h.askWhich(ctx, a, q, draft, ways...)
}

// typedIn is the language of a phrase.
func typedIn(phrase string) *messages.Language {
	return messages.Typed(utf8.RuneCountInString(phrase) < len(phrase))
}

// unanchored is what such a length of time can come to from a moment on; nothing for all else.
func unanchored(phrase string, from time.Time, zone *time.Location, why messages.Key) (ways []since) {
	switch read, unclear := parse(phrase, from, zone); {
	case read.Since == timephrase.SinceUnsaid:
		ways = append(ways, since{read.Time, why})
	case unclear != nil && unclear.Since == timephrase.SinceUnsaid:
		for _, c := range unclear.Candidates {
			ways = append(ways, since{c.Time, why})
		}
	}
	return ways
}

// parse reads a phrase wherever its time lies.
func parse(phrase string, now time.Time, zone *time.Location) (timephrase.Reading, *timephrase.Error) {
	read, err := timephrase.Parse(phrase, now, zone, timephrase.Limits{})
	unclear, _ := errors.AsType[*timephrase.Error](err)
	return read, unclear
}

// askWhich offers those of some times that are in reach, and any other. Where none is, it says why.
func (h *Handlers) askWhich(ctx context.Context, a ask, q *messages.Answer, draft messages.Draft, ways ...since) error {
	near := slices.DeleteFunc(slices.Clone(ways), func(way since) bool { return h.outOfReach(way.at) })
	switch len(near) {
	case 0:
		return h.inReach(ways[0].at.In(h.voice(ctx, a.user).Zone), 0, h.anyNotice(), draft)
	case 1:
		q.Text = append(q.Text, messages.Say(messages.ThisOne))
	default:
		q.Text = append(q.Text, messages.Say(messages.WhichOne))
	}
	for _, way := range near {
		q.OfferTime(way.at, messages.Say(way.why), draft)
	}
	q.Buttons = append(q.Buttons, messages.Button{Action: messages.ActPickTime, Label: messages.Say(messages.LabelOtherTime), Value: draft.Value()})
	return q
}

// shifted is a time moved by a length that says in which direction: "by a day", "提前两小时".
func shifted(phrase string, at time.Time) (moved time.Time, ok bool) {
	length, back := earlier.FindStringSubmatch(phrase), true
	if length == nil {
		length, back = later.FindStringSubmatch(phrase), false
	}
	if length == nil {
		return at, false
	}
	words := strings.Join(length[1:], "")
	for _, spelled := range []string{"in " + words, words + "后"} {
		switch read, _ := parse(spelled, at, at.Location()); {
		case read.Since == "", back && read.Clock != "":
		case back:
			return at.Add(at.Sub(read.Time)), true
		default:
			return read.Time, true
		}
	}
	return at, false
}

// unmovable is why a request can have no other time, whichever is chosen; nil where it may.
func unmovable(r *approvals.Request) error {
	switch {
	case !r.Open():
		return &approvals.EventError{Request: r, Verb: approvals.VerbReschedule, Obstacle: approvals.WrongState}
	case r.Action != approvals.Upgrade:
		return messages.Refuse(messages.CannotMove, "request", r, "state", messages.Standings(r))
	}
	return nil
}

// move gives a request another time: one that is with the cloud by a request of its
// own.
func (h *Handlers) move(ctx context.Context, a ask, draft messages.Draft, when heard) error {
	zone, err := h.zone(ctx, a)
	if err != nil {
		return err
	}
	r, err := h.drafted(ctx, draft)
	if err != nil {
		return err
	}
	if r.State == approvals.Approved {
		views, err := h.moved(ctx, r, draft)
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
	act := h.rescheduling(r, draft)
	act.Phrase, act.Zone = when.phrase, zone.String()
	err = h.act(ctx, a, act, when.answer(messages.Say(messages.DoneMoved, "request", r, "exact", messages.Exact(at), "ahead", messages.Ahead(at))))
	return h.askOpen(err, draft)
}

// rescheduling moves what is left of a pending request so that the first of it begins at the
// time of a draft.
func (h *Handlers) rescheduling(r *approvals.Request, draft messages.Draft) engine.Act {
	at, notice, kept := time.Unix(draft.At, 0).UTC(), h.notice(targetsOf(r)), r.Kept()
	var olds []time.Time
	for _, i := range kept {
		if r.Moves() {
			olds = append(olds, r.Items[i].Old)
		}
	}
	return engine.Act{
		Verb: approvals.VerbReschedule, Request: r.ID, Reason: draft.Reason, Override: draft.Override,
		Timing: approvals.Timing{At: at.Add(-r.Items[kept[0]].Offset), Deadline: decidedBy(at, notice, olds...), Lead: notice},
	}
}

// drafted is the request that a draft is about, and not another one that has its number
// since it was forgotten.
func (h *Handlers) drafted(ctx context.Context, draft messages.Draft) (*approvals.Request, error) {
	r, _, err := h.Store.Load(ctx, draft.Request)
	if err == nil && draft.Key != "" && draft.Key != r.Key {
		err = store.ErrNotFound
	}
	return r, err
}

// act does something to a request in somebody's name and says so privately.
func (h *Handlers) act(ctx context.Context, a ask, act engine.Act, done *messages.Answer) error {
	act.Event, act.By, act.Channel = a.event, a.user, a.channel
	if _, err := h.Engine.Act(ctx, act); err != nil {
		return err
	}
	return h.tell(ctx, a, done)
}
