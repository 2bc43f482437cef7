package main

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"cbhbot/approvals/engine"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
)

const far = 2 * time.Minute

// heard is a clock on a Redis that has told the time, and what was warned of.
func heard(t *testing.T) (*clock, func() string) {
	kept := store.New(redistest.Start(t).Client(), store.Options{})
	redistest.Until(t, "the time to be told without delay", func() bool {
		_, _ = kept.Load(t.Context(), 1)
		return kept.Skew() != 0 && kept.Skew().Abs() < skewWarning/2
	})
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

// jumps sets Redis' clock.
func (c *clock) jumps(by time.Duration) {
	now, skew := c.now, c.skew
	c.now, c.skew = func() time.Time { return now().Add(by) }, func() time.Duration { return skew() + by }
}

// TestTheClockIsBlamedThatIsOff: this machine's own where servers agree with Redis, and
// nobody's before Redis was heard.
func TestTheClockIsBlamedThatIsOff(t *testing.T) {
	t.Parallel()
	c, warnings := heard(t)
	skew := c.skew
	c.skew = func() time.Duration { return 0 }
	c.sees(slackServer)(time.Now().Add(far))
	if got := warnings(); got != "" || c.trusted("", engine.CallSkew) != nil {
		t.Errorf("before Redis was heard: %s", got)
	}
	c.skew = skew
	c.sees(slackServer)(time.Now().Add(far))
	if got := warnings(); got != "Redis' clock differs from another's\n" || c.trusted("", engine.CallSkew) == nil {
		t.Errorf("Redis' clock is off: %q", got)
	}
	c, warnings = heard(t)
	c.jumps(far)
	c.sees(slackServer)(time.Now().Add(far))
	if got := warnings(); got != "this machine's clock is off: servers agree with Redis'\n" || c.trusted("", engine.CallSkew) != nil {
		t.Errorf("this machine's is off: %q", got)
	}
}

// TestAClockThatJumpsIsSeenAtOnce: also while no server answers, and that it was put back, too.
func TestAClockThatJumpsIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	c, _ := heard(t)
	c.sees(slackServer)(time.Now())
	for _, jump := range []time.Duration{far, -far} {
		c.jumps(jump)
		if wrong := c.trusted("", engine.CallSkew) != nil; wrong != (jump > 0) {
			t.Errorf("after a jump by %s: wrong is %v", jump, wrong)
		}
	}
	told := make(chan prometheus.Metric, 9)
	if c.Collect(told); len(told) != 2 {
		t.Errorf("%d clocks are told of", len(told))
	}
}

// TestAServerIsAskedForTheTimeWhileItDiffers: what it said once need not stay so, and one that
// tells no time any more says nothing of Redis'.
func TestAServerIsAskedForTheTimeWhileItDiffers(t *testing.T) {
	t.Parallel()
	c, _ := heard(t)
	c.every = time.Millisecond
	tells := c.sees(slackServer)
	for name, says := range map[string]time.Time{"the right time": time.Now(), "none": {}} {
		tells(time.Now().Add(far))
		if c.trusted("", engine.CallSkew) == nil {
			t.Fatal("a clock that is off is trusted")
		}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		c.watch(ctx, func(context.Context) {
			if tells(says); c.trusted("", engine.CallSkew) == nil {
				stop()
			}
		})
		if err := c.trusted("", engine.CallSkew); err != nil {
			t.Errorf("it says %s: %v", name, err)
		}
	}
}

// TestAnAnswerWithoutADateForgetsNothing, such as a proxy's: the next call would be made by a
// clock that is off.
func TestAnAnswerWithoutADateForgetsNothing(t *testing.T) {
	t.Parallel()
	c, _ := heard(t)
	tells := c.seesCloud("asia")
	tells(time.Now().Add(far))
	tells(time.Time{})
	if c.trusted("", engine.CallSkew) == nil {
		t.Error("a clock that is off is trusted")
	}
}

// TestEachCloudHasAClockOfItsOwn: one that is off holds up its own project's calls, whatever
// the others tell meanwhile, and nobody else's.
func TestEachCloudHasAClockOfItsOwn(t *testing.T) {
	t.Parallel()
	c, _ := heard(t)
	c.seesCloud("asia")(time.Now().Add(far))
	c.seesCloud("europe")(time.Now())
	for project, wrong := range map[string]bool{"asia": true, "europe": false, "": true} {
		if err := c.trusted(project, engine.CallSkew); (err != nil) != wrong {
			t.Errorf("project %q: %v", project, err)
		}
	}
}
