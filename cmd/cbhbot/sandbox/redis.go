package sandbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
)

// storage is the Redis between the sandbox and its bot: the one that --redis names,
// or one inside this process.
type storage struct {
	url    string
	client redis.UniversalClient

	mu       sync.Mutex
	embedded *miniredis.Miniredis // nil: it is somebody else's
	down     bool
}

// openStorage connects to the Redis of a URL, or to one of its own.
func openStorage(url string, open func(url string) (redis.UniversalClient, error)) (*storage, error) {
	s := &storage{url: url}
	if url == "" {
		server, err := miniredis.Run()
		if err != nil {
			return nil, fmt.Errorf("starting the embedded Redis: %w", err)
		}
		server.ClockTTL(true) // else nothing ever expires, and a pause that Slack asks for has no end
		s.embedded, s.url = server, "redis://"+server.Addr()
	}
	client, err := open(s.url)
	if err != nil {
		s.close()
		return nil, fmt.Errorf("--redis: %w", err)
	}
	s.client = client
	if s.embedded == nil {
		if err := s.claim(); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// claimWithin is how long somebody's Redis may take to answer.
const claimWithin = 10 * time.Second

// claim marks somebody's Redis as a sandbox's. Where a bot has run that is no sandbox's,
// the sandbox's clock and cloud would end its requests.
func (s *storage) claim() error {
	ctx, cancel := context.WithTimeout(context.Background(), claimWithin)
	defer cancel()
	const mark, inbox = store.DefaultPrefix + "sandbox", store.DefaultPrefix + "inbox:presses"
	used, err := s.client.Exists(ctx, inbox).Result()
	if err != nil {
		return fmt.Errorf("--redis: %w", err)
	}
	if used > 0 && s.client.Exists(ctx, mark).Val() == 0 {
		return errors.New("--redis names a Redis that a bot has run with, whose requests the sandbox would end: take an empty one, or another database number")
	}
	return s.client.Set(ctx, mark, "1", 0).Err()
}

var errForeignRedis = errors.New("this Redis is the one that --redis names: stop and start it yourself; without --redis the sandbox has one of its own")

// stop makes the embedded Redis unreachable; what it holds stays.
func (s *storage) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.embedded == nil:
		return errForeignRedis
	case s.down:
		return errors.New("Redis is stopped already")
	}
	s.embedded.Close()
	s.down = true
	return nil
}

// start makes it reachable again, at the same address.
func (s *storage) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.embedded == nil:
		return errForeignRedis
	case !s.down:
		return errors.New("Redis runs already")
	}
	if err := s.embedded.Restart(); err != nil {
		return fmt.Errorf("starting Redis again: %w", err)
	}
	s.down = false
	return nil
}

// redisState is the Redis as the panel shows it.
type redisState struct {
	Embedded bool `json:"embedded"`
	Up       bool `json:"up"` // as far as the sandbox has to do with it
}

func (s *storage) state() redisState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return redisState{Embedded: s.embedded != nil, Up: !s.down}
}

func (s *storage) close() {
	if s.client != nil {
		s.client.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.embedded != nil && !s.down {
		s.embedded.Close()
	}
}
