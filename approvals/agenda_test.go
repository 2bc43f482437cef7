package approvals

import (
	"slices"
	"testing"
	"time"
)

func TestPaceOfLooks(t *testing.T) {
	at := noon.Add(ahead)
	verified := after(t, called(t, 1, Accepted), noon, Look{Observation: planned})
	fresh := called(t, 1, Accepted)
	if task := fresh.Agenda(Pace{})[0]; !task.At.Equal(noon) {
		t.Errorf("the first look is at %s", task.At)
	}
	running := after(t, verified, at, Look{Observation: busy})
	found := after(t, verified, at.Add(-3*time.Hour), Look{Observation: unplanned})
	for name, c := range map[string]struct {
		request Request
		seen    time.Time
		want    time.Duration
	}{
		"right after the call":      {fresh, noon.Add(6 * time.Second), 3 * time.Second},
		"still invisible":           {fresh, noon.Add(5 * time.Minute), time.Minute},
		"days ahead":                {verified, noon.Add(time.Hour), 15 * time.Minute},
		"just before the last hour": {verified, at.Add(-time.Hour - 4*time.Minute), 4 * time.Minute},
		"in the last hour":          {verified, at.Add(-30 * time.Minute), time.Minute},
		"due":                       {verified, at.Add(10 * time.Minute), time.Minute},
		"running":                   {running, at.Add(20 * time.Minute), 20 * time.Second},
		"an end seen once":          {found, at.Add(-2 * time.Hour), 20 * time.Second},
	} {
		c.request.Items[0].Progress.SeenAt = c.seen
		if task := c.request.Agenda(Pace{})[0]; task.Kind != TaskLook || task.At.Sub(c.seen) != c.want {
			t.Errorf("%s: %v, not %s after the last look", name, task, c.want)
		}
	}
	slow := Pace{Far: time.Hour, Near: 2 * time.Minute, Running: time.Minute}
	running.Items[0].Progress.SeenAt = at
	if task := running.Agenda(slow)[0]; task.At.Sub(at) != time.Minute {
		t.Errorf("a pace of one's own: %v", task)
	}
}

// TestLooksMeet: requests that were seen at different moments are due at the same,
// so that one list call serves them all.
func TestLooksMeet(t *testing.T) {
	looks := map[time.Time]bool{}
	for second := range 400 {
		r := after(t, called(t, 1, Accepted), noon, Look{Observation: planned})
		r.Items[0].Progress.SeenAt = noon.Add(time.Duration(second) * time.Second)
		looks[r.Agenda(Pace{})[0].At] = true
	}
	if len(looks) != 1 {
		t.Errorf("looks at %v", looks)
	}
	count := func(r Request, from, until time.Duration, shows Observation) (n int) {
		r = follow(t, r, from, glimpse{-ahead, shows})
		for ; !r.Agenda(Pace{})[0].At.After(noon.Add(ahead + until)); n++ {
			r = after(t, r, r.Agenda(Pace{})[0].At, Look{Observation: shows})
		}
		return n
	}
	r := called(t, 1, Accepted)
	if n := count(r, -15*time.Hour, -10*time.Hour, planned); n != 20 {
		t.Errorf("long before: %d looks in 5 h, not one in 15 min", n)
	}
	if n := count(r, -50*time.Minute, -20*time.Minute, planned); n != 30 {
		t.Errorf("near the time: %d looks in 30 min, not one a minute", n)
	}
	if n := count(after(t, r, r.At, Look{Observation: busy}), 2*time.Minute, 12*time.Minute, busy); n != 30 {
		t.Errorf("while it runs: %d looks in 10 min, not one in 20 s", n)
	}
}

func TestRemindersComeBeforeTheDeadline(t *testing.T) {
	r := upgradeAsked(1)
	r.RemindAt = append(RemindAt([]float64{0.25, 0.75}, noon, r.Deadline), r.Deadline)
	span := r.Deadline.Sub(noon)
	want := []Task{
		{Kind: TaskRemind, Stage: 1, At: noon.Add(span / 4)}, {Kind: TaskRemind, Stage: 2, At: noon.Add(span * 3 / 4)},
		{Kind: TaskExpire, At: r.Deadline},
	}
	if got := r.Agenda(Pace{}); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	r = after(t, r, noon, yes("A"))
	if got := r.Agenda(Pace{}); len(got) != 1 || got[0].Kind != TaskCall {
		t.Errorf("reminded of what is decided: %v", got)
	}
}

