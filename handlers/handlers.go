package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// Handlers answers everything people do in Slack. All fields are required.
type Handlers struct {
	Engine  *engine.Engine
	Store   *store.Store
	Sender  *bot.Sender
	Cloud   *cloud.Cloud
	Memory  Memory
	Now     func() time.Time
	Log     logrus.FieldLogger
	MinLead time.Duration // the notice the cloud wants, where the policy does not say it for the kind of upgrade
	MaxLead time.Duration // how far ahead an upgrade may lie

	Language func(r *approvals.Request) *messages.Language // of the channel of a request's card

	outdated atomic.Bool // home pages may have changed
	met      sync.Map    // the ids of those who need no greeting
}

// Register tells the mux what this package answers.
func (h *Handlers) Register(mux *bot.Mux) {
	mux.Command(h.onCommand)
	mux.Event("app_mention", h.onMessage)
	mux.Event("message", h.onMessage)
	mux.Event("app_home_opened", h.onHome)
	mux.Shortcut(h.onShortcut)
	for action, do := range map[string]onPress{
		messages.ActApprove:  h.onCard(h.onDecision(approvals.VerbApprove)),
		messages.ActWithdraw: h.onCard(h.onDecision(approvals.VerbWithdraw)),
		messages.ActRetract:  h.onCard(h.onDecision(approvals.VerbRetract)),
		messages.ActDeny:     h.onCard(h.onDeny),
		messages.ActClose:    h.onDecision(approvals.VerbClose),
		messages.ActCheck:    h.onCheckAgain,
		messages.ActTryAgain: h.onTryAgain,
		messages.ActCancel:   h.onCancelButton,
		messages.ActContinue: onDraft(h.proceed),
		messages.ActPickTime: onDraft(h.pickTime),
		messages.ActOverride: onDraft(h.override),
		messages.ActBreak:    h.onBreakGlass,
		messages.ActTurn:     h.onTurn,
		"":                   onUnknown,
	} {
		mux.Action(action, h.pressing(do))
	}
	mux.View(viewOverride, h.submitting(h.onOverridden))
	mux.Check(viewOverride, h.checkReason)
	mux.View(viewDeny, h.submitting(h.onDenied))
	mux.Check(viewDeny, h.checkReason)
	mux.View(viewTime, h.submitting(h.onTimePicked))
	mux.Check(viewTime, h.checkTime)
	mux.View(viewUpgrade, h.submitting(h.onUpgradeFilled))
	mux.Check(viewUpgrade, h.checkUpgrade)
	mux.View("", h.submitting(onUnknownForm))
	mux.Options(messages.InputInstance, h.suggest)
}

// onPress does what somebody wants who presses a button.
type onPress func(ctx context.Context, a actor, p bot.Action) error

// pressing and submitting answer the person about what goes wrong. What somebody has
// pressed on the Home page is shown there.
func (h *Handlers) pressing(do onPress) func(context.Context, bot.Action) error {
	return func(ctx context.Context, p bot.Action) error {
		a := presser(p)
		return h.serve(ctx, a, func(a actor) error {
			err := do(ctx, a, p)
			if err == nil && a.home != nil && !a.home.Load() {
				a.answers()
				err = h.answerHome(ctx, a, nil)
			}
			return err
		})
	}
}

func (h *Handlers) submitting(do func(context.Context, actor, bot.Submission) error) func(context.Context, bot.Submission) error {
	return func(ctx context.Context, s bot.Submission) error {
		a := submitter(s)
		return h.serve(ctx, a, func(a actor) error { return do(ctx, a, s) })
	}
}

// actor is somebody doing something: who, where, when, and how to answer.
type actor struct {
	event   string // the envelope's id
	user    string
	channel string
	called  string    // what Slack calls the channel; "" where it does not say
	at      time.Time // when Slack's delivery arrived: phrases are read from here
	trigger string    // opens a form within 3 s; "" where there is none
	shared  bool      // Slack says that the channel is shared with another company
	to      bot.Address
	instead bool // the answer takes the place of the message that was pressed
	typed   bool // it is a command, so that somebody may be met for the first time

	home *atomic.Bool // it was pressed on the Home page, and is answered there: whether it was; nil: it was not
	calm func()       // ends the waiting for the answer: nothing is said of it from then on; nil: nobody waits
}

// act is something that they do to a request; the zero marker is none.
func (a actor) act(verb approvals.Verb, on approvals.Marker) engine.Act {
	return engine.Act{Event: a.event, By: a.user, Channel: a.channel, Verb: verb, Request: on}
}

// answers is called before each answer.
func (a actor) answers() {
	if a.calm != nil {
		a.calm()
	}
}

// meanwhile is the same, for what is said before its answer: the answer carries the
// greeting.
func (a actor) meanwhile() actor {
	a.typed = false
	if a.home != nil {
		a.home = new(atomic.Bool)
	}
	return a
}

