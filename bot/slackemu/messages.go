package slackemu

import (
	"slices"
	"strings"
)

// Message is a message as it stands. Blocks are Block Kit objects with the ids that Slack adds where the app gave none.
type Message struct {
	Channel   string   `json:"channel"`
	TS        string   `json:"ts"` // its id within the channel
	ThreadTS  string   `json:"thread_ts,omitempty"`
	User      string   `json:"user"`
	FromApp   bool     `json:"from_app,omitempty"`
	Text      string   `json:"text"`
	Blocks    []object `json:"blocks,omitempty"`
	Metadata  object   `json:"metadata,omitempty"`
	EditedTS  string   `json:"edited_ts,omitempty"` // when it was last edited
	Broadcast bool     `json:"broadcast,omitempty"` // a reply that also appears in the channel
	Notified  []string `json:"notified,omitempty"`  // whom it called when it was posted
	// EphemeralFor is the only person who sees it. Such a message is gone when that person reloads.
	EphemeralFor string `json:"ephemeral_for,omitempty"`
	Answers      string `json:"answers,omitempty"`    // the envelope through whose response_url it came
	FromSlack    bool   `json:"from_slack,omitempty"` // Slack's own notice, such as operation_timeout

	version int // of the workspace, when it came to stand like this
}

func (m *Message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// Messages returns what everybody in a channel can see, replies included, oldest first.
func (s *Server) Messages(channel string) []Message {
	return s.visible(channel, "")
}

// visible returns the messages of a channel that a person sees, oldest first. Every channel with "".
func (s *Server) visible(channel, user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, channels := []Message{}, s.chanIDs
	if channel != "" {
		channels = []string{channel}
	}
	for _, id := range channels {
		for _, m := range s.messages[id] {
			if m.EphemeralFor == "" || m.EphemeralFor == user {
				found = append(found, *m)
			}
		}
	}
	return found
}

// find returns a message by its timestamp, or nil. The caller holds s.mu.
func (s *Server) find(channel, ts string) *Message {
	for _, m := range s.messages[channel] {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// add stores a message under a timestamp of its own. The caller holds s.mu.
func (s *Server) add(m Message) *Message {
	m.TS = s.stamp()
	m.ThreadTS, m.Notified = s.rootOf(m.Channel, m.ThreadTS), s.notified(m)
	m.version = s.version + 1
	stored := &m
	s.messages[m.Channel] = append(s.messages[m.Channel], stored)
	s.opts.OnMessage(m)
	s.touch()
	return stored
}

// rootOf turns a reply's timestamp into that of the thread it belongs to; "" where there is no such message:
// Slack then puts a reply into the channel (https://github.com/slack-go/slack/issues/1571).
func (s *Server) rootOf(channel, ts string) string {
	switch parent := s.find(channel, ts); {
	case parent == nil:
		return ""
	case parent.isReply():
		return parent.ThreadTS
	}
	return ts
}

// replace puts a changed copy of a message in its place, so that copies handed out stay as they were.
func (s *Server) replace(m Message) {
	m.version = s.version + 1
	all := s.messages[m.Channel]
	at := slices.IndexFunc(all, func(old *Message) bool { return old.TS == m.TS })
	if at >= 0 {
		all[at] = &m
	}
	s.touch()
}

func (s *Server) remove(channel, ts string) {
	s.drop(channel, func(m *Message) bool { return m.TS == ts })
	s.touch()
}

// drop deletes messages of a channel, and notes it for the pages that show them.
func (s *Server) drop(channel string, is func(*Message) bool) {
	s.messages[channel] = slices.DeleteFunc(s.messages[channel], func(m *Message) bool {
		if is(m) {
			s.removed = append(s.removed, removal{m.Channel, m.TS, s.version + 1})
		}
		return is(m)
	})
}

// messageObject is a message as the Web API shows it.
func (s *Server) messageObject(m *Message) object {
	o := object{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": s.opts.TeamID}
	if m.FromApp {
		o["bot_id"], o["app_id"], o["bot_profile"] = BotID, s.opts.AppID, s.botProfile()
	}
	if len(m.Blocks) > 0 {
		o["blocks"] = m.Blocks
	}
	if m.Metadata != nil {
		o["metadata"] = m.Metadata
	}
	if m.EditedTS != "" {
		o["edited"] = edited(m)
	}
	s.addThread(o, m)
	return o
}

// edited says who changed a message and when, as recorded messages do: the app under its bot's id, in whole seconds.
func edited(m *Message) object {
	by, seconds := m.User, strings.Split(m.EditedTS, ".")[0]
	if m.FromApp {
		by = BotID
	}
	return object{"user": by, "ts": seconds + ".000000"}
}

func (s *Server) addThread(o object, m *Message) {
	if m.isReply() {
		o["thread_ts"] = m.ThreadTS
		if m.Broadcast { // https://docs.slack.dev/reference/events/message/thread_broadcast
			o["subtype"] = "thread_broadcast"
		}
		if parent := s.find(m.Channel, m.ThreadTS); parent != nil {
			o["parent_user_id"] = parent.User
		}
		return
	}
	var people []string
	count, latest := 0, ""
	for _, r := range s.messages[m.Channel] {
		if r.isReply() && r.ThreadTS == m.TS && r.EphemeralFor == "" {
			count, latest = count+1, r.TS
			if !slices.Contains(people, r.User) {
				people = append(people, r.User)
			}
		}
	}
	if count > 0 {
		o["thread_ts"], o["reply_count"], o["latest_reply"] = m.TS, count, latest
		o["reply_users"], o["reply_users_count"] = people, len(people)
	}
}

// Reload is the person reloading Slack's client: messages that only they could see are gone. A page that
// is left before it knows whose it is reloads for nobody, and what everybody sees is for nobody alone.
func (p *Person) Reload() {
	p.ws.mu.Lock()
	defer p.ws.mu.Unlock()
	for channel := range p.ws.messages {
		p.ws.drop(channel, func(m *Message) bool { return m.EphemeralFor != "" && m.EphemeralFor == p.ID })
	}
	p.ws.touch()
}
