package approvals

import (
	"cmp"
	"slices"
	"time"
)

// TaskKind is what a reconciler does for a request.
type TaskKind string

// The tasks. Each may be done twice without harm.
const (
	TaskExpire   TaskKind = "expire"    // the approval deadline has come
	TaskRemind   TaskKind = "remind"    // ask again those who have not answered
	TaskCall     TaskKind = "call"      // call the cloud for an item
	TaskInquire  TaskKind = "inquire"   // find out what became of a call with an unclear outcome, or without any at its claim's end
	TaskLook     TaskKind = "look"      // see how far the cloud is with an item
	TaskTakeBack TaskKind = "take back" // ask the cloud to cancel an item of a batch that has failed
	TaskTakeOver TaskKind = "take over" // begin the second step of a move
	TaskRelease  TaskKind = "release"   // tell the upgrade what became of its cancel
	TaskHeadsUp  TaskKind = "heads up"  // tell people that an upgrade comes
	TaskForget   TaskKind = "forget"    // the record's retention is over
)

// Retention is how long a finished request is kept.
const Retention = 400 * 24 * time.Hour

// Task is one thing to do, and when.
type Task struct {
	Kind  TaskKind
	Item  int
	Stage int // of a reminder or a heads-up, from 1
	At    time.Time
}

// Pace is how often instances are looked at. A zero field is its default.
type Pace struct {
	Far     time.Duration // long before an upgrade, and while one is stuck: 15 min
	Near    time.Duration // from an hour before until it was seen running: 60 s
	Running time.Duration // while it runs: 20 s
}

const (
	fresh    = 3 * time.Second // the pace right after the call, until it is visible
	freshFor = time.Minute
)

// Agenda lists what is to be done for the request, in the order of time.
func (r *Request) Agenda(pace Pace) []Task {
	var tasks []Task
	switch {
	case r.State == Pending:
		tasks = r.pendingTasks()
	case r.Open(), r.State == Approved:
		tasks = r.itemTasks(pace)
	}
	if !r.Open() {
		tasks = append(tasks, Task{Kind: TaskForget, At: r.ChangedAt.Add(Retention)})
	}
	slices.SortStableFunc(tasks, func(a, b Task) int { return a.At.Compare(b.At) })
	return tasks
}

func (r *Request) pendingTasks() []Task {
	tasks := []Task{{Kind: TaskExpire, At: r.Deadline}}
	for i, at := range r.RemindAt {
		if !at.IsZero() && at.Before(r.Deadline) {
			tasks = append(tasks, Task{Kind: TaskRemind, Stage: i + 1, At: at})
		}
	}
	return tasks
}

func (r *Request) itemTasks(pace Pace) []Task {
	var tasks []Task
	for i := range r.Items {
		it := &r.Items[i]
		add := func(kind TaskKind, at time.Time) { tasks = append(tasks, Task{Kind: kind, Item: i, At: at}) }
		switch {
		case it.Release: // before anything else: an upgrade waits for it
			add(TaskRelease, r.ChangedAt)
		case it.State == Waiting && it.Step == StepTakeOver:
			add(TaskTakeOver, later(it.Call.NextAt, r.ChangedAt))
		case it.State == Waiting:
			add(TaskCall, later(it.Call.NextAt, r.ChangedAt))
		case it.State == Executing:
			add(TaskInquire, it.Call.EndsAt)
		case it.State == Unknown:
			add(TaskInquire, it.Call.NextAt)
		case it.Unfinished(), it.State == Missed && pace.next(r, i).Before(r.dueAt(i).Add(giveUpAfter)):
			add(TaskLook, pace.next(r, i))
		}
		if r.Stopped && it.State == Scheduled && it.Step == "" && !it.Stop && it.TakenBack == 0 {
			add(TaskTakeBack, r.takeBackAt(it))
		}
		if at := r.headsUpAt(i); !at.IsZero() {
			tasks = append(tasks, Task{Kind: TaskHeadsUp, Item: i, Stage: it.Warned + 1, At: at})
		}
	}
	return tasks
}

// takeBackAt is when an item can be taken back: a cloud that does not show the
// upgrade yet would say that there is none.
func (r *Request) takeBackAt(it *Item) time.Time {
	if it.Progress.VerifiedAt.IsZero() && it.Call.Outcome.Code != CodeReadBack {
		return later(r.ChangedAt, it.Call.FinishedAt.Add(InvisibleAfter))
	}
	return r.ChangedAt
}

