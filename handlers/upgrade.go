package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/handlers/timephrase"
)

// upgrade asks for an upgrade: find the instance, understand the time, look
// before asking people, then make the request.
func (h *Handlers) upgrade(ctx context.Context, a ask, c Command) error {
	draft := Draft{Verb: "upgrade", Instance: c.Instance, Reason: c.Reason, Channel: a.channel}
	if c.Instance == "" || c.Rest == "" {
		return h.openTimeForm(ctx, a, draft)
	}
	at, err := h.time(ctx, a, c.Rest, draft)
	if err != nil {
		return err
	}
	return h.request(ctx, a, draft.at(at), c.Rest)
}

// time reads a phrase in the person's zone. What cannot be read for sure comes
// back as a *question with the possible times as buttons.
func (h *Handlers) time(ctx context.Context, a ask, phrase string, draft Draft) (time.Time, error) {
	person, err := h.person(ctx, a)
	if err != nil {
		return time.Time{}, err
	}
	zone := zoneOf(person.Zone)
	reading, err := timephrase.Parse(phrase, a.at, zone, h.Lead)
	var unread *timephrase.Error
	if errors.As(err, &unread) {
		return time.Time{}, h.askTime(unread, zone, draft)
	}
	return reading.Time, err
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
		label := candidate.Time.In(zone).Format("Mon 2 Jan 15:04")
		text := fmt.Sprintf("\n• *%s*: %s", label, momentLine(candidate.Time, zone, h.Now()))
		if candidate.Why != "" {
			text += " — " + candidate.Why
		}
		q.text += text
		q.options = append(q.options, button(numbered(actContinue, n), label, draft.at(candidate.Time).value()))
	}
	q.options = append(q.options, button(actPickTime, "Pick another time", draft.value()))
	return q
}

// request makes the request of a complete draft and says so privately.
func (h *Handlers) request(ctx context.Context, a ask, draft Draft, phrase string) error {
	at := time.Unix(draft.At, 0).UTC()
	person, err := h.person(ctx, a)
	if err != nil {
		return err
	}
	zone := zoneOf(person.Zone)
	if err := h.inReach(at, zone, draft); err != nil {
		return err
	}
	instance, err := h.Cloud.find(ctx, draft.Instance, draft)
	if err != nil {
		return err
	}
	if err := h.preflight(ctx, approvals.Upgrade, instance); err != nil {
		return err
	}
	made, err := h.Service.Ask(ctx, approvals.Ask{
		Event: a.event, By: a.user, Action: approvals.Upgrade, Target: instance.target(), At: at,
		Deadline: at.Add(-h.Lead.Min), Zone: zone.String(), Phrase: phrase, Reason: draft.Reason, Channel: draft.Channel,
	})
	if err != nil {
		return err
	}
	return h.tell(ctx, a, answer(asked(made, zone, h.Now())))
}

// asked confirms a request to the person who made it.
func asked(r approvals.Request, zone *time.Location, now time.Time) string {
	text := fmt.Sprintf("%s is asked for in <#%s>: %s", r.Name(), r.Channel, describe(r))
	if r.Action == approvals.Upgrade {
		text += " at " + momentLine(r.At, zone, now)
	}
	if r.Alone {
		return text + ". It needs nobody's approval."
	}
	return text + ". It needs " + r.Quorum + "."
}

// inReach checks a chosen instant against the lead time at this moment: it may
// have been chosen a while ago.
func (h *Handlers) inReach(at time.Time, zone *time.Location, draft Draft) error {
	_, err := timephrase.Parse(at.UTC().Format(time.RFC3339), h.Now(), zone, h.Lead)
	var unread *timephrase.Error
	if errors.As(err, &unread) {
		return h.askTime(unread, zone, draft)
	}
	return err
}

// preflight looks at the instance before people are asked. An open request of
// our own is what the person is told about first.
func (h *Handlers) preflight(ctx context.Context, action approvals.Action, i Instance) error {
	target := i.target()
	holder, err := h.Store.Holder(ctx, approvals.InstanceLock(target.Project, target.ServerID))
	if err != nil {
		return err
	}
	if holder != 0 {
		return h.standsInTheWay(ctx, holder)
	}
	seen, err := h.Cloud.Survey(ctx, target.Project)
	if err != nil {
		return err
	}
	o := approvals.Find(seen, target)
	switch reason := approvals.Preflight(action, o); reason {
	case "":
		return nil
	case approvals.CodeOther:
		return sentence("The cloud already holds an upgrade of %s, at %s, which was not asked for through me. Cancel it in the cloud console first, then type your command again.",
			code(i.Name), exact(o.UpgradeTime, time.UTC))
	default:
		return sentence("%s: %s Nobody was asked.", code(i.Name), cloudWords(reason))
	}
}

// standsInTheWay points to the open request for the same instance.
func (h *Handlers) standsInTheWay(ctx context.Context, holder int64) error {
	r, err := h.Store.Load(ctx, holder)
	if err != nil {
		return err
	}
	q := &question{text: fmt.Sprintf("There is an open request for %s already: %s, %s, asked by %s. %s",
		code(r.Target.Name), h.link(ctx, r), stateWords(r), mention(r.Requester.ID), whatNext(r))}
	if r.State == approvals.Scheduled && r.Action == approvals.Upgrade {
		q.options = []slack.BlockElement{button(actCancel, "Cancel the upgrade", r.Marker().String())}
	}
	return q
}

func whatNext(r approvals.Request) string {
	switch r.State {
	case approvals.Pending:
		return fmt.Sprintf("Use `/cbh reschedule %s <when>` to move it or `/cbh withdraw %s` to end it.", r.Name(), r.Name())
	case approvals.Scheduled:
		return "Cancel it first if it should be at another time."
	}
	return "Wait until it is done."
}

// link is the request's name, leading to its card where Slack gives a link.
func (h *Handlers) link(ctx context.Context, r approvals.Request) string {
	ts, err := h.Store.Posted(ctx, r.ID, "card")
	if err != nil || ts == "" {
		return r.Name()
	}
	url, err := h.Sender.Permalink(ctx, r.Channel, ts)
	if err != nil || url == "" {
		return r.Name()
	}
	return "<" + url + "|" + r.Name() + ">"
}
