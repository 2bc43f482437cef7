package timephrase

// The parts of a time, in the order in which they are looked for and applied: a part may be read from
// words that an earlier one left, and see what that one has set.
const (
	instantPart = iota
	offsetPart
	zonePart
	durationPart
	yearPart
	datePart
	weekdayPart
	clockPart
	daypartPart
	hourPart
	parts
)

// grammar is all the ways to write each part, in the order of preference.
var grammar = [parts][]form{
	instantPart: {
		write("UNIX", unixTime),
		write("SLACKDATE", slackInstant),
	},
	offsetPart: {
		write("[(] utc|gmt SIGN ~FIGURES ~: ~MINUTE [)]", offsetZone),
		write("[(] utc|gmt SIGN ~HHMM [)]", basicOffset),
		write("[(] utc|gmt SIGN ~FIGURES [)]", offsetZone),
		write("AFTERCLOCK ~FIGURES ~: ~MINUTE", bareOffset),
		write("AFTERCLOCK ~HHMM", basicOffset),
		write("~AFTERCLOCK ~TWO", bareOffset),
		write("[(] utc|gmt|z [)]", utcZone),
	},
	zonePart: {
		write("[in] [(] ZONE [)] [time]", ianaZone),
		write("[(] ABBREVIATION [)]", abbreviatedZone),
		write("[my] local time", ownZone),
		write("my time", ownZone),
	},
	durationPart: {
		write("in COUNT UNIT [and] COUNT UNIT [time]", ahead),
		write("in COUNT UNIT [time]", ahead),
		write("in COUNT ~. ~FRACTION UNIT [time]", aheadDecimal),
		write("COUNT UNIT [and] COUNT UNIT from now", ahead),
		write("COUNT UNIT from now", ahead),
		write("COUNT ~. ~FRACTION UNIT from now", aheadDecimal),
		write("COUNT UNIT hence", ahead),
		write("COUNT CALENDARUNIT from today", ahead),
	},
	yearPart: {
		write("YEAR", func(d *draft, c captured) *Error { d.year = c[0].n; return nil }),
	},
	datePart: {
		write("FOUR ~- ~TWO ~- ~TWO [~t]", isoDate),
		write("FOUR ~/ ~FIGURES ~/ ~FIGURES", isoDate),
		write("FOUR ~. ~FIGURES ~. ~FIGURES", isoDate),
		write("EIGHT [~t]", basicDate),
		write("FIGURES ~/ ~FIGURES ~/ ~FOUR", eitherOrder),
		write("FIGURES ~. ~FIGURES ~. ~FOUR", eitherOrder),
		write("FIGURES ~- ~FIGURES ~- ~FOUR", eitherOrder),
		write("FIGURES ~/ ~FIGURES ~/ ~TWO", shortYear),
		write("FIGURES ~. ~FIGURES ~. ~TWO", shortYear),
		write("FIGURES ~- ~FIGURES ~- ~TWO", shortYear),
		write("FIGURES ~/ ~FIGURES", eitherOrder),
		write("FIGURES ~- ~MONTH ~- ~FOUR", dayMonthYear),
		write("NTH WEEKDAY of|in MONTH", weekdayOfMonth),
		write("NTH WEEKDAY of|in next month", weekdayOfNearMonth("next")),
		write("NTH WEEKDAY of|in this month", weekdayOfNearMonth("this")),
		write("COUNT CALENDARUNIT from WEEKDAY", weeksFromWeekday),
		write("COUNT CALENDARUNIT from tomorrow", daysFromTomorrow),
		write("NUMBER of next month", dayOfNext),
		write("next month [,] [on] [the] NUMBER", dayOfNext),
		write("NUMBER of this month", dayOfThis),
		write("this month [,] [on] [the] NUMBER", dayOfThis),
		write("NUMBER [of] MONTH [~.]", dayMonth),
		write("MONTH [~.] [,] [the] NUMBER", monthDay),
		write("[the] day after tomorrow", daysFromToday(2)),
		write("tomorrow", daysFromToday(1)),
		write("today", daysFromToday(0)),
		write("tonight", partOfToday("night")),
		write("this morning", partOfToday("morning")),
		write("this afternoon", partOfToday("afternoon")),
		write("this evening", partOfToday("evening")),
		write("[the] ORDINAL", ordinalDay),
	},
	weekdayPart: {
		write("WEEKDAY [~.] [,] [of] next week", weekdayNextWeek),
		write("next week [,] [on] WEEKDAY [~.]", weekdayNextWeek),
		write("WEEKDAY [~.] [,] [of] this week", weekdayThisWeek),
		write("this week [,] [on] WEEKDAY [~.]", weekdayThisWeek),
		write("next WEEKDAY [~.]", nextWeekday),
		write("[this] coming|upcoming WEEKDAY [~.]", comingWeekday),
		write("this WEEKDAY [~.]", thisWeekday),
		write("WEEKDAY [~.]", plainWeekday),
	},
	clockPart: {
		write("[12] noon|midday", noonClock),
		write("[12] midnight", midnightClock),
		write("HOUR ~: ~MINUTE ~: ~MINUTE HALF [~.]", clock12),
		write("HOUR ~: ~MINUTE HALF [~.]", clock12),
		write("HOUR ~. ~MINUTE HALF [~.]", clock12),
		write("half past HOUR [HALF]", aroundHour(30)),
		write("quarter past HOUR [HALF]", aroundHour(15)),
		write("quarter to HOUR [HALF]", aroundHour(-15)),
		write("HOUR [o'clock] HALF [~.]", clock12),
		write("HOUR ~: ~MINUTE ~: ~MINUTE ~. ~FRACTION", clock24),
		write("HOUR ~: ~MINUTE ~: ~MINUTE", clock24),
		write("HOUR ~: ~MINUTE", clock24),
		write("HOUR ~h ~MINUTE", clock24),
		write("HOUR ~h", func(d *draft, c captured) *Error { return clock24(d, append(c, token{})) }),
		write("HOUR ~. ~MINUTE", dottedClock),
		write("~BASIC", basicClock),
		write("HOUR o'clock", hourAt),
		write("MILITARY", militaryClock),
	},
	daypartPart: {
		write("in the DAYPART", partOfDay),
		write("[at] DAYPART", partOfDay),
	},
	hourPart: {
		write("ATHOUR", hourAt),
		write("LONEHOUR", hourAlone),
	},
}

