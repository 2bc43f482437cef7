package approvals

import (
	"testing"
	"time"
)

func TestWhatIsLeftIsSaidInSteps(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		5*day + time.Hour: 5 * day, 3 * day: 3 * day, 3*day - 1: 2 * day, 2 * day: 2 * day, 2*day - 1: 36 * time.Hour, 30 * time.Hour: day,
		13 * time.Hour: 12 * time.Hour, 11 * time.Hour: 6 * time.Hour, 2 * time.Hour: 2 * time.Hour, 119 * time.Minute: time.Hour,
		59 * time.Minute: 30 * time.Minute, 10 * time.Minute: 10 * time.Minute, 9 * time.Minute: 0, 0: 0, -time.Hour: 0,
	} {
		if got := Left(noon.Add(left), noon); got != want {
			t.Errorf("of %s it says %s, not %s", left, got, want)
		}
	}
}

// TestACardThatWaitsIsDrawnAnewWhenItWouldBeStale, at every moment at which it says
// another time, and at no other: few times in three days.
func TestACardThatWaitsIsDrawnAnewWhenItWouldBeStale(t *testing.T) {
	r := upgradeAsked(1)
	drawn, now := 0, r.Deadline.Add(-3*day)
	for at := r.RedrawAt(now); !at.IsZero(); at = r.RedrawAt(now) {
		said := Left(r.Deadline, now)
		if before := Left(r.Deadline, at.Add(-2*time.Millisecond)); before != said || Left(r.Deadline, at) >= said {
			t.Errorf("drawn at %s before the deadline: it said %s, then %s, now %s", r.Deadline.Sub(at), said, before, Left(r.Deadline, at))
		}
		now = at
		drawn++
	}
	if drawn > 12 || Left(r.Deadline, now) != 0 {
		t.Errorf("%d times in three days, the last with %s left", drawn, r.Deadline.Sub(now))
	}
}
