package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
)

// Queue is one of the two queues of requests that are due.
type Queue string

const (
	Act  Queue = "act"  // the cloud, deadlines, reminders
	Show Queue = "show" // what people see
)

var queues = []Queue{Act, Show}

// LeaseFor is how long a lease lasts unless it is renewed.
const LeaseFor = 2 * time.Second

// Lease is a request that is held by whoever works on it.
type Lease struct {
	Queue   Queue
	ID      int64
	Request *approvals.Request
	Shown   map[string]string // of Show: what was sent
	Now     time.Time         // Redis' clock when it was handed out
	Err     error             // why the record cannot be read

	token string
}

func (s *Store) token() string { return s.name + ":" + strconv.FormatInt(s.takes.Add(1), 36) }

// never is how long it is to what does not come.
const never time.Duration = math.MaxInt64

// Take hands out at most n requests that are due, and says how long it is until the
// next is: of those that are held, when their lease ends.
func (s *Store) Take(ctx context.Context, q Queue, n int) (leases []Lease, next time.Duration, err error) {
	token := s.token()
	now, answer, err := s.run(ctx, takeScript, []string{s.keys.due(q), s.keys.held(q)}, token, n)
	if err != nil {
		return nil, never, fmt.Errorf("taking what is due: %w", err)
	}
	if next = never; answer[0] != "" {
		next = milliseconds(answer[0])
	}
	for rest := answer[1:]; len(rest) > 0; {
		end := 4 + number(rest[3])
		l := Lease{Queue: q, ID: number(rest[0]), Shown: pairs(rest[4:end]), Now: now, token: token}
		l.Request, l.Err = current(l.ID, rest[1], rest[2], now)
		leases, rest = append(leases, l), rest[end:]
	}
	return leases, next, nil
}

// Renew keeps leases of one queue from running out.
func (s *Store) Renew(ctx context.Context, q Queue, leases []Lease) error {
	var args []any
	for _, l := range leases {
		args = append(args, l.ID, l.token)
	}
	_, _, err := s.run(ctx, renewScript, []string{s.keys.due(q), s.keys.held(q)}, args...)
	return fault(err, "renewing leases")
}

// Settle gives a request back, to be due next; a zero time is never. sent is what
// is to be noted as shown, "" to delete a field. When the record has moved on, it
// stays held: moved is true, and the lease is of the record as it stands.
func (s *Store) Settle(ctx context.Context, l Lease, next time.Time, sent map[string]string) (after Lease, moved bool, err error) {
	args := []any{l.ID, l.token, l.Request.Counter, millis(next)}
	for _, field := range slices.Sorted(maps.Keys(sent)) {
		args = append(args, field, sent[field])
	}
	names := []string{s.keys.due(l.Queue), s.keys.held(l.Queue), s.keys.request(l.ID), s.keys.shown(l.ID), s.keys.clock()}
	now, answer, err := s.run(ctx, settleScript, names, args...)
	if err != nil {
		return l, false, fmt.Errorf("settling CBH-%d: %w", l.ID, err)
	}
	l.Now = now
	l.note(sent)
	if answer[0] != "moved" {
		return l, false, nil
	}
	l.Request, l.Err = current(l.ID, answer[1], answer[2], now)
	return l, true, nil
}

// note keeps the copy of what is shown in step.
func (l *Lease) note(sent map[string]string) {
	l.Shown = maps.Clone(l.Shown)
	maps.Copy(l.Shown, sent)
	maps.DeleteFunc(l.Shown, func(_, value string) bool { return value == "" })
}

// Due reads when a request is due in each queue that it is in, and takes nothing. While
// somebody works on it, it is due when their lease runs out.
func (s *Store) Due(ctx context.Context, id int64) (map[Queue]time.Time, error) {
	due := map[Queue]time.Time{}
	for _, q := range queues {
		ms, err := s.redis.ZScore(ctx, s.keys.due(q), fmt.Sprint(id)).Result()
		if err == nil {
			due[q] = time.UnixMilli(int64(ms)).UTC()
		} else if !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("reading when CBH-%d is due: %w", id, err)
		}
	}
	return due, nil
}

// Backlog is what waits in a queue for somebody to take it.
type Backlog struct {
	Queue Queue
	Due   int64         // requests that are due and held by nobody
	Late  time.Duration // how long the first of them has been due
}

// Backlogs is how far the queues are behind.
func (s *Store) Backlogs(ctx context.Context) ([]Backlog, error) {
	now, backlogs := s.Now(), []Backlog(nil)
	for _, q := range queues {
		pipe := s.redis.Pipeline()
		due := pipe.ZCount(ctx, s.keys.due(q), "-inf", millis(now))
		first := pipe.ZRangeWithScores(ctx, s.keys.due(q), 0, 0)
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, fmt.Errorf("measuring the queues: %w", err)
		}
		b := Backlog{Queue: q, Due: due.Val()}
		for _, z := range first.Val() {
			b.Late = max(0, now.Sub(time.UnixMilli(int64(z.Score))))
		}
		backlogs = append(backlogs, b)
	}
	return backlogs, nil
}

// Busy reports whether a queue has work that is due by then, or that somebody holds.
func (s *Store) Busy(ctx context.Context, q Queue, by time.Time) (bool, error) {
	pipe := s.redis.TxPipeline()
	due := pipe.ZCount(ctx, s.keys.due(q), "-inf", millis(by))
	held := pipe.HLen(ctx, s.keys.held(q))
	_, err := pipe.Exec(ctx)
	return due.Val()+held.Val() > 0, fault(err, "looking at a queue")
}

// putOffMost is how long a request is put off at most for what is away.
const putOffMost = 15 * time.Minute

// Sweep makes due what is open and in no queue and, when Redis' clock was put back, all that is
// open, and what was put off of the rest: it may have to wait by the clock as it was. lost are
// the locks of requests that Redis has lost, which are let go, and whose they were.
func (s *Store) Sweep(ctx context.Context) (found int, lost map[string]string, err error) {
	ids, err := s.openIDs(ctx)
	if err != nil {
		return 0, nil, err
	}
	lost = map[string]string{}
	for from := 0; from == 0 || from < len(ids); from += openPage {
		args := []any{putOffMost.Milliseconds()}
		for _, id := range ids[from:min(from+openPage, len(ids))] {
			args = append(args, id)
		}
		_, answer, err := s.run(ctx, sweepScript, []string{s.keys.due(Act), s.keys.due(Show), s.keys.clock(), s.keys.open()}, args...)
		if err != nil {
			return found, lost, fmt.Errorf("sweeping: %w", err)
		}
		found += int(number(answer[0]))
		maps.Copy(lost, pairs(answer[1:]))
	}
	return found, lost, fault(s.redis.Set(ctx, s.keys.clock(), millis(s.Now()), 0).Err(), "sweeping")
}
