package approvals

import (
	"context"
	"errors"
	"time"
)

// Pace is how often instances are looked at.
type Pace struct {
	Far     time.Duration // long before an upgrade: 15 min
	Near    time.Duration // from an hour before until it was seen running: 60 s
	Running time.Duration // while it runs: 20 s
	Fresh   time.Duration // right after the call, until it is visible: 3 s
}

const (
	nearBefore = time.Hour
	freshFor   = time.Minute
	afterFault = time.Minute
)

func (p Pace) orDefault() Pace {
	fill := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	fill(&p.Far, 15*time.Minute)
	fill(&p.Near, time.Minute)
	fill(&p.Running, 20*time.Second)
	fill(&p.Fresh, 3*time.Second)
	return p
}

// Next is when a watched request is to be looked at again.
func (p Pace) Next(r Request, now time.Time) time.Time {
	switch {
	case r.State == Running || r.Progress.Finding != "":
		return now.Add(p.Running)
	case r.Progress.VerifiedAt.IsZero() && now.Sub(r.Call.FinishedAt) < freshFor:
		return now.Add(p.Fresh)
	case r.Progress.VerifiedAt.IsZero() || r.TakenBack != 0 || !now.Before(r.At.Add(-nearBefore)):
		return now.Add(p.Near)
	}
	return earlier(now.Add(p.Far), r.At.Add(-nearBefore))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// watch looks at a project's instances once, for all its watched requests, and
// sets the timer of the next look. Nobody watched: no timer.
func (r *Runner) watch(ctx context.Context, project string) error {
	watched, err := r.watched(ctx, project)
	if err != nil || len(watched) == 0 {
		return err
	}
	seen, err := r.Executor.Survey(ctx, project)
	if err != nil {
		r.Log.WithError(err).WithField("project", project).Warn("the cloud cannot be read; trying again")
		return r.blind(ctx, project, watched)
	}
	for _, request := range watched {
		if err := r.show(ctx, request.ID, Find(seen, request.Target)); err != nil {
			return err
		}
	}
	return r.rearm(ctx, project)
}

// show applies a look. An instance that came back under another id may have been
// asked about under that id already: the request then stays with the old one.
func (r *Runner) show(ctx context.Context, id int64, o Observation) error {
	err := r.apply(ctx, id, Look{Observation: o})
	var busy *BusyError
	if errors.As(err, &busy) {
		return r.apply(ctx, id, Look{Observation: o, Taken: true})
	}
	return err
}

// blind notes a look that failed, and sets the timer of the next.
func (r *Runner) blind(ctx context.Context, project string, watched []Request) error {
	for _, request := range watched {
		if err := r.apply(ctx, request.ID, Blind{}); err != nil {
			return err
		}
	}
	return r.arm(ctx, project, r.Now().Add(afterFault))
}

func (r *Runner) watched(ctx context.Context, project string) ([]Request, error) {
	open, err := r.Store.Open(ctx)
	var watched []Request
	for _, request := range open {
		following := request.State == Scheduled || request.State == Running
		if following && request.Target.Project == project {
			watched = append(watched, request)
		}
	}
	return watched, err
}

func (r *Runner) rearm(ctx context.Context, project string) error {
	watched, err := r.watched(ctx, project)
	if err != nil || len(watched) == 0 {
		return err
	}
	pace, now := r.Pace.orDefault(), r.Now()
	next := pace.Next(watched[0], now)
	for _, request := range watched[1:] {
		next = earlier(next, pace.Next(request, now))
	}
	return r.arm(ctx, project, next)
}

func (r *Runner) arm(ctx context.Context, project string, at time.Time) error {
	return r.Store.arm(ctx, Effect{Kind: Watch, Key: project, At: at})
}

// Find picks a target's instance out of a survey. An instance whose id is gone
// is looked for by its name: a cross-version upgrade changes the id.
func Find(seen []Observation, target Target) Observation {
	for _, o := range seen {
		if o.ServerID == target.ServerID {
			return o
		}
	}
	named := Observation{Missing: true}
	for _, o := range seen {
		if o.Name != target.Name || target.Shared {
			continue
		}
		if !named.Missing {
			return Observation{Missing: true} // two have the name: either may be it
		}
		named = o
	}
	return named
}
