package approvals

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// glimpse is what the instance shows from a moment on, told from the upgrade's
// time.
type glimpse struct {
	at    time.Duration
	shows Observation
}

var (
	asked     = upgradeAsked()
	waiting   = Observation{ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW", Idle: true, UpgradeTime: asked.At}
	busyNow   = Observation{ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Next: "NEW", Running: true, Phase: "UPGRADING, updating", UpgradeTime: asked.At}
	unplanned = with(waiting, func(o *Observation) { o.UpgradeTime = time.Time{} })
	upgraded  = with(unplanned, func(o *Observation) { o.Version, o.Next = "3.3.52.1", "OLD" })
)

func with(o Observation, change func(*Observation)) Observation {
	change(&o)
	return o
}

// follow looks at an accepted request's instance at the watcher's own pace and
// returns how it ended, and what its thread was told.
func follow(t *testing.T, r Request, until time.Duration, glimpses ...glimpse) (Request, []string) {
	t.Helper()
	now := noon
	r, _ = after(t, r, now, Approve{By: person("A"), Revision: 1, Quorum: needs(1, "A")}, Begin{}, Finish{Outcome{Kind: Accepted}})
	told := []string{}
	for end := r.At.Add(until); !now.After(end) && r.State.Open(); now = (Pace{}).orDefault().Next(r, now) {
		shows := glimpses[0].shows
		for _, g := range glimpses {
			if !now.Before(asked.At.Add(g.at)) {
				shows = g.shows
			}
		}
		next, effects, err := r.Apply(now, "", Look{Observation: shows})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			if e.Kind == Notify && !slices.Contains(told, e.Key) {
				told = append(told, e.Key)
			}
		}
		r = next
	}
	return r, told
}

