package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

const (
	retryAfter = 2 * time.Second // what could not be done because something is away
	holdFor    = 5 * time.Second // what cannot be judged while the clocks differ
	// takeOverAfter is before the second step of a move is tried again.
	takeOverAfter = 300 * time.Millisecond

	lookSoon   = 3 * time.Second // a look that the cloud did not let happen, at the least
	lookAfter  = time.Minute     // and at the most
	stallAfter = time.Minute     // a task that is done and still due

	// projectWidth is how many requests of one project are acted on at once: one whose
	// cloud hangs leaves workers to others.
	projectWidth = workers / 2
)

// result is what came of one event, or of one task.
type result struct {
	after *approvals.Request // the record as far as it is known
	now   time.Time
	retry time.Duration // when to try again, if not when the record says; 0: as it says

	conflict bool // somebody else has changed the record meanwhile
}

// actOn does what is due by the record that is held, until nothing is.
func (e *Engine) actOn(ctx context.Context, l *store.Lease) (next time.Time, sent map[string]string) {
	for {
		before := l.Request.Counter
		retries := e.perform(ctx, l, dueAt(l.Request.Agenda(e.Pace), l.Now))
		if len(retries) > 0 || l.Request.Counter == before || e.acts.stopping() {
			return nextOf(l.Request, e.Pace, retries, l.Now), nil
		}
	}
}

func dueAt(tasks []approvals.Task, now time.Time) []approvals.Task {
	return slices.DeleteFunc(tasks, func(task approvals.Task) bool { return task.At.After(now) })
}

// timeless is a task as it is told from others.
func timeless(t approvals.Task) approvals.Task {
	t.At = time.Time{}
	return t
}

// nextOf is when the first task is due, those that have to wait then. A task that
// was just done and is still due waits too.
func nextOf(r *approvals.Request, pace approvals.Pace, retries map[approvals.Task]time.Duration, now time.Time) time.Time {
	var next time.Time
	for _, task := range r.Agenda(pace) {
		at := task.At
		if wait, waits := retries[timeless(task)]; waits {
			at = now.Add(wait)
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// perform does tasks, those of different items at the same time, so that one
// call that hangs keeps no other from being made. It returns what has to wait.
func (e *Engine) perform(ctx context.Context, l *store.Lease, due []approvals.Task) map[approvals.Task]time.Duration {
	results, retries := make([]result, len(due)), map[approvals.Task]time.Duration{}
	if len(due) == 1 {
		results[0] = e.do(ctx, l.Request, due[0])
		l.Request, l.Now = results[0].after, results[0].now
	} else {
		e.together(ctx, l, due, results)
	}
	for i, res := range results {
		if res.retry > 0 {
			retries[timeless(due[i])] = res.retry
		}
	}
	return retries
}

// together does several tasks. What is committed, Settle hands out again; a look that
// brought nothing is remembered for as long as the lease is held.
func (e *Engine) together(ctx context.Context, l *store.Lease, due []approvals.Task, results []result) {
	var group sync.WaitGroup
	for i, task := range due {
		results[i] = result{after: l.Request, retry: afterPanic} // unless more comes of it
		group.Go(func() { e.acts.guarded(l.Request, func() { results[i] = e.insist(ctx, l.Request, task) }) })
	}
	group.Wait()
	seen := *l.Request
	seen.Items = slices.Clone(seen.Items)
	l.Now, l.Request = e.Store.Now(), &seen
	for i, res := range results {
		if item := due[i].Item; due[i].Kind == approvals.TaskLook && res.after.Counter == seen.Counter {
			seen.Items[item] = res.after.Items[item]
		}
	}
}

// insist does a task again for as long as the other items' tasks get in its way.
func (e *Engine) insist(ctx context.Context, r *approvals.Request, task approvals.Task) result {
	for {
		res := e.do(ctx, r, task)
		if !res.conflict || e.acts.stopping() {
			return res
		}
		fresh, err := e.Store.Load(ctx, r.ID)
		if err != nil || !stillDue(fresh, e.Pace, task, e.Store.Now()) {
			return res
		}
		r = fresh
	}
}

// do does one task. A conflict is no failure: the record is read and decided on
// again. While the clocks are far apart nothing is due by them: only a call goes on, to tell
// people that it is not made.
func (e *Engine) do(ctx context.Context, r *approvals.Request, task approvals.Task) result {
	if task.Kind != approvals.TaskCall && e.Trusted(r.Items[task.Item].Target.Project, JudgeSkew) != nil {
		return result{after: r, now: e.Store.Now(), retry: holdFor}
	}
	res, err := doers[task.Kind](e, ctx, r, task)
	res.conflict = errors.Is(err, store.ErrConflict)
	if err != nil || res.after == nil {
		res.after, res.now = r, e.Store.Now()
	}
	if err != nil && !res.conflict {
		res.retry = retryAfter
		if ctx.Err() == nil {
			e.log(r).WithError(err).WithField("task", string(task.Kind)).Warn("put off")
		}
	}
	if res.retry == 0 && err == nil && res.after.Counter == r.Counter && stillDue(res.after, e.Pace, task, res.now) {
		e.log(r).WithField("task", string(task.Kind)).Warn("a task is done and still due")
		res.retry = stallAfter
	}
	return res
}

func stillDue(r *approvals.Request, pace approvals.Pace, task approvals.Task, now time.Time) bool {
	return slices.ContainsFunc(dueAt(r.Agenda(pace), now), func(other approvals.Task) bool { return timeless(other) == timeless(task) })
}

// doers do each kind of task for a record as it was read. A result without a record
// is that nothing has changed.
var doers = map[approvals.TaskKind]func(*Engine, context.Context, *approvals.Request, approvals.Task) (result, error){
	approvals.TaskExpire: (*Engine).expire, approvals.TaskRemind: (*Engine).remind, approvals.TaskCall: (*Engine).call,
	approvals.TaskInquire: (*Engine).inquire, approvals.TaskLook: (*Engine).look, approvals.TaskTakeBack: (*Engine).takeBack,
	approvals.TaskRelease: (*Engine).release, approvals.TaskTakeOver: (*Engine).takeOver, approvals.TaskHeadsUp: (*Engine).headsUp,
	approvals.TaskForget: (*Engine).forget,
}

func (e *Engine) expire(ctx context.Context, r *approvals.Request, _ approvals.Task) (result, error) {
	return e.commit(ctx, r, approvals.Expire{})
}

func (e *Engine) remind(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	event, err := e.Authority.Snapshot().Reminder(ctx, r, task.Stage, e.Store.Now())
	if err != nil {
		return result{}, err
	}
	return e.commit(ctx, r, event)
}

func (e *Engine) headsUp(ctx context.Context, r *approvals.Request, task approvals.Task) (result, error) {
	return e.commit(ctx, r, approvals.HeadsUp{Item: task.Item})
}

func (e *Engine) forget(ctx context.Context, r *approvals.Request, _ approvals.Task) (result, error) {
	return result{retry: stallAfter}, e.Store.Forget(ctx, r)
}
