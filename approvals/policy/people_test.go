package policy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

var (
	noon    = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC) // a Monday
	errAway = errors.New("Slack is away")
)

// people is a directory of everybody a test needs.
type people struct {
	mu     sync.Mutex
	known  map[string]approvals.Person
	groups map[string][]string
	away   error  // of all
	split  error  // of the groups alone
	faces  error  // of the people alone
	asked  func() // at each question
}

func (d *people) Person(_ context.Context, id string) (approvals.Person, error) {
	d.question()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := errors.Join(d.away, d.faces); err != nil {
		return approvals.Person{}, err
	}
	p, ok := d.known[id]
	if !ok {
		return approvals.Person{ID: id}, ErrNobody
	}
	return p, nil
}

func (d *people) Members(_ context.Context, group string) ([]string, error) {
	d.question()
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.groups[group]), errors.Join(d.away, d.split)
}

func (d *people) question() {
	if d.asked != nil {
		d.asked()
	}
}

// bench is a policy by which A and B and the group S1 (G1 and G2) approve, and a
// directory in which everybody is as they should be.
type bench struct {
	t      *testing.T
	policy *Policy
	people *people
}

func newBench(t *testing.T) *bench {
	t.Helper()
	d := &people{known: map[string]approvals.Person{}, groups: map[string][]string{"S1": {"G1", "G2"}}}
	for _, id := range []string{"A", "B", "C", "R", "G1", "G2"} {
		d.known[id] = approvals.Person{ID: id, Team: "T1"}
	}
	for id, p := range map[string]approvals.Person{
		"guest": {Guest: true}, "external": {External: true}, "bot": {Bot: true}, "gone": {Deactivated: true},
	} {
		p.ID = id
		d.known[id] = p
	}
	return &bench{t: t, people: d, policy: OneLine(approvals.Set{Users: []string{"A", "B"}, Groups: []string{"S1"}}, 1, "")}
}

func (b *bench) snapshot() Snapshot {
	return Authority{Policy: func() *Policy { return b.policy }, Directory: b.people}.Snapshot()
}

// rule is the one for upgrades.
func (b *bench) rule() *Rule { return b.policy.Rule(approvals.Upgrade, approvals.Target{}) }

func (b *bench) person(id string) approvals.Person {
	b.t.Helper()
	p, err := b.snapshot().Person(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// upgrade is R's request for an upgrade in five days, of instances an hour apart.
func upgrade(names ...string) *approvals.Request {
	r := &approvals.Request{
		ID: 7, Revision: 1, Action: approvals.Upgrade, Requester: approvals.Person{ID: "R"}, State: approvals.Pending,
		Timing: approvals.Timing{At: noon.AddDate(0, 0, 5), Deadline: noon.AddDate(0, 0, 4)},
	}
	if len(names) == 0 {
		names = []string{"bastion-prod"}
	}
	for i, name := range names {
		r.Items = append(r.Items, approvals.Item{
			Target: approvals.Target{Project: "p", Name: name}, Offset: time.Duration(i) * time.Hour, State: approvals.Waiting,
		})
	}
	return r
}

// approved is the request after some have approved it.
func approved(r *approvals.Request, ids ...string) *approvals.Request {
	after := *r
	after.Decisions = slices.Clone(r.Decisions)
	for _, id := range ids {
		after.Decisions = append(after.Decisions, approvals.Decision{By: approvals.Person{ID: id}, Verdict: approvals.Yes, Revision: r.Revision})
	}
	return &after
}

// weekends is a calendar that an upgrade's time, a Saturday at noon, is not in.
func weekends() calendar.Calendar {
	return calendar.Calendar{Windows: []calendar.Window{{
		Hours: calendar.Hours{Days: []time.Weekday{time.Sunday}, To: 24 * 60}, Zone: time.UTC,
	}}}
}

func users(ids ...string) approvals.Set { return approvals.Set{Users: ids} }

// ground is why somebody was refused; "" when they were not.
func ground(err error) Ground {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Ground
	}
	return ""
}
