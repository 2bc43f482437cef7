package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/handlers/timephrase"
)

// Handlers answers everything people do in Slack. All fields are required.
type Handlers struct {
	Service *approvals.Service
	Store   *approvals.Store
	Sender  *bot.Sender
	Cloud   *Cloud
	People  approvals.Directory
	Now     func() time.Time
	Log     logrus.FieldLogger
	Lead    timephrase.Limits // how far ahead an upgrade may lie
}

// Register tells the mux what this package answers.
func (h *Handlers) Register(mux *bot.Mux) {
	mux.Command("*", h.onCommand)
	mux.Event("app_mention", h.onMessage)
	mux.Event("message", h.onMessage)
	mux.Event("app_home_opened", h.onHome)
	for action, verb := range map[string]string{
		actApprove: "approve", actWithdraw: "withdraw", actRetract: "retract",
	} {
		mux.Action(action, h.onDecision(verb))
	}
	mux.Action(actDeny, h.onDeny)
	mux.Action(actCheck, h.onCheckAgain)
	mux.Action(actCancel, h.onCancelButton)
	mux.Action(actContinue, h.onContinue)
	mux.Action(actPickTime, h.onPickTime)
	mux.Action(actBreak, h.onBreakGlass)
	mux.Action(actOverride, h.onOverride)
	mux.View(viewOverride, h.onOverridden)
	mux.Check(viewOverride, checkReason)
	mux.View(viewDeny, h.onDenied)
	mux.Check(viewDeny, checkReason)
	mux.View(viewTime, h.onTimePicked)
	mux.Check(viewTime, h.checkTime)
}

// ask is somebody doing something: who, where, when, and how to answer.
type ask struct {
	event   string // the envelope's id
	user    string
	channel string
	at      time.Time // when Slack's delivery arrived: phrases are read from here
	trigger string    // opens a form within 3 s; "" where there is none
	to      bot.Address
}

// finish answers the person about an error they can understand, and passes the
// others on to be tried again.
func (h *Handlers) finish(ctx context.Context, a ask, err error) error {
	if err == nil {
		return nil
	}
	var q *question
	if errors.As(err, &q) {
		return h.tell(ctx, a, answer(q.text, q.options...))
	}
	text, ok := explain(err)
	if !ok {
		return err
	}
	return h.tell(ctx, a, answer(text))
}

// tell answers privately. An answer that cannot be given is no reason to do the
// work again.
func (h *Handlers) tell(ctx context.Context, a ask, m bot.Message) error {
	err := h.Sender.Private(ctx, a.to, m)
	if err != nil && bot.Permanent(err) {
		h.Log.WithError(err).WithField("actor", a.user).Warn("a private answer could not be given")
		return nil
	}
	if err != nil {
		return fmt.Errorf("answering %s: %w", a.user, err)
	}
	return nil
}

func (h *Handlers) onCommand(ctx context.Context, c bot.Command) error {
	a := ask{event: c.EnvelopeID, user: c.UserID, channel: c.ChannelID, at: c.Received, trigger: c.TriggerID, to: c.From()}
	return h.finish(ctx, a, h.command(ctx, a, c.Text))
}

// verb is one word after /cbh.
type verb struct {
	run  func(h *Handlers, ctx context.Context, a ask, c Command) error
	form string // how it is typed
	help string // what it does
	try  string // an example that works
}

// verbNames lists the verbs in the order of the help.
var verbNames = []string{"upgrade", "cancel", "reschedule", "withdraw", "rollback", "break-glass", "status", "list", "history", "instances", "policy", "help"}

var verbs map[string]verb

func init() {
	verbs = map[string]verb{
		"upgrade":     {(*Handlers).upgrade, "upgrade <instance>[, <instance>…] <when> [stagger 1h] [-- reason]", "asks for an upgrade and for its approval; several are decided as one; without a time a form opens", "upgrade bastion-prod sunday 2am -- security fixes"},
		"cancel":      {(*Handlers).cancel, "cancel <instance|request> [-- reason]", "takes a pending request back, or asks to cancel a scheduled upgrade", "cancel bastion-prod -- the release slipped"},
		"reschedule":  {(*Handlers).reschedule, "reschedule <request> <when>", "moves a pending request; approvals start again", "reschedule CBH-142 sunday 4am"},
		"withdraw":    {(*Handlers).withdraw, "withdraw <request> [-- reason]", "takes a pending request back", "withdraw CBH-142"},
		"rollback":    {(*Handlers).rollback, "rollback <instance> [-- reason]", "asks to go back to the version before a cross-version upgrade", "rollback bastion-prod -- users cannot log in"},
		"break-glass": {(*Handlers).breakGlass, "break-glass <request> -- reason", "skips the approvals in an emergency, for those whom the policy trusts", "break-glass CBH-142 -- attackers are in"},
		"status":      {(*Handlers).status, "status [instance|request]", "says where things stand", "status bastion-prod"},
		"list":        {(*Handlers).list, "list [mine|pending|scheduled|all]", "lists requests, the latest first", "list pending"},
		"history":     {(*Handlers).history, "history <instance>", "lists all that was ever asked for a bastion", "history bastion-prod"},
		"instances":   {(*Handlers).instances, "instances [search]", "lists the bastions: version, what the cloud offers, state, schedule and open request", "instances prod"},
		"policy":      {(*Handlers).policy, "policy [instance]", "says who may approve", "policy bastion-prod"},
		"help":        {(*Handlers).help, "help [command]", "says all this", "help upgrade"},
	}
}

func (h *Handlers) command(ctx context.Context, a ask, text string) error {
	c, err := ParseCommand(text)
	if err != nil {
		return err
	}
	if c.Verb == "" {
		c.Verb = "help"
	}
	v, known := verbs[c.Verb]
	if !known {
		return unknownVerb(c.Verb)
	}
	if strings.Contains(c.Instance, listed) && c.Verb != "upgrade" {
		return sentence("Only upgrades can be asked for several at a time. Please type `/cbh %s` for each.", c.Verb)
	}
	return v.run(h, ctx, a, c)
}

func unknownVerb(typed string) error {
	best := ""
	for _, name := range verbNames {
		if distance(typed, name) <= 2 && (best == "" || distance(typed, name) < distance(typed, best)) {
			best = name
		}
	}
	if best == "" {
		return sentence("I do not know the command %s. Try `/cbh upgrade bastion-prod sunday 2am`, or `/cbh help` for all of them.", code(typed))
	}
	return sentence("I do not know the command %s. Do you mean `/cbh %s`?", code(typed), verbs[best].try)
}

// missing is the sentence for a command without what it needs.
func missing(name, what string) error {
	return sentence("%s For example: `/cbh %s`.", what, verbs[name].try)
}

// person looks up who asks, for the zone their words are read in.
func (h *Handlers) person(ctx context.Context, a ask) (approvals.Person, error) {
	p, err := h.People.Person(ctx, a.user)
	if err != nil && !errors.Is(err, approvals.ErrNobody) {
		return p, &approvals.Refusal{Ground: approvals.Unreachable, Verb: "ask", Err: err}
	}
	return p, nil
}

func (h *Handlers) openView(ctx context.Context, a ask, view slack.ModalViewRequest) error {
	err := h.Sender.OpenView(ctx, a.trigger, view)
	if err == nil {
		return nil
	}
	h.Log.WithError(err).WithField("actor", a.user).Warn("a form could not be opened")
	return sentence("The form could not be opened in time. Please do that once more.")
}
