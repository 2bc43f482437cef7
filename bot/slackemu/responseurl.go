package slackemu

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	replyUses = 5
	replyLife = 30 * time.Minute
)

// replyURL is a response_url: what it answers, and how often it may still be used.
type replyURL struct {
	user    string
	channel string
	source  string // the message whose button was pressed; empty for a command
	thread  string // the thread that message is in
	secret  string
	left    int
	until   time.Time

	envelope string // of the act that it came with
}

// newReply makes a response_url. The caller holds s.mu.
func (s *Server) newReply(r replyURL) string {
	now := s.opts.Now()
	s.repliesFull = forget(s.replies, s.repliesFull, func(old *replyURL) bool { return now.After(old.until.Add(replyLife)) })
	id := s.newID("")
	r.secret, r.left, r.until = s.secret(), replyUses, now.Add(replyLife)
	s.replies[id] = &r
	return s.replyBase() + "/response/" + s.opts.TeamID + "/" + id + "/" + r.secret
}

// forget drops what is old when there is as much as full says, and returns when to do so
// again: looking at each of many for each new one would take ever longer.
func forget[V any](all map[string]V, full int, old func(V) bool) int {
	if len(all) < max(full, keptSecrets) {
		return full
	}
	maps.DeleteFunc(all, func(_ string, v V) bool { return old(v) })
	return 2 * len(all)
}

// replyBase is where a response_url points: Options.BaseURL or, without it, the address the app used to connect.
func (s *Server) replyBase() string {
	if s.opts.BaseURL != "" {
		return strings.TrimSuffix(s.opts.BaseURL, "/")
	}
	return s.reachedAt
}

func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	fault, struck := s.methodFault("response_url")
	if struck && !fault.After && s.misbehave(w, r, "response_url", fault) {
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err == nil {
		err = s.useReply(r.PathValue("id"), r.PathValue("secret"), text)
	}
	if struck && fault.After && s.misbehave(w, r, "response_url", fault) {
		return
	}
	if err != nil {
		status := http.StatusBadRequest
		if word := err.Error(); word == "used_url" || word == "expired_url" || word == "invalid_url" {
			status = http.StatusNotFound
		}
		s.record("response_url", status, err.Error())
		writeJSON(w, status, failure(err))
		return
	}
	s.record("response_url", http.StatusOK, "")
	writeJSON(w, http.StatusOK, object{"ok": true})
}

func (s *Server) useReply(id, secret string, text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.replies[id]
	switch {
	case r == nil || r.secret != secret:
		return refuse("invalid_url")
	case s.opts.Now().After(r.until):
		return refuse("expired_url")
	case r.left <= 0:
		return refuse("used_url")
	}
	if err := s.reply(r, text); err != nil {
		return err
	}
	r.left--
	s.answered(r.envelope)
	return nil
}

// answer is what an app sends to a response_url or with the ack of a command
// (https://api.slack.com/interactivity/handling#message_responses).
type answer struct {
	Text            string `json:"text"`
	Blocks          any    `json:"blocks"`
	ResponseType    string `json:"response_type"`
	ReplaceOriginal any    `json:"replace_original"`
	DeleteOriginal  any    `json:"delete_original"`
	ThreadTS        string `json:"thread_ts"`
}

// reply carries an answer out. The caller holds s.mu.
func (s *Server) reply(r *replyURL, text []byte) error {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return refuse("invalid_payload")
	}
	if yes(a.DeleteOriginal) {
		return s.deleteSource(r)
	}
	m, err := s.answerContent(text, a)
	if err != nil {
		return err
	}
	if yes(a.ReplaceOriginal) && r.source != "" {
		return s.replaceSource(r, m)
	}
	m.Channel, m.ThreadTS, m.Answers = r.channel, a.ThreadTS, r.envelope
	if a.ResponseType != "in_channel" {
		m.EphemeralFor = r.user
	}
	s.add(m)
	return nil
}

// yes accepts true as a boolean and, as Slack does, as text.
func yes(value any) bool { return value == true || value == "true" }

func (s *Server) answerContent(text []byte, a answer) (Message, error) {
	m := Message{User: UserBot, FromApp: true, Text: a.Text}
	whole, err := decode(text)
	if err != nil {
		return m, refuse("invalid_payload")
	}
	sent, _ := whole.(object)
	if blocks := sent["blocks"]; blocks != nil {
		if m.Blocks, err = s.messageBlocks(blocks); err != nil {
			return m, err
		}
	}
	switch {
	case len(m.Blocks) == 0 && strings.TrimSpace(m.Text) == "":
		return m, refuse("no_text")
	case length(m.Text) > postLimit:
		return m, refuse("msg_too_long")
	}
	return m, nil
}

func (s *Server) deleteSource(r *replyURL) error {
	if r.source == "" || s.find(r.channel, r.source) == nil {
		return refuse("message_not_found")
	}
	s.remove(r.channel, r.source)
	return nil
}

// replaceSource puts new content into the message whose button was pressed.
func (s *Server) replaceSource(r *replyURL, m Message) error {
	old := s.find(r.channel, r.source)
	if old == nil {
		return refuse("message_not_found")
	}
	changed := *old
	changed.Text, changed.Blocks = m.Text, slices.Clone(m.Blocks)
	if changed.EphemeralFor == "" {
		changed.EditedTS = s.stamp()
	}
	s.replace(changed)
	return nil
}
