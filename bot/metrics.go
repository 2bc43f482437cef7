package bot

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are what the transport counts. A nil *Metrics counts nothing.
type Metrics struct {
	sockets   prometheus.Gauge
	ghosts    prometheus.Gauge
	envelopes *prometheus.CounterVec
	acks      prometheus.Histogram
	opens     prometheus.Counter
}

// NewMetrics registers the transport's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		sockets:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "cbhbot_sockets", Help: "Sockets to Slack that are open in this process."}),
		ghosts:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "cbhbot_foreign_sockets", Help: "Sockets that Slack counts for the app and no copy of this bot holds: ghosts, or strangers."}),
		envelopes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cbhbot_envelopes_total", Help: "Envelopes by what became of them."}, []string{"result"}),
		acks:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cbhbot_ack_seconds", Help: "From an envelope's arrival to its ack.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3}}),
		opens:     prometheus.NewCounter(prometheus.CounterOpts{Name: "cbhbot_socket_opens_total", Help: "Sockets opened."}),
	}
	r.MustRegister(m.sockets, m.ghosts, m.envelopes, m.acks, m.opens)
	return m
}

func (m *Metrics) envelope(result string) {
	if m != nil {
		m.envelopes.WithLabelValues(result).Inc()
	}
}

func (m *Metrics) acked(d time.Duration) {
	if m != nil {
		m.acks.Observe(d.Seconds())
	}
}

func (m *Metrics) socketsAre(n int) {
	if m != nil {
		m.sockets.Set(float64(n))
	}
}

func (m *Metrics) foreignAre(n int) {
	if m != nil {
		m.ghosts.Set(float64(n))
	}
}

func (m *Metrics) opened() {
	if m != nil {
		m.opens.Inc()
	}
}
