package approvals

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var modelSeed = flag.Uint64("model.seed", 0, "repeats a run of the property test; 0 draws a seed")

// model is one request, what its reconciler and people do to it, and a book of its
// own of what must hold whatever they do: see book.
type model struct {
	t       *testing.T
	rnd     *rand.Rand
	r       Request
	frozen  Request // a copy of r
	now     time.Time
	book    book
	flights []Finish        // answers that may yet come
	shows   []Observation   // what each instance showed last
	reached map[string]bool // states and ways between them, over all walks
	trace   []happened
}

type happened struct {
	at    time.Time
	event Event
	after Request
}

func newModel(t *testing.T, seed uint64, reached map[string]bool) *model {
	rnd := rand.New(rand.NewPCG(seed, 0))
	asked := []Request{upgradeAsked(1), upgradeAsked(1), upgradeAsked(2), upgradeAsked(3), cancelAsked(), moveAsked(1), moveAsked(2), moveAsked(3), rollbackAsked()}
	m := &model{t: t, rnd: rnd, r: asked[rnd.IntN(len(asked))], now: noon, book: newBook(), reached: reached}
	m.r.RemindAt = RemindAt([]float64{0.3, 0.6}, noon, m.r.Deadline)
	m.r.Needs = needs(2, "A", "B")
	m.frozen, m.book.calls = frozen(m.r), make([]calls, len(m.r.Items))
	for i := range m.r.Items {
		m.shows = append(m.shows, m.draw(i))
	}
	m.begin()
	return m
}

// begin goes some steps of the straight way, so that walks get to what comes late.
func (m *model) begin() {
	if m.oneIn(4) && m.r.Action == Upgrade {
		m.apply(Origin{}, two("A"))
		m.apply(Origin{}, moved(m.r, time.Hour))
	}
	if m.oneIn(8) {
		m.now = m.r.Deadline.Add(-10 * time.Second)
	}
	for _, id := range []string{"A", "B"}[:m.rnd.IntN(3)] {
		m.apply(Origin{}, two(id))
	}
}

func (m *model) fail(format string, args ...any) {
	m.t.Helper()
	for _, h := range m.trace {
		m.t.Logf("%s %s %+v -> %s, %s", h.at.Sub(noon), verbOf(h.event), h.event, h.after.State, states(h.after))
	}
	m.t.Fatalf(format+"\n%s", append(args, encode(m.r))...)
}

func (m *model) oneIn(n int) bool { return m.rnd.IntN(n) == 0 }

// person does something for a human, and at times does it again.
func (m *model) person(from Origin, event Event) {
	m.apply(from, event)
	if from.ID != "" && m.oneIn(4) {
		m.apply(from, event)
	}
}

// apply applies an event and checks all that must hold after any event.
func (m *model) apply(from Origin, event Event) bool {
	m.t.Helper()
	before := m.r
	applied, err := before.Apply(m.now, from, event)
	next := *applied
	if !same(before, m.frozen) {
		m.fail("%#v changed the record it was applied to", event)
	}
	if err != nil {
		if !same(next, before) {
			m.fail("%#v was refused, and changed the record", event)
		}
		return false
	}
	if from.ID == "" || !slices.Contains(before.Applied, from.ID) {
		next.NoteTelling(&before, UsualTelling())
	}
	m.r, m.frozen = next, frozen(next)
	m.trace = append(m.trace, happened{m.now, event, next})
	if from.ID != "" && slices.Contains(before.Applied, from.ID) {
		if !same(next, before) {
			m.fail("%#v came again, and changed the record", event)
		}
		return true
	}
	m.check(before, from, event)
	return true
}

func (m *model) check(before Request, from Origin, event Event) {
	m.t.Helper()
	for _, broken := range []string{
		m.book.note(before, m.r, m.now, from, event), stayed(before, m.r), m.went(before), consistent(m.r), workable(m.r),
	} {
		if broken != "" {
			m.fail("%s", broken)
		}
	}
	if m.oneIn(15) {
		m.checkStored()
	}
}

// checkStored stores the record and reads it again.
func (m *model) checkStored() {
	var again Request
	if err := json.Unmarshal([]byte(encode(m.r)), &again); err != nil || encode(again) != encode(m.r) || !same(again, m.r) {
		m.fail("stored and read again it is %s, %v", encode(again), err)
	}
	if !slices.Equal(again.Agenda(Pace{}), m.r.Agenda(Pace{})) {
		m.fail("stored and read again, its agenda is another")
	}
}

