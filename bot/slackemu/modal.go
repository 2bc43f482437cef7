package slackemu

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// View is a modal or home tab as its person sees it.
type View struct {
	ID              string   `json:"id"`
	User            string   `json:"user"`
	Type            string   `json:"type"` // modal or home
	CallbackID      string   `json:"callback_id"`
	Title           string   `json:"title"`
	SubmitText      string   `json:"submit"`
	CloseText       string   `json:"close"`
	PrivateMetadata string   `json:"private_metadata"`
	Hash            string   `json:"hash"`
	Blocks          []object `json:"blocks"`
	From            string   `json:"from,omitempty"` // the channel that its person looked at when it was opened

	person *Person
	open   *panel
}

// Modal returns the topmost modal in front of the person, or nil.
func (p *Person) Modal() *View {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	open := p.ws.modals[p.ID]
	if len(open) == 0 {
		return nil
	}
	return p.view(p.ws.views[open[len(open)-1]])
}

// Home returns the person's home tab of the app, or nil when the app has not published one.
func (p *Person) Home() *View {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	return p.view(p.ws.views[p.ws.homes[p.ID]])
}

func (p *Person) view(v *panel) *View {
	if v == nil {
		return nil
	}
	words := func(name string) string { return str(child(v.content, name), "text") }
	return &View{
		ID: v.id, User: v.user, Type: str(v.content, "type"), CallbackID: str(v.content, "callback_id"),
		Title: words("title"), SubmitText: words("submit"), CloseText: words("close"),
		PrivateMetadata: str(v.content, "private_metadata"), Hash: v.hash, Blocks: v.blocks, From: v.from,
		person: p, open: v,
	}
}

// WaitModal waits until a modal in front of the person satisfies a condition.
func (p *Person) WaitModal(ctx context.Context, is func(View) bool) (*View, error) {
	return p.waitView(ctx, p.Modal, is)
}

// WaitHome waits until the person's home tab satisfies a condition.
func (p *Person) WaitHome(ctx context.Context, is func(View) bool) (*View, error) {
	return p.waitView(ctx, p.Home, is)
}

func (p *Person) waitView(ctx context.Context, current func() *View, is func(View) bool) (*View, error) {
	var found *View
	err := p.ws.Wait(ctx, func() bool {
		found = current()
		return found != nil && is(*found)
	})
	return found, err
}

// Action returns the button, menu or field with an action_id or, failing that, with a text.
func (v *View) Action(name string) *Action {
	return find(&Action{person: v.person, view: v.open}, v.Blocks, name)
}

// Submit fills in fields, named by block_id or action_id, and submits the modal. Values are as in
// [Action.Choose]. A required field left empty stops it, as in Slack's client: Delivery.Errors says so and the
// app hears nothing.
func (v *View) Submit(values map[string]any) Delivery {
	s := v.person.ws
	s.mu.Lock()
	payload, refused := s.submission(v, values)
	s.mu.Unlock()
	if payload == nil {
		return refused
	}
	d := s.deliver(envelope{kind: "interactive", payload: payload, answers: true})
	return s.answerSubmission(d, v.open)
}

// submission is https://api.slack.com/reference/interaction-payloads/views, or why it is not sent. The caller
// holds s.mu.
func (s *Server) submission(v *View, values map[string]any) (object, Delivery) {
	if s.views[v.ID] == nil {
		return nil, Delivery{Error: "the form is not open"}
	}
	if err := s.fillIn(v.User, v.ID, v.Blocks, values); err != nil {
		return nil, Delivery{Error: err.Error()}
	}
	if errors := s.incomplete(v); len(errors) > 0 {
		return nil, Delivery{Error: "the form is incomplete", Errors: errors}
	}
	payload := s.viewInteraction("view_submission", v.User)
	payload["trigger_id"] = s.newTrigger(v.User, v.open.from)
	payload["view"] = s.viewObject(s.views[v.ID])
	payload["response_urls"] = s.responseURLs(s.views[v.ID])
	return payload, Delivery{}
}

// fillIn puts a person's values into the fields of a message or view. The caller holds s.mu.
func (s *Server) fillIn(user, place string, blocks []object, values map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		block, element := inputField(blocks, name)
		if element == nil {
			return fmt.Errorf("there is no field %q", name)
		}
		entry, err := s.chosenBy(user, element, values[name])
		if err != nil {
			return err
		}
		s.keepInput(place, block, element, entry)
	}
	return nil
}

