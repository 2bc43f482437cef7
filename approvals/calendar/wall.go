package calendar

import "time"

// This file turns what clocks on the wall show into instants. A wall is such a
// showing, written as a time in UTC: it can be counted on without clock changes.

func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

func midnight(t time.Time) time.Time { return wallOf(t).Truncate(24 * time.Hour) }

// Instant is the first instant at which the clocks of a zone show wall, the time
// of day written as one in UTC. Where they skip it, exists is false and the
// instant is that of the change.
func Instant(wall time.Time, zone *time.Location) (t time.Time, exists bool) {
	before, after := offset(wall.Add(-24*time.Hour), zone), offset(wall.Add(24*time.Hour), zone)
	for _, o := range []time.Duration{before, after} {
		if t = wall.Add(-o).In(zone); offset(t, zone) == o {
			return t, true
		}
	}
	change, _ := wall.Add(-before).In(zone).ZoneBounds()
	return change, false
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
