package slackemu

import (
	"slices"
	"time"
)

// eventScopes are the events that the workspace sends, with the scope that each needs
// (https://docs.slack.dev/reference/events).
var eventScopes = map[string]string{
	"app_home_opened":         "",
	"app_mention":             "app_mentions:read",
	"message.channels":        "channels:history",
	"message.groups":          "groups:history",
	"message.im":              "im:history",
	"message.mpim":            "mpim:history",
	"subteam_members_changed": "usergroups:read",
	"user_change":             "users:read",
}

// subscribed reports whether the app asked for an event type and may see it.
func (s *Server) subscribed(kind string) bool {
	return slices.Contains(s.opts.Manifest.Settings.Events.Bot, kind) && s.needScope(eventScopes[kind]) == nil
}

// messageEvents names, by the kind of conversation, the subscription to its messages and the channel_type that they are
// sent with (https://docs.slack.dev/reference/events/message).
var messageEvents = map[string]struct{ subscription, channelType string }{
	kindPublic:  {"message.channels", "channel"},
	kindPrivate: {"message.groups", "group"},
	kindMPIM:    {"message.mpim", "mpim"},
	kindIM:      {"message.im", "im"},
}

// hears reports whether the app is told what is said in a conversation. The caller holds s.mu.
func (s *Server) hears(ch *Channel) bool {
	return ch != nil && ch.has(UserBot) && s.subscribed(messageEvents[ch.kind()].subscription)
}

// eventPayload wraps an event as the Events API does (https://api.slack.com/apis/events-api). In a channel of another
// workspace, team_id is the host's, and the app finds its own in the authorizations
// (https://github.com/slackapi/java-slack-sdk/issues/629). The caller holds s.mu.
func (s *Server) eventPayload(kind string, event object) object {
	stamp := s.stamp()
	event["type"] = kind
	event["event_ts"] = stamp
	ch := s.channels[str(event, "channel")]
	payload := object{
		"token": "verification", "team_id": s.hostOf(str(event, "channel")), "context_team_id": s.opts.TeamID, "api_app_id": s.opts.AppID,
		"event": event, "type": "event_callback", "event_id": s.newID("Ev"), "event_time": s.opts.Now().Unix(),
		"authorizations": []object{{
			"enterprise_id": nilIfEmpty(s.opts.Grid.ID), "team_id": s.opts.TeamID, "user_id": UserBot, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": ch != nil && s.sharedOutside(ch), "event_context": s.secret(),
	}
	if s.opts.Grid.ID != "" {
		payload["enterprise_id"] = s.opts.Grid.ID
	}
	return payload
}

// messagePayload reports what happened to a message of a conversation; a subtype says what, where it was not just said.
// The caller holds s.mu.
func (s *Server) messagePayload(channel string, event object) object {
	event["channel"], event["channel_type"] = channel, messageEvents[s.channels[channel].kind()].channelType
	return s.eventPayload("message", event)
}

// announceOwn tells the app what it did to a message itself, as Slack does
// (https://docs.slack.dev/tools/bolt-js/reference/interfaces/AppOptions: ignoreSelf). The caller holds s.mu.
func (s *Server) announceOwn(m *Message, event object) {
	if s.hears(s.channels[m.Channel]) && m.EphemeralFor == "" {
		go s.tell(s.messagePayload(m.Channel, event))
	}
}

// changedEvent is https://docs.slack.dev/reference/events/message/message_changed. The caller holds s.mu.
func (s *Server) changedEvent(old, changed *Message) object {
	return object{
		"subtype": "message_changed", "ts": changed.EditedTS, "hidden": true,
		"message": s.messageObject(changed), "previous_message": s.messageObject(old),
	}
}

// deletedEvent is https://docs.slack.dev/reference/events/message/message_deleted. The caller holds s.mu.
func (s *Server) deletedEvent(old *Message) object {
	return object{
		"subtype": "message_deleted", "ts": s.stamp(), "deleted_ts": old.TS, "hidden": true, "previous_message": s.messageObject(old),
	}
}

// tell reports an event to the app, waits for the first attempt and, when that was not acknowledged, repeats
// it in the background after each of Options.RetryDelays.
func (s *Server) tell(payload object) Delivery {
	first := s.deliver(envelope{kind: "events_api", payload: payload})
	if !first.Acked {
		go s.repeat(payload, first.EnvelopeID)
	}
	return first
}

func (s *Server) repeat(payload object, first string) {
	for i, delay := range s.opts.RetryDelays {
		select {
		case <-time.After(delay):
		case <-s.done:
			return
		}
		if s.deliver(envelope{kind: "events_api", payload: payload, repeats: first, retry: i + 1, reason: "timeout"}).Acked {
			return
		}
	}
}

// announce reports an event that nobody waits for.
func (s *Server) announce(kind string, payload object) {
	if s.subscribed(kind) {
		go s.tell(payload)
	}
}
