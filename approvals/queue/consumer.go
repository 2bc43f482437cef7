package queue

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

// Handler does the work of one entry. It may run more than once for one entry,
// and in another process than the one that began it.
type Handler func(ctx context.Context, id string, values map[string]any) error

// Config says which stream a Consumer works and how. Redis, Stream, Group, Name
// and Handle are required; a zero elsewhere means the default named beside it.
type Config struct {
	Redis  redis.UniversalClient
	Stream string // the stream's key; its parked and failures keys are derived from it
	Group  string // consumer group, shared by all replicas
	Name   string // this consumer, unique among the replicas
	Handle Handler
	Log    logrus.FieldLogger

	Workers     int           // entries handled at once: 8
	MinIdle     time.Duration // untouched for so long, an entry counts as abandoned: 9 s
	ClaimEvery  time.Duration // how often to look for abandoned entries: 3 s
	MaxFailures int           // failures before an entry is parked: 5
	Grace       time.Duration // how long running handlers may go on after Run's context ends: 7 s
	OnParked    func()        // counts parked entries
}

const (
	parkedLimit = 10_000
	readBlock   = time.Second // also how long a shutdown may wait for a blocked read
	firstPause  = 100 * time.Millisecond
	longPause   = 2 * time.Second
)

var (
	//go:embed park.lua
	parkSource string
	park       = redis.NewScript(parkSource)
	//go:embed done.lua
	doneSource string
	done       = redis.NewScript(doneSource)
)

// Consumer works one stream. Make it with New and call Run once.
type Consumer struct {
	Config
	slots chan struct{}
	tasks sync.WaitGroup

	mu       sync.Mutex
	held     map[string]bool // entries this process is working on
	stopping bool            // nothing more is begun
}

// New fills in the defaults.
func New(c Config) *Consumer {
	c.Workers = orDefault(c.Workers, 8)
	c.MinIdle = orDefault(c.MinIdle, 9*time.Second)
	c.ClaimEvery = orDefault(c.ClaimEvery, 3*time.Second)
	c.MaxFailures = orDefault(c.MaxFailures, 5)
	c.Grace = orDefault(c.Grace, 7*time.Second)
	return &Consumer{Config: c, slots: make(chan struct{}, c.Workers), held: map[string]bool{}}
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Parked is the key of the stream that holds the entries that failed too often.
func Parked(stream string) string { return stream + ":parked" }

func failures(stream string) string { return stream + ":failures" }

// Run works the stream until ctx ends, then waits for the handlers that are
// still running, at most Grace. Redis being away is waited out, not returned.
func (c *Consumer) Run(ctx context.Context) error {
	work, stop := detach(ctx, c.Grace)
	defer stop()

	var claims, keeps sync.WaitGroup
	claims.Go(func() { c.claimLoop(ctx, work) })
	keeps.Go(func() { c.keepLoop(work) })
	c.readLoop(ctx, work)
	claims.Wait()
	c.beginNoMore()
	c.tasks.Wait()
	stop()
	keeps.Wait()
	return nil
}

// detach gives the handlers a context that outlives ctx by grace, so that a
// shutdown lets them finish what they hold.
func detach(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	disarm := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return work, func() { disarm(); cancel() }
}

func (c *Consumer) readLoop(ctx, work context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		if !c.takeSlot(ctx) {
			return
		}
		entries, err := c.read(ctx)
		c.freeSlot()
		if err != nil {
			c.recover(ctx, err, pause)
			pause = min(2*pause, longPause)
			continue
		}
		pause = firstPause
		for _, entry := range entries {
			c.start(ctx, work, entry, 0)
		}
	}
}

// read waits for fresh entries, no more than there are free workers.
func (c *Consumer) read(ctx context.Context) ([]redis.XMessage, error) {
	streams, err := c.Redis.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: c.Group, Consumer: c.Name, Streams: []string{c.Stream, ">"},
		Count: int64(c.Workers - len(c.slots) + 1), Block: readBlock,
	}).Result()
	if errors.Is(err, redis.Nil) || (err == nil && len(streams) == 0) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.Stream, err)
	}
	return streams[0].Messages, nil
}

