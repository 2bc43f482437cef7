package bot

import (
	"context"
	"slices"

	"github.com/slack-go/slack"
)

// Channel is what is known of a conversation, as it was at most a minute ago: nothing where
// the token may not look.
type Channel struct {
	Name     string // without #; "" of a direct one
	Private  bool   // only its members see it
	Direct   bool   // of two, or of a group without a name
	Shared   bool   // people of another company are in it
	Member   bool   // the bot is in it
	Archived bool   // nobody can write to it
}

// Channel looks at a conversation (conversations.info). Whether the token may look is
// the choice of whoever installed the app: channels:read, groups:read and mpim:read are
// optional.
func (s *Sender) Channel(ctx context.Context, id string) (Channel, error) {
	return s.channels.get(ctx, id, func(ctx context.Context) (Channel, error) {
		channel, err := s.LookAtChannel(ctx, id)
		if Permanent(err) {
			return Channel{}, nil
		}
		return channel, err
	})
}

// LookAtChannel is Channel as it is at this moment, and says why the token may not look.
func (s *Sender) LookAtChannel(ctx context.Context, id string) (Channel, error) {
	found, err := reading(ctx, s, "conversations.info", func(ctx context.Context) (*slack.Channel, error) {
		return s.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	})
	if err != nil {
		return Channel{}, err
	}
	direct := found.IsIM || found.IsMpIM
	return Channel{
		Name: found.Name, Private: found.IsPrivate || direct, Direct: direct, Shared: found.IsExtShared,
		Member: found.IsMember || direct, Archived: found.IsArchived,
	}, nil
}

// membersOf lists who is in a conversation, as it was at most a minute ago: nobody where
// the token may not look, or there are too many to list.
func (s *Sender) membersOf(ctx context.Context, channel string) ([]string, error) {
	return s.members.get(ctx, channel, func(ctx context.Context) ([]string, error) {
		members, err := s.listMembers(ctx, channel)
		if Permanent(err) {
			return nil, nil
		}
		return members, err
	})
}

const (
	memberPage  = 999 // https://docs.slack.dev/reference/methods/conversations.members
	memberPages = 10
)

func (s *Sender) listMembers(ctx context.Context, channel string) (members []string, err error) {
	page := slack.GetUsersInConversationParameters{ChannelID: channel, Limit: memberPage}
	for range memberPages {
		var ids []string
		var next string
		err = s.await(ctx, "conversations.members", true, func(ctx context.Context) error {
			ids, next, err = s.api.GetUsersInConversationContext(ctx, &page)
			return err
		})
		if err != nil {
			return nil, err
		}
		members = append(members, ids...)
		if next == "" {
			return members, nil
		}
		page.Cursor = next
	}
	return nil, nil
}

// Hidden reports whether a conversation certainly cannot be read by a member of the
// workspace: a private one by those who are not in it. Where the token may not look,
// nothing is certain.
func (s *Sender) Hidden(ctx context.Context, channel, user string) (bool, error) {
	c, err := s.Channel(ctx, channel)
	if err != nil || !c.Private {
		return false, err
	}
	members, err := s.membersOf(ctx, channel)
	return len(members) > 0 && !slices.Contains(members, user), err
}
