package engine

import (
	"testing"
	"time"

	"cbhbot/approvals"
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
