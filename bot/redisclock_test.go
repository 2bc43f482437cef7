package bot

import (
	"testing"
	"time"
)

func TestRedisClockIsLearntFromItsAnswers(t *testing.T) {
	t.Parallel()
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	c := redisClock{start: start}
	if c.at(at(1_000_000)) != 0 {
		t.Error("an instant is told before anything was learnt")
	}
	for _, l := range []struct {
		what                        string
		theirs, before, after, want int // ms; want is theirs at our 1000
	}{
		{"a slow answer", 500_300, 0, 400, 500_900},
		{"a quick one tells more", 500_505, 500, 510, 500_995},
		{"a slow one tells nothing more", 500_700, 600, 900, 500_995},
		{"a clock that has gone on by itself", 500_610, 600, 601, 501_009},
		{"another node that is behind", 400_700, 690, 710, 400_990},
		{"another node that is ahead", 900_800, 790, 810, 900_990},
	} {
		c.learn(int64(l.theirs)*1000, at(l.before), at(l.after))
		if got := c.at(at(1000)); got != int64(l.want)*1000 {
			t.Errorf("%s: %d, not %d", l.what, got/1000, l.want)
		}
	}
}

func TestPausesGrowToHalfAMinute(t *testing.T) {
	t.Parallel()
	for try, most := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: 2 * time.Second, 3: 8 * time.Second, 4: 30 * time.Second, 1_000_000: 30 * time.Second,
	} {
		if got := pauseAfter(try); got > most || got < most*3/4 {
			t.Errorf("%s after try %d", got, try)
		}
	}
}
