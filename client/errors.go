package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind says what a failure means, whatever words the cloud used.
type Kind int

// The kinds of failures.
const (
	BadRequest       Kind = iota + 1 // the cloud does not understand the request (400)
	TooSoon                          // the upgrade time is less than 24 h ahead (400)
	NotAuthenticated                 // the token, password or signature is not accepted (401)
	NoPermission                     // the account may not do this (403)
	LatestVersion                    // there is nothing to upgrade to (403)
	AgentNotStarted                  // the instance's agent is not running (403)
	NotFound                         // no such instance (404)
	Conflict                         // the instance is in the middle of something else (409)
	Throttled                        // too many requests (429)
	Unavailable                      // a fault of the cloud (5xx), or it cannot be reached
	Unreadable                       // an answer that is not of this API, such as a proxy's page
)

var kindNames = map[Kind]string{
	BadRequest: "bad_request", TooSoon: "too_soon", NotAuthenticated: "not_authenticated",
	NoPermission: "no_permission", LatestVersion: "latest_version", AgentNotStarted: "agent_not_started",
	NotFound: "not_found", Conflict: "conflict", Throttled: "throttled",
	Unavailable: "unavailable", Unreadable: "unreadable",
}

// String returns the kind as one word for logs and tables, "none" for 0.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return "none"
}

// Error is every failure of this package except those of [New].
type Error struct {
	Op         string        // what was attempted: "upgrade", "list", "token", …
	Status     int           // the HTTP status; 0 when there was no answer
	Code       string        // the cloud's code, such as "CBH.10020002" or "APIG.0307"; may be empty
	Message    string        // the cloud's own text; may be empty
	Raw        string        // the start of the body as it came
	RequestID  string        // the cloud's id of the request, for its support; may be empty
	Kind       Kind          // what it means
	RetryAfter time.Duration // what the cloud asked to wait; 0 when it did not
	Sent       bool          // the request may have reached the cloud
	Err        error         // the cause when there was no answer; may be nil
}

// Error tells the operation, the kind and what the cloud said of it.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Op, strings.ReplaceAll(e.Kind.String(), "_", " "))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of an error of this package, 0 for any other and nil.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

// Unclear reports whether a write failed in such a way that it may have taken
// effect all the same: no answer after it was sent, a 5xx, or an answer that
// says neither yes nor no. A 4xx and a throttled call are clear refusals, and
// what never left this machine is clear too.
func Unclear(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.Sent || e.Kind == Throttled {
		return false
	}
	// Proxies say that a request has timed out, or was given up, too, and may have passed it on.
	refused := e.Status/100 == 4 && e.Status != http.StatusRequestTimeout && e.Status != statusGivenUp
	return !refused
}

// statusGivenUp is nginx' word for a caller who has gone, and gRPC's for a call that was
// cancelled (https://pkg.go.dev/google.golang.org/grpc/codes), as gateways translate it.
const statusGivenUp = 499

var (
	errTooLong  = errors.New("the answer is longer than any this API gives")
	errTold     = errors.New("a success that tells an error")
	errNotJSON  = errors.New("the answer is not what this API answers")
	errNoToken  = errors.New("the answer holds no token")
	errSwitched = errors.New("the answer is another protocol")
)

// notSent is a failure from before the request left: its own if it is one of
// this package's, for the request itself was not what reached the cloud. Whatever IAM
// refuses a token for, the cloud knows nobody who asks.
func notSent(op string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return &Error{Op: op, Kind: Unavailable, Err: err}
	}
	own := *e
	own.Op, own.Sent = op+": "+e.Op, false
	if clearRefusal(e) && e.Kind != Unreadable {
		own.Kind = NotAuthenticated
	}
	return &own
}
