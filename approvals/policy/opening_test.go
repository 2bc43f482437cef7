package policy

import (
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

func hours(from, to int) calendar.Calendar {
	return calendar.Calendar{Windows: []calendar.Window{{Hours: calendar.Hours{From: from * 60, To: to * 60}, Zone: time.UTC}}}
}

// noon is closed by both calendars: one opens at 14:00, the other at 16:00.
func twoCalendars() *Policy {
	return &Policy{Rules: []Rule{
		{Instances: []string{"late-*"}, Actions: []approvals.Action{approvals.Upgrade}, Calendar: hours(16, 20)},
		{Actions: []approvals.Action{approvals.Cancel}},
		{Instances: []string{"early-*"}, Calendar: hours(14, 20)},
	}}
}

func TestWhenUpgradesMayBegin(t *testing.T) {
	p := twoCalendars()
	late, early := approvals.Target{Name: "late-1"}, approvals.Target{Name: "early-1"}
	for name, c := range map[string]struct {
		targets []approvals.Target
		after   time.Duration
	}{
		"whichever is first": {nil, 2 * time.Hour},
		"the later":          {[]approvals.Target{late}, 4 * time.Hour},
		"the earlier":        {[]approvals.Target{early}, 2 * time.Hour},
		"no rule":            {[]approvals.Target{{Name: "other"}}, 0},
	} {
		if at := p.Opens(noon, c.targets...); !at.Equal(noon.Add(c.after)) {
			t.Errorf("%s: %s", name, at)
		}
	}
	if at := p.Opens(noon.Add(3 * time.Hour)); !at.Equal(noon.Add(3 * time.Hour)) {
		t.Errorf("an open time is put off to %s", at)
	}
	p.Rules = []Rule{{Calendar: calendar.Calendar{Freezes: []calendar.Freeze{{From: noon, To: noon.AddDate(3, 0, 0)}}}}}
	if at := p.Opens(noon); !at.Equal(noon) {
		t.Errorf("a calendar that never opens: %s", at)
	}
}

func TestATimeThatIsClosedToAll(t *testing.T) {
	p := twoCalendars()
	targets := []approvals.Target{{Name: "late-1"}, {Name: "late-2"}}
	if p.ClosedToAll(noon, 0, targets) == nil {
		t.Error("noon is open")
	}
	four := noon.Add(4 * time.Hour)
	if closed := p.ClosedToAll(four, 0, targets); closed != nil {
		t.Errorf("16:00 is closed: %v", closed)
	}
	if closed := p.ClosedToAll(four, 3*time.Hour, targets); closed == nil || !closed.At.Equal(four.Add(3*time.Hour)) {
		t.Errorf("the second, at 19:00: %v", closed)
	}
	if p.ClosedToAll(noon, 0, []approvals.Target{{Name: "late-1"}, {Name: "early-1"}}) != nil || p.ClosedToAll(noon, 0, nil) != nil {
		t.Error("closed by no rule")
	}
	p.Rules[0].Override = users("C")
	if p.ClosedToAll(noon, 0, targets) != nil {
		t.Error("somebody may override it")
	}
}

func TestWhetherCardsHaveAChannel(t *testing.T) {
	upgrades := []approvals.Action{approvals.Upgrade}
	for name, c := range map[string]struct {
		policy Policy
		want   bool
	}{
		"nothing":                {Policy{}, false},
		"the project":            {Policy{Channels: map[string]string{"prod": "C1"}}, true},
		"another project":        {Policy{Channels: map[string]string{"dev": "C1"}}, false},
		"the rule":               {Policy{Rules: []Rule{{Channel: "C1"}, {Actions: []approvals.Action{approvals.Cancel}}}}, true},
		"some rules":             {Policy{Rules: []Rule{{Channel: "C1", Actions: upgrades}, {Actions: upgrades}}}, false},
		"another project's rule": {Policy{Rules: []Rule{{Channel: "C1", Projects: []string{"dev"}}}}, false},
		"all of its rules":       {Policy{Rules: []Rule{{Projects: []string{"dev"}}, {Channel: "C1"}}}, true},
	} {
		if got := c.policy.Placed("prod"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
