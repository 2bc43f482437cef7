package bot

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Changes passes on what Slack pushes about people and groups: one process is told,
// and all forget what they knew. What is lost on the way is forgotten by itself ten
// seconds after it was asked for.
type Changes struct {
	Redis  redis.UniversalClient
	Prefix string // of the keys
	Sender *Sender
}

// Of whom a change is.
const (
	changedUser  = "user "
	changedGroup = "group "
)

func (c *Changes) channel() string { return c.Prefix + "changes" }

// Register listens to the events.
func (c *Changes) Register(mux *Mux) {
	mux.Event("user_change", func(ctx context.Context, e Event) error { return c.announce(ctx, changedUser+e.User) })
	mux.Event("subteam_members_changed", func(ctx context.Context, e Event) error { return c.announce(ctx, changedGroup+e.Group) })
}

func (c *Changes) announce(ctx context.Context, change string) error {
	c.forget(change) // here, whatever becomes of the message
	return c.Redis.Publish(ctx, c.channel(), change).Err()
}

func (c *Changes) forget(change string) {
	if user, ok := strings.CutPrefix(change, changedUser); ok {
		c.Sender.people.each.drop(user)
	}
	if group, ok := strings.CutPrefix(change, changedGroup); ok {
		c.Sender.groups.drop(group)
	}
}

// Run forgets what other processes are told of, until ctx ends.
func (c *Changes) Run(ctx context.Context) {
	told := c.Redis.Subscribe(ctx, c.channel())
	defer told.Close()
	changes := told.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case message := <-changes: // nil when Redis is gone for good
			if message == nil {
				return
			}
			c.forget(message.Payload)
		}
	}
}
