package slackemu

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pageState is what the page shows to one person: everything but the messages as it stands, and of the messages those
// that changed after the state that the page has.
type pageState struct {
	Cursor      string         `json:"cursor"` // names this state, for the next request's "after"
	Whole       bool           `json:"whole"`  // Messages are all there are
	Now         time.Time      `json:"now"`
	Me          string         `json:"me"`
	Bot         string         `json:"bot"`
	AppName     string         `json:"app_name"`
	Connected   int            `json:"connected"` // sockets the app holds
	Placeholder string         `json:"placeholder"`
	Users       []User         `json:"users"`
	Groups      []UserGroup    `json:"groups"`
	Channels    []pageChannel  `json:"channels"`
	Messages    []Message      `json:"messages"`
	Removed     []removal      `json:"removed"`
	Modal       *View          `json:"modal"`
	Home        *View          `json:"home"`
	HomeTab     bool           `json:"home_tab"` // the app has one
	Commands    []SlashCommand `json:"commands"`
	Hints       []Hint         `json:"hints"`
	Shortcuts   []Shortcut     `json:"shortcuts"`
	Panel       bool           `json:"panel"` // whether the embedder's panel is to be loaded
}

// pageChannel is a channel with what the page would have to find out about it.
type pageChannel struct {
	Channel
	Kind   string `json:"kind"`
	Shared bool   `json:"shared"` // with another workspace
}

// removal is a message that is gone since a version of the workspace.
type removal struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	version int
}

func (s *Server) servePageState(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, s.pageState(r.FormValue("as"), r.FormValue("after")))
}

// pageState returns what a person sees, with the messages that changed after a cursor; all of them where the cursor is
// not one of this workspace's.
func (s *Server) pageState(user, after string) pageState {
	s.mu.Lock()
	if s.users[user] == nil {
		user = s.userIDs[0]
	}
	since, now := s.versionOf(after), s.version
	state := pageState{
		Cursor: fmt.Sprintf("%s.%d", s.born, now), Whole: since == 0, Me: user, Connected: len(s.sockets),
		Groups: slices.Clone(s.groups), Removed: s.removedSince(since),
	}
	locale := s.users[user].Locale
	s.mu.Unlock()
	state.Users, state.Channels, state.Messages = s.Users(), s.channelsFor(user), []Message{}
	for _, c := range state.Channels {
		state.Messages = append(state.Messages, s.visibleBetween(since, now, c.ID, user)...)
	}
	p := s.As(user)
	state.Modal, state.Home = p.Modal(), p.Home()
	s.addOptions(&state, locale)
	return state
}

// addOptions adds what never changes, and what the embedder says.
func (s *Server) addOptions(state *pageState, locale string) {
	state.Now, state.Bot, state.AppName, state.Placeholder = s.opts.Now(), UserBot, s.opts.Manifest.name(), s.opts.Placeholder
	features := s.opts.Manifest.Features
	state.HomeTab = features.Home.HomeTab
	state.Commands, state.Shortcuts = append([]SlashCommand{}, features.Commands...), append([]Shortcut{}, features.Shortcuts...)
	state.Panel, state.Hints = s.opts.Panel != nil, []Hint{}
	if s.opts.Hints != nil {
		state.Hints = s.opts.Hints(locale)
	}
}

// versionOf reads a cursor; 0 where there is none, or one of another workspace. The caller holds s.mu.
func (s *Server) versionOf(cursor string) int {
	born, number, _ := strings.Cut(cursor, ".")
	version, err := strconv.Atoi(number)
	if err != nil || born != s.born {
		return 0
	}
	return version
}

// removedSince returns what was removed after a version; nothing to a page that has nothing. The caller holds s.mu.
func (s *Server) removedSince(version int) []removal {
	at := len(s.removed)
	for version > 0 && at > 0 && s.removed[at-1].version > version {
		at--
	}
	return append([]removal{}, s.removed[at:]...)
}

// visibleBetween returns the messages of a channel that a person sees and that came to stand as they do after a version,
// but not after another: those are for the next request.
func (s *Server) visibleBetween(after, until int, channel, user string) []Message {
	return slices.DeleteFunc(s.visible(channel, user), func(m Message) bool { return m.version <= after || m.version > until })
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