// went notes the ways that the decision and the items have gone, and says which is
// none of those in doc.go.
func (m *model) went(before Request) string {
	way := func(ways map[State][]State, from, to State) string {
		if from != to && !slices.Contains(ways[from], to) {
			return fmt.Sprintf("there is no way from %s to %s", from, to)
		}
		m.reached[string(from)+" -> "+string(to)] = true
		return ""
	}
	broken := way(decisionWays, before.State, m.r.State)
	for i, it := range before.Items {
		broken += way(itemWays, it.State, m.r.Items[i].State)
	}
	return broken
}

var (
	decisionWays = map[State][]State{Pending: {Approved, Denied, Withdrawn, Expired}, Approved: {Pending, Withdrawn}}
	itemWays     = map[State][]State{
		Waiting:   {Executing, Scheduled, Failed, Cancelled},
		Executing: {Waiting, Unknown, Scheduled, Failed, Cancelled},
		Unknown:   {Executing, Scheduled, Failed, Cancelled},
		Scheduled: {Waiting, Running, Succeeded, Failed, Missed, Changed, Cancelled},
		Running:   {Succeeded, Failed},
		Changed:   {Scheduled, Running},
		Missed:    {Running, Succeeded},
	}
)

// human draws what a person might do at any moment, delivered late or not.
func (m *model) human() {
	id := []string{"A", "A", "B", "B", "R"}[m.rnd.IntN(5)]
	from := Origin{ID: fmt.Sprint(m.rnd.IntN(1000)), By: id, At: m.now.Add(-time.Duration(m.rnd.IntN(20)) * time.Second)}
	from.Revision = max(1, m.r.Revision-m.rnd.IntN(2))
	later := time.Duration(m.rnd.IntN(48)) * time.Hour
	events := []Event{two(id), two(id), two(id), Retract{By: person(id),
		Quorum: needs(2, "A", "B")}}
	if m.oneIn(10) || m.r.State == Approved && m.oneIn(4) {
		events = []Event{
			Deny{By: person(id), Reason: "no"}, Withdraw{By: person(id)}, moved(m.r, later), moved(m.r, later),
			moved(m.r, later),
			BreakGlass{By: person("E"), Reason: "fire"}, TakeOut{By: person(id), Item: m.rnd.IntN(3)},
			TakeOut{By: person(id), Item: m.rnd.IntN(3)}, TryAgain{},
		}
	}
	event := events[m.rnd.IntN(len(events))]
	if m.r.State == Approved && !m.r.Begun() && m.oneIn(3) {
		event = Withdraw{By: person(id)}
	}
	if move, ok := event.(Reschedule); ok && m.r.Action == Rollback {
		move.At, event = time.Time{}, move
	}
	m.person(from, event)
}

// stray draws what another replica might do that read an older record.
func (m *model) stray() {
	i := m.rnd.IntN(4) - 1
	events := []Event{
		Claim{Item: i}, Claim{Item: i}, m.conclude(i), m.look(i), m.finish(i, m.rnd.IntN(3)), Unclaim{Item: i, Worker: "B"}, Hold{Item: i},
		TakeBack{Item: i, By: 9}, TakeBack{Item: i, By: 9, Undo: true}, Release{Item: i}, TakeOver{Item: i}, Blind{Item: i}, Expire{}, m.lapse(), HeadsUp{Item: i},
	}
	if m.oneIn(30) {
		events = []Event{Unpostable{Code: "x"}}
	}
	m.apply(Origin{}, events[m.rnd.IntN(len(events))])
}

func (m *model) lapse() Lapse {
	return Lapse{Strike: []string{[]string{"A", "B"}[m.rnd.IntN(2)]}, Quorum: needs(2, "A", "B")}
}

func (m *model) finish(i, attempt int) Finish {
	return Finish{Item: i, Attempt: attempt, Outcome: Outcome{Kind: []OutcomeKind{Accepted, Accepted, Refused, Unclear, Unclear,
		NotSent, Deferred}[m.rnd.IntN(7)], Code: []Code{CodeThrottled, CodeNoPermission}[m.rnd.IntN(2)]}}
}

