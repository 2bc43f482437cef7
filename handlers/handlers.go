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
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// Handlers answers everything people do in Slack. All fields are required.
type Handlers struct {
	Engine  *engine.Engine
	Store   *store.Store
	Sender  *bot.Sender
	Cloud   *cloud.Cloud
	People  policy.Directory
	Now     func() time.Time
	Log     logrus.FieldLogger
	MinLead time.Duration // the notice the cloud wants, where the policy does not say it for the kind of upgrade
	MaxLead time.Duration // how far ahead an upgrade may lie
}

// Register tells the mux what this package answers.
func (h *Handlers) Register(mux *bot.Mux) {
	mux.Command("*", h.onCommand)
	mux.Event("app_mention", h.onMessage)
	mux.Event("message", h.onMessage)
	mux.Event("app_home_opened", h.onHome)
	mux.Shortcut(h.onShortcut)
	for action, verb := range map[string]approvals.Verb{
		actApprove: approvals.VerbApprove, actWithdraw: approvals.VerbWithdraw, actRetract: approvals.VerbRetract,
	} {
		mux.Action(action, h.pressing(h.onCard(h.onDecision(verb))))
	}
	mux.Action(actDeny, h.pressing(h.onCard(h.onDeny)))
	mux.Action(actCheck, h.pressing(h.onCheckAgain))
	mux.Action(actTryAgain, h.pressing(h.onTryAgain))
	mux.Action(actClose, h.pressing(h.onDecision(approvals.VerbClose)))
	mux.Action(actCancel, h.pressing(h.onCancelButton))
	mux.Action(actContinue, h.pressing(h.onContinue))
	mux.Action(actPickTime, h.pressing(h.onPickTime))
	mux.Action(actBreak, h.pressing(h.onBreakGlass))
	mux.Action(actOverride, h.pressing(h.onOverride))
	mux.View(viewOverride, h.submitting(h.onOverridden))
	mux.Check(viewOverride, checkReason)
	mux.View(viewDeny, h.submitting(h.onDenied))
	mux.Check(viewDeny, checkReason)
	mux.View(viewTime, h.submitting(h.onTimePicked))
	mux.Check(viewTime, h.checkTime)
}

// pressing and submitting answer the person about what goes wrong.
func (h *Handlers) pressing(do func(context.Context, ask, bot.Action) error) func(context.Context, bot.Action) error {
	return func(ctx context.Context, p bot.Action) error {
		a := press(p)
		return h.serve(ctx, a, func() error { return do(ctx, a, p) })
	}
}

func (h *Handlers) submitting(do func(context.Context, ask, bot.Submission) error) func(context.Context, bot.Submission) error {
	return func(ctx context.Context, s bot.Submission) error {
		a := submitted(s)
		return h.serve(ctx, a, func() error { return do(ctx, a, s) })
	}
}

// ask is somebody doing something: who, where, when, and how to answer.
type ask struct {
	event   string // the envelope's id
	user    string
	channel string
	at      time.Time // when Slack's delivery arrived: phrases are read from here
	trigger string    // opens a form within 3 s; "" where there is none
	shared  bool      // Slack says that the channel is shared with another company
	to      bot.Address
}

// answerWithin is how long a person waits without a word.
const answerWithin = 2500 * time.Millisecond

// serve does what somebody asked for. When that takes long it says so, and goes
// on.
func (h *Handlers) serve(ctx context.Context, a ask, work func() error) error {
	told := make(chan struct{})
	patience := time.AfterFunc(answerWithin, func() {
		defer close(told)
		if err := h.tell(ctx, a, answer(say("I am still at it: something that I have to ask is slow to answer. I go on, and say here what comes of it."))); err != nil {
			h.Log.WithError(err).WithField("actor", a.user).Warn("nobody could be told that it takes long")
		}
	})
	err := work()
	if !patience.Stop() {
		<-told // in this order
	}
	return h.finish(ctx, a, err)
}

// finish answers the person about an error they can understand, and passes the
// others on to be tried again.
func (h *Handlers) finish(ctx context.Context, a ask, err error) error {
	if err == nil {
		return nil
	}
	m, ok := apology(err)
	if !ok {
		return err
	}
	if made, fault := h.Engine.Asked(ctx, a.event); fault == nil {
		m = answer(asked(made, zoneOf(made.Zone), h.Now())) // what stands in the way is what an earlier try has made
	}
	return h.tell(ctx, a, m)
}

