package approvals

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/queue"
)

const (
	cardKey   = "card"
	sendTime  = 10 * time.Second // how long one message may take
	claimTime = 13 * time.Second // longer than that: who claims a message and says nothing is dead
	redraws   = 5                // drawings in a row while the record keeps changing
	cardWaits = 15               // looks for a card that is just being posted
	cardWait  = 200 * time.Millisecond
)

// draw makes the card show the stored state. Whoever draws looks at the record
// once more afterwards: of two that draw at once, the one with the older picture
// finds that out and draws again.
func (r *Runner) draw(ctx context.Context, id int64) error {
	request, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	id = request.lead()
	for range redraws {
		request, mark, err := r.picture(ctx, id)
		if err != nil {
			return err
		}
		if err := r.drawOnce(ctx, request); err != nil {
			return err
		}
		_, again, err := r.picture(ctx, id)
		if err != nil || again == mark {
			return err
		}
	}
	return queue.Later(fmt.Errorf("CBH-%d keeps changing", id))
}

func (r *Runner) drawOnce(ctx context.Context, request Request) error {
	ts, err := r.once(ctx, request, "", cardKey, func(ctx context.Context) (string, error) {
		return r.Presenter.Post(ctx, request)
	})
	switch {
	case errors.Is(err, ErrUnpostable):
		r.log(request).WithError(err).Warn("the card cannot be posted")
		return r.apply(ctx, request.ID, Unpostable{Reason: err.Error()})
	case err != nil || ts.fresh:
		return err
	}
	return r.update(ctx, request, ts.string)
}

func (r *Runner) update(ctx context.Context, request Request, ts string) error {
	err := r.Presenter.Update(ctx, request, ts)
	switch {
	case errors.Is(err, ErrGone):
		r.log(request).Warn("the card was deleted; posting another")
		if err := r.Store.unclaim(ctx, request.ID, cardKey); err != nil {
			return err
		}
		return r.drawOnce(ctx, request)
	case errors.Is(err, ErrUnpostable):
		r.log(request).WithError(err).Warn("the card cannot be updated")
		return nil
	case err != nil:
		return queue.Later(err)
	}
	return nil
}

// notify says one thing once in the card's thread, or privately where no card
// can be.
func (r *Runner) notify(ctx context.Context, id int64, key string) error {
	request, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	card, err := r.card(ctx, request.lead())
	if err != nil {
		return err
	}
	_, err = r.once(ctx, request, card, key, func(ctx context.Context) (string, error) {
		if card == "" {
			return "private", r.Presenter.Tell(ctx, request, key)
		}
		return r.Presenter.Say(ctx, request, card, key)
	})
	if errors.Is(err, ErrUnpostable) {
		r.log(request).WithError(err).WithField("notice", key).Warn("the thread takes no message; telling the requester")
		return r.Presenter.Tell(ctx, request, key)
	}
	return err
}

// direct asks one approver in a direct message, as long as it is of use. Who
// takes no direct message has the thread.
func (r *Runner) direct(ctx context.Context, id int64, key string) error {
	request, err := r.Store.Load(ctx, id)
	if err != nil || request.State != Pending {
		return err
	}
	card, err := r.card(ctx, id)
	if err != nil || card == "" {
		return err
	}
	_, user, _ := strings.Cut(key, " ")
	return r.aside(ctx, request, "direct "+key, func(ctx context.Context) (string, error) {
		return r.Presenter.Direct(ctx, request, card, user)
	})
}

// announceIn tells another channel of a break-glass.
func (r *Runner) announceIn(ctx context.Context, id int64, channel string) error {
	request, err := r.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	return r.aside(ctx, request, "announce "+channel, func(ctx context.Context) (string, error) {
		return r.Presenter.Announce(ctx, request, channel, "emergency")
	})
}

// aside sends a message outside the thread. One that nobody takes is given up.
func (r *Runner) aside(ctx context.Context, request Request, key string, send func(ctx context.Context) (string, error)) error {
	_, err := r.once(ctx, request, "", key, send)
	if errors.Is(err, ErrUnpostable) {
		r.log(request).WithError(err).WithField("notice", key).Warn("a message outside the thread cannot be posted")
		return nil
	}
	return err
}

