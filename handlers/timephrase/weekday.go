package timephrase

import (
	"fmt"
	"time"
)

// until is how many days lie between a day and the next weekday of a name, 0 on that very day.
func until(from time.Time, weekday time.Weekday) int {
	return (int(weekday-from.Weekday()) + 7) % 7
}

// plainWeekday is "sunday", or a check on a date that stands beside it.
func plainWeekday(d *draft, c captured) *Error {
	weekday := weekdays[c[0].text]
	if d.has(datePart) {
		d.weekday = &weekday
		return nil
	}
	d.again, d.weekly = weekLater, true
	return d.setDay(d.today.AddDate(0, 0, until(d.today, weekday)))
}

// weekLater is the next day of the name when one has passed.
func weekLater(t time.Time) (time.Time, *Error) { return t.AddDate(0, 0, 7), nil }

// contradicted refuses a date that does not fall on the weekday named beside it.
func (d *draft) contradicted(date time.Time) *Error {
	if d.weekday == nil || date.Weekday() == *d.weekday {
		return nil
	}
	return refuse(Invalid, d.text[weekdayPart], "%s is a %s, not a %s. Which one do you mean?",
		date.Format("2 January 2006"), date.Weekday(), *d.weekday)
}

// thisWeekday is "this sunday": the coming one, asked about when this week's has passed.
func thisWeekday(d *draft, c captured) *Error {
	if refusal := plainWeekday(d, c); refusal != nil || d.has(datePart) {
		return refusal
	}
	d.weekly = false
	if weekIndex(weekdays[c[0].text]) < weekIndex(d.today.Weekday()) {
		d.ask("%q of this week has passed.", d.text[weekdayPart])
	}
	d.again = func(past time.Time) (time.Time, *Error) {
		d.ask("%q of this week has passed.", d.text[weekdayPart])
		return past.AddDate(0, 0, 7), nil
	}
	return nil
}

// weekIndex counts the days of a week from Monday.
func weekIndex(weekday time.Weekday) int { return (int(weekday) + 6) % 7 }

// comingWeekday is "coming sunday": after today.
func comingWeekday(d *draft, c captured) *Error {
	weekday := weekdays[c[0].text]
	if d.has(datePart) {
		return unreadable(d.text[weekdayPart])
	}
	if until(d.today, weekday) == 0 {
		d.again, d.weekly = weekLater, true
	}
	return d.setDay(d.today.AddDate(0, 0, until(d.today, weekday)))
}

// nextWeekday is "next sunday": to some the coming one, to others the one of the next week, and weeks
// begin on Monday or on Sunday. Where all of these fall on one day, it is that day.
func nextWeekday(d *draft, c captured) *Error {
	weekday := weekdays[c[0].text]
	coming := d.today.AddDate(0, 0, until(d.today.AddDate(0, 0, 1), weekday)+1)
	monday, sunday := d.inNextWeek(weekday)
	return d.agree(
		namedDay{coming, "the coming " + weekday.String()},
		namedDay{sunday, weekday.String() + " of next week, when weeks begin on Sunday"},
		namedDay{monday, weekday.String() + " of next week"},
	)
}

// weekdayNextWeek is "sunday next week".
func weekdayNextWeek(d *draft, c captured) *Error {
	weekday := weekdays[c[0].text]
	monday, sunday := d.inNextWeek(weekday)
	return d.agree(
		namedDay{sunday, "when weeks begin on Sunday"},
		namedDay{monday, "when weeks begin on Monday"},
	)
}

// weekdayThisWeek is "sunday of this week".
func weekdayThisWeek(d *draft, c captured) *Error {
	weekday := weekdays[c[0].text]
	monday, sunday := d.inNextWeek(weekday)
	return d.agree(
		namedDay{sunday.AddDate(0, 0, -7), "when weeks begin on Sunday"},
		namedDay{monday.AddDate(0, 0, -7), "when weeks begin on Monday"},
	)
}

// inNextWeek is the weekday of the next week, counted in weeks that begin on Monday and on Sunday.
func (d *draft) inNextWeek(weekday time.Weekday) (monday, sunday time.Time) {
	monday = d.today.AddDate(0, 0, 7+weekIndex(weekday)-weekIndex(d.today.Weekday()))
	sunday = d.today.AddDate(0, 0, 7+int(weekday)-int(d.today.Weekday()))
	return monday, sunday
}

type namedDay struct {
	date time.Time
	why  string
}

// agree sets the day when all readings are the same one, and else keeps the different ones apart.
func (d *draft) agree(readings ...namedDay) *Error {
	if d.has(datePart) {
		return unreadable(d.text[weekdayPart])
	}
	first := readings[0]
	var others []reading
	seen := map[time.Time]bool{first.date: true}
	for _, r := range readings[1:] {
		if !seen[r.date] {
			seen[r.date] = true
			others = append(others, reading{r.date.Sub(first.date), r.why})
		}
	}
	refusal := d.setDay(first.date, others...)
	if refusal == nil && len(others) > 0 {
		d.days[0].why = first.why
		d.dayQuestion = fmt.Sprintf("%q means different days to different people.", d.text[weekdayPart])
	}
	return refusal
}

// weekdayOfMonth is "first sunday of december".
func weekdayOfMonth(d *draft, c captured) *Error {
	date, refusal := d.yearly(func(year int) (time.Time, *Error) {
		return d.nth(c[0], weekdays[c[1].text], time.Date(year, months[c[2].text], 1, 0, 0, 0, 0, time.UTC))
	})
	if refusal != nil {
		return refusal
	}
	return d.setDay(date)
}

// weekdayOfNearMonth is "first sunday of next month".
func weekdayOfNearMonth(which string) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		date, refusal := d.nth(c[0], weekdays[c[1].text], monthAhead(d.today, which))
		if refusal != nil {
			return refusal
		}
		return d.setDay(date)
	}
}

// nth is a weekday counted within the month that begins on first; 0 counts the last one.
func (d *draft) nth(count token, weekday time.Weekday, first time.Time) (time.Time, *Error) {
	if count.text == "last" {
		end := first.AddDate(0, 1, -1)
		return end.AddDate(0, 0, -(int(end.Weekday()-weekday)+7)%7), nil
	}
	date := first.AddDate(0, 0, until(first, weekday)+7*(count.n-1))
	if count.n < 1 || date.Month() != first.Month() {
		return date, refuse(Invalid, d.text[datePart], "There is no such day as %q in %s.", d.text[datePart], first.Format("January 2006"))
	}
	return date, nil
}

// weeksFromWeekday is "a week from sunday". On that very weekday it can be counted from today or from
// the coming one.
func weeksFromWeekday(d *draft, c captured) *Error {
	length, refusal := newLength(c[0], c[1])
	if refusal != nil {
		return refusal
	}
	days := until(d.today, weekdays[c[2].text])
	date, whole := length.from(d.today.AddDate(0, 0, days))
	if !whole || length.elapsed != 0 {
		return unreadable(d.text[datePart])
	}
	if days > 0 {
		return d.setDay(date)
	}
	return d.eitherDay(date, date.AddDate(0, 0, 7), "counted from today", "counted from the coming "+d.today.Weekday().String())
}

// daysFromTomorrow is "two weeks from tomorrow".
func daysFromTomorrow(d *draft, c captured) *Error {
	length, refusal := newLength(c[0], c[1])
	if refusal != nil {
		return refusal
	}
	date, whole := length.from(d.today.AddDate(0, 0, 1))
	if !whole || length.elapsed != 0 {
		return unreadable(d.text[datePart])
	}
	return d.setDay(date)
}
