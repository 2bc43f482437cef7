package approvals

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/redistest"
)

// The table below says what becomes of every act, by every kind of person, in
// every open state and a final one. A row is a person, a word an act, a letter
// of the word a state in the order of tableStates. No cell has a default.
//
//   - it happens, and the audit says who did it
//     1  it counts, and does not complete the quorum
//     =  the cloud is looked at; nothing changes
//     B  the person is pointed to the open request
//
// Refusals, each in the audit with its reason and without any other trace:
//
//	u unknown person   d deactivated   b bot   g guest   e external   a directory away
//	n not an approver  o own request   q may not ask   i not involved   t not trusted with break-glass
//	s wrong state      x has approved already   z has no approval to take back
const authorityTable = `
	                      ask     approve deny    retract withdra resched brk glass check
	approver              qqqqqqq +ssssss +ssssss zzsssss ++sssss +ssssss ttttttt =======
	in two groups         qqqqqqq 1ssssss +ssssss zzsssss ++sssss +ssssss ttttttt =======
	has approved          qqqqqqq xssssss +ssssss ++sssss ++sssss +ssssss ttttttt =======
	their second account  qqqqqqq xssssss +ssssss ++sssss ++sssss +ssssss ttttttt =======
	left after approving  qqqqqqq nnnnnnn nnnnnnn ++sssss iiiiiii iiiiiii ttttttt iiiiiii
	requester             BBBBBB+ ooooooo ooooooo zzsssss ++sssss +ssssss ttttttt =======
	requester's other     BBBBBB+ ooooooo ooooooo zzsssss ++sssss +ssssss ttttttt =======
	trusted               qqqqqqq nnnnnnn nnnnnnn zzsssss iiiiiii iiiiiii +ssssss iiiiiii
	somebody else         qqqqqqq nnnnnnn nnnnnnn zzsssss iiiiiii iiiiiii ttttttt iiiiiii
	guest                 ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg
	external              eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee
	bot                   bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb
	deactivated           ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd
	unknown               uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu
	directory away        aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa
	groups away           qqqqqqq aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa ttttttt aaaaaaa
	requester, groups away aaaaaaa ooooooo ooooooo aaaaaaa ++sssss +ssssss ttttttt =======
`

var (
	tableStates = []State{Pending, Approved, Executing, Unknown, Scheduled, Running, Denied}
	tableActs   = []string{"ask", "approve", "deny", "retract", "withdraw", "reschedule", "break glass", "check again"}
)

// tableGrounds and tableObstacles are what the letters of refusals mean.
var (
	tableGrounds = map[rune]Ground{
		'u': UnknownPerson, 'd': Deactivated, 'b': IsBot, 'g': IsGuest, 'e': IsExternal, 'a': Unreachable,
		'n': NotApprover, 'o': OwnRequest, 'q': NotRequester, 'i': NotInvolved, 't': NotTrusted,
	}
	tableObstacles = map[rune]Obstacle{'s': WrongState, 'x': AlreadyDecided, 'z': NothingToUndo}
)

// tableActor is one kind of person: the account that acts, and who had approved
// before they came.
type tableActor struct {
	id       string
	approved []string
	away     error // of the directory as a whole
	groups   error // of the groups alone
}

var errAway = errors.New("Slack is away")

var tableActors = map[string]tableActor{
	"approver":               {id: "A", approved: []string{"V"}},
	"in two groups":          {id: "D"},
	"has approved":           {id: "V", approved: []string{"V"}},
	"their second account":   {id: "V2", approved: []string{"V"}},
	"left after approving":   {id: "L", approved: []string{"L"}},
	"requester":              {id: "R", approved: []string{"V"}},
	"requester's other":      {id: "R2", approved: []string{"V"}},
	"trusted":                {id: "T", approved: []string{"V"}},
	"somebody else":          {id: "C", approved: []string{"V"}},
	"guest":                  {id: "guest", approved: []string{"V", "guest"}},
	"external":               {id: "external", approved: []string{"V", "external"}},
	"bot":                    {id: "bot", approved: []string{"V", "bot"}},
	"deactivated":            {id: "gone", approved: []string{"V", "gone"}},
	"unknown":                {id: "nobody", approved: []string{"V", "nobody"}},
	"directory away":         {id: "A", approved: []string{"A"}, away: errAway},
	"groups away":            {id: "A", approved: []string{"A"}, groups: errAway},
	"requester, groups away": {id: "R", approved: []string{"V"}, groups: errAway},
}

