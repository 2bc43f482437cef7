package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"time"
)

// ErrCannotSearch says that the token may not read the channel's history.
var ErrCannotSearch = errors.New("the channel's history cannot be read")

// Slack gives at most searchLimit messages of a history on a page, and may give fewer
// (https://docs.slack.dev/apis/web-api/pagination). No more than searchPages are read.
const (
	searchLimit = 200
	searchPages = 10
)

// FindMarked looks for a message of ours by its metadata's "id", in a channel or
// in the thread of a message: its timestamp, or "" when it is not there.
func (s *Sender) FindMarked(ctx context.Context, channel, thread, eventType, id string, since time.Time) (string, error) {
	method, form := "conversations.history", url.Values{
		"token": {s.token}, "channel": {channel}, "include_all_metadata": {"1"},
		"limit": {strconv.Itoa(searchLimit)}, "oldest": {strconv.FormatInt(since.Unix(), 10)},
	}
	if thread != "" {
		method = "conversations.replies"
		form.Set("ts", thread)
	}
	for range searchPages {
		found, err := s.history(ctx, method, form)
		if Permanent(err) {
			return "", ErrCannotSearch
		}
		if err != nil {
			return "", err
		}
		if ts := found.marked(eventType, id); ts != "" || found.Next.Cursor == "" {
			return ts, nil
		}
		form.Set("cursor", found.Next.Cursor)
	}
	return "", nil
}

// history is a page of messages. They are anybody's: what is of another type than ours
// in one of them keeps none of the others from being read.
type history struct {
	OK       bool              `json:"ok"`
	Error    string            `json:"error"`
	Messages []json.RawMessage `json:"messages"`
	Next     struct {
		Cursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

func (s *Sender) history(ctx context.Context, method string, form url.Values) (page history, err error) {
	err = s.once(ctx, method, "", func(ctx context.Context) error {
		answer, err := s.post(ctx, method, []byte(form.Encode()))
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		err = json.NewDecoder(answer.Body).Decode(&page)
		return verdictOf(page.OK && page.Messages != nil, page.Error, err)
	})
	return page, err
}

// marked is the timestamp of the message with that mark.
func (h history) marked(eventType, id string) string {
	for _, text := range h.Messages {
		var m struct {
			TS       string `json:"ts"`
			Metadata struct {
				EventType    string `json:"event_type"`
				EventPayload struct {
					ID string `json:"id"`
				} `json:"event_payload"`
			} `json:"metadata"`
		}
		if json.Unmarshal(text, &m) == nil && m.Metadata.EventType == eventType && m.Metadata.EventPayload.ID == id {
			return m.TS
		}
	}
	return ""
}
