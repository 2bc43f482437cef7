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
	if s.opts.Manifest.command(command) == nil || s.needScope(commandScope) != nil {
		s.notice(ch.ID, u.ID, command+" is not a valid command.")
		s.mu.Unlock()
		return Delivery{Error: "the manifest declares no such command, or the scope commands is not granted"}
	}
	payload := s.commandPayload(u, ch, command, text)
	again := s.chance(s.faults.Redeliver) // https://github.com/slackapi/bolt-js/issues/2188
	s.mu.Unlock()
	d := s.deliver(envelope{kind: "slash_commands", payload: payload, answers: true})
	if again {
		s.deliver(envelope{kind: "slash_commands", payload: payload, answers: true, repeats: d.EnvelopeID})
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
	payload := object{
		"token": "verification", "team_id": u.TeamID, "team_domain": teamDomain, "channel_id": ch.ID, "channel_name": ch.nameInPayloads(), "user_id": u.ID, "user_name": u.Name,
		"command": command, "text": s.commandText(command, text), "api_app_id": s.opts.AppID, "is_enterprise_install": "false",
		"response_url": s.newReply(replyURL{user: u.ID, channel: ch.ID}), "trigger_id": s.newTrigger(u.ID, ch.ID),
	}
	s.opts.Grid.name(payload)
	return payload
}

// answerCommand turns the payload on a command's ack into a message, or a failure into Slack's notice.
func (s *Server) answerCommand(d Delivery, user, channel, command string) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Acked && len(d.Ack) > 0 && string(d.Ack) != "{}" { // which is what @slack/bolt acks with when it has nothing to say
		if err := s.reply(&replyURL{user: user, channel: channel}, d.Ack); err != nil {
			d.Error = "invalid_command_response"
		}
	}
	if d.Error != "" {
		s.notice(channel, user, command+" failed with the error \""+d.Error+"\"")
	}
	return d
}

// notice is Slack itself telling one person something. The caller holds s.mu.
func (s *Server) notice(channel, user, text string) {
	s.add(Message{Channel: channel, User: slackbot, EphemeralFor: user, FromSlack: true, Text: text})
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
	if app := s.opts.Manifest.Features.Home; ch.IM != "" && (!app.MessagesTab || app.ReadOnlyTalk) {
		s.mu.Unlock()
		return Message{}, Delivery{Error: "the manifest lets nobody write to the app"}
	}
	m := *s.add(Message{Channel: channel, ThreadTS: threadTS, User: u.ID, Text: s.escape(text)})
	payloads := s.saidPayloads(ch, u, &m)
	s.mu.Unlock()
	return m, s.tellAll(payloads)
}

// tellAll reports events one after the other and returns what became of the first.
func (s *Server) tellAll(payloads []object) (first Delivery) {
	for i, payload := range payloads {
		if d := s.tell(payload); i == 0 {
			first = d
		}
	}
	return first
}

// mentioned reports whether text in a conversation is a mention that the app is told of. In a direct conversation no
// mention is one (https://docs.slack.dev/reference/events/app_mention). The caller holds s.mu.
func (s *Server) mentioned(ch *Channel, text string) bool {
	return ch.IM == "" && ch.has(UserBot) && strings.Contains(text, "<@"+UserBot+">") && s.subscribed("app_mention")
}

// saidPayloads are the events that a message causes: an app that asked for both gets a mention and a message. The
// caller holds s.mu.
func (s *Server) saidPayloads(ch *Channel, u *User, m *Message) (payloads []object) {
	if s.mentioned(ch, m.Text) {
		event := s.saidEvent(u, m)
		event["channel"] = ch.ID
		payloads = append(payloads, s.eventPayload("app_mention", event))
	}
	if s.hears(ch) {
		payloads = append(payloads, s.messagePayload(ch.ID, s.saidEvent(u, m)))
	}
	return payloads
}

func (s *Server) saidEvent(u *User, m *Message) object {
	event := object{"user": u.ID, "text": m.Text, "ts": m.TS, "team": u.TeamID, "blocks": richText(m.Text), "client_msg_id": s.uuid()}
	if m.EditedTS != "" {
		event["edited"] = edited(m)
	}
	if m.isReply() {
		event["thread_ts"] = m.ThreadTS
	}
	return event
}

// Edit changes the person's own message. The app is told of it where it hears messages (message_changed) and, when the
// text names the app, in a channel: as a mention like any other, but for its field edited
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
	var payloads []object
	if s.mentioned(ch, changed.Text) {
		event := s.saidEvent(u, &changed)
		event["channel"] = ch.ID
		payloads = append(payloads, s.eventPayload("app_mention", event))
	}
	if s.hears(ch) {
		payloads = append(payloads, s.messagePayload(ch.ID, s.changedEvent(old, &changed)))
	}
	s.mu.Unlock()
	return s.tellAll(payloads)
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
	if declared := s.opts.Manifest.command(command); declared == nil || !declared.Escape {
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
