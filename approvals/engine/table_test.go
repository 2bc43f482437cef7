package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
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
//	s wrong state      x has approved already
//	z has no approval to take back; that they pressed is remembered, and nothing else
const authorityTable = `
	                      ask     approve deny    retract withdra takeout resched brk glass check   try agn close
	approver              qqqqqqq +ssssss +ssssss zzsssss ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
	in two groups         qqqqqqq 1ssssss +ssssss zzsssss ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
	has approved          qqqqqqq xssssss +ssssss ++sssss ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
	their second account  qqqqqqq xssssss +ssssss ++sssss ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
	left after approving  qqqqqqq nssssss nssssss ++sssss iiiiiis iiiiiis issssss tssssss iiiiiii siiiiis siiiiis
	requester             BBBBBB+ ossssss ossssss zzsssss ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
	requester's other     BBBBBB+ ossssss ossssss zzsssss ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
	trusted               qqqqqqq nssssss nssssss zzsssss iiiiiis iiiiiis issssss +ssssss iiiiiii siiiiis siiiiis
	somebody else         qqqqqqq nssssss nssssss zzsssss iiiiiis iiiiiis issssss tssssss iiiiiii siiiiis siiiiis
	guest                 ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg ggggggg
	external              eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee eeeeeee
	bot                   bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb bbbbbbb
	deactivated           ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd ddddddd
	unknown               uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu uuuuuuu
	directory away        aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa aaaaaaa
	groups away           qqqqqqq assssss assssss aaaaaas aaaaaas aaaaaas assssss tssssss aaaaaaa saaaaas saaaaas
	requester, groups away aaaaaaa ossssss ossssss aaaaaas ++sssss ++sssss +ssssss tssssss ======= sssssss sssssss
`

var (
	tableStates = []approvals.State{
		approvals.Pending, approvals.Approved, approvals.Executing, approvals.Unknown, approvals.Scheduled, approvals.Running, approvals.Denied,
	}
	tableActs = []approvals.Verb{
		approvals.VerbAsk, approvals.VerbApprove, approvals.VerbDeny, approvals.VerbRetract, approvals.VerbWithdraw, approvals.VerbTakeOut,
		approvals.VerbReschedule, approvals.VerbBreakGlass, approvals.VerbCheckAgain, approvals.VerbTryAgain, approvals.VerbClose,
	}
)

