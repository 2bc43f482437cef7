package slackemu

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// act is the body of every request to the control API; each path uses the fields it needs.
type act struct {
	User     string         `json:"user"`
	Channel  string         `json:"channel"`
	Command  string         `json:"command"`
	Text     string         `json:"text"`
	TS       string         `json:"ts"`
	ThreadTS string         `json:"thread_ts"`
	BlockID  string         `json:"block_id"`
	Action   string         `json:"action"` // an action_id or the text on a button
	Value    any            `json:"value"`
	Values   map[string]any `json:"values"`
	View     string         `json:"view"` // id of a view; default: the topmost modal
	Query    string         `json:"query"`
	Callback string         `json:"callback_id"`
	Locale   string         `json:"locale"`
	Tab      string         `json:"tab"`
	All      bool           `json:"all"`
	Socket   string         `json:"socket"` // id of a socket, or "all"
	Reason   string         `json:"reason"`
}

// Control returns the control API, to be mounted on a path of its own (with http.StripPrefix). Bodies and answers are JSON;
// what answers an act is a [Delivery]; an error is {"error":"…"} with status 400.
//
//	POST /command    {user, channel, command, text}
//	POST /message    {user, channel, text, thread_ts?}             -> {message, delivery}
//	POST /action     {user, channel, ts, action, value?} or {user, view?, action, value?}; view "home" is the home
//	                 tab; block_id says which of several; values fills in other fields first
//	POST /submit     {user, values}       values by block_id or action_id
//	POST /close      {user, all?}
//	POST /deliver    {kind, payload}      an envelope as it stands
//	POST /suggest    {user, channel, ts, action, query} or {user, action, query} -> {options, delivery}
//	POST /shortcut   {user, callback_id, channel?}                 a global one, in front of a channel
//	                 {user, callback_id, channel, ts}              one in a message's menu
//	POST /locale     {user, locale}                                changes somebody's language
//	POST /home       {user, tab}          opens the app's page; tab is home or messages
//	POST /reload     {user}               private messages to the user are gone
//	GET  /messages   ?channel=&contains=&wait=2s     what everybody sees; waits for one if told to
//	GET  /mentions   ?channel=&thread=&wait=2s       [{message, mentions}] of those that mention anybody; &user= only that one
//	GET  /ephemerals ?user=&channel=&contains=&wait=2s
//	GET  /views      ?user=&wait=2s       {modal, home}
//	GET  /users  POST /users     a User to add or change
//	GET  /channels  POST /channels  a Channel to add or change
//	GET  /deliveries  GET /calls
//	GET  /sockets  GET /sockets/past
//	POST /sockets/kill, /sockets/freeze   {socket}
//	POST /sockets/disconnect              {socket, reason}
//	GET  /faults  PUT /faults             Faults
//	POST /socketmode {on}                 switches Socket Mode of the app
//	POST /revoke     {token}              ends a token
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	s.routeActs(mux)
	s.routeViews(mux)
	s.routeSockets(mux)
	mux.HandleFunc("POST /socketmode", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(a struct{ On bool }) (any, error) { s.SetSocketMode(a.On); return a, nil })
	})
	mux.HandleFunc("POST /revoke", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(a struct{ Token string }) (any, error) { s.Revoke(a.Token); return object{}, nil })
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, s.Faults()) })
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(f Faults) (any, error) { s.SetFaults(f); return f, nil })
	})
	return mux
}

func (s *Server) routeActs(mux *http.ServeMux) {
	acts := map[string]func(act) (any, error){
		"/command":  func(a act) (any, error) { return s.As(a.User).Command(a.Channel, a.Command, a.Text), nil },
		"/message":  s.controlMessage,
		"/action":   s.controlAction,
		"/submit":   s.controlSubmit,
		"/close":    s.controlClose,
		"/suggest":  s.controlSuggest,
		"/home":     func(a act) (any, error) { return s.As(a.User).OpenHome(a.Tab), nil },
		"/shortcut": s.controlShortcut,
		"/locale":   func(a act) (any, error) { return object{}, s.SetLocale(a.User, a.Locale) },
		"/reload":   func(a act) (any, error) { s.As(a.User).Reload(); return object{}, nil },
	}
	for path, do := range acts {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { control(w, r, do) })
	}
	mux.HandleFunc("POST /deliver", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(e rawEnvelope) (any, error) { return s.Deliver(e.Kind, e.Payload), nil })
	})
}

