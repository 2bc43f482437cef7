package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

const (
	skewWarning = time.Minute
	skewLimit   = 5 * time.Minute
)

// clock compares the machine's clock with what servers say in their Date
// headers. With a clock that is wrong by minutes, times would be wrong too.
type clock struct {
	now func() time.Time
	log logrus.FieldLogger

	mu     sync.Mutex
	skew   map[string]time.Duration // by server
	warned map[string]bool
}

func newClock(now func() time.Time, log logrus.FieldLogger) *clock {
	return &clock{now: now, log: log, skew: map[string]time.Duration{}, warned: map[string]bool{}}
}

// sees returns a function that takes one server's Date headers.
func (c *clock) sees(server string) func(time.Time) {
	return func(date time.Time) {
		skew := c.now().Sub(date)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.skew[server] = skew
		wrong := skew.Abs() > skewWarning
		if wrong && !c.warned[server] {
			c.log.WithFields(logrus.Fields{"server": server, "difference": skew.Round(time.Second).String()}).
				Warn("this machine's clock differs from the server's")
		}
		c.warned[server] = wrong
	}
}

// trusted is an error while the clock is off by more than skewLimit.
func (c *clock) trusted() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for server, skew := range c.skew {
		if skew.Abs() > skewLimit {
			return fmt.Errorf("this machine's clock differs from %s's by %s", server, skew.Round(time.Second))
		}
	}
	return nil
}
