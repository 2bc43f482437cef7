package bench

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
)

//go:embed seed.lua
var seedLua string

// seedScript copies requests inside Redis, where a million take a minute.
var seedScript = redis.NewScript(seedLua)

// seedAtOnce is how many copies one script makes.
const seedAtOnce = 2000

// copies makes so many requests of the first one.
func (r *rig) copies(n int, kind string) {
	r.tb.Helper()
	client := r.redis.Client()
	if err := client.ConfigSet(r.tb.Context(), "appendonly", "no").Err(); err != nil {
		r.tb.Fatal(err)
	}
	lists, err := client.Keys(r.tb.Context(), strings.ReplaceAll(store.DefaultPrefix, "{", `\{`)+"index:*").Result()
	if err != nil || len(lists) == 0 {
		r.tb.Fatalf("no index: %v", err)
	}
	lists = append(lists, store.DefaultPrefix+"due:act", store.DefaultPrefix+"due:show")
	for from := 2; from <= n; from += seedAtOnce {
		err := seedScript.Run(r.tb.Context(), client, lists, store.DefaultPrefix, 1, from, min(from+seedAtOnce-1, n), kind).Err()
		if err != nil {
			r.tb.Fatal(err)
		}
	}
}

// redisMemory is what Redis holds, in bytes.
func (r *rig) redisMemory() (bytes float64) {
	r.tb.Helper()
	info, err := r.redis.Client().Info(r.tb.Context(), "memory").Result()
	if err != nil {
		r.tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(info, "used_memory:")
	_, _ = fmt.Sscan(rest, &bytes)
	return bytes
}

// program starts the program itself.
func (r *rig) program() *process {
	r.tb.Helper()
	return r.connects(contenders[0], 2)
}

// first makes the one request that is copied: withdrawn, or left open.
func (r *rig) first(finished bool) {
	r.tb.Helper()
	p := r.program()
	defer p.stop()
	c := r.takes()
	if r.asks(c); !r.comes(c, "card", c.carded) {
		r.tb.FailNow()
	}
	if finished {
		r.slack.As(slackemu.UserRita).Command(c.channel, "/cbh", "withdraw CBH-1")
		r.await(c.notes, "note of the end")
	}
	time.Sleep(settle)
}

// await waits for something that happens outside of a cycle.
func (r *rig) await(step chan struct{}, what string) {
	r.tb.Helper()
	select {
	case <-step:
	case <-time.After(patience):
		r.tb.Fatalf("no %s", what)
	}
}

// each times what is done one after the other.
func each(n int, do func()) *sample {
	s := &sample{}
	for range n {
		began := time.Now()
		do()
		s.add(time.Since(began))
	}
	return s
}

// lists asks for all requests until the answer is there.
func (r *rig) lists() {
	r.slack.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "list all")
	r.await(r.answers, "list")
}

// opensHome opens the Home page until it is drawn.
func (r *rig) opensHome() {
	r.tb.Helper()
	drawn := func() (n int) {
		for _, call := range r.slack.Calls() {
			if call.Method == "views.publish" {
				n++
			}
		}
		return n
	}
	before := drawn()
	r.slack.As(slackemu.UserAna).OpenHome("home")
	ctx, cancel := context.WithTimeout(r.tb.Context(), patience)
	defer cancel()
	if err := r.slack.Wait(ctx, func() bool { return drawn() > before }); err != nil {
		r.tb.Fatal(err)
	}
}

// asksAndSees asks for an upgrade until its card is there.
func (r *rig) asksAndSees() {
	c := r.takes()
	r.asks(c)
	r.comes(c, "card", c.carded)
	r.ends(c)
}

// The rows of the table of finished requests.
const (
	rowCommand, rowList, rowHome = "command to card, p50 (ms)", "list, p50 (ms)", "Home, p50 (ms)"
	rowStart, rowMemory          = "start to first ack, median (ms)", "memory after it (MB)"
	rowBytes                     = "bytes in Redis a request, with its audit"
)

var finishedRows = []string{rowCommand, rowList, rowHome, rowStart, rowMemory, rowBytes}

// finishedCounts are how many requests have finished. None and a few differ by what
// there is to show, more only by what must not matter.
var finishedCounts = []int{0, 100, 10_000, 1_000_000}

// finished measures the program when so many requests have.
func finished(b *testing.B, count int) figures {
	r, found := newRig(b, latencies{}), figures{}
	if count > 0 {
		r.first(true)
		before := r.redisMemory()
		r.copies(count, "finished")
		found[rowBytes] = (r.redisMemory() - before) / float64(count-1)
	}
	var starts sample
	for range 3 {
		p := r.program()
		starts.add(r.firstAck(p))
		p.stop()
	}
	p := r.program()
	r.asksAndSees() // the first of all reads the cloud's list
	r.lists()
	home, list, command := each(10, r.opensHome), each(30, r.lists), each(60, r.asksAndSees)
	present, _ := p.memory()
	found[rowStart], found[rowMemory] = starts.quantile(.5), present
	found[rowHome], found[rowList], found[rowCommand] = home.quantile(.5), list.quantile(.5), command.quantile(.5)
	return found
}

// firstAck types the first command, and returns when it was acked since the start.
func (r *rig) firstAck(p *process) time.Duration {
	r.tb.Helper()
	if d := r.slack.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help"); !d.Acked {
		r.tb.Fatalf("the first command: %s", d.Error)
	}
	since := time.Since(p.began)
	r.await(r.answers, "answer")
	return since
}

// The rows of the table of open requests.
const (
	rowIdle, rowIdleRedis = "CPU while nobody does anything (%)", "of Redis (%)"
	rowDue, rowDueTail    = "what is due begins after, p50 (ms)", "p99 (ms)"
)