// tableGrounds and tableObstacles are what the letters of refusals mean.
var (
	tableGrounds = map[rune]policy.Ground{
		'u': policy.UnknownPerson, 'd': policy.Deactivated, 'b': policy.IsBot, 'g': policy.IsGuest, 'e': policy.IsExternal,
		'a': policy.Unreachable,
		'n': policy.NotApprover, 'o': policy.OwnRequest, 'q': policy.NotRequester, 'i': policy.NotInvolved, 't': policy.NotTrusted,
	}
	tableObstacles = map[rune]approvals.Obstacle{'s': approvals.WrongState, 'x': approvals.AlreadyDecided, 'z': approvals.NothingToUndo}
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
func tablePolicy() *policy.Policy {
	flawed := []string{"guest", "external", "bot", "gone", "nobody"}
	first, second := approvals.Set{Groups: []string{"S1"}}, approvals.Set{Groups: []string{"S2"}}
	return &policy.Policy{
		Same: map[string]string{"R2": "R", "V2": "V"},
		Rules: []policy.Rule{{
			Approvers:  approvals.Set{Users: flawed, Groups: []string{"S1", "S2"}},
			Quorum:     approvals.Quorum{{Count: 1, From: first}, {Count: 1, From: second}},
			Requesters: approvals.Set{Users: append([]string{"R"}, flawed...)},
			BreakGlass: approvals.Set{Users: append([]string{"T"}, flawed...)},
		}},
	}
}

func tablePeople() *people {
	d := &people{known: map[string]approvals.Person{}, groups: map[string][]string{
		"S1": {"A", "D", "R", "R2"}, "S2": {"V", "V2", "D", "R", "R2"},
	}}
	for _, id := range []string{"A", "D", "V", "V2", "L", "R", "R2", "T", "C"} {
		d.known[id] = approvals.Person{ID: id, Team: "T1", Name: "name of " + id, Email: id + "@example.com"}
	}
	for id, p := range map[string]approvals.Person{
		"guest": {Guest: true}, "external": {External: true}, "bot": {Bot: true}, "gone": {Deactivated: true},
	} {
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
func tableRows() map[string][]string {
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
	t.Parallel()
	rows := tableRows()
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
}

func TestTheTableOfAuthorityHolds(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t, "--appendonly", "no").Client()
	for name, words := range tableRows() {
		for i, word := range words {
			for j, letter := range word {
				cellName := fmt.Sprintf("%s, %s, %s", name, tableActs[i], tableStates[j])
				b := newBenchOn(t, client, "{"+cellName+"}:")
				c := cell{bench: b, name: cellName, actor: tableActors[name], act: tableActs[i], state: tableStates[j], want: letter}
				c.try()
			}
		}
	}
}

// cell is one act by one person in one state.
type cell struct {
	*bench
	name  string
	actor tableActor
	act   approvals.Verb
	state approvals.State
	want  rune
}

// try does the act on a deployment of its own and compares all that it leaves.
func (c cell) try() {
	c.t.Helper()
	c.fill()
	before := c.traces()
	made, err := c.do()
	after := c.traces()
	ground, known := tableGrounds[c.want]
	if !known && tableObstacles[c.want] == "" {
		c.succeeds(before, after, made, err)
		return
	}
	var refusal *policy.Refusal
	if known && (!errors.As(err, &refusal) || refusal.Ground != ground) || !known && obstacle(err) != tableObstacles[c.want] {
		c.t.Errorf("%s: want %c, got %v", c.name, c.want, err)
		return
	}
	c.refused(before, after, err)
}

// fill gives the cell its directory and its request, of two items, so that one can
// be taken out.
func (c cell) fill() {
	c.t.Helper()
	c.policy = tablePolicy()
	known := tablePeople()
	known.away = c.actor.away
	c.engine.Authority = policy.Authority{Policy: func() *policy.Policy { return c.policy }, Directory: groupless{known, c.actor.groups}}
	now := c.now()
	r := &approvals.Request{
		Version: approvals.RecordVersion, Key: "key", Revision: 1, Action: approvals.Upgrade,
		Timing:    approvals.Timing{At: now.Add(5 * 24 * time.Hour), Deadline: now.Add(3 * 24 * time.Hour), Lead: 24 * time.Hour, Zone: "UTC"},
		Requester: known.known["R"], Channel: "C", State: c.state, CreatedAt: now, ChangedAt: now,
	}
	item := approvals.Waiting
	if c.state != approvals.Pending && c.state != approvals.Approved && c.state != approvals.Denied {
		r.State, item = approvals.Approved, c.state
	}
	for _, id := range []string{"s", "s1"} {
		call := approvals.Call{Attempt: 1, StartedAt: now, EndsAt: now.Add(time.Hour), FinishedAt: now, NextAt: now.Add(time.Hour)}
		r.Items = append(r.Items, approvals.Item{Target: target(id), State: item, Call: call})
	}
	for _, id := range c.actor.approved {
		by := known.known[id]
		by.ID, by.Human = id, id
		r.Decisions = append(r.Decisions, approvals.Decision{By: by, At: now, Verdict: approvals.Yes, Revision: 1})
	}
	first := &store.Change{Event: "first", Before: new(approvals.Request), After: r, Entry: audit.Entry{At: now, Verb: approvals.VerbAsk}}
	if _, err := c.store.Commit(context.Background(), first); err != nil {
		c.t.Fatal(err)
	}
}

func (c cell) do() (*approvals.Request, error) {
	at := c.now().Add(6 * 24 * time.Hour)
	act := Act{
		Event: "event", By: c.actor.id, Verb: c.act, Request: approvals.Marker{ID: 1}, Item: 1, Reason: "because",
		Timing: approvals.Timing{At: at, Deadline: at.Add(-25 * time.Hour), Lead: 24 * time.Hour, Zone: "UTC"},
	}
	switch c.act {
	case approvals.VerbAsk:
		return c.ask("event", c.actor.id)
	case approvals.VerbCheckAgain:
		return c.engine.CheckAgain(context.Background(), act)
	}
	return c.engine.Act(context.Background(), act)
}

// traces is all that an act can leave.
type traces struct {
	record   *approvals.Request
	due, all string
	entries  []audit.Entry
}

func (c cell) traces() traces {
	c.t.Helper()
	ctx := context.Background()
	left := traces{record: c.load(1), entries: c.entries()}
	for _, q := range []string{"due:act", "due:show"} {
		left.due += fmt.Sprint(c.redis.ZRangeWithScores(ctx, c.prefix+q, 0, -1).Val())
	}
	for _, h := range []string{"open", "held:act", "held:show"} {
		left.all += fmt.Sprint(c.redis.HGetAll(ctx, c.prefix+h).Val())
	}
	return left
}

// same reports whether two traces differ in the audit alone.
func (l traces) same(other traces) bool {
	return l.record.Counter == other.record.Counter && l.record.SameFacts(other.record) && l.due == other.due && l.all == other.all
}

func (c cell) succeeds(before, after traces, made *approvals.Request, err error) {
	c.t.Helper()
	var busy *store.BusyError
	wrote := len(after.entries) - len(before.entries)
	switch {
	case c.want == 'B':
		if !errors.As(err, &busy) || busy.Holder() != 1 || !before.same(after) || wrote != 0 {
			c.t.Errorf("%s: not pointed to CBH-1, or something changed: %v", c.name, err)
		}
		return
	case err != nil:
		c.t.Errorf("%s: want %c, got %v", c.name, c.want, err)
		return
	case c.want == '=':
		if !before.same(after) || wrote != 0 {
			c.t.Errorf("%s: something changed", c.name)
		}
		return
	}
	last := after.entries[len(after.entries)-1]
	if wrote != 1 || last.Refused != "" || last.Actor.ID != c.actor.id || last.Verb != c.act || last.Request != made.ID {
		c.t.Errorf("%s: %d entries, the last is %+v", c.name, wrote, last)
	}
	if want := c.goal(); made.State != want || last.To != want {
		c.t.Errorf("%s: it is %s, not %s; the audit says %s", c.name, made.State, want, last.To)
	}
}

// goal is the state in which an act that happens leaves the request.
func (c cell) goal() approvals.State {
	switch {
	case c.want == '1':
		return approvals.Pending
	case c.act == approvals.VerbTakeOut:
		return c.state
	}
	return map[approvals.Verb]approvals.State{
		approvals.VerbAsk: approvals.Pending, approvals.VerbApprove: approvals.Approved, approvals.VerbDeny: approvals.Denied,
		approvals.VerbRetract: approvals.Pending, approvals.VerbWithdraw: approvals.Withdrawn, approvals.VerbReschedule: approvals.Pending,
		approvals.VerbBreakGlass: approvals.Approved,
	}[c.act]
}

// refused wants one more entry, with the reason, and no other trace.
func (c cell) refused(before, after traces, why error) {
	c.t.Helper()
	if c.want == 'z' {
		after.record.Applied, after.record.Counter, after.due = before.record.Applied, before.record.Counter, before.due
	}
	if !before.same(after) {
		c.t.Errorf("%s: a refused act changed something:\n%+v\n%+v", c.name, before, after)
	}
	if len(after.entries) != len(before.entries)+1 {
		c.t.Errorf("%s: %d entries were written", c.name, len(after.entries)-len(before.entries))
		return
	}
	last := after.entries[len(after.entries)-1]
	word := last.Refused != "" && strings.HasSuffix(why.Error(), last.Refused) && !strings.Contains(last.Refused, "refused")
	if !word || last.Actor.ID != c.actor.id || last.Verb != c.act || last.Event != "event" || last.To != last.From {
		c.t.Errorf("%s: the audit says %+v", c.name, last)
	}
	if c.act != approvals.VerbAsk && last.Request != 1 {
		c.t.Errorf("%s: the audit names CBH-%d", c.name, last.Request)
	}
}
