package slackemu

import (
	"slices"
	"strconv"
	"strings"
)

// page cuts out the part of a listing that a call asks for with limit and cursor, and returns the cursor of the
// part after it ("" at the end). Most is what a part holds where no limit is given
// (https://docs.slack.dev/apis/web-api/pagination).
func page[T any](c *call, all []T, most int) ([]T, string, error) {
	start := 0
	if cursor := c.text("cursor"); cursor != "" {
		at, err := strconv.Atoi(strings.TrimPrefix(cursor, "at:"))
		if err != nil || at < 0 || at > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
		start = at
	}
	limit := c.number("limit", most)
	if limit <= 0 || limit > 1000 {
		limit = 1000
	}
	stop := min(start+limit, len(all))
	if stop == len(all) {
		return all[start:], "", nil
	}
	return all[start:stop], "at:" + strconv.Itoa(stop), nil
}

// channel returns the channel a call names, by id or, as Slack allows when posting, by #name.
func (s *Server) channel(c *call) (*Channel, error) {
	name := c.text("channel")
	if name == "" {
		return nil, refuse("channel_not_found")
	}
	if found := s.channels[name]; found != nil && (found.kind() == kindPublic || found.has(UserBot)) {
		return found, nil
	}
	for _, found := range s.channels {
		if "#"+found.Name == name && found.kind() == kindPublic {
			return found, nil
		}
	}
	if u := s.users[name]; u != nil && !u.IsBot {
		return s.channels[directID(name)], nil
	}
	return nil, refuse("channel_not_found")
}

// readable returns the channel a call wants to read with a family of scopes ("history" or "read").
func (s *Server) readable(c *call, family string) (*Channel, error) {
	found, err := s.channel(c)
	if err != nil {
		return nil, err
	}
	return found, s.needScope(scopesOf[found.kind()] + family)
}

// scopesOf are the families of scopes (https://docs.slack.dev/reference/methods/conversations.info).
var scopesOf = map[string]string{kindPublic: "channels:", kindPrivate: "groups:", kindMPIM: "mpim:", kindIM: "im:"}

// channelHistory is https://api.slack.com/methods/conversations.history.
func (s *Server) channelHistory(c *call) (object, error) {
	ch, err := s.readable(c, "history")
	if err != nil {
		return nil, err
	}
	if !ch.has(UserBot) {
		return nil, refuse("not_in_channel")
	}
	found := slices.DeleteFunc(s.within(c, ch.ID), func(m *Message) bool { return m.isReply() && !m.Broadcast })
	slices.Reverse(found)
	return s.messagePage(c, found, 100)
}

// threadReplies is https://api.slack.com/methods/conversations.replies.
func (s *Server) threadReplies(c *call) (object, error) {
	ch, err := s.readable(c, "history")
	if err != nil {
		return nil, err
	}
	if !ch.has(UserBot) {
		return nil, refuse("not_in_channel")
	}
	root := s.find(ch.ID, c.text("ts"))
	if root == nil || root.EphemeralFor != "" {
		return nil, refuse("thread_not_found")
	}
	thread := root.TS
	if root.isReply() {
		thread = root.ThreadTS
	}
	found := slices.DeleteFunc(s.within(c, ch.ID), func(m *Message) bool { return m.TS != thread && m.ThreadTS != thread })
	return s.messagePage(c, found, 1000)
}

// within returns the messages everybody can see between a call's oldest and latest, oldest first.
func (s *Server) within(c *call, channel string) []*Message {
	oldest, latest, inclusive := c.text("oldest"), c.text("latest"), c.truth("inclusive")
	var found []*Message
	for _, m := range s.messages[channel] {
		early := oldest != "" && (later(oldest, m.TS) || (oldest == m.TS && !inclusive))
		late := latest != "" && (later(m.TS, latest) || (latest == m.TS && !inclusive))
		if m.EphemeralFor == "" && !early && !late {
			found = append(found, m)
		}
	}
	return found
}

// later compares two timestamps, also of different length.
func later(a, b string) bool {
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	return x > y || (x == y && a > b)
}

