package timephrase

import (
	"slices"
	"strings"
	"time"
)

const day = 24 * time.Hour

func midnight(t time.Time) time.Time { return t.Truncate(day) }

// calendarDay is a day that exists.
func (d *draft) calendarDay(year int, month time.Month, number int) (time.Time, *Error) {
	t := time.Date(year, month, number, 0, 0, 0, 0, time.UTC)
	part := d.text[datePart]
	switch {
	case month < 1 || month > 12 || number < 1 || number > 31:
		return t, invalid(part, NoSuchDay)
	case t.Day() != number:
		return t, refuse(Invalid, part, Remark{Point: ShortMonth, At: t.AddDate(0, 0, -t.Day()), Number: number})
	}
	return t, nil
}

// setDate sets the day that a reader has found.
func (d *draft) setDate(date time.Time, refusal *Error) *Error {
	if refusal != nil {
		return refusal
	}
	return d.setDay(date)
}

// isoDate is YEAR MONTH DAY in figures.
func isoDate(d *draft, c captured) *Error {
	d.calendar = true
	return yearMonthDay(d, c)
}

// basicDate is the eight figures YYYYMMDD.
func basicDate(d *draft, c captured) *Error {
	d.calendar = true
	return d.setDate(d.calendarDay(c[0].n/10000, time.Month(c[0].n/100%100), c[0].n%100))
}

// weekDate is "2026-W50-7", which counts weeks from the one that holds the 4th of January, and days from Monday.
func weekDate(d *draft, c captured) *Error {
	d.calendar = true
	fourth, refusal := d.calendarDay(c[0].n, time.January, 4)
	if refusal != nil {
		return refusal
	}
	date := fourth.AddDate(0, 0, 7*(c[1].n-1)+c[2].n-1-weekIndex(fourth.Weekday()))
	if year, week := date.ISOWeek(); year != c[0].n || week != c[1].n || c[2].n < 1 || c[2].n > 7 {
		return invalid(d.text[datePart], NoSuchDay)
	}
	return d.setDay(date)
}

// yearOf is the year that a token names.
func yearOf(i int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { d.year = c[i].n; return nil }
}

// republicYear is "民國115年", as years are counted in Taiwan.
func republicYear(d *draft, c captured) *Error { d.year = 1911 + c[0].n; return nil }

// yearsAhead is "明年" and its like.
func yearsAhead(n int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { d.year = d.today.Year() + n; return nil }
}

// eitherOrder is two figures, the day and the month in an order that differs between countries, and a
// year if one is there.
func eitherOrder(d *draft, c captured) *Error {
	if len(c) > 2 {
		return d.orders(c[0].n, c[1].n, func(month, number int) (time.Time, *Error) {
			return d.calendarDay(c[2].n, time.Month(month), number)
		})
	}
	return d.orders(c[0].n, c[1].n, d.thisYear)
}

// dottedInFull is "20.08.2026".
func dottedInFull(d *draft, c captured) *Error {
	d.dotted = true
	return eitherOrder(d, c)
}

func (d *draft) orders(a, b int, date func(month, number int) (time.Time, *Error)) *Error {
	first, refusedFirst := date(a, b)
	again := d.again
	second, refusedSecond := date(b, a)
	switch {
	case refusedFirst != nil && refusedSecond != nil:
		return refusedFirst
	case refusedFirst != nil:
		return d.setDay(second)
	case refusedSecond != nil || a == b:
		d.again = again
		return d.setDay(first)
	}
	refusal := d.eitherDay(first, second, because(MonthFirst), because(DayFirst))
	d.first = again
	d.askDay(Remark{Point: EitherDate, Words: d.text[datePart], At: d.fromToday(first, again), Latest: d.fromToday(second, d.again)})
	return refusal
}

// dottedDate is "20.08" or "1.1.", whose second point no clock time has. With the month first it is a date for sure only
// in Chinese.
func dottedDate(d *draft, c captured) *Error {
	dayFirst, monthFirst := c[0].n > 12, c[1].n > 12 || c[0].n == c[1].n
	twoPoints := strings.HasSuffix(d.text[datePart], ".")
	return d.figuresAsDate(c, dayFirst || twoPoints || d.han && monthFirst)
}

// dashedDate is "8-20", "29-8" and "12-12". "20-8" and "10-11" may be hours.
func dashedDate(d *draft, c captured) *Error {
	return d.figuresAsDate(c, c[1].n > 12 || c[0].n > 24 || c[0].n == c[1].n)
}

// figuresAsDate sets a date in figures that may be something else, and asks if it is when that is not sure.
// Where they are no day they are something else: "3.52" may be a version.
func (d *draft) figuresAsDate(c captured, sure bool) *Error {
	d.figures = true
	if !sure {
		d.ask(Remark{Point: ClockOrDate, Words: d.text[datePart]})
	}
	refusal := eitherOrder(d, c)
	if refusal != nil && refusal.Remark.Point == NoSuchDay {
		return unreadable(d.text[datePart])
	}
	return refusal
}

// figuresByWeekday is "8.9周日", which the name beside it makes a date.
func figuresByWeekday(d *draft, c captured) *Error { return d.figuresAsDate(c, true) }

// fromToday is a day, or the next of its name when it has passed.
func (d *draft) fromToday(date time.Time, again nextDay) time.Time {
	if again != nil && date.Before(d.today) {
		date, _ = again(date)
	}
	return date
}

// eitherDay sets a day that can be taken in two ways.
func (d *draft) eitherDay(first, second time.Time, why, whyNot []Remark) *Error {
	refusal := d.setDay(first, reading{second.Sub(first), whyNot})
	if refusal == nil {
		d.days[0].why = why
		d.askDay(Remark{Point: EitherDate, Words: d.text[datePart], At: first, Latest: second})
	}
	return refusal
}

// shortYear is a date with two figures for the year, which may be the last or the first.
func shortYear(d *draft, c captured) *Error {
	words := d.text[datePart]
	if strings.Contains(words, "-") && strings.ContainsAny(words, "/.") { // "12/6-7" and "12.6-7" are two days
		return unreadable(words)
	}
	var days []time.Time
	for _, at := range []struct{ year, month, day int }{{2, 0, 1}, {2, 1, 0}, {0, 1, 2}} {
		date, refusal := d.calendarDay(2000+c[at.year].n, time.Month(c[at.month].n), c[at.day].n)
		named := c[1].kind == monthName && at.month != 1
		if refusal == nil && !named && !slices.Contains(days, date) {
			days = append(days, date)
		}
	}
	if len(days) == 0 {
		return doubtful(words, OrderUnknown)
	}
	d.ask(Remark{Point: OrderUnknown, Words: words})
	var others []reading
	for _, day := range days[1:] {
		others = append(others, reading{shift: day.Sub(days[0])})
	}
	return d.setDay(days[0], others...)
}

// monthDayShortYear is "jan 2 27".
func monthDayShortYear(d *draft, c captured) *Error { return shortYear(d, captured{c[1], c[0], c[2]}) }

// shortYearAlone is "26年".
func shortYearAlone(d *draft, c captured) *Error {
	d.ask(Remark{Point: OrderUnknown, Words: d.text[yearPart]})
	d.year = 2000 + c[0].n
	return nil
}

// dayMonth is a day and a month, in this year unless a year stands in the phrase.
func dayMonth(d *draft, c captured) *Error { return d.setDate(d.thisYear(c[1].n, c[0].n)) }
func monthDay(d *draft, c captured) *Error { return d.setDate(d.thisYear(c[0].n, c[1].n)) }
func dayMonthYear(d *draft, c captured) *Error {
	return d.setDate(d.calendarDay(c[2].n, time.Month(c[1].n), c[0].n))
}

func yearMonthDay(d *draft, c captured) *Error {
	return d.setDate(d.calendarDay(c[0].n, time.Month(c[1].n), c[2].n))
}

func monthDayYear(d *draft, c captured) *Error { return yearMonthDay(d, captured{c[2], c[0], c[1]}) }

// dayOfJanuary is "元月3日".
func dayOfJanuary(d *draft, c captured) *Error { return monthDay(d, captured{{n: 1}, c[0]}) }

// aHoliday is one that falls on the same day each year: its n is the month times 100, and the day.
func aHoliday(d *draft, c captured) *Error { return d.setDate(d.thisYear(c[0].n/100, c[0].n%100)) }

// eveOn is a day of December that is called by its night.
func eveOn(number int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		d.eve = true
		return holidayOn(time.December, number)(d, c)
	}
}

// christmasNight is "圣诞夜", which is the eve to most, and the evening of the day itself to some.
func christmasNight(d *draft, _ captured) *Error {
	eve, refusal := d.thisYear(int(time.December), 24)
	if refusal != nil {
		return refusal
	}
	return d.eitherDay(eve, eve.AddDate(0, 0, 1), nil, nil)
}

func holidayOn(month time.Month, number int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { return d.setDate(d.thisYear(int(month), number)) }
}

// thisYear is a day in the phrase's year, else in the current one, from which it moves on when it has
// passed. The leap day is looked for in the years that have it, and asked about when it is not the next one.
func (d *draft) thisYear(month, number int) (time.Time, *Error) {
	date, refusal := d.yearly(func(year int) (time.Time, *Error) { return d.calendarDay(year, time.Month(month), number) })
	if d.year != 0 || month != 2 || number != 29 {
		return date, refusal
	}
	year := d.today.Year()
	for ; refusal != nil; year++ {
		date, refusal = d.calendarDay(year+1, time.February, 29)
	}
	if date.Sub(d.today) > 365*day {
		d.ask(Remark{Point: ShortMonth, At: date.AddDate(-1, 0, -1), Number: 29})
	}
	return date, nil
}

// yearly is a day that each year has. One that this year has not is looked for in the next when its month has passed: the
// "fifth sunday of january".
func (d *draft) yearly(in func(year int) (time.Time, *Error)) (time.Time, *Error) {
	d.yearUsed = true
	if d.year != 0 {
		return in(d.year)
	}
	d.again = func(past time.Time) (time.Time, *Error) { return in(past.Year() + 1) }
	date, refusal := in(d.today.Year())
	if refusal != nil && refusal.Remark.At.Before(d.monthAhead(0)) {
		return in(d.today.Year() + 1)
	}
	return date, refusal
}

// ordinalDay is "the 14th" and "14号": the first one ahead.
func ordinalDay(d *draft, c captured) *Error {
	number := c[0].n
	date, refusal := d.thisMonthOn(d.today, number)
	if refusal != nil {
		return refusal
	}
	d.monthly = number
	if passed := d.today.Day() - number; passed > 0 && passed <= 7 {
		d.ask(Remark{Point: DayJustPassed, Words: d.text[datePart]})
	}
	if d.text[datePart] == "六日" { // in Taiwan Saturday and Sunday
		d.ask(Remark{Point: OtherPeople, Words: d.text[datePart]})
	}
	d.again = func(past time.Time) (time.Time, *Error) { return d.thisMonthOn(past.AddDate(0, 0, 1), number) }
	return d.setDay(date)
}

// onWeekday asks about "the 15th" beside a weekday that it does not fall on: the next that does, or a slip in
// one of the two.
func (d *draft) onWeekday(weekday time.Weekday) *Error {
	next := d.today.Add(d.wall.Duration)
	if d.monthly == 0 || next.Weekday() == weekday {
		d.weekday = &weekday
		return nil
	}
	d.ask(Remark{Point: NotOnWeekday, Words: d.text[datePart], Weekday: weekday})
	date := next
	for months := 0; date.Weekday() != weekday && months < 12; months++ {
		date, _ = d.thisMonthOn(date.AddDate(0, 0, 1), d.monthly)
	}
	named := d.today.AddDate(0, 0, 1+until(d.today.AddDate(0, 0, 1), weekday))
	others := []reading{{shift: named.Sub(next)}}
	if date.Weekday() == weekday {
		others = append(others, reading{shift: date.Sub(next)})
	}
	return d.setDay(next, others...)
}

