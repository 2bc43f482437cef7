package bot

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/bot/mrkdwn"
)

// Command is a slash command.
type Command struct {
	EnvelopeID  string    `json:"-"`
	Received    time.Time `json:"-"`
	UserID      string    `json:"user_id"`
	ChannelID   string    `json:"channel_id"`
	ChannelName string    `json:"channel_name"`
	Text        string    `json:"text"`
	ResponseURL string    `json:"response_url"`
	TriggerID   string    `json:"trigger_id"` // opens a form within 3 s
}

// From is whom to answer privately.
func (c Command) From() Address {
	return Address{ResponseURL: c.ResponseURL, User: c.UserID, Channel: c.ChannelID}
}

// Interaction is what a person did in Slack's own surfaces. Of the message and the view
// that it was done in, the blocks are left out.
type Interaction struct {
	EnvelopeID string
	Received   time.Time
	At         time.Time // when the person did it, by Slack's clock where it says so; else Received
	Callback   *slack.InteractionCallback
}

// From is whom to answer privately, in the thread that it was done in.
func (i Interaction) From() Address {
	return Address{
		ResponseURL: i.Callback.ResponseURL, User: i.Callback.User.ID, Channel: i.Callback.Channel.ID, ThreadTS: threadOf(i.Callback),
	}
}

// Action is one press of a button or choice from a menu.
type Action struct {
	Interaction
	Action slack.BlockAction
}

// threadOf is the thread that somebody acted in. A message that a thread hangs on names
// itself and is not in it; one that a person alone sees is named by the container.
func threadOf(callback *slack.InteractionCallback) string {
	thread := cmp.Or(callback.Message.ThreadTimestamp, callback.Container.ThreadTs)
	if thread == callback.Message.Timestamp {
		return ""
	}
	return thread
}

// Submission is a form that was sent.
type Submission struct{ Interaction }

// From is whom to answer privately: in the conversation that was chosen in a menu whose
// response_url is enabled
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
// Without one, a form says nothing of a channel.
func (s Submission) From() Address {
	to := Address{User: s.Callback.User.ID}
	for _, chosen := range s.Callback.ResponseURLs {
		if mrkdwn.IsChannel(chosen.ChannelID) {
			to.Channel, to.ResponseURL = chosen.ChannelID, chosen.ResponseURL
			return to
		}
	}
	return to
}

// Shortcut is a choice from Slack's own menus: of a global shortcut, which says of no
// channel, or of one in a message's menu, whose message is told by its channel,
// timestamp, thread and text. Its CallbackID says which shortcut it is, its TriggerID
// opens a form.
type Shortcut = Interaction

// Query asks for the options of a searchable menu.
type Query struct {
	Callback *slack.InteractionCallback
	Value    string // what was typed so far
}

// Event is something that happened in the workspace.
type Event struct {
	ID       string // the envelope's
	Received time.Time
	Type     string    `json:"type"`
	Subtype  string    `json:"subtype"`
	User     string    `json:"user"`
	BotID    string    `json:"bot_id"`
	Channel  string    `json:"channel"`
	Text     string    `json:"text"`
	ThreadTS string    `json:"thread_ts"`
	Group    string    `json:"subteam_id"`
	Edited   *struct{} `json:"edited"` // nil: nobody has changed the message since
	Shared   bool      `json:"-"`      // it happened in a channel that is shared with another company
}

// From is whom to answer privately, where they wrote.
func (e Event) From() Address { return Address{User: e.User, Channel: e.Channel, ThreadTS: e.ThreadTS} }

// Mux routes envelopes to handlers, as http.ServeMux does requests. Handlers
// are registered before it is used.
type Mux struct {
	command  func(context.Context, Command) error
	actions  map[string]func(context.Context, Action) error
	views    map[string]func(context.Context, Submission) error
	checks   map[string]func(context.Context, Submission) *slack.ViewSubmissionResponse
	options  map[string]func(context.Context, Query) []*slack.OptionBlockObject
	events   map[string]func(context.Context, Event) error
	shortcut func(context.Context, Shortcut) error
}

// NewMux returns a Mux that ignores everything.
func NewMux() *Mux {
	return &Mux{
		actions: map[string]func(context.Context, Action) error{},
		views:   map[string]func(context.Context, Submission) error{},
		checks:  map[string]func(context.Context, Submission) *slack.ViewSubmissionResponse{},
		options: map[string]func(context.Context, Query) []*slack.OptionBlockObject{},
		events:  map[string]func(context.Context, Event) error{},
	}
}

// Command handles every slash command.
func (m *Mux) Command(h func(context.Context, Command) error) { m.command = h }

// Action handles presses by their action_id, or by what stands before its colon; "" stands for
// all that have no other.
func (m *Mux) Action(id string, h func(context.Context, Action) error) { m.actions[id] = h }

// View handles submitted forms by their callback_id, as Action does presses.
func (m *Mux) View(id string, h func(context.Context, Submission) error) { m.views[id] = h }

// Check looks at a submitted form while Slack waits: what it returns rides on
// the ack, and nil accepts the form. It must not call anybody. It is asked once, and
// what it says is kept with the envelope: a refused form is not handled.
func (m *Mux) Check(id string, f func(context.Context, Submission) *slack.ViewSubmissionResponse) {
	m.checks[id] = f
}

// Options finds a searchable menu's options while Slack waits.
func (m *Mux) Options(id string, f func(context.Context, Query) []*slack.OptionBlockObject) {
	m.options[id] = f
}

// Shortcut handles every shortcut.
func (m *Mux) Shortcut(h func(context.Context, Shortcut) error) { m.shortcut = h }

