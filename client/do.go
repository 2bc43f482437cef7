package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Limits on what is read of an answer; more than that is no answer of this API.
const (
	maxBody  = 16 << 20
	maxError = 64 << 10
)

// call is one operation, independent of how often it is sent.
type call struct {
	op     string // its name in errors: "upgrade", "list", …
	method string
	path   string // after /v2/{project_id}/cbs/
	query  url.Values
	body   any // nil for none
}

// answer is a response with a 2xx status.
type answer struct {
	status    int
	requestID string
	body      []byte
	bodyErr   error   // why the body could not be read to its end
	secrets   secrets // that the other side may have repeated
}

// do sends the call: a read as often as is worth it, a write once.
func (c *Client) do(ctx context.Context, k call) (answer, error) {
	if k.method != http.MethodGet {
		return c.authorized(ctx, k)
	}
	return c.retry(ctx, func() (answer, error) {
		a, err := c.authorized(ctx, k)
		if err == nil && a.bodyErr != nil {
			err = &Error{Op: k.op, Status: a.status, RequestID: a.requestID, Kind: Unreadable, Sent: true, Err: a.bodyErr}
		}
		return a, err
	})
}

// authorized sends the call, and once more if the cloud refused the token and
// another one can be had: such a refusal comes before anything is done.
func (c *Client) authorized(ctx context.Context, k call) (answer, error) {
	request, err := c.request(ctx, k)
	if err != nil {
		return answer{}, err
	}
	a, err := c.send(ctx, k.op, request)
	if KindOf(err) != NotAuthenticated || !c.auth.refused(request) {
		return a, err
	}
	c.log.WithField("op", k.op).Info("the cloud refused the token; getting another")
	if request, err = c.request(ctx, k); err != nil {
		return answer{}, err
	}
	return c.send(ctx, k.op, request)
}

// request builds the call with its credentials, which are made anew each time.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		encoded, err := json.Marshal(k.body)
		if err != nil {
			return nil, &Error{Op: k.op, Kind: BadRequest, Err: err}
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, k.method, c.url(k), body)
	if err != nil {
		return nil, &Error{Op: k.op, Kind: BadRequest, Err: err}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Project-Id", c.project) // an access key, unlike a token, says no project
	if err := c.auth.Authorize(ctx, request); err != nil {
		return nil, notSent(k.op, err)
	}
	if end, bounded := ctx.Deadline(); bounded && request.GetBody != nil {
		if past(end) { // its credentials were waited for, and no timer has gone off yet
			return nil, notSent(k.op, context.DeadlineExceeded)
		}
		fence(request, end)
	}
	return request, nil
}

// fence keeps what a request has to say from leaving after its end. A process that
// was stopped in the middle of getting a connection may send before any timer has
// gone off; a request without its body does nothing.
func fence(request *http.Request, end time.Time) {
	open := request.GetBody
	request.GetBody = func() (io.ReadCloser, error) {
		body, err := open()
		return fenced{body, end}, err
	}
	request.Body = fenced{request.Body, end}
}

type fenced struct {
	io.ReadCloser
	end time.Time
}

// past goes by either clock: in a machine that was suspended, the monotonic one stood still.
func past(end time.Time) bool {
	now := time.Now()
	return !now.Before(end) || !now.Before(end.Round(0))
}

func (f fenced) Read(p []byte) (int, error) {
	if past(f.end) {
		return 0, context.DeadlineExceeded
	}
	return f.ReadCloser.Read(p)
}

func (c *Client) url(k call) string {
	target := c.endpoint.String() + "/v2/" + url.PathEscape(c.project) + "/cbs/" + k.path
	if len(k.query) > 0 {
		target += "?" + k.query.Encode()
	}
	return target
}

// promptly is how long an answer may take that tells the time.
const promptly = time.Second

// send makes one exchange on the wire, and tells what came of it.
func (c *Client) send(ctx context.Context, op string, request *http.Request) (answer, error) {
	a, err := c.exchange(ctx, op, request)
	c.onCall(op, KindOf(err))
	return a, err
}

func (c *Client) exchange(ctx context.Context, op string, request *http.Request) (answer, error) {
	begun := time.Now()
	own := credentialsOf(c.auth, request)
	response, sent, err := roundTrip(ctx, c.http, request)
	if err != nil {
		return answer{}, &Error{Op: op, Kind: Unavailable, Sent: sent, Err: own.outOfError(err)}
	}
	defer response.Body.Close()
	if time.Since(begun) < promptly {
		date, _ := http.ParseTime(response.Header.Get("Date"))
		c.onDate(date)
	}
	if response.StatusCode/100 != 2 {
		return answer{}, errorFrom(op, response, c.now(), own)
	}
	body, err := readAll(response, maxBody)
	return answer{
		status: response.StatusCode, requestID: requestID(response, own), body: own.outOfBody(body), bodyErr: err, secrets: own,
	}, nil
}

// roundTrip also tells whether a connection was had, because from then on the
// other side may have seen the request.
func roundTrip(ctx context.Context, h *http.Client, request *http.Request) (response *http.Response, sent bool, err error) {
	var connected, kept atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(conn httptrace.GotConnInfo) { connected.Store(true); kept.Store(conn.Reused) }}
	response, err = h.Do(request.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if fault, failed := errors.AsType[*url.Error](err); failed && kept.Load() && fault.Timeout() {
		h.CloseIdleConnections() // the others may lead nowhere as well, and would be tried one by one
	}
	if err == nil && response.StatusCode == http.StatusSwitchingProtocols { // what follows is read without an end to the call
		response.Body.Close()
		return nil, true, errSwitched
	}
	return response, connected.Load(), err
}

func readAll(response *http.Response, limit int64) ([]byte, error) {
	var data bytes.Buffer
	if told := response.ContentLength; told > 0 && told <= limit {
		data.Grow(int(told) + bytes.MinRead) // room for the read that finds the end
	}
	_, err := data.ReadFrom(io.LimitReader(response.Body, limit+1))
	if err == nil && int64(data.Len()) > limit {
		return nil, errTooLong
	}
	return bytes.TrimPrefix(data.Bytes(), byteOrderMark), err
}

// byteOrderMark is what some gateways begin JSON with, and no reader of JSON takes.
var byteOrderMark = []byte("\xef\xbb\xbf")

// isRequestID reports whether a text looks like one of the cloud's ids of requests.
func isRequestID(text string) bool {
	const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"
	return len(text) >= 8 && len(text) <= 64 && strings.Trim(text, signs) == ""
}

// requestID is the cloud's id of a request; "" where it says something else.
func requestID(response *http.Response, own secrets) string {
	return own.requestID(response.Header.Get("X-Request-Id"))
}

func (s secrets) requestID(said string) string {
	said = strings.TrimSpace(said)
	if !isRequestID(said) || s.outOf(said) != said {
		return ""
	}
	return said
}

// longestWait stands for all that a server asks for beyond it.
const longestWait = 24 * time.Hour

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(response *http.Response, now time.Time) time.Duration {
	value := strings.TrimSpace(response.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(seconds) {
		return time.Duration(min(max(0, seconds), longestWait.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