// inputField finds a field by its action_id or its block's id.
func inputField(blocks []object, name string) (block, element object) {
	for _, b := range blocks {
		for _, e := range elements(b) {
			if str(e, "action_id") == name || (str(b, "block_id") == name && str(b, "type") == "input") {
				return b, e
			}
		}
	}
	return nil, nil
}

// incomplete says by block_id what Slack's client would not let through.
func (s *Server) incomplete(v *View) map[string]string {
	errors := map[string]string{}
	values := s.inputValues(v.ID, v.Blocks)
	for _, b := range v.Blocks {
		element := child(b, "element")
		entry := child(child(values, str(b, "block_id")), str(element, "action_id"))
		if str(b, "type") != "input" {
			continue
		}
		if empty(entry) && !flag(b, "optional") {
			errors[str(b, "block_id")] = "Please complete this required field."
		} else if problem := wrongLength(element, str(entry, "value")); problem != "" {
			errors[str(b, "block_id")] = problem
		}
	}
	return errors
}

func wrongLength(element object, words string) string {
	if str(element, "type") != "plain_text_input" || words == "" {
		return ""
	}
	bound := func(name string, otherwise int64) int {
		digits, _ := element[name].(json.Number)
		if n, err := digits.Int64(); err == nil {
			return int(n)
		}
		return int(otherwise)
	}
	least, most := bound("min_length", 0), bound("max_length", 3000)
	switch n := length(words); {
	case n < least:
		return fmt.Sprintf("Please enter at least %d characters.", least)
	case n > most:
		return fmt.Sprintf("Please enter at most %d characters.", most)
	}
	return ""
}

// answerSubmission does what the ack of a submission asks for (https://api.slack.com/surfaces/modals#updating_response).
func (s *Server) answerSubmission(d Delivery, v *panel) Delivery {
	if !d.Acked {
		return d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
	}
	if len(d.Ack) > 0 && json.Unmarshal(d.Ack, &a) != nil {
		d.Error = "invalid_ack"
		return d
	}
	switch a.Action {
	case "":
		s.closeModals(v.user, v.id)
	case "clear":
		s.closeModals(v.user, "")
	case "errors":
		return s.showErrors(d, v, a.Errors)
	case "update", "push":
		d.Error = s.answerView(a.Action, d.Ack, v)
	default:
		d.Error = "invalid_ack"
	}
	return d
}

func (s *Server) showErrors(d Delivery, v *panel, errors map[string]string) Delivery {
	for id := range errors {
		if block, _ := inputField(v.blocks, id); block == nil || str(block, "block_id") != id {
			d.Error = "invalid_ack"
		}
	}
	if len(errors) == 0 {
		d.Error = "invalid_ack"
	}
	d.Errors = errors
	return d
}

// answerView shows the view on an ack and returns what is wrong with it, if anything.
func (s *Server) answerView(how string, ack json.RawMessage, v *panel) string {
	value, err := decode(ack)
	if err != nil {
		return "invalid_ack"
	}
	sent, _ := value.(object)
	next, err := s.newView(child(sent, "view"), surfaceModal)
	if err != nil {
		return "invalid_ack"
	}
	current := s.views[v.id]
	switch {
	case current == nil:
		return "invalid_ack"
	case how == "update":
		_, _ = s.swap(current, next, "")
	case s.roomAbove(v.user) != nil:
		return "push_limit_reached"
	default:
		next.from = v.from
		s.stack(next, v.user)
	}
	return ""
}

// Close closes the modal with its close button; the one below, if any, appears again. The app hears of it only if
// it asked to.
func (v *View) Close() Delivery { return v.close(false) }

// CloseAll closes the modal and those below it, as the cross in the corner does.
func (v *View) CloseAll() Delivery { return v.close(true) }

func (v *View) close(all bool) Delivery {
	s := v.person.ws
	s.mu.Lock()
	current := s.views[v.ID]
	if current == nil {
		s.mu.Unlock()
		return Delivery{Error: "the form is not open"}
	}
	payload := s.viewInteraction("view_closed", v.User)
	payload["view"], payload["is_cleared"] = s.viewObject(current), all
	from := v.ID
	if all || flag(current.content, "clear_on_close") {
		from = ""
	}
	s.closeModals(v.User, from)
	s.mu.Unlock()
	if !flag(current.content, "notify_on_close") {
		return Delivery{}
	}
	return s.deliver(envelope{kind: "interactive", payload: payload})
}