// classes are the tokens that the upper-case words of a form stand for.
var classes = map[string]class{
	"WEEKDAY": func(tokens []token, i int) bool { return listed(weekdays, tokens[i]) },
	"MONTH":   func(tokens []token, i int) bool { return listed(months, tokens[i]) },
	"UNIT":    func(tokens []token, i int) bool { return listed(units, tokens[i]) },
	"CALENDARUNIT": func(tokens []token, i int) bool {
		return units[tokens[i].text].elapsed == 0 && listed(units, tokens[i])
	},
	"ABBREVIATION": func(tokens []token, i int) bool { return listed(abbreviations, tokens[i]) },
	"DAYPART":      func(tokens []token, i int) bool { return listed(dayparts, tokens[i]) },
	"ZONE":         func(tokens []token, i int) bool { return tokens[i].kind == zoneName },
	"SLACKDATE":    func(tokens []token, i int) bool { return tokens[i].kind == slackDate },
	"HALF":         func(tokens []token, i int) bool { return tokens[i].text == "am" || tokens[i].text == "pm" },
	"SIGN":         func(tokens []token, i int) bool { return tokens[i].text == "+" || tokens[i].text == "-" },
	"AFTERCLOCK":   signAfterClock,
	"FIGURES":      func(tokens []token, i int) bool { return tokens[i].figures(1, 2) },
	"TWO":          func(tokens []token, i int) bool { return tokens[i].figures(2, 2) },
	"FOUR":         func(tokens []token, i int) bool { return tokens[i].figures(4, 4) },
	"HHMM":         func(tokens []token, i int) bool { return tokens[i].figures(4, 4) },
	"MINUTE":       func(tokens []token, i int) bool { return tokens[i].figures(2, 2) },
	"FRACTION":     func(tokens []token, i int) bool { return tokens[i].figures(1, 9) },
	"EIGHT":        func(tokens []token, i int) bool { return tokens[i].figures(8, 8) },
	"UNIX":         func(tokens []token, i int) bool { return len(tokens) == 1 && isUnix(tokens[i]) },
	"BASIC":        basicFigures,
	"MILITARY": func(tokens []token, i int) bool {
		return tokens[i].figures(4, 4) && alone(before(tokens, i)) && alone(after(tokens, i))
	},
	"YEAR":  loneYear,
	"COUNT": count,
	"NTH": func(tokens []token, i int) bool {
		return tokens[i].ordinal && tokens[i].n <= 5 || tokens[i].text == "last"
	},
	"ORDINAL":  loneOrdinal,
	"NUMBER":   dayNumber,
	"HOUR":     hourNumber,
	"ATHOUR":   func(tokens []token, i int) bool { return i > 0 && isAt(tokens[i-1]) && loneHour(tokens, i) },
	"LONEHOUR": loneHour,
}

