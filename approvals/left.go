package approvals

import "time"

const day = 24 * time.Hour

// leftSteps are those in which people think of what is left of less than two days. They
// are few, because each is an update of a message.
var leftSteps = []time.Duration{
	36 * time.Hour, day, 18 * time.Hour, 12 * time.Hour, 6 * time.Hour, 3 * time.Hour, 2 * time.Hour, time.Hour, 30 * time.Minute, 10 * time.Minute,
}

// Left is how much time is left until a deadline, at least: whole days from two days
// on, then steps that become shorter; 0: less than the shortest.
func Left(deadline, now time.Time) time.Duration {
	left := deadline.Sub(now)
	if left >= 2*day {
		return left.Truncate(day)
	}
	for _, step := range leftSteps {
		if left >= step {
			return step
		}
	}
	return 0
}

// leftUntil is when Left changes; zero: never again.
func leftUntil(deadline, now time.Time) time.Time {
	left := Left(deadline, now)
	if left == 0 {
		return time.Time{}
	}
	return deadline.Add(-left).Add(time.Millisecond) // Redis' clock has no finer moments
}
