package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

const (
	mostJitter = 2 * time.Second
	laneWait   = 300 * time.Millisecond // before a full lane is tried again
	firstWait  = time.Second            // before a failed message is tried again; doubles
	// channelWidth is how many requests of one channel are shown at once.
	channelWidth = 16
	// grantFor is how soon a granted post has to leave: with its HTTP exchange of at
	// most 10 s it then ends before its note is taken for a dead process's.
	grantFor  = time.Second
	longWait  = time.Minute
	placeWait = 15 * time.Minute // before a card is tried again whose place lets nothing be changed: somebody may put that right
	unclearIn = 11 * time.Second // before a message that may have been posted is looked for

	// Fields of shown.
	fieldFail     = "failures" // in a row
	fieldCardless = "cardless" // the chat's word for why there is no card
)

// show makes the chat show one request, until it does.
func (e *Engine) show(ctx context.Context, l store.Lease) {
	for moved := true; moved; {
		next, sent := e.unreadable(l), map[string]string(nil)
		if next.IsZero() {
			next = l.Now.Add(jitter(laneWait))
			e.channels.within(l.Request.Channel, func() { next, sent = e.present(ctx, l) })
		}
		var err error
		if l, moved, err = e.settleShown(ctx, l, next, sent); err != nil {
			e.Log.WithError(err).WithField("request", l.Request.Name()).Warn("what was shown could not be noted; it is looked for")
			return
		}
		if e.shows.stopping() {
			return
		}
	}
}

// settleShown notes what was sent, also at a shutdown, and tries again for as long
// as nobody else looks for it: a message that nobody has noted may be posted twice.
func (e *Engine) settleShown(ctx context.Context, l store.Lease, next time.Time, sent map[string]string) (store.Lease, bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerFor)
	defer cancel()
	for {
		after, moved, err := e.Store.Settle(ctx, l, next, sent)
		if _, card := sent[store.FieldCard]; card && err == nil {
			e.Changed()
		}
		if err == nil || len(sent) == 0 || e.shows.stopping() || !pause(ctx, answerPause) {
			return after, moved, err
		}
	}
}

// jitter keeps those who wait for the same from coming back in the same instant.
func jitter(d time.Duration) time.Duration {
	return d + rand.N(min(max(d, time.Millisecond), mostJitter))
}

// present sends the difference between what is stored and what was sent, and
// returns what is to be noted of it, and when there is more to do.
func (e *Engine) present(ctx context.Context, l store.Lease) (next time.Time, sent map[string]string) {
	plan := e.plan(l)
	if plan.empty() {
		return plan.next, plan.done()
	}
	asked := time.Now()
	grant, err := e.Store.Grant(ctx, l.ID, len(plan.updates) > 0, plan.wanted())
	if err != nil {
		e.log(l.Request).WithError(err).Warn("nothing could be sent; trying again")
		return l.Now.Add(firstWait), nil
	}
	sending := &sending{plan: plan, engine: e, request: l.Request, now: l.Now, granted: asked}
	var group crew
	if grant.UpdateWait > 0 {
		e.Metrics.waits.WithLabelValues(waitUpdate).Inc()
		sending.again(grant.UpdateWait)
	} else {
		group.Go(func() { sending.update(ctx) })
	}
	sending.postAll(ctx, grant.Posts)
	group.Wait()
	if grant.PostWait > 0 {
		e.Metrics.waits.WithLabelValues(waitPost).Inc()
		sending.again(jitter(grant.PostWait))
	}
	return sending.result(l.Shown)
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

// plan is what there is to send.
type plan struct {
	updates []message
	posts   []message
	sent    map[string]string // what is to be noted: so far, notices that have lost their point
	more    bool              // something is left for later
	soon    bool              // and for no other reason than that the card comes first
	next    time.Time         // when there is more to do: so far, when the picture changes by itself
	counter int64
}

func (p plan) empty() bool { return len(p.updates)+len(p.posts) == 0 }

func (p plan) wanted() []store.Post {
	var wanted []store.Post
	for _, m := range p.posts {
		wanted = append(wanted, store.Post{Field: m.field, Place: m.place.budget()})
	}
	return wanted
}

// done is what is to be noted when everything is sent.
func (p plan) done() map[string]string {
	if !p.more {
		p.sent[store.FieldCounter] = strconv.FormatInt(p.counter, 10)
	}
	return p.sent
}

// plan compares the record with what was sent: the card first, then the notices
// in order.
func (e *Engine) plan(l store.Lease) plan {
	r, now := l.Request, l.Now
	p := plan{counter: r.Counter, next: r.RedrawAt(now), sent: map[string]string{}}
	card := store.Sent(l.Shown, store.FieldCard)
	cardless := r.Closing.Code != "" || l.Shown[fieldCardless] != ""
	if card == "" && !cardless {
		p.posts = append(p.posts, message{
			field: store.FieldCard, drawn: store.FieldDrawn, place: Place{Channel: r.Channel}, picture: e.Presenter.Card(r, now),
		})
		p.more = len(r.Notices) > 0
		p.soon = p.more
		return p
	}
	e.planCard(&p, l, card)
	for _, n := range r.NoticesAt(now) {
		e.planNotice(&p, l, card, n)
	}
	return p
}

// planCard updates the card when its picture has changed, and is not about to
// change again by itself.
func (e *Engine) planCard(p *plan, l store.Lease, ts string) {
	r, now := l.Request, l.Now
	if at := r.SettlesAt(); at.After(now) {
		p.next, p.more = at, true
		return
	}
	picture := e.Presenter.Card(r, now)
	if ts != "" && picture.Digest != l.Shown[store.FieldDrawn] {
		p.updates = append(p.updates, message{
			field: store.FieldCard, drawn: store.FieldDrawn, ts: ts, place: Place{Channel: r.Channel}, picture: picture,
		})
	}
}

func (e *Engine) planNotice(p *plan, l store.Lease, card string, n approvals.Notice) {
	r, field, drawn := l.Request, store.FieldNotice(n.Key()), store.FieldNoticeDrawn(n.Key())
	ts, noted := store.Sent(l.Shown, field), l.Shown[field] != ""
	switch {
	case ts == "" && r.PastNotice(n):
		if !noted {
			p.sent[field] = skipped
		}
		return
	case ts != "" && (!n.Live() || ts == skipped || ts == private || ts == refused):
		return
	}
	m := message{
		field: field, ts: ts, place: placeOf(r, card, n), picture: e.Presenter.Notice(r, n, l.Now), notice: n, private: card == "" && n.To == "",
	}
	if n.Live() {
		m.drawn = drawn
		m.told = ts == "" && m.picture.Digest == l.Shown[drawn]
	}
	switch {
	case ts == "":
		p.posts = append(p.posts, m)
	case m.picture.Digest != l.Shown[drawn]:
		p.updates = append(p.updates, m)
	}
}

// Instead of a timestamp.
const (
	skipped = "skipped" // the notice had lost its point
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
