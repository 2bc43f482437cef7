package slackemu

import (
	"context"
	"regexp"
	"strings"
)

// Person acts as somebody of the workspace.
type Person struct {
	ID      string
	ws      *Server
	looksAt string // a channel, or ""
}

// As returns the person with an id. Acts of somebody unknown end with Delivery.Error "user_not_found".
func (s *Server) As(id string) *Person { return &Person{ID: id, ws: s} }

// In returns the person while they look at a channel: what opens a form from there knows it.
func (p *Person) In(channel string) *Person { return &Person{ID: p.ID, ws: p.ws, looksAt: channel} }

// Command types a slash command, such as "/cbh" with the text "upgrade bastion-prod sunday 2am", in a channel. Its answer,
// if it rides on the ack, becomes a message.
func (p *Person) Command(channel, command, text string) Delivery {
	s := p.ws
	s.mu.Lock()
	u, ch := s.users[p.ID], s.channels[channel]
	if word := missing(u, ch); word != "" {
		s.mu.Unlock()
		return Delivery{Error: word}
	}
	payload := s.commandPayload(u, ch, command, text)
	again := s.chance(s.faults.Redeliver) // https://github.com/slackapi/bolt-js/issues/2188
	s.mu.Unlock()
	d := s.deliver(envelope{kind: "slash_commands", payload: payload, answers: true})
	if again {
		s.deliver(envelope{kind: "slash_commands", payload: payload, answers: true})
	}
	return s.answerCommand(d, p.ID, channel, command)
}

func missing(u *User, ch *Channel) string {
	switch {
	case u == nil:
		return "user_not_found"
	case ch == nil:
		return "channel_not_found"
	}
	return ""
}

// commandPayload is https://api.slack.com/interactivity/slash-commands. The caller holds s.mu.
func (s *Server) commandPayload(u *User, ch *Channel, command, text string) object {
	return object{
		"token": "verification", "team_id": u.TeamID, "team_domain": teamDomain, "enterprise_id": nil,
		"channel_id": ch.ID, "channel_name": ch.nameInPayloads(), "user_id": u.ID, "user_name": u.Name,
		"command": command, "text": s.commandText(command, text), "api_app_id": s.opts.AppID, "is_enterprise_install": "false",
		"response_url": s.newReply(replyURL{user: u.ID, channel: ch.ID}), "trigger_id": s.newTrigger(u.ID, ch.ID),
	}
}

// answerCommand turns the payload on a command's ack into a message, or a failure into Slack's notice.
func (s *Server) answerCommand(d Delivery, user, channel, command string) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Acked && len(d.Ack) > 0 {
		if err := s.reply(&replyURL{user: user, channel: channel}, d.Ack); err != nil {
			d.Error = "invalid_command_response"
		}
	}
	if d.Error != "" {
		s.add(Message{Channel: channel, User: slackbot, EphemeralFor: user, FromSlack: true,
			Text: command + " failed with the error \"" + d.Error + "\""})
	}
	return d
}

// Say posts a message to a channel or, with the id of a direct conversation, to the app. The delivery is empty
// when the app is told nothing.
func (p *Person) Say(channel, text string) (Message, Delivery) { return p.Reply(channel, "", text) }

// Reply posts into the thread of the message with a timestamp.
func (p *Person) Reply(channel, threadTS, text string) (Message, Delivery) {
	s := p.ws
	s.mu.Lock()
	u, ch := s.users[p.ID], s.channels[channel]
	if word := missing(u, ch); word != "" {
		s.mu.Unlock()
		return Message{}, Delivery{Error: word}
	}
	m := *s.add(Message{Channel: channel, ThreadTS: threadTS, User: u.ID, Text: s.escape(text)})
	kind := s.eventAbout(ch, m.Text)
	payload := s.saidPayload(kind, ch, u, &m)
	s.mu.Unlock()
	if kind == "" {
		return m, Delivery{}
	}
	return m, s.tell(payload)
}

// eventAbout is the type of event that text in a channel causes, or "". The caller holds s.mu.
func (s *Server) eventAbout(ch *Channel, text string) string {
	switch {
	case ch.IM != "" && s.subscribed("message.im"):
		return "message"
	case ch.IM == "" && ch.has(UserBot) && strings.Contains(text, "<@"+UserBot+">") && s.subscribed("app_mention"):
		return "app_mention"
	}
	return ""
}

func (s *Server) saidPayload(kind string, ch *Channel, u *User, m *Message) object {
	event := object{
		"user": u.ID, "text": m.Text, "ts": m.TS, "team": u.TeamID, "channel": ch.ID, "blocks": richText(m.Text),
		"client_msg_id": s.uuid(),
	}
	if m.EditedTS != "" {
		event["edited"] = object{"user": u.ID, "ts": m.EditedTS}
	}
	if ch.IM != "" {
		event["channel_type"] = "im"
	}
	if m.isReply() {
		event["thread_ts"] = m.ThreadTS
	}
	return s.eventPayload(kind, event)
}

