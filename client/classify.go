package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// errorBody is the union of the shapes in which the cloud tells an error:
//
//	{"error_code": "CBH.10020002", "error_description": "…"}       documented for CBH
//	{"error_code": 403, "description": "…"}                        seen from CBH
//	{"error_code": "APIG.0307", "error_msg": "…", "request_id": …} the API gateway
//	{"error": {"code": 401, "message": "…", "title": "…"}}         IAM
type errorBody struct {
	ErrorCode        text       `json:"error_code"`
	Code             text       `json:"code"`
	ErrorDescription text       `json:"error_description"`
	Description      text       `json:"description"`
	ErrorMsg         text       `json:"error_msg"`
	Message          text       `json:"message"`
	RequestID        text       `json:"request_id"`
	Error            innerError `json:"error"`
}

// innerError is IAM's; a plain string is taken as its message.
type innerError struct {
	Code    text `json:"code"`
	Message text `json:"message"`
	Title   text `json:"title"`
}

func (i *innerError) UnmarshalJSON(data []byte) error {
	type plain innerError
	if json.Unmarshal(data, (*plain)(i)) != nil {
		return i.Message.UnmarshalJSON(data)
	}
	return nil
}

// errorFrom reads a response whose status is not 2xx. What cannot be read of
// the body is left out: the status alone says enough to go on.
func errorFrom(op string, response *http.Response, now time.Time, own secrets) *Error {
	raw, _ := io.ReadAll(io.LimitReader(response.Body, maxError))
	e := &Error{
		Op: op, Status: response.StatusCode, RequestID: requestID(response, own),
		RetryAfter: retryAfter(response, now), Sent: true,
	}
	e.read(bytes.TrimPrefix(raw, byteOrderMark), own)
	return e
}

// unreadable is a success whose body makes no sense. If the body tells an error
// after all, that is kept.
func (a answer) unreadable(op string, cause error) *Error {
	e := &Error{Op: op, Status: a.status, RequestID: a.requestID, Sent: true, Err: cause}
	e.read(a.body, a.secrets)
	e.Kind = Unreadable
	return e
}

// read fills code, message, raw text and kind from a body of any of the shapes.
// Secrets go after it is understood, for a weak password is an ordinary word.
func (e *Error) read(raw []byte, own secrets) {
	var body errorBody
	readable := json.Unmarshal(raw, &body) == nil
	code := string(cmp.Or(body.ErrorCode, body.Code, body.Error.Code))
	message := string(cmp.Or(body.ErrorDescription, body.Description, body.ErrorMsg, body.Message, body.Error.Message, body.Error.Title))
	isPage := looksLikePage(raw)
	if !readable && !isPage {
		message = strings.TrimSpace(string(raw))
	}
	e.Kind = kindOf(e.Status, code, message, isPage)
	e.RequestID = cmp.Or(e.RequestID, own.requestID(string(body.RequestID)))
	e.Code, e.Message, e.Raw = own.clipped(code), own.clipped(message), own.clipped(string(raw))
}

// failed reports whether a body tells an error: where it comes with a success, that is
// none. Some services write a code for that one, too.
func failed(code text) bool { return code != "" && code != "0" && code != "false" }

func looksLikePage(raw []byte) bool {
	return strings.HasPrefix(strings.TrimSpace(string(raw)), "<")
}

// longest is how much of a text from the other side is kept.
const longest = 2000

// clip keeps the start of a text, whole characters only.
func clip(s string) string {
	if len(s) > longest {
		s = s[:longest]
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "")
}

// codeKinds are the codes that mean one thing only. The gateway's are described
// in https://support.huaweicloud.com/intl/en-us/usermanual-apig/apig_03_0048.html,
// those of CBH in https://support.huaweicloud.com/intl/en-us/api-cbh/ErrorCode.html.
var codeKinds = map[string]Kind{
	"APIG.0101":    BadRequest, // wrong host: comes with a 404, but says nothing of the instance
	"APIG.0301":    NotAuthenticated,
	"APIG.0307":    NotAuthenticated, // "the token must be updated"
	"APIG.0308":    Throttled,
	"CBH.10020100": NotAuthenticated,
}

// textKinds tell refusals apart that share a status and have no code of their
// own. The first that fits counts. They are compiled for the first refusal: a start need not wait.
var textKinds = sync.OnceValue(func() []textKind {
	return []textKind{
		{regexp.MustCompile(`(?i)\bagent\b.*(not|n't|offline|stopped|down|abnormal)|agent\s*(未|没有|离线|异常|不)|代理.*未启动`), AgentNotStarted},
		{regexp.MustCompile(`(?i)\blatest\b|no need to upgrade|up[- ]to[- ]date|最新版|无需升级`), LatestVersion},
		{regexp.MustCompile(`(?i)\b24\s*-?\s*h(ours?)?\b|24\s*(个)?小时|at least (one|a|1) day|upgrade[_ ]time.*(later|future|past|early|soon)`), TooSoon},
		{regexp.MustCompile(`(?i)throttl|too many requests|request rate|flow control|流控|请求过于频繁`), Throttled},
		{regexp.MustCompile(`(?i)in progress|is (being )?upgrad|has (already )?(been )?(started|scheduled)|already (been )?(started|scheduled|upgrading)|another task|can ?not be cancell?ed|正在|已开始|冲突`), Conflict},
	}
})

type textKind struct {
	pattern *regexp.Regexp
	kind    Kind
}

// kindOf classifies by status, code and text, in this order of trust: a fault
// of the cloud's is one whatever it says; then a code with one meaning; then
// the words; then the status alone.
func kindOf(status int, code, message string, isPage bool) Kind {
	if kind, ok := codeKinds[code]; ok && (status < 500 || kind == Throttled) {
		return kind
	}
	known, plain := statusKinds[status]
	if status < 400 || isPage && (!plain || status == http.StatusNotFound) {
		return Unreadable
	}
	if status >= 500 {
		return Unavailable
	}
	if plain {
		return known
	}
	for _, t := range textKinds() {
		if t.pattern.MatchString(message) {
			return t.kind
		}
	}
	if status == http.StatusForbidden {
		return NoPermission
	}
	return BadRequest
}

// statusKinds are the statuses that mean one thing only.
var statusKinds = map[int]Kind{
	http.StatusUnauthorized:    NotAuthenticated,
	http.StatusNotFound:        NotFound,
	http.StatusRequestTimeout:  Unavailable,
	statusGivenUp:              Unavailable,
	http.StatusConflict:        Conflict,
	http.StatusTooManyRequests: Throttled,
}
