package timephrase

import "time"

// clock is the time of day a phrase names.
type clock struct {
	hour, minute, second int
	fraction             time.Duration // of a second
	seconds              bool          // they were said, be it as 00
	half                 bool          // "am" or "pm" was said
	bare                 bool          // an hour up to 12 alone, which may be before or after noon
	dayLike              bool          // it may be a month and a day
	spoken               bool          // in the words of Chinese, in which 零点 may be either end of a day
	beside               int           // the hour that the minutes were counted from, 0 for none
}

// setClock sets the time of day on the wall clock. An impossible one is refused, and 24:00 asked about.
func (d *draft) setClock(c clock) *Error {
	endOfDay := c.hour == 24 && c.minute == 0 && c.second == 0
	if c.hour < 0 || c.hour > 23 && !endOfDay || c.minute > 59 || c.second > 59 {
		return invalid(d.clockWords(), NoSuchClock)
	}
	d.clock, d.clocks = c, []reading{{}}
	hour := c.hour % 24
	d.wall.Hour, d.wall.Minute, d.wall.Second = &hour, &c.minute, &c.second
	return nil
}

func (d *draft) clockWords() string {
	if d.has(clockPart) {
		return d.text[clockPart]
	}
	return d.text[hourPart]
}

// clock24 is HOUR [MINUTE] [SECOND] [FRACTION].
func clock24(d *draft, c captured) *Error {
	set := clock{hour: c[0].n}
	if len(c) > 1 {
		set.minute = c[1].n
	}
	if len(c) > 2 {
		set.second, set.seconds = c[2].n, true
	}
	if len(c) > 3 {
		set.fraction = c[3].fraction()
	}
	return d.setClock(set)
}

// hourWithH is "14h" and "02h30". "2h" may be a length of time, where no zone stands beside it.
func hourWithH(d *draft, c captured) *Error {
	zoned := d.has(offsetPart) || d.has(zonePart)
	if c[0].n >= 1 && c[0].n <= 12 && c[0].text[0] != '0' && !zoned {
		d.ask(Remark{Point: IsItAClock, Words: d.text[clockPart]})
	}
	return clock24(d, c)
}

// fraction is figures behind the point of a second.
func (t token) fraction() time.Duration {
	f := time.Duration(t.n)
	for range 9 - t.digits {
		f *= 10
	}
	return f
}

// basicClock is the figures HHMM or HHMMSS of ISO 8601, or "930".
func basicClock(d *draft, c captured) *Error {
	t := c[0]
	if t.digits <= 4 {
		return d.setClock(clock{hour: t.n / 100, minute: t.n % 100})
	}
	return d.setClock(clock{hour: t.n / 10000, minute: t.n / 100 % 100, second: t.n % 100})
}

// militaryClock is the same where they may be a year: "20 aug 2030 2026" is in one year or the other, and "9 aug evening
// 2026" is this year's.
func militaryClock(d *draft, c captured) *Error {
	switch year := d.today.Year(); {
	case c[0].n >= year && c[0].n < d.year:
		return doubtful(c[0].text, IsItAClock)
	case c[0].n == year, c[0].n == year+1:
		d.ask(Remark{Point: IsItAClock, Words: c[0].text})
	}
	return basicClock(d, c)
}

// compactClock is "230pm". "100pm" may also be a slip for ten, and "030am" for three.
func compactClock(d *draft, c captured) *Error {
	hour, minute := c[0], c[0]
	if c[0].digits == 3 && (c[0].n < 100 || c[0].n <= 120 && c[0].n%10 == 0) {
		d.ask(Remark{Point: IsItAClock, Words: c[0].text})
	}
	hour.n, minute.n = hour.n/100, minute.n%100
	return clock12(d, captured{hour, minute, c[1]})
}

// dottedClock is "14.30". With minutes that may be a month it needs a date beside it that has no such
// figures, else "3.12" may be a day. In Chinese "8.20" may be one, too, where no part of the day stands beside it.
func dottedClock(d *draft, c captured) *Error {
	if c[1].n >= 1 && c[1].n <= 12 && (!d.has(datePart) || d.dotted) || d.figures {
		return doubtful(d.text[clockPart], ClockOrDate)
	}
	refusal := clock24(d, c)
	d.clock.dayLike = d.han && c[0].n <= 12 && c[1].n <= 31 && !d.has(datePart)
	return refusal
}

