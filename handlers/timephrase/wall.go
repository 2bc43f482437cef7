package timephrase

import "time"

// floating is the wall clock time of an instant, stamped UTC so that arithmetic on it meets no clock change.
func floating(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instants gives the instants at which the clocks of a place show a wall time, in order: one, none when
// the clocks skip it, or two when they are put back. skipped is the instants nearest to one that is not there,
// one before and one after the clocks are put forward.
//
// Every offset in force within a day and a bit on either side is tried, which no clock change escapes.
func instants(wall time.Time, place *time.Location) (found, skipped []time.Time) {
	for _, around := range [...]time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(around).In(place).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(place)
		switch {
		case !floating(at).Equal(wall):
			skipped = append([]time.Time{at}, skipped...)
		case len(found) == 0, !found[0].Equal(at):
			found = append(found, at)
		}
	}
	if len(found) == 2 && found[1].Before(found[0]) {
		found[0], found[1] = found[1], found[0]
	}
	return found, skipped
}
