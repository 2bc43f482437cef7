package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Fields of what was shown. A message's field holds its timestamp, or, from
// before it is posted until its outcome is known, a "?" and when that was.
const (
	FieldCard    = "card"
	FieldDrawn   = "drawn"   // the digest of the card's latest picture
	FieldCounter = "counter" // of the record whose picture and notices are all sent
)

// FieldNotice is the message of a notice, FieldNoticeDrawn the digest of one that
// is changed in place.
func FieldNotice(key string) string      { return "notice:" + key }
func FieldNoticeDrawn(key string) string { return "drawn:" + key }

// Sent is the timestamp in a message's field; "" as long as there is none.
func Sent(field string) string {
	if strings.HasPrefix(field, "?") {
		return ""
	}
	return field
}

// MayStand is a message's field where posting it has failed and it may stand all the same:
// from a moment on it is granted, to be looked for.
func MayStand(from time.Time) string { return "?" + millis(from.Add(-noteLasts)) }

const (
	paceBurst = 10          // messages that a channel takes at once
	paceEach  = time.Second // and then one each (deploy/docs/facts.md: Web API)
	// noteLasts is how long a message that was about to be posted may still be
	// under way: whoever posted it holds no lease by then, and Slack has had it for longer
	// than it takes for one.
	noteLasts = 5 * time.Second
)

// Post is a message that is wanted.
type Post struct {
	Field string // of shown
	Place string // the channel or user whose budget it takes from
}

// Grant says what may be sent now.
type Grant struct {
	UpdateWait time.Duration // before an update may be sent; 0: now
	Posts      []bool        // for each post that may be sent, in order: whether it has to be looked for first
	PostWait   time.Duration // before the first post that may not; 0: all may
}

// Grant asks the chat's budgets, which all replicas share, for an update and some
// posts of a request, and notes that those it grants are about to be posted.
func (s *Store) Grant(ctx context.Context, id int64, update bool, posts []Post) (Grant, error) {
	args := []any{update, paceBurst, paceEach.Milliseconds(), noteLasts.Milliseconds()}
	for _, p := range posts {
		args = append(args, p.Field, p.Place)
	}
	_, answer, err := s.run(ctx, grantScript, []string{s.keys.shown(id)}, args...)
	if err != nil {
		return Grant{}, fmt.Errorf("asking to send for CBH-%d: %w", id, err)
	}
	g := Grant{UpdateWait: milliseconds(answer[0]), PostWait: milliseconds(answer[1])}
	for _, word := range answer[2:] {
		g.Posts = append(g.Posts, word == "find")
	}
	return g, nil
}

func milliseconds(text string) time.Duration { return time.Duration(number(text)) * time.Millisecond }

// Pause holds a method back for all replicas, in one place or, with "",
// everywhere.
func (s *Store) Pause(ctx context.Context, method, place string, d time.Duration) error {
	key := s.keys.paused(method)
	if place != "" {
		key += ":" + place
	}
	return s.redis.Set(ctx, key, d.Milliseconds(), d).Err()
}

// Shown is what was sent to the chat for a request.
func (s *Store) Shown(ctx context.Context, id int64) (map[string]string, error) {
	shown, err := s.redis.HGetAll(ctx, s.keys.shown(id)).Result()
	return shown, fault(err, "reading what was shown of CBH-%d", id)
}

// Cards are the timestamps of requests' cards by their ids, of those that have one.
func (s *Store) Cards(ctx context.Context, ids ...int64) (map[int64]string, error) {
	pipe, answers := s.redis.Pipeline(), make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		answers[i] = pipe.HGet(ctx, s.keys.shown(id), FieldCard)
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("looking for cards: %w", err)
	}
	cards := map[int64]string{}
	for i, id := range ids {
		if ts := Sent(answers[i].Val()); ts != "" {
			cards[id] = ts
		}
	}
	return cards, nil
}

// Card is the timestamp of a request's card; "" when there is none yet.
func (s *Store) Card(ctx context.Context, id int64) (string, error) {
	cards, err := s.Cards(ctx, id)
	return cards[id], err
}
