package handlers

import (
	"encoding/json"
	"fmt"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
)

// Draft is a command that waits for one more word from the person: it rides in
// a button's value or a form's private metadata, so that nothing is typed twice.
// Nothing in it is trusted: it is read like a command of whoever presses.
type Draft struct {
	Verb     string `json:"v"`
	Instance string `json:"i,omitempty"`
	Request  int64  `json:"r,omitempty"`
	At       int64  `json:"t,omitempty"` // Unix seconds; 0: not chosen
	Reason   string `json:"w,omitempty"`
	Channel  string `json:"c,omitempty"`
	Phrase   string `json:"p,omitempty"` // a time that was typed and is not read yet
	Page     int    `json:"n,omitempty"` // of a list, from 0
}

func (d Draft) value() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(text)
}

// at returns the draft with a time chosen.
func (d Draft) at(t time.Time) Draft {
	d.At = t.Unix()
	return d
}

func parseDraft(value string) (Draft, error) {
	var d Draft
	if err := json.Unmarshal([]byte(value), &d); err != nil || d.Verb == "" {
		return d, fmt.Errorf("a button carries no command")
	}
	return d, nil
}

// draftOf asks for the same again.
func draftOf(r approvals.Request) Draft {
	return Draft{Verb: "upgrade", Instance: reference(r.Target), Reason: r.Reason, Channel: r.Channel}
}

// reference names a request's instance so that find knows it again.
func reference(t approvals.Target) string {
	return Instance{Project: t.Project, Shared: t.Shared, Instance: client.Instance{Name: t.Name, ServerID: t.ServerID}}.reference()
}
