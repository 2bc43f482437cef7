package approvals

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// book is what the model notes by itself, to check the record with: who approved
// which revision, when each item was called, and whose press was the latest.
type book struct {
	given    map[string]int // human -> the revision they approved
	glass    int            // the revision the glass was broken for
	pressed  map[string]time.Time
	calls    []calls
	released bool
}

// calls is what may have left for one item.
type calls struct {
	may    bool      // some call may have taken effect
	at     time.Time // when the latest was claimed
	absent int       // looks that began when it was settled, and showed no trace
	looked time.Time // when the last of them began
	before *calls    // as it was before the latest
}

func newBook() book { return book{given: map[string]int{}, pressed: map[string]time.Time{}} }

// settled reports whether nothing that was called can have taken effect.
func (c calls) settled() bool { return !c.may || c.absent >= 2 }

// approved is what the book says about a revision.
func (b *book) approved(revision int) bool {
	return b.glass == revision || b.given["A"] == revision && b.given["B"] == revision
}

// note keeps the book, and says which rule an event has broken.
func (b *book) note(before, after Request, now time.Time, from Origin, event Event) string {
	if from.At.Before(b.pressed[from.By]) && !from.At.IsZero() {
		return "a press counts that the same person's later one has overtaken"
	}
	if !from.At.IsZero() {
		b.pressed[from.By] = from.At
	}
	if from.Revision != 0 && from.Revision != before.Revision {
		return fmt.Sprintf("what was pressed on a card of revision %d counts for %d", from.Revision, before.Revision)
	}
	if broken := b.decide(before, after, now, event); broken != "" {
		return broken
	}
	if after.State == Approved && !b.approved(after.Revision) {
		return fmt.Sprintf("revision %d is approved by %v, and the glass is broken for %d", after.Revision, b.given, b.glass)
	}
	if _, i := event.About(); i != Whole {
		return b.call(i, before, after, now, event)
	}
	return ""
}

func (b *book) decide(before, after Request, now time.Time, event Event) string {
	if untimely(before, now, event) {
		return fmt.Sprintf("%s counts at %s, with the deadline %s", verbOf(event), now, before.Deadline)
	}
	switch e := event.(type) {
	case Approve:
		if b.given[e.By.Counted()] == before.Revision && len(after.Decisions) > len(before.Decisions) { // else it completes what has become enough
			return "a human counts twice"
		}
		b.given[e.By.Counted()] = before.Revision
	case Retract:
		if b.given[e.By.Counted()] == before.Revision {
			b.glass = 0
		}
		delete(b.given, e.By.Counted())
	case Lapse:
		b.glass = 0
		for _, id := range e.Strike {
			delete(b.given, id)
		}
	case BreakGlass:
		b.glass = before.Revision
	case Reschedule:
		if after.Revision != before.Revision+1 {
			return "another time is no other revision"
		}
	}
	return ""
}

func untimely(before Request, now time.Time, event Event) bool {
	switch event.(type) {
	case Approve, BreakGlass, Reschedule:
		return !now.Before(before.Deadline)
	case Expire:
		return now.Before(before.Deadline)
	}
	return false
}

// call checks what happens between approval and answer.
func (b *book) call(i int, before, after Request, now time.Time, event Event) string {
	c, was, is := &b.calls[i], before.Items[i], after.Items[i]
	switch e := event.(type) {
	case Claim:
		if broken := b.claim(i, before, after, now); broken != "" {
			return broken
		}
		old := *c
		*c = calls{may: true, at: now, before: &old}
	case Unclaim:
		if e.Worker != was.Call.Worker {
			return fmt.Sprintf("%q gives back the claim of %q", e.Worker, was.Call.Worker)
		}
		*c = *c.before
	case Finish:
		if e.Attempt != was.Call.Attempt {
			return fmt.Sprintf("the answer of attempt %d counts for attempt %d", e.Attempt, was.Call.Attempt)
		}
		if (e.Outcome.Kind == NotSent || e.Outcome.Kind == Deferred) && was.State == Executing {
			*c = *c.before
		}
	case Look:
		traced := before.TookEffect(i, e.Observation, now)
		if was.State == Unknown && !traced && e.Began.Sub(c.at) >= 60*time.Second && e.Began.After(c.looked) {
			c.absent++
			c.looked = e.Began
		}
	case Release:
		b.released = true
	}
	if is.Step == StepTakeOver && was.Step == StepCancel {
		*c = calls{} // it took effect; another call follows
	}
	_, answered := event.(Finish)
	if ended := is.End == EndStopped || is.End == EndRefused; ended && !slices.Contains(final, was.State) && !answered && !c.settled() {
		return "a call that may have taken effect is said not to have"
	}
	return ""
}

func (b *book) claim(i int, before, after Request, now time.Time) string {
	last := before.At.Add(before.Items[i].Offset - before.Lead)
	if before.Action == Rollback {
		last = before.Deadline.Add(before.Lead)
	}
	switch {
	case !b.approved(before.Revision):
		return fmt.Sprintf("called in revision %d, approved are %v", before.Revision, b.given)
	case !now.Before(last):
		return "called later than the cloud wants to know of it"
	case !b.calls[i].settled():
		return fmt.Sprintf("called again %d looks after a call that may have taken effect", b.calls[i].absent)
	case after.Items[i].Call.Attempt != before.Items[i].Call.Attempt+1:
		return "attempts are not counted"
	case before.Stopped:
		return "called after another of the batch has failed"
	}
	return ""
}

