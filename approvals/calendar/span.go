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

// starts lists the instants of the span that fit, in order: each day's at the time of day of asked.
// Where there is none, it is the first of others that fits.
func (s span) starts(asked time.Time, fits func(time.Time) bool, others ...time.Time) []time.Time {
	wall := wallOf(asked.In(s.zone))
	timeOfDay := wall.Sub(midnight(wall))
	var found []time.Time
	for day := midnight(s.from.In(s.zone)); !day.After(wallOf(s.to.In(s.zone))); day = day.AddDate(0, 0, 1) {
		if t, exists := Instant(day.Add(timeOfDay), s.zone); exists && s.has(t) && fits(t) {
			found = append(found, t)
		}
	}
	for _, t := range others {
		if len(found) == 0 && s.has(t) && fits(t) {
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
