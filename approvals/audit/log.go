package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

const (
	interval = time.Second      // between two looks for entries
	patience = 10 * time.Second // the longest pause of the sealing after faults
	lastSeal = time.Second      // bounds the seal at a shutdown
	// retention is how long entries are kept. What is to be kept longer has to be exported.
	retention = 3 * 365 * 24 * time.Hour
)

// Log is the audit of one deployment. It is safe for concurrent use, and so are
// several of them in several processes.
type Log struct {
	redis redis.UniversalClient
	keys  keys
	log   logrus.FieldLogger
	ahead func() time.Duration
}

// New returns the audit behind a prefix. ahead is how far the clock by which the age of
// entries is judged is ahead of Redis'; nil: it is not.
func New(client redis.UniversalClient, prefix string, log logrus.FieldLogger, ahead func() time.Duration) *Log {
	if ahead == nil {
		ahead = func() time.Duration { return 0 }
	}
	return &Log{redis: client, keys: keys(prefix), log: log, ahead: ahead}
}

// Run seals every second what no other replica has sealed, and removes what was kept
// long enough, until ctx ends; then it seals once more, within a second.
func (l *Log) Run(ctx context.Context) {
	keepOn(ctx, patience, l.log, "the audit could not be sealed; trying again later", l.tick)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSeal)
	defer cancel()
	if err := l.seal(last); err != nil {
		l.log.WithError(err).Warn("audit entries are left for another process to seal")
	}
}

func (l *Log) tick(ctx context.Context) error {
	now, err := l.state(ctx)
	if err == nil && now.waiting > 0 {
		err = l.seal(ctx)
	}
	if before := now.now.Add(l.ahead() - retention); err == nil && now.kept.Before(before) {
		err = l.trim(ctx, before)
	}
	return err
}

// keepOn calls f every second until ctx ends. Faults make the pauses grow, and are
// logged when they begin and when they are over.
func keepOn(ctx context.Context, longest time.Duration, log logrus.FieldLogger, trouble string, f func(context.Context) error) {
	pause := interval
	for ctx.Err() == nil {
		err := f(ctx)
		switch failing := pause > interval; {
		case ctx.Err() != nil:
			return
		case err == nil && failing:
			log.Info("the audit is in order again")
		case err != nil && !failing:
			log.WithError(err).Warn(trouble)
		}
		if pause = min(2*pause, longest); err == nil {
			pause = interval
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// state is a look at what waits and what is kept, with the time, by Redis' clock.
type state struct {
	now     time.Time
	waiting int64
	since   time.Time // the oldest that waits was appended
	kept    time.Time // the oldest that is kept was sealed
}

func (l *Log) state(ctx context.Context) (state, error) {
	n, err := stateScript.Run(ctx, l.redis, []string{l.keys.waiting(), l.keys.sealed()}).Int64Slice()
	if err != nil {
		return state{}, fmt.Errorf("looking at the audit: %w", err)
	}
	return state{now: time.UnixMilli(n[0]), waiting: n[1], since: time.UnixMilli(n[2]), kept: time.UnixMilli(n[3])}, nil
}

// trim removes the entries before a moment, a page at a time. The chain then goes
// on from the anchor.
func (l *Log) trim(ctx context.Context, before time.Time) error {
	for {
		page, err := l.behind(ctx, "0-0", pageSize)
		if err != nil {
			return err
		}
		old, id := oldest(page, before)
		if old.Seq == 0 {
			return nil
		}
		names := []string{l.keys.sealed(), l.keys.anchor()}
		if err := trimScript.Run(ctx, l.redis, names, old.Seq, old.Hash, id).Err(); err != nil {
			return fmt.Errorf("trimming the audit: %w", err)
		}
	}
}

// oldest is the last entry of a page's beginning that is before a moment.
func oldest(page []redis.XMessage, before time.Time) (last Entry, id string) {
	for _, message := range page {
		e, err := decode(message)
		if err != nil || !e.At.Before(before) {
			break
		}
		last, id = e, message.ID
	}
	return last, id
}

// Lag is how many entries wait to be sealed, and for how long the oldest has.
func (l *Log) Lag(ctx context.Context) (entries int64, age time.Duration, err error) {
	s, err := l.state(ctx)
	return s.waiting, s.now.Sub(s.since), err
}

// end reads one of the ends of the chain: the head, or the anchor.
func (l *Log) end(ctx context.Context, key string) (head, error) {
	text, err := l.redis.Get(ctx, key).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return head{}, fmt.Errorf("reading the end of the audit: %w", err)
	}
	return parseHead(text)
}

// Export seals what waits, and hands every entry to f, oldest first, a page at a time.
func (l *Log) Export(ctx context.Context, f func(Entry) error) error {
	if err := l.seal(ctx); err != nil {
		return err
	}
	return l.entries(ctx, f)
}

// entries hands every sealed entry to f, oldest first.
func (l *Log) entries(ctx context.Context, f func(Entry) error) error {
	return l.walk(ctx, func(message redis.XMessage) error {
		e, err := decode(message)
		if err != nil {
			return err
		}
		return f(e)
	})
}

// walk hands every sealed entry to f as it is kept, oldest first.
func (l *Log) walk(ctx context.Context, f func(redis.XMessage) error) error {
	for place := "0-0"; ; {
		page, err := l.behind(ctx, place, pageSize)
		if err != nil {
			return err
		}
		for _, message := range page {
			place = message.ID
			if err := f(message); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// behind reads the sealed entries that follow a place in the stream.
func (l *Log) behind(ctx context.Context, place string, count int64) ([]redis.XMessage, error) {
	page, err := l.redis.XRangeN(ctx, l.keys.sealed(), "("+place, "+", count).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return page, nil
}
