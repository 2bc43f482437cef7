package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// Directory is Slack as policy.Directory: who people are and which groups they
// are in, at most 10 seconds old.
type Directory struct {
	Sender *bot.Sender
	Home   func() bot.Identity // the workspace the bot lives in
}

// Person implements policy.Directory.
func (d Directory) Person(ctx context.Context, id string) (approvals.Person, error) {
	user, err := d.Sender.User(ctx, id)
	if code := bot.ErrorCode(err); code == "user_not_found" || code == "users_not_found" || code == "user_not_visible" {
		return approvals.Person{ID: id}, policy.ErrNobody
	}
	if err != nil {
		return approvals.Person{ID: id}, fmt.Errorf("looking up %s: %w", id, err)
	}
	return d.person(user), nil
}

// person reads users.info. A user without a team is one of the workspace that was
// asked.
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
			return mrkdwn.Line(name, 80)
		}
	}
	return user.ID
}

// Members implements policy.Directory.
func (d Directory) Members(ctx context.Context, group string) ([]string, error) {
	return d.Sender.GroupMembers(ctx, group)
}

// Presenter shows requests in Slack: it implements engine.Presenter.
type Presenter struct {
	Sender *bot.Sender
}

// Card implements engine.Presenter.
func (p Presenter) Card(r approvals.Request, now time.Time) engine.Picture {
	return picture(Card(r, now), markID(r, "card"))
}

// Notice implements engine.Presenter.
func (p Presenter) Notice(r approvals.Request, n approvals.Notice, now time.Time) engine.Picture {
	return picture(Notice(r, n, now), markID(r, n.Key()))
}

// drawn is a picture's body: the message, and how it is sent.
type drawn struct {
	message bot.Message
	encoded bot.Picture
}

func picture(m bot.Message, mark string) engine.Picture {
	encoded, err := m.Encode()
	if err != nil {
		panic(err) // our own blocks always encode
	}
	return engine.Picture{Digest: encoded.Digest, Mark: mark, Body: drawn{m, encoded}}
}

// Post implements engine.Presenter. A direct message has no buttons, because it is
// not drawn again, and leads to the card.
func (p Presenter) Post(ctx context.Context, to engine.Place, pic engine.Picture) (string, error) {
	body := pic.Body.(drawn)
	if to.User == "" {
		ts, err := p.Sender.Post(ctx, to.Channel, to.Thread, body.encoded)
		return ts, sendError(err)
	}
	if url, err := p.Sender.Permalink(ctx, to.Channel, to.Thread); err == nil && url != "" {
		m := answer(body.message.Text.Then(" %s", mrkdwn.Link(url, say("Open the card."))))
		m.Metadata = body.message.Metadata
		pic = picture(m, pic.Mark)
	}
	ts, err := p.Sender.Direct(ctx, to.User, pic.Body.(drawn).encoded)
	return ts, sendError(err)
}

// Update implements engine.Presenter.
func (p Presenter) Update(ctx context.Context, channel, ts string, pic engine.Picture) error {
	return sendError(p.Sender.Update(ctx, channel, ts, pic.Body.(drawn).encoded))
}

// Tell implements engine.Presenter: an ephemeral message where the request was
// made, else a direct one.
func (p Presenter) Tell(ctx context.Context, r approvals.Request, n approvals.Notice, now time.Time) error {
	return sendError(p.Sender.Private(ctx, bot.Address{Channel: r.Channel, User: r.Requester.ID}, Notice(r, n, now)))
}

// Find implements engine.Presenter by the marker in the message's metadata.
// Without a history scope nobody can tell, and there may be a second card: its
// buttons name the same request and revision, so they do the same.
func (p Presenter) Find(ctx context.Context, to engine.Place, pic engine.Picture, since time.Time) (string, error) {
	if to.User != "" {
		return "", nil // a direct message may come twice: it has no buttons
	}
	ts, err := p.Sender.FindMarked(ctx, to.Channel, to.Thread, metadataType, pic.Mark, since)
	if errors.Is(err, bot.ErrCannotSearch) {
		return "", nil
	}
	return ts, sendError(err)
}

// sendError tells the engine what a failed message means.
func sendError(err error) error {
	if err == nil {
		return nil
	}
	failure := &engine.SendError{Code: bot.ErrorCode(err), Err: err}
	var limited *bot.LimitedError
	switch {
	case errors.As(err, &limited):
		failure.Failure, failure.Method, failure.After = engine.Limited, limited.Method, limited.After
	case bot.Gone(err):
		failure.Failure = engine.Gone
	case bot.Unclear(err):
		failure.Failure = engine.Unclear
	case bot.Permanent(err):
		failure.Failure = engine.Unpostable
	default:
		failure.Failure = engine.NotSent
	}
	return failure
}

// numbered keeps the action ids of buttons in one message apart.
func numbered(action string, n int) string { return fmt.Sprintf("%s:%d", action, n) }

// IsTemporary reports whether an error is the world's and not the work's: Slack
// does not answer, or asks to wait. Such work is put off and not given up.
func IsTemporary(err error) bool {
	return bot.Temporary(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrReplicas) || errors.Is(err, store.ErrConflict)
}
