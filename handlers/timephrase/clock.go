package timephrase

import "time"

// clock is the time of day a phrase names.
type clock struct {
	hour, minute, second int
	seconds              bool // they were said, be it as 00
	half                 bool // "am" or "pm" was said
	bare                 bool // a figure up to 12 alone, which may be before or after noon
}

// setClock sets the time of day on the wall clock. An impossible one is refused.
func (d *draft) setClock(c clock) *Error {
	if c.hour < 0 || c.hour > 23 || c.minute > 59 || c.second > 59 {
		return refuse(Invalid, d.clockWords(), "There is no such clock time as %q. Type it like \"2am\" or \"14:30\".", d.clockWords())
	}
	d.clock, d.clocks = c, []reading{{}}
	d.wall.Hour, d.wall.Minute, d.wall.Second = &c.hour, &c.minute, &c.second
	return nil
}

func (d *draft) clockWords() string {
	if d.has(clockPart) {
		return d.text[clockPart]
	}
	return d.text[hourPart]
}

// clock24 is HOUR MINUTE [SECOND] [FRACTION]. A fraction of a second must be nothing.
func clock24(d *draft, c captured) *Error {
	set := clock{hour: c[0].n, minute: c[1].n}
	if len(c) > 2 {
		set.second, set.seconds = c[2].n, true
	}
	if len(c) > 3 && c[3].n != 0 {
		return refuse(Invalid, d.text[clockPart], "I cannot read the fraction of a second in %q. Leave it out.", d.text[clockPart])
	}
	return d.setClock(set)
}

// basicClock is the figures HHMM or HHMMSS of ISO 8601.
func basicClock(d *draft, c captured) *Error {
	t := c[0]
	if t.digits == 4 {
		return d.setClock(clock{hour: t.n / 100, minute: t.n % 100})
	}
	return d.setClock(clock{hour: t.n / 10000, minute: t.n / 100 % 100, second: t.n % 100})
}

// militaryClock is "1430", which is asked about: it may be a slip for a year.
func militaryClock(d *draft, c captured) *Error {
	d.ask("Is %q a clock time? Type it with a colon, like 14:30.", c[0].text)
	return d.setClock(clock{hour: c[0].n / 100, minute: c[0].n % 100})
}

// dottedClock is "14.30". With minutes that may be a month it needs a date in figures beside it, else
// "3.12" may be a day.
func dottedClock(d *draft, c captured) *Error {
	if c[1].n <= 12 && !d.has(datePart) {
		return doubtful(d.text[clockPart], "%q may be a clock time or a date. Type a clock time with a colon, like 14:30.", d.text[clockPart])
	}
	return clock24(d, c)
}

// clock12 is HOUR and am or pm, with MINUTE and SECOND between them if they are there.
func clock12(d *draft, c captured) *Error {
	set := clock{hour: c[0].n, half: true}
	if len(c) > 2 {
		set.minute = c[1].n
	}
	if len(c) > 3 {
		set.second = c[2].n
	}
	if set.hour < 1 || set.hour > 12 {
		set.hour = impossible
	} else {
		set.hour = set.hour%12 + afternoon(c[len(c)-1])
	}
	return d.setClock(set)
}

// impossible is an hour that setClock refuses.
const impossible = 99

// afternoon is the hours that "pm" adds.
func afternoon(half token) int {
	if half.text == "pm" {
		return 12
	}
	return 0
}

// aroundHour is "half past 2" and its like, with am or pm if it is there.
func aroundHour(minutes int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		hour, half := c[0], c[1]
		if hour.n < 1 || hour.n > 12 {
			return d.setClock(clock{hour: impossible})
		}
		total := (hour.n%12*60 + minutes + 12*60) % (12 * 60)
		set := clock{hour: total / 60, minute: total % 60}
		if half.text == "" {
			return d.setBare(set)
		}
		set.half = true
		set.hour += afternoon(half)
		return d.setClock(set)
	}
}

// hourAlone is a figure that is no more than an hour.
func hourAlone(d *draft, c captured) *Error {
	if c[0].n > 12 && c[0].n < 24 {
		d.ask("Is %q the hour or the day? Type the hour with minutes, like 14:00.", c[0].text)
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
	case hour > 12:
		return d.setClock(clock{hour: hour})
	default:
		return d.setBare(clock{hour: hour % 12})
	}
}

// setBare sets a time that may be before or after noon. A part of the day can settle it.
func (d *draft) setBare(c clock) *Error {
	c.bare = true
	refusal := d.setClock(c)
	if refusal == nil {
		d.clocks = []reading{{why: "before noon"}, {12 * time.Hour, "after noon"}}
	}
	return refusal
}

func noonClock(d *draft, _ captured) *Error { return d.setClock(clock{hour: 12, half: true}) }

// midnightClock is either end of the day.
func midnightClock(d *draft, _ captured) *Error {
	refusal := d.setClock(clock{half: true})
	if refusal == nil {
		d.clocks = []reading{{why: "the midnight that begins the day"}, {day, "the midnight that ends it"}}
		d.ask("Midnight can be either end of the day.")
	}
	return refusal
}

// partOfDay is "in the morning", which fits only some hours.
func partOfDay(d *draft, c captured) *Error { return d.setDaypart(c[0].text) }

// setDaypart notes the part of the day, which is held against the clock time once that is known.
func (d *draft) setDaypart(name string) *Error {
	if d.daypart != "" && d.daypart != name {
		return unreadable(name)
	}
	d.daypart = name
	return nil
}

// settleClock holds the clock time against the part of the day, or asks about a time that has two halves.
func (d *draft) settleClock() *Error {
	if d.daypart == "" {
		if d.clock.bare {
			d.ask("Is that before noon or after noon? Type it like \"2am\" or \"14:00\".")
		}
		return nil
	}
	return dayparts[d.daypart](d, d.clock.hour)
}

// dayparts tell which hours go with a part of the day.
var dayparts = map[string]func(d *draft, hour int) *Error{
	"morning":   func(d *draft, hour int) *Error { return d.between(hour, 0, 11, false) },
	"afternoon": func(d *draft, hour int) *Error { return d.between(hour, 12, 18, true) },
	"evening":   func(d *draft, hour int) *Error { return d.between(hour, 16, 23, true) },
	"night":     (*draft).atNight,
}

// between takes a time whose hour lies between from and to, after a move past noon when that was not said.
func (d *draft) between(hour, from, to int, pm bool) *Error {
	if d.clock.bare && hour == 0 && !pm {
		d.ask("Is 12 in the morning midnight or noon? Type it like 00:00 or 12:00.")
		return nil
	}
	if pm && !d.clock.half && hour < 12 {
		hour += 12
		d.result = d.result.Add(12 * time.Hour)
	}
	if hour < from || hour > to {
		return refuse(Invalid, d.daypart, "%q and %q do not go together. %s", d.clockWords(), d.daypart, example)
	}
	d.clocks = []reading{{}}
	return nil
}

// atNight takes the hours before midnight. Those after it may be of the date named, or of the next.
func (d *draft) atNight(hour int) *Error {
	if hour < 6 {
		d.clocks = []reading{{why: "early on that date"}, {day, "the night that follows that date"}}
		d.ask("A night belongs to two dates.")
		return nil
	}
	return d.between(hour, 18, 23, true)
}
