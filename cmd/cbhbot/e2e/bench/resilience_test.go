package bench

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/cmd/cbhbot/e2e/outage"
)

var tortureFor = flag.Duration("torture", 10*time.Minute, "how long the torture of each seed lasts")

var tortureSeeds = []int{11, 12, 13}

// tally is what one half of a torture counted: see cmd/cbhbot/e2e.
type tally struct {
	Half                                      string
	Commands, Presses, Kills, Requests, Calls int
	Lost, Double, Unapproved, Wedged, Unknown int
	Decisions, Recovered, Outages             []time.Duration
}

// tortured runs the torture with a seed, and returns what its two halves counted:
// with one Redis, and with Sentinels.
func tortured(b *testing.B, seed int) (halves []tally) {
	out := filepath.Join(b.TempDir(), "tally")
	cmd := exec.Command("go", "test", "-count=1", "-timeout", "60m", "-run", "TestTorture", "cbhbot/cmd/cbhbot/e2e",
		"-torture.for", tortureFor.String(), "-torture.seed", fmt.Sprint(seed), "-torture.people", "16", "-torture.out", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Errorf("seed %d: %v\n%s", seed, err, text)
	}
	file, err := os.Open(out)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var half tally
		if err := json.Unmarshal(lines.Bytes(), &half); err != nil {
			b.Fatal(err)
		}
		halves = append(halves, half)
	}
	return halves
}

// tortures are the counts of all seeds.
type tortures [][]tally

// counted are the rows of the table of tortures.
var counted = []struct {
	title string
	of    func(tally) int
}{
	{"commands acked", func(t tally) int { return t.Commands }},
	{"presses acked", func(t tally) int { return t.Presses }},
	{"kills", func(t tally) int { return t.Kills }},
	{"requests", func(t tally) int { return t.Requests }},
	{"calls", func(t tally) int { return t.Calls }},
	{"lost", func(t tally) int { return t.Lost }},
	{"double", func(t tally) int { return t.Double }},
	{"called without approval", func(t tally) int { return t.Unapproved }},
	{"wedged", func(t tally) int { return t.Wedged }},
	{"unknown left", func(t tally) int { return t.Unknown }},
}

func (all tortures) table() string {
	head := []string{"torture"}
	for _, seed := range tortureSeeds {
		head = append(head, fmt.Sprintf("seed %d", seed))
	}
	text := headed(append(head, "all")...)
	for _, row := range counted {
		cells, sum := []string{row.title}, 0
		for i := range tortureSeeds {
			n := 0
			if i < len(all) {
				for _, half := range all[i] {
					n += row.of(half)
				}
			}
			cells, sum = append(cells, thousands(n)), sum+n
		}
		text += tabled(append(cells, thousands(sum))...)
	}
	return text
}

// pool puts the times of all halves together; with a name, of those only.
func (all tortures) pool(half string, of func(tally) []time.Duration) *sample {
	s := &sample{}
	for _, seed := range all {
		for _, t := range seed {
			if strings.HasSuffix(t.Half, half) {
				s.all = append(s.all, of(t)...)
			}
		}
	}
	return s
}

// waits is how long something takes when something fails, or is in the way.
type waits struct {
	title   string
	measure func(*testing.B) *sample
}

var measuredWaits = []waits{
	{"no ack when the only copy is killed (kill -9), and another started", killed},
	{"no ack while each socket is replaced in turn", replaced},
	{"press to decision, nothing in the way", func(b *testing.B) *sample { return decided(b, func(*rig) {}) }},
	{"press to decision, behind 200 waiting cards", func(b *testing.B) *sample { return decided(b, waitingCards) }},
	{"press to decision, behind 64 hung calls", func(b *testing.B) *sample { return decided(b, hungCalls) }},
}

// killed kills the program again and again, and starts the next one.
func killed(b *testing.B) *sample {
	r, s := newRig(b, latencies{}), &sample{}
	p := r.program()
	for range 30 {
		s.add(outage.During(func() { p.kill(); p = r.program() }, 5*time.Millisecond, r.isHeard))
	}
	return s
}

