package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

const (
	mirrorPage     = 10               // entries written at a time
	mirrorPatience = 2 * time.Minute  // the longest pause after failures
	mirrorWrite    = 8 * time.Second  // bounds one write, and its note
	mirrorGrace    = time.Second      // how long a write may go on after a shutdown has begun
	mirrorLock     = 30 * time.Second // longer than a write and its note
)

// Mirror copies the sealed entries to another place, oldest first, each at least
// once. Of the replicas that run a Mirror of one name, one at a time writes; how
// far it has come is noted in Redis after each write, so that an entry comes
// twice only when a process dies, or a write fails without saying whether it
// took effect, in between.
type Mirror struct {
	Log  *Log
	Name string // of the place; each has a note of its own
	// Late leaves out what was sealed before the mirror's first run of all.
	Late bool
	// Durable runs scripts so that what they read and write has reached the replicas, and else fails: what a
	// failover may still undo is not written. nil: the Redis of the Log does.
	Durable redis.Scripter
	// Write puts some entries there, all of them or an error.
	Write func(ctx context.Context, entries []Entry) error
}

// Run mirrors until ctx ends. Nothing waits for it.
func (m *Mirror) Run(ctx context.Context) {
	keepOn(ctx, mirrorPatience, m.log(), "the audit could not be mirrored; trying again later", m.catchUp)
}

// Lag is for how long the first sealed entry has waited that is not there yet, by
// Redis' clock.
func (m *Mirror) Lag(ctx context.Context) (time.Duration, error) {
	place, err := m.Log.redis.Get(ctx, m.Log.keys.mirrored(m.Name)).Result()
	if errors.Is(err, redis.Nil) { // it is yet to begin
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading how far the audit is mirrored: %w", err)
	}
	first, err := m.Log.behind(ctx, place, 1)
	if err != nil || len(first) == 0 {
		return 0, err
	}
	s, err := m.Log.state(ctx)
	return max(0, s.now.Sub(timeOf(first[0].ID))), err
}

// catchUp writes all that is there to be written, unless another replica does.
func (m *Mirror) catchUp(ctx context.Context) error {
	token := rand.Text()
	mine, err := m.Log.redis.SetNX(ctx, m.Log.keys.mirroring(m.Name), token, mirrorLock).Result()
	if err != nil || !mine {
		return err
	}
	defer m.release(ctx, token)
	place, err := m.place(ctx)
	for err == nil && place != "" {
		place, err = m.step(ctx, token, place)
	}
	return err
}

// release lets the lock go. Where it fails, the lock expires.
func (m *Mirror) release(ctx context.Context, token string) {
	ctx, cancel := outliving(ctx)
	defer cancel()
	_, _ = m.note(ctx, token, "")
}

// outliving is a context for one write, which a shutdown does not tear at once.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), mirrorWrite)
	disarm := context.AfterFunc(ctx, func() { time.AfterFunc(mirrorGrace, cancel) })
	return work, func() { disarm(); cancel() }
}

// step notes a place and writes the entries behind it, and returns theirs: "" when
// there are no more, the lock was lost, or ctx has ended.
func (m *Mirror) step(ctx context.Context, token, place string) (string, error) {
	noting, noted := outliving(ctx) // a disk that took all the time has taken the entries
	defer noted()
	page, err := m.note(noting, token, place)
	if err != nil || len(page) == 0 || ctx.Err() != nil {
		return "", err
	}
	writing, cancel := outliving(ctx)
	defer cancel()
	if entries := m.readable(page); len(entries) > 0 {
		if err := m.Write(writing, entries); err != nil {
			return "", err
		}
	}
	return page[len(page)-1].ID, nil
}

// readable are the entries of a page. What cannot be read is left out: it must not
// keep the others from being seen.
func (m *Mirror) readable(page []redis.XMessage) (entries []Entry) {
	for _, message := range page {
		e, err := decode(message)
		if err != nil {
			m.log().WithError(err).Error("an audit entry cannot be read, and is not mirrored")
			continue
		}
		entries = append(entries, e)
	}
	return entries
}

// place is how far the mirror has come; at the very first, where it begins.
func (m *Mirror) place(ctx context.Context) (string, error) {
	place, err := m.Log.redis.Get(ctx, m.Log.keys.mirrored(m.Name)).Result()
	if !errors.Is(err, redis.Nil) {
		return place, err
	}
	place = "0-0"
	if m.Late {
		latest, err := m.Log.redis.XRevRangeN(ctx, m.Log.keys.sealed(), "+", "-", 1).Result()
		if err != nil {
			return "", err
		}
		if len(latest) > 0 {
			place = latest[0].ID
		}
	}
	return place, m.Log.redis.Set(ctx, m.Log.keys.mirrored(m.Name), place, 0).Err()
}

// note writes down how far the mirror has come, and returns what is next; "" lets the
// lock go. Without the lock it returns nothing.
func (m *Mirror) note(ctx context.Context, token, place string) (page []redis.XMessage, err error) {
	by := m.Durable
	if by == nil {
		by = m.Log.redis
	}
	names := []string{m.Log.keys.mirroring(m.Name), m.Log.keys.mirrored(m.Name), m.Log.keys.sealed()}
	pairs, err := mirrorScript.Run(ctx, by, names, token, place, mirrorLock.Milliseconds(), mirrorPage).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("noting how far the audit is mirrored: %w", err)
	}
	for pair := range slices.Chunk(pairs, 2) {
		page = append(page, redis.XMessage{ID: pair[0], Values: map[string]any{"entry": pair[1]}})
	}
	return page, nil
}

func (m *Mirror) log() logrus.FieldLogger { return m.Log.log.WithField("mirror", m.Name) }