// tablePolicy names all the flawed accounts wherever it names anybody, so that
// nothing but their flaw speaks against them. One approval of each of two groups
// is needed; the requester is in both.
func tablePolicy() *Policy {
	flawed := []string{"guest", "external", "bot", "gone", "nobody"}
	first, second := Set{Groups: []string{"S1"}}, Set{Groups: []string{"S2"}}
	return &Policy{
		Same: map[string]string{"R2": "R", "V2": "V"},
		Rules: []Rule{{
			Approvers:  Set{Users: flawed, Groups: []string{"S1", "S2"}},
			Quorum:     []Demand{{Count: 1, From: first}, {Count: 1, From: second}},
			Requesters: Set{Users: append([]string{"R"}, flawed...)},
			BreakGlass: Set{Users: append([]string{"T"}, flawed...)},
		}},
	}
}

func tablePeople() *people {
	d := &people{known: map[string]Person{}, groups: map[string][]string{
		"S1": {"A", "D", "R", "R2"}, "S2": {"V", "V2", "D", "R", "R2"},
	}}
	for _, id := range []string{"A", "D", "V", "V2", "L", "R", "R2", "T", "C"} {
		d.known[id] = Person{ID: id, Team: "T1", Name: "name of " + id, Email: id + "@example.com"}
	}
	for id, p := range map[string]Person{"guest": {Guest: true}, "external": {External: true}, "bot": {Bot: true}, "gone": {Deactivated: true}} {
		p.ID = id
		d.known[id] = p
	}
	return d
}

// groupless is a directory that knows people, and cannot read their groups.
type groupless struct {
	*people
	fault error
}

func (d groupless) Members(ctx context.Context, group string) ([]string, error) {
	if d.fault != nil {
		return nil, d.fault
	}
	return d.people.Members(ctx, group)
}

// tableRows are the words of each person, in the order of tableActs.
func tableRows(t *testing.T) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(authorityTable), "\n")[1:] {
		fields := strings.Fields(line)
		at := max(0, len(fields)-len(tableActs))
		rows[strings.Join(fields[:at], " ")] = fields[at:]
	}
	return rows
}

// TestTheTableOfAuthorityIsWhole keeps the table without gaps: a row for each
// person, a word for each act, a letter for each state, and nothing else.
func TestTheTableOfAuthorityIsWhole(t *testing.T) {
	rows := tableRows(t)
	for name := range tableActors {
		if len(rows[name]) != len(tableActs) {
			t.Errorf("%s: %d of %d acts are stated", name, len(rows[name]), len(tableActs))
		}
	}
	for name, words := range rows {
		if _, known := tableActors[name]; !known {
			t.Errorf("%q is nobody", name)
		}
		for i, word := range words {
			if len(word) != len(tableStates) {
				t.Errorf("%s, %s: %d of %d states are stated", name, tableActs[i], len(word), len(tableStates))
			}
		}
	}
	for i, state := range tableStates {
		if final := i == len(tableStates)-1; state.Open() == final {
			t.Errorf("%s stands among the wrong states", state)
		}
	}
}

func TestTheTableOfAuthorityHolds(t *testing.T) {
	b := newBenchOn(t, redistest.Start(t, "--appendonly", "no"))
	b.policy = tablePolicy()
	for name, words := range tableRows(t) {
		for i, word := range words {
			for j, letter := range word {
				c := cell{bench: b, actor: tableActors[name], act: tableActs[i], state: tableStates[j], want: letter}
				c.try(fmt.Sprintf("%s, %s, %s", name, c.act, c.state))
			}
		}
	}
}

// cell is one act by one person in one state.
type cell struct {
	*bench
	actor tableActor
	act   string
	state State
	want  rune
}

// try does the act on a deployment of its own and compares all that it leaves.
func (c cell) try(name string) {
	c.t.Helper()
	c.move(name)
	before := c.traces()
	made, err := c.do()
	after := c.traces()
	ground, known := tableGrounds[c.want]
	if !known && tableObstacles[c.want] == "" {
		c.succeeds(name, before, after, made, err)
		return
	}
	var refusal *Refusal
	if known && (!errors.As(err, &refusal) || refusal.Ground != ground) || !known && obstacle(err) != tableObstacles[c.want] {
		c.t.Errorf("%s: want %c, got %v", name, c.want, err)
		return
	}
	c.refused(name, before, after, err)
}

