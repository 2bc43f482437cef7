package cbhemu

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// Control returns the control API, to be mounted on a path of its own (with
// http.StripPrefix). Bodies and answers are JSON; an error is {"error": "…"}
// with status 400.
//
//	GET /state                      {now, project, seeds, behaviour}
//	GET /instances                  all, as they are at this moment
//	PUT /instances  [Instance…]     instead of the present ones
//	POST /instances  Instance       adds one, or changes that of the same name
//	DELETE /instances/{name}
//	POST /switch  {name}            makes the standby of a pair its primary
//	POST /seed  {seed}              loads a scenario
//	GET /requests  ?op=&op=         the log
//	DELETE /requests
//	GET /faults   POST /faults  Fault   DELETE /faults
//	GET /behaviour   PUT /behaviour  Behaviour
//	POST /tokens/expire   POST /tokens/revoke
//	POST /advance  {by: "25h"}      if the clock is the server's own
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	s.controlInstances(mux)
	s.controlWire(mux)
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) {
		say(w, object{"now": s.Now(), "project": s.project, "seeds": Seeds(), "behaviour": s.Behaviour()})
	})
	mux.HandleFunc("GET /behaviour", func(w http.ResponseWriter, _ *http.Request) { say(w, s.Behaviour()) })
	handle(mux, "PUT /behaviour", func(b Behaviour) error { s.SetBehaviour(b); return nil })
	handle(mux, "POST /tokens/expire", func(struct{}) error { s.ExpireTokens(); return nil })
	handle(mux, "POST /tokens/revoke", func(struct{}) error { s.RevokeTokens(); return nil })
	handle(mux, "POST /advance", s.controlAdvance)
	return mux
}

func (s *Server) controlInstances(mux *http.ServeMux) {
	mux.HandleFunc("GET /instances", func(w http.ResponseWriter, _ *http.Request) { say(w, s.Instances()) })
	handle(mux, "PUT /instances", func(all []Instance) error { s.Replace(all); return nil })
	handle(mux, "POST /instances", func(i Instance) error {
		if i.Name == "" {
			return errors.New("an instance needs a name")
		}
		s.Put(i)
		return nil
	})
	mux.HandleFunc("DELETE /instances/{name}", func(w http.ResponseWriter, r *http.Request) {
		s.Remove(r.PathValue("name"))
		say(w, object{})
	})
	handle(mux, "POST /switch", func(body struct{ Name string }) error { s.SwitchRoles(body.Name); return nil })
	handle(mux, "POST /seed", func(body struct{ Seed string }) error { return s.Load(body.Seed) })
}

func (s *Server) controlWire(mux *http.ServeMux) {
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, r *http.Request) { say(w, s.Requests(r.URL.Query()["op"]...)) })
	mux.HandleFunc("DELETE /requests", func(w http.ResponseWriter, _ *http.Request) { s.ForgetRequests(); say(w, object{}) })
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { say(w, s.Faults()) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) { s.ClearFaults(); say(w, object{}) })
	handle(mux, "POST /faults", func(f Fault) error { s.Fault(f); return nil })
}

func (s *Server) controlAdvance(body struct{ By Duration }) error {
	if !s.Advance(time.Duration(body.By)) {
		return errors.New("the clock is not this server's own")
	}
	return nil
}

// handle serves an action whose body is of type T; no body is its zero value.
func handle[T any](mux *http.ServeMux, pattern string, do func(T) error) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var body T
		var err error
		if r.ContentLength != 0 {
			decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
			decoder.DisallowUnknownFields()
			err = decoder.Decode(&body)
		}
		if err == nil {
			err = do(body)
		}
		if err != nil {
			jsonReply(http.StatusBadRequest, object{"error": err.Error()}).write(w, time.Now())
			return
		}
		say(w, object{})
	})
}

func say(w http.ResponseWriter, body any) { ok(body).write(w, time.Now()) }