// replaced has Slack end a socket, as it does every few hours.
func replaced(b *testing.B) *sample {
	r, s := newRig(b, latencies{}), &sample{}
	p := r.program()
	for range 20 {
		s.add(outage.During(func() { r.replaces(p) }, 5*time.Millisecond, r.isHeard))
	}
	return s
}

// isHeard types a command, and reports whether it was acked.
func (r *rig) isHeard() bool {
	return r.slack.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help").Acked
}

// replaces ends the oldest socket, and waits until there are two without it.
func (r *rig) replaces(p *process) {
	old := r.slack.Sockets()[0].ID
	if err := r.slack.Disconnect(old, "refresh_requested"); err != nil {
		r.tb.Error(err)
	}
	r.hears(p, func(id string) bool { return id != old }, 2)
}

// decided presses on 30 cards, one after the other, behind what is in the way. The
// decision is when the record says that it was made.
func decided(b *testing.B, inTheWay func(*rig)) *sample {
	r, s := newRig(b, latencies{}), &sample{}
	r.program()
	var cards []*cycle
	for range 30 {
		c := r.takes()
		if r.asks(c); !r.comes(c, "card", c.carded) {
			b.FailNow()
		}
		cards = append(cards, c)
	}
	inTheWay(r)
	pressed := map[string]time.Time{}
	for _, c := range cards {
		pressed[c.name] = time.Now()
		r.presses(c)
		r.comes(c, "call", c.calls)
	}
	all, _, err := store.New(r.redis.Client(), store.Options{}).List(b.Context(), store.IndexAll, 0, 1000)
	if err != nil {
		b.Fatal(err)
	}
	for _, request := range all {
		at, ours := pressed[request.Items[0].Target.Name]
		if given := request.Approvals(); ours && len(given) > 0 {
			s.add(given[0].At.Sub(at))
		}
	}
	if len(s.all) != len(cards) {
		b.Errorf("%d of %d were decided", len(s.all), len(cards))
	}
	return s
}

// waitingCards asks for 200 upgrades in one channel, which takes a card a second.
func waitingCards(r *rig) {
	for range 200 {
		c := r.takes()
		d := r.slack.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", fmt.Sprintf("upgrade %s %s", c.server, when()))
		if !d.Acked {
			r.tb.Errorf("a command in #ops: %s", d.Error)
		}
	}
}

// hungCalls approves 64 upgrades whose calls the cloud never answers.
func hungCalls(r *rig) {
	r.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(time.Hour), Times: 64})
	together(16, 64, func() {
		c := r.takes()
		if r.asks(c); r.comes(c, "card", c.carded) {
			r.presses(c)
			r.comes(c, "call", c.calls)
		}
	})
}

// waited is the table of waits.
func waited(found []*sample) string {
	text := headed("", "p50 (ms)", "p99 (ms)")
	titles := []string{
		"kill -9 of one of three copies under torture, to its two sockets",
		"kill -9 of the only Redis and its restart, to the next ack",
		"kill -9 of the primary Redis, failover, and the node back as a replica, to the next ack",
	}
	for _, w := range measuredWaits {
		titles = append(titles, w.title)
	}
	for i, title := range titles {
		median, tail := "", ""
		if i < len(found) {
			median, tail = number(found[i].quantile(.5)), number(found[i].quantile(.99))
		}
		text += tabled(title, median, tail)
	}
	return text
}

// BenchmarkResilience tortures the program, and measures how long what fails is felt.
func BenchmarkResilience(b *testing.B) {
	var all tortures
	for _, seed := range tortureSeeds {
		b.Run(fmt.Sprintf("seed %d", seed), func(b *testing.B) { all = append(all, tortured(b, seed)) })
	}
	found := []*sample{
		all.pool("", func(t tally) []time.Duration { return t.Recovered }),
		all.pool("one_Redis", func(t tally) []time.Duration { return t.Outages }),
		all.pool("Sentinel", func(t tally) []time.Duration { return t.Outages }),
	}
	for _, w := range measuredWaits {
		s := &sample{}
		b.Run(w.title, func(b *testing.B) { s = w.measure(b) })
		found = append(found, s)
	}
	resilienceSection.publish(b, all.table(), waited(found))
}
