package slackemu

import (
	"maps"
	"regexp"
	"slices"
)

// mentioning finds who is mentioned in mrkdwn (https://docs.slack.dev/messaging/formatting-message-text#mentioning-users).
var mentioning = regexp.MustCompile(`<@(\w+)(?:\|[^>]*)?>|<!subteam\^(\w+)(?:\|[^>]*)?>|<!(here|channel|everyone)(?:\|[^>]*)?>`)

// Mentions returns the people and groups that a message mentions, by their ids, and "here", "channel" or "everyone";
// in the order of their first mention, in the blocks and then in the text. Plain text mentions nobody.
func (m Message) Mentions() []string {
	var found []string
	add := func(id string) {
		if id != "" && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	for _, b := range m.Blocks {
		eachMention(b, add)
	}
	mentionsIn(m.Text, add)
	return found
}

// notified are those whom a message calls as it is posted: of the people it mentions the members of its channel. Others are
// not told of it (https://slack.com/help/articles/205240127-Use-mentions-in-Slack), and an edit tells nobody.
func (s *Server) notified(m Message) []string {
	if m.EphemeralFor != "" {
		return nil
	}
	return slices.DeleteFunc(m.Mentions(), func(id string) bool {
		return s.users[id] != nil && !slices.Contains(s.channels[m.Channel].Members, id)
	})
}

func mentionsIn(words string, add func(id string)) {
	for _, match := range mentioning.FindAllStringSubmatch(words, -1) {
		add(match[1] + match[2] + match[3])
	}
}

// eachMention looks through mrkdwn texts and rich text.
func eachMention(value any, add func(id string)) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			eachMention(item, add)
		}
	case object:
		switch str(v, "type") {
		case "mrkdwn":
			mentionsIn(str(v, "text"), add)
		case "user":
			add(str(v, "user_id"))
		case "usergroup":
			add(str(v, "usergroup_id"))
		case "broadcast":
			add(str(v, "range"))
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			eachMention(v[key], add)
		}
	}
}

// Mentioning returns the messages everybody can see that mention a person or group ("" for anybody), oldest first: in
// a channel ("" for all) and, with the timestamp of a thread, in that thread with what it hangs on.
func (s *Server) Mentioning(id, channel, thread string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool {
		ids := m.Mentions()
		meant := slices.Contains(ids, id) || id == "" && len(ids) > 0
		return !meant || thread != "" && m.ThreadTS != thread && m.TS != thread
	})
}
