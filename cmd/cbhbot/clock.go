package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals/store"
)

const (
	skewWarning = 2 * time.Second
	skewLimit   = 30 * time.Second
)

// clock compares Redis' clock, by which everything is judged, with what servers
// say in their Date headers, and with this machine's. With one that is wrong, times
// would be wrong too.
type clock struct {
	store *store.Store
	log   logrus.FieldLogger
	gauge *prometheus.GaugeVec

	mu     sync.Mutex
	skew   map[string]time.Duration // by server
	warned map[string]bool
}

func newClock(s *store.Store, log logrus.FieldLogger, registry prometheus.Registerer) *clock {
	c := &clock{store: s, log: log, skew: map[string]time.Duration{}, warned: map[string]bool{}}
	c.gauge = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cbhbot_clock_difference_seconds", Help: "How far Redis' clock is ahead of another's: slack, cloud or machine.",
	}, []string{"clock"})
	registry.MustRegister(c.gauge)
	return c
}

// sees returns a function that takes one server's Date headers, which are whole
// seconds.
func (c *clock) sees(server string) func(time.Time) {
	return func(date time.Time) {
		c.differs("machine", c.store.Skew())
		c.differs(server, c.store.Now().Sub(date.Add(time.Second/2)))
	}
}

func (c *clock) differs(other string, skew time.Duration) {
	c.gauge.WithLabelValues(other).Set(skew.Seconds())
	c.mu.Lock()
	defer c.mu.Unlock()
	if other != "machine" {
		c.skew[other] = skew // this machine's own clock judges nothing
	}
	wrong := skew.Abs() > skewWarning
	if wrong && !c.warned[other] {
		c.log.WithFields(logrus.Fields{"clock": other, "difference": skew.Round(time.Second).String()}).
			Warn("Redis' clock differs from another's")
	}
	c.warned[other] = wrong
}

// trusted is an error while Redis' clock is off by more than skewLimit.
func (c *clock) trusted() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for server, skew := range c.skew {
		if skew.Abs() > skewLimit {
			return fmt.Errorf("Redis' clock differs from %s's by %s", server, skew.Round(time.Second))
		}
	}
	return nil
}