func (s *Server) messagePage(c *call, all []*Message, most int) (object, error) {
	part, next, err := page(c, all, most)
	if err != nil {
		return nil, err
	}
	messages := []object{}
	for _, m := range part {
		o := s.messageObject(m)
		if !c.truth("include_all_metadata") {
			delete(o, "metadata")
		}
		messages = append(messages, o)
	}
	answer := object{"messages": messages, "has_more": next != ""}
	if next != "" {
		answer["response_metadata"] = object{"next_cursor": next}
	}
	return answer, nil
}

// channelInfo is https://api.slack.com/methods/conversations.info.
func (s *Server) channelInfo(c *call) (object, error) {
	ch, err := s.readable(c, "read")
	if err != nil {
		return nil, err
	}
	return object{"channel": s.channelObject(ch)}, nil
}

// channelList is https://api.slack.com/methods/conversations.list.
func (s *Server) channelList(c *call) (object, error) {
	if err := s.needScope("channels:read"); err != nil {
		return nil, err
	}
	types := c.text("types")
	if types == "" {
		types = "public_channel"
	}
	var found []object
	for _, id := range s.chanIDs {
		if ch := s.channels[id]; s.listed(c, ch, strings.Split(types, ",")) {
			found = append(found, s.channelObject(ch))
		}
	}
	part, next, err := page(c, found, 100)
	return object{"channels": append([]object{}, part...), "response_metadata": object{"next_cursor": next}}, err
}

func (s *Server) listed(c *call, ch *Channel, types []string) bool {
	if ch.Archived && c.truth("exclude_archived") {
		return false
	}
	if ch.kind() == kindPublic {
		return slices.Contains(types, "public_channel")
	}
	named := map[string]string{kindIM: "im", kindMPIM: "mpim", kindPrivate: "private_channel"}
	return slices.Contains(types, named[ch.kind()]) && ch.has(UserBot)
}

// channelMembers is https://api.slack.com/methods/conversations.members.
func (s *Server) channelMembers(c *call) (object, error) {
	ch, err := s.readable(c, "read")
	if err != nil {
		return nil, err
	}
	part, next, err := page(c, ch.Members, 100)
	return object{"members": append([]string{}, part...), "response_metadata": object{"next_cursor": next}}, err
}

// openDirect is https://api.slack.com/methods/conversations.open, for one person.
func (s *Server) openDirect(c *call) (object, error) {
	if ch := s.channels[c.text("channel")]; ch != nil && ch.IM != "" {
		return object{"channel": s.channelObject(ch)}, nil
	}
	u := s.users[c.text("users")]
	switch {
	case c.text("users") == "":
		return nil, refuse("users_list_not_supplied")
	case u == nil:
		return nil, refuse("user_not_found")
	case u.IsBot:
		return nil, refuse("cannot_dm_bot")
	case u.Deleted:
		return nil, refuse("user_disabled")
	}
	return object{"no_op": true, "already_open": true, "channel": s.channelObject(s.channels[directID(u.ID)])}, nil
}

func (s *Server) channelObject(ch *Channel) object {
	kind := ch.kind()
	closed := kind == kindPrivate || kind == kindMPIM
	o := object{
		"id": ch.ID, "created": 1700000000, "is_archived": ch.Archived, "is_im": kind == kindIM, "is_mpim": kind == kindMPIM,
		"is_private": closed, "is_channel": kind == kindPublic, "is_group": closed,
		"is_member": ch.has(UserBot), "is_shared": s.sharedOutside(ch), "is_ext_shared": s.sharedOutside(ch),
		"context_team_id": s.opts.TeamID, "conversation_host_id": s.hostOf(ch.ID),
	}
	if ch.IM != "" {
		o["user"] = ch.IM
		return o
	}
	o["name"], o["name_normalized"] = ch.Name, ch.Name
	o["topic"], o["purpose"] = object{"value": ch.Topic}, object{"value": ""}
	o["num_members"] = len(ch.Members)
	return o
}

// sharedOutside reports whether another workspace hosts the channel or people of one
// are in it.
func (s *Server) sharedOutside(ch *Channel) bool {
	return s.hostOf(ch.ID) != s.opts.TeamID ||
		slices.ContainsFunc(ch.Members, func(id string) bool { u := s.users[id]; return u != nil && u.IsStranger })
}

// hostOf is the workspace that a channel belongs to.
func (s *Server) hostOf(channel string) string {
	if ch := s.channels[channel]; ch != nil && ch.Host != "" {
		return ch.Host
	}
	return s.opts.TeamID
}