// clock12 is HOUR and am or pm, with MINUTE, SECOND and FRACTION between them if they are there.
func clock12(d *draft, c captured) *Error {
	set := clock{hour: c[0].n, half: true}
	if len(c) > 2 {
		set.minute = c[1].n
	}
	if len(c) > 3 {
		set.second, set.seconds = c[2].n, true
	}
	if len(c) > 4 {
		set.fraction = c[3].fraction()
	}
	switch afternoon := afternoonHours(c[len(c)-1]); {
	case set.hour > 12 && set.hour < 24 && afternoon > 0: // "22:00 pm"
		d.ask(Remark{Point: IsItAClock, Words: d.text[clockPart]})
	case set.hour > 12, set.hour == 0 && (len(c) == 2 || afternoon > 0): // but "0:30am"
		set.hour = impossible
	default:
		set.hour = set.hour%12 + afternoon
	}
	return d.setClock(set)
}

// spokenHourMinute is "two thirty".
func spokenHourMinute(d *draft, c captured) *Error {
	return d.setClock(clock{hour: c[0].n, minute: c[1].n, bare: c[0].n <= 12})
}

// halfFirst is "PM 10:00".
func halfFirst(d *draft, c captured) *Error { return clock12(d, captured{c[1], c[2], c[0]}) }

// impossible is an hour that setClock refuses.
const impossible = 99

// afternoonHours is the hours that "pm" adds.
func afternoonHours(half token) int {
	if half.text[0] == 'p' {
		return 12
	}
	return 0
}

// aroundHour is "half past 2" and its like, with am or pm if it is there.
func aroundHour(minutes int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { return d.minutesAround(c[0], c[1], minutes) }
}

// halfHour is "half two": half past it in Britain, and half an hour before it where people think in German.
func halfHour(d *draft, c captured) *Error {
	if c[0].n == 12 { // which may be of another half of the day, and of another day
		return unreadable(d.text[clockPart])
	}
	d.ask(Remark{Point: IsItAClock, Words: d.text[clockPart]})
	d.halved = true
	return d.minutesAround(c[0], c[1], 30)
}

// settleHalf adds what else that may be.
func (d *draft) settleHalf() *Error {
	if d.halved {
		for _, clock := range d.clocks {
			d.clocks = append(d.clocks, reading{clock.shift - time.Hour, clock.why})
		}
	}
	return nil
}

// minutesAround is "20 past 3pm", or "20 to 3pm" when sign is -1.
func minutesAround(sign int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { return d.minutesAround(c[1], c[2], sign*c[0].count()) }
}

func (d *draft) minutesAround(hour, half token, minutes int) *Error {
	if hour.n < 1 || hour.n > 12 || minutes == 0 || minutes <= -60 || minutes >= 60 {
		return d.setClock(clock{hour: impossible})
	}
	set := minutesFrom(hour.n, minutes)
	set.half = half.text != "" && !set.beforeTwelve()
	if set.bare = !set.half; set.half {
		set.hour = set.hour%12 + afternoonHours(half)
	}
	return d.setClock(set)
}

// beforeTwelve tells minutes before a twelve, which are of the other half of the day than that twelve: in "quarter to
// 12 pm" people mean either with "pm".
func (c clock) beforeTwelve() bool { return c.beside == 12 && c.hour == 11 }

// minutesFrom is minutes after an hour up to 12, or before it.
func minutesFrom(hour, minutes int) clock {
	total := (hour*60 + minutes + 11*60) % (12 * 60)
	return clock{hour: total/60 + 1, minute: total % 60, beside: hour}
}

// hourAlone is a figure that is no more than an hour.
func hourAlone(d *draft, c captured) *Error {
	if c[0].n > 12 && c[0].n < 24 {
		d.ask(Remark{Point: HourOrDay, Words: c[0].text})
	}
	return hourAt(d, c)
}

// hourAt is "at 14", which can only be an hour.
func hourAt(d *draft, c captured) *Error {
	switch hour := c[0].n; {
	case d.has(clockPart) && d.has(hourPart):
		return unreadable(d.text[hourPart])
	case hour == 0:
		return d.setClock(clock{hour: impossible})
	default:
		return d.setClock(clock{hour: hour, bare: hour <= 12})
	}
}

