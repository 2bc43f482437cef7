package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// chat makes a call of chat.postMessage, chat.update or chat.postEphemeral as
// slack-go makes it, but with what is encoded already, and without decoding the
// message that Slack repeats in its answer.
func (s *Sender) chat(ctx context.Context, method string, p Picture, fields ...string) (ts string, err error) {
	answer, err := s.post(ctx, method, p.form(append(fields, "token", s.token)...))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	return written(answer.Body)
}

// post makes a call whose arguments are a form. Its answer is to be closed.
func (s *Sender) post(ctx context.Context, method string, form []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+method, bytes.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := s.http.Do(r)
	if err != nil {
		return nil, err
	}
	if err := refused(answer); err != nil {
		answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

// refused is the limit or fault that an answer's status tells.
func refused(answer *http.Response) error {
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // whoever reads it waits for a while without one, too
	switch {
	case answer.StatusCode == http.StatusTooManyRequests:
		return &slack.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
	case answer.StatusCode != http.StatusOK:
		return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
	}
	return nil
}

// answerLimit is more than Slack has to say to any call.
const answerLimit = 1 << 20

var errNoVerdict = errors.New("Slack answered neither yes nor no")

// verdictOf is what an answer says that has these fields; err is why not all of it could
// be read.
func verdictOf(ok bool, code string, err error) error {
	switch {
	case code != "":
		return slack.SlackErrorResponse{Err: code}
	case err == nil && !ok:
		return errNoVerdict
	}
	return err
}

// verdict is what counts in an answer of chat.*.
type verdict struct {
	ok      bool
	code    string // of a refusal
	details slack.ResponseMetadata
	ts      string // of the message; an ephemeral one's comes as message_ts
}

// field is where a field of an answer goes; nil is nowhere.
func (v *verdict) field(name []byte) any {
	switch string(name) {
	case "ok":
		return &v.ok
	case "error":
		return &v.code
	case "response_metadata":
		return &v.details
	case "ts", "message_ts":
		return &v.ts
	}
	return nil
}

// answers holds buffers that were answers' before: they are long, and many.
var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// written reads the timestamp of the message that was written: a yes without it is none.
// An answer that breaks off behind it, or has details of another type, says so all the same.
func written(body io.Reader) (ts string, err error) {
	text := answers.Get().(*bytes.Buffer)
	defer answers.Put(text)
	text.Reset()
	_, broke := text.ReadFrom(io.LimitReader(body, answerLimit))
	var v verdict
	for name, value := range fields(text.Bytes()) {
		if field := v.field(name); field != nil {
			if err := json.Unmarshal(value, field); err != nil && field != any(&v.details) {
				return "", err
			}
		}
		if v.ok && v.ts != "" {
			return v.ts, nil
		}
	}
	return "", cmp.Or(broke, v.err())
}

func (v *verdict) err() error {
	err := verdictOf(v.ok && v.ts != "", v.code, nil)
	if err != nil && len(v.details.Messages) > 0 { // which block, and why
		err = fmt.Errorf("%w: %s", err, v.details.Messages[0])
	}
	return err
}

// refusalIn reads what a response_url said: the word "ok", or an object that may
// be a refusal whatever the status. A page is somebody else's, such as a proxy's.
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
		return slack.SlackErrorResponse{Err: cmp.Or(said.Error, "unknown_error")}
	case answer.StatusCode/100 != 2:
		return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
	case bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")):
		return errNoVerdict
	}
	return nil
}