// TestFactsSayWhen has a test for every row of the facts' table "say / when".
func TestFactsSayWhen(t *testing.T) {
	ahead, moved := -5*24*time.Hour, with(waiting, func(o *Observation) { o.UpgradeTime = o.UpgradeTime.Add(time.Hour) })
	idle := with(busyNow, func(o *Observation) { o.Running, o.Idle, o.UpgradeTime = false, true, time.Time{} })
	for name, row := range map[string]struct {
		glimpses []glimpse
		state    State
		told     string
		reason   string
	}{
		"scheduled (verified): read-back equals what was asked": {[]glimpse{{ahead, waiting}}, Scheduled, "scheduled", ""},
		"scheduled: accepted, not yet visible":                  {[]glimpse{{ahead, unplanned}, {ahead + 2*time.Minute, waiting}}, Scheduled, "accepted scheduled", ""},
		"changed outside: upgrade_time is gone":                 {[]glimpse{{ahead, waiting}, {ahead + time.Hour, unplanned}}, Changed, "scheduled changed", ""},
		"changed outside: upgrade_time differs":                 {[]glimpse{{ahead, waiting}, {ahead + time.Hour, moved}}, Changed, "scheduled changed", ""},
		"changed outside: never visible":                        {[]glimpse{{ahead, unplanned}}, Changed, "accepted changed", ""},
		"changed outside: the version, ahead of time":           {[]glimpse{{ahead, waiting}, {-time.Hour, upgraded}}, Changed, "scheduled changed", "upgraded"},
		"changed outside: the instance is gone":                 {[]glimpse{{ahead, waiting}, {-time.Hour, Observation{Missing: true}}}, Changed, "scheduled changed", "gone"},
		"not changed outside: one look that shows no time":      {[]glimpse{{ahead, waiting}, {-30 * time.Minute, unplanned}, {-30*time.Minute + 10*time.Second, waiting}}, Missed, "scheduled missed", ""},
		"running":   {[]glimpse{{ahead, waiting}, {0, busyNow}}, Running, "scheduled running", ""},
		"succeeded": {[]glimpse{{ahead, waiting}, {0, busyNow}, {34 * time.Minute, upgraded}}, Succeeded, "scheduled running succeeded", ""},
		"succeeded: not while active mid-restart":        {[]glimpse{{ahead, waiting}, {0, busyNow}, {30 * time.Minute, idle}, {30*time.Minute + 15*time.Second, busyNow}, {34 * time.Minute, upgraded}}, Succeeded, "scheduled running succeeded", ""},
		"succeeded: between two looks":                   {[]glimpse{{ahead, waiting}, {0, upgraded}}, Succeeded, "scheduled succeeded", ""},
		"succeeded: upgrade_time stays":                  {[]glimpse{{ahead, waiting}, {0, busyNow}, {34 * time.Minute, with(upgraded, func(o *Observation) { o.UpgradeTime = asked.At })}}, Succeeded, "scheduled running succeeded", ""},
		"failed: idle again with the same version":       {[]glimpse{{ahead, waiting}, {0, busyNow}, {34 * time.Minute, idle}}, Failed, "scheduled running failed", "same version"},
		"failed: ERROR or abnormal":                      {[]glimpse{{ahead, waiting}, {0, busyNow}, {17 * time.Minute, with(busyNow, func(o *Observation) { o.Running, o.Broken = false, true })}}, Failed, "scheduled running failed", "broken"},
		"failed: ERROR without having been seen running": {[]glimpse{{ahead, waiting}, {0, with(busyNow, func(o *Observation) { o.Running, o.Broken = false, true })}}, Failed, "scheduled failed", "broken"},
		"failed: more than 4 h":                          {[]glimpse{{ahead, waiting}, {0, busyNow}}, Failed, "scheduled running failed", "stuck"},
		"missed":                                         {[]glimpse{{ahead, waiting}}, Missed, "scheduled missed", ""},
		"missed: upgrade_time is gone":                   {[]glimpse{{ahead, waiting}, {0, unplanned}}, Missed, "scheduled missed", ""},
		"replaced": {[]glimpse{{ahead, waiting}, {0, busyNow}, {time.Hour, with(busyNow, func(o *Observation) { o.ServerID = "s-2" })}, {80 * time.Minute, with(upgraded, func(o *Observation) { o.ServerID, o.Next = "s-2", "ROLLBACK" })}},
			Succeeded, "scheduled running replaced succeeded", ""},
		"replaced: out of the list for a while": {[]glimpse{{ahead, waiting}, {0, busyNow}, {time.Hour, Observation{Missing: true}}, {80 * time.Minute, with(upgraded, func(o *Observation) { o.ServerID = "s-2" })}},
			Succeeded, "scheduled running succeeded replaced", ""},
		"second hop": {[]glimpse{{ahead, waiting}, {0, busyNow}, {34 * time.Minute, with(upgraded, func(o *Observation) { o.Next = "CROSS_OS" })}}, Succeeded, "scheduled running succeeded", ""},
	} {
		t.Run(name, func(t *testing.T) {
			until := 5 * time.Hour
			if row.state == Scheduled || row.state == Running {
				until = map[State]time.Duration{Scheduled: -time.Minute, Running: time.Hour}[row.state]
			}
			r, told := follow(t, upgradeAsked(), until, row.glimpses...)
			got, want := slices.Clone(told), strings.Fields(row.told)
			slices.Sort(got)
			slices.Sort(want)
			if r.State != row.state || r.Closing.Reason != row.reason || !slices.Equal(got, want) {
				t.Errorf("%s (%s), told %v", r.State, r.Closing.Reason, told)
			}
		})
	}
}

func TestHowLongAnUpgradeTook(t *testing.T) {
	for name, c := range map[string]struct {
		start time.Duration
		want  time.Duration
	}{
		"it began at its time":       {0, 34 * time.Minute},
		"it began ten minutes later": {10 * time.Minute, 24 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := follow(t, upgradeAsked(), time.Hour, glimpse{-5 * 24 * time.Hour, waiting}, glimpse{c.start, busyNow}, glimpse{34 * time.Minute, upgraded})
			if took := r.Progress.EndedAt.Sub(r.Progress.StartedAt); (took - c.want).Abs() > time.Minute {
				t.Errorf("took %s, not %s", took, c.want)
			}
		})
	}
}

