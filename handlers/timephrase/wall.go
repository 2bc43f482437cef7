package timephrase

import (
	"fmt"
	"strings"
	"time"
)

// floating is the wall clock time of an instant, stamped UTC so that arithmetic on it meets no clock change.
func floating(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instants gives the instants at which the clocks of a place show a wall time, in order: one, none when
// the clocks skip it, or two when they are put back. skipped is the instants nearest to one that is not there.
//
// Every offset in force within a day and a bit on either side is tried, which no clock change escapes.
func instants(wall time.Time, place *time.Location) (found, skipped []time.Time) {
	for _, around := range [...]time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(around).In(place).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(place)
		switch {
		case !floating(at).Equal(wall):
			skipped = append([]time.Time{at}, skipped...)
		case len(found) == 0:
			found = append(found, at)
		case !found[0].Equal(at):
			found = append(found, at)
		}
	}
	if len(found) == 2 && found[1].Before(found[0]) {
		found[0], found[1] = found[1], found[0]
	}
	return found, skipped
}

// moment is an instant in words that Parse reads back: "Sunday 29 November 2026 at 02:00 (Asia/Shanghai)".
// A wall time that happens twice carries its offset too.
type moment time.Time

func (m moment) in(l Language) string {
	at := time.Time(m)
	name := placeName(at)
	if found, _ := instants(floating(at), at.Location()); len(found) > 1 {
		_, offset := at.Zone()
		name += ", UTC" + offsetText(time.Duration(offset)*time.Second)
	}
	clock := clockText(at)
	return fmt.Sprintf("%s (%s)", layout(at, l, "Monday 2 January 2006 at "+clock, "2006年1月2日 Monday "+clock), name)
}

// clockText is the layout of the time of day, with seconds where there are some.
func clockText(at time.Time) string {
	if at.Second() != 0 || at.Nanosecond() != 0 {
		return "15:04:05.999999999"
	}
	return "15:04"
}

// placeName names the zone of an instant so that it reads back.
func placeName(at time.Time) string {
	name := at.Location().String()
	if name == "UTC" || strings.Contains(name, "/") && ianaName(strings.ToLower(name)) == name {
		return name
	}
	_, offset := at.Zone()
	return "UTC" + offsetText(time.Duration(offset)*time.Second)
}