func TestAReminder(t *testing.T) {
	asked := upgradeAsked(1)
	asked.RemindAt = []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)}
	now, later := noon.Add(time.Hour), noon.Add(90*time.Minute)
	r := after(t, asked, now, Remind{Stage: 1, Whom: []string{"A", "B"}, Later: later, Direct: true})
	if told(r) != "reminder 1, direct 1 A, direct 1 B" || !r.RemindAt[0].Equal(later) || !r.RemindAt[1].Equal(asked.RemindAt[1]) {
		t.Errorf("told %s, next %v", told(r), r.RemindAt)
	}
	if !r.Reminded(1, "A") || r.Reminded(2, "A") || r.Reminded(1, "C") {
		t.Error(r.Reminders)
	}
	if !asked.RemindAt[0].Equal(noon.Add(time.Hour)) {
		t.Error("the record before it was changed")
	}
	r = after(t, r, later, Remind{Stage: 1, Whom: []string{"C"}})
	if told(r) != "reminder 1, direct 1 A, direct 1 B, reminder 2" || !r.RemindAt[0].IsZero() || len(r.Agenda(Pace{})) != 2 {
		t.Errorf("told %s, next %v", told(r), r.RemindAt)
	}
	if quiet := after(t, asked, now, Remind{Stage: 1}); told(quiet) != "" || len(quiet.Reminders) != 0 ||
		!quiet.RemindAt[0].IsZero() {
		t.Errorf("nobody is left: told %s, next %v", told(quiet), quiet.RemindAt)
	}
	for _, never := range []time.Time{now, asked.Deadline} {
		if r := after(t, asked, now, Remind{Stage: 1, Later: never}); !r.RemindAt[0].IsZero() {
			t.Errorf("again at %s", r.RemindAt[0])
		}
	}
	for _, event := range []Remind{{Stage: 0}, {Stage: 3}} {
		refused(t, asked, now, event, Replaced)
	}
	refused(t, approved(t, 1), now, Remind{Stage: 1}, WrongState)
}

// TestPeopleAreRemindedOfEachRevision has them answer to a time and then asks for
// another.
func TestPeopleAreRemindedOfEachRevision(t *testing.T) {
	r := upgradeAsked(1)
	r.RemindAt = []time.Time{noon}
	r = after(t, r, noon, Remind{Stage: 1, Whom: []string{"A"}}, moved(r, time.Hour))
	if r.Reminded(1, "A") {
		t.Error("they were reminded of another time")
	}
}

func TestWhenAPictureSettles(t *testing.T) {
	for name, c := range map[string]struct {
		request Request
		want    time.Time
	}{
		"waiting for people":     {upgradeAsked(1), time.Time{}},
		"about to be called":     {approved(t, 1), noon.Add(settlesWithin)},
		"it waits to be called":  {called(t, 1, NotSent), time.Time{}},
		"a call is under way":    {claimed(t, 1), noon.Add(settlesWithin)},
		"it is being read back":  {called(t, 1, Accepted), noon.Add(settlesWithin)},
		"it was read back":       {after(t, called(t, 1, Accepted), noon, Look{Observation: planned}), time.Time{}},
		"the later of two calls": {after(t, claimed(t, 2), noon.Add(time.Minute), Claim{Item: 1}), noon.Add(time.Minute + settlesWithin)},
	} {
		if got := c.request.SettlesAt(); !got.Equal(c.want) {
			t.Errorf("%s: at %s, not %s", name, got, c.want)
		}
	}
}

func TestWhenAPictureChangesByItself(t *testing.T) {
	accepted := called(t, 1, Accepted)
	running := after(t, accepted, noon.Add(ahead), Look{Observation: busy})
	both := after(t, running, noon.Add(ahead), Look{Observation: busy})
	both.Items = append(both.Items, accepted.Items[0])
	now := noon.Add(ahead)
	both.Items[1].Call.FinishedAt = now.Add(-time.Second)
	for name, c := range map[string]struct {
		request Request
		now     time.Time
		want    time.Time
	}{
		"waiting for people":                {upgradeAsked(1), noon, upgradeAsked(1).Deadline.Add(-3*day + time.Millisecond)},
		"nobody waits for people":           {after(t, upgradeAsked(1), noon, Withdraw{By: person("R")}), noon, time.Time{}},
		"approved, and not called":          {approved(t, 1), noon, noon.Add(wordAfter)},
		"approved, and not called for long": {approved(t, 1), noon.Add(wordAfter), time.Time{}},
		"accepted, not visible":             {accepted, noon, noon.Add(InvisibleAfter)},
		"accepted, not visible for long":    {accepted, noon.Add(InvisibleAfter), time.Time{}},
		"read back":                         {after(t, accepted, noon, Look{Observation: planned}), noon, time.Time{}},
		"running":                           {running, now, now.Add(redrawRunning)},
		"stuck":                             {after(t, running, now.Add(StuckAfter+time.Minute), Look{Observation: busy}), now.Add(5 * time.Hour), now.Add(5*time.Hour + redrawStuck)},
		"the earlier of two":                {both, now, now.Add(InvisibleAfter - time.Second)},
		"a call that is waited for is none": {claimed(t, 1), noon.Add(wordAfter), time.Time{}},
	} {
		if got := c.request.RedrawAt(c.now); !got.Equal(c.want) {
			t.Errorf("%s: at %s, not %s", name, got, c.want)
		}
	}
}

func TestALookThatBringsNothingIsNoFact(t *testing.T) {
	r := after(t, called(t, 1, Accepted), noon, Look{Observation: planned})
	later := noon.Add(time.Hour)
	if next := after(t, r, later, Look{Observation: planned}); !r.SameFacts(&next) || !next.ChangedAt.Equal(later) || r.ChangedAt.Equal(later) {
		t.Error("it shows what was known")
	}
	for name, o := range map[string]Observation{"gone": unplanned, "running": busy} {
		if next := after(t, r, later, Look{Observation: o}); r.SameFacts(&next) {
			t.Errorf("%s, and that is no fact", name)
		}
	}
}
