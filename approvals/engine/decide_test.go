package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
)

func TestTheSameAskRepeatedMakesOneRequest(t *testing.T) {
	b := newBench(t)
	first, err := b.ask("env-1", "R")
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.ask("env-1", "R")
	if err != nil || again.ID != first.ID {
		t.Fatalf("%v, %v", again.ID, err)
	}
	if made, err := b.store.Asked(context.Background(), "env-1"); err != nil || made.ID != first.ID {
		t.Errorf("%v, %v", made.ID, err)
	}
	if _, err := b.store.Asked(context.Background(), "env-2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
	var busy *store.BusyError
	if _, err := b.ask("env-2", "R"); !errors.As(err, &busy) || busy.Holder() != first.ID {
		t.Fatalf("a second request for the instance: %v", err)
	}
}

func TestTwentyApproversInTheSameInstantMakeOneCall(t *testing.T) {
	b := newBench(t)
	var users []string
	for i := range 20 {
		id := fmt.Sprintf("U%d", i)
		users = append(users, id)
		b.people.known[id] = approvals.Person{ID: id}
	}
	b.policy = policy.OneLine(approvals.Set{Users: users}, 1, "")
	r := b.asked()
	b.run(b.engine)
	var group sync.WaitGroup
	var won, lost atomic.Int32
	for i, id := range users {
		verb := []approvals.Verb{approvals.VerbApprove, approvals.VerbApprove, approvals.VerbDeny, approvals.VerbWithdraw}[i%4]
		group.Go(func() {
			switch _, err := b.act("env-"+id, id, verb, r); {
			case err == nil:
				won.Add(1)
			case obstacle(err) == approvals.WrongState:
				lost.Add(1)
			default:
				t.Errorf("%s by %s: %v", verb, id, err)
			}
		})
	}
	group.Wait()
	b.until("everything is done", b.idle)
	// An approved request may still be withdrawn before it is called.
	final := b.stages(r.ID)
	if won.Load() < 1 || won.Load() > 2 || won.Load()+lost.Load() != 20 || b.cloud.count() > 1 ||
		(final == "scheduled") != (b.cloud.count() == 1) {
		t.Fatalf("%d won, %d lost, %d calls, %s", won.Load(), lost.Load(), b.cloud.count(), final)
	}
}

func TestTheSamePressDeliveredTwiceCountsOnce(t *testing.T) {
	b := newBench(t)
	b.policy = policy.OneLine(approvals.Set{Users: []string{"A", "B"}}, 2, "")
	r := b.asked()
	for range 2 {
		if got := b.acts("env-1", "A", approvals.VerbApprove, r); got.State != approvals.Pending || got.Counter != r.Counter+1 {
			t.Fatalf("%s, counter %d", got.State, got.Counter)
		}
	}
	if _, err := b.act("env-2", "A", approvals.VerbApprove, r); obstacle(err) != approvals.AlreadyDecided {
		t.Fatalf("a second press: %v", err)
	}
}

// TestARetractThatOvertakesItsApprovalUndoesIt: the presses arrive in the wrong order.
func TestARetractThatOvertakesItsApprovalUndoesIt(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	press := func(event string, verb approvals.Verb, at time.Time) error {
		_, err := b.engine.Act(context.Background(), Act{Event: event, By: "A", Verb: verb, Pressed: at, Request: r.Marker()})
		return err
	}
	pressed := b.now()
	if err := press("2", approvals.VerbRetract, pressed.Add(500*time.Millisecond)); obstacle(err) != approvals.NothingToUndo {
		t.Fatalf("nothing to undo yet: %v", err)
	}
	if noted := b.entries()[1]; noted.Refused != string(approvals.NothingToUndo) {
		t.Errorf("the audit has %+v", noted)
	}
	if err := press("1", approvals.VerbApprove, pressed); obstacle(err) != approvals.Overtaken {
		t.Fatalf("the approval that was taken back: %v", err)
	}
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Pending || len(got.Approvals()) != 0 || b.cloud.count() != 0 {
		t.Errorf("%s, approvals %v", got.State, got.Approvals())
	}
	if err := press("3", approvals.VerbApprove, pressed.Add(time.Second)); err != nil {
		t.Errorf("a later approval: %v", err)
	}
}

func TestWhoMayNotDecide(t *testing.T) {
	b := newBench(t)
	for id, p := range map[string]approvals.Person{
		"guest": {Guest: true}, "external": {External: true}, "bot": {Bot: true}, "gone": {Deactivated: true}, "C": {},
	} {
		p.ID = id
		b.people.known[id] = p
	}
	b.policy = policy.OneLine(approvals.Set{Users: []string{"A", "R", "guest", "external", "bot", "gone", "nobody"}}, 1, "")
	r := b.asked()
	for id, want := range map[string]policy.Ground{
		"guest": policy.IsGuest, "external": policy.IsExternal, "bot": policy.IsBot, "gone": policy.Deactivated,
		"nobody": policy.UnknownPerson, "C": policy.NotApprover, "R": policy.OwnRequest,
	} {
		for _, verb := range []approvals.Verb{approvals.VerbApprove, approvals.VerbDeny} {
			if _, err := b.act("env-"+id+string(verb), id, verb, r); ground(err) != want {
				t.Errorf("%s by %s: %v", verb, id, err)
			}
		}
	}
	if got := b.load(r.ID); got.State != approvals.Pending || len(got.Decisions) != 0 || got.Counter != r.Counter {
		t.Errorf("refused presses changed the request: %+v", got)
	}
	lines := test.NewLocal(b.engine.Log.(*logrus.Logger))
	if _, err := b.act("env-late", "C", approvals.VerbApprove, r); ground(err) != policy.NotApprover || lines.LastEntry().Level != logrus.InfoLevel {
		t.Errorf("%v, logged as %v", err, lines.LastEntry())
	}
	b.people.change(func() { b.people.away = errors.New("Slack is away") })
	if _, err := b.act("env-away", "A", approvals.VerbApprove, r); ground(err) != policy.Unreachable || lines.LastEntry().Level != logrus.WarnLevel {
		t.Errorf("with the directory away: %v, logged as %v", err, lines.LastEntry())
	}
	b.people.change(func() { b.people.away = nil })
	b.acts("no", "A", approvals.VerbDeny, r)
	if _, err := b.act("env-late", "guest", approvals.VerbApprove, r); ground(err) != policy.IsGuest {
		t.Errorf("a guest, once it is decided: %v", err)
	}
}

func TestNobodyCanApproveAnEmptyPolicy(t *testing.T) {
	b := newBench(t)
	set := func(users ...string) approvals.Set { return approvals.Set{Users: users} }
	for name, p := range map[string]*policy.Policy{
		"empty":                   {},
		"the requester only":      policy.OneLine(set("R"), 1, ""),
		"fewer than the quorum":   policy.OneLine(set("A"), 2, ""),
		"rules for others only":   {Rules: []policy.Rule{{Instances: []string{"other-*"}, Approvers: set("A")}}},
		"one human, two accounts": {Rules: policy.OneLine(set("A", "B"), 2, "").Rules, Same: map[string]string{"B": "A"}},
	} {
		b.policy = p
		if _, err := b.ask("env-"+name, "R"); ground(err) != policy.NobodyCan {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries := b.entries(); len(entries) != 5 || entries[0].Refused == "" || entries[0].Actor.ID != "R" {
		t.Errorf("%d entries", len(entries))
	}
}

func TestARequestExpiresWhenItsRuleSays(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Expiry = 2 * time.Hour
	}
	r := b.asked()
	if off := r.Deadline.Sub(r.CreatedAt); off != 2*time.Hour {
		t.Fatalf("the deadline is after %s", off)
	}
	b.pass(time.Hour)
	at := r.At.Add(time.Hour)
	moved, err := b.engine.Act(context.Background(), Act{
		Event: "move", By: "R", Verb: approvals.VerbReschedule, Request: approvals.Marker{ID: r.ID}, Timing: approvals.Timing{At: at, Deadline: at.Add(-25 * time.Hour)},
	})
	if err == nil && len(moved.Needs) == 0 {
		t.Error("moved, it needs nobody")
	}
	if err != nil || moved.Deadline.Sub(r.Deadline).Round(time.Minute) != time.Hour {
		t.Fatalf("moved, the deadline is %s: %v", moved.Deadline, err)
	}
	b.pass(time.Hour + 30*time.Minute)
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Pending {
		t.Errorf("at the deadline of before it is %s", got.State)
	}
	b.pass(30 * time.Minute)
	b.settle()
	if got := b.load(r.ID); got.State != approvals.Expired {
		t.Errorf("the request is %s", got.State)
	}
}

func TestAnUnapprovedRequestExpires(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.passTo(r.Deadline.Add(-time.Second))
	if got := b.load(r.ID); got.State != approvals.Pending {
		t.Fatalf("before the deadline: %s", got.State)
	}
	b.passTo(r.Deadline.Add(time.Millisecond))
	if got := b.load(r.ID); got.State != approvals.Expired || b.screen.said("expired") != 1 {
		t.Fatalf("at the deadline: %s", got.State)
	}
	if _, err := b.act("late", "A", approvals.VerbApprove, r); obstacle(err) != approvals.WrongState {
		t.Fatalf("an approval after the end: %v", err)
	}
}

// TestARefusalCountsAgainstTheRecordThatWasRead: while A's press is being
// decided on, B retracts, and the record by which A would be refused is gone.
func TestARefusalCountsAgainstTheRecordThatWasRead(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.acts("yes", "B", approvals.VerbApprove, r)
	b.people.meanwhile(func() { b.acts("no", "B", approvals.VerbRetract, r) })
	if got, err := b.act("late", "A", approvals.VerbApprove, r); err != nil || got.State != approvals.Approved {
		t.Errorf("A is answered by a record that is gone: %v", err)
	}
	for _, e := range b.entries() {
		if e.Refused != "" {
			t.Errorf("the audit says that %s was refused: %s", e.Actor.ID, e.Refused)
		}
	}
}

// TestCheckAgainIsRefusedByTheRecordThatWasRead: the same for who wants to look.
func TestCheckAgainIsRefusedByTheRecordThatWasRead(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.people.meanwhile(func() { b.acts("yes", "B", approvals.VerbApprove, r) })
	_, err := b.engine.CheckAgain(context.Background(), Act{Event: "look", By: "C", Verb: approvals.VerbCheckAgain, Request: approvals.Marker{ID: r.ID}})
	if ground(err) != policy.NotInvolved {
		t.Errorf("%v", err)
	}
}

func TestAButtonOfAnotherDeploymentLooksAtNothing(t *testing.T) {
	b := newBench(t)
	r := b.scheduled()
	b.run(b.engine)
	look := Act{Event: "look", By: "A", Verb: approvals.VerbCheckAgain, Request: approvals.Marker{ID: r.ID, Key: "another"}}
	before := b.cloud.looks()
	if _, err := b.engine.CheckAgain(context.Background(), look); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another's key: %v", err)
	}
	if b.cloud.looks() != before {
		t.Error("it looked nevertheless")
	}
	look.Request.Key = r.Key
	if _, err := b.engine.CheckAgain(context.Background(), look); err != nil {
		t.Errorf("its own key: %v", err)
	}
	b.until("a look", func() bool { return b.cloud.looks() > before })
}

// TestCheckAgainWaitsForTheAnswerOfACall: that there is none yet does not make it unclear.
func TestCheckAgainWaitsForTheAnswerOfACall(t *testing.T) {
	b := newBench(t)
	r := b.asked()
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		b.engine.lookAtAll(context.Background(), b.load(r.ID))
		return approvals.Outcome{Kind: approvals.Accepted, Code: approvals.Code(b.stages(r.ID))}
	}
	b.acts("yes", "A", approvals.VerbApprove, r)
	b.settle()
	if got := b.load(r.ID).Items[0].Call.Outcome.Code; got != "executing" {
		t.Errorf("%s while the call is under way", got)
	}
}

