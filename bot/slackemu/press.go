package slackemu

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Shown is a message as one person sees it.
type Shown struct {
	Message
	person *Person
}

// Action is a button, menu or field in front of a person. It stays usable when the message changes, as a click under
// way does.
type Action struct {
	person  *Person
	message *Message // where it stands: in a message …
	view    *panel   // … or in a view
	block   object
	element object
	problem string // why there is no such action
}

// Action returns the button, menu or field with an action_id or, failing that, with a text.
func (m *Shown) Action(name string) *Action {
	copied := m.Message
	return find(&Action{person: m.person, message: &copied}, m.Blocks, name)
}

func find(a *Action, blocks []object, name string) *Action {
	var there []string
	for _, same := range []func(object) bool{
		func(e object) bool { return str(e, "action_id") == name },
		func(e object) bool { return strings.EqualFold(caption(e), name) },
	} {
		for _, b := range blocks {
			for _, e := range elements(b) {
				if same(e) {
					a.block, a.element = b, e
					return a
				}
				there = append(there, str(e, "action_id")+" "+strconv.Quote(caption(e)))
			}
		}
	}
	a.problem = fmt.Sprintf("nothing here is called %q; there is %s", name, strings.Join(there, ", "))
	return a
}

// caption is the text on an element.
func caption(e object) string {
	if t := child(e, "text"); t != nil {
		return str(t, "text")
	}
	return str(child(e, "placeholder"), "text")
}

// Exists reports whether there is such an action.
func (a *Action) Exists() bool { return a.problem == "" }

// Confirm returns the title and text of the question asked before the action happens; ok is false when none is asked.
func (a *Action) Confirm() (title, text string, ok bool) {
	c := child(a.element, "confirm")
	return str(child(c, "title"), "text"), str(child(c, "text"), "text"), c != nil
}

// Click presses a button, answering yes to its question if it asks one.
func (a *Action) Click() Delivery { return a.Choose(nil) }

// Choose picks a value: an option's value or text, a user id, a time.Time, text, or an [Option] that the app
// suggested.
func (a *Action) Choose(value any) Delivery {
	if a.problem != "" {
		return Delivery{Error: a.problem}
	}
	s := a.person.ws
	s.mu.Lock()
	if s.users[a.person.ID] == nil {
		s.mu.Unlock()
		return Delivery{Error: "user_not_found"}
	}
	entry, err := s.chosenBy(a.person.ID, a.element, value)
	if err != nil {
		s.mu.Unlock()
		return Delivery{Error: err.Error()}
	}
	s.keepInput(a.key(), a.block, a.element, entry)
	payload := s.pressPayload(a, entry)
	s.mu.Unlock()
	return s.deliver(envelope{kind: "interactive", payload: payload})
}

// fillIn puts values into the fields beside the action, without telling the app.
func (a *Action) fillIn(values map[string]any) error {
	if len(values) == 0 || a.problem != "" {
		return nil
	}
	var blocks []object
	if a.view != nil {
		blocks = a.view.blocks
	} else {
		blocks = a.message.Blocks
	}
	a.person.ws.mu.Lock()
	defer a.person.ws.mu.Unlock()
	return a.person.ws.fillIn(a.person.ID, a.key(), blocks, values)
}

// channel is where the person acts, as far as that is known.
func (a *Action) channel() string {
	if a.view != nil {
		return a.person.looksAt
	}
	return a.message.Channel
}

// key names the place whose fields are filled in together.
func (a *Action) key() string {
	if a.view != nil {
		return a.view.id
	}
	return a.person.ID + " " + a.message.Channel + " " + a.message.TS
}

// pressPayload is https://api.slack.com/reference/interaction-payloads/block-actions. The caller holds s.mu.
func (s *Server) pressPayload(a *Action, entry object) object {
	payload := s.interaction("block_actions", a.person.ID)
	payload["trigger_id"] = s.newTrigger(a.person.ID, a.channel())
	payload["actions"] = []object{s.actionObject(a, entry)}
	s.place(payload, a)
	return payload
}

func (s *Server) actionObject(a *Action, entry object) object {
	action := object{"action_id": str(a.element, "action_id"), "block_id": str(a.block, "block_id"), "action_ts": s.stamp()}
	for _, name := range []string{"text", "value", "style", "url", "confirm", "placeholder"} {
		if v, ok := a.element[name]; ok && (str(a.element, "type") == "button" || name == "confirm" || name == "placeholder") {
			action[name] = v
		}
	}
	maps.Copy(action, entry)
	action["type"] = str(a.element, "type")
	return action
}

// viewInteraction is interaction for a form, whose team is that of the person; the
// view names the workspace that installed the app
// (https://github.com/slackapi/bolt-js/issues/1614).
func (s *Server) viewInteraction(kind, user string) object {
	payload := s.interaction(kind, user)
	payload["team"] = s.teamObject(s.users[user].TeamID)
	return payload
}

// interaction holds what all interaction payloads have in common. The team is the workspace that installed the app,
// whoever acts (https://github.com/slackapi/java-slack-sdk/issues/1041).
func (s *Server) interaction(kind, user string) object {
	u := s.users[user]
	return object{
		"type": kind, "token": "verification", "api_app_id": s.opts.AppID,
		"enterprise": s.opts.Grid.object(), "is_enterprise_install": false, "team": s.teamObject(s.opts.TeamID),
		"user": object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID},
	}
}

// teamObject is a workspace as interactions name it.
func (s *Server) teamObject(id string) object {
	team := object{"id": id, "domain": teamDomain}
	if id == s.opts.TeamID {
		s.opts.Grid.name(team)
	}
	return team
}

// place adds where an interaction happened.
func (s *Server) place(payload object, a *Action) {
	if a.view != nil {
		payload["container"] = object{"type": "view", "view_id": a.view.id}
		payload["view"] = s.viewObject(a.view)
		return
	}
	m := a.message
	if current := s.find(m.Channel, m.TS); current != nil {
		m = current
	}
	container := object{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.EphemeralFor != ""}
	if m.isReply() {
		container["thread_ts"] = m.ThreadTS
	}
	payload["container"] = container
	payload["channel"] = object{"id": m.Channel, "name": s.channels[m.Channel].nameInPayloads()}
	payload["state"] = object{"values": s.inputValues(a.key(), m.Blocks)}
	if m.EphemeralFor == "" {
		payload["message"] = s.messageObject(m)
	}
	if str(payload, "type") == "block_actions" {
		payload["response_url"] = s.newReply(replyURL{user: a.person.ID, channel: m.Channel, source: m.TS, thread: m.ThreadTS})
	}
}
