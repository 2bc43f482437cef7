package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/client/cbhemu"
)

// This file counts what is left of a torture.

// tally is what the promises are about.
type tally struct {
	requests                                            []*approvals.Request
	cards                                               map[string]int // by request
	calls                                               map[upgradeCall]int
	secondCards, lost, double, wedged, unknown, invalid int
	refused                                             int             // of whom it was said that the cloud or Slack could not be asked
	moves                                               int             // of upgrades that the cloud held
	decisions, called                                   []time.Duration // from the press
}

// report counts, and fails when a promise is broken.
func (o *torture) report() {
	y := &tally{requests: o.requests(o.t.Context()), cards: map[string]int{}, calls: map[upgradeCall]int{}}
	o.countCards(y)
	o.countCalls(y)
	for _, r := range y.requests {
		o.countRequest(y, r)
	}
	o.countStrayCalls(y)
	o.countLost(y)
	o.countAudit(y)
	o.t.Logf(`%s
| commands acked | refused | presses acked | kills | requests | moves | POSTs | cards | second cards | lost | double | unapproved | wedged | unknown left |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |
press to decision p50 %s, p99 %s; press to call p50 %s, p99 %s; kill to two sockets again p50 %s, p99 %s`,
		o.t.Name(), len(o.asked), y.refused, o.presses, o.kills, len(y.requests), y.moves, o.posts(), len(y.cards), y.secondCards, y.lost, y.double, y.invalid, y.wedged, y.unknown,
		quantile(y.decisions, .5), quantile(y.decisions, .99), quantile(y.called, .5), quantile(y.called, .99),
		quantile(o.recovered, .5), quantile(o.recovered, .99))
	o.t.Logf("Redis' misfortunes left commands without an ack for p50 %s, p99 %s", quantile(o.outages, .5), quantile(o.outages, .99))
	o.write(y)
	if y.secondCards > 0 || len(o.asked) == 0 || o.presses == 0 || len(y.calls) == 0 {
		o.t.Errorf("%d second cards, %d commands, %d presses, %d calls", y.secondCards, len(o.asked), o.presses, len(y.calls))
	}
}

