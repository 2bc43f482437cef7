package timephrase

import (
	"cmp"
	"time"
)

// unit is a length of time. Months and days are steps on the calendar, which keep the clock time; the
// rest is elapsed time.
type unit struct {
	months, days int
	elapsed      time.Duration
}

// The units, the smaller before the larger. "m" is minutes to some and months to others: it can be read
// only behind a larger unit. Years are left out, which no upgrade needs.
const (
	secondUnit = iota
	minuteUnit
	hourUnit
	dayUnit
	weekUnit
	fortnightUnit
	monthUnit
	shortMinuteUnit
)

var units = [...]unit{
	secondUnit: {elapsed: time.Second}, minuteUnit: {elapsed: time.Minute}, hourUnit: {elapsed: time.Hour},
	dayUnit: {days: 1}, weekUnit: {days: 7}, fortnightUnit: {days: 14}, monthUnit: {months: 1},
	shortMinuteUnit: {elapsed: time.Minute},
}

// length is a length of time, in the same three ways.
type length unit

// newLength is a count of a unit, up to a hundred years.
func newLength(count, unit token) (length, *Error) {
	n, u := count.count(), units[unit.n]
	one := u.elapsed + time.Duration(u.days+30*u.months)*day
	if n < 0 || time.Duration(n) > farthest/one {
		return length{}, refuse(TooFar, count.text, Remark{Point: HundredYears})
	}
	return length{n * u.months, n * u.days, time.Duration(n) * u.elapsed}, nil
}

// count is the value of a number, in which "a" is one; -1 for one too long to have a value.
func (t token) count() int {
	if t.kind == word {
		return 1
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

// ahead is "in 3 days" and "in 2 days and 3 hours": counts of units, the larger before the smaller.
func ahead(d *draft, c captured) *Error {
	var total length
	var count, behind token
	larger := shortMinuteUnit
	for _, t := range c {
		if t.kind != unitName {
			count = cmp.Or(t, count)
			continue
		}
		more, refusal := newLength(count, t)
		size := t.n
		if size == shortMinuteUnit && larger < shortMinuteUnit {
			size = minuteUnit
			d.askMinutes(behind)
		}
		if t.text == "s" && behind.n >= hourUnit {
			d.askSlip(behind)
		}
		if refusal == nil && (size >= larger || count.text == "") {
			refusal = unreadable(d.text[durationPart])
		}
		if refusal != nil {
			return refusal
		}
		if t.n == hourUnit && larger < shortMinuteUnit && count.clockFigures() {
			return d.aheadAt(total, count)
		}
		larger, behind, count = size, t, token{}
		total = length{total.months + more.months, total.days + more.days, total.elapsed + more.elapsed}
	}
	return d.setAhead(total)
}

// aheadMinutes is "36小时30分后". Elsewhere "分" is of a clock time.
func aheadMinutes(d *draft, c captured) *Error {
	return ahead(d, append(c, token{kind: unitName, text: "分", n: minuteUnit}))
}

// askMinutes asks about an "m" behind a unit that is written out: "in 2 days 2m" may lack the "a" of "am".
func (d *draft) askMinutes(behind token) {
	if behind.n != hourUnit {
		d.askSlip(behind)
	}
}

// askSlip asks about a letter behind a unit that is written out, as in "36 hour3s".
func (d *draft) askSlip(behind token) {
	if len(behind.text) > 1 {
		d.ask(Remark{Point: NoExactLength, Words: d.text[durationPart]})
	}
}

// clockFigures tells figures that may be a clock time without a colon: "930", "2200".
func (t token) clockFigures() bool { return t.figures(3, 4) && t.n/100 <= 24 && t.n%100 <= 59 }

// aheadAt asks about "2 weeks 2200 hrs", as hardly anybody counts so many hours beside days.
func (d *draft) aheadAt(days length, figures token) *Error {
	d.ask(Remark{Point: IsItAClock, Words: figures.text})
	if refusal := basicClock(d, captured{figures}); refusal != nil {
		return refusal
	}
	return d.setAhead(days)
}

// aheadAlone is "1d 12h" and "36h". "1天12小时" and "a week" may be how long something takes, and "24h" and
// "930 hrs" clock times.
func aheadAlone(d *draft, c captured) *Error {
	words := d.text[durationPart]
	d.since = SinceUnsaid
	switch count, unit := c[0], c[1]; {
	case d.han, count.kind == word:
		d.ask(Remark{Point: HowLongOrWhen, Words: words})
	case unit.n == hourUnit && (count.clockFigures() || unit.text == "h" && count.n == 24):
		d.ask(Remark{Point: IsItAClock, Words: words})
	}
	return ahead(d, c)
}

// sinceUnsaid is a length of time that does not say from when it is counted.
func sinceUnsaid(read func(*draft, captured) *Error) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		d.since = SinceUnsaid
		return read(d, c)
	}
}

// aheadDecimal is "in 1.5 days": whole days on the calendar, and the rest as hours.
func aheadDecimal(d *draft, c captured) *Error {
	scale := 1
	for range c[1].digits {
		scale *= 10
	}
	return d.aheadPart(c[0], c[2], c[1].n, scale)
}

// aheadComma is "in 1,5 days" as it is written in Europe. "in 3,4 days" may be three or four.
func aheadComma(d *draft, c captured) *Error {
	d.ask(Remark{Point: NoExactLength, Words: d.text[durationPart]})
	return aheadDecimal(d, c)
}

// aheadAndHalf is "in 2 and a half hours" and "一个半小时后", and halfAhead "半小时后". "半天后" is no exact length.
func aheadAndHalf(d *draft, c captured) *Error { return d.aheadPart(c[0], c[1], 1, 2) }

func halfAhead(d *draft, c captured) *Error {
	if c[0].n != hourUnit {
		return doubtful(d.text[durationPart], NoExactLength)
	}
	return d.aheadPart(token{kind: number}, c[0], 1, 2)
}

// aheadPart sets a count of a unit and a part of it ahead. Half a week is no count of days.
func (d *draft) aheadPart(count, of token, part, scale int) *Error {
	total, refusal := newLength(count, of)
	if refusal != nil {
		return refusal
	}
	u := units[of.n]
	one := u.elapsed + time.Duration(u.days)*day
	if u.months != 0 || u.days > 1 || one*time.Duration(part)%(time.Duration(scale)*time.Minute) != 0 {
		return doubtful(d.text[durationPart], NoExactLength)
	}
	total.elapsed += one * time.Duration(part) / time.Duration(scale)
	return d.setAhead(total)
}

// doubtfulDays is "3日后": three days on, or after the 3rd.
func doubtfulDays(d *draft, c captured) *Error {
	d.ask(Remark{Point: DaysOrDayOfMonth, Words: d.text[durationPart], Number: c[0].n})
	return ahead(d, append(c, token{kind: unitName, n: dayUnit}))
}

// setAhead sets the day a length from today. A month too short for the day of the month is asked about.
func (d *draft) setAhead(l length) *Error {
	end, whole := l.from(d.today)
	if !whole {
		d.ask(Remark{Point: ShortMonth, At: end.AddDate(0, 0, -l.days), Number: d.today.Day()})
	}
	d.ahead, d.since = &l, cmp.Or(d.since, SinceNow)
	return d.setDay(end)
}