// rawEnvelope is an envelope that the control API sends as it stands.
type rawEnvelope struct {
	Kind    string `json:"kind"`
	Payload object `json:"payload"`
}

func (s *Server) routeViews(mux *http.ServeMux) {
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, r *http.Request) {
		s.controlWait(w, r, func() []Message { return s.Messages(r.FormValue("channel")) })
	})
	mux.HandleFunc("GET /ephemerals", func(w http.ResponseWriter, r *http.Request) {
		s.controlWait(w, r, func() []Message {
			all := s.visible(r.FormValue("channel"), r.FormValue("user"))
			return slices.DeleteFunc(all, func(m Message) bool { return m.EphemeralFor == "" })
		})
	})
	mux.HandleFunc("GET /mentions", s.controlMentions)
	mux.HandleFunc("GET /views", s.controlViews)
	lists := map[string]func() any{
		"/users":      func() any { return s.Users() },
		"/channels":   func() any { return s.Channels() },
		"/deliveries": func() any { return s.Deliveries() },
		"/calls":      func() any { return s.Calls() },
	}
	for path, list := range lists {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, list()) })
	}
	mux.HandleFunc("POST /users", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(u User) (any, error) { s.SetUser(u); return u, nil })
	})
	mux.HandleFunc("POST /channels", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(c Channel) (any, error) { s.SetChannel(c); return c, nil })
	})
}

func (s *Server) routeSockets(mux *http.ServeMux) {
	mux.HandleFunc("GET /sockets", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, s.Sockets()) })
	mux.HandleFunc("GET /sockets/past", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, s.PastSockets()) })
	acts := map[string]func(id, reason string) error{
		"kill":       func(id, _ string) error { return s.Kill(id) },
		"freeze":     func(id, _ string) error { return s.Freeze(id) },
		"disconnect": s.Disconnect,
	}
	for name, do := range acts {
		mux.HandleFunc("POST /sockets/"+name, func(w http.ResponseWriter, r *http.Request) {
			control(w, r, func(a act) (any, error) { return s.Sockets(), s.eachSocket(a, do) })
		})
	}
}

func (s *Server) eachSocket(a act, do func(id, reason string) error) error {
	if a.Socket != "all" {
		return do(a.Socket, a.Reason)
	}
	for _, k := range s.Sockets() {
		if err := do(k.ID, a.Reason); err != nil {
			return err
		}
	}
	return nil
}

