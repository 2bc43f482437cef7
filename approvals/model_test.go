package approvals

import (
	"flag"
	"math/rand"
	"slices"
	"testing"
	"time"
)

var modelSeed = flag.Int64("model.seed", 0, "repeats a run of the property test; 0 draws a seed")

// model is one request with its timers and its effects, as Redis would hold
// them, and a book of its own about who approved what.
type model struct {
	t      *testing.T
	rnd    *rand.Rand
	r      Request
	now    time.Time
	stream []Effect
	timers map[Effect]time.Time
	given  map[string]int // human -> the revision they approved
	glass  int            // the revision somebody broke the glass for
	trace  []string
}

func newModel(t *testing.T, seed int64) *model {
	m := &model{t: t, rnd: rand.New(rand.NewSource(seed)), r: upgradeAsked(), now: noon, timers: map[Effect]time.Time{}, given: map[string]int{}}
	m.take([]Effect{m.r.expiry()})
	m.ahead(m.rnd.Intn(5))
	return m
}

// ahead goes n steps of the straight way, so that runs get to what comes late.
func (m *model) ahead(n int) {
	quorum := needs(2, "A", "B")
	way := []Event{
		Approve{By: person("A"), Revision: 1, Quorum: quorum}, Approve{By: person("B"), Revision: 1, Quorum: quorum},
		Begin{}, Finish{Outcome{Kind: []OutcomeKind{Accepted, Unclear}[m.rnd.Intn(2)]}},
	}
	for _, event := range way[:n] {
		m.apply(event)
	}
}

// take keeps the effects that move a request, as the commit script does.
func (m *model) take(effects []Effect) {
	for _, e := range effects {
		due := e.At
		e.At = time.Time{}
		held, set := m.timers[e]
		switch {
		case due.IsZero():
			m.stream = append(m.stream, e)
		case e.rule() == "LT" && set && held.Before(due):
		default:
			m.timers[e] = due
		}
	}
}

// apply applies an event and checks all that must hold after any event.
func (m *model) apply(event Event) bool {
	m.t.Helper()
	before := m.r
	next, effects, err := before.Apply(m.now, "", event)
	if !before.State.Open() && (err == nil || encode(next) != encode(before)) {
		m.fail("%s changed a request that was %s", event.Verb(), before.State)
	}
	if err != nil {
		return false
	}
	m.trace = append(m.trace, event.Verb()+" -> "+string(next.State))
	m.r = next
	m.note(event)
	m.take(effects)
	if _, begins := event.(Begin); begins {
		m.checkCall(before)
	}
	if asked := slices.ContainsFunc(effects, func(e Effect) bool { return e.Kind == Execute }); asked && !m.approved() {
		m.fail("%s asks for a call that nobody approved", event.Verb())
	}
	return true
}

// note keeps the book.
func (m *model) note(event Event) {
	switch e := event.(type) {
	case Approve:
		m.given[e.By.human()] = e.Revision
	case Retract:
		delete(m.given, e.By.human())
	case Lapse:
		m.glass = 0
		for _, id := range e.Strike {
			delete(m.given, id)
		}
	case BreakGlass:
		m.glass = e.Revision
	}
}

// approved is what the book says about the present revision.
func (m *model) approved() bool {
	return m.glass == m.r.Revision || m.given["A"] == m.r.Revision && m.given["B"] == m.r.Revision
}

func (m *model) checkCall(before Request) {
	m.t.Helper()
	if !m.approved() {
		m.fail("called in revision %d with the approvals %v, glass broken for %d", m.r.Revision, m.given, m.glass)
	}
	if before.State == Approved && !m.now.Before(before.Deadline) {
		m.fail("called after the deadline")
	}
	if before.State == Unknown && m.now.Sub(before.Call.StartedAt) < settleAfter {
		m.fail("called again %s after an unclear call", m.now.Sub(before.Call.StartedAt))
	}
}

// checkMoves fails when an open request has nothing that will ever move it.
func (m *model) checkMoves() {
	m.t.Helper()
	kind, open := map[State]EffectKind{
		Pending: Expire, Approved: Execute, Executing: Execute, Unknown: Execute, Scheduled: Watch, Running: Watch,
	}[m.r.State]
	moves := slices.ContainsFunc(m.stream, func(e Effect) bool { return e.Kind == kind })
	for e := range m.timers {
		moves = moves || e.Kind == kind
	}
	if open && !moves {
		m.fail("nothing will move a request that is %s", m.r.State)
	}
}

func (m *model) fail(format string, args ...any) {
	m.t.Helper()
	m.t.Logf("what happened: %v", m.trace)
	m.t.Fatalf(format, args...)
}

func (m *model) oneIn(n int) bool { return m.rnd.Intn(n) == 0 }

// human draws what a person might do at any moment.
func (m *model) human() Event {
	who, revision := person([]string{"A", "B", "U_RITA"}[m.rnd.Intn(3)]), 1+m.rnd.Intn(m.r.Revision+1)
	yes := Approve{By: who, Revision: revision, Quorum: needs(2, "A", "B")}
	later := time.Duration(m.rnd.Intn(48)) * time.Hour
	events := []Event{
		yes, yes, yes, yes, Retract{By: who, Revision: revision},
		Reschedule{By: who, At: m.r.At.Add(later), Deadline: m.r.Deadline.Add(later)}, TakeBack{By: 9},
	}
	if m.oneIn(20) {
		events = []Event{Deny{By: who, Revision: revision, Reason: "no"}, Withdraw{By: who}, BreakGlass{By: who, Revision: revision, Reason: "fire"}}
	}
	return events[m.rnd.Intn(len(events))]
}