func (m *model) conclude(i int) Conclude {
	return Conclude{Item: i, Outcome: Outcome{Kind: []OutcomeKind{Accepted, Refused, NotSent, Deferred}[m.rnd.IntN(4)], Code: CodeReadBack}}
}

func (m *model) look(i int) Look {
	return Look{Item: i, Observation: m.draw(max(i, 0)), Began: m.now.Add(-time.Duration(m.rnd.IntN(3)) * time.Second), Taken: m.oneIn(4)}
}

// draw is what an instance may show: anything, and often what it showed before.
func (m *model) draw(i int) Observation {
	if i < len(m.shows) && m.oneIn(2) {
		return m.shows[i]
	}
	o := Observation{ServerID: fmt.Sprintf("s%d", i+1), Version: "3.3.49.0", Idle: true}
	switch m.rnd.IntN(8) {
	case 0:
		o.Idle, o.Running = false, true
	case 1:
		o.Version = "3.3.52.1"
	case 2:
		return []Observation{{Missing: true}, {ServerID: o.ServerID, Broken: true}, {ServerID: o.ServerID + "-2", Idle: true}}[m.rnd.IntN(3)]
	}
	if i < len(m.r.Items) && m.oneIn(2) {
		_, at := m.r.Doing(i)
		o.UpgradeTime = at.Add(time.Duration(max(0, m.rnd.IntN(8)-6)) * 3 * time.Hour)
	}
	if i < len(m.r.Items) && m.r.Items[i].Watched && m.oneIn(3) {
		o.Idle, o.Running = false, true
	}
	if i < len(m.shows) {
		m.shows[i] = o
	}
	return o
}

// work does a task as the reconciler does, with a cloud that may do anything and a
// process that may die after any step. It must not stay due.
func (m *model) work(task Task) {
	i, before := task.Item, len(m.trace)
	switch task.Kind {
	case TaskExpire:
		m.apply(Origin{}, Expire{})
	case TaskRemind:
		m.apply(Origin{}, Remind{Stage: task.Stage, Whom: []string{"A", "B"}[m.rnd.IntN(3)%2:],
			Later: m.now.Add(time.Duration(m.rnd.IntN(3)) * time.Hour)})
	case TaskCall:
		m.call(i)
	case TaskInquire:
		m.settle(i)
	case TaskLook:
		m.apply(Origin{}, []Event{Blind{Item: i}, m.look(i)}[min(1, m.rnd.IntN(8))])
	case TaskTakeBack:
		m.apply(Origin{}, TakeBack{Item: i, By: 9, Stop: true})
	case TaskTakeOver:
		m.apply(Origin{}, TakeOver{Item: i})
	case TaskRelease:
		m.apply(Origin{}, Release{Item: i})
	case TaskHeadsUp:
		m.apply(Origin{}, HeadsUp{Item: i})
	}
	due := func(other Task) bool {
		return other.Kind == task.Kind && other.Item == i && other.Stage == task.Stage && !other.At.After(m.now)
	}
	if task.Kind != TaskForget && (len(m.trace) == before || slices.ContainsFunc(m.r.Agenda(Pace{}), due)) {
		m.fail("%s is done and still due", task.Kind)
	}
	m.reached[string(task.Kind)] = true
}

func (m *model) call(i int) {
	switch n := m.rnd.IntN(16); {
	case m.r.TooLateToCall(i, m.now):
		m.apply(Origin{}, Conclude{Item: i, Outcome: Outcome{Kind: Refused, Code: CodeTooLate}})
	case n < 2 && !m.r.Begun():
		m.apply(Origin{}, m.lapse())
	case n < 4:
		m.apply(Origin{}, m.conclude(i))
	default:
		m.claim(i)
		if m.oneIn(8) { // the answer to the claim was lost
			m.apply(Origin{}, Unclaim{Item: i, Worker: "A"})
			if m.r.Items[i].State == Unknown {
				return
			}
			m.claim(i)
		}
		for j, it := range m.r.Items { // those of a batch are called at the same time
			if it.State == Waiting {
				m.apply(Origin{}, Claim{Item: j})
			}
			m.flights = append(m.flights, m.finish(j, m.r.Items[j].Call.Attempt))
		}
		if m.oneIn(2) {
			m.apply(Origin{}, m.flights[len(m.flights)-1])
		}
	}
}

