package bot

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

const (
	callTimeout   = 10 * time.Second // one HTTP exchange with Slack, from the dial to the last byte
	connectWithin = 3 * time.Second
	secureWithin  = 6 * time.Second // of a bad line, on which the handshake loses a packet or two: no socket comes up without one
	headerWithin  = 9 * time.Second
	idleConns     = 256 // as many as workers may call at once
	idleFor       = 60 * time.Second
	promptly      = time.Second // an answer that took longer tells no time
	longestAnswer = 32 << 20    // in bytes: pages of other people's messages are as long as Slack lets them be
)

// NewHTTPClient is the client for everything that is asked of Slack: one is
// enough for a process. Each stage of an exchange has its end, and connections
// are kept for as many calls as there are at once. A proxy is taken from the
// environment. It speaks no HTTP/2: calls would share a connection, and wait for
// one that is dead or full, and net/http sends a message again, without an end,
// that a peer resets, also when it was posted.
func NewHTTPClient() *http.Client {
	return &http.Client{Timeout: callTimeout, Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectWithin}).DialContext,
		TLSHandshakeTimeout:   secureWithin,
		ResponseHeaderTimeout: headerWithin,
		IdleConnTimeout:       idleFor,
		MaxIdleConns:          2 * idleConns, // Slack's API and its response_urls are two hosts
		MaxIdleConnsPerHost:   idleConns,
	}}
}

// exchanges are calls over one client. They follow no redirect: tokens and private
// answers go where they were sent. What an answer says beyond the longest is not read.
type exchanges struct {
	client *http.Client
	onDate func(server time.Time)
}

// dated tells onDate (may be nil) the Date header of every answer.
func dated(client *http.Client, onDate func(server time.Time)) *exchanges {
	copied := *client
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &exchanges{&copied, onDate}
}

// Do is http.Client.Do that tells which failed exchanges never reached a server. A
// RoundTripper could tell it too, but around one that is not its own, net/http spends two
// goroutines on each time-out.
func (x *exchanges) Do(r *http.Request) (*http.Response, error) {
	var asked, got, kept bool // asked for a connection, got one, and one that was kept
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { asked = true },
		GotConn: func(conn httptrace.GotConnInfo) { got, kept = true, conn.Reused },
	})
	begun := time.Now()
	answer, err := x.client.Do(r.WithContext(ctx))
	fault, failed := errors.AsType[*url.Error](err)
	if failed && kept && fault.Timeout() { // the others may lead nowhere as well, and would be tried one by one
		x.client.CloseIdleConnections()
	}
	if failed && asked && !got {
		fault.Err = &unsentError{fault.Err}
	}
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusSwitchingProtocols { // what follows is read without an end to the call
		answer.Body.Close()
		return nil, errSwitched
	}
	if x.onDate != nil && time.Since(begun) < promptly {
		date, _ := http.ParseTime(answer.Header.Get("Date"))
		x.onDate(date)
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, longestAnswer), answer.Body}
	return answer, nil
}

var errSwitched = errors.New("the answer is another protocol")

// unsentError is a failure before the first byte went out: no server was
// reached, or nobody waits for the answer any more.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return "not sent: " + e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }
