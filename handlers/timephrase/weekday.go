package timephrase

import (
	"slices"
	"time"
)

// until is how many days lie between a day and the next weekday of a name, 0 on that very day.
func until(from time.Time, weekday time.Weekday) int {
	return (int(weekday-from.Weekday()) + 7) % 7
}

// coming is the first day of a name from today on.
func (d *draft) coming(weekday token) time.Time {
	return d.today.AddDate(0, 0, until(d.today, time.Weekday(weekday.n)))
}

// plainWeekday is "sunday", or a check on a date that stands beside it. In Chinese, today's own name may
// be today, next week or the night that comes.
func plainWeekday(d *draft, c captured) *Error {
	if weeks := d.weeks; weeks != nil {
		d.weeks = nil
		d.text[weekdayPart] += " " + d.text[besidePart]
		return d.agree(d.eitherWeek(c[0], *weeks)...)
	}
	if d.has(datePart) {
		return d.onWeekday(time.Weekday(c[0].n))
	}
	date := d.coming(c[0])
	if c[0].han && date.Equal(d.today) {
		refusal := d.setDay(date, reading{7 * day, because(WeekLater)})
		d.days[0].why = because(Today)
		d.askDay(Remark{Point: TodaysName, Weekday: date.Weekday()})
		return refusal
	}
	d.again, d.weekly = weekLater, true
	return d.setDay(date)
}

// weekLater is the next day of the name when one has passed.
func weekLater(t time.Time) (time.Time, *Error) { return t.AddDate(0, 0, 7), nil }

// bracketedWeekday is the one character in "8月8日（六）".
func bracketedWeekday(d *draft, c captured) *Error {
	if !d.has(datePart) {
		return unreadable(d.text[weekdayPart])
	}
	if c[0].kind != number { // 日 or 天
		c[0].n = 0
	}
	return plainWeekday(d, c)
}

// besideDay is words for a day that stand beside a date, and the days that they can mean.
type besideDay struct {
	words string
	days  []time.Time
}

// besideRelative is "tomorrow" in "tomorrow (aug 6)". Beside another of its kind it is a second day.
func besideRelative(d *draft, c captured) *Error {
	if d.near {
		return unreadable(d.text[besidePart])
	}
	days := []time.Time{d.today.AddDate(0, 0, c[0].n)}
	if d.fromYesterday(c[0]) {
		days = append(days, days[0].AddDate(0, 0, -1))
	}
	d.beside = append(d.beside, besideDay{d.text[besidePart], days})
	return nil
}

func besideDaysAhead(n int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { return besideRelative(d, captured{{n: n}}) }
}

// besideWeek is "next week" in "tuesday 2am next week", which plainWeekday takes.
func besideWeek(weeks int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { d.weeks = &weeks; return nil }
}

// contradicted refuses a date that is not on the weekday, or not the other day, named beside it.
func (d *draft) contradicted(date time.Time) *Error {
	if d.weekday != nil && date.Weekday() != *d.weekday {
		return refuse(Invalid, d.text[weekdayPart], Remark{Point: OtherWeekday, At: date, Weekday: *d.weekday})
	}
	for _, b := range d.beside {
		if !slices.ContainsFunc(b.days, midnight(date).Equal) {
			return refuse(Invalid, b.words, Remark{Point: NotOneDay, Words: d.text[datePart], Others: b.words})
		}
	}
	return nil
}

// thisWeekday is "this sunday": the coming one, asked about when this week's has passed. Beside a date it is a check.
func thisWeekday(d *draft, c captured) *Error {
	if d.has(datePart) {
		return d.agree(namedDay{date: d.coming(c[0])})
	}
	d.again = func(past time.Time) (time.Time, *Error) {
		d.ask(Remark{Point: PassedThisWeek, Words: d.text[weekdayPart]})
		return past.AddDate(0, 0, 7), nil
	}
	d.askPassed(c[0], d.text[weekdayPart])
	return d.setDay(d.coming(c[0]))
}

// askPassed asks about "this monday" when it has passed.
func (d *draft) askPassed(weekday token, words string) {
	if weekIndex(time.Weekday(weekday.n)) < weekIndex(d.today.Weekday()) {
		d.ask(Remark{Point: PassedThisWeek, Words: words})
	}
}

// weekIndex counts the days of a week from Monday.
func weekIndex(weekday time.Weekday) int { return (int(weekday) + 6) % 7 }

// comingWeekday is "coming sunday": after today. Beside a date it is a check.
func comingWeekday(d *draft, c captured) *Error {
	if d.has(datePart) {
		return d.agree(namedDay{date: d.afterToday(c[0])})
	}
	date := d.coming(c[0])
	if date.Equal(d.today) {
		d.again, d.weekly = weekLater, true
	}
	return d.setDay(date)
}

// nextWeekday is "next sunday": to some the coming one, to others the one of the next week, and weeks
// begin on Monday or on Sunday. Where all of these fall on one day, it is that day. "下个周五" is the same,
// but that only who says it on a Sunday may count weeks from Sunday.
func nextWeekday(d *draft, c captured) *Error {
	monday, sunday := d.inNextWeek(c[0])
	name := time.Weekday(c[0].n)
	ways := []namedDay{{d.afterToday(c[0]), becauseOf(TheComing, name)}, {sunday, becauseOf(OfNextSundayWeek, name)}, {monday, becauseOf(OfNextWeek, name)}}
	if c[0].han && d.today.Weekday() != time.Sunday {
		ways = []namedDay{ways[0], ways[2]}
	}
	return d.agree(ways...)
}

// weekdayWeek is "friday week", a week after the coming one, or a slip for "friday this week".
func weekdayWeek(d *draft, c captured) *Error {
	coming := d.afterToday(c[0])
	return d.agree(namedDay{coming, becauseOf(TheComing, coming.Weekday())}, namedDay{coming.AddDate(0, 0, 7), because(WeekLater)})
}

// secondNextWeekday is "下下个周五": the second one from today, or that of the week after next.
func secondNextWeekday(d *draft, c captured) *Error {
	second := namedDay{d.afterToday(c[0]).AddDate(0, 0, 7), becauseOf(FromTheComing, time.Weekday(c[0].n))}
	return d.agree(append([]namedDay{second}, d.inWeek(c[0], 2)...)...)
}

// afterToday is the first day of a name after today.
func (d *draft) afterToday(weekday token) time.Time {
	return d.today.AddDate(0, 0, until(d.today.AddDate(0, 0, 1), time.Weekday(weekday.n))+1)
}

// weekdayAhead is "下周日": weeks begin on Monday, about which only who says it on a Sunday may differ.
func weekdayAhead(weeks int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { return d.agree(d.inWeek(c[0], weeks)...) }
}

// arrangedInTwoWeeks is "安排下下周日", which is "下周日" to some.
func arrangedInTwoWeeks(d *draft, c captured) *Error {
	return d.agree(append(d.inWeek(c[0], 1), d.inWeek(c[0], 2)...)...)
}

func (d *draft) inWeek(weekday token, weeks int) []namedDay {
	ways := d.eitherWeek(weekday, weeks)
	if d.today.Weekday() != time.Sunday {
		return ways[1:]
	}
	return ways
}

// eitherWeek is a weekday so many weeks ahead, counted in weeks that begin on Sunday and on Monday.
func (d *draft) eitherWeek(weekday token, weeks int) []namedDay {
	monday, sunday := d.inNextWeek(weekday)
	days := 7 * (weeks - 1)
	return []namedDay{{sunday.AddDate(0, 0, days), because(WeeksFromSunday)}, {monday.AddDate(0, 0, days), because(WeeksFromMonday)}}
}

// inNextWeek is the weekday of the next week, counted in weeks that begin on Monday and on Sunday.
func (d *draft) inNextWeek(weekday token) (monday, sunday time.Time) {
	monday = d.today.AddDate(0, 0, 7+weekIndex(time.Weekday(weekday.n))-weekIndex(d.today.Weekday()))
	sunday = d.today.AddDate(0, 0, 7+weekday.n-int(d.today.Weekday()))
	return monday, sunday
}

type namedDay struct {
	date time.Time
	why  []Remark
}

// agree sets the day when all readings are the same one, and else keeps the different ones apart. Beside
// a date they check it.
func (d *draft) agree(readings ...namedDay) *Error {
	first := readings[0]
	var others []reading
	seen := []time.Time{first.date}
	for _, r := range readings[1:] {
		if !slices.Contains(seen, r.date) {
			seen = append(seen, r.date)
			others = append(others, reading{r.date.Sub(first.date), r.why})
		}
	}
	if d.has(datePart) {
		d.beside = append(d.beside, besideDay{d.text[weekdayPart], seen})
		return nil
	}
	refusal := d.setDay(first.date, others...)
	if refusal == nil && len(others) > 0 {
		d.days[0].why = first.why
		d.askDay(Remark{Point: OtherPeople, Words: d.text[weekdayPart]})
	}
	return refusal
}

// weekdayOfMonth is "first sunday of december".
func weekdayOfMonth(d *draft, c captured) *Error { return d.nthOfMonth(c[0], c[1], c[2].n) }

// weekdayOfHanMonth is the same as in "12月第一个周日".
func weekdayOfHanMonth(d *draft, c captured) *Error { return d.nthOfMonth(c[1], c[2], c[0].n) }

// weekdayOfYear is "first sunday of 2027" and "今年最后一个周日".
func weekdayOfYear(d *draft, c captured) *Error {
	month := time.January
	switch {
	case d.year == 0:
		return unreadable(d.text[datePart])
	case c[0].kind == lastName:
		month = time.December
	}
	return d.nthOfMonth(c[0], c[1], int(month))
}

func (d *draft) nthOfMonth(nth, weekday token, month int) *Error {
	return d.setDate(d.yearly(func(year int) (time.Time, *Error) {
		first, refusal := d.calendarDay(year, time.Month(month), 1)
		if refusal != nil {
			return first, refusal
		}
		return d.nth(nth, weekday, first)
	}))
}

// weekdayOfNearMonth is "first sunday of next month".
func weekdayOfNearMonth(months int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { return d.setDate(d.nth(c[0], c[1], d.monthAhead(months))) }
}

// weekdayOfTheMonth is "first sunday of the month", of the next one when that has passed.
func weekdayOfTheMonth(d *draft, c captured) *Error {
	d.again = func(time.Time) (time.Time, *Error) { return d.nth(c[0], c[1], d.monthAhead(1)) }
	return weekdayOfNearMonth(0)(d, c)
}

func weekdayOfHanNearMonth(d *draft, c captured) *Error { return weekdayOfNearMonth(c[0].n)(d, c[1:]) }

// nth is a weekday counted within the month that begins on first.
func (d *draft) nth(nth, weekday token, first time.Time) (time.Time, *Error) {
	if nth.kind == lastName {
		end := first.AddDate(0, 1, -1)
		return end.AddDate(0, 0, -(int(end.Weekday())-weekday.n+7)%7), nil
	}
	date := first.AddDate(0, 0, until(first, time.Weekday(weekday.n))+7*(nth.n-1))
	if nth.n < 1 || nth.n > 5 || date.Month() != first.Month() {
		return date, refuse(Invalid, d.text[datePart], Remark{Point: NotInMonth, Words: d.text[datePart], At: first})
	}
	return date, nil
}

// weeksFromWeekday is "a week from sunday" and "a week on sunday". On that very weekday it can be counted from today or from
// the coming one.
func weeksFromWeekday(d *draft, c captured) *Error {
	start := d.coming(c[2])
	date, refusal := d.lengthFrom(start, c)
	switch {
	case refusal != nil:
		return refusal
	case start.After(d.today):
		return d.setDay(date)
	}
	return d.eitherDay(date, date.AddDate(0, 0, 7), because(FromToday), becauseOf(FromTheComing, time.Weekday(c[2].n)))
}

// weeksFromThisWeekday is "a week from this friday".
func weeksFromThisWeekday(d *draft, c captured) *Error {
	d.askPassed(c[2], c[2].text)
	return weeksFromWeekday(d, c)
}

// daysFromTomorrow is "two weeks from tomorrow". The "2" in "2 day after tomorrow" may be something else.
func daysFromTomorrow(d *draft, c captured) *Error {
	if c[1].text == "day" && c[0].count() != 1 {
		return unreadable(c[0].text)
	}
	return d.setDate(d.lengthFrom(d.today.AddDate(0, 0, 1), c))
}

// lengthFrom is the day that a COUNT of a UNIT after another is.
func (d *draft) lengthFrom(start time.Time, c captured) (time.Time, *Error) {
	length, refusal := newLength(c[0], c[1])
	if refusal != nil {
		return start, refusal
	}
	date, whole := length.from(start)
	if !whole || length.elapsed != 0 {
		return start, unreadable(d.text[datePart])
	}
	return date, nil
}
