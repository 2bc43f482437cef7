package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fleet is a cloud of several instances, told apart by their server id.
type fleet struct {
	mu    sync.Mutex
	seen  map[string]Observation
	calls []string
	no    string // the server id whose upgrade is refused
}

func (f *fleet) Survey(context.Context, string) ([]Observation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Observation
	for _, o := range f.seen {
		all = append(all, o)
	}
	return all, nil
}

func (f *fleet) Supports(context.Context, string) bool { return true }

func (f *fleet) Call(_ context.Context, r Request) Outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, string(r.Action)+" "+r.Target.ServerID)
	if f.no == r.Target.ServerID {
		return Outcome{Kind: Refused, Code: CodeLatest}
	}
	o := f.seen[r.Target.ServerID]
	o.UpgradeTime = r.At
	if r.Action == Cancel {
		o.UpgradeTime = time.Time{}
	}
	f.seen[r.Target.ServerID] = o
	return Outcome{Kind: Accepted}
}

// newFleet is a bench with the instances s1, s2 and s3.
func newFleet(t *testing.T) (*bench, *fleet) {
	b, f := newBench(t), &fleet{seen: map[string]Observation{}}
	for i := 1; i <= 3; i++ {
		id := fmt.Sprintf("s%d", i)
		f.seen[id] = Observation{ServerID: id, Name: "bastion-" + id, Version: "3.3.49.0", Next: "NEW", Idle: true}
	}
	b.runner.Executor = f
	return b, f
}

// asks is one ask for each instance, an hour apart.
func asks(event string) []Ask {
	var all []Ask
	for i := 1; i <= 3; i++ {
		at := noon.Add(5*24*time.Hour + time.Duration(i-1)*time.Hour)
		all = append(all, Ask{
			Event: event, By: "R", Action: Upgrade, Target: Target{Project: "p", ServerID: fmt.Sprintf("s%d", i), Name: fmt.Sprintf("bastion-s%d", i), Version: "3.3.49.0", Next: "NEW"},
			At: at, Deadline: at.Add(-24*time.Hour - 5*time.Minute), Zone: "UTC", Channel: "C",
		})
	}
	return all
}

// askedFor is a batch of three with its card.
func (b *bench) askedFor() []Request {
	b.t.Helper()
	made, err := b.service.AskBatch(context.Background(), asks("env"))
	if err != nil || len(made) != 3 {
		b.t.Fatalf("%d requests, %v", len(made), err)
	}
	b.settle()
	return made
}

func (b *bench) states(all []Request) string {
	var states []string
	for _, r := range all {
		states = append(states, string(b.load(r.ID).State))
	}
	return strings.Join(states, " ")
}

func TestABatchHasOneCardAndOneDecision(t *testing.T) {
	b, f := newFleet(t)
	all := b.askedFor()
	var impossible *EventError
	if _, err := b.act("member", "A", "approve", all[1]); !errors.As(err, &impossible) || impossible.Obstacle != PartOfBatch {
		t.Errorf("a member is decided on its own: %v", err)
	}
	if _, err := b.act("lead", "A", "approve", all[0]); err != nil {
		t.Fatal(err)
	}
	b.settle()
	slices.Sort(f.calls)
	if got := b.states(all); got != "scheduled scheduled scheduled" || !slices.Equal(f.calls, []string{"upgrade s1", "upgrade s2", "upgrade s3"}) || b.screen.posts != 1 {
		t.Errorf("%s, calls %v, %d cards", got, f.calls, b.screen.posts)
	}
	if drawn := b.screen.drawn; drawn.ID != all[0].ID || len(drawn.Batch) != 2 || drawn.Batch[1].State != Scheduled {
		t.Errorf("the card shows %s with %v", drawn.Name(), drawn.Batch)
	}
	for i, r := range all {
		if got := f.seen[r.Target.ServerID].UpgradeTime; !got.Equal(noon.Add(5*24*time.Hour + time.Duration(i)*time.Hour)) {
			t.Errorf("%s is at %s", r.Target.Name, got)
		}
	}
}