// stayed says what has changed that never does.
func stayed(before, after Request) string {
	if !before.Open() && !slices.ContainsFunc(before.Items, func(it Item) bool { return it.State == Missed }) {
		return "something happened to a request that is over"
	}
	if len(after.Notices) < len(before.Notices) || !slices.Equal(after.Notices[:len(before.Notices)], before.Notices) {
		return "a notice was taken away"
	}
	if after.Revision != before.Revision && (after.Revision != before.Revision+1 || len(after.Approvals()) > 0 || before.State != Pending) {
		return "another revision is not another decision"
	}
	for i, it := range before.Items {
		is := after.Items[i]
		if it.Release = is.Release; !it.Unfinished() && it.State != Missed && it != is {
			return fmt.Sprintf("item %d was over, and changed", i)
		}
		if is.Offset != it.Offset || is.Call.Attempt < it.Call.Attempt {
			return fmt.Sprintf("item %d is at %s, attempt %d, after %s, attempt %d", i, is.Offset, is.Call.Attempt, it.Offset, it.Call.Attempt)
		}
	}
	return ""
}

// consistent says what does not fit together in a record.
func consistent(r Request) string {
	keys := map[string]bool{}
	for _, n := range r.Notices {
		keys[n.Key()] = true
	}
	var locks []string
	for i, it := range r.Items {
		over := r.State != Pending && r.State != Approved
		switch {
		case r.State == Approved && r.Stopped && it.State == Waiting:
			return "of a batch that was stopped, one still waits"
		case r.State == Pending && it.State != Waiting && it.End != EndTakenOut, over && it.Unfinished() && it.State != Waiting:
			return fmt.Sprintf("it is %s, and item %d is %s", r.State, i, it.State)
		case r.Batch() && (it.State == Failed || it.State == Missed) && !r.Stopped && (!r.Moves() || !it.Progress.VerifiedAt.IsZero()):
			return "one of a batch has failed, and the batch goes on"
		}
		if !over && it.Unfinished() {
			locks = append(locks, r.Lock(i))
		}
	}
	switch {
	case len(keys) != len(r.Notices):
		return "two notices are the same"
	case !slices.Equal(r.Holds(), locks):
		return fmt.Sprintf("it holds %v, and not %v", r.Holds(), locks)
	case r.State == Pending && r.Emergency != nil:
		return "an emergency outlives its approval"
	}
	return ""
}

// workable says why nothing would move a request that is open.
func workable(r Request) string {
	tasks := r.Agenda(Pace{})
	if !slices.Equal(tasks, r.Agenda(Pace{})) {
		return "the agenda of an unchanged record is another"
	}
	if !r.Open() && slices.ContainsFunc(tasks, func(task Task) bool {
		return task.Kind != TaskForget && (task.Kind != TaskLook || r.Items[task.Item].State != Missed)
	}) {
		return fmt.Sprintf("it is over, and %v is to be done", tasks)
	}
	for i, task := range tasks {
		if task.At.IsZero() || i > 0 && task.At.Before(tasks[i-1].At) {
			return fmt.Sprintf("the agenda is out of order: %v", tasks)
		}
	}
	has := func(i int, kinds ...TaskKind) bool {
		return slices.ContainsFunc(tasks, func(t Task) bool { return t.Item == i && slices.Contains(kinds, t.Kind) })
	}
	if r.State == Pending && !has(0, TaskExpire) {
		return "nothing ends a pending request"
	}
	for i, it := range r.Items {
		if r.State == Approved && it.Unfinished() && !has(i, TaskCall, TaskInquire, TaskLook, TaskTakeOver, TaskRelease) || it.Release && !has(i, TaskRelease) {
			return fmt.Sprintf("nothing moves item %d, which is %s: %v", i, it.State, tasks)
		}
	}
	return ""
}

// frozen is a copy of what events change in place.
func frozen(r Request) Request {
	r.Items, r.Decisions, r.Notices = slices.Clone(r.Items), slices.Clone(r.Decisions), slices.Clone(r.Notices)
	r.RemindAt, r.Applied, r.Reminders, r.Pressed = slices.Clone(r.RemindAt), slices.Clone(r.Applied),
		slices.Clone(r.Reminders), maps.Clone(r.Pressed)
	return r
}

// same compares what events change in place.
func same(a, b Request) bool {
	return a.State == b.State && a.ChangedAt.Equal(b.ChangedAt) && slices.Equal(a.Items, b.Items) && slices.Equal(a.Decisions, b.Decisions) &&
		slices.Equal(a.Notices, b.Notices) && slices.Equal(a.RemindAt, b.RemindAt) && slices.Equal(a.Applied, b.Applied) &&
		len(a.Reminders) == len(b.Reminders) && maps.Equal(a.Pressed, b.Pressed)
}