// stray draws what another replica might do that holds the same effect.
func (m *model) stray() Event {
	return []Event{Begin{}, m.finish(), m.look(), Deadline{}, Unpostable{}}[m.rnd.Intn(5)]
}

func (m *model) finish() Event {
	return Finish{Outcome{Kind: []OutcomeKind{Accepted, Refused, Unclear, Unclear, NotSent, NotSent}[m.rnd.Intn(6)]}}
}

func (m *model) look() Event {
	o := Observation{ServerID: "s", Name: "bastion-prod", Version: "3.3.49.0", Idle: !m.oneIn(3), Running: m.oneIn(5), Broken: m.oneIn(9), Missing: m.oneIn(9)}
	if m.oneIn(2) {
		o.UpgradeTime = m.r.At
	}
	if m.oneIn(5) {
		o.Version = "3.3.52.1"
	}
	return Look{Observation: o}
}

// work carries out one effect, as the Runner does, with a cloud that may do
// anything and a process that may die after any step.
func (m *model) work(e Effect) {
	switch e.Kind {
	case Expire:
		m.apply(Deadline{})
	case Watch:
		if m.r.State == Scheduled || m.r.State == Running {
			m.apply(m.look())
		}
		if m.r.State == Scheduled || m.r.State == Running {
			m.take([]Effect{m.r.watch(Pace{}.orDefault().Next(m.r, m.now))})
		}
	case Execute:
		m.execute()
	}
}

func (m *model) execute() {
	switch m.r.State {
	case Approved:
		m.call()
	case Executing:
		if m.now.Sub(m.r.Call.StartedAt) >= CallTimeout {
			m.apply(Finish{Outcome{Kind: Unclear}})
		}
	case Unknown:
		if m.oneIn(4) {
			m.apply(Finish{Outcome{Kind: Unclear}})
		} else if m.apply(m.look()) && m.r.MayCallAgain(m.now) {
			m.call()
		}
	}
}

func (m *model) call() {
	switch {
	case !m.now.Before(m.r.Deadline) && m.r.State == Approved:
		m.apply(Deadline{})
	case m.oneIn(6) && m.r.State == Approved:
		m.apply(Lapse{Strike: []string{[]string{"A", "B"}[m.rnd.Intn(2)]}})
	case m.oneIn(6):
		m.apply(Finish{Outcome{Kind: NotSent}})
	case m.apply(Begin{}) && m.oneIn(2):
		m.apply(m.finish())
	}
}

// step lets one thing happen: a person, another replica, an effect or a timer.
func (m *model) step() {
	m.now = m.now.Add(time.Duration(m.rnd.Intn(60)) * time.Second)
	if m.oneIn(25) || m.r.State == Executing && m.oneIn(12) {
		m.jump()
	}
	switch m.rnd.Intn(6) {
	case 0, 1:
		m.apply(m.human())
	case 2:
		m.apply(m.stray())
	case 3:
		m.fire()
	default:
		if len(m.stream) > 0 {
			i := m.rnd.Intn(len(m.stream))
			e := m.stream[i]
			m.stream = slices.Delete(m.stream, i, i+1)
			m.work(e)
		}
	}
	m.checkMoves()
}

// jump goes to a moment at which things get tight.
func (m *model) jump() {
	at := m.r.Deadline.Add(-30 * time.Second)
	if m.r.State == Scheduled {
		at = m.r.At.Add([]time.Duration{-time.Minute, missedAfter}[m.rnd.Intn(2)])
	}
	if at.After(m.now) {
		m.now = at
	}
}

// fire lets the time of the next timer come.
func (m *model) fire() {
	var next Effect
	for e, due := range m.timers {
		if held, ok := m.timers[next]; !ok || due.Before(held) || due.Equal(held) && e.Kind < next.Kind {
			next = e
		}
	}
	due, ok := m.timers[next]
	if !ok {
		return
	}
	if due.After(m.now) {
		m.now = due
	}
	delete(m.timers, next)
	m.stream = append(m.stream, next)
}

func TestPropertiesUnderRandomEvents(t *testing.T) {
	seed := *modelSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("repeat with -model.seed=%d", seed)
	reached := map[State]bool{}
	for n := range int64(1_500) {
		m := newModel(t, seed+n)
		for range 80 {
			m.step()
			reached[m.r.State] = true
		}
	}
	for _, state := range []State{Pending, Approved, Executing, Unknown, Scheduled, Running, Succeeded, Failed, Missed, Cancelled, Changed, Denied, Withdrawn, Expired} {
		if !reached[state] {
			t.Errorf("no run came to %s", state)
		}
	}
}

func TestAnApprovalTakenBackAfterTheDeadlineExpires(t *testing.T) {
	r, _ := after(t, executing(t), noon, Finish{Outcome{Kind: NotSent}})
	late := r.Deadline.Add(time.Minute) // the timer of the deadline came while the call was under way
	_, effects := after(t, r, late, Retract{By: person("A"), Revision: 1})
	if !has(effects, Expire, "") {
		t.Errorf("nothing ends a pending request past its deadline: %v", effects)
	}
	_, effects = after(t, r, late, Lapse{Strike: []string{"A"}})
	if !has(effects, Expire, "") {
		t.Errorf("nothing ends a lapsed request past its deadline: %v", effects)
	}
}
