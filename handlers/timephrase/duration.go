package timephrase

import "time"

// length is a length of time. Months and days are steps on the calendar, which keep the clock time; the
// rest is elapsed time.
type length struct {
	months, days int
	elapsed      time.Duration
}

// longest bounds the count of a unit: a hundred years of days.
const longest = 36600

// newLength is a count of a unit.
func newLength(count, unit token) (length, *Error) {
	n, u := count.count(), units[unit.text]
	if n > longest {
		return length{}, refuse(TooFar, count.text, "%s %s is more than a hundred years away. %s", count.text, unit.text, example)
	}
	return length{n * u.months, n * u.days, time.Duration(n) * u.elapsed}, nil
}

// count is the value of a number, in which "a" is one.
func (t token) count() int {
	switch {
	case t.kind == word:
		return 1
	case t.n < 0:
		return longest + 1
	}
	return t.n
}

// from is the day a length after another. whole tells that no month was too short for it.
func (l length) from(start time.Time) (end time.Time, whole bool) {
	first := start.AddDate(0, 0, 1-start.Day()).AddDate(0, l.months, 0)
	last := first.AddDate(0, 1, -1)
	if start.Day() > last.Day() {
		return last.AddDate(0, 0, l.days), false
	}
	return first.AddDate(0, 0, start.Day()-1+l.days), true
}

// ahead is "in 3 days" and "in 2 days and 3 hours".
func ahead(d *draft, c captured) *Error {
	total, refusal := newLength(c[0], c[1])
	if refusal == nil && len(c) > 2 {
		var more length
		if more, refusal = newLength(c[2], c[3]); units[c[3].text].rank >= units[c[1].text].rank {
			return unreadable(d.text[durationPart])
		}
		total = length{total.months + more.months, total.days + more.days, total.elapsed + more.elapsed}
	}
	if refusal != nil {
		return refusal
	}
	return d.setAhead(total)
}

// aheadDecimal is "in 1.5 days": whole days on the calendar, and the rest as hours.
func aheadDecimal(d *draft, c captured) *Error {
	total, refusal := newLength(c[0], c[2])
	if refusal != nil {
		return refusal
	}
	u := units[c[2].text]
	whole := u.elapsed + time.Duration(u.days)*day
	scale := time.Duration(1)
	for range c[1].digits {
		scale *= 10
	}
	if u.months != 0 || whole*time.Duration(c[1].n)%(scale*time.Minute) != 0 {
		return doubtful(d.text[durationPart], "I cannot count %q to the minute. Type it in days and hours.", d.text[durationPart])
	}
	total.elapsed += whole * time.Duration(c[1].n) / scale
	return d.setAhead(total)
}

// setAhead sets the day a length from today. A month too short for the day of the month is asked about.
func (d *draft) setAhead(l length) *Error {
	end, whole := l.from(d.today)
	if !whole {
		d.ask("%s has no day %d.", end.AddDate(0, 0, -l.days).Format("January 2006"), d.today.Day())
	}
	d.ahead = &l
	return d.setDay(end)
}