func TestTheSameBatchAskedTwiceIsOne(t *testing.T) {
	b, _ := newFleet(t)
	first := b.askedFor()
	again, err := b.service.AskBatch(context.Background(), asks("env"))
	if err != nil || again[0].ID != first[0].ID || again[2].ID != first[2].ID {
		t.Errorf("%v: %v and %v", err, first, again)
	}
	if _, total, _ := b.store.List(context.Background(), IndexAll, 0, 10); total != 3 {
		t.Errorf("%d requests", total)
	}
}

func TestABatchThatCannotBeMadeLeavesNothingOpen(t *testing.T) {
	b, _ := newFleet(t)
	lone := asks("lone")[2:]
	if _, err := b.service.Ask(context.Background(), lone[0]); err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := b.service.AskBatch(context.Background(), asks("env")); !errors.As(err, &busy) {
		t.Fatalf("%v", err)
	}
	if open, _ := b.store.Open(context.Background()); len(open) != 1 {
		t.Errorf("open: %v", open)
	}
}

func TestWhatEndsTheLeadEndsTheBatch(t *testing.T) {
	for verb, want := range map[string]string{"deny": "denied denied denied", "withdraw": "withdrawn withdrawn withdrawn"} {
		b, f := newFleet(t)
		all := b.askedFor()
		if _, err := b.act("no", "A", verb, all[0]); err != nil {
			t.Fatal(err)
		}
		b.settle()
		if got := b.states(all); got != want || len(f.calls) != 0 {
			t.Errorf("%s: %s, calls %v", verb, got, f.calls)
		}
	}
}

func TestAMovedBatchKeepsItsDistances(t *testing.T) {
	b, _ := newFleet(t)
	all := b.askedFor()
	at := all[0].At.Add(24 * time.Hour)
	_, err := b.service.Act(context.Background(), Act{Event: "move", By: "R", Verb: "reschedule", Request: all[0].ID, At: at, Deadline: at.Add(-24 * time.Hour), Zone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	b.settle()
	for i, r := range all {
		if r = b.load(r.ID); r.Revision != 2 || !r.At.Equal(at.Add(time.Duration(i)*time.Hour)) {
			t.Errorf("%s: revision %d at %s", r.Target.Name, r.Revision, r.At)
		}
	}
	if _, err := b.act("yes", "A", "approve", b.load(all[0].ID)); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if got := b.states(all); got != "scheduled scheduled scheduled" {
		t.Error(got)
	}
}

// TestAFailureStopsWhatHasNotStarted refuses the upgrade of one of three.
func TestAFailureStopsWhatHasNotStarted(t *testing.T) {
	b, f := newFleet(t)
	f.no = "s2"
	all := b.askedFor()
	if _, err := b.act("yes", "A", "approve", all[0]); err != nil {
		t.Fatal(err)
	}
	b.settle()
	for range 3 {
		b.pass(time.Minute)
		b.settle()
	}
	if got := b.states(all); got != "cancelled failed cancelled" && got != "cancelled failed withdrawn" {
		t.Errorf("%s, calls %v", got, f.calls)
	}
	for id, o := range f.seen {
		if !o.UpgradeTime.IsZero() {
			t.Errorf("the cloud still holds %s at %s", id, o.UpgradeTime)
		}
	}
	if b.screen.said("stopped") != 1 {
		t.Errorf("notices %v", b.screen.notices)
	}
}

func TestABatchUnderTwoRulesIsRefused(t *testing.T) {
	b, _ := newFleet(t)
	own := *b.policy.Rule(Upgrade, Target{})
	own.Instances = []string{"bastion-s2"}
	b.policy.Rules = append([]Rule{own}, b.policy.Rules...)
	if _, err := b.service.AskBatch(context.Background(), asks("env")); !errors.Is(err, ErrRules) {
		t.Errorf("%v", err)
	}
}