// move gives the cell a store, a directory and its request.
func (c cell) move(name string) {
	c.store = NewStore(c.store.redis, "{"+name+"}:", 0)
	c.service.Store = c.store
	known := tablePeople()
	known.away = c.actor.away
	c.service.Authority.Directory = groupless{known, c.actor.groups}
	r := upgradeAsked()
	r.Requester, r.State = known.known["R"], c.state
	for _, id := range c.actor.approved {
		by := known.known[id]
		by.ID, by.Human = id, c.policy.human(id)
		r.Decisions = append(r.Decisions, Decision{By: by, At: noon, Verdict: Yes, Revision: 1})
	}
	entry := Entry{At: noon, Verb: "ask", Request: r.ID}
	if err := c.store.commit(context.Background(), change{event: "first", after: r, entry: entry}); err != nil {
		c.t.Fatal(err)
	}
}

func (c cell) do() (Request, error) {
	switch c.act {
	case "ask":
		return c.bench.ask("event", c.actor.id)
	case "check again":
		return c.service.CheckAgain(context.Background(), Act{Event: "event", By: c.actor.id, Verb: c.act, Request: 7})
	}
	at := noon.Add(6 * 24 * time.Hour)
	return c.service.Act(context.Background(), Act{
		Event: "event", By: c.actor.id, Verb: c.act, Request: 7, Reason: "because", At: at, Deadline: at.Add(-25 * time.Hour), Zone: "UTC",
	})
}

// traces is all that an act can leave.
type traces struct {
	record  string
	commits int64
	effects int64
	timers  int64
	open    int64
	entries []Entry
}

func (c cell) traces() traces {
	c.t.Helper()
	ctx, k, rdb := context.Background(), c.store.keys, c.store.redis
	r := c.load(7)
	left := traces{
		record: encode(r), commits: r.commit, effects: rdb.XLen(ctx, k.effects()).Val(),
		timers: rdb.ZCard(ctx, k.timers()).Val(), open: rdb.HLen(ctx, k.open()).Val(),
	}
	if err := c.store.Audit(ctx, func(e Entry) error { left.entries = append(left.entries, e); return nil }); err != nil {
		c.t.Fatal(err)
	}
	return left
}

// without is the traces besides the audit.
func (l traces) without() traces { l.entries = nil; return l }

func (c cell) succeeds(name string, before, after traces, made Request, err error) {
	c.t.Helper()
	var busy *BusyError
	wrote := len(after.entries) - len(before.entries)
	switch {
	case c.want == 'B':
		if !errors.As(err, &busy) || busy.Holder != 7 || fmt.Sprint(before) != fmt.Sprint(after) {
			c.t.Errorf("%s: not pointed to CBH-7, or something changed: %v", name, err)
		}
		return
	case err != nil:
		c.t.Errorf("%s: want %c, got %v", name, c.want, err)
		return
	case c.want == '=':
		if after.record != before.record || after.effects == before.effects || wrote != 0 {
			c.t.Errorf("%s: the cloud is not looked at, or something changed", name)
		}
		return
	}
	last := after.entries[len(after.entries)-1]
	if wrote != 1 || last.Refused != "" || last.Actor.ID != c.actor.id || last.Verb != c.act || last.Request != made.ID {
		c.t.Errorf("%s: %d entries, the last is %s", name, wrote, last.json())
	}
	if want := c.goal(); made.State != want {
		c.t.Errorf("%s: it is %s, not %s", name, made.State, want)
	}
}

// goal is the state in which an act that happens leaves the request.
func (c cell) goal() State {
	if c.want == '1' {
		return Pending
	}
	return map[string]State{
		"ask": Pending, "approve": Approved, "deny": Denied, "retract": Pending,
		"withdraw": Withdrawn, "reschedule": Pending, "break glass": Approved,
	}[c.act]
}

// refused wants one more entry, with the reason, and no other trace.
func (c cell) refused(name string, before, after traces, why error) {
	c.t.Helper()
	if fmt.Sprint(before.without()) != fmt.Sprint(after.without()) {
		c.t.Errorf("%s: a refused act changed something:\n%+v\n%+v", name, before.without(), after.without())
	}
	if len(after.entries) != len(before.entries)+1 {
		c.t.Errorf("%s: %d entries were written", name, len(after.entries)-len(before.entries))
		return
	}
	last := after.entries[len(after.entries)-1]
	if last.Refused != why.Error() || last.Actor.ID != c.actor.id || last.Verb != c.act || last.Event != "event" || last.To != last.From {
		c.t.Errorf("%s: the audit says %s", name, last.json())
	}
	if c.act != "ask" && last.Request != 7 {
		c.t.Errorf("%s: the audit names CBH-%d", name, last.Request)
	}
}
