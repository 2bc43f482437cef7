package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

const (
	seenFor       = 24 * time.Hour // Slack repeats within minutes (deploy/docs/facts.md: Socket Mode)
	defaultPrefix = "{cbhbot}:"
)

// errLate: Redis got to the write after the person had been given up on; it wrote nothing.
var errLate = errors.New("Redis was too slow; nothing was written")

// InboxConfig says where envelopes are kept and who works on them. Redis is
// required; Run requires Name and Log too.
type InboxConfig struct {
	Redis    redis.UniversalClient
	Durable  redis.Scripter                         // runs the write, and fails where it does not reach the replicas; nil: Redis does
	Prefix   string                                 // of all keys, with a hash tag; "" is "{cbhbot}:"
	Deadline time.Duration                          // for the one write; 0 is 500 ms
	Name     string                                 // of this process; no two alive share it, and one that starts again has another
	Flooded  func() bool                            // many envelopes wait for their ack; nil: it does not matter
	OnParked func(context.Context, Envelope, error) // is told what is put aside, and for what; nil: nobody is
	Log      logrus.FieldLogger
}

// Inbox keeps envelopes in Redis, one write each, each once, in two lanes:
// presses and forms, which somebody waits for, and the rest. Run works on them.
// It is safe for concurrent use.
type Inbox struct {
	config  InboxConfig
	streams []string // the lanes', in the order they are read
	clock   redisClock
	crowd   crowd
	fresh   chan struct{}           // told that there is something to read
	behind  chan struct{}           // told that there is room for what waits behind others
	pause   func(int) time.Duration // before an entry's next try, by how often it was begun
}

// NewInbox fills in the defaults.
func NewInbox(c InboxConfig) *Inbox {
	c.Prefix = cmp.Or(c.Prefix, defaultPrefix)
	if c.Deadline == 0 {
		c.Deadline = 500 * time.Millisecond
	}
	return &Inbox{
		config: c, streams: []string{c.Prefix + "inbox:presses", c.Prefix + "inbox:commands"},
		clock: redisClock{start: time.Now()}, fresh: make(chan struct{}, 1), behind: make(chan struct{}, 1), pause: pauseAfter,
	}
}

// lane is the stream an envelope belongs to.
func (i *Inbox) lane(e Envelope) string {
	if e.Type == TypeInteractive {
		return i.streams[0]
	}
	return i.streams[1]
}

// What was put off waits beside its lane's stream, and so does what was parked.
func putOffKey(stream string) string { return stream + ":putoff" }
func parkedKey(stream string) string { return stream + ":parked" }

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
	text, err := e.encode()
	if err != nil {
		return false, fmt.Errorf("encoding an envelope: %w", err)
	}
	keys := []string{i.lane(e), i.seen(e.ID), i.seen(e.identity(origin)), putOffKey(i.lane(e))}
	room := i.crowd.room(origin.address().User)
	fresh, err = i.put(ctx, keys, text, room)
	if errors.Is(err, errLate) { // the answer told Redis' clock, which was not known or has moved: a failover
		fresh, err = i.put(ctx, keys, text, room)
	}
	if err != nil {
		return false, fmt.Errorf("keeping an envelope: %w", err)
	}
	signal(i.fresh)
	return fresh, nil
}

// seen is the marker of what was kept, by a name.
func (i *Inbox) seen(name string) string { return i.config.Prefix + "seen:" + name }

// kept is whether an envelope stands whose Put has failed: an answer that is late or lost says nothing
// of the write, and an error that came in its stead, also of a Redis that is not reached, is that of
// the client's last try. Redis is asked once the write is not welcome any more.
func (i *Inbox) kept(ctx context.Context, e Envelope) (bool, error) {
	if !sleep(ctx, i.config.Deadline) {
		return false, ctx.Err()
	}
	n, err := i.config.Redis.Exists(ctx, i.seen(e.ID)).Result()
	return n > 0, err
}

// put tries once, and learns Redis' clock from the answer. The write stops being
// welcome a little before Put gives up, so that the last answer still comes. room is how
// many entries the lane may hold already.
func (i *Inbox) put(ctx context.Context, keys []string, text []byte, room int) (bool, error) {
	end, _ := ctx.Deadline()
	welcome := i.clock.at(end.Add(-i.config.Deadline / 10))
	by := redis.Scripter(i.config.Redis)
	if i.config.Durable != nil && welcome > 0 {
		by = i.config.Durable
	}
	before := time.Now()
	answer, err := putScript.Run(ctx, by, keys, welcome, text, int(seenFor.Seconds()), room).Int64Slice()
	if err != nil {
		return false, err
	}
	i.clock.learn(answer[1], before, time.Now())
	if answer[0] < 0 {
		return false, errLate
	}
	return answer[0] == 1, nil
}

// Depth is how full a lane is.
type Depth struct {
	Stream  string        // the lane's key
	Waiting int64         // entries that are to be done, with those being worked on
	PutOff  int64         // entries that wait for their next try
	Parked  int64         // entries that were put aside
	Age     time.Duration // how long ago the oldest of those waiting was put; 0 when none waits
	OffAge  time.Duration // the same of those put off
}

// Lane is the lane's name: presses or commands.
func (d Depth) Lane() string { return laneName(d.Stream) }

// Depths is how full the lanes are, presses first.
func (i *Inbox) Depths(ctx context.Context) ([]Depth, error) {
	var keys []string
	for _, stream := range i.streams {
		keys = append(keys, stream, putOffKey(stream), parkedKey(stream))
	}
	n, err := depthScript.Run(ctx, i.config.Redis, keys).Int64Slice()
	if err != nil {
		return nil, fmt.Errorf("measuring the inbox: %w", err)
	}
	var depths []Depth
	for _, stream := range i.streams {
		age, off := time.Duration(n[3])*time.Millisecond, time.Duration(n[4])*time.Millisecond
		depths = append(depths, Depth{Stream: stream, Waiting: n[0], PutOff: n[1], Parked: n[2], Age: age, OffAge: off})
		n = n[5:]
	}
	return depths, nil
}
