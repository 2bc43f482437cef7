package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/handlers/messages"
)

// Memory is what is kept of people in Redis beside their requests: whom the bot has met,
// and what those see who have opened its Home page lately. It is nothing that must not be
// lost. All fields are required.
type Memory struct {
	Redis  redis.UniversalClient
	Prefix string // of all keys
	Now    func() time.Time
}

// The keys. Times are milliseconds.
func (m Memory) met(user string) string      { return m.Prefix + "greeted:" + user }
func (m Memory) waiting(event string) string { return m.Prefix + "waits:" + event }
func (m Memory) meant(event string) string   { return m.Prefix + "means:" + event }
func (m Memory) home(user string) string     { return m.Prefix + "home:of:" + user }    // a seenHome as JSON
func (m Memory) pages(user string) string    { return m.Prefix + "home:pages:" + user } // its Pages: whoever shows a page may be slower than the next turn
func (m Memory) opened() string              { return m.Prefix + "home:opened" }        // when each person opened it last
func (m Memory) due() string                 { return m.Prefix + "home:due" }           // whose page is to be drawn again, and from when on
func (m Memory) turn() string                { return m.Prefix + "home:turn" }          // there while it is not yet time for the next round

const (
	metFor   = 365 * 24 * time.Hour
	waitsFor = time.Hour        // at most, until what was put off is done
	meantFor = 24 * time.Hour   // likewise, and as long as a request is known by the event that has made it
	openFor  = time.Hour        // how long a page is drawn again after it was opened or used
	mostOpen = 200              // pages that are drawn again
	drawFor  = 15 * time.Second // how long whoever draws a page may take
)

// meets reports whether the bot has not met somebody before; it has by then.
func (m Memory) meets(ctx context.Context, user string) (bool, error) {
	return m.Redis.SetNX(ctx, m.met(user), "1", metFor).Result()
}

// waits reports whether somebody has not been told before that what they have asked for
// is put off; they are by then.
func (m Memory) waits(ctx context.Context, event string) (bool, error) {
	return m.Redis.SetNX(ctx, m.waiting(event), "1", waitsFor).Result()
}

// means is the request that a command was for when this was first asked; id where it was not.
func (m Memory) means(ctx context.Context, event string, id int64) (int64, error) {
	pipe, key := m.Redis.TxPipeline(), m.meant(event)
	pipe.SetNX(ctx, key, id, meantFor)
	first := pipe.Get(ctx, key)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, fmt.Errorf("remembering what was named: %w", err)
	}
	return first.Int64()
}

// seenHome is the Home page as somebody sees it.
type seenHome struct {
	Hash   string                   `json:"hash"`           // Slack's, of what is shown; "": not known
	Digest string                   `json:"digest"`         // of what is shown
	Pages  map[messages.Section]int `json:"-"`              // to which they have turned
	Note   json.RawMessage          `json:"note,omitempty"` // blocks: what they were answered last
	Noted  time.Time                `json:"noted,omitzero"` // when that was
}

// shows remembers what somebody sees. A page that they have opened, or used, counts
// from then on as open.
func (m Memory) shows(ctx context.Context, user string, seen seenHome, used bool) error {
	text, err := json.Marshal(seen)
	if err == nil {
		_, err = m.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, m.home(user), text, openFor)
			if used {
				p.ZAdd(ctx, m.opened(), redis.Z{Score: float64(m.Now().UnixMilli()), Member: user})
				p.ZRemRangeByRank(ctx, m.opened(), 0, -mostOpen-1)
				p.Expire(ctx, m.pages(user), openFor)
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("remembering a home page: %w", err)
	}
	return nil
}

// opens forgets to which pages somebody had turned.
func (m Memory) opens(ctx context.Context, user string) error {
	if err := m.Redis.Del(ctx, m.pages(user)).Err(); err != nil {
		return fmt.Errorf("forgetting a page: %w", err)
	}
	return nil
}

