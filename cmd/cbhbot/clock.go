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
// would be wrong too. A nil clock compares nothing, and is trusted.
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
// seconds. Redis' clock is not known before Redis has answered.
func (c *clock) sees(server string) func(time.Time) {
	if c == nil {
		return nil
	}
	return func(date time.Time) {
		if skew := c.store.Skew(); skew != 0 {
			c.differs(server, c.store.Now().Sub(date.Add(time.Second/2)))
			c.differs("machine", skew)
		}
	}
}

func (c *clock) differs(other string, skew time.Duration) {
	c.gauge.WithLabelValues(other).Set(skew.Seconds())
	c.mu.Lock()
	defer c.mu.Unlock()
	warning := "Redis' clock differs from another's"
	if other != "machine" {
		c.skew[other] = skew // this machine's own clock judges nothing
	} else if c.beyond(skewWarning) == nil {
		warning = "this machine's clock is off: servers agree with Redis'"
	}
	wrong := skew.Abs() > skewWarning
	if wrong && !c.warned[other] {
		c.log.WithFields(logrus.Fields{"clock": other, "difference": skew.Round(time.Second).String()}).Warn(warning)
	}
	c.warned[other] = wrong
}

// trusted is an error while Redis' clock is off by more than skewLimit.
func (c *clock) trusted() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.beyond(skewLimit)
}

// beyond is an error while a server's clock and Redis' are further apart. The caller holds c.mu.
func (c *clock) beyond(limit time.Duration) error {
	for server, skew := range c.skew {
		if skew.Abs() > limit {
			return fmt.Errorf("Redis' clock differs from %s's by %s", server, skew.Round(time.Second))
		}
	}
	return nil
}
