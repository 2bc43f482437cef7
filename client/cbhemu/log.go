package cbhemu

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is one request as it came, and what became of it.
type Request struct {
	ID     string      `json:"id"` // the X-Request-Id of the answer
	At     time.Time   `json:"at"`
	Op     string      `json:"op"` // one of the Op constants
	Method string      `json:"method"`
	Host   string      `json:"host"`
	Path   string      `json:"path"` // as it came, escaped
	Query  url.Values  `json:"query"`
	Header http.Header `json:"-"`                // not served by the control API: it holds the caller's credentials
	Body   string      `json:"body"`             // of the token call without its password
	Answer string      `json:"answer,omitempty"` // its body; kept for the latest requests
	Status int         `json:"status"`
	Took   bool        `json:"took,omitempty"` // it took effect, whatever the answer says
	Fault  string      `json:"fault,omitempty"`
}

const (
	kept        = 50_000 // how many requests the log holds; older ones are dropped
	keptAnswers = 300    // how many of them hold their answer
)

// redacted is JSON without what stands under "password", where that is a text;
// nothing of what is no JSON.
func redacted(body []byte) string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return ""
	}
	text, _ := json.Marshal(withoutPasswords(value))
	return string(text)
}

func withoutPasswords(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = withoutPasswords(v[i])
		}
	case map[string]any:
		for name := range v {
			if _, isText := v[name].(string); isText && strings.EqualFold(name, "password") {
				v[name] = "…"
			}
			v[name] = withoutPasswords(v[name])
		}
	}
	return value
}

// note writes the request down and returns its id.
func (s *Server) note(c call, f Fault) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	r := Request{
		ID: fmt.Sprintf("emulated-%06d", s.serial), At: s.Now(), Op: c.op, Method: c.request.Method, Host: c.request.Host,
		Path: c.request.URL.EscapedPath(), Query: c.request.URL.Query(), Header: c.request.Header.Clone(), Fault: f.Kind,
	}
	if r.Body = string(c.body); c.op == OpToken {
		r.Body = redacted(c.body)
	}
	if len(s.requests) == kept {
		s.requests = slices.Delete(s.requests, 0, kept/10)
	}
	s.requests = append(s.requests, r)
	return r.ID
}

// noteAnswer writes down what a request was answered with, and whether it took effect.
func (s *Server) noteAnswer(id string, answer *reply, took bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.requests) - 1; i >= 0; i-- {
		if r := &s.requests[i]; r.ID == id {
			r.Status, r.Took, r.Answer = answer.status, took, string(answer.body)
			break
		}
	}
	if old := len(s.requests) - 1 - keptAnswers; old >= 0 {
		s.requests[old].Answer = ""
	}
}

// Requests returns the log, oldest first; with operations named, only theirs.
func (s *Server) Requests(ops ...string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var chosen []Request
	for _, r := range s.requests {
		if len(ops) == 0 || slices.Contains(ops, r.Op) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}

// ForgetRequests empties the log.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
