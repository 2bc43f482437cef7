package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// row is a line of the table. Some are headlines, which the README shows, too.
type row struct {
	title, key string
	headline   bool
}

var botRows = []row{
	{"ack, 1 outstanding, p50 (ms)", "ack 1 " + ackMedian, false},
	{"ack, 1 outstanding, p99 (ms)", "ack 1 " + ackTail, false},
	{"ack, 32 outstanding, p50 (ms)", "ack 32 " + ackMedian, false},
	{"ack, 32 outstanding, p99 (ms)", "ack 32 " + ackTail, true},
	{"acks a second, 32 outstanding", "ack 32 " + acksRate, true},
	{"commands handled a second, 32 outstanding", "ack 32 " + handledRate, true},
	{"press to call, 1 at a time, p50 (ms)", "flow 1 " + callMedian, false},
	{"press to call, 16 at a time, p50 (ms)", "flow 16 " + callMedian, false},
	{"press to call, 64 at a time, real latencies, p50 (ms)", "flow 64 " + callMedian, false},
	{"press to report, 64 at a time, real latencies, p50 (ms)", "flow 64 " + reportMedian, true},
	{"cycle, 1 at a time, p50 (ms)", "flow 1 " + cycleMedian, false},
	{"cycle, 1 at a time, p99 (ms)", "flow 1 " + cycleTail, false},
	{"cycle, 16 at a time, p50 (ms)", "flow 16 " + cycleMedian, false},
	{"cycle, 16 at a time, p99 (ms)", "flow 16 " + cycleTail, false},
	{"cycle, 64 at a time, real latencies, p50 (ms)", "flow 64 " + cycleMedian, false},
	{"cycle, 64 at a time, real latencies, p99 (ms)", "flow 64 " + cycleTail, true},
	{"cycles a second, 16 at a time", "flow 16 " + cycleRate, false},
	{"cycles a second, 64 at a time, real latencies", "flow 64 " + cycleRate, true},
	{"CPU a cycle, 16 at a time (ms)", "flow 16 " + cycleCPU, true},
	{"memory, idle (MB)", "life " + memoryIdle, false},
	{"memory, peak, 16 at a time (MB)", "flow 16 " + memoryPeak, true},
	{"start to first socket (ms)", "life " + socketTime, false},
	{"start to first ack (ms)", "life " + startTime, true},
	{"stop (ms)", "life " + stopTime, false},
}

func headlines() []row {
	return slices.DeleteFunc(slices.Clone(botRows), func(r row) bool { return !r.headline })
}

// tabled is a line of Markdown.
func tabled(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// headed is the head of a table.
func headed(cells ...string) string {
	return tabled(cells...) + strings.Repeat("|---", len(cells)) + "|\n"
}

func (s *results) table(rows []row) string {
	names := []string{""}
	for _, c := range contenders {
		names = append(names, c.name)
	}
	text := headed(names...)
	for _, row := range rows {
		cells := []string{row.title}
		for _, c := range contenders {
			cells = append(cells, s.cell(c.name, row.key))
		}
		text += tabled(cells...)
	}
	return text
}

// cell is the median over the rounds and how far they were apart; of another bot's
// figure, first how much of it ours is.
func (s *results) cell(bot, key string) string {
	values := s.all[bot][key]
	if len(values) == 0 {
		return ""
	}
	text := fmt.Sprintf("%s (%s–%s)", number(median(values)), number(slices.Min(values)), number(slices.Max(values)))
	if bot == ours {
		return text
	}
	return fmt.Sprintf("**%.2f** of %s", s.ratio(key, bot), text)
}

func (s *results) ratio(key, beside string) float64 {
	return median(s.all[ours][key]) / median(s.all[beside][key])
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// number is a figure with three digits that count.
func number(value float64) string {
	switch size := math.Abs(value); {
	case size >= 99.95:
		return fmt.Sprintf("%.0f", value)
	case size >= 9.995:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.2f", value)
}

// goal is what is wanted of a figure of ours: of the figure itself, or of how much it
// is of another bot's.
type goal struct {
	key, beside string
	least, most float64 // one of them
}

var goals = []goal{
	{key: "ack 32 " + ackTail, beside: "ack only", most: 2},
	{key: "ack 32 " + ackTail, beside: "by hand", most: 2},
	{key: "ack 32 " + ackTail, beside: "socketmode", most: 1},
	{key: "ack 32 " + acksRate, beside: "socketmode", least: 1},
	{key: "ack 32 " + handledRate, beside: "Bolt", least: 1.5},
	{key: "flow 64 " + cycleRate, beside: "socketmode", least: 1},
	{key: "flow 64 " + cycleRate, beside: "by hand", least: 0.97},
	{key: "flow 64 " + reportMedian, beside: "socketmode", most: 0.8},
	{key: "flow 64 " + cycleTail, beside: "socketmode", most: 1},
	{key: "flow 64 " + cycleTail, beside: "Bolt", most: 1},
	{key: "flow 16 " + cycleTail, beside: "Bolt", most: 1},
	{key: "flow 16 " + cycleCPU, beside: "socketmode", most: 2},
	{key: "flow 16 " + memoryPeak, beside: "Bolt", most: 0.2},
	{key: "life " + startTime, most: 25},
}

// goals is the table of what is wanted.
func (s *results) goals() string {
	text := headed("wanted", "measured", "")
	for _, g := range goals {
		value := median(s.all[ours][g.key])
		if g.beside != "" {
			value = s.ratio(g.key, g.beside)
		}
		measured, verdict := "", ""
		if !math.IsNaN(value) {
			measured, verdict = number(value), "reached"
			if g.least > 0 && value < g.least || g.most > 0 && value > g.most {
				verdict = "missed"
			}
		}
		text += tabled(g.String(), measured, verdict)
	}
	return text
}

func (g goal) String() string {
	at := slices.IndexFunc(botRows, func(r row) bool { return r.key == g.key })
	title, bound := botRows[at].title, fmt.Sprintf("at most %g", g.most)
	if g.least > 0 {
		bound = fmt.Sprintf("at least %g", g.least)
	}
	if g.beside == "" {
		return title + ": " + bound
	}
	return fmt.Sprintf("%s: %s of %s", title, bound, g.beside)
}
