package engine

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
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
	longPause  = 2 * time.Second        // between polls while Redis is away
	laneWait   = 300 * time.Millisecond // before a full lane is tried again: at first,
	laneWaits  = 5 * time.Second        // and at the most
	pressedFor = time.Second            // for how long a change counts as just pressed
	afterPanic = time.Minute            // before a bad record is tried again
	newerAfter = 5 * time.Minute        // before one that a later version of the program wrote
	badAfter   = 10 * time.Minute       // before one that cannot be read
)

// pool works on one queue: it takes what is due, keeps the leases of what is
// worked on, and takes part in what this process has just committed.
type pool struct {
	queue store.Queue
	// lane is whose room a request takes while it is worked on, and width how many have
	// room there: one that is slow or full leaves the workers to others.
	lane  func(*approvals.Request) string
	width int
	since func(*approvals.Request) time.Time // when what is to be done was due first
	// work does what is due for a lease's request, which it may leave there as it then
	// stands, and returns when something is due next, and what was sent.
	work  func(context.Context, *store.Lease) (next time.Time, sent map[string]string)
	noted func(sent map[string]string) // is told what was sent when that is in the store

	store *store.Store
	log   logrus.FieldLogger
	tasks sync.WaitGroup

	mu       sync.Mutex
	ctx      context.Context // of the work; nil: not running
	held     map[*store.Lease]bool
	reserved int            // workers
	inside   map[string]int // by lane
	busy     int            // in all lanes
	stopped  bool
}

// newPool completes a pool that says what it does.
func newPool(c Config, p *pool) *pool {
	p.store, p.log = c.Store, c.Log.WithField("queue", string(p.queue))
	p.held, p.inside = map[*store.Lease]bool{}, map[string]int{}
	return p
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
	for runs := true; runs; runs = pause(ctx, wait) {
		next, err := p.take(ctx)
		if away && err == nil {
			p.log.Info("the queue can be read again")
		}
		if away = err != nil; away && ctx.Err() == nil {
			p.log.WithError(err).Warn("the queue cannot be read; trying again")
			wait = min(2*max(wait, pollEvery), longPause)
		} else {
			wait = min(max(next, 0), pollEvery)
		}
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
	if p.ctx == nil || p.stopped || p.reserved == workers {
		return false
	}
	p.reserved++
	p.tasks.Add(1)
	return true
}

// begin gives a lease to a worker that was reserved; nil lets the worker go.
func (p *pool) begin(l *store.Lease, reserved bool) {
	switch {
	case !reserved:
	case l == nil:
		p.free()
	default:
		p.locked(func() { p.held[l] = true })
		p.start(func(ctx context.Context) {
			defer p.locked(func() { delete(p.held, l) })
			if panicked := p.guarded(l.Request, func() { p.reconcile(ctx, *l) }); panicked {
				_, _, _ = p.store.Settle(ctx, *l, l.Now.Add(afterPanic), nil) // else the lease runs out
			}
		})
	}
}

// beside does a piece of work on a request that is nobody's lease, if a worker is free and
// there is room in the lane.
func (p *pool) beside(r *approvals.Request, work func(ctx context.Context)) {
	if p.reserve() {
		p.start(func(ctx context.Context) {
			p.guarded(r, func() { p.within(p.lane(r), false, func() { work(ctx) }) })
		})
	}
}

// start lets a worker that was reserved work: the pool runs for as long.
func (p *pool) start(work func(ctx context.Context)) {
	go func() {
		growstack.Grow()
		defer p.free()
		work(p.ctx)
	}()
}

// guarded keeps one bad record from taking the process, and with it everybody
// else's work, down. It reports whether the work has panicked.
func (p *pool) guarded(r *approvals.Request, work func()) (panicked bool) {
	defer func() {
		if fault := recover(); fault != nil {
			p.log.WithFields(logrus.Fields{"request": r.Name(), "panic": fault, "stack": string(debug.Stack())}).Error("a worker failed")
			panicked = true
		}
	}()
	work()
	return false
}

// reconcile works on a request for as long as it changes meanwhile, and gives it back.
func (p *pool) reconcile(ctx context.Context, l store.Lease) {
	for moved := true; moved; {
		next, sent := p.workOn(ctx, &l)
		var err error
		if l, moved, err = p.settle(ctx, l, next, sent); err != nil {
			p.log.WithError(err).WithField("request", l.Request.Name()).Warn("a lease could not be settled; it runs out")
			return
		}
		if p.stopping() {
			return // if it moved, the lease runs out
		}
	}
}

// workOn is work, if the record can be read and its lane has room; else the request is due
// again later, and ever later: thousands may wait for a cloud that hangs.
func (p *pool) workOn(ctx context.Context, l *store.Lease) (next time.Time, sent map[string]string) {
	if l.Err != nil {
		return l.Now.Add(p.unreadable(l.Err)), nil
	}
	late, pressed := l.Now.Sub(p.since(l.Request)), l.Now.Sub(l.Request.ChangedAt) < pressedFor
	next = l.Now.Add(jitter(min(max(late/2, laneWait), laneWaits)))
	p.within(p.lane(l.Request), pressed, func() { next, sent = p.work(ctx, l) })
	return next, sent
}

// within does work in a lane, and leaves it whatever happens. Where there is no room, it
// does nothing.
func (p *pool) within(lane string, pressed bool, work func()) {
	if p.enter(lane, pressed) {
		defer p.locked(func() { p.count(lane, -1) })
		work()
	}
}

// enter counts one into a lane if there is room. No lane takes more workers than it leaves
// to others, so that of several that hang none takes the last. What was just pressed has
// more room: thousands that are due at once do not delay it.
func (p *pool) enter(lane string, pressed bool) (enters bool) {
	p.locked(func() {
		room := min(p.width, workers-p.busy-1)
		if pressed {
			room *= 2
		}
		if enters = p.inside[lane] < room; enters {
			p.count(lane, 1)
		}
	})
	return enters
}

// count counts into a lane, or out of it. The caller holds p.mu.
func (p *pool) count(lane string, by int) {
	p.busy += by
	if p.inside[lane] += by; p.inside[lane] == 0 {
		delete(p.inside, lane)
	}
}

// settle gives a request back. What was sent is noted also at a shutdown, and for as
// long as nobody else looks for it: a message that nobody has noted may be posted twice.
func (p *pool) settle(ctx context.Context, l store.Lease, next time.Time, sent map[string]string) (store.Lease, bool, error) {
	if len(sent) == 0 {
		return p.store.Settle(ctx, l, next, nil)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerFor)
	defer cancel()
	for {
		after, moved, err := p.store.Settle(ctx, l, next, sent)
		if err == nil {
			p.noted(sent)
		}
		if err == nil || p.stopping() || !pause(ctx, answerPause) {
			return after, moved, err
		}
	}
}

// unreadable says why a record cannot be read, and is how long to leave it alone.
func (p *pool) unreadable(why error) time.Duration {
	if errors.Is(why, store.ErrNewer) {
		p.log.WithError(why).Warn("left alone")
		return newerAfter
	}
	p.log.WithError(why).Error("a record cannot be read")
	return badAfter
}

func (p *pool) free() {
	p.locked(func() { p.reserved-- })
	p.tasks.Done()
}

// renew keeps what is worked on from being taken for a dead process's.
func (p *pool) renew(ctx context.Context) {
	ticker := time.NewTicker(renewEvery) // one that was slow is followed by the next at once
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
