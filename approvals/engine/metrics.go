package engine

import (
	"cmp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"cbhbot/approvals"
)

// Metrics are what the engine counts.
type Metrics struct {
	decisions prometheus.Histogram
	calls     prometheus.Histogram
	readBacks prometheus.Histogram
	conflicts prometheus.Counter
	waits     *prometheus.CounterVec
	// Losses counts the times that Redis was found to lack what it held: a request, or all.
	Losses prometheus.Counter
}

// What waits for its part of the chat's limits.
const (
	waitPost   = "post"
	waitUpdate = "update"
)

// NewMetrics registers the engine's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	with := promauto.With(r)
	seconds := func(name, help string, buckets ...float64) prometheus.Histogram {
		return with.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	}
	m := &Metrics{
		decisions: seconds("cbhbot_press_to_decision_seconds",
			"From a press, by Slack's clock, to the commit of what it decided, by Redis'.", .05, .1, .2, .5, 1, 2, 5, 10, 30, 120),
		calls: seconds("cbhbot_press_to_call_seconds",
			"From the press that completed an approval to the first call of the cloud for it.", .2, .5, 1, 2, 5, 10, 30, 60, 300, 1800),
		readBacks: seconds("cbhbot_call_to_read_back_seconds",
			"From a call of the cloud to the look that showed what it asked for.", .2, .5, 1, 2, 5, 10, 20, 60, 300, 1800),
		conflicts: with.NewCounter(prometheus.CounterOpts{
			Name: "cbhbot_commit_conflicts_total", Help: "Commits that found a record changed meanwhile and were decided on again.",
		}),
		waits: with.NewCounterVec(prometheus.CounterOpts{
			Name: "cbhbot_pace_waits_total", Help: "Times that messages of a request waited for their part of Slack's limits: a post, or an update.",
		}, []string{"kind"}),
		Losses: with.NewCounter(prometheus.CounterOpts{
			Name: "cbhbot_redis_losses_total", Help: "Times that Redis was found to lack what it held: an open request, or all.",
		}),
	}
	m.waits.WithLabelValues(waitPost)
	m.waits.WithLabelValues(waitUpdate)
	return m
}

// observe counts what a person pressed, when they pressed it; zero is not known.
func observe(since prometheus.Histogram, pressed, now time.Time) {
	if !pressed.IsZero() {
		since.Observe(max(0, now.Sub(pressed)).Seconds())
	}
}

// completedAt is when the press was made that completed the approval; zero where
// nobody had to.
func completedAt(r *approvals.Request) time.Time {
	last := r.Emergency
	if given := r.Approvals(); last == nil && len(given) > 0 {
		last = &given[len(given)-1]
	}
	if last == nil {
		return time.Time{}
	}
	return cmp.Or(r.Pressed[last.By.Counted()], last.At)
}
