package slackemu

// Shortcut is one that the manifest declares (https://docs.slack.dev/reference/app-manifest: features.shortcuts).
type Shortcut struct {
	Name        string `json:"name" yaml:"name"`
	Type        string `json:"type" yaml:"type"` // global or message
	CallbackID  string `json:"callback_id" yaml:"callback_id"`
	Description string `json:"description" yaml:"description"`
}

var undeclared = Delivery{Error: "the manifest declares no such shortcut, or the scope commands is not granted"}

// commandScope is what an app needs for its commands and shortcuts (https://docs.slack.dev/reference/scopes/commands).
const commandScope = "commands"

// offers reports whether a shortcut stands in Slack's menus. The caller holds s.mu.
func (s *Server) offers(kind, callbackID string) bool {
	return s.opts.Manifest.declares(kind, callbackID) && s.needScope(commandScope) == nil
}

// Shortcut chooses a global shortcut from Slack's menu (https://docs.slack.dev/interactivity/implementing-shortcuts).
// The app is not told where the person is ([Person.In]), but a menu of conversations in a form that it opens is.
func (p *Person) Shortcut(callbackID string) Delivery {
	s := p.ws
	s.mu.Lock()
	switch {
	case s.users[p.ID] == nil:
		s.mu.Unlock()
		return Delivery{Error: "user_not_found"}
	case !s.offers("global", callbackID):
		s.mu.Unlock()
		return undeclared
	}
	payload := s.shortcutPayload("shortcut", p.ID, callbackID, p.looksAt)
	s.mu.Unlock()
	return s.deliver(envelope{kind: "interactive", payload: payload})
}

// shortcutUserName is what the two payloads call the name of whoever chose a shortcut; neither has the app's id
// (https://github.com/slackapi/bolt-js/blob/main/src/types/shortcuts, and the same in java-slack-sdk).
var shortcutUserName = map[string]string{"shortcut": "username", "message_action": "name"}

func (s *Server) shortcutPayload(kind, user, callbackID, channel string) object {
	payload, u := s.interaction(kind, user), s.users[user]
	delete(payload, "api_app_id")
	payload["user"] = object{"id": u.ID, shortcutUserName[kind]: u.Name, "team_id": u.TeamID}
	payload["callback_id"], payload["action_ts"], payload["trigger_id"] = callbackID, s.stamp(), s.newTrigger(user, channel)
	return payload
}

// Shortcut chooses a shortcut from the message's menu. A message that one person alone sees has none
// (https://docs.slack.dev/interactivity/implementing-shortcuts#messages).
func (m *Shown) Shortcut(callbackID string) Delivery {
	s, user := m.person.ws, m.person.ID
	s.mu.Lock()
	ch, current := s.channels[m.Channel], s.find(m.Channel, m.TS)
	var refused Delivery
	switch {
	case s.users[user] == nil:
		refused.Error = "user_not_found"
	case !s.offers("message", callbackID):
		refused = undeclared
	case current == nil || current.EphemeralFor != "":
		refused.Error = "the message has no menu"
	}
	if refused.Error != "" {
		s.mu.Unlock()
		return refused
	}
	payload := s.shortcutPayload("message_action", user, callbackID, m.Channel)
	payload["message_ts"], payload["message"] = m.TS, s.messageObject(current)
	payload["channel"] = object{"id": m.Channel, "name": ch.nameInPayloads()}
	payload["response_url"] = s.newReply(replyURL{user: user, channel: m.Channel, source: m.TS, thread: m.ThreadTS})
	s.mu.Unlock()
	return s.deliver(envelope{kind: "interactive", payload: payload})
}
