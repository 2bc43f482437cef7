package engine

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals/growstack"
	"cbhbot/approvals/store"
)

const (
	// pollEvery is how often a pool looks for what others left; for what comes due by
	// the clock, which it knows ahead, it looks in time.
	pollEvery = 300 * time.Millisecond
	// renewEvery leaves room for two renewals that fail.
	renewEvery = store.LeaseFor / 4
	takeAtOnce = 32
	longPause  = 2 * time.Second // between polls while Redis is away
	afterPanic = time.Minute     // before a bad record is tried again
)

// pool works on one queue: it takes what is due, keeps the leases of what is
// worked on, and takes part in what this process has just committed.
type pool struct {
	store *store.Store
	queue store.Queue
	log   logrus.FieldLogger
	work  func(ctx context.Context, l store.Lease)
	slots chan struct{}
	tasks sync.WaitGroup

	mu      sync.Mutex
	ctx     context.Context // of the work; nil: not running
	held    map[*store.Lease]bool
	stopped bool
}

func newPool(s *store.Store, q store.Queue, log logrus.FieldLogger, work func(context.Context, store.Lease)) *pool {
	return &pool{
		store: s, queue: q, log: log.WithField("queue", string(q)), work: work,
		slots: make(chan struct{}, workers), held: map[*store.Lease]bool{},
	}
}

// run works until ctx ends; then nothing more is begun, and what is under way has
// a while to end.
func (p *pool) run(ctx context.Context) {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	p.locked(func() { p.ctx, p.stopped = work, false })
	var renewals sync.WaitGroup
	renewals.Go(func() { p.renew(work) })
	p.poll(ctx)
	p.locked(func() { p.stopped = true })
	timer := time.AfterFunc(grace, stop)
	p.tasks.Wait()
	timer.Stop()
	stop()
	renewals.Wait()
}

func (p *pool) locked(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// stopping reports whether the pool is to let go of what it holds.
func (p *pool) stopping() (is bool) {
	p.locked(func() { is = p.stopped })
	return is
}

func (p *pool) poll(ctx context.Context) {
	wait, away := pollEvery, false
	for {
		next, err := p.take(ctx)
		if away && err == nil {
			p.log.Info("the queue can be read again")
		}
		away = err != nil
		if err != nil && ctx.Err() == nil {
			p.log.WithError(err).Warn("the queue cannot be read; trying again")
			wait = min(2*wait, longPause)
		} else {
			wait = min(max(next, 0), pollEvery)
		}
		if !pause(ctx, wait) {
			return
		}
		wait = max(wait, pollEvery)
	}
}

// take begins what is due, as far as there are workers, and says how long it is
// until the next is.
func (p *pool) take(ctx context.Context) (next time.Duration, err error) {
	n := 0
	for n < takeAtOnce && p.reserve() {
		n++
	}
	if n == 0 {
		return pollEvery, nil
	}
	leases, next, err := p.store.Take(ctx, p.queue, n)
	for i := range leases {
		p.begin(&leases[i], true)
	}
	for range n - len(leases) {
		p.free()
	}
	return next, err
}

// reserve takes a worker, if one is free and the pool runs.
func (p *pool) reserve() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil || p.stopped {
		return false
	}
	select {
	case p.slots <- struct{}{}:
		p.tasks.Add(1)
		return true
	default:
		return false
	}
}

// begin gives a lease to a worker that was reserved; nil lets the worker go.
func (p *pool) begin(l *store.Lease, reserved bool) {
	switch {
	case !reserved:
	case l == nil:
		p.free()
	default:
		p.mu.Lock()
		ctx := p.ctx
		p.held[l] = true
		p.mu.Unlock()
		go func() {
			growstack.Grow()
			defer p.free()
			defer p.locked(func() { delete(p.held, l) })
			if fell := guarded(p.log.WithField("request", l.Request.Name()), func() { p.work(ctx, *l) }); fell {
				_, _, _ = p.store.Settle(ctx, *l, l.Now.Add(afterPanic), nil) // else the lease runs out
			}
		}()
	}
}

// guarded keeps one bad record from taking the process, and with it everybody
// else's work, down. It reports whether the work has panicked.
func guarded(log logrus.FieldLogger, work func()) (fell bool) {
	defer func() {
		if fault := recover(); fault != nil {
			log.WithFields(logrus.Fields{"panic": fault, "stack": string(debug.Stack())}).Error("a worker failed")
			fell = true
		}
	}()
	work()
	return false
}

// beside does a piece of work that is nobody's lease, if a worker is free.
func (p *pool) beside(work func(ctx context.Context)) {
	if !p.reserve() {
		return
	}
	p.mu.Lock()
	ctx := p.ctx
	p.mu.Unlock()
	go func() {
		defer p.free()
		guarded(p.log, func() { work(ctx) })
	}()
}

func (p *pool) free() {
	<-p.slots
	p.tasks.Done()
}

// renew keeps what is worked on from being taken for a dead process's.
func (p *pool) renew(ctx context.Context) {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var leases []store.Lease
		p.locked(func() {
			for l := range p.held {
				leases = append(leases, *l)
			}
		})
		if len(leases) == 0 {
			continue
		}
		if err := p.store.Renew(ctx, p.queue, leases); err != nil && ctx.Err() == nil {
			p.log.WithError(err).Warn("leases could not be renewed")
		}
	}
}