// answerWithin is how long a person waits without a word.
const answerWithin = 2500 * time.Millisecond

// serve does what somebody asked for. When that takes long it says so, and goes
// on.
func (h *Handlers) serve(ctx context.Context, a actor, work func(actor) error) error {
	meanwhile, told := a.meanwhile(), make(chan struct{})
	patience := time.AfterFunc(answerWithin, func() {
		defer close(told)
		if err := h.say(ctx, meanwhile, messages.StillAtIt); err != nil {
			h.Log.WithError(err).WithField("actor", a.user).Warn("nobody could be told that it takes long")
		}
	})
	a.calm = sync.OnceFunc(func() {
		if !patience.Stop() {
			<-told // in this order
		}
	})
	err := work(a)
	a.calm()
	return h.explain(ctx, a, err)
}

// explain answers the person about an error they can understand, and passes the
// others on to be tried again.
func (h *Handlers) explain(ctx context.Context, a actor, err error) error {
	if err == nil {
		return nil
	}
	if unknown(err) {
		return h.putOff(ctx, a, err)
	}
	answer, ok := messages.Explain(err)
	if !ok {
		return err
	}
	if made, fault := h.Store.Asked(ctx, a.event); fault == nil {
		answer = messages.Tell(messages.AskedFor(made)) // what stands in the way is what an earlier try has made
	}
	untold := h.tell(ctx, a, answer)
	if untold != nil && IsTemporary(err) {
		return err // nothing is done, and nobody knows: both may go well later
	}
	return untold
}

// unknown reports whether somebody could not be looked up because Slack lets only so many
// be looked up in a while.
func unknown(err error) bool {
	var refusal *policy.Refusal
	_, limited := bot.Limited(err)
	return limited && errors.As(err, &refusal) && refusal.Ground == policy.Unreachable
}

// putOff leaves what somebody asked for to be tried again, and tells them so once.
func (h *Handlers) putOff(ctx context.Context, a actor, err error) error {
	if first, fault := h.Memory.waits(ctx, a.event); fault == nil && first {
		if fault := h.say(ctx, a.meanwhile(), messages.WaitYourTurn); fault != nil {
			h.Log.WithError(fault).WithField("actor", a.user).Warn("nobody could be told that they have to wait")
		}
	}
	return err
}

// voice is how a person is spoken to: in their own language and zone, by Slack's word.
func (h *Handlers) voice(ctx context.Context, id string) messages.Voice {
	user, err := h.Sender.User(ctx, id)
	if err != nil {
		user = new(slack.User) // the first language, and UTC
	}
	return messages.Voice{Language: messages.ForLocale(user.Locale), Zone: messages.ZoneOf(user.TZ), Now: h.Now()}
}

// say answers privately with one sentence.
func (h *Handlers) say(ctx context.Context, a actor, key messages.Key, facts ...any) error {
	return h.tell(ctx, a, messages.Tell(messages.Say(key, facts...)))
}

// languageWithin is how long an answer waits for the language of whom it is for: whoever
// cannot be looked up at the moment has waited for that already.
const languageWithin = 500 * time.Millisecond

