package bench

import (
	"slices"
	"sync"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
)

// figures are what one run of a scenario measured, by the key of a row.
type figures map[string]float64

// scenario is what is done with one bot that was started for it.
type scenario struct {
	name string
	slow latencies
	play func(*rig, contender) figures
}

var scenarios = []scenario{
	{name: "life", play: life},
	{name: "ack 1", play: acks(1, 500, 100)},
	{name: "ack 32", play: acks(32, 2000, 300)},
	{name: "flow 1", play: flow(1, 60, 15)},
	{name: "flow 16", play: flow(16, 500, 60)},
	{name: "flow 64", slow: realLatencies, play: flow(64, 500, 64)},
}

// The keys of the rows, behind the scenario's name.
const (
	ackMedian, ackTail       = "ack p50", "ack p99"
	acksRate, handledRate    = "acks", "handled"
	callMedian, reportMedian = "press to call p50", "press to report p50"
	cycleMedian, cycleTail   = "cycle p50", "cycle p99"
	cycleRate, cycleCPU      = "cycles", "CPU a cycle"
	memoryIdle, memoryPeak   = "memory idle", "memory peak"
	socketTime, startTime    = "start to socket", "start to first ack"
	stopTime                 = "stop"
)

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile is one of the times, in milliseconds.
func (s *sample) quantile(q float64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return 0
	}
	slices.Sort(s.all)
	return millis(s.all[min(len(s.all)-1, int(q*float64(len(s.all))))])
}

func rate(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

// idle is how long a bot is left alone before its memory is read.
const idle = time.Second

// life is a bot's start, its first ack, its rest and its end.
func life(r *rig, c contender) figures {
	p := r.connects(c, 1)
	socket := time.Since(p.began)
	if d := r.slack.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help"); !d.Acked {
		r.tb.Errorf("the first command: %s", d.Error)
	}
	first := time.Since(p.began)
	time.Sleep(idle)
	present, _ := p.memory()
	return figures{socketTime: millis(socket), startTime: millis(first), memoryIdle: present, stopTime: millis(p.stop())}
}

// started starts a bot and warms it up with whole cycles, or with commands where it
// does no more.
func (r *rig) started(c contender, people, warm int, do func()) *process {
	p := r.connects(c, 1)
	together(people, warm, do)
	return p
}

// acks has people type one command after the other. A command is handled when its
// card is there.
func acks(people, commands, warm int) func(*rig, contender) figures {
	return func(r *rig, c contender) figures {
		var took, warmth sample
		asked := make(chan *cycle, commands+warm)
		type1 := func(took *sample) {
			c := r.takes()
			took.add(r.asks(c))
			asked <- c
		}
		r.started(c, people, warm, func() { type1(&warmth) })
		works := len(c.plays) == 0
		r.handled(asked, warm, works)
		began := time.Now()
		together(people, commands, func() { type1(&took) })
		acked := time.Since(began)
		last := r.handled(asked, commands, works)
		found := figures{ackMedian: took.quantile(.5), ackTail: took.quantile(.99), acksRate: rate(commands, acked)}
		if works {
			found[handledRate] = rate(commands, last.Sub(began))
		}
		return found
	}
}

// handled waits for the cards of so many commands, and returns when the last came.
func (r *rig) handled(asked chan *cycle, n int, works bool) (last time.Time) {
	for range n {
		c := <-asked
		if works && r.comes(c, "card", c.carded) && c.shown.After(last) {
			last = c.shown
		}
		r.ends(c)
	}
	return last
}

// settle is how long a bot may do what is left when the last report is there.
const settle = 500 * time.Millisecond

// flow has people go through whole cycles.
func flow(people, cycles, warm int) func(*rig, contender) figures {
	return func(r *rig, c contender) figures {
		var measured, warmth story
		p := r.started(c, people, warm, func() { r.upgrade(&warmth) })
		used, began := p.cpu(), time.Now()
		together(people, cycles, func() { r.upgrade(&measured) })
		took := time.Since(began)
		time.Sleep(settle)
		_, peak := p.memory()
		return figures{
			callMedian: measured.call.quantile(.5), reportMedian: measured.report.quantile(.5),
			cycleMedian: measured.whole.quantile(.5), cycleTail: measured.whole.quantile(.99),
			cycleRate: rate(cycles, took), cycleCPU: millis(p.cpu()-used) / float64(cycles), memoryPeak: peak,
		}
	}
}

// results are the figures of all rounds: by bot, and by scenario and row.
type results struct {
	mu  sync.Mutex
	all map[string]map[string][]float64
}

func (s *results) add(bot, scenario string, found figures) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[bot] == nil {
		s.all[bot] = map[string][]float64{}
	}
	for key, value := range found {
		row := scenario + " " + key
		s.all[bot][row] = append(s.all[bot][row], value)
	}
}

// BenchmarkBots has every bot play every scenario, in turn, and prints the table.
func BenchmarkBots(b *testing.B) {
	found := &results{all: map[string]map[string][]float64{}}
	for round := range *rounds {
		for _, s := range scenarios {
			for i := range contenders {
				c := contenders[(i+round)%len(contenders)]
				if c.playsIn(s.name) {
					b.Run(s.name+" "+c.name, func(b *testing.B) { found.add(c.name, s.name, s.play(newRig(b, s.slow), c)) })
				}
			}
		}
	}
	botsSection.publish(b, found.table(botRows), found.goals())
	readmeSection.publish(b, found.table(headlines()))
}
