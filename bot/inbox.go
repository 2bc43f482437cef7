package bot

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

//go:embed put.lua
var putSource string

var putScript = redis.NewScript(putSource)

const (
	seenFor       = 24 * time.Hour // Slack repeats within minutes (facts: Socket Mode)
	measureEvery  = 30 * time.Second
	defaultPrefix = "{cbhbot}:"
)

// What Put fails with besides faults of Redis.
var (
	// ErrLate: Redis got to the write after the person had been given up on; it
	// wrote nothing.
	ErrLate = errors.New("Redis was too slow; nothing was written")
	// ErrReplicas: the write is on the primary and not on enough replicas.
	ErrReplicas = errors.New("the write did not reach enough replicas in time")
)

// InboxConfig says where envelopes are kept.
type InboxConfig struct {
	Redis        redis.UniversalClient
	Prefix       string        // of all keys, with a hash tag; "" is "{cbhbot}:"
	Deadline     time.Duration // for the one write; 0 is 500 ms
	WaitReplicas int           // replicas the write has to reach
	Now          func() time.Time
	Log          logrus.FieldLogger
}

// Inbox keeps envelopes in a Redis stream: one write each, each once.
type Inbox struct {
	config InboxConfig

	mu       sync.Mutex
	ahead    time.Duration // how far Redis' clock is ahead of ours
	measured time.Time
}

// NewInbox fills in the defaults.
func NewInbox(c InboxConfig) *Inbox {
	c.Prefix = firstOf(c.Prefix, defaultPrefix)
	if c.Deadline == 0 {
		c.Deadline = 500 * time.Millisecond
	}
	return &Inbox{config: c}
}

// Stream is the key of the stream that Put appends to.
func (i *Inbox) Stream() string { return i.config.Prefix + "inbox" }

// Put keeps an envelope. fresh is false when it was kept before. The write has a
// deadline that Redis itself checks, so that one carried out after Put has
// failed writes nothing.
func (i *Inbox) Put(ctx context.Context, e Envelope) (fresh bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, i.config.Deadline)
	defer cancel()
	origin, err := e.check()
	if err != nil {
		return false, err
	}
	kept, err := i.put(ctx, e, origin, false)
	if errors.Is(err, ErrLate) {
		kept, err = i.put(ctx, e, origin, true) // Redis' clock may have moved: a failover
	}
	if err != nil {
		return false, fmt.Errorf("keeping an envelope: %w", err)
	}
	return kept, nil
}

func (i *Inbox) put(ctx context.Context, e Envelope, o origin, measure bool) (bool, error) {
	deadline, err := i.deadline(ctx, measure)
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return false, err
	}
	seen := i.config.Prefix + "seen:"
	keys := []string{i.Stream(), seen + e.ID, seen + e.identity(o)}
	kept, err := i.run(ctx, keys, deadline.UnixMilli(), text, int(seenFor.Seconds()))
	if kept < 0 && err == nil {
		err = ErrLate
	}
	return kept == 1, err
}

// run runs the script and, where asked for, waits for replicas on the same
// connection, because WAIT speaks of the connection's own writes.
func (i *Inbox) run(ctx context.Context, keys []string, args ...any) (int, error) {
	if i.config.WaitReplicas == 0 {
		return putScript.Run(ctx, i.config.Redis, keys, args...).Int()
	}
	node, err := i.node(ctx, keys[0])
	if err != nil {
		return 0, err
	}
	pipe := node.Pipeline()
	answer := putScript.Eval(ctx, pipe, keys, args...)
	reached := pipe.Do(ctx, "WAIT", i.config.WaitReplicas, (i.config.Deadline * 4 / 5).Milliseconds())
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, err
	}
	if n, _ := reached.Int(); n < i.config.WaitReplicas {
		return 0, ErrReplicas
	}
	return answer.Int()
}

func (i *Inbox) node(ctx context.Context, key string) (redis.Cmdable, error) {
	if cluster, ok := i.config.Redis.(*redis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, key)
	}
	return i.config.Redis, nil
}

// deadline is when the write stops being welcome, in Redis' clock: a little
// before Put gives up, so that the answer to the last welcome write still comes,
// and to make up for what is not known of Redis' clock.
func (i *Inbox) deadline(ctx context.Context, measure bool) (time.Time, error) {
	ahead, err := i.offset(ctx, measure)
	end, _ := ctx.Deadline()
	return end.Add(ahead - i.config.Deadline/10), err
}

// offset is how far Redis' clock is ahead of the machine's, measured anew from
// time to time. It is real time on both sides, whatever clock the program runs on.
func (i *Inbox) offset(ctx context.Context, measure bool) (time.Duration, error) {
	i.mu.Lock()
	ahead, fresh := i.ahead, time.Since(i.measured) < measureEvery
	i.mu.Unlock()
	if fresh && !measure {
		return ahead, nil
	}
	before := time.Now()
	theirs, err := i.config.Redis.Time(ctx).Result()
	if err != nil {
		return 0, err
	}
	ahead = theirs.Sub(before.Add(time.Since(before) / 2))
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ahead, i.measured = ahead, time.Now()
	return ahead, nil
}

// DecodeEntry reads an entry of the stream.
func DecodeEntry(values map[string]any) (Envelope, error) {
	text, _ := values["envelope"].(string)
	var e Envelope
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, fmt.Errorf("decoding an envelope: %w", err)
	}
	return e, nil
}
