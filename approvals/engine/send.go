package engine

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// sending is one round of messages: what there is to send, and what became of it.
type sending struct {
	*store.Lease
	engine  *Engine
	updates []message
	posts   []message
	granted time.Time // by this process's own clock

	mu     sync.Mutex
	sent   map[string]string // what is to be noted
	next   time.Time         // when there is more to do: at first, when the picture changes by itself
	more   bool              // something is left for then
	failed bool              // a message has to be tried again, after a while
}

// send sends what was planned, as far as it is granted: the updates beside the posts.
func (s *sending) send(ctx context.Context) error {
	if len(s.updates)+len(s.posts) == 0 {
		return nil
	}
	var wanted []store.Post
	for _, m := range s.posts {
		wanted = append(wanted, store.Post{Field: m.field, Place: m.place.budget()})
	}
	s.granted = time.Now()
	grant, err := s.engine.Store.Grant(ctx, s.ID, len(s.updates) > 0, wanted)
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	group.Go(func() { s.updateAll(ctx, grant.UpdateWait) })
	s.postAll(ctx, grant.Posts)
	group.Wait()
	if grant.PostWait > 0 {
		s.engine.Metrics.waits.WithLabelValues(waitPost).Inc()
		s.again(jitter(grant.PostWait))
	}
	return nil
}

// again asks for another round, after a while.
func (s *sending) again(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.more = true
	if at := s.engine.Store.Now().Add(after); s.next.IsZero() || at.Before(s.next) {
		s.next = at
	}
}

func (s *sending) note(field, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[field] = value
}

// postAll sends the posts in order, as far as they are granted and as long as they
// go out. find says which have to be looked for first.
func (s *sending) postAll(ctx context.Context, find []bool) {
	goes := true
	for i := range find {
		if goes {
			goes = s.post(ctx, s.posts[i], find[i])
		} else if !find[i] {
			s.note(s.posts[i].field, "") // it was about to be posted, and is not
		}
	}
}

// post sends one message, unless it is found where it may have been posted, and notes what
// became of it; it reports whether the next may follow.
func (s *sending) post(ctx context.Context, m message, find bool) bool {
	if find && !m.private {
		ts, err := s.engine.Presenter.Find(ctx, m.place, m.picture, s.Request.CreatedAt.Add(-time.Minute))
		switch {
		case err != nil: // it may stand, and keeps its note
			s.log(m, err).Warn("a message could not be looked for; trying again")
			s.lookFor(m, max(unclearIn, known(err).After))
			return false
		case ts != "":
			s.stands(m, ts, true)
			return true
		}
	}
	if !m.private && time.Since(s.granted) > grantFor { // what went before it took long
		s.note(m.field, "")
		s.again(0)
		return false
	}
	ts, err := s.deliver(ctx, m)
	if err != nil {
		return s.unsent(ctx, m, err)
	}
	s.stands(m, ts, false)
	return true
}

func (s *sending) deliver(ctx context.Context, m message) (ts string, err error) {
	if m.private {
		return private, s.engine.Presenter.Tell(ctx, s.Request, m.notice, s.Now)
	}
	return s.engine.Presenter.Post(ctx, m.place, m.picture)
}

// stands notes a message that was posted. One that was found shows what was true then.
func (s *sending) stands(m message, ts string, found bool) {
	s.note(m.field, ts)
	switch {
	case m.drawn != "" && found:
		s.again(0)
	case m.drawn != "":
		s.note(m.drawn, m.picture.Digest)
	}
	if m.card() && len(s.Request.Notices) > 0 {
		s.again(0) // they have a thread
	}
}

// lookFor leaves a message that may stand for another round, which looks for it.
func (s *sending) lookFor(m message, after time.Duration) {
	s.note(m.field, store.MayStand(s.engine.Store.Now().Add(after)))
	s.again(after)
}

func (s *sending) updateAll(ctx context.Context, wait time.Duration) {
	if wait > 0 {
		s.engine.Metrics.waits.WithLabelValues(waitUpdate).Inc()
		s.again(wait)
		return
	}
	for _, m := range s.updates {
		panicked := s.engine.shows.guarded(s.Request, func() {
			if err := s.engine.Presenter.Update(ctx, m.place, m.ts, m.picture); err != nil {
				s.notUpdated(ctx, m, err)
			} else {
				s.note(m.drawn, m.picture.Digest)
			}
		})
		if panicked {
			s.again(afterPanic)
		}
	}
}

