package cbhemu

import (
	"cmp"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is one way in which the wire misbehaves. It applies to the requests
// that fit, from the After-th on, Times times.
type Fault struct {
	Op     string `json:"op"`     // an Op constant; "": any
	Method string `json:"method"` // "": any
	Path   string `json:"path"`   // a part of the path; "": any
	After  int    `json:"after"`  // how many fitting requests pass first
	Times  int    `json:"times"`  // 0: once; negative: for ever

	Kind       string   `json:"kind"`        // one of the Fault constants
	Status     int      `json:"status"`      // of an error; 0: 500, or what is usual for the kind
	Code       string   `json:"code"`        // of an error
	Message    string   `json:"message"`     // of an error, or the text of FaultText and FaultPlain
	RetryAfter string   `json:"retry_after"` // header of that name; "": none
	Delay      Duration `json:"delay"`       // before anything else, in real time
}

// The kinds of faults. Errors and FaultResetBefore replace the call, which has
// no effect; the others happen to the answer, after it took effect.
const (
	FaultNone        = ""             // only the delay
	FaultDocumented  = "documented"   // {"error_code", "error_description"}
	FaultNumeric     = "numeric"      // {"error_code": 403, "description"}
	FaultGateway     = "gateway"      // {"error_code", "error_msg", "request_id"}
	FaultIAM         = "iam"          // {"error": {"code", "message", "title"}}
	FaultHTML        = "html"         // a proxy's page; usually 502
	FaultPlain       = "plain"        // an error in plain text
	FaultBare        = "bare"         // an error without a body
	FaultThrottled   = "throttled"    // 429 APIG.0308
	FaultResetBefore = "reset before" // the connection breaks before the call took effect

	FaultLateError  = "late error"  // the call takes effect, and is answered with 500
	FaultResetAfter = "reset after" // the call takes effect, and the connection breaks
	FaultEmpty      = "empty"       // a success without a body
	FaultObject     = "object"      // a success with {}
	FaultText       = "text"        // a success in plain text
	FaultPage       = "page"        // a success with an HTML page
	FaultCut        = "cut"         // the body ends in the middle
)

// armed is a fault and how often it has been met.
type armed struct {
	Fault
	met int
}

// Fault adds faults. Of several that fit a request, the oldest is taken.
func (s *Server) Fault(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &armed{Fault: f})
	}
}

// Faults returns the faults that have not run out.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := []Fault{}
	for _, f := range s.faults {
		if !f.spent() {
			left = append(left, f.Fault)
		}
	}
	return left
}

// ClearFaults takes all faults away.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (a *armed) spent() bool { return a.Times >= 0 && a.met >= a.After+max(1, a.Times) }

func (f Fault) fits(c call) bool {
	return (f.Op == "" || f.Op == c.op) && (f.Method == "" || f.Method == c.request.Method) &&
		strings.Contains(c.request.URL.Path, f.Path)
}

// take returns the fault for a request, the zero Fault for none.
func (s *Server) take(c call) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.faults {
		if a.spent() || !a.fits(c) {
			continue
		}
		if a.met++; a.met > a.After {
			return a.Fault
		}
	}
	return Fault{}
}

// perform carries the call out unless the fault prevents it. took is whether it
// had its effect.
func (s *Server) perform(c call, f Fault) (answer *reply, took bool) {
	if f.Delay > 0 {
		select {
		case <-c.request.Context().Done():
		case <-time.After(time.Duration(f.Delay)):
		}
	}
	if answer = f.instead(); answer == nil {
		answer = s.answer(c)
		took = answer.status/100 == 2
		f.spoil(answer)
	}
	if f.RetryAfter != "" {
		answer.header("Retry-After", f.RetryAfter)
	}
	return answer, took
}

// instead is the answer of a fault that keeps the call from having an effect.
func (f Fault) instead() *reply {
	switch f.Kind {
	case FaultDocumented:
		return documented(cmp.Or(f.Status, 500), f.Code, f.Message)
	case FaultNumeric:
		return numeric(cmp.Or(f.Status, 403), f.Message)
	case FaultGateway:
		return gateway(cmp.Or(f.Status, 500), f.Code, f.Message)
	case FaultIAM:
		return identity(cmp.Or(f.Status, 401), f.Message)
	case FaultHTML:
		return page(cmp.Or(f.Status, http.StatusBadGateway))
	case FaultPlain:
		return plain(cmp.Or(f.Status, 500), f.Message)
	case FaultBare:
		return &reply{status: cmp.Or(f.Status, 500)}
	case FaultThrottled:
		return gateway(cmp.Or(f.Status, 429), "APIG.0308", "The throttling threshold has been reached: policy user over ratelimit,limit:60,time:1 minute")
	case FaultResetBefore:
		return &reply{}
	}
	return nil
}

// spoil changes the answer to a call that took effect.
func (f Fault) spoil(r *reply) {
	if r.status/100 != 2 {
		return
	}
	switch f.Kind {
	case FaultLateError:
		*r = *documented(500, "CBH.10020000", "Unknown error.")
	case FaultEmpty:
		r.body, r.contentType = nil, ""
	case FaultObject:
		r.body, r.contentType = []byte("{}"), "application/json"
	case FaultText:
		*r = *plain(r.status, cmp.Or(f.Message, "Upgrade Cbh Instance Success"))
	case FaultPage:
		*r = *page(r.status)
	}
}

// deliver puts the answer on the wire, as far as the fault lets it.
func (f Fault) deliver(w http.ResponseWriter, r *reply, now time.Time) {
	switch f.Kind {
	case FaultResetBefore, FaultResetAfter:
		reset(w)
	case FaultCut:
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)+1))
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body[:len(r.body)/2])
	default:
		r.write(w, now)
	}
}

// reset breaks the connection the hard way, so that the peer sees a reset and
// not an orderly end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}
