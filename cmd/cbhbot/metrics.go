package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"cbhbot/bot"
	"cbhbot/client"
)

// counters are what the program itself counts, beside its parts.
type counters struct {
	answers *prometheus.HistogramVec
	parked  prometheus.Counter
	refused prometheus.Counter
	cloud   *prometheus.CounterVec
	tokens  *prometheus.CounterVec
}

func newCounters(r prometheus.Registerer) *counters {
	c := &counters{
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cbhbot_answer_seconds", Help: "From an envelope's arrival to the end of the work on it, which answers: a command, an interaction (a press, a form), an event.",
			Buckets: []float64{.05, .1, .2, .5, 1, 2, 3, 5, 10, 30, 120},
		}, []string{"type"}),
		parked:  prometheus.NewCounter(prometheus.CounterOpts{Name: "cbhbot_parked_total", Help: "Envelopes that failed too often and were put aside."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "cbhbot_refused_messages_total", Help: "Messages whose content Slack did not take."}),
		cloud: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cbhbot_cloud_calls_total", Help: "Calls of the cloud's API by operation and outcome: ok, or why it failed.",
		}, []string{"operation", "outcome"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cbhbot_token_refreshes_total", Help: "Tokens that IAM was asked for, by outcome: ok, or why it gave none.",
		}, []string{"outcome"}),
	}
	for _, kind := range answerTypes {
		c.answers.WithLabelValues(kind)
	}
	for kind := client.Kind(0); kind <= client.Unreadable; kind++ {
		for _, operation := range []string{"list", "upgrade", "cancel", "rollback"} {
			c.cloud.WithLabelValues(operation, outcome(kind))
		}
		c.tokens.WithLabelValues(outcome(kind))
	}
	r.MustRegister(c.answers, c.parked, c.refused, c.cloud, c.tokens, build())
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return c
}

// build is the program's build as a metric that is always 1.
func build() prometheus.Collector {
	v := readVersion()
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cbhbot_build_info", Help: "1; its labels say what runs.",
		ConstLabels: prometheus.Labels{"version": v.Version, "commit": v.Commit, "goversion": v.Go},
	}, func() float64 { return 1 })
}

// answerTypes are the types of envelopes as they are counted.
var answerTypes = map[string]string{bot.TypeCommand: "command", bot.TypeInteractive: "interaction", bot.TypeEvent: "event"}

func (c *counters) answered(e bot.Envelope, took time.Duration) {
	if kind, known := answerTypes[e.Type]; known {
		c.answers.WithLabelValues(kind).Observe(took.Seconds())
	}
}

// outcome is what came of a call of the cloud.
func outcome(k client.Kind) string {
	if k == 0 {
		return "ok"
	}
	return k.String()
}

func (c *counters) called(operation string, k client.Kind) {
	c.cloud.WithLabelValues(operation, outcome(k)).Inc()
}

func (c *counters) gotToken(k client.Kind) { c.tokens.WithLabelValues(outcome(k)).Inc() }