// next is when an item that the cloud holds is to be looked at again. Looks are
// due at the same moments for all requests, so that they can share one call.
func (p Pace) next(r *Request, i int) time.Time {
	p = Pace{Far: cmp.Or(p.Far, 15*time.Minute), Near: cmp.Or(p.Near, time.Minute), Running: cmp.Or(p.Running, 20*time.Second)}
	it, at := &r.Items[i], r.dueAt(i)
	seen, unverified := it.Progress.SeenAt, it.State == Scheduled && it.Progress.VerifiedAt.IsZero()
	stuck := it.State == Running && !it.Progress.StuckAt.IsZero()
	switch {
	case seen.Before(it.Call.FinishedAt):
		return it.Call.FinishedAt
	case it.Progress.Finding != "" || it.State == Running && !stuck:
		return onGrid(seen, p.Running)
	case stuck:
		return onGrid(seen, p.Far)
	case unverified && seen.Sub(it.Call.FinishedAt) < freshFor:
		return onGrid(seen, fresh)
	case unverified || it.TakenBack != 0 || !seen.Before(at.Add(-nearBefore)):
		return onGrid(seen, p.Near)
	}
	return earlier(onGrid(seen, p.Far), at.Add(-nearBefore))
}

// onGrid is a whole multiple of step, half a step to one and a half after t.
func onGrid(t time.Time, step time.Duration) time.Time {
	return t.Add(step / 2).Truncate(step).Add(step)
}

// settlesWithin is how long a change that usually brings another is not shown.
const settlesWithin = time.Second

// SettlesAt is until when the picture of the request is about to change by
// itself, so that it need not be sent: a call is about to be made, is under way, or
// is just being read back. Zero: it is settled.
func (r *Request) SettlesAt() time.Time {
	var at time.Time
	for i := range r.Items {
		it := &r.Items[i]
		switch {
		case r.State == Approved && it.State == Waiting && it.Call.FinishedAt.IsZero():
			at = later(at, r.ChangedAt.Add(settlesWithin))
		case it.State == Executing:
			at = later(at, it.Call.StartedAt.Add(settlesWithin))
		case it.State == Scheduled && it.Progress.VerifiedAt.IsZero():
			at = later(at, it.Call.FinishedAt.Add(settlesWithin))
		}
	}
	return at
}

func earlier(some ...time.Time) time.Time { return slices.MinFunc(some, time.Time.Compare) }

func later(some ...time.Time) time.Time { return slices.MaxFunc(some, time.Time.Compare) }

// How often the picture of what runs is drawn anew: it says for how long.
const (
	redrawRunning = time.Minute
	redrawStuck   = 15 * time.Minute
)

// RedrawAt is when the picture of the request, or what is told of it, changes although
// its record does not; zero: never.
func (r *Request) RedrawAt(now time.Time) time.Time {
	moments := []time.Time{r.quietSince().Add(wordAfter)} // those that are past are left out below
	if r.State == Pending {
		moments = append(moments, leftUntil(r.Deadline, now))
	}
	for i := range r.Items {
		it := &r.Items[i]
		switch {
		case r.Stage(i) == Running && !it.Progress.StuckAt.IsZero():
			moments = append(moments, now.Add(redrawStuck))
		case r.Stage(i) == Running:
			moments = append(moments, now.Add(redrawRunning))
		case it.State == Scheduled && it.Progress.VerifiedAt.IsZero():
			moments = append(moments, it.Call.FinishedAt.Add(InvisibleAfter))
		}
	}
	moments = slices.DeleteFunc(moments, func(at time.Time) bool { return !at.After(now) })
	if len(moments) == 0 {
		return time.Time{}
	}
	return earlier(moments...)
}

const day = 24 * time.Hour

// leftSteps are those in which people think of what is left of less than two days. They
// are few, because each is an update of a message.
var leftSteps = []time.Duration{
	36 * time.Hour, day, 18 * time.Hour, 12 * time.Hour, 6 * time.Hour, 3 * time.Hour, 2 * time.Hour, time.Hour, 30 * time.Minute, 10 * time.Minute,
}

// Left is how much time is left until a deadline, at least: whole days from two days
// on, then steps that become shorter; 0: less than the shortest.
func Left(deadline, now time.Time) time.Duration {
	left := deadline.Sub(now)
	if left >= 2*day {
		return left.Truncate(day)
	}
	for _, step := range leftSteps {
		if left >= step {
			return step
		}
	}
	return 0
}

// leftUntil is when Left changes; zero: never again.
func leftUntil(deadline, now time.Time) time.Time {
	left := Left(deadline, now)
	if left == 0 {
		return time.Time{}
	}
	return deadline.Add(-left).Add(time.Millisecond) // Redis' clock has no finer moments
}
