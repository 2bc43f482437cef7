package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
)

//go:embed *.lua
var sources embed.FS

// script is one of the scripts beside this file, behind clock.lua.
type script struct {
	*redis.Script
	durable bool // what it writes has to reach the replicas
}

func read(name string, durable bool) script {
	clock, missing := sources.ReadFile("clock.lua")
	text, err := sources.ReadFile(name + ".lua")
	if missing != nil || err != nil {
		panic(name) // embedded above
	}
	return script{redis.NewScript(string(clock) + string(text)), durable}
}

var (
	commitScript = read("commit", true)
	grantScript  = read("grant", true)
	loadScript   = read("load", false)
	noteScript   = read("note", false)
	takeScript   = read("take", false)
	renewScript  = read("renew", false)
	settleScript = read("settle", false)
	sweepScript  = read("sweep", false)
)

// What a Store answers besides faults of Redis itself.
var (
	ErrNotFound = errors.New("no such request")
	ErrConflict = errors.New("the request has changed meanwhile")
	ErrNewer    = errors.New("the request was written by a later version of the program")
	// ErrReplicas: the change stands on the primary alone, and may be lost with it.
	ErrReplicas = errors.New("the change did not reach enough replicas in time")
)

// BusyError says that other open requests hold locks: which, by lock, at least one.
type BusyError struct{ Holders map[string]int64 }

func (e *BusyError) Error() string { return fmt.Sprintf("held by %v", e.Holders) }

// Holder is one of the requests that stand in the way.
func (e *BusyError) Holder() int64 { return slices.Min(slices.Collect(maps.Values(e.Holders))) }

// Options are what a Store is told. The zero value of each field is allowed.
type Options struct {
	Prefix  string         // of all keys, with a hash tag; "" is DefaultPrefix
	Durable redis.Scripter // runs what has to reach replicas; nil: none has to be reached
	// Ahead is how far the deployment's clock is ahead of Redis' own: time travel,
	// for a sandbox. nil: it is not.
	Ahead func() time.Duration
}

// Store keeps requests in Redis. It is safe for concurrent use, and so are
// several of them in several processes.
type Store struct {
	redis   redis.UniversalClient
	durable redis.Scripter // nil: no replica is waited for
	keys    keys
	ahead   func() time.Duration
	name    string       // of this Store among all, for leases
	takes   atomic.Int64 // counts leases
	start   time.Time    // where this process counts from
	skew    atomic.Int64 // how far Redis' clock is ahead of its count, in ns; 0: it is not known yet
}

// New returns the store of one deployment.
func New(client redis.UniversalClient, o Options) *Store {
	s := &Store{
		redis: client, durable: o.Durable, keys: keys(cmp.Or(o.Prefix, DefaultPrefix)), ahead: o.Ahead, name: rand.Text()[:12], start: time.Now(),
	}
	if s.ahead == nil {
		s.ahead = func() time.Duration { return 0 }
	}
	return s
}

// Now is Redis' clock as it was last heard, and what has passed since, in whole
// milliseconds as records and queues keep them. It serves where a moment is
// written down or shown; what is due is judged by scripts.
func (s *Store) Now() time.Time {
	return s.count().Add(time.Duration(s.skew.Load()) + s.ahead()).UTC().Truncate(time.Millisecond)
}

// count is the time as this process counts it: whoever sets the machine's clock changes
// no moment that is written down until Redis is heard again.
func (s *Store) count() time.Time { return s.start.Add(time.Since(s.start)).Round(0) }

// Skew is how far Redis' clock is ahead of the machine's; 0: it is not known yet.
func (s *Store) Skew() time.Duration {
	if s.skew.Load() == 0 {
		return 0
	}
	return time.Duration(s.skew.Load()) + time.Until(s.count())
}