var openRows = []string{rowIdle, rowIdleRedis, rowDue, rowDueTail}

var openCounts = []int{0, 10_000}

// restFor is longer than the minute between two sweeps.
const restFor = 65 * time.Second

// open measures the program at rest, with so many requests open; and how late it is
// for what comes due by the clock: the end of the time for approvals.
func open(b *testing.B, count int) figures {
	r := newRig(b, latencies{})
	if count > 0 {
		r.first(false)
		r.copies(count, "open")
	}
	p := r.program()
	time.Sleep(3 * time.Second)
	used, redisUsed, began := p.cpu(), r.redisCPU(), time.Now()
	time.Sleep(restFor)
	percent := 100 / time.Since(began).Seconds()
	found := figures{rowIdle: (p.cpu() - used).Seconds() * percent, rowIdleRedis: (r.redisCPU() - redisUsed) * percent}
	var late sample
	together(10, 50, func() { late.add(r.expires()) })
	found[rowDue], found[rowDueTail] = late.quantile(.5), late.quantile(.99)
	return found
}

// redisCPU is how many seconds Redis has used a processor.
func (r *rig) redisCPU() (seconds float64) {
	info := r.redis.Client().Info(r.tb.Context(), "cpu").Val()
	for _, name := range []string{"used_cpu_user:", "used_cpu_sys:"} {
		var part float64
		_, rest, _ := strings.Cut(info, "\n"+name)
		_, _ = fmt.Sscan(rest, &part)
		seconds += part
	}
	return seconds
}

// notice is how long before an upgrade the time for its approvals ends.
const notice = 24*time.Hour + 5*time.Minute

// expires asks for an upgrade whose time for approvals ends soon, and returns how
// late the thread is told.
func (r *rig) expires() time.Duration {
	c := r.takes()
	defer r.ends(c)
	end := time.Now().Add(3 * time.Second).Truncate(time.Second) // which is as exact as a time is read
	c.endsAt(end)
	d := r.slack.As(slackemu.UserRita).Command(c.channel, "/cbh", fmt.Sprintf("upgrade %s %d", c.server, end.Add(notice).UnixMilli()))
	if !d.Acked {
		r.tb.Errorf("the command for %s: %s", c.name, d.Error)
	}
	if !d.Acked || !r.comes(c, "card", c.carded) || !r.comes(c, "end", c.notes) {
		return patience
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noted.Sub(end)
}

// The rows of the table of bastions, and of that of replicas.
const (
	rowCost, rowAsked  = "CPU a command (ms)", "command to card, p50 (ms)"
	rowCycles, rowWork = "cycles a second, 16 at a time, real latencies", "CPU a cycle, all replicas (ms)"
	rowDouble          = "upgrades called twice"
)

var (
	fleetRows     = []string{rowCost, rowAsked}
	fleetCounts   = []int{20, 200, 1000}
	replicaRows   = []string{rowCycles, rowWork, rowDouble}
	replicaCounts = []int{1, 2, 4}
)

// fleet measures commands when the cloud lists so many bastions.
func fleet(b *testing.B, count int) figures {
	r := newRig(b, latencies{})
	for r.made < count {
		r.makes()
	}
	p := r.program()
	together(1, 20, r.asksAndSees)
	used := p.cpu()
	took := each(200, r.asksAndSees)
	return figures{rowCost: millis(p.cpu()-used) / 200, rowAsked: took.quantile(.5)}
}

// replicas measures how much several copies of the program do.
func replicas(b *testing.B, count int) figures {
	const cycles = 400
	r := newRig(b, realLatencies)
	var copies []*process
	used := func() (all time.Duration) {
		for _, p := range copies {
			all += p.cpu()
		}
		return all
	}
	for range count {
		copies = append(copies, r.program())
	}
	var s story
	together(16, 60, func() { r.upgrade(&s) })
	before, began := used(), time.Now()
	together(16, cycles, func() { r.upgrade(&s) })
	took := time.Since(began)
	return figures{rowCycles: rate(cycles, took), rowWork: millis(used()-before) / cycles, rowDouble: float64(r.doubles.Load())}
}

// growth is one table: a number that grows, and what is measured then.
type growth struct {
	title   string
	counts  []int
	rows    []string
	measure func(*testing.B, int) figures
}

var growths = []growth{
	{"finished requests", finishedCounts, finishedRows, finished},
	{"open requests", openCounts, openRows, open},
	{"bastions", fleetCounts, fleetRows, fleet},
	{"replicas", replicaCounts, replicaRows, replicas},
}

func (g growth) table(found map[int]figures) string {
	head := []string{g.title}
	for _, n := range g.counts {
		head = append(head, thousands(n))
	}
	text := headed(head...)
	for _, name := range g.rows {
		cells := []string{name}
		for _, n := range g.counts {
			cell := ""
			if value, measured := found[n][name]; measured {
				cell = number(value)
			}
			cells = append(cells, cell)
		}
		text += tabled(cells...)
	}
	return text
}

// nothingGrows are the tables with nothing measured.
func nothingGrows() (all []string) {
	for _, g := range growths {
		all = append(all, g.table(nil))
	}
	return all
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// BenchmarkGrowth lets one number grow after the other.
func BenchmarkGrowth(b *testing.B) {
	var tables []string
	for _, g := range growths {
		found := map[int]figures{}
		for _, n := range g.counts {
			b.Run(fmt.Sprintf("%s %d", g.title, n), func(b *testing.B) { found[n] = g.measure(b, n) })
		}
		tables = append(tables, g.table(found))
	}
	growthSection.publish(b, tables...)
}
