package slackemu

import "strings"

// An act is answered when the app has used the response_url or the trigger that came with it. What the app says to its
// person alone without either (a private or direct message, a view) counts for all that they did before.

// expect notes who acted, and what the app may answer with. The caller holds s.mu.
func (s *Server) expect(d *Delivery, payload object) {
	d.User = actor(payload)
	if t := s.triggers[str(payload, "trigger_id")]; t != nil && t.envelope == "" {
		t.envelope = d.EnvelopeID
	}
	parts := strings.Split(str(payload, "response_url"), "/")
	if len(parts) < 2 {
		return
	}
	if r := s.replies[parts[len(parts)-2]]; r != nil && r.envelope == "" {
		r.envelope = d.EnvelopeID
	}
}

// actor is the person that a payload is about.
func actor(payload object) string {
	for _, found := range []string{str(payload, "user_id"), str(child(payload, "user"), "id"), str(child(payload, "event"), "user")} {
		if found != "" {
			return found
		}
	}
	return ""
}

// answered notes what the app has answered. The caller holds s.mu.
func (s *Server) answered(envelopeID string) {
	if p := s.pending[envelopeID]; p != nil {
		p.delivery.Answered = true
		return
	}
	for i := len(s.history) - 1; i >= 0; i-- {
		if s.history[i].EnvelopeID == envelopeID {
			s.history[i].Answered = true
			return
		}
	}
}

// told notes that the app has said something to one person. The caller holds s.mu.
func (s *Server) told(user string) {
	if user == "" {
		return // it was said to a channel
	}
	for i := len(s.history) - 1; i >= 0 && len(s.history)-i <= keptSecrets; i-- {
		if s.history[i].User == user && s.history[i].Acked {
			s.history[i].Answered = true
		}
	}
	for _, p := range s.pending {
		if p.delivery.User == user && p.delivery.Acked {
			p.delivery.Answered = true
		}
	}
}