// card is the card's timestamp; "" when there will be none. A card that is just
// being posted is waited for a moment.
func (r *Runner) card(ctx context.Context, id int64) (string, error) {
	for range cardWaits {
		ts, err := r.Store.Posted(ctx, id, cardKey)
		if err != nil || ts != "" {
			return ts, err
		}
		request, err := r.Store.Load(ctx, id)
		if err != nil {
			return "", err
		}
		if request.State == Withdrawn && request.Closing.By.ID == "" {
			return "", nil
		}
		select {
		case <-ctx.Done():
			return "", queue.Later(ctx.Err())
		case <-time.After(cardWait):
		}
	}
	return "", queue.Later(fmt.Errorf("CBH-%d has no card yet", id))
}

// sent is a message's timestamp and whether this call has just sent it.
type sent struct {
	string
	fresh bool
}

// once sends one message of a request, whoever else tries at the same time.
// After a process that died in the middle, the message is looked for first.
func (r *Runner) once(ctx context.Context, request Request, card, key string, send func(ctx context.Context) (string, error)) (sent, error) {
	ts, claim, err := r.Store.claim(ctx, request.ID, key, r.Now())
	switch {
	case err != nil:
		return sent{}, err
	case claim == "sent":
		return sent{string: ts}, nil
	case claim == "busy":
		return sent{}, queue.Later(fmt.Errorf("%s of CBH-%d is being sent by somebody else", key, request.ID))
	case claim == "again":
		if ts := r.Presenter.Find(ctx, request, card, key); ts != "" {
			return sent{string: ts}, r.Store.posted(ctx, request.ID, key, ts)
		}
	}
	sending, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	ts, err = send(sending)
	if errors.Is(err, ErrNotSaid) || errors.Is(err, ErrUnpostable) {
		err = errors.Join(err, r.Store.unclaim(ctx, request.ID, key))
	}
	if err != nil {
		return sent{}, queue.Later(err)
	}
	return sent{string: ts, fresh: true}, r.Store.posted(ctx, request.ID, key, ts)
}

// Posted is the timestamp of a message of a request ("card" or a notice); ""
// when it was not sent, or is being sent.
func (s *Store) Posted(ctx context.Context, id int64, key string) (string, error) {
	ts, err := s.redis.HGet(ctx, s.keys.posted(id), key).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("looking for the %s of CBH-%d: %w", key, id, err)
	}
	if len(ts) > 0 && ts[0] == '?' {
		return "", nil
	}
	return ts, nil
}

func (s *Store) claim(ctx context.Context, id int64, key string, now time.Time) (ts, claim string, err error) {
	answer, err := claimScript.Run(ctx, s.redis, []string{s.keys.posted(id)}, key, now.UnixMilli(), claimTime.Milliseconds()).StringSlice()
	if err != nil {
		return "", "", fmt.Errorf("claiming the %s of CBH-%d: %w", key, id, err)
	}
	if answer[0] == "sent" {
		ts = answer[1]
	}
	return ts, answer[0], nil
}

func (s *Store) posted(ctx context.Context, id int64, key, ts string) error {
	return s.redis.HSet(ctx, s.keys.posted(id), key, ts).Err()
}

func (s *Store) unclaim(ctx context.Context, id int64, key string) error {
	return s.redis.HDel(ctx, s.keys.posted(id), key).Err()
}

// forget deletes a request whose retention is over. The audit keeps its story.
func (s *Store) forget(ctx context.Context, id int64) error {
	r, err := s.Load(ctx, id)
	if err != nil || r.State.Open() {
		return err
	}
	_, err = s.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, s.keys.request(id), s.keys.posted(id))
		for _, index := range append(change{after: r}.enters(), IndexState(r.State)) {
			p.ZRem(ctx, s.keys.index(index), id)
		}
		return nil
	})
	return err
}
