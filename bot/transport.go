package bot

import (
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

const (
	callTimeout   = 10 * time.Second // one HTTP exchange with Slack, from the dial to the last byte
	connectWithin = 3 * time.Second  // and again for the TLS handshake
	headerWithin  = 9 * time.Second
	idleConns     = 256 // as many as workers may call at once
	idleFor       = 60 * time.Second
	pingAfter     = 5 * time.Second // of silence on an HTTP/2 connection that is in use
	pongWithin    = 3 * time.Second
	promptly      = time.Second // an answer that took longer tells no time
)

// NewHTTPClient is the client for everything that is asked of Slack: one is
// enough for a process. Each stage of an exchange has its end, and connections
// are kept for as many calls as there are at once. A proxy is taken from the
// environment.
func NewHTTPClient() *http.Client {
	return &http.Client{Timeout: callTimeout, Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectWithin}).DialContext,
		TLSHandshakeTimeout:   connectWithin,
		ResponseHeaderTimeout: headerWithin,
		IdleConnTimeout:       idleFor,
		MaxIdleConns:          2 * idleConns, // Slack's API and its response_urls are two hosts
		MaxIdleConnsPerHost:   idleConns,
		ForceAttemptHTTP2:     true,
		// All calls share an HTTP/2 connection: one that is dead must not hold them all.
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pongWithin},
	}}
}

// dated is the client whose exchanges tell onDate (may be nil) the Date header
// of every answer, and tell which failed ones never reached a server. It follows no
// redirect: tokens and private answers go where they were sent.
func dated(client *http.Client, onDate func(time.Time)) *http.Client {
	inner := client.Transport
	if inner == nil {
		inner = http.DefaultTransport
	}
	copied := *client
	copied.Transport = exchange{inner: inner, onDate: onDate}
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}

type exchange struct {
	inner  http.RoundTripper
	onDate func(time.Time)
}

func (x exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked, got bool // for a connection
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { asked = true },
		GotConn: func(httptrace.GotConnInfo) { got = true },
	})
	begun := time.Now()
	answer, err := x.inner.RoundTrip(r.WithContext(ctx))
	if err != nil && asked && !got {
		return nil, &unsentError{err}
	}
	if err == nil && x.onDate != nil && time.Since(begun) < promptly {
		if date, fault := http.ParseTime(answer.Header.Get("Date")); fault == nil {
			x.onDate(date)
		}
	}
	return answer, err
}

// unsentError is a failure before the first byte went out: no server was
// reached, or nobody waits for the answer any more.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return "not sent: " + e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }
