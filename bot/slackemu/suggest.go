package slackemu

import (
	"encoding/json"
	"fmt"
)

// Suggest types into an external menu and returns what the app offers. Choose one with [Action.Choose].
func (a *Action) Suggest(query string) ([]Option, Delivery) {
	if a.problem != "" {
		return nil, Delivery{Error: a.problem}
	}
	if least := queryLength(a.element); length(query) < least {
		return nil, Delivery{Error: fmt.Sprintf("the menu asks after %d characters", least)}
	}
	s := a.person.ws
	s.mu.Lock()
	if s.users[a.person.ID] == nil {
		s.mu.Unlock()
		return nil, Delivery{Error: "user_not_found"}
	}
	payload := s.suggestionPayload(a, query)
	s.mu.Unlock()
	d := s.deliver(envelope{kind: "interactive", payload: payload, answers: true})
	if !d.Acked {
		return nil, d
	}
	found, ok := suggestions(d.Ack)
	if !ok {
		d.Error = "invalid_ack"
	}
	return found, d
}

// queryLength is how much has to be typed before the app is asked
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element: min_query_length).
func queryLength(element object) int {
	if least, ok := element["min_query_length"].(json.Number); ok {
		n, _ := least.Int64()
		return int(n)
	}
	return 3
}

// suggestionPayload is https://api.slack.com/reference/interaction-payloads/block-suggestion. The caller holds s.mu.
func (s *Server) suggestionPayload(a *Action, query string) object {
	payload := s.interaction("block_suggestion", a.person.ID)
	if org := s.opts.Grid.ID; org != "" {
		child(payload, "user")["team_id"] = org // https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
	}
	payload["action_id"], payload["block_id"], payload["value"] = str(a.element, "action_id"), str(a.block, "block_id"), query
	s.place(payload, a)
	return payload
}

var suggestionShape = shape{
	"options":       may(listOf(0, 100, fields(optionShape))),
	"option_groups": may(listOf(0, 100, fields(groupShape))),
}

// suggestions reads the options on an ack. Slack shows none of them when one breaks its rules.
func suggestions(ack []byte) ([]Option, bool) {
	value, err := decode(ack)
	if err != nil {
		return nil, false
	}
	p := &problems{}
	fields(suggestionShape)(p, "", value)
	if len(p.found) > 0 {
		return nil, false
	}
	var found []Option
	for _, o := range options(value.(object)) {
		found = append(found, Option{Text: str(child(o, "text"), "text"), Value: str(o, "value"), Description: str(child(o, "description"), "text")})
	}
	return found, true
}
