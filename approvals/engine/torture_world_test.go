package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// world is everything outside the processes of a torture: the cloud, the chat and
// the time. It misbehaves until it is calm.
//
// Time is moved on while nothing is under way there: a call or a post that a
// process is only about to make is older than the process can know then, and never
// leaves, as if the process itself had noticed.
type world struct {
	store *store.Store // of nobody
	calm  atomic.Bool

	moving sync.RWMutex // held for reading by what is under way
	ahead  atomic.Int64

	mu        sync.Mutex
	instances map[string]*instance
	underWay  map[string]bool // calls that may yet take effect
	effects   map[string]int  // calls that took effect, by request, revision and item
	marks     map[string]int  // messages that stand, by what they are
	sends     map[string]int  // messages tried, by what they are and the second of it
	faults    []string
}

// instance is one in the cloud.
type instance struct {
	id        string
	version   int
	scheduled time.Time
	fails     bool // its next upgrade changes nothing
}

const upgradeTakes = 10 * time.Minute

func newWorld(n int) *world {
	w := &world{
		instances: map[string]*instance{}, underWay: map[string]bool{}, effects: map[string]int{}, marks: map[string]int{},
		sends: map[string]int{},
	}
	for i := range n {
		id := fmt.Sprint("x", i)
		w.instances[id] = &instance{id: id}
	}
	return w
}

func (w *world) skipped() time.Duration { return time.Duration(w.ahead.Load()) }

// pass moves the time on when nothing is under way.
func (w *world) pass(d time.Duration) {
	w.moving.Lock()
	defer w.moving.Unlock()
	w.ahead.Add(int64(d))
}

// roll is a number from 0 to 99: the dice of everything that may go wrong.
func (w *world) roll() int {
	if w.calm.Load() {
		return 99
	}
	return rand.IntN(100)
}

func dawdle(most time.Duration) { time.Sleep(rand.N(most)) }

// target is an instance as somebody sees it who asks for its upgrade.
func (w *world) target(id string) approvals.Target {
	o := w.observe(w.instances[id])
	return approvals.Target{Project: "p", ServerID: id, Name: o.Name, Version: o.Version, Offer: o.Offer}
}

// observe lets an instance live up to the present, and shows it.
func (w *world) observe(in *instance) approvals.Observation {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.store.Now()
	running := !in.scheduled.IsZero() && !now.Before(in.scheduled)
	if running && now.Sub(in.scheduled) >= upgradeTakes {
		if running, in.scheduled = false, (time.Time{}); !in.fails {
			in.version++
		}
		in.fails = rand.IntN(10) == 0
	}
	return approvals.Observation{
		ServerID: in.id, Name: "bastion-" + in.id, Version: fmt.Sprint("3.", in.version), Offer: approvals.OfferMinor,
		UpgradeTime: in.scheduled, Idle: !running, Running: running,
	}
}

// process is the world as one process meets it, until it is dead.
type process struct {
	*world
	dead atomic.Bool
}

var errFault = errors.New("fault")

func (p *process) Survey(context.Context, string, time.Time) (approvals.Survey, error) {
	begun := time.Now()
	p.moving.RLock()
	defer p.moving.RUnlock()
	dice := p.roll()
	if dice < 3 {
		dawdle(500 * time.Millisecond)
	}
	if dice < 8 || p.dead.Load() {
		return approvals.Survey{}, errFault
	}
	var all []approvals.Observation
	for _, in := range p.instances {
		all = append(all, p.observe(in))
	}
	return approvals.NewSurvey(begun, all), nil
}

func (p *process) Supports(context.Context, string) bool { return true }

// claim finds the claim that a call is made for: "" when it has ended.
func (w *world) claim(action approvals.Action, target approvals.Target, at time.Time) string {
	open, err := w.store.Open(context.Background())
	if err != nil {
		return ""
	}
	for _, r := range open {
		for i, it := range r.Items {
			same := r.Action == action && it.Target.ServerID == target.ServerID && r.Time(i).Equal(at) && it.State == approvals.Executing
			if same && w.store.Now().Sub(it.Call.StartedAt) < approvals.CallTimeout-callMargin {
				return fmt.Sprintf("%s of CBH-%d:%d#%d", action, r.ID, r.Revision, i)
			}
		}
	}
	return ""
}

