package bot

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	group = "cbhbot" // of the consumers: all replicas

	// A handler mostly waits, for Slack, the cloud or Redis, and costs a few
	// kilobytes: there are enough that many hung calls leave some free, and few
	// enough that they do not starve Redis' connections.
	workers   = 64
	readBatch = 32 // taken over from others at once
	// One that has run for so long waits for something that hangs, and needs no connection
	// of Redis meanwhile: it leaves its place to others, for whom nothing may hang. So many
	// are kept waiting beside the workers.
	hangsAfter = time.Second
	mostHung   = 448

	// Handlers that were just begun are mostly computing: a few at a time are done
	// sooner, each of them, than all at once. One that takes longer waits for others.
	young = 16
	youth = 5 * time.Millisecond
	// A flood is acked before its commands are worked on: people see a failure after
	// three seconds without an ack, while an answer may come later.
	youngInFlood = 1

	readEvery  = 300 * time.Millisecond // for what other processes have put and could not begin
	writeEvery = 100 * time.Millisecond // for what could not be written
	sweepEvery = 300 * time.Millisecond
	renewEvery = 500 * time.Millisecond
	abandoned  = 2 * time.Second // untouched for so long, an entry is taken over
	apart      = 300 * time.Microsecond
	callWithin = time.Second // each command; also how long a hung Redis may hold a shutdown up

	grace  = 7 * time.Second // for running handlers after the end
	lastly = time.Second     // for handlers that were cut off to say so

	forgetAfter = time.Hour // a consumer that holds nothing
)

// consumer is one process's work on an inbox.
type consumer struct {
	*Inbox
	serve func(context.Context, Delivery) error
	lanes []*lane
	tasks sync.WaitGroup
	ended outbox
	faint time.Duration // how long the next failing read is waited after
	away  bool          // the inbox could not be read
}

// Run works on what is kept until ctx ends, and then waits for the handlers that
// are running, at most 7 s. Each entry is served at least once, in this process
// or another: it is done when serve returns nil. With an error made by Later, or
// one that says that Redis is away, it is tried again after a pause, for ever; any
// other error and a panic are its own, and the fifth, or one made by Hopeless, parks
// it. Run waits out a Redis that is away.
func (i *Inbox) Run(ctx context.Context, serve func(context.Context, Delivery) error) {
	c := &consumer{Inbox: i, serve: serve, ended: outbox{more: make(chan struct{}, 1)}}
	for _, stream := range i.streams {
		c.lanes = append(c.lanes, newLane(stream))
	}
	c.run(ctx)
}

func (c *consumer) run(ctx context.Context) {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	keep, stop := context.WithCancel(work)
	defer stop()
	var taking, keeping sync.WaitGroup
	c.forget(ctx)
	taking.Go(func() { paced(ctx, c.fresh, readEvery, func() { c.read(ctx, work) }) })
	taking.Go(func() { paced(ctx, c.behind, sweepEvery, func() { c.sweep(ctx, work) }) })
	keeping.Go(func() { paced(keep, nil, renewEvery, func() { c.renew(keep) }) })
	keeping.Go(func() { paced(keep, c.ended.more, writeEvery, func() { c.settle(keep) }) })
	taking.Wait()
	if !c.idleWithin(grace) {
		cut()
		c.idleWithin(lastly)
	}
	stop()
	keeping.Wait()
	c.settle(ctx)
}

// idleWithin waits until no handler runs, and reports whether it came to that.
func (c *consumer) idleWithin(d time.Duration) bool {
	idle := make(chan struct{})
	go func() { c.tasks.Wait(); close(idle) }()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-idle:
		return true
	case <-timer.C:
		return false
	}
}

// paced calls f at once, then whenever it is told to and at least at every
// interval, until ctx ends. Calls follow each other a little apart, so that under
// load one does for many, and when it is quiet none is late.
func paced(ctx context.Context, told <-chan struct{}, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		began := time.Now()
		f()
		if rest := apart - time.Since(began); rest > 0 && !sleep(ctx, rest) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-told:
		case <-ticker.C:
		}
	}
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // told already
	}
}

// begin starts a handler, unless one is at the entry already.
func (c *consumer) begin(work context.Context, e entry) {
	lane, id := e.lane, e.id // without what it holds, which nobody needs any more when it has ended
	if !lane.begin(id) {
		return
	}
	aging := time.AfterFunc(youth, func() {
		c.goOn(lane.matures())
		time.AfterFunc(hangsAfter, func() { c.goOn(lane.hangs(id)) })
	})
	c.tasks.Go(func() {
		became := e.judge(c.handle(work, e), c.pause)
		c.log(became)
		c.ended.add(became)
		if aging.Stop() {
			lane.matures()
		}
		c.goOn(lane.end(id))
	})
}

// goOn has the next entries read, if there may be more.
func (c *consumer) goOn(more bool) {
	if more {
		signal(c.fresh)
	}
}

// errDeadly is an entry's that was begun often and never came to an end: it is
// not begun once more, because it may be what ends the processes.
var errDeadly = fmt.Errorf("begun %d times and never finished", mostDeliveries)

// handle turns a panic into an error, so that one entry cannot take the process,
// and with it everybody else's work, down.
func (c *consumer) handle(ctx context.Context, e entry) (err error) {
	defer recovered(&err)
	if e.deliveries > mostDeliveries {
		return errDeadly
	}
	if e.unread != nil {
		return e.unread
	}
	return c.serve(ctx, e.Delivery)
}
