package slackemu

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bodyLimit bounds what the server reads of one request.
const bodyLimit = 1 << 20

// method is one entry of the Web API.
type method struct {
	run     func(s *Server, c *call) (object, error)
	open    bool   // wants no token
	app     bool   // wants the app-level token instead of the bot's
	either  bool   // wants any token
	scope   string // needed before anything else is looked at; empty when it depends on the arguments
	accepts string // the scopes of which one is enough, where that depends on the arguments
	form    bool   // takes no JSON body
	perMin  int    // calls a minute, by Slack's tiers (https://docs.slack.dev/apis/web-api/rate-limits)
	perChan bool   // counted for each channel by itself, one a second
}

// The scopes of which the conversation's kind says which is needed.
const (
	historyScopes = "channels:history,groups:history,mpim:history,im:history"
	readScopes    = "channels:read,groups:read,mpim:read,im:read"
)

// methods is the Web API: what a method needs, takes and how often it may be called is on its page below
// https://docs.slack.dev/reference/methods/. What is not listed is an unknown_method.
var methods = map[string]method{
	"api.test":              {run: (*Server).apiTest, open: true, perMin: 100},
	"apps.connections.open": {run: (*Server).openConnection, app: true, scope: appScope, perMin: 50},
	"auth.test":             {run: (*Server).authTest, either: true, perMin: 600},
	"blocks.validate":       {run: (*Server).validateBlocks, open: true, perMin: 50}, // "special rate limits", of which nobody says more
	"bots.info":             {run: (*Server).botsInfo, scope: "users:read", form: true, perMin: 50},
	"team.info":             {run: (*Server).teamInfo, scope: "team:read", perMin: 50},
	"chat.postMessage":      {run: (*Server).postMessage, scope: "chat:write", perChan: true},
	"chat.update":           {run: (*Server).updateMessage, scope: "chat:write", perMin: 50},
	"chat.delete":           {run: (*Server).deleteMessage, scope: "chat:write", perMin: 50},
	"chat.postEphemeral":    {run: (*Server).postEphemeral, scope: "chat:write", perMin: 100},
	"chat.getPermalink":     {run: (*Server).permalink, form: true, perMin: 600},
	"conversations.history": {run: (*Server).channelHistory, accepts: historyScopes, perMin: 50},
	"conversations.replies": {run: (*Server).threadReplies, accepts: historyScopes, form: true, perMin: 50},
	"conversations.info":    {run: (*Server).channelInfo, accepts: readScopes, form: true, perMin: 50},
	"conversations.list":    {run: (*Server).channelList, accepts: readScopes, form: true, perMin: 20},
	"conversations.members": {run: (*Server).channelMembers, accepts: readScopes, form: true, perMin: 100},
	"conversations.open":    {run: (*Server).openDirect, scope: "im:write", perMin: 50},
	"users.info":            {run: (*Server).userInfo, scope: "users:read", form: true, perMin: 100},
	"users.list":            {run: (*Server).userList, scope: "users:read", form: true, perMin: 20},
	"usergroups.list":       {run: (*Server).groupList, scope: "usergroups:read", form: true, perMin: 20},
	"usergroups.users.list": {run: (*Server).groupUsers, scope: "usergroups:read", form: true, perMin: 20},
	"views.open":            {run: (*Server).openView, perMin: 100},
	"views.push":            {run: (*Server).pushView, perMin: 100},
	"views.update":          {run: (*Server).updateView, perMin: 100},
	"views.publish":         {run: (*Server).publishView, perMin: 100},
}

// apiError is a refusal in Slack's words, with the lines that explain it.
type apiError struct {
	word    string
	details []string
	extra   object
}

func (e *apiError) Error() string { return e.word }

func refuse(word string, details ...string) error { return &apiError{word: word, details: details} }

// call is one request to the Web API.
type call struct {
	method string
	token  string
	args   object // as sent: strings from forms, any JSON from JSON bodies
	base   string // scheme and host the caller used
	socket string // the same for WebSockets
}

// Call is a record of one request to the Web API. Error is Slack's word for a refusal, empty when it was obeyed.
type Call struct {
	Method string    `json:"method"`
	At     time.Time `json:"at"`
	Error  string    `json:"error,omitempty"`
	Status int       `json:"status"`
}

// Calls returns the latest requests to the Web API, oldest first, at most 5000.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	fault, struck := s.methodFault(name)
	if struck && !fault.After && s.misbehave(w, r, name, fault) {
		return
	}
	answer, err := s.callMethod(w, name, r)
	if struck && fault.After && s.misbehave(w, r, name, fault) {
		return
	}
	s.writeAnswer(w, name, warned(answer, r), err)
}

