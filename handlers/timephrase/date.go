package timephrase

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

func midnight(t time.Time) time.Time { return t.Truncate(day) }

// calendarDay is a day that exists.
func calendarDay(part string, year int, month time.Month, number int) (time.Time, *Error) {
	t := time.Date(year, month, number, 0, 0, 0, 0, time.UTC)
	switch {
	case month < 1 || month > 12 || number < 1 || number > 31:
		return t, refuse(Invalid, part, "There is no such day as %q.", part)
	case t.Day() != number:
		return t, refuse(Invalid, part, "There is no %d %s %d.", number, month, year)
	}
	return t, nil
}

// isoDate is YEAR MONTH DAY in figures.
func isoDate(d *draft, c captured) *Error {
	d.calendar = true
	return d.fullDate(c[0].n, c[1].n, c[2].n)
}

// basicDate is the eight figures YYYYMMDD.
func basicDate(d *draft, c captured) *Error {
	d.calendar = true
	return d.fullDate(c[0].n/10000, c[0].n/100%100, c[0].n%100)
}

func (d *draft) fullDate(year, month, number int) *Error {
	date, refusal := calendarDay(d.text[datePart], year, time.Month(month), number)
	if refusal != nil {
		return refusal
	}
	return d.setDay(date)
}

// eitherOrder is two figures, the day and the month in an order that differs between countries, and a
// year if one is there.
func eitherOrder(d *draft, c captured) *Error {
	if len(c) > 2 {
		return d.orders(c[0].n, c[1].n, func(month, number int) (time.Time, *Error) {
			return calendarDay(d.text[datePart], c[2].n, time.Month(month), number)
		})
	}
	return d.orders(c[0].n, c[1].n, func(month, number int) (time.Time, *Error) {
		return d.thisYear(time.Month(month), number)
	})
}

func (d *draft) orders(a, b int, date func(month, number int) (time.Time, *Error)) *Error {
	first, refusedFirst := date(a, b)
	second, refusedSecond := date(b, a)
	switch {
	case refusedFirst != nil && refusedSecond != nil:
		return refusedFirst
	case refusedFirst != nil:
		return d.setDay(second)
	case refusedSecond != nil || a == b:
		return d.setDay(first)
	}
	return d.eitherDay(first, second, "month first", "day first")
}

// eitherDay sets a day that can be taken in two ways.
func (d *draft) eitherDay(first, second time.Time, why, whyNot string) *Error {
	refusal := d.setDay(first, reading{second.Sub(first), whyNot})
	if refusal == nil {
		d.days[0].why = why
		d.dayQuestion = fmt.Sprintf("%q can be %s or %s.", d.text[datePart], first.Format("2 January 2006"), second.Format("2 January 2006"))
	}
	return refusal
}

// shortYear is a date in figures with two figures for the year.
func shortYear(d *draft, _ captured) *Error {
	return doubtful(d.text[datePart], "I cannot tell day, month and year apart in %q. Type it like 2026-12-01.", d.text[datePart])
}

// dayOfMonth is a day and the name of a month, in this year unless a year stands in the phrase.
func dayOfMonth(d *draft, number, month token) *Error {
	date, refusal := d.thisYear(months[month.text], number.n)
	if refusal != nil {
		return refusal
	}
	return d.setDay(date)
}

func dayMonth(d *draft, c captured) *Error { return dayOfMonth(d, c[0], c[1]) }
func monthDay(d *draft, c captured) *Error { return dayOfMonth(d, c[1], c[0]) }
func dayMonthYear(d *draft, c captured) *Error {
	return d.fullDate(c[2].n, int(months[c[1].text]), c[0].n)
}

// thisYear is a day in the phrase's year, else in the current one, from which it moves on when it has passed.
func (d *draft) thisYear(month time.Month, number int) (time.Time, *Error) {
	return d.yearly(func(year int) (time.Time, *Error) {
		return calendarDay(d.text[datePart], year, month, number)
	})
}

// yearly is a day that each year has. The leap day is looked for in the years that have it.
func (d *draft) yearly(in func(year int) (time.Time, *Error)) (time.Time, *Error) {
	d.yearUsed = true
	d.again = func(past time.Time) (time.Time, *Error) { return in(past.Year() + 1) }
	if d.year != 0 {
		d.again = never
		return in(d.year)
	}
	return in(d.today.Year())
}

// never is the next day of a date that comes once.
func never(t time.Time) (time.Time, *Error) { return t, nil }

// ordinalDay is "the 14th": of this month or the next, where only a weekday beside it can tell which.
func ordinalDay(d *draft, c captured) *Error {
	first, second, refusal := d.nextTwo(c[0].n)
	if refusal != nil {
		return refusal
	}
	return d.eitherDay(first, second, "the next one", "the one after")
}

// nextTwo is the next two days with a number in a month.
func (d *draft) nextTwo(number int) (first, second time.Time, refusal *Error) {
	var found []time.Time
	for month := d.today.Month(); len(found) < 2 && month < d.today.Month()+6; month++ {
		t := time.Date(d.today.Year(), month, number, 0, 0, 0, 0, time.UTC)
		if t.Day() == number && t.After(d.today) {
			found = append(found, t)
		}
	}
	if len(found) < 2 {
		return first, second, refuse(Invalid, d.text[datePart], "There is no such day as %q.", d.text[datePart])
	}
	return found[0], found[1], nil
}

// dayOfNearMonth is "the 3rd of next month".
func dayOfNearMonth(d *draft, which string, number int) *Error {
	month := monthAhead(d.today, which)
	date, refusal := calendarDay(fmt.Sprintf("%d %s", number, month.Format("January")), month.Year(), month.Month(), number)
	if refusal != nil {
		return refusal
	}
	return d.setDay(date)
}

func dayOfNext(d *draft, c captured) *Error { return dayOfNearMonth(d, "next", c[0].n) }
func dayOfThis(d *draft, c captured) *Error { return dayOfNearMonth(d, "this", c[0].n) }

// monthAhead is the first day of this month or the next.
func monthAhead(today time.Time, which string) time.Time {
	first := today.AddDate(0, 0, 1-today.Day())
	if which == "next" {
		return first.AddDate(0, 1, 0)
	}
	return first
}

// daysFromToday is "tomorrow" and its like.
func daysFromToday(n int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { return d.setDay(d.today.AddDate(0, 0, n)) }
}

// partOfToday is "tonight", which is a day and a part of it.
func partOfToday(name string) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error {
		if refusal := d.setDay(d.today); refusal != nil {
			return refusal
		}
		return d.setDaypart(name)
	}
}
