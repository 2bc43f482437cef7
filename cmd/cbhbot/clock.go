package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals/engine"
	"cbhbot/approvals/store"
)

const skewWarning = 2 * time.Second

// clock compares Redis' clock, by which everything is judged, with what servers
// say in their Date headers, and with this machine's. With one that is wrong, times
// would be wrong too. A nil clock compares nothing, and is trusted.
type clock struct {
	now   func() time.Time     // Redis' clock
	skew  func() time.Duration // how far it is ahead of this machine's; 0: it is not known yet
	log   logrus.FieldLogger
	desc  *prometheus.Desc
	start time.Time     // where this process counts from
	every time.Duration // how often servers are asked for the time while the clocks differ

	mu       sync.Mutex
	readings map[string]reading // by server
	warned   map[string]bool
}

// reading is what a server has said of the time.
type reading struct {
	ahead time.Duration // of our count
	at    time.Time     // when, by that
}

// machine is this machine's own clock, which judges nothing.
const machine = "machine"

const slackServer = "slack"

func cloudServer(project string) string { return "cloud/" + project }

func newClock(s *store.Store, log logrus.FieldLogger, registry prometheus.Registerer) *clock {
	c := &clock{now: s.Now, skew: s.Skew, log: log, start: time.Now(), every: 30 * time.Second, readings: map[string]reading{}, warned: map[string]bool{}}
	c.desc = desc("cbhbot_clock_difference_seconds", "How far Redis' clock is ahead of another's: slack, machine, or each project's cloud/NAME.", "clock")
	registry.MustRegister(c)
	return c
}

// sees returns a function that takes one server's Date headers, which are whole
// seconds; zero: it does not tell, or a proxy has answered for it. It is forgotten when it
// has told nothing for longer than it takes to be asked.
func (c *clock) sees(server string) func(time.Time) {
	if c == nil {
		return nil
	}
	return func(date time.Time) {
		c.mu.Lock()
		defer c.mu.Unlock()
		now := c.count()
		if !date.IsZero() {
			c.readings[server] = reading{date.Add(time.Second / 2).Sub(now), now}
		} else if now.Sub(c.readings[server].at) > 2*c.every {
			delete(c.readings, server)
		}
		c.warn()
	}
}

// seesCloud does so for a project's cloud: each has a clock of its own.
func (c *clock) seesCloud(project string) func(time.Time) { return c.sees(cloudServer(project)) }

// count is the time as this process counts it, whoever sets the machine's clock.
func (c *clock) count() time.Time { return c.start.Add(time.Since(c.start)) }

// differences are how far Redis' clock is ahead of others' at this moment. The caller holds c.mu.
func (c *clock) differences() map[string]time.Duration {
	skew := c.skew()
	if skew == 0 {
		return nil
	}
	all, redis := map[string]time.Duration{machine: skew}, c.now().Sub(c.count())
	for server, r := range c.readings {
		all[server] = redis - r.ahead
	}
	return all
}

// warn says once of each clock that it differs. The caller holds c.mu.
func (c *clock) warn() {
	for other, skew := range c.differences() {
		warning := "Redis' clock differs from another's"
		if other == machine && len(c.readings) > 0 && c.beyond("", skewWarning) == nil {
			warning = "this machine's clock is off: servers agree with Redis'"
		}
		wrong := skew.Abs() > skewWarning
		if wrong && !c.warned[other] {
			c.log.WithFields(logrus.Fields{"clock": other, "difference": skew.Round(time.Second).String()}).Warn(warning)
		}
		c.warned[other] = wrong
	}
}

// trusted is an error while a server's clock and Redis' are further apart than limit. What
// concerns a project waits for no other project's cloud; "" is all of them.
func (c *clock) trusted(project string, limit time.Duration) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warn()
	return c.beyond(project, limit)
}

// beyond is the same. The caller holds c.mu.
func (c *clock) beyond(project string, limit time.Duration) error {
	for server, skew := range c.differences() {
		concerned := server == slackServer || project == "" || server == cloudServer(project)
		if server != machine && concerned && skew.Abs() > limit {
			return fmt.Errorf("Redis' clock differs from %s's by %s", server, skew.Round(time.Second))
		}
	}
	return nil
}

// watch has the servers asked for the time while the clocks differ, until ctx ends: else what
// was wrong once would stay so for want of another answer.
func (c *clock) watch(ctx context.Context, ask func(context.Context)) {
	if c == nil {
		return
	}
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if c.trusted("", engine.CallSkew) != nil {
			ask(ctx)
		}
	}
}

// Describe implements prometheus.Collector.
func (c *clock) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

// Collect implements prometheus.Collector.
func (c *clock) Collect(to chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for other, skew := range c.differences() {
		to <- gauge(c.desc, skew.Seconds(), other)
	}
}
