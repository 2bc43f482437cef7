package handlers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// upgrade asks for an upgrade: find the instance, understand the time, look
// before asking people, then make the request.
func (h *Handlers) upgrade(ctx context.Context, a actor, c messages.Draft) error {
	c = withDash(withStagger(c), a.at)
	draft := messages.Draft{Verb: "upgrade", Instance: c.Instance, Reason: c.Reason, Channel: a.channel}
	var when string
	when, draft.Stagger = cutStagger(c.Phrase)
	if staggers.MatchString(timephrase.Simplified(when)) {
		return messages.Refuse(messages.StaggerTyped)
	}
	if at, forgotten := h.withoutName(ctx, a, c); forgotten {
		draft.Instance = ""
		return h.openForm(ctx, a, draft.AtTime(at))
	}
	if c.Instance == "" || when == "" {
		return h.hintAtCommas(ctx, c.Instance, when, h.openForm(ctx, a, draft))
	}
	read, err := h.time(ctx, a, when, draft)
	if err != nil {
		return h.hintAtNames(ctx, c.Instance, when, err)
	}
	return h.request(ctx, a, draft.AtTime(read.Time), heard{when, read})
}

// request makes the request of a complete draft and says so privately.
func (h *Handlers) request(ctx context.Context, a actor, draft messages.Draft, when heard) error {
	at := time.Unix(draft.At, 0).UTC()
	zone, err := h.zone(ctx, a)
	if err != nil {
		return err
	}
	targets, err := h.targets(ctx, draft)
	if err != nil {
		return err
	}
	notice, items := h.notice(targets), approvals.NewItems(staggerOf(draft), targets...)
	if err := h.inReach(at.In(zone), items[len(items)-1].Offset, notice, draft); err != nil {
		return err
	}
	wanted := engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Items: items,
		Timing: approvals.Timing{At: at, Deadline: decidedBy(at, notice), Lead: notice, Zone: zone.String(), Phrase: when.phrase},
		Reason: draft.Reason, Override: draft.Override, Channel: draft.Channel, Private: h.isDirect(ctx, a, draft.Channel),
	}
	made, err := h.Engine.Ask(ctx, wanted)
	if err != nil {
		return h.askOpen(h.inTheWay(ctx, err, wanted), draft)
	}
	return h.tell(ctx, a, when.answer(messages.AskedFor(made)))
}

// inReach checks a chosen instant, in the zone of whoever chose it, against the notice that is
// needed, at this moment: it may have been chosen a while ago. The last upgrade of a batch is to
// begin a span later.
func (h *Handlers) inReach(at time.Time, span, notice time.Duration, draft messages.Draft) error {
	if refusal := h.reach(notice).Refuse(at, h.Now()); refusal != nil {
		return askTime(refusal, draft)
	}
	last, latest := at.Add(span), h.Now().Add(h.MaxLead)
	if h.MaxLead > 0 && last.After(latest) {
		return messages.Refuse(messages.LastTooFar, "time", messages.Exact(last), "latest", messages.Exact(latest))
	}
	return nil
}

// askOpen offers times at which the policy's calendar is open, and to those who
// may override it the one they asked for. Other errors pass.
func (h *Handlers) askOpen(err error, draft messages.Draft) error {
	closed, ok := errors.AsType[*policy.ClosedError](err)
	if !ok {
		return err
	}
	q := messages.Tell(messages.Closed(closed))
	for _, at := range slices.DeleteFunc(slices.Clone(closed.Near), h.outOfReach) {
		q.OfferTime(at, messages.Saying{}, draft)
	}
	q.OfferOtherTime(draft)
	if closed.Override {
		q.Buttons = append(q.Buttons, messages.Button{
			Action: messages.ActOverride, Label: messages.Say(messages.LabelAnyway), Value: draft.Value(), Style: slack.StyleDanger,
		})
	}
	return q
}

// outOfReach reports whether a time is too soon for any upgrade, or too far ahead.
func (h *Handlers) outOfReach(at time.Time) bool {
	ahead := at.Sub(h.Now())
	return ahead <= h.anyNotice()+messages.LeadSlack || h.MaxLead > 0 && ahead > h.MaxLead
}