func (p *process) Call(_ context.Context, action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome {
	p.moving.RLock()
	over := p.moving.RUnlock
	defer func() { over() }()
	key, dice := p.claim(action, target, at), p.roll()
	if key == "" || p.dead.Load() || dice < 10 {
		return approvals.Outcome{Kind: approvals.NotSent, Code: approvals.CodeUnreached}
	}
	p.leaves(key)
	switch {
	case dice < 15:
		p.ends(key)
		return approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeConflict}
	case dice < 22:
		p.ends(key)
		return approvals.Outcome{Kind: approvals.Unclear, Code: approvals.CodeUnreached}
	case dice < 35:
		later := over
		go func() { // the answer is lost, and the effect comes later
			defer later()
			dawdle(300 * time.Millisecond)
			p.takes(key, action, target, at)
		}()
		over = func() {}
		return approvals.Outcome{Kind: approvals.Unclear, Code: approvals.CodeUnreached}
	case dice < 45:
		dawdle(800 * time.Millisecond)
	}
	p.takes(key, action, target, at)
	return approvals.Outcome{Kind: approvals.Accepted}
}

func (w *world) leaves(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.underWay[key] {
		w.faults = append(w.faults, "two at once: "+key)
	}
	w.underWay[key] = true
}

func (w *world) ends(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.underWay[key] = false
}

// takes is a call's effect.
func (w *world) takes(key string, action approvals.Action, target approvals.Target, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.underWay[key] = false
	if w.effects[key]++; w.effects[key] > 1 {
		w.faults = append(w.faults, "twice: "+key)
	}
	if in := w.instances[target.ServerID]; action == approvals.Cancel {
		in.scheduled = time.Time{}
	} else {
		in.scheduled = at
	}
}

func (p *process) Card(r *approvals.Request, _ time.Time) Picture {
	shows := fmt.Sprint(r.Stages(), len(r.Decisions), r.Revision, len(r.Notices))
	return Picture{Mark: fmt.Sprint("card of ", r.ID), Digest: shows, Body: p.skipped()}
}

func (p *process) Notice(r *approvals.Request, n approvals.Notice, _ time.Time) Picture {
	verified := !r.Items[n.Item].Progress.VerifiedAt.IsZero()
	return Picture{Mark: fmt.Sprint(n.Key(), " of ", r.ID), Digest: fmt.Sprint(verified), Body: p.skipped()}
}

// fresh reports whether a post leaves in the time in which nobody else posts it:
// time was hardly moved on since it was drawn, before it was granted.
func (w *world) fresh(p Picture) bool { return w.skipped()-p.Body.(time.Duration) < 5*time.Second }

func (p *process) Post(_ context.Context, _ Place, picture Picture) (string, error) {
	p.moving.RLock()
	defer p.moving.RUnlock()
	dice := p.roll()
	p.tries("post " + picture.Mark)
	switch {
	case p.dead.Load() || dice < 8 || !p.fresh(picture):
		return "", &SendError{Failure: NotSent, Err: errFault}
	case dice < 12:
		return "", &SendError{Failure: Limited, Method: "chat.postMessage", After: 200 * time.Millisecond, Err: errFault}
	case dice < 17:
		return "", &SendError{Failure: Unclear, Err: errFault}
	case dice < 25:
		dawdle(400 * time.Millisecond)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.marks[picture.Mark]++; p.marks[picture.Mark] > 1 {
		p.faults = append(p.faults, "posted twice: "+picture.Mark)
	}
	if dice < 33 {
		return "", &SendError{Failure: Unclear, Err: errFault}
	}
	return picture.Mark, nil
}

// tries counts what is sent in one second of the world outside.
func (w *world) tries(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what = fmt.Sprintf("%s at %d", what, time.Now().Unix())
	if w.sends[what]++; w.sends[what] == 12 {
		w.faults = append(w.faults, "again and again: "+what)
	}
}

func (p *process) Update(_ context.Context, _ Place, ts string, _ Picture) error {
	p.moving.RLock()
	defer p.moving.RUnlock()
	p.tries("update " + ts)
	dice := p.roll()
	switch {
	case p.dead.Load() || dice < 10:
		return errFault
	case dice < 14:
		return &SendError{Failure: Limited, Method: "chat.update", After: 100 * time.Millisecond, Err: errFault}
	case dice < 20:
		dawdle(300 * time.Millisecond)
	}
	return nil
}

func (p *process) Tell(context.Context, *approvals.Request, approvals.Notice, time.Time) error {
	return nil
}

func (p *process) Find(_ context.Context, _ Place, picture Picture, _ time.Time) (string, error) {
	p.moving.RLock()
	defer p.moving.RUnlock()
	if p.dead.Load() || p.roll() < 20 {
		return "", errFault
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.marks[picture.Mark] > 0 {
		return picture.Mark, nil
	}
	return "", nil
}
