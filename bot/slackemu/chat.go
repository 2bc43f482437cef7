package slackemu

import "strings"

// Slack's limits on the text beside the blocks, in characters.
const (
	postLimit   = 40000
	updateLimit = 4000
)

// postMessage is https://api.slack.com/methods/chat.postMessage.
func (s *Server) postMessage(c *call) (object, error) {
	ch, err := s.postable(c)
	if err != nil {
		return nil, err
	}
	m, err := s.content(c)
	if err != nil {
		return nil, err
	}
	answer := object{"channel": ch.ID}
	if long := []rune(m.Text); len(long) > postLimit { // https://docs.slack.dev/changelog/2018-truncating-really-long-messages
		m.Text, answer["warning"] = string(long[:postLimit]), "message_truncated"
	}
	m.Channel, m.ThreadTS = ch.ID, c.text("thread_ts")
	m.Broadcast = c.truth("reply_broadcast") && m.ThreadTS != ""
	stored := s.add(m)
	s.told(ch.IM)
	s.announceOwn(stored, s.messageObject(stored))
	answer["ts"], answer["message"] = stored.TS, s.messageObject(stored)
	return answer, nil
}

// postable returns the channel a call may post to.
func (s *Server) postable(c *call) (*Channel, error) {
	ch, err := s.channel(c)
	if err != nil {
		return nil, err
	}
	switch {
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.IM != "" && !s.opts.Manifest.Features.Home.MessagesTab:
		return nil, refuse("messages_tab_disabled")
	case ch.IM != "" && s.users[ch.IM] != nil && s.users[ch.IM].Deleted:
		return nil, refuse("is_inactive")
	case !ch.has(UserBot) && s.needScope("chat:write.public") != nil:
		return nil, refuse("not_in_channel")
	}
	return ch, nil
}

// content reads a call's text, blocks and metadata into a message by the app.
func (s *Server) content(c *call) (Message, error) {
	m := Message{User: UserBot, FromApp: true, Text: c.text("text")}
	var err error
	if m.Blocks, err = s.blocksArgument(c); err != nil {
		return m, err
	}
	if m.Metadata, err = metadataArgument(c); err != nil {
		return m, err
	}
	if len(m.Blocks) == 0 && strings.TrimSpace(m.Text) == "" {
		return m, refuse("no_text")
	}
	return m, nil
}

func (s *Server) blocksArgument(c *call) ([]object, error) {
	value, err := c.json("blocks")
	if err != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if value == nil {
		return nil, nil
	}
	return s.messageBlocks(value)
}

// messageBlocks checks the blocks of a message and completes them with ids.
func (s *Server) messageBlocks(value any) ([]object, error) {
	if _, isList := value.([]any); !isList {
		return nil, refuse("invalid_blocks_format")
	}
	p := &problems{}
	checkBlocks(p, "/blocks", value, surfaceMessage)
	switch {
	case len(p.found) > 0:
		return nil, refuse("invalid_blocks", p.lines()...)
	case tables(value) > 1:
		return nil, refuse("invalid_attachments", "only_one_table_allowed")
	}
	if characters(value) > messageCharacters {
		return nil, refuse("msg_blocks_too_long")
	}
	return s.completed(value), nil
}

func metadataArgument(c *call) (object, error) {
	value, err := c.json("metadata")
	if err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if value == nil {
		return nil, nil
	}
	metadata, ok := value.(object)
	_, hasPayload := metadata["event_payload"].(object)
	switch {
	case !ok || str(metadata, "event_type") == "" || !hasPayload:
		return nil, refuse("invalid_metadata_format")
	case len(encode(metadata)) > 16000:
		return nil, refuse("metadata_too_large")
	}
	return metadata, nil
}

// updateMessage is https://api.slack.com/methods/chat.update. What the call leaves out stays as it was, except
// that text without blocks keeps the blocks and an empty list of blocks removes them.
func (s *Server) updateMessage(c *call) (object, error) {
	old, err := s.own(c, "is_inactive", "cant_update_message")
	if err != nil {
		return nil, err
	}
	changed := *old
	if _, sent := c.args["text"]; sent {
		changed.Text = c.text("text")
	}
	if length(changed.Text) > updateLimit {
		return nil, refuse("msg_too_long")
	}
	if changed.Blocks, err = s.updatedBlocks(c, old); err != nil {
		return nil, err
	}
	if metadata, err := metadataArgument(c); err != nil {
		return nil, err
	} else if metadata != nil {
		changed.Metadata = metadata
	}
	if len(changed.Blocks) == 0 && strings.TrimSpace(changed.Text) == "" {
		return nil, refuse("no_text")
	}
	changed.Broadcast = old.Broadcast || old.isReply() && c.truth("reply_broadcast")
	changed.EditedTS = s.stamp()
	s.replace(changed)
	s.announceOwn(&changed, s.changedEvent(old, &changed))
	return object{"channel": old.Channel, "ts": old.TS, "text": changed.Text, "message": s.messageObject(&changed)}, nil
}

func (s *Server) updatedBlocks(c *call, old *Message) ([]object, error) {
	if value, _ := c.json("blocks"); value == nil && c.text("blocks") == "" {
		return old.Blocks, nil
	}
	return s.blocksArgument(c)
}

// own returns the app's own message that a call names by channel and ts, or the word of what stands against it.
func (s *Server) own(c *call, archived, otherwise string) (*Message, error) {
	ch, err := s.channel(c)
	if err != nil {
		return nil, err
	}
	m := s.find(ch.ID, c.text("ts"))
	switch {
	case m == nil || m.EphemeralFor != "":
		return nil, refuse("message_not_found")
	case ch.Archived:
		return nil, refuse(archived)
	case !m.FromApp:
		return nil, refuse(otherwise)
	}
	return m, nil
}

// deleteMessage is https://api.slack.com/methods/chat.delete.
func (s *Server) deleteMessage(c *call) (object, error) {
	m, err := s.own(c, "cant_delete_message", "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.announceOwn(m, s.deletedEvent(m))
	s.remove(m.Channel, m.TS)
	return object{"channel": m.Channel, "ts": m.TS}, nil
}

// postEphemeral is https://api.slack.com/methods/chat.postEphemeral.
func (s *Server) postEphemeral(c *call) (object, error) {
	ch, err := s.channel(c)
	if err != nil {
		return nil, err
	}
	user := c.text("user")
	switch {
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.has(UserBot):
		return nil, refuse("not_in_channel")
	case !ch.has(user) || s.users[user].Deleted:
		return nil, refuse("user_not_in_channel")
	}
	m, err := s.content(c)
	if err != nil {
		return nil, err
	}
	if length(m.Text) > postLimit {
		return nil, refuse("msg_too_long")
	}
	m.Channel, m.ThreadTS, m.EphemeralFor, m.Metadata = ch.ID, c.text("thread_ts"), user, nil
	s.told(user)
	return object{"message_ts": s.add(m).TS}, nil
}

// permalink is https://api.slack.com/methods/chat.getPermalink.
func (s *Server) permalink(c *call) (object, error) {
	ch, err := s.channel(c)
	if err != nil {
		return nil, err
	}
	m := s.find(ch.ID, c.text("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := c.base + "/archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.isReply() {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.ID
	}
	return object{"channel": ch.ID, "permalink": link}, nil
}