func TestAStartThatNobodySawWasAtItsTime(t *testing.T) {
	r, _ := after(t, upgradeAsked(), noon, Approve{By: person("A"), Revision: 1, Quorum: needs(1, "A")}, Begin{}, Finish{Outcome{Kind: Accepted}})
	r, _ = after(t, r, r.At.Add(20*time.Minute), Look{Observation: busyNow})
	if r.State != Running || !r.Progress.StartedAt.Equal(r.At) {
		t.Errorf("%s since %s", r.State, r.Progress.StartedAt)
	}
}

func TestFactsMissedIsHalfAnHourAfterItsTime(t *testing.T) {
	r, _ := follow(t, upgradeAsked(), 29*time.Minute, glimpse{-5 * 24 * time.Hour, waiting})
	if r.State != Scheduled {
		t.Errorf("after 29 minutes: %s", r.State)
	}
	r, _ = follow(t, upgradeAsked(), time.Hour, glimpse{-5 * 24 * time.Hour, waiting})
	if late := r.Progress.EndedAt.Sub(r.At); r.State != Missed || late < 30*time.Minute || late > 31*time.Minute {
		t.Errorf("%s %s after its time", r.State, late)
	}
}

func TestFactsStuckIsMoreThanFourHours(t *testing.T) {
	r, _ := follow(t, upgradeAsked(), 239*time.Minute, glimpse{-5 * 24 * time.Hour, waiting}, glimpse{0, busyNow})
	if r.State != Running {
		t.Errorf("after 239 minutes: %s", r.State)
	}
	r, _ = follow(t, upgradeAsked(), 5*time.Hour, glimpse{-5 * 24 * time.Hour, waiting}, glimpse{0, busyNow})
	if took := r.Progress.EndedAt.Sub(r.At); r.State != Failed || took <= 4*time.Hour || took > 241*time.Minute {
		t.Errorf("%s after %s", r.State, took)
	}
}

// obstacles are the reasons not to call, by what the cloud shows.
var obstacles = map[string]struct {
	shows func(*Observation)
	code  string
}{
	"it exists":                  {func(o *Observation) { *o = Observation{ServerID: "other", Name: "other"} }, CodeGone},
	"it is ACTIVE":               {func(o *Observation) { o.Idle, o.Phase = false, "SHUTOFF, NO_TASK" }, CodeBusy},
	"it has NO_TASK":             {func(o *Observation) { o.Idle, o.Running, o.Phase = false, true, "ACTIVE, updating" }, CodeBusy},
	"it is upgradable":           {func(o *Observation) { o.Latest, o.Next = true, "OLD" }, CodeLatest},
	"it waits for no rollback":   {func(o *Observation) { o.CanRollback, o.Next = true, "ROLLBACK" }, CodeNotOffered},
	"nothing is scheduled":       {func(o *Observation) { o.UpgradeTime = noon.Add(72 * time.Hour) }, CodeOther},
	"the version is as approved": {func(o *Observation) { o.Version = "3.3.50.0" }, CodeDiffers},
	"the offer is as approved":   {func(o *Observation) { o.Next = "CROSS_OS" }, CodeDiffers},
	"it is the same instance":    {func(o *Observation) { o.ServerID = "s-2" }, CodeDiffers},
}

func TestPreflight(t *testing.T) {
	for name, c := range obstacles {
		t.Run(name, func(t *testing.T) {
			o := Find([]Observation{with(unplanned, c.shows)}, asked.Target)
			if code := Preflight(asked, o, noon); code != c.code {
				t.Errorf("%q, not %q", code, c.code)
			}
		})
	}
	past := with(unplanned, func(o *Observation) { o.UpgradeTime = noon.Add(-time.Hour) })
	for _, o := range []Observation{unplanned, past} {
		if code := Preflight(asked, o, noon); code != "" {
			t.Errorf("nothing speaks against %+v but %q", o, code)
		}
	}
}