func TestCheckAgainFindsOutAtOnce(t *testing.T) {
	b := newBench(t)
	b.cloud.call = func(approvals.Action, approvals.Target, time.Time) approvals.Outcome {
		return approvals.Outcome{Kind: approvals.Accepted}
	}
	r := b.scheduled()
	b.watchFor(2*time.Minute, 3*time.Second) // it is looked at once a minute by then
	b.cloud.show("s", func(o *approvals.Observation) { o.UpgradeTime = r.At })
	b.run(b.engine)
	look := Act{By: "A", Verb: approvals.VerbCheckAgain, Request: approvals.Marker{ID: r.ID, Key: r.Key}}
	if _, err := b.engine.CheckAgain(context.Background(), look); err != nil {
		t.Fatal(err)
	}
	b.until("it is read back", func() bool { return !b.load(r.ID).Items[0].Progress.VerifiedAt.IsZero() })
}

// TestAReminderOutsideWorkingHoursCommitsItsDueTimeAlone: nobody is at work when
// it comes due.
func TestAReminderOutsideWorkingHoursCommitsItsDueTimeAlone(t *testing.T) {
	b := newBench(t)
	opens := b.now().Add(12 * time.Hour)
	minute := opens.Hour()*60 + opens.Minute()
	for i := range b.policy.Rules {
		rule := &b.policy.Rules[i]
		rule.Remind.At = []float64{0.01}
		rule.Remind.Hours.Days, rule.Remind.Hours.From, rule.Remind.Hours.To = nil, minute, minute+60
	}
	r := b.asked()
	b.passTo(r.RemindAt[0].Add(-time.Second))
	before := b.load(r.ID)
	b.run(b.engine)
	b.pass(2 * time.Second)
	b.until("the reminder is put off", func() bool { return b.load(r.ID).Counter > before.Counter })
	begin := time.Now()
	b.until("three seconds", func() bool { return time.Since(begin) > 3*time.Second })
	after := b.load(r.ID)
	if after.Counter != before.Counter+1 || b.verbs()[approvals.VerbRemind] != 1 || len(after.Reminders) != 0 {
		t.Errorf("carried out %d times, reminders %v", after.Counter-before.Counter, after.Reminders)
	}
	if !after.RemindAt[0].Equal(opens.Truncate(time.Minute)) {
		t.Errorf("put off to %s, not %s", after.RemindAt[0], opens)
	}
}

