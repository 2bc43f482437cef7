package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// Directory is Slack as approvals.Directory: who people are and which groups
// they are in, at most a minute old.
type Directory struct {
	Sender *bot.Sender
	Home   func() bot.Identity // the workspace the bot lives in
}

// Person implements approvals.Directory.
func (d Directory) Person(ctx context.Context, id string) (approvals.Person, error) {
	user, err := d.Sender.User(ctx, id)
	if code := bot.ErrorCode(err); code == "user_not_found" || code == "users_not_found" || code == "user_not_visible" {
		return approvals.Person{ID: id}, approvals.ErrNobody
	}
	if err != nil {
		return approvals.Person{ID: id}, fmt.Errorf("looking up %s: %w", id, err)
	}
	return d.person(user), nil
}

// person reads users.info (facts: Web API). A user without a team is one of the
// workspace that was asked.
func (d Directory) person(user slack.User) approvals.Person {
	home := d.Home()
	foreign := user.TeamID != "" && user.TeamID != home.TeamID &&
		(home.EnterpriseID == "" || user.Enterprise.EnterpriseID != home.EnterpriseID)
	return approvals.Person{
		ID: user.ID, Team: user.TeamID, Name: displayName(user), Email: user.Profile.Email, Zone: user.TZ,
		Bot: user.IsBot || user.ID == "USLACKBOT", Guest: user.IsRestricted || user.IsUltraRestricted,
		External: user.IsStranger || foreign, Deactivated: user.Deleted,
	}
}

func displayName(user slack.User) string {
	for _, name := range []string{user.Profile.DisplayName, user.RealName, user.Name} {
		if name != "" {
			return bot.Plain(name, 80)
		}
	}
	return user.ID
}

// Members implements approvals.Directory.
func (d Directory) Members(ctx context.Context, group string) ([]string, error) {
	return d.Sender.GroupMembers(ctx, group)
}

// Presenter shows requests in Slack: it implements approvals.Presenter.
type Presenter struct {
	Sender *bot.Sender
	Now    func() time.Time
}

// Post implements approvals.Presenter.
func (p Presenter) Post(ctx context.Context, r approvals.Request) (string, error) {
	ts, err := p.Sender.Post(ctx, r.Channel, Card(r, p.Now()))
	return ts, postError(err)
}

// Update implements approvals.Presenter.
func (p Presenter) Update(ctx context.Context, r approvals.Request, ts string) error {
	err := p.Sender.Update(ctx, r.Channel, ts, Card(r, p.Now()))
	if bot.ErrorCode(err) == "message_not_found" {
		return fmt.Errorf("%w: %w", approvals.ErrGone, err)
	}
	return postError(err)
}

// Say implements approvals.Presenter.
func (p Presenter) Say(ctx context.Context, r approvals.Request, card, key string) (string, error) {
	m := Notice(r, key, p.Now())
	m.ThreadTS = card
	ts, err := p.Sender.Post(ctx, r.Channel, m)
	return ts, postError(err)
}

// Direct implements approvals.Presenter. The message has no buttons: it is not
// drawn again, and the card is one click away.
func (p Presenter) Direct(ctx context.Context, r approvals.Request, card, user string) (string, error) {
	m := Notice(r, "direct", p.Now())
	if url, err := p.Sender.Permalink(ctx, r.Channel, card); err == nil && url != "" {
		m = answer(m.Text + " <" + url + "|Open the card.>")
	}
	m.Metadata = marked(r, "direct "+user)
	ts, err := p.Sender.Direct(ctx, user, m)
	return ts, postError(err)
}

// Announce implements approvals.Presenter.
func (p Presenter) Announce(ctx context.Context, r approvals.Request, channel, key string) (string, error) {
	m := Notice(r, key, p.Now())
	m.Metadata = marked(r, "announce "+channel)
	ts, err := p.Sender.Post(ctx, channel, m)
	return ts, postError(err)
}

// Tell implements approvals.Presenter: an ephemeral message where the request
// was made, else a direct one.
func (p Presenter) Tell(ctx context.Context, r approvals.Request, key string) error {
	m := Notice(r, key, p.Now())
	return p.Sender.Private(ctx, bot.Address{Channel: r.Channel, User: r.Requester.ID}, m)
}

// Find implements approvals.Presenter by the marker in the message's metadata.
// Without a history scope nobody can tell, and there may be a second card: its
// buttons name the same request and revision, so they do the same.
func (p Presenter) Find(ctx context.Context, r approvals.Request, card, key string) string {
	ts, err := p.Sender.FindMarked(ctx, r.Channel, card, metadataType, markID(r, key), r.CreatedAt.Add(-time.Minute))
	if err != nil {
		return ""
	}
	return ts
}

// postError tells the runner what a failed message means.
func postError(err error) error {
	switch {
	case err == nil:
		return nil
	case bot.Disowned(err):
		return fmt.Errorf("%w: %w", approvals.ErrNotSaid, err)
	case bot.Permanent(err):
		return fmt.Errorf("%w: %w", approvals.ErrUnpostable, err)
	case !bot.Unclear(err):
		return fmt.Errorf("%w: %w", approvals.ErrNotSaid, err)
	}
	return err
}

// numbered keeps the action ids of buttons in one message apart.
func numbered(action string, n int) string { return fmt.Sprintf("%s:%d", action, n) }

// IsTemporary reports whether an error is the world's and not the work's: Slack
// or Redis is away. Such work is put off and not given up.
func IsTemporary(err error) bool {
	var network interface{ Timeout() bool }
	return bot.Unclear(err) || bot.Limited(err) || errors.As(err, &network) ||
		errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "redis")
}