// Edit changes the person's own message. The app is told of it in a direct
// conversation (message_changed) and, when the text names the app, in a channel: as
// a mention like any other, but for its field edited
// (https://github.com/slackapi/bolt-js/issues/960).
func (p *Person) Edit(m Message, text string) Delivery {
	s := p.ws
	s.mu.Lock()
	old, ch, u := s.find(m.Channel, m.TS), s.channels[m.Channel], s.users[p.ID]
	if old == nil || old.User != p.ID {
		s.mu.Unlock()
		return Delivery{Error: "message_not_found"}
	}
	changed := *old
	changed.Text, changed.EditedTS = s.escape(text), s.stamp()
	s.replace(changed)
	kind := s.eventAbout(ch, changed.Text)
	payload := s.saidPayload(kind, ch, u, &changed)
	if ch.IM != "" {
		payload = s.changedPayload(old, &changed)
	}
	s.mu.Unlock()
	if kind == "" {
		return Delivery{}
	}
	return s.tell(payload)
}

func (s *Server) changedPayload(old, changed *Message) object {
	return s.eventPayload("message", object{
		"subtype": "message_changed", "channel": old.Channel, "channel_type": "im", "ts": changed.EditedTS,
		"message": s.messageObject(changed), "previous_message": s.messageObject(old), "hidden": true,
	})
}

// OpenHome opens the app's page, at the tab "home" or "messages".
func (p *Person) OpenHome(tab string) Delivery {
	s := p.ws
	s.mu.Lock()
	if s.users[p.ID] == nil {
		s.mu.Unlock()
		return Delivery{Error: "user_not_found"}
	}
	event := object{"user": p.ID, "channel": directID(p.ID), "tab": tab}
	if v := s.views[s.homes[p.ID]]; v != nil && tab == "home" {
		event["view"] = s.viewObject(v)
	}
	payload := s.eventPayload("app_home_opened", event)
	s.mu.Unlock()
	if !s.subscribed("app_home_opened") {
		return Delivery{}
	}
	return s.tell(payload)
}

// Sees returns what the person sees in a channel ("" for all), oldest first: private messages to them included.
func (p *Person) Sees(channel string) []*Shown {
	var found []*Shown
	for _, m := range p.ws.visible(channel, p.ID) {
		found = append(found, &Shown{Message: m, person: p})
	}
	return found
}

// WaitMessage waits until the person sees a message in a channel ("" for any) that satisfies a condition, and
// returns the latest such.
func (p *Person) WaitMessage(ctx context.Context, channel string, is func(Message) bool) (*Shown, error) {
	var found *Shown
	err := p.ws.Wait(ctx, func() bool {
		for _, m := range p.Sees(channel) {
			if is(m.Message) {
				found = m
			}
		}
		return found != nil
	})
	return found, err
}

var names = regexp.MustCompile(`[@#][A-Za-z0-9][A-Za-z0-9._-]*`)

// escape writes what a person typed as Slack stores it: markup characters as entities, @names and #channels as
// references. The caller holds s.mu.
func (s *Server) escape(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return names.ReplaceAllStringFunc(text, func(name string) string { return s.reference(name, false) })
}

// commandText is escape for slash commands, where names are references only if the manifest asks for it.
func (s *Server) commandText(command, text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	if !escapes(command) {
		return text
	}
	return names.ReplaceAllStringFunc(text, func(name string) string { return s.reference(name, true) })
}

// reference turns @name or #name into a reference, or leaves it when nobody has that name.
func (s *Server) reference(name string, withName bool) string {
	label := ""
	if withName {
		label = "|" + name[1:]
	}
	for _, u := range s.users {
		if name == "@"+u.Name {
			return "<@" + u.ID + label + ">"
		}
	}
	for _, ch := range s.channels {
		if name == "#"+ch.Name && (ch.kind() == kindPublic || ch.kind() == kindPrivate) {
			return "<#" + ch.ID + "|" + ch.Name + ">"
		}
	}
	for _, g := range s.groups {
		if name == "@"+g.Handle {
			return "<!subteam^" + g.ID + "|" + name + ">"
		}
	}
	return name
}

var userReference = regexp.MustCompile(`<@(\w+)>`)

// richText is the rich_text block that Slack's composer makes of a message.
func richText(text string) []object {
	var line []object
	plain := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	add := func(words string) {
		if words != "" {
			line = append(line, object{"type": "text", "text": plain.Replace(words)})
		}
	}
	start := 0
	for _, at := range userReference.FindAllStringSubmatchIndex(text, -1) {
		add(text[start:at[0]])
		line = append(line, object{"type": "user", "user_id": text[at[2]:at[3]]})
		start = at[1]
	}
	add(text[start:])
	section := object{"type": "rich_text_section", "elements": line}
	return []object{{"type": "rich_text", "block_id": "typed", "elements": []object{section}}}
}