func TestPreflightOfACancelAndARollback(t *testing.T) {
	back := with(upgraded, func(o *Observation) { o.CanRollback = true })
	request := func(action Action, o Observation) Request {
		return Request{Action: action, At: asked.At, Target: Target{ServerID: "s", Name: "bastion-prod", Version: o.Version}}
	}
	for name, c := range map[string]struct {
		action Action
		shows  Observation
		code   string
	}{
		"a scheduled upgrade can be cancelled":    {Cancel, waiting, ""},
		"a started one cannot":                    {Cancel, busyNow, CodeStarted},
		"nor one that is not there":               {Cancel, unplanned, CodeNothing},
		"nor another than was meant":              {Cancel, with(waiting, func(o *Observation) { o.UpgradeTime = asked.At.Add(time.Hour) }), CodeOther},
		"a rollback where the cloud offers it":    {Rollback, back, ""},
		"no rollback where it does not":           {Rollback, upgraded, CodeNoReturn},
		"no rollback of what is not idle":         {Rollback, with(back, func(o *Observation) { o.Idle = false }), CodeBusy},
		"no rollback of an instance that is gone": {Rollback, Observation{Missing: true}, CodeGone},
	} {
		t.Run(name, func(t *testing.T) {
			if code := Preflight(request(c.action, c.shows), c.shows, noon); code != c.code {
				t.Errorf("%q, not %q", code, c.code)
			}
		})
	}
}

// TestPreflightAgainBeforeTheCall lets the cloud change between the request and
// its approval: nothing may be called then.
func TestPreflightAgainBeforeTheCall(t *testing.T) {
	again := map[string]func(*bench){"the region supports it": func(b *bench) { b.cloud.unsupported = true }}
	want := map[string]string{"the region supports it": CodeUnsupported}
	for name, c := range obstacles {
		again[name], want[name] = func(b *bench) { c.shows(&b.cloud.seen) }, c.code
	}
	b := newBench(t)
	for name, change := range again {
		t.Run(name, func(t *testing.T) {
			b.cloud.seen, b.cloud.unsupported = with(unplanned, func(o *Observation) {}), false
			r, err := b.ask(name, "R")
			if err != nil {
				t.Fatal(err)
			}
			b.settle()
			b.cloud.change(func() { change(b) })
			if _, err := b.act(name+" yes", "A", "approve", r); err != nil {
				t.Fatal(err)
			}
			b.settle()
			if got := b.load(r.ID); got.State != Failed || got.Call.Outcome.Code != want[name] || b.cloud.count() != 0 {
				t.Errorf("%s (%q), %d calls", got.State, got.Call.Outcome.Code, b.cloud.count())
			}
		})
	}
}

// TestFactsOneListCallServesAllInstances counts the looks at a project with
// three watched upgrades.
func TestFactsOneListCallServesAllInstances(t *testing.T) {
	b := newBench(t)
	at := b.threeScheduled()
	b.quiet()
	count := func(d time.Duration) int {
		before := b.cloud.surveys
		b.watchFor(d)
		return b.cloud.surveys - before
	}
	if n := count(5 * time.Hour); n != 20 {
		t.Errorf("long before: %d looks in 5 h, not one in 15 min", n)
	}
	b.until(at.Add(-50 * time.Minute))
	if n := count(30 * time.Minute); n != 30 {
		t.Errorf("near the time: %d looks in 30 min, not one a minute", n)
	}
	b.until(at)
	b.show(func(o *Observation) { o.Idle, o.Running = false, true })
	b.watchFor(2 * time.Minute)
	if n := count(10 * time.Minute); n != 30 {
		t.Errorf("while one runs: %d looks in 10 min, not one in 20 s", n)
	}
}

// threeScheduled are upgrades of three instances at the same time.
func (b *bench) threeScheduled() time.Time {
	b.t.Helper()
	at := noon.Add(5 * 24 * time.Hour)
	b.cloud.call = func(r Request) Outcome {
		for i := range b.cloud.others {
			if b.cloud.others[i].ServerID == r.Target.ServerID {
				b.cloud.others[i].UpgradeTime = r.At
				return Outcome{Kind: Accepted}
			}
		}
		b.cloud.take(r)
		return Outcome{Kind: Accepted}
	}
	for n, id := range []string{"s", "s2", "s3"} {
		target := Target{Project: "p", ServerID: id, Name: fmt.Sprint("bastion-", id), Version: "3.3.49.0", Next: "NEW"}
		if n > 0 {
			b.cloud.others = append(b.cloud.others, Observation{ServerID: id, Name: target.Name, Version: "3.3.49.0", Next: "NEW", Idle: true})
		}
		r, err := b.service.Ask(context.Background(), Ask{Event: id, By: "R", Action: Upgrade, Target: target, At: at, Deadline: at.Add(-25 * time.Hour), Zone: "UTC", Channel: "C"})
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.act("yes "+id, "A", "approve", r); err != nil {
			b.t.Fatal(err)
		}
	}
	b.settle()
	return at
}

