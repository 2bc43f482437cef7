package bot

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed sweep.lua
	sweepSource string
	sweepScript = redis.NewScript(sweepSource)
	//go:embed forget.lua
	forgetSource string
	forgetScript = redis.NewScript(forgetSource)
)

// calling is the context of one command. It outlives the end of the program a
// little: a read that was cut off would leave what it took to be taken over.
func calling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), callWithin)
}

// read takes what was put and begins it, in all lanes that have room.
func (c *consumer) read(ctx, work context.Context) {
	var open []*lane
	for _, l := range c.lanes {
		if l.room() > 0 && !c.yields(l) {
			open = append(open, l)
		}
	}
	if len(open) == 0 {
		return // the first handler that ends has the read made up for
	}
	streams, err := c.readGroup(ctx, open)
	if err != nil {
		c.faint = min(max(2*c.faint, readEvery), time.Second)
		c.mend(ctx, err)
		sleep(ctx, c.faint)
		return
	}
	c.faint = 0
	for _, s := range streams {
		l := open[slices.IndexFunc(open, func(l *lane) bool { return l.stream == s.Stream })]
		for _, m := range s.Messages {
			c.begin(work, newEntry(l, m.ID, 1, m.Values))
		}
		if len(s.Messages) == readBatch {
			signal(c.fresh)
		}
	}
}

// A flood is acked before its commands are worked on: people see a failure after
// three seconds without an ack, while an answer may come later.
const (
	flood      = 8                      // envelopes that wait for their ack at once
	yieldsMost = 250 * time.Millisecond // between two reads of commands all the same
)

// yields reports whether a lane is left alone for the moment.
func (c *consumer) yields(l *lane) bool {
	if l != c.lanes[len(c.lanes)-1] {
		return false // somebody waits in front of what they pressed
	}
	if c.config.Unacked != nil && c.config.Unacked() > flood && time.Since(c.commandsAt) < yieldsMost {
		return true
	}
	c.commandsAt = time.Now()
	return false
}

// readGroup does not block: that would hold a connection, and a shutdown up.
func (c *consumer) readGroup(ctx context.Context, open []*lane) ([]redis.XStream, error) {
	ctx, cancel := calling(ctx)
	defer cancel()
	var streams, from []string
	for _, l := range open {
		streams, from = append(streams, l.stream), append(from, ">")
	}
	answer, err := c.config.Redis.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: group, Consumer: c.config.Name, Streams: append(streams, from...), Count: readBatch, Block: -1,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return answer, err
}

// mend makes the groups where they are missing: at the first start of all, and
// in a Redis that has lost its data.
func (c *consumer) mend(ctx context.Context, err error) {
	if redis.HasErrorPrefix(err, "NOGROUP") {
		ctx, cancel := calling(ctx)
		defer cancel()
		for _, l := range c.lanes {
			err = c.config.Redis.XGroupCreateMkStream(ctx, l.stream, group, "0").Err()
			if err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") {
				break
			}
			err = nil
		}
	}
	if err != nil {
		c.config.Log.WithError(err).Warn("the inbox cannot be read; trying again")
		return
	}
	c.faint = 0
	signal(c.fresh)
}

// sweep brings back what was put off and is due, and takes over what others have
// left.
func (c *consumer) sweep(ctx, work context.Context) {
	ctx, cancel := calling(ctx)
	defer cancel()
	var keys []string
	args := []any{group, c.config.Name, abandoned.Milliseconds()}
	for _, l := range c.lanes {
		keys = append(keys, l.stream, putOffKey(l.stream))
		args = append(args, min(l.room(), readBatch))
	}
	answer, err := sweepScript.Run(ctx, c.config.Redis, keys, args...).StringSlice()
	if err != nil {
		c.config.Log.WithError(err).Debug("nothing could be taken over")
		return
	}
	if answer[0] != "0" {
		signal(c.fresh)
	}
	for taken := range slices.Chunk(answer[1:], 7) {
		c.begin(work, c.takenOver(taken))
	}
}

// takenOver reads one entry of the sweep's answer.
func (c *consumer) takenOver(s []string) entry {
	lane, _ := strconv.Atoi(s[0])
	deliveries, _ := strconv.Atoi(s[2])
	fields := map[string]any{"envelope": s[3], "put": s[4], "try": s[5], "failures": s[6]}
	return newEntry(c.lanes[lane-1], s[1], deliveries, fields)
}

// renew shows that the entries we hold are being worked on, so that a slow call
// is not taken for a dead process. One that was alive for that long does not end
// processes: its deliveries are counted from here.
func (c *consumer) renew(ctx context.Context) {
	ctx, cancel := calling(ctx)
	defer cancel()
	for _, l := range c.lanes {
		ids := l.renewable()
		if len(ids) == 0 {
			continue
		}
		args := []any{"XCLAIM", l.stream, group, c.config.Name, 0}
		for _, id := range ids {
			args = append(args, id)
		}
		if err := c.config.Redis.Do(ctx, append(args, "RETRYCOUNT", 1, "JUSTID")...).Err(); err != nil {
			c.config.Log.WithError(err).WithField("entries", len(ids)).Warn("held work could not be renewed")
		}
	}
}

// forget removes the names of processes that ended long ago.
func (c *consumer) forget(ctx context.Context) {
	ctx, cancel := calling(ctx)
	defer cancel()
	if err := forgetScript.Run(ctx, c.config.Redis, c.streams, group, forgetAfter.Milliseconds()).Err(); err != nil {
		c.config.Log.WithError(err).Debug("no consumer could be forgotten")
	}
}