func (s *sending) log(m message, err error) logrus.FieldLogger {
	return s.engine.log(s.Request).WithError(err).WithField("message", m.field)
}

// unsent is for a message that failed: it reports whether the next may follow.
func (s *sending) unsent(ctx context.Context, m message, err error) bool {
	switch why := known(err); why.Failure {
	case Limited:
		s.note(m.field, "")
		s.backOff(ctx, m, why)
	case NotSent:
		s.note(m.field, "")
		s.fail()
	case Unpostable, Gone: // the card above a notice was deleted
		s.log(m, err).Warn("the place takes no message")
		return s.unpostable(ctx, m, why.Code)
	default:
		s.log(m, err).Warn("a message may or may not have been posted; it is looked for")
		s.lookFor(m, unclearIn)
	}
	return false
}

// unpostable ends a request whose card nobody can see, and tells the requester
// what a thread cannot take.
func (s *sending) unpostable(ctx context.Context, m message, code string) bool {
	s.note(m.field, refused)
	switch {
	case m.card():
		s.cardless(ctx, code)
		return false
	case m.notice.To == "" && !m.private:
		return s.tellInstead(ctx, m)
	}
	return true
}

// cardless ends a request whose card nobody can see. One that is past that goes on
// without a card.
func (s *sending) cardless(ctx context.Context, code string) {
	s.note(store.FieldCard, "")
	res, err := s.engine.apply(ctx, s.Request.ID, approvals.Unpostable{Code: code})
	switch {
	case err != nil:
		s.fail()
	case res.after.Closing.Code == "":
		s.note(fieldCardless, code)
		s.again(0)
	}
}

// tellInstead tells the requester what a thread cannot take. A notice that would be changed
// there is told again when it has changed, until all was read back.
func (s *sending) tellInstead(ctx context.Context, m message) bool {
	if m.told {
		s.note(m.field, "")
		return true
	}
	err := s.engine.Presenter.Tell(ctx, s.Request, m.notice, s.Now)
	switch {
	case err == nil && m.notice.Live() && s.Request.Unread():
		s.note(m.field, "")
		s.note(m.drawn, m.picture.Digest)
	case err == nil:
		s.note(m.field, private)
	case known(err).Failure == Unpostable: // such as whoever was deactivated
		s.log(m, err).Error("nobody can be told: neither the thread nor who asked takes a message")
	default:
		s.note(m.field, "")
		s.fail()
		return false
	}
	return true
}

func (s *sending) notUpdated(ctx context.Context, m message, err error) {
	log, why := s.log(m, err), known(err)
	switch {
	case why.Failure == Limited:
		s.backOff(ctx, m, why)
	case why.Failure == Gone, why.Failure == Unpostable && !m.card():
		log.Warn("a message was deleted, or cannot be changed; posting another")
		s.note(m.field, "")
		s.again(0)
	case why.Failure == Unpostable && (s.Request.Open() || s.Now.Sub(s.Request.ChangedAt) < placeFor):
		log.Warn("the card cannot be changed; trying again later")
		s.again(placeWait)
	case why.Failure == Unpostable:
		log.Error("the card cannot be changed")
		s.note(m.drawn, m.picture.Digest)
	default:
		log.Warn("a message could not be changed; trying again")
		s.fail()
	}
}

// backOff keeps everybody from what the chat asks to wait with.
func (s *sending) backOff(ctx context.Context, m message, why SendError) {
	place := ""
	if why.Method == "chat.postMessage" {
		place = m.place.budget()
	}
	if err := s.engine.Store.Pause(ctx, why.Method, place, why.After); err != nil {
		s.engine.log(s.Request).WithError(err).Warn("a pause that the chat asks for could not be noted")
	}
	s.again(jitter(max(why.After, laneWait)))
}

// fail asks for another round, after failures: result says when.
func (s *sending) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed, s.more = true, true
}

// result is when to go on, and what to note. Failures in a row are waited for
// longer and longer.
func (s *sending) result() (time.Time, map[string]string) {
	n, _ := strconv.Atoi(s.Shown[fieldFail])
	switch {
	case s.failed:
		s.sent[fieldFail] = strconv.Itoa(n + 1)
		s.next = s.engine.Store.Now().Add(jitter(min(longWait, firstWait<<min(n, 6))))
	case n > 0:
		s.sent[fieldFail] = ""
	}
	if !s.more {
		s.sent[store.FieldCounter] = strconv.FormatInt(s.Request.Counter, 10)
	}
	return s.next, s.sent
}
