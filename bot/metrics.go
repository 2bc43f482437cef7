package bot

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what the transport counts.
type Metrics struct {
	sockets   prometheus.Gauge
	counted   prometheus.Gauge
	ghosts    prometheus.Gauge
	envelopes *prometheus.CounterVec
	acks      prometheus.Histogram
	opens     prometheus.Counter
	calls     *prometheus.CounterVec
	holds     *prometheus.CounterVec
}

// reception is what became of an envelope when it arrived.
type reception string

const (
	received    reception = "fresh"
	repeated    reception = "duplicate"
	foreign     reception = "foreign"
	malformed   reception = "malformed"
	notRecorded reception = "not_recorded"
)

// The outcomes of calls that are counted.
const (
	callOK        = "ok"
	callLimited   = "limited"   // Slack asked to slow down
	callRefused   = "refused"   // for what was asked
	callDisowned  = "disowned"  // Slack does not accept the token
	callUnclear   = "unclear"   // it may have taken effect
	callUnreached = "unreached" // nothing was done; the next one may succeed
)

// NewMetrics registers the transport's metrics. What its labels can be is there from
// the beginning: a counter that begins with its first event has no rate of it.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "cbhbot_sockets", Help: "Sockets to Slack that are open in this process."}),
		counted: prometheus.NewGauge(prometheus.GaugeOpts{Name: "cbhbot_hello_sockets", Help: "Sockets of the app that Slack counted at the last hello."}),
		ghosts:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "cbhbot_foreign_sockets", Help: "Sockets that Slack counts for the app and no copy of this bot holds: ghosts, or strangers."}),
		envelopes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cbhbot_envelopes_total", Help: "Envelopes by what became of them when they arrived; not_recorded is neither kept nor acked.",
		}, []string{"result"}),
		acks: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cbhbot_ack_seconds", Help: "From an envelope's arrival to its ack.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3},
		}),
		opens: prometheus.NewCounter(prometheus.CounterOpts{Name: "cbhbot_socket_opens_total", Help: "Sockets opened."}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cbhbot_slack_calls_total", Help: "Calls of Slack's Web API by method and outcome; limited is a 429.",
		}, []string{"method", "outcome"}),
		holds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cbhbot_slack_held_total", Help: "Calls that were not made because Slack had asked to wait, by method.",
		}, []string{"method"}),
	}
	for _, r := range []reception{received, repeated, foreign, malformed, notRecorded} {
		m.envelopes.WithLabelValues(string(r))
	}
	for _, method := range []string{"chat.postMessage", "chat.update", "chat.postEphemeral", "response_url", "users.info", "auth.test", "apps.connections.open"} {
		for _, outcome := range []string{callOK, callLimited, callRefused, callDisowned, callUnclear, callUnreached} {
			m.calls.WithLabelValues(method, outcome)
		}
		m.holds.WithLabelValues(method)
	}
	r.MustRegister(m.sockets, m.counted, m.ghosts, m.envelopes, m.acks, m.opens, m.calls, m.holds)
	return m
}

func (m *Metrics) envelope(r reception) { m.envelopes.WithLabelValues(string(r)).Inc() }

// called counts a call that ended with an error made by named, or with nil.
func (m *Metrics) called(method string, err error) {
	m.calls.WithLabelValues(method, outcomeOf(err)).Inc()
}

func outcomeOf(err error) string {
	_, limited := Limited(err)
	switch {
	case err == nil:
		return callOK
	case limited:
		return callLimited
	case Disowned(err):
		return callDisowned
	case Unclear(err):
		return callUnclear
	case Permanent(err):
		return callRefused
	}
	return callUnreached
}