// apology is the answer to an error that a person can understand.
func apology(err error) (m bot.Message, ok bool) {
	var q *question
	if errors.As(err, &q) {
		return answer(q.text, q.options...), true
	}
	text, ok := explain(err)
	return answer(text), ok
}

// tell answers privately. An answer that cannot be given is no reason to do the
// work again.
func (h *Handlers) tell(ctx context.Context, a ask, m bot.Message) error {
	err := h.Sender.Private(ctx, a.to, m)
	switch {
	case err == nil:
		return nil
	case bot.Unfit(err):
		return h.tellShortly(ctx, a, err)
	case bot.Permanent(err):
		h.Log.WithError(err).WithField("actor", a.user).Warn("a private answer could not be given")
		return nil
	}
	return &UntoldError{err}
}

// tellShortly stands in for what Slack does not show: it says where to look. The
// fault is the program's, and doing the work again would not mend it.
func (h *Handlers) tellShortly(ctx context.Context, a ask, unfit error) error {
	err := h.Sender.Private(ctx, a.to, bot.Message{Text: say(
		"Slack did not take my answer, so I cannot show it here; whoever runs me finds why in the log. `/cbh list` and `/cbh status` show where things stand.")})
	if err != nil && !bot.Permanent(err) {
		return &UntoldError{err}
	}
	return bot.Hopeless(unfit)
}

// UntoldError says that what was asked for is done, and the answer may not have
// been read.
type UntoldError struct{ err error }

func (e *UntoldError) Error() string { return fmt.Sprintf("answering: %v", e.err) }
func (e *UntoldError) Unwrap() error { return e.err }

func (h *Handlers) onCommand(ctx context.Context, c bot.Command) error {
	a := ask{event: c.EnvelopeID, user: c.UserID, channel: c.ChannelID, at: c.Received, trigger: c.TriggerID, to: c.From()}
	return h.serve(ctx, a, func() error { return h.command(ctx, a, c.Text) })
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
		"reschedule":  {(*Handlers).reschedule, "reschedule <instance|request> <when>", "moves a pending request, for which approvals start again, or asks to move a scheduled upgrade", "reschedule CBH-142 sunday 4am"},
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
	c, err := parseCommand(text)
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
	if err := h.admit(ctx, a, c.Verb); err != nil {
		return err
	}
	if strings.Contains(c.Instance, listed) && c.Verb != "upgrade" {
		return sentence("Only upgrades can be asked for several at a time. Please type `/cbh %s` for each.", c.Verb)
	}
	return v.run(h, ctx, a, c)
}

func unknownVerb(typed string) error {
	best := ""
	for _, name := range verbNames {
		if cloud.Distance(typed, name) <= 2 && (best == "" || cloud.Distance(typed, name) < cloud.Distance(typed, best)) {
			best = name
		}
	}
	if best == "" {
		return sentence("I do not know the command %s. Try `/cbh upgrade bastion-prod sunday 2am`, or `/cbh help` for all of them.", code(typed))
	}
	return sentence("I do not know the command %s. Do you mean `%s`? It is typed `/cbh %s`.", code(typed), best, verbs[best].form)
}

// missing is the sentence for a command without what it needs.
func missing(name string, what mrkdwn.Text) error {
	return sentence("%s For example: `/cbh %s`.", what, verbs[name].try)
}

// person looks up who asks, for the zone their words are read in.
func (h *Handlers) person(ctx context.Context, a ask) (approvals.Person, error) {
	p, err := h.People.Person(ctx, a.user)
	if err != nil && !errors.Is(err, policy.ErrNobody) {
		return p, &policy.Refusal{Ground: policy.Unreachable, Verb: approvals.VerbAsk, Err: err}
	}
	return p, nil
}

func (h *Handlers) openView(ctx context.Context, a ask, view slack.ModalViewRequest) error {
	_, err := h.Sender.OpenView(ctx, a.trigger, view)
	if err == nil {
		return nil
	}
	if bot.Unfit(err) {
		return h.tellShortly(ctx, a, err)
	}
	h.Log.WithError(err).WithField("actor", a.user).Warn("a form could not be opened")
	return sentence("The form could not be opened in time. Please do that once more.")
}
