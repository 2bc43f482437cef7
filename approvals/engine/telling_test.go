package engine

import (
	"context"
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

// TestAnEmergencyGoesToTheChannelWhateverThePolicySays.
func TestAnEmergencyGoesToTheChannelWhateverThePolicySays(t *testing.T) {
	b := newBench(t)
	b.tells(approvals.Telling{})
	b.policy.Rule(approvals.Upgrade, target("s")).BreakGlass = approvals.Set{Users: []string{"C"}}
	r := b.asked()
	b.acts("glass", "C", approvals.VerbBreakGlass, r)
	if n := b.notice(r.ID, approvals.NoticeEmergency); !n.Broadcast {
		t.Errorf("%+v", n)
	}
}

// TestPeopleAreToldThatAnUpgradeComes once at each time, however many processes there
// are, and also when the one that was to tell has died.
func TestPeopleAreToldThatAnUpgradeComes(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.pass(r.At.Add(-24 * time.Hour).Sub(b.now()))
	if dead, err := b.store.Take(context.Background(), store.Act, 10); len(dead) != 1 || err != nil {
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
