package main

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cbhbot/approvals/audit"
	"cbhbot/bot"
)

var (
	inboxEntries = prometheus.NewDesc("cbhbot_inbox_entries",
		"Envelopes in the inbox by lane: waiting or being worked on, put off, parked.", []string{"lane", "state"}, nil)
	inboxAge = prometheus.NewDesc("cbhbot_inbox_age_seconds",
		"How long ago the oldest envelope was put that waits or is being worked on, by lane.", []string{"lane"}, nil)
)

// inboxGauges measures the inbox when it is asked. Nothing is told while Redis
// does not answer.
type inboxGauges struct{ inbox *bot.Inbox }

// Describe implements prometheus.Collector.
func (g *inboxGauges) Describe(to chan<- *prometheus.Desc) {
	to <- inboxEntries
	to <- inboxAge
}

// Collect implements prometheus.Collector.
func (g *inboxGauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // the interface passes none
	defer cancel()
	depths, err := g.inbox.Depths(ctx)
	if err != nil {
		return
	}
	for _, d := range depths {
		lane := d.Stream[strings.LastIndex(d.Stream, ":")+1:]
		for state, n := range map[string]int64{"waiting": d.Waiting, "put off": d.PutOff, "parked": d.Parked} {
			to <- prometheus.MustNewConstMetric(inboxEntries, prometheus.GaugeValue, float64(n), lane, state)
		}
		to <- prometheus.MustNewConstMetric(inboxAge, prometheus.GaugeValue, d.Age.Seconds(), lane)
	}
}

var (
	sealWaiting = prometheus.NewDesc("cbhbot_audit_unsealed", "Entries of the audit that wait to be sealed.", nil, nil)
	sealAge     = prometheus.NewDesc("cbhbot_audit_seal_lag_seconds", "How long the oldest of them has waited.", nil, nil)
)

// sealGauges measures how far the audit's seal is behind when it is asked.
type sealGauges struct{ log *audit.Log }

// Describe implements prometheus.Collector.
func (g *sealGauges) Describe(to chan<- *prometheus.Desc) {
	to <- sealWaiting
	to <- sealAge
}

// Collect implements prometheus.Collector.
func (g *sealGauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // the interface passes none
	defer cancel()
	entries, age, err := g.log.Lag(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(sealWaiting, prometheus.GaugeValue, float64(entries))
	to <- prometheus.MustNewConstMetric(sealAge, prometheus.GaugeValue, age.Seconds())
}