// control reads a JSON body, does something with it and writes the result.
func control[T any](w http.ResponseWriter, r *http.Request, do func(T) (any, error)) {
	var body T
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		writeJSON(w, http.StatusUnsupportedMediaType, object{"error": "send application/json"})
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&body); err != nil {
		writeJSON(w, http.StatusBadRequest, object{"error": "reading the body: " + err.Error()})
		return
	}
	answer, err := do(body)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, object{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func (s *Server) controlMessage(a act) (any, error) {
	m, d := s.As(a.User).Reply(a.Channel, a.ThreadTS, a.Text)
	return object{"message": m, "delivery": d}, nil
}

// target finds the element an act is about.
func (s *Server) target(a act) (*Action, error) {
	p := s.As(a.User)
	if a.TS == "" {
		v := s.targetView(a)
		if v == nil {
			return nil, fmt.Errorf("%s has no such view open", a.User)
		}
		return within(v.Action(a.Action), v.Blocks, a), nil
	}
	for _, m := range p.Sees(a.Channel) {
		if m.TS == a.TS {
			return within(m.Action(a.Action), m.Blocks, a), nil
		}
	}
	return nil, fmt.Errorf("%s sees no message %s in %s", a.User, a.TS, a.Channel)
}

// within narrows an action to a block, for action_ids that several blocks use.
func within(found *Action, blocks []object, a act) *Action {
	for _, b := range blocks {
		if a.BlockID != "" && str(b, "block_id") == a.BlockID {
			found.problem = ""
			return find(found, []object{b}, a.Action)
		}
	}
	return found
}

func (s *Server) targetView(a act) *View {
	p := s.As(a.User)
	if home := p.Home(); home != nil && (a.View == "home" || a.View == home.ID) {
		return home
	}
	return p.Modal()
}

func (s *Server) controlAction(a act) (any, error) {
	found, err := s.target(a)
	if err != nil {
		return nil, err
	}
	if err := found.fillIn(a.Values); err != nil {
		return nil, err
	}
	return found.Choose(a.Value), nil
}

func (s *Server) controlSuggest(a act) (any, error) {
	found, err := s.target(a)
	if err != nil {
		return nil, err
	}
	options, d := found.Suggest(a.Query)
	return object{"options": options, "delivery": d}, nil
}

func (s *Server) controlSubmit(a act) (any, error) {
	v := s.As(a.User).Modal()
	if v == nil {
		return nil, fmt.Errorf("%s has no form open", a.User)
	}
	return v.Submit(a.Values), nil
}

func (s *Server) controlShortcut(a act) (any, error) {
	p := s.As(a.User).In(a.Channel)
	if a.TS == "" {
		return p.Shortcut(a.Callback), nil
	}
	for _, m := range p.Sees(a.Channel) {
		if m.TS == a.TS {
			return m.Shortcut(a.Callback), nil
		}
	}
	return nil, fmt.Errorf("%s sees no message %s in %s", a.User, a.TS, a.Channel)
}

func (s *Server) controlClose(a act) (any, error) {
	v := s.As(a.User).Modal()
	if v == nil {
		return nil, fmt.Errorf("%s has no form open", a.User)
	}
	return v.close(a.All), nil
}

// controlWait lists messages that contain a text, waiting for one as long as the request's "wait" says.
func (s *Server) controlWait(w http.ResponseWriter, r *http.Request, current func() []Message) {
	found := []Message{}
	look := func() bool {
		found = slices.DeleteFunc(current(), func(m Message) bool { return !m.contains(r.FormValue("contains")) })
		return len(found) > 0
	}
	s.waitOrNot(r, look)
	writeJSON(w, http.StatusOK, append([]Message{}, found...))
}

func (s *Server) waitOrNot(r *http.Request, look func() bool) {
	patience, _ := time.ParseDuration(r.FormValue("wait"))
	ctx, cancel := context.WithTimeout(r.Context(), min(patience, time.Minute))
	defer cancel()
	_ = s.Wait(ctx, look)
}

// contains reports whether a text stands anywhere in the message.
func (m *Message) contains(words string) bool {
	return strings.Contains(m.Text, words) || containsText(m.Blocks, words)
}

// controlMentions tells who is mentioned where.
func (s *Server) controlMentions(w http.ResponseWriter, r *http.Request) {
	type mention struct {
		Message  Message  `json:"message"`
		Mentions []string `json:"mentions"`
	}
	found := []mention{}
	s.waitOrNot(r, func() bool {
		found = []mention{}
		for _, m := range s.Mentioning(r.FormValue("user"), r.FormValue("channel"), r.FormValue("thread")) {
			found = append(found, mention{m, m.Mentions()})
		}
		return len(found) > 0
	})
	writeJSON(w, http.StatusOK, found)
}

// containsText looks for words in what blocks show.
func containsText(value any, words string) bool {
	switch v := value.(type) {
	case []object:
		return slices.ContainsFunc(v, func(o object) bool { return containsText(o, words) })
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return containsText(item, words) })
	case object:
		for _, item := range v {
			if containsText(item, words) {
				return true
			}
		}
	case string:
		return strings.Contains(v, words)
	}
	return false
}

func (s *Server) controlViews(w http.ResponseWriter, r *http.Request) {
	p := s.As(r.FormValue("user"))
	var modal, home *View
	s.waitOrNot(r, func() bool { modal, home = p.Modal(), p.Home(); return modal != nil })
	writeJSON(w, http.StatusOK, object{"modal": modal, "home": home})
}
