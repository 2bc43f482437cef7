package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"
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
	Sender  *bot.Sender
	Log     logrus.FieldLogger
	Refused func() // counts messages whose content Slack did not take
}

// Card implements engine.Presenter.
func (p Presenter) Card(r approvals.Request, now time.Time) engine.Picture {
	return picture(drawn{message: Card(r, now), request: r.Name(), card: true}, markID(r, "card"))
}

// Notice implements engine.Presenter.
func (p Presenter) Notice(r approvals.Request, n approvals.Notice, now time.Time) engine.Picture {
	return picture(drawn{message: Notice(r, n, now), request: r.Name()}, markID(r, n.Key()))
}

// drawn is a picture's body: the message, how it is sent, and what it is about.
type drawn struct {
	message bot.Message
	encoded bot.Picture
	request string
	card    bool
}

func picture(d drawn, mark string) engine.Picture {
	d.encoded = encoded(d.message)
	return engine.Picture{Digest: d.encoded.Digest, Mark: mark, Body: d}
}

func encoded(m bot.Message) bot.Picture {
	p, err := m.Encode()
	if err != nil {
		panic(err) // our own blocks always encode
	}
	return p
}

// short stands in for a message that Slack did not take: it says where to look, and
// offers nothing to press.
func (d drawn) short() bot.Message {
	m := answer(say(":warning: *What became of %s cannot be shown here:* Slack did not take my message, and whoever runs me finds why in the log. `/cbh status %s` says where it stands.",
		d.request, d.request))
	m.Metadata = d.message.Metadata
	return m
}

// unfit reports whether Slack did not take a message for its content, and lets
// whoever runs the program know.
func (p Presenter) unfit(d drawn, err error) bool {
	if !bot.Unfit(err) {
		return false
	}
	p.Refused()
	p.Log.WithError(err).WithField("request", d.request).Error("Slack does not take what a message holds")
	return true
}

// Post implements engine.Presenter. A direct message has no buttons, because it is
// not drawn again, and leads to the card.
func (p Presenter) Post(ctx context.Context, to engine.Place, pic engine.Picture) (string, error) {
	body := pic.Body.(drawn)
	post := func(pic bot.Picture) (string, error) { return p.Sender.Post(ctx, to.Channel, to.Thread, pic) }
	if to.User != "" {
		body.encoded = p.leading(ctx, body, to)
		post = func(pic bot.Picture) (string, error) { return p.Sender.Direct(ctx, to.User, pic) }
	}
	ts, err := post(body.encoded)
	if p.unfit(body, err) && !body.card { // a card without buttons would be none
		ts, err = post(encoded(body.short()))
	}
	return ts, sendError(err)
}

// leading is a direct message with a link to the card.
func (p Presenter) leading(ctx context.Context, body drawn, card engine.Place) bot.Picture {
	url, err := p.Sender.Permalink(ctx, card.Channel, card.Thread)
	if err != nil || url == "" {
		return body.encoded
	}
	m := answer(body.message.Text.Then(" %s", mrkdwn.Link(url, say("Open the card."))))
	m.Metadata = body.message.Metadata
	return encoded(m)
}

// Update implements engine.Presenter. No old picture stays where Slack does not take
// the new one: its buttons may offer what is over.
func (p Presenter) Update(ctx context.Context, channel, ts string, pic engine.Picture) error {
	body := pic.Body.(drawn)
	err := p.Sender.Update(ctx, channel, ts, body.encoded)
	if p.unfit(body, err) {
		err = p.Sender.Update(ctx, channel, ts, encoded(body.short()))
	}
	return sendError(err)
}

// Tell implements engine.Presenter: an ephemeral message where the request was
// made, else a direct one.
func (p Presenter) Tell(ctx context.Context, r approvals.Request, n approvals.Notice, now time.Time) error {
	to, body := bot.Address{Channel: r.Channel, User: r.Requester.ID}, drawn{message: Notice(r, n, now), request: r.Name()}
	err := p.Sender.Private(ctx, to, body.message)
	if p.unfit(body, err) {
		err = p.Sender.Private(ctx, to, body.short())
	}
	return sendError(err)
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