// withStagger takes the distance between several upgrades for a part of the time also where it ends the reason.
func withStagger(c messages.Draft) messages.Draft {
	reason, seconds := cutStagger(c.Reason)
	if seconds > 0 && strings.Contains(c.Instance, listed) && strings.HasPrefix(c.Reason, reason) {
		c.Phrase, c.Reason = c.Phrase+c.Reason[len(reason):], reason
	}
	return c
}

// withoutName reports whether somebody typed a time and no instance.
func (h *Handlers) withoutName(ctx context.Context, a actor, c messages.Draft) (time.Time, bool) {
	if _, named := h.Cloud.Recall(ctx, c.Instance); named {
		return time.Time{}, false
	}
	read, unread := parse(c.Instance+" "+c.Phrase, a.at, h.voice(ctx, a.user).Zone, h.reach(h.anyNotice()))
	return read.Time, unread == nil && h.nobodys(ctx, c.Instance)
}

// hintAtNames says what is none of an instance's names in front of what was to be a time, and how
// several are named where another one stands in that.
func (h *Handlers) hintAtNames(ctx context.Context, names, when string, err error) error {
	q, ok := errors.AsType[*messages.Answer](err)
	if !ok {
		return err
	}
	all := strings.Split(names, listed)
	last := all[len(all)-1]
	switch unknown := h.nobodys(ctx, last); {
	case unknown && len(all) > 1:
		q.Text = append(q.Text, messages.Say(messages.JoinedNames, "name", messages.Code(last)))
	case unknown:
		q.Text = append(q.Text, messages.Say(messages.NoInstance, "name", messages.Code(last)))
		q.Text = append(q.Text, spelling(last, "upgrade", h.Now())...)
	case len(all) == 1 && h.names(ctx, when):
		q.Text = append(q.Text, messages.Say(messages.SpacedNames))
	}
	return err
}

// hintAtCommas is hintAtNames where several are named: what stands behind a comma may be a time.
func (h *Handlers) hintAtCommas(ctx context.Context, names, when string, err error) error {
	if !strings.Contains(names, listed) {
		return err
	}
	return h.hintAtNames(ctx, names, when, err)
}

// names reports whether a word of some is the name of an instance.
func (h *Handlers) names(ctx context.Context, words string) bool {
	all, _ := h.Cloud.Instances(ctx)
	return slices.ContainsFunc(strings.Fields(words), func(word string) bool {
		return slices.ContainsFunc(all, func(i cloud.Instance) bool { return strings.EqualFold(i.Name, word) })
	})
}

// timeBehindComma takes what stands behind a comma for the time where it is one, and like nobody's name:
// "bastion-prod, sunday 2am".
func (h *Handlers) timeBehindComma(ctx context.Context, a actor, c messages.Draft) messages.Draft {
	comma := strings.LastIndex(c.Instance, listed)
	if comma < 0 {
		return c
	}
	last := c.Instance[comma+len(listed):]
	phrase := strings.TrimSpace(last + " " + c.Phrase)
	if when, _ := cutStagger(phrase); !tellsTime(when, a.at) {
		return c
	}
	_, err := h.Cloud.Find(ctx, last)
	if unknown, ok := errors.AsType[*cloud.UnknownError](err); !ok || len(unknown.Near) > 0 && !timephrase.Knows(last) {
		return c
	}
	c.Instance, c.Phrase = c.Instance[:comma], phrase
	return h.timeBehindComma(ctx, a, c)
}

// timeBehindName takes the Chinese right behind a name for the time where it is one, and all of it is nobody's name:
// "bastion-prod周日凌晨2点".
func (h *Handlers) timeBehindName(ctx context.Context, a actor, c messages.Draft) messages.Draft {
	last := c.Instance[strings.LastIndex(c.Instance, listed)+1:]
	parts := glued.FindStringSubmatch(strings.TrimSpace(last))
	if parts == nil {
		return c
	}
	phrase := strings.TrimSpace(parts[2] + " " + c.Phrase)
	if when, _ := cutStagger(phrase); !tellsTime(when, a.at) || !h.nobodys(ctx, parts[0]) {
		return c
	}
	c.Instance, c.Phrase = strings.TrimSuffix(c.Instance, parts[2]), phrase
	return c
}
