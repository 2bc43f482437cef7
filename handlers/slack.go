package handlers

import (
	"cmp"
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
	"cbhbot/handlers/messages"
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
func (d Directory) person(user *slack.User) approvals.Person {
	home := d.Home()
	foreign := user.TeamID != "" && user.TeamID != home.TeamID &&
		(home.EnterpriseID == "" || user.Enterprise.EnterpriseID != home.EnterpriseID)
	return approvals.Person{
		ID: user.ID, Team: user.TeamID, Name: displayName(user), Email: user.Profile.Email, Zone: user.TZ,
		Bot: user.IsBot || user.ID == "USLACKBOT", Guest: user.IsRestricted || user.IsUltraRestricted,
		External: user.IsStranger || foreign, Deactivated: user.Deleted,
	}
}

func displayName(user *slack.User) string {
	return mrkdwn.Line(cmp.Or(user.Profile.DisplayName, user.RealName, user.Name, user.ID), 80)
}

// Members implements policy.Directory.
func (d Directory) Members(ctx context.Context, group string) ([]string, error) {
	members, err := d.Sender.GroupMembers(ctx, group)
	if bot.Permanent(err) {
		err = fmt.Errorf("%w: %w", policy.ErrNoGroup, err)
	}
	return members, err
}

// Presenter shows requests in Slack: it implements engine.Presenter.
type Presenter struct {
	Sender  *bot.Sender
	Log     logrus.FieldLogger
	Refused func() // counts messages whose content Slack did not take

	Language func(r *approvals.Request) *messages.Language // of the channel of a request's card
}

// Card implements engine.Presenter.
func (p Presenter) Card(r *approvals.Request, now time.Time) engine.Picture {
	return picture(drawn{message: messages.Card(p.Language(r), r, now, true), request: r, now: now}, messages.MarkID(r, "card"))
}

// Notice implements engine.Presenter.
func (p Presenter) Notice(r *approvals.Request, n approvals.Notice, now time.Time) engine.Picture {
	return picture(drawn{message: messages.NoticeOf(p.Language(r), r, n, now), request: r, notice: n, now: now}, messages.MarkID(r, n.Key()))
}

// drawn is a picture's body: the message, how it is sent, and what it is about.
type drawn struct {
	message bot.Message
	encoded bot.Picture
	request *approvals.Request
	notice  approvals.Notice // zero: the card
	now     time.Time
	fresh   bool // it is posted for the first time
}

func picture(d drawn, mark string) engine.Picture {
	d.encoded = encoded(d.message)
	return engine.Picture{Digest: d.encoded.Digest, Mark: mark, Body: d}
}

func encoded(m bot.Message) bot.Picture {
	p, err := m.Encode()
	if err != nil {
		panic(err) // only strings go into our blocks
	}
	return p
}

// plainer stands in for a message that Slack did not take. A batch's card does without
// its table; anything else, and what is still not taken, says where to look and offers
// nothing to press.
func (p Presenter) plainer(d drawn) []bot.Message {
	var all []bot.Message
	card := d.notice == approvals.Notice{}
	if card && d.request.Batch() {
		all = append(all, messages.Card(p.Language(d.request), d.request, d.now, false))
	}
	if card && d.fresh {
		return all // a card without buttons would be none
	}
	voice := messages.Voice{Language: p.Language(d.request), Zone: time.UTC, Now: d.now}
	short := voice.Answer(messages.Tell(messages.Say(messages.Unshowable, "request", d.request)))
	short.Metadata = d.message.Metadata
	return append(all, short)
}

// unfit reports whether Slack did not take a message for its content, and lets
// whoever runs the program know.
func (p Presenter) unfit(d drawn, err error) bool {
	if !bot.Unfit(err) {
		return false
	}
	p.Refused()
	p.Log.WithError(err).WithField("request", d.request.Name()).Error("Slack does not take what a message holds")
	return true
}

// send tries a message, and then what stands in for it.
func (p Presenter) send(d drawn, m bot.Picture, send func(bot.Picture) (ts string, err error)) (ts string, err error) {
	ts, err = send(m)
	for rest := p.plainer(d); p.unfit(d, err) && len(rest) > 0; rest = rest[1:] {
		ts, err = send(encoded(rest[0]))
	}
	return ts, sendError(err)
}

// Post implements engine.Presenter. A direct message has no buttons, and leads to the card.
func (p Presenter) Post(ctx context.Context, to engine.Place, pic engine.Picture) (ts string, err error) {
	body := pic.Body.(drawn)
	body.fresh = true
	if to.User != "" {
		return p.send(body, p.leading(ctx, body, to), func(m bot.Picture) (string, error) { return p.Sender.Direct(ctx, to.User, m) })
	}
	return p.send(body, body.encoded, func(m bot.Picture) (string, error) { return p.Sender.Post(ctx, to.Channel, to.Thread, m) })
}

// reader is the language of one person; the first where Slack does not say.
func reader(ctx context.Context, sender *bot.Sender, id string) *messages.Language {
	user, err := sender.User(ctx, id)
	if err != nil {
		return messages.Languages[0]
	}
	return messages.ForLocale(user.Locale)
}

// Apologise words what package bot has to say for itself, for each in their own language.
func Apologise(sender *bot.Sender) func(context.Context, string, bot.Apology) mrkdwn.Text {
	return func(ctx context.Context, user string, a bot.Apology) mrkdwn.Text {
		language := messages.Languages[0]
		if user != "" {
			language = reader(ctx, sender, user)
		}
		return messages.Voice{Language: language}.Say(messages.Sorry(a))
	}
}

// leading is a direct message in its reader's language, with a link to the card.
func (p Presenter) leading(ctx context.Context, body drawn, card engine.Place) bot.Picture {
	language := reader(ctx, p.Sender, card.User)
	m := messages.NoticeOf(language, body.request, body.notice, body.now)
	if body.request.Unseen && card.User == body.request.Requester.ID {
		return encoded(m) // the card is where they cannot go
	}
	url, err := p.Sender.Permalink(ctx, card.Channel, card.Thread)
	if err == nil && url != "" {
		m = messages.Leading(language, m, url)
	}
	return encoded(m)
}

// Update implements engine.Presenter. No old picture stays where Slack does not take
// the new one: its buttons may offer what is over.
func (p Presenter) Update(ctx context.Context, in engine.Place, ts string, pic engine.Picture) error {
	body := pic.Body.(drawn)
	shown, update := body.encoded, func(m bot.Picture) error { return p.Sender.Update(ctx, in.Channel, ts, m) }
	if in.User != "" {
		shown, update = p.leading(ctx, body, in), func(m bot.Picture) error { return p.Sender.UpdateDirect(ctx, in.User, ts, m) }
	}
	_, err := p.send(body, shown, func(m bot.Picture) (string, error) { return ts, update(m) })
	return err
}

// Tell implements engine.Presenter: an ephemeral message where the request was
// made, else a direct one.
func (p Presenter) Tell(ctx context.Context, r *approvals.Request, n approvals.Notice, now time.Time) error {
	to := bot.Address{Channel: r.Channel, User: r.Requester.ID}
	body := drawn{message: messages.NoticeOf(reader(ctx, p.Sender, r.Requester.ID), r, n, now), request: r, notice: n, now: now}
	err := p.Sender.Private(ctx, to, body.message)
	if p.unfit(body, err) {
		err = p.Sender.Private(ctx, to, p.plainer(body)[0])
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
	ts, err := p.Sender.FindMarked(ctx, to.Channel, to.Thread, messages.MetadataType, pic.Mark, since)
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
	limited, ok := errors.AsType[*bot.LimitedError](err)
	switch {
	case ok:
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

// IsTemporary reports whether an error is the world's and not the work's: Slack
// does not answer, or asks to wait. Such work is put off and not given up.
func IsTemporary(err error) bool {
	return bot.Temporary(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrReplicas) || errors.Is(err, store.ErrConflict)
}