// run runs a script: it gives Redis' clock, which it compares with this process's count, and
// what the script has answered behind it.
func (s *Store) run(ctx context.Context, script script, keys []string, args ...any) (time.Time, []string, error) {
	asked, ahead := s.count(), s.ahead()
	args = append([]any{ahead.Milliseconds(), string(s.keys), LeaseFor.Milliseconds()}, args...)
	by := redis.Scripter(s.redis)
	if script.durable && s.durable != nil {
		by = s.durable
	}
	texts, err := script.Run(ctx, by, keys, args...).StringSlice()
	if err != nil {
		return time.Time{}, nil, err
	}
	now := time.UnixMilli(number(texts[0])).UTC()
	if took := s.count().Sub(asked); took < promptly || s.skew.Load() == 0 {
		s.skew.Store(int64(now.Add(-ahead).Sub(asked.Add(took / 2))))
	}
	return now, texts[1:], nil
}

// promptly is how long an answer may take that tells the time once it is known: in a process
// that was stopped meanwhile nobody can say when Redis gave it.
const promptly = time.Second

func millis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// probeScript writes something, so that it can be waited for.
var probeScript = redis.NewScript("return redis.call('SET', KEYS[1], '1')")

// Reaches is ErrReplicas while what is written does not reach enough replicas.
func (s *Store) Reaches(ctx context.Context) error {
	if s.durable == nil {
		return nil
	}
	return fault(probeScript.Run(ctx, s.durable, []string{s.keys.probe()}).Err(), "looking for the replicas")
}

// Load reads one request: ErrNotFound, ErrNewer, or a fault of Redis.
func (s *Store) Load(ctx context.Context, id int64) (*approvals.Request, error) {
	now, answer, err := s.run(ctx, loadScript, []string{s.keys.request(id)})
	if err != nil {
		return new(approvals.Request), fmt.Errorf("loading CBH-%d: %w", id, err)
	}
	return current(id, answer[0], answer[1], now)
}

// Find reads the request that a marker names: ErrNotFound also where that one is forgotten, and
// another has its number.
func (s *Store) Find(ctx context.Context, m approvals.Marker) (*approvals.Request, error) {
	r, err := s.Load(ctx, m.ID)
	if err == nil && m.Key != "" && m.Key != r.Key {
		return new(approvals.Request), fmt.Errorf("%s of another time: %w", r.Name(), ErrNotFound)
	}
	return r, err
}

// current reads a record by the clock of this moment. One that was changed later was changed
// before that clock was put back: what is due at its change is due.
func current(id int64, counter, body string, now time.Time) (*approvals.Request, error) {
	r, err := decode(id, counter, body)
	if r.ChangedAt.After(now) {
		r.ChangedAt = now
	}
	return r, err
}

// decode reads a record. Of what cannot be read there is the counter.
func decode(id int64, counter, body string) (*approvals.Request, error) {
	r, n := new(approvals.Request), number(counter)
	err := json.Unmarshal([]byte(body), r)
	switch {
	case body == "":
		err = fmt.Errorf("CBH-%d: %w", id, ErrNotFound)
	case err != nil:
		err = fmt.Errorf("decoding CBH-%d: %w", id, err)
	case r.Version > approvals.RecordVersion:
		err = fmt.Errorf("CBH-%d: %w", id, ErrNewer)
	default:
		r.ID, r.Counter = id, n
		return r, nil
	}
	return &approvals.Request{Counter: n}, err
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, numbers and times always encode
	}
	return text
}

// Asked is the request that an event has created: ErrNotFound when it created none.
// Whatever a command is to be refused for, it may have caused itself in an earlier try.
func (s *Store) Asked(ctx context.Context, event string) (*approvals.Request, error) {
	id, err := idIn(s.redis.Get(ctx, s.keys.asked(event)))
	if err != nil {
		return nil, err
	}
	return s.Load(ctx, id) // none has the number 0
}

// Holder is the open request that holds a lock; 0 when none does.
func (s *Store) Holder(ctx context.Context, lock string) (int64, error) {
	return idIn(s.redis.HGet(ctx, s.keys.open(), lock))
}

func idIn(answer *redis.StringCmd) (int64, error) {
	id, err := answer.Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return id, fault(err, "looking for a request")
}

// fault says what was tried when there is an error.
func fault(err error, tried string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(tried+": %w", append(args, err)...)
}

// number reads one that a script has written.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// pairs turns a flat list of fields and values into a map.
func pairs(flat []string) map[string]string {
	m := make(map[string]string, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		m[flat[i]] = flat[i+1]
	}
	return m
}
