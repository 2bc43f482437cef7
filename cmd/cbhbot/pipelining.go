package main

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/growstack"
)

const (
	// scriptsAlone go out at once, each on its own connection. While so many are under
	// way, others wait for each other, and share the round trip of the first that is free.
	scriptsAlone = 4
	// pipelineAfter is how long they wait at most: a connection that hangs delays nobody
	// on another.
	pipelineAfter = 5 * time.Millisecond
	// pipelineMost are answered at once: all whom they wake want the processor then, and
	// envelopes that arrive wait behind them for their ack.
	pipelineMost = 16
)

// pipelining is a hook of a Redis client that sends scripts which are run at the same
// time in one pipeline: a round trip costs either side as much as a script.
type pipelining struct {
	client redis.UniversalClient

	mu       sync.Mutex
	underWay int // round trips
	waiting  []*script
}

// script is one that waits. Its command is a copy, because whoever gave it up may not
// have it written to any more.
type script struct {
	ctx  context.Context
	cmd  *redis.Cmd
	done chan struct{}
}

// once is not sent again with the others, of which some may have been answered, when
// their connection breaks.
type once struct{ *redis.Cmd }

func (once) NoRetry() bool { return true }

func (p *pipelining) DialHook(next redis.DialHook) redis.DialHook { return next }

func (p *pipelining) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (p *pipelining) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		given, _ := cmd.(*redis.Cmd)
		if given == nil || given.Name() != "evalsha" {
			return next(ctx, cmd)
		}
		s := p.join(ctx, given)
		if s == nil {
			defer p.next()
			return next(ctx, cmd)
		}
		select {
		case <-s.done:
		case <-ctx.Done():
			given.SetErr(ctx.Err())
			return ctx.Err()
		}
		if s.cmd.Err() != nil || s.cmd.Val() == nil { // of an answer that breaks off, the value is an empty one
			return next(ctx, given) // it got no answer, or an error that may be worth trying again
		}
		given.SetVal(s.cmd.Val())
		return nil
	}
}

// join has a script wait for others; nil: it goes out by itself.
func (p *pipelining) join(ctx context.Context, given *redis.Cmd) *script {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.underWay < scriptsAlone {
		p.underWay++
		return nil
	}
	s := &script{ctx: ctx, cmd: redis.NewCmd(ctx, given.Args()...), done: make(chan struct{})}
	if p.waiting = append(p.waiting, s); len(p.waiting) == 1 {
		time.AfterFunc(pipelineAfter, p.late)
	}
	return s
}

// next ends a round trip, and begins another for those that wait.
func (p *pipelining) next() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.underWay--
		return
	}
	go p.send(p.take())
}

// late begins round trips for all that wait: the first of them has waited long enough.
func (p *pipelining) late() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.waiting) > 0 {
		p.underWay++
		go p.send(p.take())
	}
}

func (p *pipelining) take() []*script {
	n := min(len(p.waiting), pipelineMost)
	some := p.waiting[:n:n]
	p.waiting = p.waiting[n:]
	return some
}

// send runs scripts in one round trip, but for those that were given up meanwhile.
func (p *pipelining) send(some []*script) {
	growstack.Grow()
	defer p.next()
	pipe := p.client.Pipeline()
	for _, s := range some {
		if s.ctx.Err() == nil {
			_ = pipe.Process(s.ctx, once{s.cmd})
		}
	}
	// The client's own time-outs bound it. What gets no answer goes by itself.
	_, _ = pipe.Exec(context.Background())
	for _, s := range some {
		close(s.done)
	}
}
