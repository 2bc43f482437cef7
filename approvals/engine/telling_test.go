package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
)

// tells has the policy say how people are told.
func (b *bench) tells(telling approvals.Telling) {
	for i := range b.policy.Rules {
		b.policy.Rules[i].Telling = telling
	}
}

// notice is the first of a kind that was asked for; zero: none.
func (b *bench) notice(id int64, kind approvals.NoticeKind) approvals.Notice {
	b.t.Helper()
	for _, n := range b.load(id).Notices {
		if n.Kind == kind {
			return n
		}
	}
	return approvals.Notice{}
}

// TestWhatGoesToTheChannelIsDecidedWhenItHappens, by the policy that is then in force.
func TestWhatGoesToTheChannelIsDecidedWhenItHappens(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.tells(approvals.Telling{Broadcast: []approvals.Milestone{approvals.Started}})
	b.passTo(r.At.Add(-time.Minute))
	b.cloud.show("s", func(o *approvals.Observation) { o.Idle, o.Running = false, true })
	b.passTo(r.At.Add(2 * time.Minute))
	b.tells(approvals.UsualTelling())
	b.cloud.show("s", func(o *approvals.Observation) { o.Idle, o.Running, o.Version = true, false, "3.3.52.1" })
	b.watchFor(3*time.Minute, 30*time.Second)
	if n := b.notice(r.ID, approvals.NoticeRunning); !n.Broadcast || b.screen.said("running") != 1 {
		t.Errorf("%+v", n)
	}
	if n := b.notice(r.ID, approvals.NoticeSucceeded); n.Kind == "" || n.Broadcast {
		t.Errorf("%+v", n)
	}
}

// TestAnEmergencyGoesToTheChannelWhateverThePolicySays, and to the one that it names.
func TestAnEmergencyGoesToTheChannelWhateverThePolicySays(t *testing.T) {
	b := newBench(t)
	b.tells(approvals.Telling{})
	rule := b.policy.Rule(approvals.Upgrade, target("s"))
	rule.BreakGlass, rule.Announce.Channel = approvals.Set{Users: []string{"C"}}, "SECURITY"
	r := b.asked()
	b.acts("glass", "C", approvals.VerbBreakGlass, r)
	if n := b.notice(r.ID, approvals.NoticeEmergency); !n.Broadcast {
		t.Errorf("%+v", n)
	}
	b.settle()
	if there := func(p post) bool { return p.to == Place{Channel: "SECURITY"} }; !slices.ContainsFunc(b.screen.posts, there) {
		t.Errorf("%+v", b.screen.posts)
	}
}

// TestPeopleAreToldThatAnUpgradeComes once at each time, however many processes there
// are, and also when the one that was to tell has died.
func TestPeopleAreToldThatAnUpgradeComes(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.pass(r.At.Add(-24 * time.Hour).Sub(b.now()))
	if dead, _, err := b.store.Take(context.Background(), store.Act, 10); len(dead) != 1 || err != nil {
		t.Fatalf("%d leases, %v", len(dead), err)
	}
	for range 3 {
		b.run(b.process(b.another(), b.cloud, b.screen))
	}
	b.until("the first heads-up", func() bool { return b.screen.said("heads_up 1") == 1 })
	b.pass(r.At.Add(-time.Hour).Sub(b.now()))
	b.until("the second", func() bool { return b.screen.said("heads_up 2") == 1 })
	b.until("rest", b.idle)
	if posts, _ := b.screen.counts(); posts != 4 || b.verbs()[approvals.VerbHeadsUp] != 2 {
		t.Errorf("%+v, audit %v", b.screen.posts, b.verbs())
	}
}

// TestWhenPeopleAreToldIsThePolicysAtTheSchedule: what holds is in the record.
func TestWhenPeopleAreToldIsThePolicysAtTheSchedule(t *testing.T) {
	b := newBench(t)
	b.tells(approvals.Telling{HeadsUp: []time.Duration{2 * time.Hour}})
	r := b.scheduled("s1")
	b.tells(approvals.Telling{})
	quiet := b.scheduled("s2")
	b.passTo(r.At.Add(-2 * time.Hour))
	b.watchFor(90*time.Minute, 10*time.Minute)
	if n := b.screen.said("heads_up 1"); n != 1 || b.notice(r.ID, approvals.NoticeHeadsUp).N != 1 || b.notice(quiet.ID, approvals.NoticeHeadsUp).N != 0 {
		t.Errorf("%d heads-ups: %+v", n, b.screen.posts)
	}
}

// TestAnApprovalIsToldWithinTenSeconds where the cloud hangs: before the call, and in it.
func TestAnApprovalIsToldWithinTenSeconds(t *testing.T) {
	for name, hangs := range map[string]func(b *bench, on <-chan struct{}){
		"the read": func(b *bench, on <-chan struct{}) { b.cloud.look = func() { <-on } },
		"the call": func(b *bench, on <-chan struct{}) {
			b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
				<-on
				return approvals.Outcome{Kind: approvals.NotSent}
			}
		},
		"the directory": func(b *bench, _ <-chan struct{}) {
			b.people.change(func() { b.people.away = errors.New("away") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.asked()
			on := make(chan struct{})
			b.acts("yes", "A", approvals.VerbApprove, r)
			hangs(b, on)
			b.run(b.engine)
			t.Cleanup(func() { close(on) })
			shown := func() bool { return b.shown(r.ID)[store.FieldCounter] == fmt.Sprint(b.load(r.ID).Counter) }
			b.pass(2 * time.Second)
			b.until("the card to show it", shown)
			b.pass(7 * time.Second)
			b.until("word of it", func() bool { return b.screen.said("approved") == 1 })
			b.pass(5 * time.Second)
			b.until("rest of what is shown", shown)
			if n := b.screen.said("approved"); n != 1 {
				t.Errorf("%d times: %+v", n, b.screen.posts)
			}
		})
	}
}

// TestWhoCannotSeeTheCardIsToldDirectly: they asked elsewhere, and are no members of its channel.
func TestWhoCannotSeeTheCardIsToldDirectly(t *testing.T) {
	b := newBench(t)
	var asked []string
	b.engine.Unseen = func(ctx context.Context, channel, person string) bool {
		if _, bound := ctx.Deadline(); !bound {
			t.Error("it may take for ever")
		}
		asked = append(asked, person+" of "+channel)
		return person == "R"
	}
	here := b.asked("s1")
	for i := range b.policy.Rules {
		b.policy.Rules[i].Channel = "OTHER"
	}
	r := b.asked("s2")
	if here.Unseen || !r.Unseen || fmt.Sprint(asked) != "[R of OTHER]" {
		t.Fatalf("%v, %v, asked %v", here.Unseen, r.Unseen, asked)
	}
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	b.watchFor(5*time.Second, time.Second)
	told := 0
	for _, posted := range b.screen.posts {
		if posted.to.User == "R" {
			told++
		}
	}
	if told != 1 || b.screen.said("called R") != 1 || b.screen.said("called") != 1 {
		t.Errorf("%+v", b.screen.posts)
	}
	b.acts("no", "A", approvals.VerbDeny, here)
	b.settle()
	if b.screen.said("denied") != 1 || b.screen.said("denied R") != 0 {
		t.Errorf("whoever sees the card is told there: %+v", b.screen.posts)
	}
}