func noonClock(d *draft, _ captured) *Error { return d.setClock(clock{hour: 12, half: true}) }

// midnightClock is either end of the day, or minutes after it.
func midnightClock(minute int) func(*draft, captured) *Error {
	return func(d *draft, _ captured) *Error { return d.setClock(clock{minute: minute, half: true, spoken: true}) }
}

func minutesPastMidnight(d *draft, c captured) *Error { return midnightClock(c[0].count())(d, nil) }

// settleClock holds the clock time against the part of the day, or asks about a time that has two halves.
func (d *draft) settleClock() *Error {
	switch c := d.clock; {
	case d.clocks == nil:
		return nil
	case c.dayLike && d.daypart == nil:
		return doubtful(d.text[clockPart], ClockOrDate)
	case c.half && c.spoken, c.hour == 24 && (d.daypart == nil || d.daypart.night),
		d.daypart == nil && c.spoken && c.hour == 0 && c.minute == 0 && c.second == 0:
		d.readClock(EitherEnd, reading{0, because(DayBegins)}, reading{day, because(DayEnds)})
	case d.daypart != nil:
		return d.settleDaypart(*d.daypart)
	case c.bare && c.hour == 12:
		d.readClock(WhichHalf, reading{-day / 2, because(DayBegins)}, reading{0, because(Noon)}, reading{day / 2, because(DayEnds)})
	case c.bare:
		d.readClock(WhichHalf, reading{0, because(BeforeNoon)}, reading{day / 2, because(AfterNoon)})
	}
	return nil
}

// settleEve asks about the small hours with an eve: they may be of its night.
func (d *draft) settleEve() *Error {
	if !d.eve || len(d.clocks) != 1 {
		return nil
	}
	if shift := d.clocks[0].shift; time.Duration(d.clock.hour)*time.Hour+shift < 6*time.Hour {
		d.readClock(TwoNights, reading{shift, because(NightBefore)}, reading{shift + day, because(NightAfter)})
	}
	return nil
}

// readClock asks about a clock time that can be taken in several ways.
func (d *draft) readClock(why Point, ways ...reading) {
	d.clocks = ways
	d.ask(Remark{Point: why})
}

// daypart is the hours that go with a part of the day. The hours after midnight of one that is a night
// may be of the date named, or of the next.
type daypart struct {
	first, last int
	night       bool
}

// The parts of the day: those of English, and of Chinese the ones that have to be named.
const (
	morning = iota
	afternoon
	evening
	night
	dawn
	_
	_
	forenoon
	_
	pastNoon
)

var dayparts = [...]daypart{
	morning: {0, 11, false}, afternoon: {12, 18, false}, evening: {16, 23, false}, night: {18, 23, true},
	dawn:            {0, 6, false}, // 凌晨
	{1, 11, false},  // 清晨
	{1, 11, false},  // 早上
	forenoon:        {1, 11, false}, // 上午
	{11, 13, false}, // 中午
	pastNoon:        {12, 23, false}, // 下午
	{16, 20, false}, // 傍晚
	{18, 23, true},  // 晚上
	{21, 23, true},  // 夜里
	{11, 13, false}, // 正午
	{3, 11, false},  // 早, as "早一点" and "早两点" are a bit earlier
	{0, 5, true},    // 后半夜
}

// partOfDay is "in the morning", which fits only some hours.
func partOfDay(d *draft, c captured) *Error { return d.setDaypart(c[0].n, c[0].text) }

// earlyHours are "in the early hours", a night's end.
func earlyHours(d *draft, _ captured) *Error { return d.setDaypart(dawn, "early hours") }

// lateInDay is the "late" in "late sunday 11pm".
func lateInDay(d *draft, c captured) *Error { return d.setDaypart(night, c[0].text) }

// halfAsPart is the "PM" in "PM 2点半".
func halfAsPart(d *draft, c captured) *Error {
	part := forenoon
	if c[0].n == 12 {
		part = pastNoon
	}
	return d.setDaypart(part, c[0].text)
}

// setDaypart notes the part of the day, which is held against the clock time once that is known.
func (d *draft) setDaypart(n int, text string) *Error {
	if d.daypart != nil && d.daypart != &dayparts[n] {
		return unreadable(text)
	}
	d.daypart = &dayparts[n]
	return nil
}