// tell answers privately. An answer that cannot be given is no reason to do the
// work again.
func (h *Handlers) tell(ctx context.Context, a actor, answer *messages.Answer) error {
	a.answers()
	if a.home != nil {
		a.home.Store(true)
		return h.answerHome(ctx, a, answer)
	}
	answer = h.greeted(ctx, a, answer)
	soon, cancel := context.WithTimeout(ctx, languageWithin)
	defer cancel()
	voice, send := h.voice(soon, a.user), h.Sender.Private
	if a.instead {
		send = h.Sender.Replace
	}
	if answer.Language != nil {
		voice.Language = answer.Language
	}
	err := send(ctx, a.to, voice.Answer(answer))
	if bot.Unfit(err) && len(answer.Table.Rows) > 0 {
		err = send(ctx, a.to, voice.WithoutTable(answer))
	}
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

// greeted is an answer with a greeting above it, for whoever types their first command.
func (h *Handlers) greeted(ctx context.Context, a actor, answer *messages.Answer) *messages.Answer {
	if _, met := h.met.Load(a.user); !a.typed || met {
		return answer
	}
	first, err := h.Memory.meets(ctx, a.user)
	if err != nil {
		return answer // whoever could not be looked up goes without
	}
	if h.met.Store(a.user, true); !first {
		return answer
	}
	with := *answer
	with.Greeting = messages.Say(messages.HelpWelcome)
	return &with
}

// tellShortly stands in for what Slack does not show: it says where to look. The
// fault is the program's, and doing the work again would not mend it.
func (h *Handlers) tellShortly(ctx context.Context, a actor, unfit error) error {
	err := h.Sender.Private(ctx, a.to, bot.Message{Text: h.voice(ctx, a.user).Say(messages.Say(messages.Unshown))})
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
	a := actor{
		event: c.EnvelopeID, user: c.UserID, channel: c.ChannelID, called: c.ChannelName, at: c.Received, trigger: c.TriggerID, to: c.From(),
		typed: true,
	}
	return h.serve(ctx, a, func(a actor) error { return h.command(ctx, a, withoutMention(c.Text, false)) })
}

func (h *Handlers) command(ctx context.Context, a actor, text string) error {
	c, err := parseCommand(text)
	if err != nil {
		return err
	}
	if messages.AsksForHelp(c.Instance) {
		c.Verb, c.Instance = "help", c.Verb
	}
	if c.Verb == "" {
		c.Verb = "help"
	}
	does, known := commands[c.Verb]
	if !known {
		return unknownVerb(c.Verb, c.Instance+" "+c.Phrase)
	}
	if err := h.admit(ctx, a, c.Verb); err != nil {
		return err
	}
	if c, err = h.inThread(ctx, a, c); err != nil {
		return err
	}
	c = h.timeBehindName(ctx, a, h.timeBehindComma(ctx, a, c))
	if strings.Contains(c.Instance, listed) && c.Verb != "upgrade" {
		err := messages.Refuse(messages.OnlyUpgrades, "verb", messages.CommandName(c.Verb))
		if c.Verb == "reschedule" {
			return h.hintAtCommas(ctx, c.Instance, c.Phrase, err)
		}
		return err
	}
	return does.run(h, ctx, a, c)
}

// unknownVerb says which command may be meant: by a word that is none, or by one of those behind
// it, where people greet first or ask nicely.
func unknownVerb(typed, rest string) error {
	word := strings.TrimRight(typed, messages.Stops)
	best, near := messages.Meant(word)
	if !near || best == "help" {
		for word := range strings.FieldsSeq(typed + " " + rest) {
			if verb, ok := messages.Within(word); ok {
				best, near = verb, true
				break
			}
		}
	}
	if !near {
		best, near = messages.Begun(word)
	}
	if _, request := approvals.ParseName(word); request {
		best, near = "status", true
	}
	if !near {
		return messages.Refuse(messages.UnknownCommand, "typed", messages.Code(typed))
	}
	if best == "help" { // which does nothing, so that there is nothing to ask
		return messages.Help()
	}
	if !slices.Contains(messages.Commands, best) {
		return messages.Refuse(messages.UseButtons)
	}
	return messages.Refuse(messages.UnknownCommandNear, "typed", messages.Code(typed), "near", messages.CommandName(best), "form", messages.Form(best))
}

// missing refuses a command without what it needs.
func missing(key messages.Key, verb string) error { return messages.Refuse(key, "try", example(verb)) }

// example is a command that works.
func example(verb string) messages.Saying { return messages.Say(messages.TryKey(verb)) }

// useButtons says how approvals are given, of a request that waits for one.
func (h *Handlers) useButtons(ctx context.Context, a actor, c messages.Draft) error {
	id, ok := approvals.ParseName(strings.TrimRight(c.Instance, messages.Stops))
	if !ok {
		return h.say(ctx, a, messages.UseButtons)
	}
	r, err := h.Store.Load(ctx, id)
	switch {
	case err != nil:
		return err
	case r.State != approvals.Pending:
		return &approvals.EventError{Request: r, Verb: commands[c.Verb].acts, Obstacle: approvals.WrongState}
	}
	return h.say(ctx, a, messages.UseButtonsOf, "link", h.link(ctx, r))
}

// zone looks up in which zone the words of whoever asks are read.
func (h *Handlers) zone(ctx context.Context, a actor) (*time.Location, error) {
	p, err := h.Engine.Authority.Directory.Person(ctx, a.user)
	if err != nil && !errors.Is(err, policy.ErrNobody) {
		return nil, &policy.Refusal{Ground: policy.Unreachable, Err: err}
	}
	return messages.ZoneOf(p.Zone), nil
}

// openView shows a form. Where that cannot be done, as when the trigger has expired, the
// person is answered with a button that opens it again.
func (h *Handlers) openView(ctx context.Context, a actor, view slack.ModalViewRequest, again messages.Button) (bot.View, error) {
	open, err := h.Sender.OpenView(ctx, a.trigger, view)
	if err == nil {
		return open, nil
	}
	if bot.Unfit(err) {
		return open, h.tellShortly(ctx, a, err)
	}
	h.Log.WithError(err).WithField("actor", a.user).Warn("a form could not be opened")
	answer := messages.Tell(messages.Say(messages.FormNotOpened))
	again.Label = messages.Say(messages.LabelOpenForm)
	answer.Buttons = []messages.Button{again}
	return open, answer
}
