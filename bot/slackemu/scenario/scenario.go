// Package scenario is one story of an app in Slack, in scenario.json: what is done in each step, what Slack documents
// for it, and what is then to be seen on the wire and in the workspace. [Run] plays it to any app; an app on slack-go
// (in this package's tests) and one on @slack/bolt (../bolttest) must both come through.
//
// Each scene has a workspace and an app of its own. An act is a request to the control API
// (see slackemu.Server.Control), and what is expected is written in part:
//
//	an object   holds at least these fields; null is absent or null
//	a list      begins with these items
//	"*"         any text but the empty one
//	"~words"    a text with these words in it
//	"$name"     what an earlier step kept under that name
//
// Expected frames and calls are looked for in their order; others may stand between them.
package scenario

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"cbhbot/bot/slackemu"
)

//go:embed scenario.json
var scenesFile []byte

// Manifest is that of the app.
//
//go:embed manifest.yaml
var Manifest []byte

// scene is a part of the story.
type scene struct {
	Name      string    `json:"scene"`
	Workspace workspace `json:"workspace"`
	Steps     []step    `json:"steps"`
}

// workspace says how that of a scene differs from the default one.
type workspace struct {
	Grid        string     `json:"grid"` // the organisation's id
	RateLimits  bool       `json:"rate_limits"`
	AckTimeout  duration   `json:"ack_timeout"`
	RetryDelays []duration `json:"retry_delays"`
	WarningLead duration   `json:"warning_lead"`
}

// step is an act and what it causes. What is left out is not looked at.
type step struct {
	Name    string   `json:"step"`
	Slack   string   `json:"slack"`  // what Slack documents
	Source  []string `json:"source"` // where
	Do      string   `json:"do"`     // a verb and a path of the control API; "" is to wait only
	With    any      `json:"with"`   // its body
	Answer  any      `json:"answer"`
	Keep    names    `json:"keep"` // of the answer
	Wire    []frame  `json:"wire"`
	Acks    []any    `json:"acks"`
	Calls   []call   `json:"calls"`
	Sees    []sight  `json:"sees"`
	Modal   *view    `json:"modal"`
	Home    *view    `json:"home"`
	Sockets int      `json:"sockets"` // that are open, none of which was when the step before ended
}

// names say what is kept: by its name, where it is found, such as "message.ts".
type names map[string]string

// frame is one that the app is sent.
type frame struct {
	Frame any   `json:"frame"`
	Keep  names `json:"keep"`
}

// call is one to the Web API, or to a response_url.
type call struct {
	Method string   `json:"method"`
	Status int      `json:"status"`
	Error  string   `json:"error"`
	After  duration `json:"after"` // at least so long after the one expected before it
}

// sight is a message that somebody sees in a conversation, or, with None, does not see.
type sight struct {
	As      string `json:"as"`
	In      string `json:"in"`
	Message any    `json:"message"`
	None    bool   `json:"none"`
	Keep    names  `json:"keep"`
}

// view is what somebody's topmost modal, or home tab, becomes; nothing with null.
type view struct {
	As   string `json:"as"`
	View any    `json:"view"`
}

type duration time.Duration

// UnmarshalJSON reads "1.5s".
func (d *duration) UnmarshalJSON(text []byte) error {
	var words string
	if err := json.Unmarshal(text, &words); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(words)
	*d = duration(parsed)
	return err
}

// options make the workspace.
func (w workspace) options() (slackemu.Options, error) {
	app, err := slackemu.ReadManifest(Manifest)
	if err != nil {
		return slackemu.Options{}, fmt.Errorf("the scenario's app: %w", err)
	}
	o := slackemu.Options{
		Manifest: &app, RateLimits: w.RateLimits,
		AckTimeout: time.Duration(w.AckTimeout), WarningLead: time.Duration(w.WarningLead),
	}
	if w.Grid != "" {
		o.Grid = slackemu.Grid{ID: w.Grid, Name: "An organisation"}
	}
	for _, d := range w.RetryDelays {
		o.RetryDelays = append(o.RetryDelays, time.Duration(d))
	}
	return o, nil
}
