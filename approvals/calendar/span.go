package calendar

import (
	"slices"
	"time"
)

// span is a time from one instant to before another, thought of in a zone.
type span struct {
	from, to time.Time
	zone     *time.Location
}

func (s span) holds(from, to time.Time) bool { return !from.Before(s.from) && !to.After(s.to) }

func (s span) has(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// starts lists at most n instants of the span that fit, the nearest to asked first: each
// day's at the same time of day, forwards (step 1) or backwards (-1). Where there is none,
// it is the first of others that fits.
func (s span) starts(asked time.Time, step, n int, fits func(time.Time) bool, others ...time.Time) []time.Time {
	nearest := earlier(s.to, later(s.from, asked))
	wall := wallOf(asked.In(s.zone))
	wall = wall.AddDate(0, 0, daysBetween(wall, wallOf(nearest.In(s.zone))))
	var found []time.Time
	days := daysBetween(wallOf(s.from.In(s.zone)), wallOf(s.to.In(s.zone)))
	for ; days >= 0 && len(found) < n; days-- {
		if t, exists := Instant(wall, s.zone); exists && s.has(t) && fits(t) {
			found = append(found, t)
		}
		wall = wall.AddDate(0, 0, step)
	}
	for _, t := range others {
		if len(found) == 0 && n > 0 && s.has(t) && fits(t) {
			found = append(found, t.In(s.zone))
		}
	}
	return found
}

// without is what a freeze leaves of a span.
func (s span) without(f Freeze) []span {
	before, after := s, s
	before.to, after.from = earlier(s.to, f.From), later(s.from, f.To)
	return slices.DeleteFunc([]span{before, after}, func(rest span) bool { return !rest.from.Before(rest.to) })
}

func earlier(some ...time.Time) time.Time { return slices.MinFunc(some, time.Time.Compare) }

func later(some ...time.Time) time.Time { return slices.MaxFunc(some, time.Time.Compare) }