// thisMonthOn is the first day with a number in its month, from a day on. A month without it is asked about.
func (d *draft) thisMonthOn(from time.Time, number int) (time.Time, *Error) {
	for date := from; number >= 1 && number <= 31; date = date.AddDate(0, 0, 1) {
		if date.Day() == number {
			return date, nil
		}
		if date.AddDate(0, 0, 1).Day() == 1 && date.Day() < number {
			d.ask(Remark{Point: ShortMonth, At: date, Number: number})
		}
	}
	return from, invalid(d.text[datePart], NoSuchDay)
}

// dayOfMonthAhead is "the 3rd of next month".
func dayOfMonthAhead(months int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		month := d.monthAhead(months)
		return d.setDate(d.calendarDay(month.Year(), month.Month(), c[0].n))
	}
}

// dayOfNearMonth is "下个月3号".
func dayOfNearMonth(d *draft, c captured) *Error { return dayOfMonthAhead(c[0].n)(d, c[1:]) }

// monthAhead is the first day of a month.
func (d *draft) monthAhead(months int) time.Time {
	return d.today.AddDate(0, 0, 1-d.today.Day()).AddDate(0, months, 0)
}

// lastDayOfMonth is "12月最后一天", and lastDayOfNearMonth "本月最后一天".
func lastDayOfMonth(d *draft, c captured) *Error {
	return d.setDate(d.yearly(func(year int) (time.Time, *Error) {
		first, refusal := d.calendarDay(year, time.Month(c[0].n), 1)
		return first.AddDate(0, 1, -1), refusal
	}))
}

// lastDayOfYear is the one in "今年最后一天".
func lastDayOfYear(d *draft, _ captured) *Error {
	if d.year == 0 {
		return unreadable(d.text[datePart])
	}
	return d.setDate(d.thisYear(int(time.December), 31))
}

func lastDayOfNearMonth(d *draft, c captured) *Error { return lastDayAhead(c[0].n)(d, nil) }

func lastDayAhead(months int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { return d.setDay(d.monthAhead(months+1).AddDate(0, 0, -1)) }
}

// daysAhead is "day after tomorrow".
func daysAhead(n int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error {
		d.near = true
		return d.setDay(d.today.AddDate(0, 0, n))
	}
}

// relative is "tomorrow" and its like, also "yesterday", of which it can then be said that it has passed. In
// Chinese, who says 明天 before 5 in the morning may mean the day that has begun.
func relative(d *draft, c captured) *Error {
	d.near = true
	date := d.today.AddDate(0, 0, c[0].n)
	if !d.fromYesterday(c[0]) {
		return d.setDay(date)
	}
	refusal := d.eitherDay(date, date.AddDate(0, 0, -1), because(ByCalendar), because(FromYesterday))
	d.askDay(Remark{Point: SmallHours, Words: d.dayWords()})
	return refusal
}

// followingDay is "次日". In a move it may be the day after the one that there is.
func followingDay(d *draft, _ captured) *Error {
	d.since = SinceUnsaid
	return relative(d, captured{{n: 1, han: true}})
}

// fromYesterday tells that a day may be counted from yesterday.
func (d *draft) fromYesterday(relative token) bool {
	return relative.han && relative.n > 0 && d.sinceDay < 5*time.Hour
}

// partOfToday is "tonight", which is a day and a part of it.
func partOfToday(part int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error {
		if refusal := d.setDay(d.today); refusal != nil {
			return refusal
		}
		return d.setDaypart(part, d.text[datePart])
	}
}
