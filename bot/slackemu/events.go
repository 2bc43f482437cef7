package slackemu

import (
	"slices"
	"time"
)

// subscribed reports whether the app asked for an event type.
func (s *Server) subscribed(kind string) bool { return slices.Contains(s.opts.Events, kind) }

// eventPayload wraps an event as the Events API does (https://api.slack.com/apis/events-api). In a channel of another
// workspace, team_id is the host's, and the app finds its own in the authorizations
// (https://github.com/slackapi/java-slack-sdk/issues/629). The caller holds s.mu.
func (s *Server) eventPayload(kind string, event object) object {
	stamp := s.stamp()
	event["type"] = kind
	event["event_ts"] = stamp
	ch := s.channels[str(event, "channel")]
	return object{
		"token": "verification", "team_id": s.hostOf(str(event, "channel")), "context_team_id": s.opts.TeamID, "api_app_id": s.opts.AppID,
		"event": event, "type": "event_callback", "event_id": s.newID("Ev"), "event_time": s.opts.Now().Unix(),
		"authorizations": []object{{
			"enterprise_id": nil, "team_id": s.opts.TeamID, "user_id": UserBot, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": ch != nil && s.sharedOutside(ch), "event_context": s.secret(),
	}
}

// tell reports an event to the app, waits for the first attempt and, when that was not acknowledged, repeats
// it in the background after each of Options.RetryDelays.
func (s *Server) tell(payload object) Delivery {
	first := s.deliver(envelope{kind: "events_api", payload: payload})
	if !first.Acked {
		go s.repeat(payload)
	}
	return first
}

func (s *Server) repeat(payload object) {
	for i, delay := range s.opts.RetryDelays {
		select {
		case <-time.After(delay):
		case <-s.done:
			return
		}
		if s.deliver(envelope{kind: "events_api", payload: payload, retry: i + 1, reason: "timeout"}).Acked {
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