// settleDaypart takes the hour that lies in the part of the day, of the two that it can be.
func (d *draft) settleDaypart(p daypart) *Error {
	c := d.clock
	hours := []int{c.hour}
	if !c.half && c.hour >= 1 && c.hour <= 12 {
		hours = []int{c.hour % 12, c.hour%12 + 12}
	}
	if p.night && hours[0] < 6 {
		early := time.Duration(hours[0]-c.hour) * time.Hour
		d.readClock(TwoNights, reading{early, because(NightBefore)}, reading{early + day, because(NightAfter)})
		if len(hours) == 2 && hours[0] > 3 {
			d.clocks = append(d.clocks, reading{day / 2, because(AfterNoon)})
		}
		return nil
	}
	for _, hour := range hours {
		if hour < p.first || hour > p.last {
			continue
		}
		switch afternoon, dawn := p.first == 12, p.last < 11; {
		case c.beside == 1: // "a quarter to one" has no twelve in it
		case dawn && hour == 0 && c.hour == 12:
			d.readClock(EitherEnd, reading{-day / 2, because(DayBegins)}, reading{day / 2, because(DayEnds)})
			return nil
		case hour == 0 && c.hour == 12:
			d.readClock(MidnightOrNoon, reading{-day / 2, because(DayBegins)}, reading{0, because(Noon)})
			return nil
		case afternoon && c.beforeTwelve():
			d.readClock(WhichHalf, reading{0, because(BeforeNoon)}, reading{day / 2, because(AfterNoon)})
			return nil
		case afternoon && c.bare && c.spoken && c.hour == 12 && c.minute == 0:
			d.readClock(MidnightOrNoon, reading{0, because(Noon)}, reading{day / 2, because(DayEnds)})
			return nil
		}
		d.clocks = []reading{{shift: time.Duration(hour-c.hour) * time.Hour}}
		return nil
	}
	words := d.text[daypartPart]
	if words == "" { // "tonight"
		words = d.text[datePart]
	}
	return refuse(Invalid, words, Remark{Point: NotTogether, Words: d.clockWords(), Others: words})
}

// The clock times of Chinese are HOUR POINT and what stands behind it. POINT tells "点", which is spoken
// and may mean either half of the day, from "时", which is written and does not.

func spokenHour(hour, point token) clock {
	written := point.text == "时" || hour.digits == 2 && hour.text[0] == '0'
	return clock{hour: hour.n, bare: hour.n >= 1 && hour.n <= 12 && !written, spoken: true}
}

// spokenClock is HOUR POINT [MINUTE] [SECOND], or an hour with the minutes given.
func spokenClock(minute int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		set := spokenHour(c[0], c[1])
		set.minute = minute
		if len(c) > 2 {
			set.minute = c[2].n
		}
		if len(c) > 3 {
			set.second, set.seconds = c[3].n, true
		}
		return d.setClock(set)
	}
}

// spokenMinutes is HOUR POINT MINUTES, before the hour when sign is -1.
func spokenMinutes(sign int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { return d.spokenAround(c[0], c[1], sign*c[2].n) }
}

// spokenQuarters is the same in quarters.
func spokenQuarters(sign int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error { return d.spokenAround(c[0], c[1], sign*15*c[2].n) }
}

// spokenFives counts the figures on the face of a clock, which are five minutes each: "三点三个字", "三点搭三".
func spokenFives(d *draft, c captured) *Error { return d.spokenAround(c[0], c[1], 5*c[2].n) }

func minutesTo(d *draft, c captured) *Error  { return d.spokenAround(c[1], c[2], -c[0].n) }
func quartersTo(d *draft, c captured) *Error { return d.spokenAround(c[1], c[2], -15*c[0].n) }

// spokenAround is minutes after an hour or before it, less than an hour of them.
func (d *draft) spokenAround(hour, point token, minutes int) *Error {
	set := spokenHour(hour, point)
	switch {
	case minutes == 0 || minutes <= -60 || minutes >= 60 || set.hour == 0 && minutes < 0:
		return d.setClock(clock{hour: impossible})
	case set.bare:
		around := minutesFrom(set.hour, minutes)
		set.hour, set.minute, set.beside = around.hour, around.minute, around.beside
	default:
		total := set.hour*60 + minutes
		set.hour, set.minute, set.beside = total/60, total%60, set.hour
	}
	return d.setClock(set)
}
