package slackemu

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"time"
)

//go:embed page
var pageFiles embed.FS

// routePage serves the page at "/", its files and its own API below /_page/.
func (s *Server) routePage(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	serve := http.FileServerFS(files)
	mux.Handle("GET /{$}", secured(serve))
	mux.Handle("GET /_page/files/", secured(http.StripPrefix("/_page/files/", serve)))
	mux.HandleFunc("GET /_page/state", s.servePageState)
	mux.HandleFunc("GET /_page/changes", s.serveChanges)
	mux.HandleFunc("POST /_page/tool", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(a toolCall) (any, error) { return s.runTool(r, a.Name) })
	})
	if s.opts.Panel != nil {
		mux.Handle("/_panel/", secured(http.StripPrefix("/_panel", s.opts.Panel)))
	}
	acts := http.NewServeMux()
	s.routeActs(acts)
	mux.Handle("POST /_page/act/", http.StripPrefix("/_page/act", acts))
}

// secured allows the page nothing but its own files, so that text from people could not run as code even if it got into
// the markup.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-cache")
		h.ServeHTTP(w, r)
	})
}

type toolCall struct {
	Name string `json:"name"`
}

func (s *Server) runTool(r *http.Request, name string) (any, error) {
	for _, t := range s.opts.Tools {
		if t.Name == name && t.Run != nil {
			text, err := t.Run(r.Context())
			s.Changed()
			return object{"text": text}, err
		}
	}
	return nil, fmt.Errorf("there is no tool %q", name)
}

// Changed makes open pages look again, for instance because what Note returns has changed.
func (s *Server) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch()
}

// pageState is everything the page shows to one person.
type pageState struct {
	Version     int                  `json:"version"`
	Now         time.Time            `json:"now"`
	Me          string               `json:"me"`
	Bot         string               `json:"bot"`
	AppName     string               `json:"app_name"`
	Connected   int                  `json:"connected"` // sockets the app holds
	Placeholder string               `json:"placeholder"`
	Users       []User               `json:"users"`
	Groups      []UserGroup          `json:"groups"`
	Channels    []pageChannel        `json:"channels"`
	Messages    map[string][]Message `json:"messages"`
	Modal       *View                `json:"modal"`
	Home        *View                `json:"home"`
	Note        string               `json:"note"`
	Tools       []pageTool           `json:"tools"`
	Shortcuts   []Shortcut           `json:"shortcuts"`
	Panel       bool                 `json:"panel"` // whether the embedder's panel is to be loaded
}

// pageChannel is a channel with what the page would have to find out about it.
type pageChannel struct {
	Channel
	Kind   string `json:"kind"`
	Shared bool   `json:"shared"` // with another workspace
}

type pageTool struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Help  string `json:"help"`
}

func (s *Server) servePageState(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, s.pageState(r.FormValue("as")))
}

func (s *Server) pageState(user string) pageState {
	s.mu.Lock()
	if s.users[user] == nil {
		user = s.userIDs[0]
	}
	state := pageState{Version: s.version, Me: user, Connected: len(s.sockets), Groups: slices.Clone(s.groups)}
	s.mu.Unlock()
	p := s.As(user)
	state.Now, state.Bot, state.AppName, state.Placeholder = s.opts.Now(), UserBot, s.opts.Manifest.name(), s.opts.Placeholder
	state.Users, state.Channels, state.Messages = s.Users(), s.channelsFor(user), map[string][]Message{}
	for _, c := range state.Channels {
		state.Messages[c.ID] = s.visible(c.ID, user)
	}
	state.Panel = s.opts.Panel != nil
	state.Shortcuts = append([]Shortcut{}, s.opts.Manifest.Features.Shortcuts...)
	state.Modal, state.Home, state.Tools = p.Modal(), p.Home(), []pageTool{}
	for _, t := range s.opts.Tools {
		state.Tools = append(state.Tools, pageTool{t.Name, t.Title, t.Help})
	}
	if s.opts.Note != nil {
		state.Note = s.opts.Note()
	}
	return state
}

// channelsFor returns the channels that a person can open.
func (s *Server) channelsFor(user string) []pageChannel {
	all := s.Channels()
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []pageChannel{}
	for _, c := range all {
		if s.opens(user, &c) {
			found = append(found, pageChannel{c, c.kind(), s.sharedOutside(&c)})
		}
	}
	return found
}

// serveChanges sends a line for each change, as server-sent events.
func (s *Server) serveChanges(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		changed := s.nextChange()
		if _, err := fmt.Fprint(w, "data: changed\n\n"); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		}
	}
}
