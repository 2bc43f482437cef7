package approvals

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/queue"
)

var (
	//go:embed commit.lua
	commitSource string
	//go:embed append.lua
	appendSource string
	//go:embed fire.lua
	fireSource string
	//go:embed claim.lua
	claimSource string

	commitScript = redis.NewScript(commitSource)
	appendScript = redis.NewScript(appendSource)
	fireScript   = redis.NewScript(fireSource)
	claimScript  = redis.NewScript(claimSource)
)

// What a Store answers besides faults of Redis itself.
var (
	ErrNotFound = errors.New("no such request")
	ErrConflict = errors.New("the request has changed meanwhile")
	ErrNewer    = errors.New("the request was written by a later version of the program")
	// ErrReplicas: the change stands on the primary alone. Work that meets it is
	// put off: it finds the change made when it is tried again.
	ErrReplicas = queue.Later(errors.New("the change did not reach enough replicas in time"))
)

// BusyError says that another open request holds the lock.
type BusyError struct{ Holder int64 }

func (e *BusyError) Error() string { return fmt.Sprintf("held by CBH-%d", e.Holder) }

// askedError says that the event has created a request before.
type askedError struct{ id int64 }

func (e *askedError) Error() string { return fmt.Sprintf("asked before as CBH-%d", e.id) }

const (
	askedFor    = 24 * time.Hour         // how long a repeated event is recognised
	waitReplica = 400 * time.Millisecond // how long a commit waits for replicas
	headRetries = 100                    // commits that lose the race for the audit head
)

// Store keeps requests in Redis. It is safe for concurrent use, and so are
// several of them in several processes.
type Store struct {
	redis    redis.UniversalClient
	keys     keys
	replicas int
}

// NewStore returns the store of one deployment. prefix must contain a hash tag
// (DefaultPrefix); replicas is how many replicas a commit has to reach.
func NewStore(client redis.UniversalClient, prefix string, replicas int) *Store {
	return &Store{redis: client, keys: keys(prefix), replicas: replicas}
}

// Load reads one request: ErrNotFound, ErrNewer, or a fault of Redis.
func (s *Store) Load(ctx context.Context, id int64) (Request, error) {
	fields, err := s.redis.HMGet(ctx, s.keys.request(id), "n", "body").Result()
	if err != nil {
		return Request{}, fmt.Errorf("loading CBH-%d: %w", id, err)
	}
	return decode(id, fields)
}

func decode(id int64, fields []any) (Request, error) {
	counter, _ := fields[0].(string)
	body, _ := fields[1].(string)
	if body == "" {
		return Request{}, fmt.Errorf("CBH-%d: %w", id, ErrNotFound)
	}
	var r Request
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return Request{}, fmt.Errorf("decoding CBH-%d: %w", id, err)
	}
	if r.Version > RecordVersion {
		return Request{}, fmt.Errorf("CBH-%d: %w", id, ErrNewer)
	}
	r.commit, _ = strconv.ParseInt(counter, 10, 64)
	return r, nil
}

// Holder is the open request that holds a lock; 0 when none does.
func (s *Store) Holder(ctx context.Context, lock string) (int64, error) {
	id, err := s.redis.HGet(ctx, s.keys.open(), lock).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("looking for an open request: %w", err)
	}
	return id, nil
}

// Open loads all open requests, oldest first.
func (s *Store) Open(ctx context.Context) ([]Request, error) {
	ids, err := s.redis.HVals(ctx, s.keys.open()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing open requests: %w", err)
	}
	requests, err := s.loadAll(ctx, ids)
	slices.SortFunc(requests, func(a, b Request) int { return int(a.ID - b.ID) })
	return requests, err
}

// Index names for List.
const IndexAll = "all"

// IndexState lists the requests in a state.
func IndexState(state State) string { return "state:" + string(state) }

// IndexBy lists what a person asked for.
func IndexBy(user string) string { return "by:" + user }

// IndexInstance lists what was asked for an instance.
func IndexInstance(project, serverID string) string { return "instance:" + project + "/" + serverID }

// List reads one page of an index, newest first, and how many there are in all.
func (s *Store) List(ctx context.Context, index string, offset, limit int) ([]Request, int, error) {
	key := s.keys.index(index)
	total, err := s.redis.ZCard(ctx, key).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("counting requests: %w", err)
	}
	ids, err := s.redis.ZRevRange(ctx, key, int64(offset), int64(offset+limit-1)).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("listing requests: %w", err)
	}
	requests, err := s.loadAll(ctx, ids)
	return requests, int(total), err
}

// loadAll reads requests in one round trip. What cannot be read by this version
// of the program is left out.
func (s *Store) loadAll(ctx context.Context, ids []string) ([]Request, error) {
	answers := make([]*redis.SliceCmd, len(ids))
	_, err := s.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			n, _ := strconv.ParseInt(id, 10, 64)
			answers[i] = p.HMGet(ctx, s.keys.request(n), "n", "body")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("loading requests: %w", err)
	}
	var requests []Request
	for i, answer := range answers {
		id, _ := strconv.ParseInt(ids[i], 10, 64)
		if r, err := decode(id, answer.Val()); err == nil {
			requests = append(requests, r)
		}
	}
	return requests, nil
}
