package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// chat makes a call of chat.postMessage, chat.update or chat.postEphemeral as
// slack-go makes it, but with what is encoded already, and without decoding the
// message that Slack repeats in its answer.
func (s *Sender) chat(ctx context.Context, method string, form url.Values) (ts string, err error) {
	form.Set("token", s.token)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+method, strings.NewReader(encoded(form)))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := s.http.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if err := refused(answer); err != nil {
		return "", err
	}
	return written(answer.Body)
}

// encoded is what form.Encode returns, without growing on the way: it is nearly all that
// is sent, and long.
func encoded(form url.Values) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		parts = append(parts, "&", name, "=", url.QueryEscape(form.Get(name)))
	}
	return strings.Join(parts[1:], "")
}

// refused is the limit or fault that an answer's status tells.
func refused(answer *http.Response) error {
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	switch {
	case answer.StatusCode == http.StatusTooManyRequests && err == nil:
		return &slack.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
	case answer.StatusCode != http.StatusOK:
		return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
	}
	return nil
}

// answerLimit is more than Slack has to say to any call.
const answerLimit = 1 << 20

var (
	errNoVerdict = errors.New("Slack answered neither yes nor no")
	errNoObject  = errors.New("an answer that is no object")
)

// verdict is what counts in an answer of chat.*.
type verdict struct {
	ok      bool
	code    string // of a refusal
	details slack.ResponseMetadata
	ts      string // of the message; an ephemeral one's comes as message_ts
	nothing skipped
}

// field is where a field of an answer goes.
func (v *verdict) field(name any) any {
	switch name {
	case "ok":
		return &v.ok
	case "error":
		return &v.code
	case "response_metadata":
		return &v.details
	case "ts", "message_ts":
		return &v.ts
	}
	return &v.nothing
}

// written reads the timestamp of the message that was written. It reads an
// answer as far as it takes: behind that, Slack repeats the whole message.
func written(body io.Reader) (ts string, err error) {
	var v verdict
	body = io.LimitReader(body, answerLimit)
	if err := scan(body, v.field, func() bool { return v.ok && v.ts != "" }); err != nil {
		return "", err
	}
	_, _ = io.Copy(io.Discard, body) // the connection is kept when all was read
	return v.ts, v.err()
}

func (v *verdict) err() error {
	refusal := slack.SlackErrorResponse{Err: v.code, ResponseMetadata: v.details}
	switch {
	case v.ok:
		return nil
	case v.code == "":
		return errNoVerdict
	case len(v.details.Messages) > 0: // which block, and why
		return fmt.Errorf("%w: %s", refusal, v.details.Messages[0])
	}
	return refusal
}

// refusalIn reads what a response_url said: the word "ok", or an object that may
// be a refusal whatever the status.
func refusalIn(answer *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	switch {
	case err != nil:
		return err
	case json.Unmarshal(text, &said) == nil && said.OK != nil && !*said.OK:
		return slack.SlackErrorResponse{Err: firstOf(said.Error, "unknown_error")}
	case answer.StatusCode/100 != 2:
		return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
	}
	return nil
}
