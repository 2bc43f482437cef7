package slackemu

import (
	"fmt"
	"maps"
	"net/http"
	"time"
)

// Faults is how the workspace misbehaves. The zero value is a workspace that behaves.
type Faults struct {
	// Methods makes Web API methods misbehave, by name; "*" stands for every method without an entry of its own and
	// "response_url" for response_url.
	Methods map[string]MethodFault `json:"methods,omitempty"`

	Lose         float64 `json:"lose,omitempty"`          // share of payloads that reach no socket
	Duplicate    float64 `json:"duplicate,omitempty"`     // share of payloads sent twice, to any two sockets
	Redeliver    float64 `json:"redeliver,omitempty"`     // share of commands delivered again, acked or not, in another envelope
	DropAcks     float64 `json:"drop_acks,omitempty"`     // share of acks that Slack does not see
	RetryClicks  bool    `json:"retry_clicks,omitempty"`  // send an unacknowledged click or command once more
	OwnAcksOnly  bool    `json:"own_acks_only,omitempty"` // accept an ack only on the socket that got the payload
	Ghosts       bool    `json:"ghosts,omitempty"`        // a socket lost without a close frame stays registered
	LoseWarnings bool    `json:"lose_warnings,omitempty"` // disconnect without the warning ahead of it
}

// MethodFault is how one method misbehaves. With several fields set, the call is delayed first and then the
// first of Drop, Status or Error applies.
type MethodFault struct {
	Times      int           `json:"times,omitempty"`       // how many calls it strikes; 0 is all
	After      bool          `json:"after,omitempty"`       // does the work first, so that only the answer is lost
	Delay      time.Duration `json:"delay,omitempty"`       // in nanoseconds
	Drop       bool          `json:"drop,omitempty"`        // cuts the connection instead of answering
	Status     int           `json:"status,omitempty"`      // answers with this HTTP status and Body
	Body       string        `json:"body,omitempty"`        //
	RetryAfter int           `json:"retry_after,omitempty"` // in seconds, sent with Status
	Error      string        `json:"error,omitempty"`       // answers {"ok":false,"error":…}
}

// SetFaults replaces the faults; Faults{} ends all of them.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Methods = maps.Clone(f.Methods)
	s.faults, s.failed = f, map[string]int{}
	if !f.Ghosts {
		s.dropGhosts()
	}
	s.touch()
}

// Faults returns the faults in force.
func (s *Server) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults
	f.Methods = maps.Clone(f.Methods)
	return f
}

// methodFault returns the fault that strikes this call of a method, and counts it.
func (s *Server) methodFault(name string) (MethodFault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := name
	fault, ok := s.faults.Methods[key]
	if !ok && name != "response_url" {
		key = "*"
		fault, ok = s.faults.Methods[key]
	}
	if !ok || (fault.Times > 0 && s.failed[key] >= fault.Times) {
		return MethodFault{}, false
	}
	s.failed[key]++
	return fault, true
}

// misbehave carries a fault out and reports whether the request is thereby answered.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, name string, fault MethodFault) bool {
	select {
	case <-time.After(fault.Delay):
	case <-r.Context().Done():
	case <-s.done:
	}
	switch {
	case fault.Drop:
		s.record(name, 0, "connection cut")
		cut(w)
	case fault.Status != 0:
		s.record(name, fault.Status, "fault")
		if fault.RetryAfter > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(fault.RetryAfter))
		}
		w.WriteHeader(fault.Status)
		_, _ = w.Write([]byte(fault.Body))
	case fault.Error != "":
		s.record(name, http.StatusOK, fault.Error)
		writeJSON(w, http.StatusOK, object{"ok": false, "error": fault.Error})
	default:
		return false
	}
	return true
}

// cut ends the connection of a request without an answer.
func cut(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
		return
	}
	panic(http.ErrAbortHandler) // net/http's own way to say "no answer"; it never leaves the server
}

// chance reports whether something with this probability happens. The caller holds s.mu.
func (s *Server) chance(share float64) bool { return share > 0 && s.random.Float64() < share }