// write adds the counts to the file that the benchmark reads.
func (o *torture) write(y *tally) {
	if *tortureOut == "" {
		return
	}
	line, err := json.Marshal(map[string]any{
		"half": o.t.Name(), "commands": len(o.asked), "presses": o.presses, "kills": o.kills, "requests": len(y.requests), "calls": o.posts(),
		"lost": y.lost, "double": y.double + y.secondCards, "unapproved": y.invalid, "wedged": y.wedged, "unknown": y.unknown,
		"decisions": y.decisions, "recovered": o.recovered, "outages": o.outages,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	file, err := os.OpenFile(*tortureOut, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = file.Write(append(line, '\n'))
		file.Close()
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// countCards counts the cards of each request, by their names for it.
func (o *torture) countCards(y *tally) {
	for _, channel := range o.slack.Channels() {
		for _, m := range o.slack.Messages(channel.ID) {
			if isCard := strings.Contains(m.Text, ": Upgrade ") || strings.Contains(m.Text, ": Move "); isCard && m.ThreadTS == "" && m.EphemeralFor == "" {
				y.cards[strings.TrimSuffix(strings.Fields(m.Text)[0], ":")]++
			}
		}
	}
	for _, n := range y.cards {
		y.secondCards += n - 1
	}
}

// countCalls counts those that may have taken effect: twice for one instance and one
// time is once too often, and so are two cancels of one instance, which is moved once.
func (o *torture) countCalls(y *tally) {
	for _, r := range o.cloud.Requests(cbhemu.OpUpgrade, cbhemu.OpCancel) {
		call := calledFor(r)
		if call.Cancel {
			call.UpgradeTime = 0
		}
		if r.Fault == cbhemu.FaultResetBefore {
			continue
		}
		if y.calls[call]++; y.calls[call] > 1 {
			y.double++
			o.t.Errorf("%+v was called %d times", call, y.calls[call])
		}
	}
}

// upgradeCall is the body of the cloud's one write.
type upgradeCall struct {
	ServerID    string `json:"server_id"`
	UpgradeTime int64  `json:"upgrade_time"` // 0: a cancel, of whatever time
	Cancel      bool   `json:"cancel"`
}

// callOf is the call that an item wants at last.
func callOf(r *approvals.Request, i int) upgradeCall {
	return upgradeCall{ServerID: r.Items[i].Target.ServerID, UpgradeTime: r.Time(i).UnixMilli()}
}

func calledFor(r cbhemu.Request) (body upgradeCall) {
	_ = json.Unmarshal([]byte(r.Body), &body)
	return body
}

// countRequest looks for what is stuck, and for a call that nobody approved.
func (o *torture) countRequest(y *tally, r *approvals.Request) {
	for i, it := range r.Items {
		switch {
		case r.State == approvals.Approved && it.State == approvals.Unknown:
			y.unknown++
			o.t.Errorf("%s, item %d: unknown", r.Name(), i)
		case r.State == approvals.Approved && onItsWay(it):
			y.wedged++
			o.t.Errorf("%s, item %d: %s", r.Name(), i, it.State)
		case it.State == approvals.Scheduled && (y.calls[callOf(r, i)] == 0 || !o.cloud.Instance(it.Target.Name).UpgradeTime.Equal(r.Time(i))):
			o.t.Errorf("%s, item %d is scheduled and was never called, or the cloud holds it at another time", r.Name(), i)
		}
		if called := y.calls[callOf(r, i)] > 0 || !it.FreedAt.IsZero(); r.Action == approvals.Upgrade && called && !o.approved(r) {
			y.invalid++
		}
	}
}

// countStrayCalls looks for calls that fit no request, as its people approved it.
func (o *torture) countStrayCalls(y *tally) {
	wanted := map[upgradeCall]bool{}
	for _, r := range y.requests {
		for i, it := range r.Items {
			if r.Action == approvals.Upgrade {
				wanted[callOf(r, i)] = true
			}
			if r.Action == approvals.Cancel || r.Moves() {
				wanted[upgradeCall{ServerID: it.Target.ServerID, Cancel: true}] = true
			}
		}
	}
	for call := range y.calls {
		if !wanted[call] {
			y.invalid++
			o.t.Errorf("%+v was called, for another time than that of its request's last revision", call)
		}
	}
}

// approved checks that a request that was called has a quorum.
func (o *torture) approved(r *approvals.Request) bool {
	var people []string
	for _, d := range r.Decisions {
		if d.Revision == r.Revision && d.Verdict == approvals.Yes && !slices.Contains(people, d.By.ID) {
			people = append(people, d.By.ID)
		}
	}
	if len(people) < tortureQuorum {
		o.t.Errorf("%s was called with the approvals of %v for revision %d", r.Name(), people, r.Revision)
	}
	return len(people) >= tortureQuorum
}

// countLost looks for commands and presses that were acked and left no trace.
func (o *torture) countLost(y *tally) {
	byTitle := map[string]*approvals.Request{}
	for _, r := range y.requests {
		for _, it := range r.Items {
			switch {
			case r.Moves():
				y.moves++
				byTitle[movesOf(it.Target.Name)] = r
			case r.Action == approvals.Upgrade:
				byTitle[it.Target.Name] = r
			}
		}
	}
	answered, elsewhere := o.refusals()
	for name, c := range o.asked {
		if r, ok := byTitle[name]; ok && y.cards[r.Name()] > 0 {
			continue
		}
		if !answered[c.envelope] && elsewhere[c.channel] > 0 {
			elsewhere[c.channel]--
			answered[c.envelope] = true
		}
		if answered[c.envelope] {
			y.refused++
			continue
		}
		y.lost++
		o.t.Errorf("the command for %s was acked and is lost", name)
	}
	for name := range o.pressed {
		if r := byTitle[name]; r.State == approvals.Pending && r.Revision == 1 {
			y.lost++
			o.t.Errorf("presses for %s (%s) were acked and are lost", name, r.Name())
		}
	}
	o.measure(y, byTitle)
}

// refusals are the commands of which the bot has said that it cannot do them for the moment: by their
// envelopes and, where their response_urls did not answer and it was said another way, how many in each channel.
func (o *torture) refusals() (answered map[string]bool, elsewhere map[string]int) {
	answered, elsewhere = map[string]bool{}, map[string]int{}
	for _, m := range o.slack.As(rita).Sees("") {
		switch {
		case !strings.Contains(m.Text, "I could not ask the cloud") && !strings.Contains(m.Text, "Slack did not answer"):
		case m.Answers != "":
			answered[m.Answers] = true
		default:
			elsewhere[m.Channel]++
		}
	}
	return answered, elsewhere
}

// measure is how long it took from the press to the decision, which needs
// nobody but Redis, and to the call.
func (o *torture) measure(y *tally, byTitle map[string]*approvals.Request) {
	calls := map[upgradeCall]time.Time{}
	for _, call := range o.cloud.Requests(cbhemu.OpUpgrade) {
		if wanted := calledFor(call); calls[wanted].IsZero() {
			calls[wanted] = call.At
		}
	}
	for name, pressed := range o.pressed {
		r := byTitle[name]
		if r.State != approvals.Approved {
			continue
		}
		given := r.Approvals()
		y.decisions = append(y.decisions, max(0, given[len(given)-1].At.Sub(pressed)))
		if at := calls[callOf(r, 0)]; !at.IsZero() {
			y.called = append(y.called, max(0, at.Sub(pressed)))
		}
	}
}

// countAudit checks the chain, and that nobody's approval came after they had
// taken it back: they pressed once each, in that order.
func (o *torture) countAudit(y *tally) {
	log := audit.New(o.rdb, store.DefaultPrefix, logrus.New(), nil)
	back := map[string]bool{}
	err := log.Export(o.t.Context(), func(e audit.Entry) error {
		who := fmt.Sprintf("CBH-%d %s", e.Request, e.Actor.ID)
		switch {
		case e.Verb == approvals.VerbRetract && (e.Refused == "" || strings.Contains(e.Refused, string(approvals.NothingToUndo))):
			back[who] = true
		case e.Verb == approvals.VerbApprove && e.Refused == "" && back[who]:
			y.invalid++
			o.t.Errorf("%s approved after taking it back", who)
		}
		return nil
	})
	if err == nil {
		_, err = log.Verify(o.t.Context())
	}
	if err != nil {
		o.t.Errorf("the audit: %v", err)
	}
}

func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))].Round(time.Millisecond)
}
