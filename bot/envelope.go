package bot

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cbhbot/bot/mrkdwn"
)

// Envelope is one Socket Mode delivery (deploy/docs/facts.md: Socket Mode).
type Envelope struct {
	ID       string          `json:"envelope_id"`
	Type     string          `json:"type"`              // slash_commands, interactive or events_api
	Payload  json.RawMessage `json:"payload,omitempty"` // without the blocks of what was pressed
	Received time.Time       `json:"received"`          // when this program read it
	Refused  bool            `json:"refused,omitempty"` // the ack said what is wrong with the form: it is still open, and no work

	from *origin // what check found, so that the payload is read once; nil before
}

// The envelope types that carry work.
const (
	TypeCommand     = "slash_commands"
	TypeInteractive = "interactive"
	TypeEvent       = "events_api"
)

// origin is what every payload says about where it comes from and who acted.
// Slack names the same things in different places.
type origin struct {
	Type         string  `json:"type"`
	TeamID       string  `json:"team_id"`
	APIAppID     string  `json:"api_app_id"`
	EventID      string  `json:"event_id"`
	TriggerID    string  `json:"trigger_id"`
	Text         string  `json:"text"`
	ResponseURL  string  `json:"response_url"`
	UserID       string  `json:"user_id"`
	ChannelID    string  `json:"channel_id"`
	Team         idField `json:"team"`
	User         idField `json:"user"`
	Channel      idField `json:"channel"`
	Enterprise   idField `json:"enterprise"`
	EnterpriseID string  `json:"enterprise_id"`

	// Whom an event is meant for, first of all the installation it was sent to.
	Authorizations []struct {
		TeamID       string `json:"team_id"`
		EnterpriseID string `json:"enterprise_id"`
	} `json:"authorizations"`
	View struct {
		InstalledTeam string `json:"app_installed_team_id"`
	} `json:"view"`
	Event struct {
		User    idField `json:"user"`
		Channel idField `json:"channel"`
	} `json:"event"`
}

// idField is an object with an id, or just the id, or null.
type idField struct{ ID string }

func (f *idField) UnmarshalJSON(data []byte) error {
	var object struct {
		ID string `json:"id"`
	}
	if data[0] == '{' {
		_ = json.Unmarshal(data, &object)
		f.ID = object.ID
		return nil
	}
	_ = json.Unmarshal(data, &f.ID) // neither: no id
	return nil
}

// asks reports whether a menu asks for its options: once for each letter that is typed,
// and where there is no answer, the menu says so itself.
func (o origin) asks() bool { return o.Type == "block_suggestion" }

// team is the workspace whose installation of the app is meant. A form's own team is
// that of whoever sent it (https://github.com/slackapi/bolt-js/issues/1614), an
// event's that of the channel's host
// (https://github.com/slackapi/java-slack-sdk/issues/629).
func (o origin) team() string {
	if len(o.Authorizations) > 0 && o.Authorizations[0].TeamID != "" {
		return o.Authorizations[0].TeamID
	}
	return cmp.Or(o.View.InstalledTeam, o.Team.ID, o.TeamID)
}

// enterprise is the organisation of that workspace; "" where there is none.
func (o origin) enterprise() string {
	if len(o.Authorizations) > 0 {
		return o.Authorizations[0].EnterpriseID
	}
	return cmp.Or(o.Enterprise.ID, o.EnterpriseID)
}

// address is whom to answer privately.
func (o origin) address() Address {
	return Address{
		ResponseURL: o.ResponseURL, User: cmp.Or(o.User.ID, o.UserID), Channel: cmp.Or(o.Channel.ID, o.ChannelID),
	}
}

// Actor is the id of whoever typed, pressed or is spoken of; "" where nobody is named.
func (e Envelope) Actor() string {
	from, err := e.check()
	if err != nil {
		return ""
	}
	return cmp.Or(from.address().User, from.Event.User.ID)
}

// sayer is whom to answer privately about an envelope; nobody where it brings no
// words, no press and no form of anybody.
func (e Envelope) sayer() (to Address, somebody bool) {
	if e.Type != TypeEvent {
		from, err := e.check()
		return from.address(), err == nil && from.address().User != ""
	}
	var wire struct {
		Event Event `json:"event"`
	}
	if decode(e.Payload, &wire) != nil || wire.Event.Text == "" || wire.Event.BotID != "" {
		return Address{}, false
	}
	return wire.Event.From(), wire.Event.User != ""
}

// unquoted takes a payload out of the JSON text that it may come as, which is
// how Slack sends it over HTTP.
func unquoted(payload json.RawMessage) json.RawMessage {
	var text string
	if len(payload) > 0 && payload[0] == '"' && json.Unmarshal(payload, &text) == nil && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return payload
}

// identity is what tells a repeated delivery, under whichever envelope_id: an
// event by its id, a command by its one-time trigger and who typed what, a press by its
// trigger and all it says. Commands have come twice
// (https://github.com/slackapi/bolt-js/issues/2188); one typed twice has another
// trigger.
func (e Envelope) identity(o origin) string {
	switch {
	case o.EventID != "":
		return o.EventID
	case o.TriggerID != "" && e.Type == TypeCommand:
		return digest([]byte(o.TriggerID + " " + o.UserID + " " + o.Text)) // a trigger gives a right, and is kept nowhere
	case o.TriggerID != "" && e.Type == TypeInteractive:
		return digest(e.Payload)
	}
	return e.ID
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// errShape says that an envelope is not one of those that carry work.
var errShape = errors.New("not an envelope that carries work")

// check looks at the shape only: a known type and an object as payload.
func (e Envelope) check() (origin, error) {
	if e.from != nil {
		return *e.from, nil
	}
	var o origin
	if e.ID == "" || (e.Type != TypeCommand && e.Type != TypeInteractive && e.Type != TypeEvent) {
		return o, errShape
	}
	if err := decode(e.Payload, &o); err != nil {
		return o, fmt.Errorf("%w: %w", errShape, err)
	}
	return o, o.named()
}

// named holds the ids of people and channels to what ids look like: they are put
// into messages, and keys, and calls.
func (o origin) named() error {
	for _, id := range []string{o.UserID, o.User.ID, o.Event.User.ID} {
		if id != "" && !mrkdwn.IsUser(id) {
			return fmt.Errorf("%w: %.40q names nobody", errShape, id)
		}
	}
	for _, id := range []string{o.ChannelID, o.Channel.ID, o.Event.Channel.ID} {
		if id != "" && !mrkdwn.IsChannel(id) {
			return fmt.Errorf("%w: %.40q names no channel", errShape, id)
		}
	}
	return nil
}

// encode is the envelope as json.Marshal gives it, but for the payload, which is
// taken as it came: check has read it.
func (e Envelope) encode() ([]byte, error) {
	payload := e.Payload
	e.Payload = nil
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	text = append(text[:len(text)-1], `,"payload":`...)
	return append(append(text, payload...), '}'), nil
}