func (m *model) claim(i int) {
	if !m.apply(Origin{}, Claim{Item: i, Worker: "A"}) {
		m.fail("the agenda wants a call that is refused")
	}
}

func (m *model) settle(i int) {
	it, look := m.r.Items[i], m.look(i)
	if it.State == Executing && !m.r.TookEffect(i, look.Observation, m.now) || m.oneIn(6) {
		m.apply(Origin{}, Finish{Item: i, Attempt: it.Call.Attempt, Outcome: Outcome{Kind: Unclear}})
		return
	}
	if m.apply(Origin{}, look) && m.r.MayCallAgain(i, m.now) {
		m.call(i)
	}
}

// step lets one thing happen: a person, another replica, a late answer, or what is
// due, now or when its time has come.
func (m *model) step() {
	m.now = m.now.Add(time.Duration(m.rnd.IntN(15)) * time.Second)
	if m.r.State == Approved && m.oneIn(25) {
		m.now = later(m.now, m.r.CallBy(0).Add(-10*time.Second))
	}
	switch n := m.rnd.IntN(12); {
	case n < 2:
		m.human()
	case n < 3:
		m.stray()
	case n < 4 && len(m.flights) > 0, n < 9 && m.r.Stopped && len(m.flights) > 0:
		finish := m.flights[m.rnd.IntN(len(m.flights))]
		if m.r.Stopped && m.oneIn(2) {
			finish.Outcome.Kind = NotSent
		}
		m.apply(Origin{}, finish)
	default:
		task := m.r.Agenda(Pace{})[0]
		if wait := task.At.Sub(m.now); wait > time.Minute && m.oneIn(2) {
			m.jump(task)
		} else {
			m.now = later(m.now, task.At)
			m.work(task)
		}
	}
}

// jump goes to just before what is due, or to a moment at which things get tight.
func (m *model) jump(task Task) {
	at := task.At.Add(-5 * time.Second)
	if i := task.Item; task.Kind == TaskLook {
		at = m.r.Time(i).Add([]time.Duration{-time.Minute, MissedAfter, giveUpAfter}[m.rnd.IntN(3)])
	}
	m.now = later(m.now, at)
}

// TestPropertiesUnderRandomEvents walks at random, and checks after each event
// what the book, stayed, consistent and workable say. It goes on until every task
// was done and every way was gone.
//
// It was seen to fail with each of these broken in the code, one at a time: an
// event that changes the record it is applied to; a repeated event that counts;
// an overtaken press that counts; the table's check of the decision's or the item's
// state; a claim in a call under way, or while pending; a reschedule that keeps
// the revision, or the approvals; one human counted twice; a lapse that strikes
// nobody, or leaves the request approved; an approval after the deadline, an expiry
// before it; an approval taken back, a withdrawal or a lapse after the call; an
// answer of another attempt; attempts that do not grow; a second call before two
// looks, that began when the first was settled, have shown its absence; a refusal
// concluded before that; a late "not sent" that settles an unclear call; a stopped
// batch that calls once more, or does not stop; an agenda without the task that
// moves an item, out of order, or with one that is due again when it is done; a
// notice twice; locks held too long; a field that is not stored.
func TestPropertiesUnderRandomEvents(t *testing.T) {
	seed, reached := *modelSeed, map[string]bool{}
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("repeat with -model.seed=%d", seed)
	for n := uint64(0); n < 400 || n < 20_000 && len(unreached(reached)) > 0; n++ {
		m := newModel(t, seed+n, reached)
		for range 60 {
			if m.step(); !m.r.Open() && m.oneIn(3) {
				break
			}
		}
	}
	if left := unreached(reached); len(left) > 0 {
		t.Errorf("no walk came to %q", left)
	}
}

func unreached(reached map[string]bool) []string {
	wanted := words(taskKinds)
	for _, ways := range []map[State][]State{decisionWays, itemWays} {
		for from, all := range ways {
			for _, to := range all {
				wanted = append(wanted, string(from)+" -> "+string(to))
			}
		}
	}
	return slices.DeleteFunc(wanted, func(one string) bool { return reached[one] })
}