// quiet goes on to the first look of the slow pace.
func (b *bench) quiet() {
	b.t.Helper()
	b.watchFor(15 * time.Minute)
}

func TestFindKeepsToTheIDAndThenToAnUnmistakableName(t *testing.T) {
	seen := []Observation{{ServerID: "1", Name: "a"}, {ServerID: "2", Name: "b"}, {ServerID: "3", Name: "b"}}
	for name, c := range map[string]struct {
		target Target
		want   string
	}{
		"by its id":                   {Target{ServerID: "2", Name: "b"}, "2"},
		"by its name":                 {Target{ServerID: "gone", Name: "a"}, "1"},
		"not by a name that two have": {Target{ServerID: "gone", Name: "b"}, ""},
		"not by a name that two had":  {Target{ServerID: "gone", Name: "a", Shared: true}, ""},
		"not at all":                  {Target{ServerID: "gone", Name: "c"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if o := Find(seen, c.target); o.ServerID != c.want || o.Missing != (c.want == "") {
				t.Errorf("%+v", o)
			}
		})
	}
}

// cancelled asks for a cancel and lets it be approved.
func (b *bench) cancelOf(r Request) Request {
	b.t.Helper()
	ask := Ask{Event: "c", By: "R", Action: Cancel, Of: r.ID, Target: r.Target, At: r.At, Deadline: r.At, Zone: "UTC", Channel: "C"}
	cancel, err := b.service.Ask(context.Background(), ask)
	if err != nil {
		b.t.Fatal(err)
	}
	b.settle()
	if _, err := b.act("yes-cancel", "B", "approve", cancel); err != nil {
		b.t.Fatal(err)
	}
	b.settle()
	return b.load(cancel.ID)
}

func TestACancelIsDoneWhenItIsReadBack(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.cloud.call = func(Request) Outcome { return Outcome{Kind: Accepted} } // and goes on showing the upgrade
	cancel := b.cancelOf(r)
	if cancel.State != Scheduled || b.screen.said("cancel accepted") != 1 || b.screen.said("succeeded") != 0 {
		t.Fatalf("%s, notices %v", cancel.State, b.screen.notices)
	}
	b.show(func(o *Observation) { o.UpgradeTime = time.Time{} })
	b.watchFor(2 * time.Minute)
	if up, down := b.load(r.ID), b.load(cancel.ID); up.State != Cancelled || down.State != Succeeded || b.screen.said("cancelled") != 1 {
		t.Fatalf("upgrade %s, cancel %s, notices %v", up.State, down.State, b.screen.notices)
	}
}

func TestACancelThatTheCloudForgetsIsSaid(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.cloud.call = func(Request) Outcome { return Outcome{Kind: Accepted} }
	cancel := b.cancelOf(r)
	b.watchFor(17 * time.Minute)
	if up, down := b.load(r.ID), b.load(cancel.ID); up.State != Scheduled || down.State != Failed || down.Closing.Reason != "still there" {
		t.Fatalf("upgrade %s, cancel %s (%s)", up.State, down.State, down.Closing.Reason)
	}
}

func TestACancelOfAnUpgradeFromOutside(t *testing.T) {
	b := newBench(t)
	at := noon.Add(72 * time.Hour)
	b.show(func(o *Observation) { o.UpgradeTime = at })
	cancel := b.cancelOf(Request{At: at, Target: asked.Target})
	if last := b.cloud.calls; cancel.State != Succeeded || len(last) != 1 || !last[0].At.Equal(at) {
		t.Fatalf("%s, %d calls", cancel.State, len(last))
	}
}
