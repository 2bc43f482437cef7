package cbhemu

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	Header http.Header `json:"-"`    // not served by the control API: it holds the caller's credentials
	Body   string      `json:"body"` // empty for the token call, which holds a password
	Status int         `json:"status"`
	Fault  string      `json:"fault,omitempty"`
}

// kept is how many requests the log holds; older ones are dropped.
const kept = 10_000

// note writes the request down and returns its id.
func (s *Server) note(c call, f Fault) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	r := Request{
		ID: fmt.Sprintf("emulated-%06d", s.serial), At: s.Now(), Op: c.op, Method: c.request.Method, Host: c.request.Host,
		Path: c.request.URL.EscapedPath(), Query: c.request.URL.Query(), Header: c.request.Header.Clone(), Fault: f.Kind,
	}
	if c.op != OpToken {
		r.Body = string(c.body)
	}
	if len(s.requests) == kept {
		s.requests = slices.Delete(s.requests, 0, kept/10)
	}
	s.requests = append(s.requests, r)
	return r.ID
}

func (s *Server) noteStatus(id string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.requests) - 1; i >= 0; i-- {
		if s.requests[i].ID == id {
			s.requests[i].Status = status
			return
		}
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
