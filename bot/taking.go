package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// bounded is the context of one command. It outlives the end of the program a
// little: a read that was cut off would leave what it took to be taken over.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), callWithin)
}

// read takes what was put and begins it, in all lanes that have room. It does not
// block: that would hold a connection, and a shutdown up.
func (c *consumer) read(ctx, work context.Context) {
	reads, err := c.readGroups(ctx)
	if err != nil {
		c.faint = min(max(2*c.faint, readEvery), time.Second)
		c.mend(ctx, err)
		sleep(ctx, c.faint)
		return
	}
	c.back()
	for _, r := range reads {
		messages := r.messages()
		for _, m := range messages {
			c.begin(work, newEntry(r.lane, m.ID, 1, m.Values))
		}
		if r.lane.found(len(messages), r.most) {
			signal(c.behind)
		}
	}
}

// laneRead is what is read from one lane in a round.
type laneRead struct {
	lane   *lane
	most   int
	answer *redis.XStreamSliceCmd
}

func (r laneRead) messages() []redis.XMessage {
	if streams := r.answer.Val(); len(streams) > 0 {
		return streams[0].Messages
	}
	return nil
}

// readGroups reads the lanes that have room. What a lane without room misses is
// read when one of its handlers ends or grows old.
func (c *consumer) readGroups(ctx context.Context) (reads []laneRead, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	pipe := c.config.Redis.Pipeline()
	for _, l := range c.lanes {
		if most := c.opens(l); most > 0 {
			args := redis.XReadGroupArgs{
				Group: group, Consumer: c.config.Name, Streams: []string{l.stream, ">"}, Count: int64(most), Block: -1,
			}
			reads = append(reads, laneRead{l, most, pipe.XReadGroup(ctx, &args)})
		}
	}
	_, _ = pipe.Exec(ctx) // each read has its own error
	for _, r := range reads {
		if err := r.answer.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
	}
	return reads, nil
}

// opens is how many more handlers may be begun in a lane by a read.
func (c *consumer) opens(l *lane) int {
	presses := l == c.lanes[0] // somebody waits in front of what they pressed
	if !presses && c.config.Flooded != nil && c.config.Flooded() {
		return l.opens(youngInFlood)
	}
	return l.opens(young)
}

// mend makes the groups where they are missing: at the first start of all, and
// in a Redis that has lost its data.
func (c *consumer) mend(ctx context.Context, err error) {
	if redis.HasErrorPrefix(err, "NOGROUP") {
		ctx, cancel := bounded(ctx)
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
		c.away = true
		c.config.Log.WithError(err).Warn("the inbox cannot be read; trying again")
		return
	}
	c.back()
	signal(c.fresh)
}

// back notes that the inbox can be read.
func (c *consumer) back() {
	if c.away {
		c.config.Log.Info("the inbox can be read again")
	}
	c.away, c.faint = false, 0
}

// sweep brings back what was put off and is due, and takes over what others have
// left.
func (c *consumer) sweep(ctx, work context.Context) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var keys []string
	args := []any{group, c.config.Name, abandoned.Milliseconds(), putOffMost.Milliseconds()}
	for _, l := range c.lanes {
		l.sweeps()
		defer l.swept()
		keys = append(keys, l.stream, putOffKey(l.stream))
		args = append(args, l.brings(), min(l.room(), readBatch))
	}
	answer, err := sweepScript.Run(ctx, c.config.Redis, keys, args...).StringSlice()
	if err != nil {
		c.config.Log.WithError(err).Debug("nothing could be taken over")
		return
	}
	for n, l := range c.lanes {
		back, _ := strconv.Atoi(answer[n])
		if l.brought(back); back > 0 {
			signal(c.fresh)
		}
	}
	for taken := range slices.Chunk(answer[len(c.lanes):], 7) {
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
	ctx, cancel := bounded(ctx)
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
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := forgetScript.Run(ctx, c.config.Redis, c.streams, group, forgetAfter.Milliseconds()).Err(); err != nil {
		c.config.Log.WithError(err).Debug("no consumer could be forgotten")
	}
}
