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

// starts lists at most n instants of the span after asked that fit: each day's at
// the same time of day, or else the span's beginning.
func (s span) starts(asked time.Time, n int, fits func(time.Time) bool) []time.Time {
	wall := wallOf(asked.In(s.zone))
	day := wallOf(later(s.from, asked).In(s.zone))
	wall = wall.AddDate(0, 0, daysBetween(wall, day))
	var found []time.Time
	for ; len(found) < n && wall.Before(wallOf(s.to.In(s.zone))); wall = wall.AddDate(0, 0, 1) {
		t, exists := Instant(wall, s.zone)
		if exists && t.After(asked) && s.has(t) && fits(t) {
			found = append(found, t)
		}
	}
	if len(found) == 0 && n > 0 && s.from.After(asked) && fits(s.from) {
		found = append(found, s.from.In(s.zone))
	}
	return found
}

// lastStarts lists at most n instants of the span before asked that fit, the latest
// first: each day's at the same time of day, or else latest, or the span's beginning.
func (s span) lastStarts(asked, latest time.Time, n int, fits func(time.Time) bool) []time.Time {
	wall := wallOf(asked.In(s.zone))
	wall = wall.AddDate(0, 0, daysBetween(wall, wallOf(earlier(s.to, asked).In(s.zone))))
	var found []time.Time
	for ; len(found) < n && !wall.Before(wallOf(s.from.In(s.zone))); wall = wall.AddDate(0, 0, -1) {
		if t, exists := Instant(wall, s.zone); exists && t.Before(asked) && s.has(t) && fits(t) {
			found = append(found, t)
		}
	}
	for _, t := range []time.Time{latest, s.from} {
		if len(found) == 0 && n > 0 && t.Before(asked) && s.has(t) && fits(t) {
			found = append(found, t.In(s.zone))
		}
	}
	return found
}

// without is what a freeze leaves of a span.
func (s span) without(f Freeze) []span {
	var rest []span
	if !f.From.Before(s.to) || !f.To.After(s.from) {
		return []span{s}
	}
	if f.From.After(s.from) {
		rest = append(rest, span{from: s.from, to: f.From, zone: s.zone})
	}
	if f.To.Before(s.to) {
		rest = append(rest, span{from: f.To, to: s.to, zone: s.zone})
	}
	return rest
}

func earlier(some ...time.Time) time.Time { return slices.MinFunc(some, time.Time.Compare) }

func later(some ...time.Time) time.Time { return slices.MaxFunc(some, time.Time.Compare) }
