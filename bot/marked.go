package bot

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

// ErrCannotSearch says that the token may not read the channel's history.
var ErrCannotSearch = errors.New("the channel's history cannot be read")

// searchLimit is how many messages are looked through.
const searchLimit = 200

// FindMarked looks for a message of ours by its metadata's "id", in a channel or
// in the thread of a message: its timestamp, or "" when it is not there.
func (s *Sender) FindMarked(ctx context.Context, channel, thread, eventType, id string, since time.Time) (string, error) {
	messages, err := s.history(ctx, channel, thread, since)
	if err != nil {
		if Permanent(err) {
			return "", ErrCannotSearch
		}
		return "", err
	}
	for _, m := range messages {
		if m.Metadata.EventType == eventType && m.Metadata.EventPayload["id"] == id {
			return m.Timestamp, nil
		}
	}
	return "", nil
}

func (s *Sender) history(ctx context.Context, channel, thread string, since time.Time) (messages []slack.Message, err error) {
	oldest := strconv.FormatInt(since.Unix(), 10)
	if thread != "" {
		err = s.once(ctx, "conversations.replies", "", func(ctx context.Context) error {
			messages, _, _, err = s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: thread, Oldest: oldest, Limit: searchLimit, IncludeAllMetadata: true,
			})
			return err
		})
		return messages, err
	}
	err = s.once(ctx, "conversations.history", "", func(ctx context.Context) error {
		answer, err := s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: channel, Oldest: oldest, Limit: searchLimit, IncludeAllMetadata: true,
		})
		if err == nil {
			messages = answer.Messages
		}
		return err
	})
	return messages, err
}
