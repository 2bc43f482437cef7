package calendar

import (
	"slices"
	"time"
)

// Hours are hours of a day by the clock on the wall. To may lie past the end of
// the day, and is then on the next one: 22:00 to 28:00 ends at 4 in the morning.
type Hours struct {
	Days     []time.Weekday // on which they begin; empty: every day
	From, To int            // minutes after midnight; To is after From, and at most a day later. Both 0: no hours
}

// InRow reports whether each of some days, at least one, follows the one before.
func InRow(days []time.Weekday) bool {
	for i, day := range days[1:] {
		if day != (days[i]+1)%7 {
			return false
		}
	}
	return true
}

// Window is hours in which something may run, in a zone.
type Window struct {
	Hours
	Zone *time.Location
}

// Freeze is a time in which nothing may run. Its zone is From's.
type Freeze struct {
	From, To time.Time // To is not part of it
	Reason   string
}

// Next is the first moment from now on that lies in the hours: now itself, or a
// later one at which they begin. No hours at all are every moment.
func (h Hours) Next(now time.Time, zone *time.Location) time.Time {
	if h.To <= h.From {
		return now
	}
	for _, s := range (Window{Hours: h, Zone: zone}).open(now, now) {
		if now.Before(s.to) {
			return later(s.from, now)
		}
	}
	return now
}

// open lists when the window is open around from to to, in order. The days before
// and after make whole what reaches over, and show what touches it.
func (w Window) open(from, to time.Time) []span {
	var spans []span
	first := midnight(from.In(w.Zone)).AddDate(0, 0, -8)
	last := midnight(to.In(w.Zone)).AddDate(0, 0, 8)
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if len(w.Days) > 0 && !slices.Contains(w.Days, day.Weekday()) {
			continue
		}
		opens, _ := Instant(day.Add(time.Duration(w.From)*time.Minute), w.Zone)
		closes, _ := Instant(day.Add(time.Duration(w.To)*time.Minute), w.Zone)
		if opens.Before(closes) {
			spans = append(spans, span{from: opens, to: closes, zone: w.Zone})
		}
	}
	return spans
}
