package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

// Executor is the cloud, as far as requests need it.
type Executor interface {
	// Survey looks at all instances of a project. The look was begun at since, by
	// this process's own clock, or later; several callers may share it. An error
	// that a call should know more of is an *approvals.ReadError.
	Survey(ctx context.Context, project string, since time.Time) (approvals.Survey, error)
	// Supports reports whether the project's region has upgrades through the
	// API: false only when the region says no.
	Supports(ctx context.Context, project string) bool
	// Call makes the one write an action asks for. It never repeats it, and does
	// not outlive ctx.
	Call(ctx context.Context, action approvals.Action, target approvals.Target, at time.Time) approvals.Outcome
}

// Config is what an Engine needs: all of it, but for Pace.
type Config struct {
	Store     *store.Store
	Authority policy.Authority
	Executor  Executor
	Presenter Presenter
	Log       logrus.FieldLogger
	Pace      approvals.Pace // how often to look at instances
	// Trusted is an error while Redis' clock and those that a project is judged by are
	// further apart than limit: Slack's and its cloud's; for "", those of all clouds.
	Trusted func(project string, limit time.Duration) error
	// Unseen says whether a person certainly cannot see a channel.
	Unseen func(ctx context.Context, channel, person string) bool
	// Changed is told when a request has changed, and when its card has been posted,
	// to which there is a link then. It is waited for by whoever changed it.
	Changed func()
	Metrics *Metrics
}

// How far the clocks may be apart.
const (
	CallSkew  = 30 * time.Second // that calls are made
	JudgeSkew = 5 * time.Minute  // that anything is concluded by the time, most of which is final, or times are read
)

// Engine changes requests. It is safe for concurrent use, and so are any number
// of them in any number of processes.
type Engine struct {
	Config
	acts, shows *pool
	memory      memory
}

const (
	// workers of a pool. They wait for others most of the time: 64 calls that hang
	// for their whole time-out leave room for as many as a day brings.
	workers = 256
	// sweepEvery is how often what is open is looked for in the queues.
	sweepEvery = time.Minute
	// grace is how long a shutdown waits for what is under way.
	grace = 7 * time.Second
)

// New returns an engine that works once it is Run.
func New(c Config) *Engine {
	e := &Engine{Config: c, memory: memory{calls: map[string]approvals.Call{}}}
	e.acts = newPool(c, &pool{
		queue: store.Act, work: e.actOn, lane: func(r *approvals.Request) string { return r.Items[0].Target.Project }, width: projectWidth,
		since: func(r *approvals.Request) time.Time { return r.Agenda(c.Pace)[0].At },
	})
	e.shows = newPool(c, &pool{
		queue: store.Show, work: e.show, lane: func(r *approvals.Request) string { return r.Channel }, width: channelWidth, noted: e.noted,
		since: func(r *approvals.Request) time.Time { return r.ChangedAt },
	})
	return e
}

// noted tells of a card that was posted.
func (e *Engine) noted(sent map[string]string) {
	if _, card := sent[store.FieldCard]; card {
		e.Changed()
	}
}

// Run reconciles until ctx ends, and then waits for what is under way.
func (e *Engine) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { e.acts.run(ctx) })
	parts.Go(func() { e.shows.run(ctx) })
	parts.Go(func() { e.sweep(ctx) })
	parts.Wait()
}

func (e *Engine) sweep(ctx context.Context) {
	for runs := true; runs; runs = pause(ctx, sweepEvery) {
		found, lost, err := e.Store.Sweep(ctx)
		for lock, id := range lost {
			log := e.Log.WithFields(logrus.Fields{"request": "CBH-" + id, "instance": lock})
			log.Error("an open request is gone from Redis: nobody follows it any more")
			e.Metrics.Losses.Inc()
		}
		switch {
		case err != nil && ctx.Err() == nil:
			e.Log.WithError(err).Warn("open requests could not be swept; trying again")
		case found > 0:
			e.Log.WithField("found", found).Warn("open requests were in no queue, or waited by a clock that was put back; they are due now")
		}
	}
}

// commit applies one of the program's own events to the record as it was read. An
// event that brings no fact is not written.
func (e *Engine) commit(ctx context.Context, before *approvals.Request, event approvals.Event) (result, error) {
	now := e.Store.Now()
	after, err := before.Apply(now, approvals.Origin{}, event)
	if err != nil || before.SameFacts(after) {
		return result{after: after, now: now}, err
	}
	done, err := e.write(ctx, &store.Change{Before: before, After: after, Entry: entryOfEvent(before, after, event)})
	return result{after: done.Request, now: done.Now}, err
}

