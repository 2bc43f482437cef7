// Package outage measures for how long nobody is heard while something fails.
package outage

import (
	"slices"
	"sync"
	"time"
)

// attempt is something that people tried, and whether they were heard.
type attempt struct {
	at    time.Time
	heard bool
}

// after is for how many attempts it goes on behind the end of the fault.
const after = 20

// During has people try while a fault lasts and a little longer, again and again
// without waiting for each other, and returns the longest time from an attempt that
// was not heard to the next that was.
func During(fault func(), every time.Duration, try func() (heard bool)) time.Duration {
	over := make(chan struct{})
	go func() { defer close(over); fault() }()
	var mu sync.Mutex
	var people sync.WaitGroup
	var all []attempt
	tick := time.NewTicker(every)
	defer tick.Stop()
	for left := after; left > 0; <-tick.C {
		select {
		case <-over:
			left--
		default:
		}
		people.Go(func() {
			one := attempt{at: time.Now()}
			one.heard = try()
			mu.Lock()
			defer mu.Unlock()
			all = append(all, one)
		})
	}
	people.Wait()
	return longest(all)
}

func longest(all []attempt) (gap time.Duration) {
	slices.SortFunc(all, func(a, b attempt) int { return a.at.Compare(b.at) })
	var since time.Time
	for _, one := range all {
		if !one.heard && since.IsZero() {
			since = one.at
		}
		if !since.IsZero() {
			gap = max(gap, one.at.Sub(since))
		}
		if one.heard {
			since = time.Time{}
		}
	}
	return gap
}