// recover makes the group when it is missing (first start, or a Redis that lost
// its data) and otherwise waits a little.
func (c *Consumer) recover(ctx context.Context, err error, pause time.Duration) {
	if ctx.Err() != nil {
		return
	}
	if strings.Contains(err.Error(), "NOGROUP") {
		made := c.Redis.XGroupCreateMkStream(ctx, c.Stream, c.Group, "0").Err()
		if made == nil || strings.Contains(made.Error(), "BUSYGROUP") {
			return
		}
		err = made
	}
	c.Log.WithError(err).WithField("stream", c.Stream).Warn("the queue cannot be read; trying again")
	wait(ctx, pause)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (c *Consumer) takeSlot(ctx context.Context) bool {
	select {
	case c.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *Consumer) freeSlot() { <-c.slots }

// start hands an entry to a worker. An entry that finds no free worker before
// the shutdown stays with the group and is claimed by whoever is alive.
func (c *Consumer) start(ctx, work context.Context, entry redis.XMessage, try int) {
	if !c.hold(entry.ID) {
		return
	}
	if !c.takeSlot(ctx) || !c.begin() {
		c.release(entry.ID)
		return
	}
	go func() {
		defer c.tasks.Done()
		defer c.freeSlot()
		done := c.work(work, entry)
		c.release(entry.ID)
		if !done && try < len(retries) {
			time.AfterFunc(retries[try], func() { c.start(ctx, work, entry, try+1) })
		}
	}()
}

// retries are the pauses before the tries that the process makes by itself.
// After them an entry waits until it counts as abandoned.
var retries = []time.Duration{500 * time.Millisecond, 2 * time.Second}

// begin counts one more handler, unless the shutdown waits for them already.
func (c *Consumer) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		c.freeSlot()
		return false
	}
	c.tasks.Add(1)
	return true
}

func (c *Consumer) beginNoMore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
}

// work handles an entry and reports whether it is out of the way.
func (c *Consumer) work(ctx context.Context, entry redis.XMessage) bool {
	log := c.Log.WithFields(logrus.Fields{"stream": c.Stream, "entry": entry.ID})
	err := c.handle(ctx, entry)
	switch {
	case err == nil:
		err = done.Run(ctx, c.Redis, []string{c.Stream, failures(c.Stream)}, c.Group, entry.ID).Err()
		if err != nil {
			log.WithError(err).Warn("finished work could not be marked as done; it will be repeated")
		}
		return err == nil
	case IsLater(err), Away(err):
		log.WithError(err).Info("work put off")
		return false
	}
	return c.fail(ctx, entry.ID, err)
}

// handle turns a panic into an error, so that one bad entry cannot take the
// process, and with it everybody else's work, down.
func (c *Consumer) handle(ctx context.Context, entry redis.XMessage) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return c.Handle(ctx, entry.ID, entry.Values)
}

// fail counts a failure, parks the entry at the last one, and reports whether it
// did.
func (c *Consumer) fail(ctx context.Context, id string, cause error) (parked bool) {
	log := c.Log.WithError(cause).WithFields(logrus.Fields{"stream": c.Stream, "entry": id})
	count, err := c.Redis.HIncrBy(ctx, failures(c.Stream), id, 1).Result()
	if err != nil || count < int64(c.MaxFailures) {
		log.WithField("failures", count).Warn("work failed; it will be tried again")
		return false
	}
	keys := []string{c.Stream, Parked(c.Stream), failures(c.Stream)}
	if err := park.Run(ctx, c.Redis, keys, c.Group, id, cause.Error(), parkedLimit).Err(); err != nil {
		log.WithField("park_error", err).Error("work failed too often and could not be parked")
		return false
	}
	log.Error("work failed too often; it is parked")
	if c.OnParked != nil {
		c.OnParked()
	}
	return true
}
