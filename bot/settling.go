package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

const (
	mostFailures   = 5  // of its own, and an entry is parked
	mostDeliveries = 20 // without a sign of life in between, and it is not begun again
	parkedLimit    = 10_000
	putOffMost     = time.Minute // before a try, at the most
)

// fate is what becomes of an entry after a try.
type fate string

const (
	done   fate = "done"
	putOff fate = "put off" // the world was at fault
	failed fate = "failed"  // itself; put off too
	parked fate = "parked"
)

// outcome is an entry that was tried, and what becomes of it.
type outcome struct {
	entry
	fate  fate
	pause time.Duration // before the next try
	err   error         // nil when it is done
}

// judge says what becomes of an entry with this error. away tells the pause
// before the next try of what the world is at fault for.
func (e entry) judge(err error, away func(try int) time.Duration) *outcome {
	switch {
	case err == nil:
		return &outcome{entry: e, fate: done}
	case is[laterError](err), isAway(err):
		return &outcome{entry: e, fate: putOff, pause: away(e.Try), err: err}
	}
	e.failures++
	if e.failures >= mostFailures || errors.Is(err, errDeadly) || is[hopelessError](err) {
		return &outcome{entry: e, fate: parked, err: err}
	}
	return &outcome{entry: e, fate: failed, pause: 125 * time.Millisecond << e.failures, err: err}
}

// pauseAfter is half a second after the first try, 2 s, 8 s and then 30 s; a
// little less by chance, so that what failed together does not return together.
func pauseAfter(try int) time.Duration {
	pause := 30 * time.Second
	if try < 4 {
		pause = 500 * time.Millisecond << (2 * (try - 1))
	}
	return pause - rand.N(pause/5)
}

// outbox collects outcomes until they are written.
type outbox struct {
	mu   sync.Mutex
	list []*outcome
	more chan struct{} // told that there are some
}

func (o *outbox) add(more ...*outcome) {
	o.putBack(more)
	signal(o.more)
}

func (o *outbox) putBack(list []*outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, list...)
}

func (o *outbox) take() []*outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list = nil
	return list
}

// settle writes what became of entries, many at a time. What cannot be written
// stays held and is written later: no entry is begun again for that.
func (c *consumer) settle(ctx context.Context) {
	ended := c.ended.take()
	if len(ended) == 0 {
		return
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	if finished := of(ended, func(o *outcome) bool { return o.fate == done }); len(finished) > 0 {
		c.written(finished, c.takeOut(ctx, finished))
	}
	for _, l := range c.lanes {
		if off := of(ended, func(o *outcome) bool { return o.lane == l && (o.fate == putOff || o.fate == failed) }); len(off) > 0 {
			c.written(off, c.putOff(ctx, l, off))
		}
	}
	for _, o := range of(ended, func(o *outcome) bool { return o.fate == parked }) {
		c.written([]*outcome{o}, c.park(ctx, o))
	}
}

func of(list []*outcome, wanted func(*outcome) bool) (some []*outcome) {
	for _, o := range list {
		if wanted(o) {
			some = append(some, o)
		}
	}
	return some
}

func (c *consumer) written(list []*outcome, err error) {
	if err != nil {
		c.config.Log.WithError(err).WithField("entries", len(list)).Warn("what became of work could not be written; trying again")
		c.ended.putBack(list)
		return
	}
	for _, o := range list {
		o.lane.release(o.id)
	}
}

func (c *consumer) takeOut(ctx context.Context, list []*outcome) error {
	first := of(list, func(o *outcome) bool { return o.lane == c.lanes[0] })
	second := of(list, func(o *outcome) bool { return o.lane != c.lanes[0] })
	args := []any{group, len(first)}
	for _, o := range append(first, second...) {
		args = append(args, o.id)
	}
	return doneScript.Run(ctx, c.config.Redis, c.streams, args...).Err()
}

func (c *consumer) putOff(ctx context.Context, l *lane, list []*outcome) error {
	args := []any{group}
	for _, o := range list {
		args = append(args, o.id, o.pause.Milliseconds(), o.Try, o.failures)
	}
	return putOffScript.Run(ctx, c.config.Redis, []string{l.stream, putOffKey(l.stream)}, args...).Err()
}

func (c *consumer) park(ctx context.Context, o *outcome) error {
	keys := []string{o.lane.stream, parkedKey(o.lane.stream)}
	moved, err := parkScript.Run(ctx, c.config.Redis, keys, group, o.id, o.err.Error(), parkedLimit).Bool()
	if moved && c.config.OnParked != nil {
		c.config.OnParked(ctx, o.Envelope, o.err)
	}
	return err
}

// log says what became of an entry, unless it is done.
func (c *consumer) log(o *outcome) {
	log := c.config.Log.WithError(o.err).WithFields(logrus.Fields{"envelope": o.ID, "entry": o.id, "try": o.Try})
	switch o.fate {
	case putOff:
		log.Info("work is put off")
	case failed:
		log.WithField("failures", o.failures).Warn("work failed; it is tried again")
	case parked:
		log.Error("work failed too often and is put aside")
	}
}