// Event handles events by their type.
func (m *Mux) Event(kind string, h func(context.Context, Event) error) { m.events[kind] = h }

// Serve does the work of one stored envelope. It may be called again for the
// same one. What nobody handles, or nobody can read, is nothing to do; a panic
// is an error.
func (m *Mux) Serve(ctx context.Context, e Envelope) (err error) {
	defer recovered(&err)
	switch e.Type {
	case TypeCommand:
		return m.serveCommand(ctx, e)
	case TypeInteractive:
		return m.serveInteraction(ctx, e)
	case TypeEvent:
		return m.serveEvent(ctx, e)
	}
	return nil
}

// recovered makes a panic the error of the function that defers it.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
	}
}

func (m *Mux) serveCommand(ctx context.Context, e Envelope) error {
	var c Command
	if m.command == nil || decode(e.Payload, &c) != nil {
		return nil
	}
	c.EnvelopeID, c.Received = e.ID, e.Received
	return m.command(ctx, c)
}

func (m *Mux) serveInteraction(ctx context.Context, e Envelope) error {
	callback, ok := interaction(e)
	if !ok {
		return nil
	}
	switch callback.Type {
	case slack.InteractionTypeBlockActions:
		return m.serveActions(ctx, e, callback)
	case slack.InteractionTypeViewSubmission:
		return m.serveSubmission(ctx, e, callback)
	case slack.InteractionTypeShortcut, slack.InteractionTypeMessageAction:
		if m.shortcut != nil {
			return m.shortcut(ctx, e.interaction(callback, callback.ActionTs))
		}
	}
	return nil
}

// mostActions is how many actions of one press are done: as many as one block
// may hold. Slack sends one.
const mostActions = 25

// serveActions handles every action of a press; the first failure is returned,
// and then all are done again.
func (m *Mux) serveActions(ctx context.Context, e Envelope, callback *slack.InteractionCallback) error {
	actions := callback.ActionCallback.BlockActions
	for _, action := range actions[:min(len(actions), mostActions)] {
		if action == nil {
			continue
		}
		if h := handlerFor(m.actions, action.ActionID); h != nil {
			at := cmp.Or(action.ActionTs, callback.ActionTs)
			if err := h(ctx, Action{e.interaction(callback, at), *action}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e Envelope) interaction(callback *slack.InteractionCallback, at string) Interaction {
	return Interaction{EnvelopeID: e.ID, Received: e.Received, At: actedAt(at, e.Received), Callback: callback}
}

func (e Envelope) submission(callback *slack.InteractionCallback) Submission {
	return Submission{e.interaction(callback, callback.ActionTs)}
}

// handlerFor finds a handler by the whole id, or by what stands before a colon, or the one for
// all others.
func handlerFor[H any](handlers map[string]H, id string) H {
	if h, ok := handlers[id]; ok {
		return h
	}
	prefix, _, _ := strings.Cut(id, ":")
	if h, ok := handlers[prefix]; ok {
		return h
	}
	return handlers[""]
}

func (m *Mux) serveSubmission(ctx context.Context, e Envelope, callback *slack.InteractionCallback) error {
	h := handlerFor(m.views, callback.View.CallbackID)
	if h == nil || e.Refused {
		return nil // a refused form stays open in front of the person
	}
	return h(ctx, e.submission(callback))
}

func (m *Mux) serveEvent(ctx context.Context, e Envelope) error {
	var wire struct {
		Event struct {
			Event
			User idField `json:"user"` // the whole person, where the event is about one
		} `json:"event"`
		Shared bool `json:"is_ext_shared_channel"`
	}
	if decode(e.Payload, &wire) != nil {
		return nil
	}
	event := wire.Event.Event
	event.ID, event.Received, event.User, event.Shared = e.ID, e.Received, wire.Event.User.ID, wire.Shared
	h := m.events[event.Type]
	if h == nil || !slices.Contains(saidToUs, event.Subtype) || event.Edited != nil {
		return nil // edits, joins and the like are not
	}
	return h(ctx, event)
}

// saidToUs are the subtypes of what somebody writes: by itself, with a file, and in a
// thread and its channel at once (https://docs.slack.dev/reference/events/message#subtypes).
var saidToUs = []string{"", "file_share", "thread_broadcast"}

// Reply is what rides on the ack: a form's errors, a menu's options, or nil.
func (m *Mux) Reply(ctx context.Context, e Envelope) (payload any) {
	defer func() {
		if recover() != nil {
			payload = nil // Serve meets the same fault, where it is logged
		}
	}()
	if e.Type != TypeInteractive {
		return nil
	}
	switch interactionType(e.Payload) {
	case slack.InteractionTypeViewSubmission:
		if callback, ok := interaction(e); ok {
			return m.refusal(ctx, e.submission(callback))
		}
	case slack.InteractionTypeBlockSuggestion:
		if callback, ok := interaction(e); ok {
			return m.suggestions(ctx, Query{Callback: callback, Value: callback.Value})
		}
	}
	return nil
}

// refusal and suggestions are nil where there is none, as any and not as a pointer.
func (m *Mux) refusal(ctx context.Context, s Submission) any {
	check := m.checks[s.Callback.View.CallbackID]
	if check == nil {
		return nil
	}
	if refusal := check(ctx, s); refusal != nil {
		return refusal
	}
	return nil
}

func (m *Mux) suggestions(ctx context.Context, q Query) any {
	if f := handlerFor(m.options, q.Callback.ActionID); f != nil {
		return offered(f(ctx, q))
	}
	return nil
}
