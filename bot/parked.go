package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Parked is an entry of the inbox that was put aside: it failed too often by itself.
type Parked struct {
	ID       string // such as presses/1796342400000-0
	Envelope Envelope
	PutAt    time.Time // when it was kept
	ParkedAt time.Time
	Because  string // why the last try failed, which may be many lines
}

// ErrNotParked: there is no such entry, or somebody else has taken it.
var ErrNotParked = errors.New("nothing is parked under that id")

// parkedPage is how many entries are read at once.
const parkedPage = 200

// Parked hands out all entries that were put aside, presses first, the oldest first.
func (i *Inbox) Parked(ctx context.Context, each func(Parked) error) error {
	for _, stream := range i.streams {
		if err := i.parkedIn(ctx, stream, each); err != nil {
			return err
		}
	}
	return nil
}

func (i *Inbox) parkedIn(ctx context.Context, stream string, each func(Parked) error) error {
	for from := "-"; ; {
		page, err := i.config.Redis.XRangeN(ctx, parkedKey(stream), from, "+", parkedPage).Result()
		if err != nil {
			return fmt.Errorf("reading what is parked: %w", err)
		}
		for _, m := range page {
			if err := each(newParked(stream, m)); err != nil {
				return err
			}
			from = "(" + m.ID
		}
		if len(page) < parkedPage {
			return nil
		}
	}
}

// FindParked is one of them; ErrNotParked where there is none.
func (i *Inbox) FindParked(ctx context.Context, id string) (Parked, error) {
	stream, entry, err := i.parkedEntry(id)
	if err != nil {
		return Parked{}, err
	}
	found, err := i.config.Redis.XRange(ctx, parkedKey(stream), entry, entry).Result()
	switch {
	case err != nil:
		return Parked{}, fmt.Errorf("reading what is parked: %w", err)
	case len(found) == 0:
		return Parked{}, ErrNotParked
	}
	return newParked(stream, found[0]), nil
}

// Retry puts an entry back into its lane, as if it had not been tried: once, also where
// several want it. ErrNotParked where there is none.
func (i *Inbox) Retry(ctx context.Context, id string) error { return i.unpark(ctx, id, "retry") }

// Drop removes an entry for good. ErrNotParked where there is none.
func (i *Inbox) Drop(ctx context.Context, id string) error { return i.unpark(ctx, id, "drop") }

func (i *Inbox) unpark(ctx context.Context, id, how string) error {
	stream, entry, err := i.parkedEntry(id)
	if err != nil {
		return err
	}
	done, err := unparkScript.Run(ctx, i.config.Redis, []string{parkedKey(stream), stream}, entry, how).Bool()
	switch {
	case err != nil:
		return fmt.Errorf("changing what is parked: %w", err)
	case !done:
		return ErrNotParked
	}
	return nil
}

// parkedEntry takes an id apart.
func (i *Inbox) parkedEntry(id string) (stream, entry string, err error) {
	lane, entry, _ := strings.Cut(id, "/")
	at := slices.IndexFunc(i.streams, func(stream string) bool { return laneName(stream) == lane })
	if ms, serial, _ := strings.Cut(entry, "-"); at < 0 || !digits(ms) || !digits(serial) {
		return "", "", ErrNotParked
	}
	return i.streams[at], entry, nil
}

func digits(s string) bool {
	return s != "" && len(s) < 20 && strings.Trim(s, "0123456789") == ""
}

// laneName is how people call a lane: "presses".
func laneName(stream string) string { return stream[strings.LastIndex(stream, ":")+1:] }

func newParked(stream string, m redis.XMessage) Parked {
	text := func(name string) string { s, _ := m.Values[name].(string); return s }
	e := newEntry(nil, cmp.Or(text("parked_id"), m.ID), 1, m.Values)
	return Parked{
		ID: laneName(stream) + "/" + m.ID, Envelope: e.Envelope, PutAt: e.PutAt, ParkedAt: putAt(m.ID), Because: text("parked_because"),
	}
}

// secretFields are what lets whoever reads a payload answer in the bot's name.
var secretFields = []string{"token", "response_url", "response_urls", "trigger_id"}

// Shown is the payload for people to read: without what lets them act in the bot's name.
func (e Envelope) Shown() json.RawMessage {
	var payload any
	if json.Unmarshal(e.Payload, &payload) != nil {
		return nil
	}
	shown, err := json.Marshal(withoutSecrets(payload))
	if err != nil {
		panic(err) // it was JSON
	}
	return shown
}

func withoutSecrets(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = withoutSecrets(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = withoutSecrets(v[name])
			if slices.Contains(secretFields, name) {
				delete(v, name)
			}
		}
	}
	return value
}

// Gist is who did what where, as far as an envelope says.
type Gist struct {
	User    string
	Channel string
	What    string // the command with its words, the button, the form or the event
}

// Gist reads it.
func (e Envelope) Gist() Gist {
	from, err := e.check()
	if err != nil {
		return Gist{What: e.Type}
	}
	var p struct {
		Command    string `json:"command"`
		Text       string `json:"text"`
		CallbackID string `json:"callback_id"`
		Actions    []struct {
			ActionID string `json:"action_id"`
		} `json:"actions"`
		View struct {
			CallbackID string `json:"callback_id"`
		} `json:"view"`
		Event struct {
			Type string `json:"type"`
			Text string `json:"text"`
		} `json:"event"`
	}
	_ = json.Unmarshal(e.Payload, &p) // what cannot be read is left out
	what := []string{from.Type, p.Command, p.Text, p.CallbackID, p.View.CallbackID, p.Event.Type, p.Event.Text}
	for _, a := range p.Actions {
		what = append(what, a.ActionID)
	}
	what = slices.DeleteFunc(what, func(s string) bool { return s == "" })
	return Gist{User: e.Actor(), Channel: cmp.Or(from.address().Channel, from.Event.Channel.ID), What: strings.Join(what, " ")}
}