// sayScopes puts into the headers what the token may do and what the method needs
// (https://docs.slack.dev/authentication/installing-with-oauth: X-OAuth-Scopes, X-Accepted-OAuth-Scopes).
func (s *Server) sayScopes(w http.ResponseWriter, m method, token string) {
	if scopes, known := s.granted(token); known {
		w.Header().Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	}
	if accepted := cmp.Or(m.scope, m.accepts); accepted != "" {
		w.Header().Set("X-Accepted-OAuth-Scopes", accepted)
	}
}

// warned adds what Slack finds odd in a request whose work it did
// (https://docs.slack.dev/apis/web-api/#responses: missing_charset, superfluous_charset).
func warned(answer object, r *http.Request) object {
	kind, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	warning := ""
	switch has := parameters["charset"] != ""; {
	case kind == "application/json" && !has:
		warning = "missing_charset"
	case kind == "application/x-www-form-urlencoded" && has:
		warning = "superfluous_charset"
	}
	if answer == nil || warning == "" {
		return answer
	}
	metadata := object{"warnings": []string{warning}}
	maps.Copy(metadata, child(answer, "response_metadata"))
	answer["warning"], answer["response_metadata"] = warning, metadata
	return answer
}

func (s *Server) callMethod(w http.ResponseWriter, name string, r *http.Request) (object, error) {
	m, known := methods[name]
	switch {
	case !known:
		return nil, &apiError{word: "unknown_method", extra: object{"req_method": name}}
	case m.app && r.Method != http.MethodPost:
		return nil, refuse("insecure_request")
	}
	args, err := readArguments(r, m.form)
	if err != nil {
		return nil, err
	}
	by := token(r, args)
	s.sayScopes(w, m, by)
	if err := s.authorise(m, by); err != nil {
		return nil, err
	}
	base := s.base(r)
	c := &call{method: name, token: by, args: args, base: base.String(), socket: strings.Replace(base.String(), "http", "ws", 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait := s.overLimit(m, c); wait > 0 {
		return nil, &apiError{word: "ratelimited", extra: object{"retry_after": wait}}
	}
	return m.run(s, c)
}

func token(r *http.Request, args object) string {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(bearer)
	}
	return str(args, "token")
}

// readArguments reads a call's arguments from the query, a form or a JSON body, which not every method looks at
// (https://docs.slack.dev/apis/web-api/#post_bodies).
func readArguments(r *http.Request, formOnly bool) (object, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, bodyLimit)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" && !formOnly {
		var args object
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		if err := d.Decode(&args); err != nil && !errors.Is(err, io.EOF) { // an empty body has no arguments
			return nil, refuse("invalid_json")
		}
		return args, nil
	}
	if err := r.ParseMultipartForm(bodyLimit); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, refuse("invalid_form_data")
	}
	args := object{}
	for name, values := range r.Form {
		args[name] = values[len(values)-1]
	}
	return args, nil
}

// text returns a string argument; numbers are taken for their digits, as in ts.
func (c *call) text(name string) string {
	switch v := c.args[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (c *call) truth(name string) bool {
	switch v := c.args[name].(type) {
	case bool:
		return v
	case string:
		yes, _ := strconv.ParseBool(v)
		return yes
	}
	return false
}

func (c *call) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(c.text(name)); err == nil {
		return n
	}
	return otherwise
}

// json returns an argument that is JSON: as itself in a JSON body, as text in a form. It is absent (nil, nil)
// when it was not sent or is empty.
func (c *call) json(name string) (any, error) {
	value := c.args[name]
	text, isText := value.(string)
	if !isText || text == "" {
		if isText {
			return nil, nil
		}
		return value, nil
	}
	return decode([]byte(text))
}

func (s *Server) writeAnswer(w http.ResponseWriter, name string, answer object, err error) {
	status := http.StatusOK
	if err != nil {
		answer = failure(err)
	} else {
		answer["ok"] = true
	}
	if wait, limited := answer["retry_after"]; limited {
		delete(answer, "retry_after")
		w.Header().Set("Retry-After", fmt.Sprint(wait))
		status = http.StatusTooManyRequests
	}
	s.record(name, status, str(answer, "error"))
	writeJSON(w, status, answer)
}

func failure(err error) object {
	answer := object{"ok": false, "error": err.Error()}
	refusal, ok := errors.AsType[*apiError](err)
	if !ok {
		return answer
	}
	maps.Copy(answer, refusal.extra)
	if len(refusal.details) > 0 {
		lines := make([]string, len(refusal.details))
		for i, detail := range refusal.details {
			lines[i] = "[ERROR] " + detail
		}
		answer["errors"] = refusal.details
		answer["response_metadata"] = object{"messages": lines}
	}
	return answer
}

func (s *Server) record(name string, status int, word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Call{Method: name, At: s.opts.Now(), Error: word, Status: status})
	s.calls = s.calls[max(0, len(s.calls)-5000):]
	s.log.WithField("method", name).WithField("error", word).Debug("web api call")
	s.touch()
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(value))
}