// turns remembers to which pages somebody has turned.
func (m Memory) turns(ctx context.Context, user string, pages map[messages.Section]int) error {
	text, err := json.Marshal(pages)
	if err == nil {
		err = m.Redis.Set(ctx, m.pages(user), text, openFor).Err()
	}
	if err != nil {
		return fmt.Errorf("remembering a page: %w", err)
	}
	return nil
}

// seen is what somebody sees; known is false of those who have not opened it lately.
func (m Memory) seen(ctx context.Context, user string) (seen seenHome, known bool, err error) {
	texts, err := m.Redis.MGet(ctx, m.home(user), m.pages(user)).Result()
	if err != nil {
		return seen, false, fmt.Errorf("remembering a home page: %w", err)
	}
	seen.Pages = map[messages.Section]int{}
	for i, into := range []any{&seen, &seen.Pages} {
		text, kept := texts[i].(string)
		if !kept {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return seen, false, fmt.Errorf("remembering a home page: %w", err)
		}
	}
	return seen, texts[0] != nil, nil
}

// changed makes all pages due that are open.
func (m Memory) changed(ctx context.Context) error {
	if err := m.Redis.ZRemRangeByScore(ctx, m.opened(), "-inf", millis(m.Now().Add(-openFor))).Err(); err != nil {
		return fmt.Errorf("looking for open home pages: %w", err)
	}
	users, err := m.Redis.ZRange(ctx, m.opened(), 0, -1).Result()
	if err != nil || len(users) == 0 {
		return err
	}
	return m.makeDue(ctx, users...)
}

// makeDue lets the pages of some people be drawn again.
func (m Memory) makeDue(ctx context.Context, users ...string) error {
	return m.Redis.ZAddLT(ctx, m.due(), scored(users, m.Now().UnixMilli())...).Err()
}

func scored(users []string, score int64) []redis.Z {
	all := make([]redis.Z, len(users))
	for i, user := range users {
		all[i] = redis.Z{Score: float64(score), Member: user}
	}
	return all
}

// round takes some of the pages that are due, for whoever is the first in so long to ask;
// lease is what settles them. A page that is not settled is due again after a while.
func (m Memory) round(ctx context.Context, every time.Duration, most int64) (users []string, lease int64, err error) {
	first, err := m.Redis.SetNX(ctx, m.turn(), "1", every).Result()
	if err == nil && !first {
		err = m.endsTurn(ctx, every)
	}
	if err != nil || !first {
		return nil, 0, err
	}
	now := m.Now()
	users, err = m.Redis.ZRangeByScore(ctx, m.due(), &redis.ZRangeBy{Min: "-inf", Max: millis(now), Count: most}).Result()
	if err != nil || len(users) == 0 {
		return nil, 0, err
	}
	lease = now.Add(drawFor).UnixMilli()
	return users, lease, m.Redis.ZAddXX(ctx, m.due(), scored(users, lease)...).Err()
}

// endsTurn ends a round's time that lasts longer than it was begun for: Redis' clock was put back.
func (m Memory) endsTurn(ctx context.Context, every time.Duration) error {
	left, err := m.Redis.PTTL(ctx, m.turn()).Result()
	if err != nil || left <= every {
		return err
	}
	return m.Redis.Del(ctx, m.turn()).Err()
}

// settleHome forgets that a page is due, unless something has changed since it was taken.
//
// KEYS: 1 home:due  ARGV: 1 the person  2 the lease
var settleHome = redis.NewScript(`
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0`)

// drawn settles a page.
func (m Memory) drawn(ctx context.Context, user string, lease int64) error {
	return settleHome.Run(ctx, m.Redis, []string{m.due()}, user, lease).Err()
}

// closes forgets a page.
func (m Memory) closes(ctx context.Context, user string) error {
	_, err := m.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZRem(ctx, m.opened(), user)
		p.ZRem(ctx, m.due(), user)
		p.Del(ctx, m.home(user), m.pages(user))
		return nil
	})
	return err
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