// write commits a change, and works on at once what follows from it.
func (e *Engine) write(ctx context.Context, c *store.Change) (store.Committed, error) {
	c.After.NoteTelling(c.Before, e.Authority.Policy().Telling(c.After.Action, c.After.Items[0].Target))
	tasks := c.After.Agenda(e.Pace)
	c.ActAt = tasks[0].At
	c.TakeAct = !c.ActAt.After(c.After.ChangedAt) && e.acts.reserve()
	c.ShowAt = showAt(c)
	c.TakeShow = !c.ShowAt.After(c.After.ChangedAt) && e.shows.reserve()
	done, err := e.Store.Commit(ctx, c)
	e.acts.begin(done.Act, c.TakeAct)
	e.shows.begin(done.Show, c.TakeShow)
	if errors.Is(err, store.ErrConflict) {
		e.Metrics.conflicts.Inc()
	}
	if err != nil {
		return done, err
	}
	e.Changed()
	e.logChange(c.Before, done.Request, c.Entry)
	return done, nil
}

// showAt is when a change is worth showing: at once, unless the picture is about to
// change again and nobody is to be told anything.
func showAt(c *store.Change) time.Time {
	settles := c.After.SettlesAt()
	if len(c.After.Notices) > len(c.Before.Notices) || settles.Before(c.After.ChangedAt) {
		return c.After.ChangedAt
	}
	return settles
}

// apply commits one of the program's own events against whatever the record is by
// then: it is for facts that stay true. An event that the record does not allow
// any more is not an error: somebody was faster.
func (e *Engine) apply(ctx context.Context, id int64, event approvals.Event) (result, error) {
	return retried(func() (result, error) {
		r, err := e.Store.Load(ctx, id)
		if err != nil {
			return result{}, err
		}
		res, err := e.commit(ctx, r, event)
		if impossible(err) {
			return res, nil
		}
		return res, err
	})
}

// retried decides again for as long as somebody else was faster: whatever try
// reads, it reads anew.
func retried[T any](try func() (T, error)) (T, error) {
	for {
		done, err := try()
		if !errors.Is(err, store.ErrConflict) {
			return done, err
		}
	}
}

func impossible(err error) bool {
	_, is := errors.AsType[*approvals.EventError](err)
	return is
}

// logChange says what a commit has changed, and counts what was read back by it.
func (e *Engine) logChange(before, after *approvals.Request, entry audit.Entry) {
	e.logEntry(after, entry).Info("request changed")
	for i, it := range after.Items {
		if it.Progress.VerifiedAt.IsZero() || i < len(before.Items) && !before.Items[i].Progress.VerifiedAt.IsZero() {
			continue
		}
		took := it.Progress.VerifiedAt.Sub(it.Call.StartedAt)
		log := e.log(after).WithFields(logrus.Fields{"item": i, "attempt": it.Call.Attempt, "cloud_request": it.Call.Outcome.RequestID})
		if it.Call.Tries > 0 {
			e.Metrics.readBacks.Observe(took.Seconds())
			log = log.WithField("duration", took.Seconds())
		}
		log.Info("the cloud's list shows it")
	}
}

// logEntry is a line about an audit entry, with those fields that it has.
func (e *Engine) logEntry(r *approvals.Request, entry audit.Entry) logrus.FieldLogger {
	fields := logrus.Fields{
		"instance": cmp.Or(entry.Instance, r.InstanceNames()), "verb": string(entry.Verb), "actor": entry.Actor.ID,
		"envelope": entry.Event, "refused": entry.Refused, "cloud_request": entry.Cloud.RequestID,
	}
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == "" })
	if r.ID > 0 { // else none was made
		maps.Copy(fields, logrus.Fields{"request": r.Name(), "revision": r.Revision, "state": r.Stages()})
	}
	if entry.Attempt > 0 {
		fields["item"], fields["attempt"] = entry.Item, entry.Attempt
	}
	return e.Log.WithFields(fields)
}

func (e *Engine) log(r *approvals.Request) logrus.FieldLogger {
	return e.Log.WithFields(logrus.Fields{"request": r.Name(), "revision": r.Revision, "instance": r.InstanceNames()})
}
