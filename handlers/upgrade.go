package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/timephrase"
)

// upgrade asks for an upgrade: find the instance, understand the time, look
// before asking people, then make the request.
func (h *Handlers) upgrade(ctx context.Context, a ask, c Command) error {
	draft := Draft{Verb: "upgrade", Instance: c.Instance, Reason: c.Reason, Channel: a.channel}
	var when string
	when, draft.Stagger = cutStagger(c.Rest)
	if c.Instance == "" || when == "" {
		return h.openTimeForm(ctx, a, draft)
	}
	read, err := h.time(ctx, a, when, draft)
	if err != nil {
		return err
	}
	return h.request(ctx, a, draft.at(read.Time), heard{when, read})
}

// heard is a phrase and how it was read; nothing when a button was pressed.
type heard struct {
	phrase string
	read   timephrase.Reading
}

// explained ends an answer with how each part of the phrase was read, so that
// a misreading is seen before anybody approves.
func (t heard) explained(text mrkdwn.Text) mrkdwn.Text {
	switch {
	case t.phrase == "":
		return text
	case t.read.Language == timephrase.Chinese:
		return text.Then("\n理解为：%s", t.read.Explain)
	}
	return text.Then("\nRead as: %s", t.read.Explain)
}

// time reads a phrase in the person's zone. What cannot be read for sure comes
// back as a *question with the possible times as buttons.
func (h *Handlers) time(ctx context.Context, a ask, phrase string, draft Draft) (timephrase.Reading, error) {
	person, err := h.person(ctx, a)
	if err != nil {
		return timephrase.Reading{}, err
	}
	zone := zoneOf(person.Zone)
	reading, err := timephrase.Parse(phrase, a.at, zone, h.reach(h.anyNotice()))
	var unread *timephrase.Error
	if errors.As(err, &unread) {
		return reading, h.askTime(unread, zone, draft)
	}
	return reading, err
}

// askTime offers what a phrase can mean: a button for each instant, which
// continues the same command, and a form for any other.
func (h *Handlers) askTime(unread *timephrase.Error, zone *time.Location, draft Draft) error {
	text, _ := explain(unread)
	q := &question{text: text}
	for n, candidate := range unread.Candidates {
		if n == mostNames {
			break
		}
		label := unread.Language.Short(candidate.Time.In(zone))
		if unread.Language == timephrase.Chinese {
			q.text = q.text.Then("\n• *%s* (%s)", label, zone.String())
		} else {
			q.text = q.text.Then("\n• *%s*: %s", label, momentLine(candidate.Time, zone, h.Now()))
		}
		if candidate.Why != "" {
			q.text = q.text.Then(" — %s", candidate.Why)
		}
		q.options = append(q.options, button(numbered(actContinue, n), label, draft.at(candidate.Time).value()))
	}
	other := "Pick another time"
	if unread.Language == timephrase.Chinese {
		other = "选择其他时间"
	}
	q.options = append(q.options, button(actPickTime, other, draft.value()))
	return q
}

// askOpen offers times at which the policy's calendar is open, and to those who
// may override it the one they asked for. Other errors pass.
func (h *Handlers) askOpen(err error, zone *time.Location, draft Draft) error {
	var closed *policy.ClosedError
	if !errors.As(err, &closed) {
		return err
	}
	q := &question{text: closedWords(closed, zone)}
	for n, at := range slices.DeleteFunc(slices.Clone(closed.Near), h.outOfReach) {
		label := at.In(zone).Format("Mon 2 Jan 15:04")
		q.text = q.text.Then("\n• *%s*: %s", label, momentLine(at, zone, h.Now()))
		q.options = append(q.options, button(numbered(actContinue, n), label, draft.at(at).value()))
	}
	q.options = append(q.options, button(actPickTime, "Pick another time", draft.value()))
	if closed.Override {
		q.options = append(q.options, styled(button(actOverride, "Ask for it anyway", draft.value()), slack.StyleDanger))
	}
	return q
}

// outOfReach reports whether a time is too soon for any upgrade, or too far ahead.
func (h *Handlers) outOfReach(at time.Time) bool {
	ahead := at.Sub(h.Now())
	return ahead <= h.anyNotice()+LeadSlack || h.MaxLead > 0 && ahead > h.MaxLead
}

// request makes the request of a complete draft and says so privately.
func (h *Handlers) request(ctx context.Context, a ask, draft Draft, when heard) error {
	at := time.Unix(draft.At, 0).UTC()
	person, err := h.person(ctx, a)
	if err != nil {
		return err
	}
	zone := zoneOf(person.Zone)
	targets, err := h.targets(ctx, draft)
	if err != nil {
		return err
	}
	notice, stagger := h.notice(targets), time.Duration(draft.Stagger)*time.Second
	err = h.inReach(at, notice, zone, draft)
	if err == nil {
		err = h.lastInReach(at.Add(time.Duration(len(targets)-1)*stagger), zone)
	}
	if err != nil {
		return err
	}
	channel := h.Cloud.Channel(targets[0].Project, draft.Channel)
	made, err := h.Engine.Ask(ctx, engine.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Targets: targets, Stagger: stagger,
		At: at, Deadline: at.Add(-notice - LeadSlack), Lead: notice, Zone: zone.String(), Phrase: when.phrase,
		Reason: draft.Reason, Override: draft.Override, Channel: channel, Private: isDirect(channel),
	})
	if err != nil {
		return h.askOpen(h.inTheWay(ctx, err, targets), zone, draft)
	}
	return h.tell(ctx, a, answer(when.explained(asked(made, zone, h.Now()))))
}

// asked confirms a request to the person who made it.
func asked(r approvals.Request, zone *time.Location, now time.Time) mrkdwn.Text {
	text := say("%s is recorded; its card goes to %s: %s", r.Name(), mrkdwn.Channel(r.Channel), describe(r))
	if r.Action == approvals.Upgrade {
		text = text.Then(" at %s", momentLine(r.At, zone, now))
	}
	if r.Alone {
		return text.Then(". It needs nobody's approval.")
	}
	return text.Then(". It needs %s.", needs(r.Needs))
}

// inReach checks a chosen instant against the notice that is needed, at this
// moment: it may have been chosen a while ago.
func (h *Handlers) inReach(at time.Time, notice time.Duration, zone *time.Location, draft Draft) error {
	_, err := timephrase.Parse(at.UTC().Format(time.RFC3339), h.Now(), zone, h.reach(notice))
	var unread *timephrase.Error
	if errors.As(err, &unread) {
		return h.askTime(unread, zone, draft)
	}
	return err
}

// lastInReach checks the last upgrade of a batch, which a stagger carries on.
func (h *Handlers) lastInReach(at time.Time, zone *time.Location) error {
	latest := h.Now().Add(h.MaxLead)
	if h.MaxLead == 0 || !at.After(latest) {
		return nil
	}
	return sentence("The last upgrade of the batch would be at %s, which is too far ahead: the latest is %s. Nobody was asked; begin earlier, or stagger them less.",
		momentLine(at, zone, h.Now()), momentLine(latest, zone, h.Now()))
}

// link is the request's name, leading to its card where Slack gives a link.
func (h *Handlers) link(ctx context.Context, r approvals.Request) mrkdwn.Text {
	url := ""
	ts, err := h.Store.Card(ctx, r.ID)
	if err == nil && ts != "" {
		url, _ = h.Sender.Permalink(ctx, r.Channel, ts)
	}
	return mrkdwn.Link(url, say("%s", r.Name()))
}