// TestADirectMessageIsChangedOnceByTheDecision: nobody is asked for ever for what is over.
func TestADirectMessageIsChangedOnceByTheDecision(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Remind = policy.Reminders{Direct: true}
	}
	b.denied()
	b.settle()
	if b.screen.said("direct A") != 1 {
		t.Fatalf("%+v", b.screen.posts)
	}
	changes := strings.Join(b.screen.updates, " ")
	for _, p := range b.screen.posts {
		if n := strings.Count(changes, p.ts); p.to.User != "" && (n != 1 || p.digest != string(approvals.Denied)) {
			t.Errorf("%s is changed %d times, to %s", p.mark, n, p.digest)
		}
	}
}

func TestAReminderAsksThoseWhoAreSilent(t *testing.T) {
	b := newBench(t)
	for i := range b.policy.Rules {
		b.policy.Rules[i].Remind = policy.Reminders{At: []float64{0.5}, Direct: true}
	}
	r := b.asked()
	if b.screen.said("direct A") != 1 {
		t.Fatalf("%+v", b.screen.posts)
	}
	b.people.change(func() { b.people.away = errors.New("Slack is away") }) // which puts it off
	b.passTo(r.RemindAt[0].Add(time.Second))
	b.people.change(func() { b.people.away = nil })
	b.watchFor(5*time.Second, time.Second)
	if got := b.load(r.ID); len(got.Reminders) != 1 || len(got.Reminders[0].Whom) != 4 || b.screen.said("reminder 1") != 1 ||
		b.screen.said("direct 1 A") != 1 {
		t.Errorf("%+v, %+v", got.Reminders, b.screen.posts)
	}
}