func listed[T any](words map[string]T, t token) bool {
	if t.kind != word {
		return false
	}
	_, ok := words[t.text]
	return ok
}

// before is the token before i when it is glued to it, else a zero token.
func before(tokens []token, i int) token {
	if i == 0 || tokens[i].spaced {
		return token{}
	}
	return tokens[i-1]
}

// after is the token after i when it is glued to it, else a zero token.
func after(tokens []token, i int) token {
	if i+1 >= len(tokens) || tokens[i+1].spaced {
		return token{}
	}
	return tokens[i+1]
}

// signAfterClock is the sign of an offset, which follows a clock time: the one in "12-01" does not.
func signAfterClock(tokens []token, i int) bool {
	if i == 0 || tokens[i].text != "+" && tokens[i].text != "-" {
		return false
	}
	switch t := before(tokens, i); {
	case t.text == "", t.text == "am", t.text == "pm":
		return true
	case t.kind != number:
		return false
	}
	clock := before(tokens, i-1).text
	return clock == ":" || clock == "t"
}

// basicFigures is HHMM or HHMMSS after the T of ISO 8601.
func basicFigures(tokens []token, i int) bool {
	return (tokens[i].figures(4, 4) || tokens[i].figures(6, 6)) && before(tokens, i).text == "t"
}

// loneYear is four figures that no sign or letter touches, but a comma or the full stop of a sentence.
func loneYear(tokens []token, i int) bool {
	if !tokens[i].figures(4, 4) || tokens[i].n < 1900 || tokens[i].n > 2999 {
		return false
	}
	return alone(before(tokens, i)) && alone(after(tokens, i))
}

func alone(neighbour token) bool { return neighbour.text == "" || neighbour.text == "," }

// count is how many of a unit: figures, a number word, or "a".
func count(tokens []token, i int) bool {
	t := tokens[i]
	if t.kind == number {
		return !t.ordinal && !punctuated(before(tokens, i))
	}
	return t.text == "a" || t.text == "an"
}

// loneOrdinal is the number of a day. Before a weekday it counts weekdays: "second sunday".
func loneOrdinal(tokens []token, i int) bool {
	return tokens[i].ordinal && (i+1 == len(tokens) || !listed(weekdays, tokens[i+1]))
}

// dayNumber is the number of a day in a month. The figures of a clock time or of a date are none.
func dayNumber(tokens []token, i int) bool {
	t := tokens[i]
	return t.kind == number && t.digits <= 2 && !punctuated(before(tokens, i)) && !punctuated(after(tokens, i))
}

// loneHour is an hour with no sign on either side, and no letters behind it.
func loneHour(tokens []token, i int) bool {
	next := after(tokens, i)
	return hourNumber(tokens, i) && !punctuated(next) && next.kind != word
}

// hourNumber is the hour of a clock time.
func hourNumber(tokens []token, i int) bool {
	t := tokens[i]
	return t.kind == number && t.digits <= 2 && !t.ordinal && !punctuated(before(tokens, i))
}

func isAt(t token) bool { return t.text == "at" || t.text == "@" }

// punctuated tells that a neighbour ties a number to other figures.
func punctuated(neighbour token) bool {
	switch neighbour.text {
	case ":", ".", "/", "-", "+", "$", "#":
		return true
	}
	return false
}
