package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

const (
	mostJitter = 2 * time.Second
	firstWait  = time.Second // before a failed message is tried again; doubles
	// channelWidth is how many requests of one channel are shown at once.
	channelWidth = 16
	// grantFor is how soon a granted post has to leave: long before its note may be taken
	// for a dead process's.
	grantFor  = time.Second
	longWait  = time.Minute
	placeWait = 15 * time.Minute   // before a card is tried again whose place lets nothing be changed: somebody may put that right
	placeFor  = 7 * 24 * time.Hour // for how long, once the request is over
	unclearIn = 3 * time.Second    // before a message is looked for that may have been posted, by a call that is over

	// Fields of shown.
	fieldFail     = "failures" // in a row
	fieldCardless = "cardless" // the chat's word for why there is no card
)

// jitter keeps those who wait for the same from coming back in the same instant.
func jitter(d time.Duration) time.Duration {
	return d + rand.N(min(d, mostJitter))
}

// show sends the difference between what is stored and what was sent, and
// returns what is to be noted of it, and when there is more to do.
func (e *Engine) show(ctx context.Context, l *store.Lease) (next time.Time, sent map[string]string) {
	s := &sending{Lease: l, engine: e, next: l.Request.RedrawAt(l.Now), sent: map[string]string{}}
	s.plan()
	if err := s.send(ctx); err != nil {
		e.log(l.Request).WithError(err).Warn("nothing could be sent; trying again")
		return l.Now.Add(firstWait), nil
	}
	return s.result()
}

// message is one that is to be sent.
type message struct {
	field   string // of shown
	drawn   string // the field of the digest; "" when the message is never changed
	ts      string // of an update
	place   Place
	picture Picture
	notice  approvals.Notice // zero: the card
	private bool             // to the requester alone, because there is no card
	told    bool             // the requester was told the same, because the thread took no message
}

func (m message) card() bool { return m.field == store.FieldCard }

// plan compares the record with what was sent: the card first, then the notices
// in order, which go into its thread.
func (s *sending) plan() {
	ts := store.Sent(s.Shown[store.FieldCard])
	cardless := s.Request.Closing.Code != "" || s.Shown[fieldCardless] != ""
	if ts == "" && !cardless {
		s.posts = append(s.posts, s.card())
		return
	}
	s.planCard()
	for _, n := range s.Request.NoticesAt(s.Now) {
		s.planNotice(ts, n)
	}
}

func (s *sending) card() message {
	return message{
		field: store.FieldCard, drawn: store.FieldDrawn, ts: store.Sent(s.Shown[store.FieldCard]), place: Place{Channel: s.Request.Channel},
		picture: s.engine.Presenter.Card(s.Request, s.Now),
	}
}

// planCard updates the card when its picture has changed, and is not about to
// change again by itself.
func (s *sending) planCard() {
	if at := s.Request.SettlesAt(); at.After(s.Now) {
		s.next, s.more = at, true
	} else if m := s.card(); m.ts != "" && m.picture.Digest != s.Shown[m.drawn] {
		s.updates = append(s.updates, m)
	}
}

// planNotice posts a notice that was not given yet, unless it has lost its point, and updates
// one that is changed in place.
func (s *sending) planNotice(card string, n approvals.Notice) {
	switch ts := store.Sent(s.Shown[store.FieldNotice(n.Key())]); {
	case ts == "" && !s.Request.PastNotice(n):
		s.posts = append(s.posts, s.notice(card, n))
	case n.Live() && !slices.Contains([]string{"", private, refused}, ts):
		if m := s.notice(card, n); m.picture.Digest != s.Shown[m.drawn] {
			s.updates = append(s.updates, m)
		}
	}
}

func (s *sending) notice(card string, n approvals.Notice) message {
	field := store.FieldNotice(n.Key())
	m := message{
		field: field, ts: store.Sent(s.Shown[field]), place: placeOf(s.Request, card, n), picture: s.engine.Presenter.Notice(s.Request, n, s.Now),
		notice: n, private: card == "" && n.To == "",
	}
	if n.Live() {
		m.drawn = store.FieldNoticeDrawn(n.Key())
		m.told = m.picture.Digest == s.Shown[m.drawn]
	}
	return m
}

// Instead of a timestamp.
const (
	private = "private" // told to the requester alone
	refused = "refused" // its place took no message
)

// budget is whose budget for messages the place takes from.
func (p Place) budget() string { return cmp.Or(p.User, p.Channel) }

func placeOf(r *approvals.Request, card string, n approvals.Notice) Place {
	switch {
	case n.Kind == approvals.NoticeDirect, n.To != "" && n.To == r.Requester.ID:
		return Place{User: n.To, Channel: r.Channel, Thread: card}
	case n.To != "":
		return Place{Channel: n.To}
	}
	return Place{Channel: r.Channel, Thread: card}
}
