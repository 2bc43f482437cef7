package main

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
)

// TestTheClockIsBlamedThatIsOff: this machine's own where servers agree with Redis, and
// nobody's before Redis was heard.
func TestTheClockIsBlamedThatIsOff(t *testing.T) {
	t.Parallel()
	const far = 2 * time.Minute
	kept := store.New(redistest.Start(t).Client(), store.Options{})
	watch := func() (*clock, func() string) {
		log, said := test.NewNullLogger()
		return newClock(kept, log, prometheus.NewRegistry()), func() (warnings string) {
			for _, entry := range said.AllEntries() {
				if entry.Level == logrus.WarnLevel {
					warnings += entry.Message + "\n"
				}
			}
			return warnings
		}
	}
	c, warnings := watch()
	c.sees("slack")(time.Now().Add(far))
	if got := warnings(); got != "" || c.trusted() != nil {
		t.Errorf("before Redis was heard: %s", got)
	}
	_, _, _ = kept.Load(t.Context(), 1) // tells the time
	c.sees("slack")(time.Now().Add(far))
	if got := warnings(); got != "Redis' clock differs from another's\n" || c.trusted() == nil {
		t.Errorf("Redis' clock is off: %q", got)
	}
	c, warnings = watch()
	c.differs("slack", 0)
	c.differs("machine", far)
	if got := warnings(); got != "this machine's clock is off: servers agree with Redis'\n" || c.trusted() != nil {
		t.Errorf("this machine's is off: %q", got)
	}
}
