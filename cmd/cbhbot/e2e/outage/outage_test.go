package outage

import (
	"testing"
	"time"
)

func TestTheLongestGapIsFound(t *testing.T) {
	start := time.Unix(0, 0)
	all := func(heard ...bool) (attempts []attempt) {
		for i, h := range heard {
			attempts = append(attempts, attempt{start.Add(time.Duration(i) * time.Second), h})
		}
		return attempts
	}
	const yes, no = true, false
	for _, c := range []struct {
		attempts []attempt
		want     time.Duration
	}{
		{nil, 0},
		{all(yes, yes), 0},
		{all(yes, no, yes), time.Second},
		{all(no, yes, yes, no, no, no, yes), 3 * time.Second},
		{all(yes, no, no), time.Second}, // nobody was heard again
	} {
		if got := longest(c.attempts); got != c.want {
			t.Errorf("%v: %s instead of %s", c.attempts, got, c.want)
		}
	}
}
