package timephrase

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// The parts of a time, in the order in which they are looked for and applied: a part may be read from
// words that an earlier one left, and see what that one has set.
const (
	instantPart = iota
	offsetPart
	zonePart
	durationPart
	yearPart
	datePart
	besidePart // a day counted from today, as a check on a date, or the week of a weekday
	weekdayPart
	clockPart
	daypartPart
	hourPart
	parts
)

// forms is ways to write each part, in the order of preference.
type forms [parts][]form

func join(all ...forms) (joined forms) {
	for _, f := range all {
		for part := range f {
			joined[part] = append(joined[part], f[part]...)
		}
	}
	return joined
}

// meaning is what a word of a language stands for.
type meaning struct {
	kind kind
	n    int
}

// lexicon is the words of both languages and all the ways to write a time with them: every phrase is read by both.
type lexicon struct {
	words          map[string]meaning
	literals       map[string]bool // the words that stand in a form as they are
	grammar        forms
	remainingDates []form
	fits           []class        // what the elements of the forms fit
	index          map[string]int // where the element of that text stands in fits
}

// vocabulary is made when the first phrase comes, so that a start does not wait for it.
var vocabulary = sync.OnceValue(newLexicon)

func newLexicon() *lexicon {
	l := &lexicon{words: map[string]meaning{}, literals: map[string]bool{}, index: map[string]int{}}
	for _, w := range slices.Concat(englishWords, chineseWords) {
		for i, group := range w.groups {
			for _, text := range group {
				l.words[text] = meaning{w.kind, w.first + i}
			}
		}
	}
	for text := range abbreviations {
		l.words[text] = meaning{kind: abbreviation}
	}
	for text := range places {
		l.words[text] = meaning{kind: place}
	}
	for _, text := range slices.AppendSeq(slices.Concat(fillers, openings, requests, closings, misspelt), maps.Keys(vague)) {
		for _, word := range strings.Fields(text) {
			l.literals[word] = true
		}
	}
	for part, ways := range join(englishForms, chineseForms, figureForms, nearForms) {
		l.grammar[part] = l.compile(ways)
	}
	l.remainingDates = l.compile(remainingDates)
	return l
}

// knows reports whether a word means something in a time.
func (l *lexicon) knows(text string) bool { return l.literals[text] || l.token(text).kind != word }

// token is a word as the vocabulary knows it.
func (l *lexicon) token(text string) token {
	m, known := l.words[text]
	switch {
	case !known:
		return token{kind: word, text: text}
	case m.kind == ordinalName:
		return token{kind: number, text: text, n: m.n, ordinal: true}
	}
	return token{kind: m.kind, text: text, n: m.n}
}

// fitsOf is the place of an element's class, which for words is made of them.
func (l *lexicon) fitsOf(text string, isClass bool) int {
	if i, known := l.index[text]; known {
		return i
	}
	fits := classes[text]
	if !isClass {
		fits = l.oneOf(text)
	}
	if fits == nil {
		panic("timephrase: no class " + text)
	}
	l.fits = append(l.fits, fits)
	l.index[text] = len(l.fits) - 1
	return len(l.fits) - 1
}

// oneOf fits the words and signs of an element like "next|this".
func (l *lexicon) oneOf(text string) class {
	words := strings.Split(text, "|")
	for _, w := range words {
		l.literals[w] = true
	}
	return func(tokens []token, i int) bool { return slices.Contains(words, tokens[i].text) }
}

// words is words of one kind: those of the first group mean the number first, those of the next the one
// after, and so on.
type words struct {
	kind   kind
	first  int
	groups [][]string
}

func names(kind kind, first int, groups ...string) words {
	w := words{kind: kind, first: first}
	for _, group := range groups {
		w.groups = append(w.groups, strings.Fields(group))
	}
	return w
}

// figureForms are the forms that hold no word of a language.
var figureForms = forms{
	instantPart: {
		write("UNIX", unixTime),
		write("SLACKDATE", unixTime),
	},
	offsetPart: {
		write("utc|gmt SIGN ~FIGURES ~: ~TWO [time|时间]", offsetZone),
		write("utc|gmt SIGN ~FOUR [time|时间]", basicOffset),
		write("utc|gmt SIGN ~FIGURES [time|时间]", offsetZone),
		write("utc|gmt SIGN LASTFIGURES [time|时间]", bare(offsetZone)),
		write("+ ~0000 utc|gmt", utcZone),
		write("AFTERCLOCK ~FIGURES ~: ~TWO", bare(offsetZone)),
		write("AFTERCLOCK ~FOUR", bare(basicOffset)),
		write("~AFTERCLOCK ~TWO", bare(offsetZone)),
		write("PLUS ~TWO", offsetZone),
		write("[in] [timezone|tz] utc|gmt|zulu [time|时间] [zone|timezone|tz]", utcZone),
		write("timezone|tz [:] z", utcZone),
		write("ZBEHIND [time]", utcZone),
		write("世界时|零时区|协调世界时|世界协调时|世界协调时间|世界标准时间", utcZone),
	},
	zonePart: {
		write("ABBREVIATION [,] [(] ZONE [)]", agreedZone),
		write("ZONE [,] [(] ABBREVIATION [)]", agreedZone),
		write("[in] [timezone|zone|tz] [:|=] ZONE [time|时间]", ianaZone),
		write("[timezone|zone|tz] [:] ABBREVIATION [time|时间] [zone|timezone|tz]", abbreviatedZone),
	},
	durationPart: {
		write("now FIRSTPLUS COUNT UNIT [JOIN] [JOIN] [MORE] [UNIT]", ahead),
		write("FIRSTPLUS COUNT UNIT [JOIN] [JOIN] [MORE] [UNIT]", sinceUnsaid(ahead)),
		write("COUNT UNIT [JOIN] [JOIN] MORE UNIT [JOIN] [JOIN] [MORE] [UNIT]", aheadAlone),
		write("LONECOUNT [个] UNIT", aheadAlone),
	},
	yearPart: {
		write("YEAR", yearOf(0)),
	},
	datePart: {
		write("FOUR ~- ~FIGURES ~- ~FIGURES [~t]", isoDate),
		write("FOUR ~/ ~FIGURES ~/ ~FIGURES", isoDate),
		write("FOUR ~. ~FIGURES ~. ~FIGURES", isoDate),
		write("EIGHT [~t]", basicDate),
		write("FOUR ~- ~w ~TWO ~- ~FIGURE [~t]", weekDate),
		write("FIGURES ~/ ~FIGURES ~/ ~FOUR", eitherOrder),
		write("FIGURES ~. ~FIGURES ~. ~FOUR", dottedInFull),
		write("FIGURES ~- ~FIGURES ~- ~FOUR", eitherOrder),
		write("FIGURES ~-|/|. ~FIGURES ~-|/|. ~TWO", shortYear),
		write("TWO ~-|/|. ~FIGURES ~-|/|. ~LASTFIGURES", shortYear),
		write("NOMINUTES ~/ ~FIGURES", eitherOrder),
	},
	weekdayPart: {
		write("WEEKDAY [~.]", plainWeekday),
	},
	clockPart: {
		write("FIGUREHOUR ~: ~TWO ~: ~TWO ~. ~FRACTION", clock24),
		write("FIGUREHOUR ~: ~TWO ~: ~TWO ~, ~THREE", clock24),
		write("FIGUREHOUR ~: ~TWO ~: ~TWO", clock24),
		write("FIGUREHOUR ~: ~TWO [hours|hrs|h|uhr|o'clock|oclock|分|整]", clock24),
		write("FIGUREHOUR ~h ~TWO", hourWithH),
		write("FIGUREHOUR ~h", hourWithH),
		write("FIGUREHOUR ~. ~TWO hours|hrs|h|uhr", clock24),
		write("POINTHOUR ~. ~TWO", dottedClock),
		write("~BASIC", basicClock),
		write("OVERTWELVEFIGURES uhr|h|hrs", clock24),
		write("at OVERTWELVEFIGURES hours", clock24),
		write("FOUR hours|hrs|h", basicClock),
		write("ATMILITARY", basicClock),
		write("MILITARY", militaryClock),
	},
	daypartPart: {
		write("[at] [late] DAYPART [of]", partOfDay),
	},
	hourPart: {
		write("ATHOUR", hourAt),
		write("LONEHOUR", hourAlone),
	},
}

// nearForms are the ways to name a day that is near, behind all dates: beside one they are a check.
var nearForms = forms{
	datePart: {
		write("[the] day after TOMORROW", daysAhead(2)),
		write("RELATIVEDAY", relative),
		write("SHORTDAY", relative),
	},
	besidePart: {
		write("[the] day after TOMORROW", besideDaysAhead(2)),
		write("RELATIVEDAY", besideRelative),
		write("SHORTDAY", besideRelative),
	},
}

// remainingDates are ways to write a date that may be something else: a version, a clock time, a range.
var remainingDates = []form{
	write("MONTHFIGURES ~.|- ~LASTFIGURES", figuresByWeekday),
	write("FIRSTFIGURES ~. ~LASTFIGURES [~.]", dottedDate),
	write("FIRSTFIGURES ~- ~LASTFIGURES", dashedDate),
	write("NUMBER 月 [份] LASTFIGURES", monthDay),
}

// classes are the tokens that the upper-case words of a form stand for.
var classes = map[string]class{
	"WEEKDAY":     ofKind(weekdayName),
	"HANDAY":      func(tokens []token, i int) bool { return tokens[i].kind == weekdayName && tokens[i].han },
	"ARRANGEDDAY": arrangedDay,
	"WEEKENDDAY":  func(tokens []token, i int) bool { return tokens[i].kind == weekdayName && tokens[i].n%6 == 0 },
	"MONTH":       ofKind(monthName),
	"UNIT":        wholeUnit,
	"WEEKFIGURE":  weekCharacter,
	"WEEKOFDAY": func(tokens []token, i int) bool {
		isWeekday := func(t token) bool { return t.kind == weekdayName }
		return tokens[i].kind == unitName && tokens[i].n == weekUnit && slices.ContainsFunc(tokens, isWeekday)
	},
	"LASTNEXT": func(tokens []token, i int) bool { // "a week after next sunday" counts from a sunday
		return tokens[i].text == "next" && (i+1 == len(tokens) || tokens[i+1].kind != weekdayName)
	},
	"AWEEK":        func(tokens []token, i int) bool { return tokens[i].text == "a" && (i == 0 || tokens[i-1].text != "in") },
	"CALENDARUNIT": func(tokens []token, i int) bool { return tokens[i].kind == unitName && units[tokens[i].n].elapsed == 0 },
	"WEEKS":        func(tokens []token, i int) bool { return tokens[i].kind == unitName && units[tokens[i].n].days > 1 },
	"COUNTEDUNIT":  func(tokens []token, i int) bool { return tokens[i].kind == unitName && !uncounted[tokens[i].text] },
	"ABBREVIATION": zoneBehindClock,
	"PLACE":        ofKind(place),
	"PLACEBEHIND":  placeBehindClock,
	"ZBEHIND":      func(tokens []token, i int) bool { return tokens[i].text == "z" && behindClock(tokens, i) },
	"VAGUEPLACE":   ofKind(vaguePlace),
	"DAYPART": func(tokens []token, i int) bool {
		return tokens[i].kind == daypartName && before(tokens, i).text != "整"
	},
	"HOLIDAY":     ofKind(holiday),
	"RELATIVEDAY": ofKind(relativeDay),
	"TOMORROW": func(tokens []token, i int) bool {
		return tokens[i].kind == relativeDay && tokens[i].n == 1 && !tokens[i].han
	},
	"NEARMONTH": ofKind(nearMonth),
	"ZONE":      ofKind(zoneName),
	"SLACKDATE": ofKind(slackDate),
	"HALF":      ofKind(halfOfDay),
	"HALFOFDAY": func(tokens []token, i int) bool { // "sunday am" lacks an hour
		return tokens[i].kind == halfOfDay && i > 0 && (tokens[i-1].kind == weekdayName || tokens[i-1].kind == relativeDay)
	},
	"SHORTHALF": func(tokens []token, i int) bool { return tokens[i].text == "a" || tokens[i].text == "p" },
	"HALFBEFORE": func(tokens []token, i int) bool {
		return tokens[i].kind == halfOfDay && i+2 < len(tokens) && hourNumber(tokens, i+1) && points[tokens[i+2].text]
	},
	"POINT":        func(tokens []token, i int) bool { return points[tokens[i].text] },
	"MINUTE":       spokenMinute,
	"SPOKENMINUTE": spokenTens,
	"LATEMINUTE": func(tokens []token, i int) bool {
		return figures(2, 2)(tokens, i) && tokens[i].n > 23 && !tied(tokens, i)
	},
	"SHORTYEAR": func(tokens []token, i int) bool {
		clock := i+1 < len(tokens) && tokens[i+1].kind == halfOfDay
		return figures(2, 2)(tokens, i) && tokens[i].n > 23 && !tied(tokens, i) && !punctuated(after(tokens, i)) && !clock
	},
	"OVERTWELVE": func(tokens []token, i int) bool { return spokenTens(tokens, i) && tokens[i].n > 12 },
	"OVERTWELVEFIGURES": func(tokens []token, i int) bool {
		return hourNumber(tokens, i) && tokens[i].digits == 2 && tokens[i].n > 12
	},
	"SIGN":       func(tokens []token, i int) bool { return tokens[i].text == "+" || tokens[i].text == "-" },
	"AFTERCLOCK": signAfterClock,
	"PLUS":       plusAfterClock,
	"FIRSTPLUS":  firstPlus,
	"FIGURE":     figures(1, 1),
	"FIGURES":    figures(1, 2),
	"TWO":        figures(2, 2),
	"NOMINUTES": func(tokens []token, i int) bool {
		return figures(1, 2)(tokens, i) && !(before(tokens, i).text == ":" && tied(tokens, i)) && !besideMonth(tokens, i)
	},
	"FIRSTFIGURES": firstFigures,
	"MONTHFIGURES": monthFigures,
	"LASTFIGURES":  lastFigures,
	"THREE":        figures(3, 3),
	"FOUR":         figures(4, 4),
	"ANYFOUR":      func(tokens []token, i int) bool { return tokens[i].kind == number && tokens[i].digits == 4 },
	"EIGHT":        figures(8, 8),
	"FRACTION":     figures(1, 9),
	"UNIX":         func(tokens []token, i int) bool { return len(tokens) == 1 && isUnix(tokens[i]) },
	"BASIC":        basicFigures,
	"MILITARY":     military,
	"ATMILITARY":   func(tokens []token, i int) bool { return i > 0 && isAt(tokens[i-1]) && military(tokens, i) },
	"YEAR":         loneYear,
	"THISCENTURY":  func(tokens []token, i int) bool { return tokens[i].figures(4, 4) && tokens[i].n/100 == 20 },
	"COUNT":        count,
	"LONECOUNT":    loneCount,
	"SOMEMINUTES":  func(tokens []token, i int) bool { return tokens[i].kind == number && count(tokens, i) },
	"MORE":         countOfUnit,
	"JOIN":         joinsUnits,
	"NTH": func(tokens []token, i int) bool {
		return tokens[i].ordinal && tokens[i].n <= 5 || tokens[i].kind == lastName
	},
	"NTHWORD": func(tokens []token, i int) bool {
		return tokens[i].ordinal && tokens[i].n <= 5 && tokens[i].digits == 0 || tokens[i].kind == lastName
	},
	"LAST":       ofKind(lastName),
	"ORDINAL":    loneOrdinal,
	"NUMBER":     dayNumber,
	"HOUR":       hourNumber,
	"FIGUREHOUR": func(tokens []token, i int) bool { return hourNumber(tokens, i) && tokens[i].digits > 0 },
	"POINTHOUR": func(tokens []token, i int) bool {
		return hourNumber(tokens, i) && tokens[i].digits > 0 && tokens[i].n <= 24
	},
	"ATHOUR":   func(tokens []token, i int) bool { return i > 0 && isAt(tokens[i-1]) && loneHour(tokens, i) },
	"LONEHOUR": loneHour,
	"SHORTDAY": func(tokens []token, i int) bool {
		if tokens[i].text == "后" && (i > 0 || len(tokens) == 1 || tokens[1].text != "晚") { // "周日后晚上" is behind that Sunday
			return false
		}
		return tokens[i].kind == shortDay && i+1 < len(tokens) && tokens[i+1].kind == daypartName
	},
	"LATE": func(tokens []token, i int) bool {
		return lateBeforeDay(tokens, i) && !slices.ContainsFunc(tokens, func(t token) bool { return t.kind == daypartName })
	},
	"NOON":     wholeClock("正午"),
	"MIDNIGHT": wholeClock("午夜", "半夜"),
}

// arrangedDay is the weekday of "安排下周日", which is this Sunday to some, as that of "安排一下周日" is.
func arrangedDay(tokens []token, i int) bool {
	next := slices.IndexFunc(tokens[:i], func(t token) bool { return strings.HasPrefix(t.text, "下") })
	return next > 0 && slices.Contains([]string{"安排", "排", "预约", "选", "计划", "定", "麻烦", "帮忙", "预定", "升级"}, tokens[next-1].text) && tokens[i].kind == weekdayName && tokens[i].han
}

// lateBeforeDay is the "late" of "late sunday 11pm", a part of the day by itself, and of "late sunday night".
func lateBeforeDay(tokens []token, i int) bool {
	return tokens[i].text == "late" && i+1 < len(tokens) && (tokens[i+1].kind == weekdayName || tokens[i+1].kind == relativeDay)
}

func ofKind(k kind) class { return func(tokens []token, i int) bool { return tokens[i].kind == k } }

func figures(min, max int) class {
	return func(tokens []token, i int) bool { return tokens[i].figures(min, max) }
}

// before is the token before i when it is glued to it, else a zero token.
func before(tokens []token, i int) token {
	if i == 0 || tokens[i].spaced {
		return token{}
	}
	return tokens[i-1]
}

// after is the token after i when it is glued to it and does not end the sentence at the end, else a zero token.
func after(tokens []token, i int) token {
	if i+1 >= len(tokens) || tokens[i+1].spaced || i+2 == len(tokens) && slices.Contains(ends, tokens[i+1].text) {
		return token{}
	}
	return tokens[i+1]
}

// signAfterClock is the sign of an offset, which follows a clock time: the one in "12-01" does not.
func signAfterClock(tokens []token, i int) bool {
	if i == 0 || tokens[i].text != "+" && tokens[i].text != "-" {
		return false
	}
	bracketed := before(tokens, i).text == "(" && i > 1 && (endsClock(tokens, i-2) || tokens[i-2].kind == abbreviation)
	return tokens[i].spaced || bracketed || endsClock(tokens, i-1)
}

// plusAfterClock is that of "2am +08", which no range ends with.
func plusAfterClock(tokens []token, i int) bool {
	return tokens[i].text == "+" && i > 0 && endsClock(tokens, i-1)
}

// firstPlus is that of "+36h" and "now + 36h", with nothing before it to add to.
func firstPlus(tokens []token, i int) bool {
	return tokens[i].text == "+" && (i == 0 || i == 1 && tokens[0].text == "now")
}

// endsClock is the last figures of a clock time, or "am", or the "点" of "20点+08:00": behind "20点-" comes the end of a range.
func endsClock(tokens []token, i int) bool {
	if tokens[i].kind != number {
		return tokens[i].kind == halfOfDay || points[tokens[i].text] && i+1 < len(tokens) && tokens[i+1].text == "+"
	}
	switch before(tokens, i).text {
	case ":":
		return tokens[i].digits == 2 && tied(tokens, i)
	case ".", "t":
		return true
	case ",":
		return tokens[i].digits == 3
	}
	return false
}

// zoneBehindClock is the short name of a zone, which touches no figures but those of a clock time: the one in
// "dec 31pst" is a slip.
func zoneBehindClock(tokens []token, i int) bool {
	last := before(tokens, i)
	clock := last.kind != number || last.digits >= 4 || before(tokens, i-1).text == ":"
	return tokens[i].kind == abbreviation && clock
}

// placeBehindClock is "London" in "9pm London", in English.
func placeBehindClock(tokens []token, i int) bool {
	return tokens[i].kind == place && !tokens[i].han && behindClock(tokens, i)
}

// behindClock tells a place or a "z" that a clock time stands before: elsewhere a letter is rather a slip.
func behindClock(tokens []token, i int) bool {
	last := i - 1
	for last >= 0 && slices.Contains([]string{"in", ",", "("}, tokens[last].text) {
		last--
	}
	if last > 0 && behindHour[tokens[last].text] && (tokens[last-1].kind == number || tokens[last-1].kind == halfOfDay) {
		return true
	}
	if last > 1 && (tokens[last-2].text == "utc" || tokens[last-2].text == "gmt") { // "UTC+8 (Beijing)"
		return true
	}
	return last >= 0 && (endsClock(tokens, last) || tokens[last].text == "noon" || military(tokens, last))
}

// behindHour are the words behind the hour that may stand before a place.
var behindHour = map[string]bool{"sharp": true, "hours": true, "hrs": true, "h": true, "uhr": true, "o'clock": true, "oclock": true}

// basicFigures is HHMM or HHMMSS after the T of ISO 8601.
func basicFigures(tokens []token, i int) bool {
	return (tokens[i].figures(4, 4) || tokens[i].figures(6, 6)) && before(tokens, i).text == "t"
}

// loneYear is four figures that no sign or letter touches, but a comma or the full stop of a sentence.
func loneYear(tokens []token, i int) bool {
	if !tokens[i].figures(4, 4) || tokens[i].n < 1900 || tokens[i].n > 2999 || i > 0 && isAt(tokens[i-1]) {
		return false
	}
	return alone(before(tokens, i)) && alone(after(tokens, i)) && !eveningFigures(tokens, i)
}

// eveningFigures is "2200" where it is no year: before "hrs", behind a part of the day or a day in Chinese, beside a
// whole date, or beside a day that has a name, with neither a number nor a month if it is no year far off. "sunday 2030"
// may be either, though.
func eveningFigures(tokens []token, i int) bool {
	t := tokens[i]
	if t.n/100 > 23 || t.n%100 > 59 {
		return false
	}
	if i+1 < len(tokens) && tokens[i+1].kind == unitName && tokens[i+1].n == hourUnit {
		return true
	}
	if i > 0 && (tokens[i-1].kind == daypartName || endsChineseDay(tokens[i-1])) {
		return true
	}
	named, numbered := false, false
	for j, other := range tokens {
		switch {
		case j == i:
		case other.figures(8, 8), yearOfDate(tokens, j):
			return true
		case other.kind == weekdayName, other.kind == relativeDay:
			named = true
		case slices.Contains(numbering, other.kind):
			numbered = true
		}
	}
	return named && (!numbered || t.n >= 2100) && t.n/100 != 20
}

// endsChineseDay tells the last word of a day, or of a length of time, in Chinese, where a year stands in front.
func endsChineseDay(t token) bool {
	return dayEnds[t.text] || t.han && (t.kind == weekdayName || t.kind == relativeDay)
}

// numbering are the kinds of tokens beside which four figures may be a year.
var numbering = []kind{number, monthName, nearMonth, holiday, unitName}

// yearOfDate is four figures in a date like "2026-08-20" or "8/20/2026", or behind the month and the day in words.
func yearOfDate(tokens []token, i int) bool {
	if !tokens[i].figures(4, 4) || tokens[i].n < 1900 {
		return false
	}
	if datePoints[before(tokens, i).text] || datePoints[after(tokens, i).text] || after(tokens, i).text == "年" {
		return true
	}
	last := i - 1
	if last > 0 && tokens[last].text == "," {
		last--
	}
	return last > 0 && (tokens[last].kind == monthName || dayNumber(tokens, last) && tokens[last-1].kind == monthName)
}

// datePoints are the signs between the figures of a date.
var datePoints = map[string]bool{"-": true, "/": true, ".": true}

// alone tells that no neighbour makes something else of figures. In Chinese the day or its part touches them.
func alone(neighbour token) bool {
	switch neighbour.kind {
	case weekdayName, relativeDay, daypartName:
		return neighbour.han
	}
	return slices.Contains([]string{"", ",", "(", ")", "@"}, neighbour.text)
}

// dayEnds are the characters that end a day, behind which figures may begin a clock time.
var dayEnds = map[string]bool{"日": true, "号": true, "后": true, "之后": true, "以后": true}

// military is "0200" and "1430". What may be a year is a clock time only behind
// "at", or where no year can stand.
func military(tokens []token, i int) bool {
	t, last, next := tokens[i], before(tokens, i), after(tokens, i)
	afterMonth := last.kind == monthName && t.n/100 != 20 // "06DEC2200"
	if !t.figures(4, 4) || !alone(last) && !isAt(last) && !afterMonth && !dayEnds[last.text] || !alone(next) && !militaryEnds[next.text] {
		return false
	}
	return t.n < 1900 || afterMonth || i > 0 && isAt(tokens[i-1]) || militaryEnds[next.text] || eveningFigures(tokens, i)
}

// militaryEnds are the words that may touch four figures of a clock time.
var militaryEnds = map[string]bool{"z": true, "utc": true, "gmt": true, "升级": true}

// weekCharacter is what names a weekday behind 周.
func weekCharacter(tokens []token, i int) bool {
	t := tokens[i]
	return t.text == "日" || t.text == "天" || t.kind == number && t.han && t.n >= 1 && t.n <= 6
}

// wholeUnit is a unit of time. 天 takes no 个: "2个天后" lacks a word.
func wholeUnit(tokens []token, i int) bool {
	return tokens[i].kind == unitName && !(tokens[i].text == "天" && i > 0 && tokens[i-1].text == "个")
}

// firstFigures and lastFigures are those of a date, with nothing else before and behind.
func firstFigures(tokens []token, i int) bool {
	last := before(tokens, i)
	begins := alone(last) || leadsIn[last.text] && !tied(tokens, i)
	return tokens[i].figures(1, 2) && begins && !(i > 0 && isAt(tokens[i-1])) && !besideMonth(tokens, i)
}

// monthFigures are the first of "8.9周日", "8.9（日）" and "周日（8-9）", with the name of a weekday in Chinese before or behind the date.
func monthFigures(tokens []token, i int) bool {
	last, next := i-1, i+3
	if last > 0 && tokens[last].text == "(" {
		last--
	}
	if next+1 < len(tokens) && tokens[next].text == "(" {
		next++
	}
	isDay := func(i int) bool {
		if i < 0 || i >= len(tokens) {
			return false
		}
		return tokens[i].kind == weekdayName && tokens[i].han || before(tokens, i).text == "(" && weekCharacter(tokens, i)
	}
	return firstFigures(tokens, i) && tokens[i].n <= 12 && (isDay(last) || isDay(next))
}

// besideMonth tells the first of two figures with a month before or behind them, which are two days: "dec 6-7" and "6/7 dec".
func besideMonth(tokens []token, i int) bool {
	return i > 0 && tokens[i-1].kind == monthName || i+3 < len(tokens) && tokens[i+3].kind == monthName
}

// leadsIn are the signs and characters that may touch the first figures of a date: "时间：11.29", "请在11-29".
var leadsIn = map[string]bool{":": true, "在": true, "安排在": true, "定在": true, "于": true, "定于": true, "订于": true, "安排于": true}

func lastFigures(tokens []token, i int) bool {
	next := after(tokens, i)
	ends := next.text == "." && alone(after(tokens, i+1))
	return tokens[i].figures(1, 2) && (alone(next) || ends)
}

// count is how many of a unit: figures, a number word, or "a". "一二三四" is no count.
func count(tokens []token, i int) bool {
	t := tokens[i]
	if t.kind == number {
		year := t.han && t.digits == 4
		return !t.ordinal && !year && !tied(tokens, i)
	}
	return t.text == "a" || t.text == "an"
}

// countOfUnit is a count with its unit behind it.
func countOfUnit(tokens []token, i int) bool {
	unit := i + 1
	if unit+1 < len(tokens) && tokens[unit].text == "个" {
		unit++
	}
	return unit < len(tokens) && tokens[unit].kind == unitName && count(tokens, i)
}

// loneCount is the count of a length of time that is all there is. "14h" and "2200 hrs" are clock times, and more
// than three figures count nothing that is ahead but minutes.
func loneCount(tokens []token, i int) bool {
	if slices.ContainsFunc(tokens[:i], means) || !countOfUnit(tokens, i) || tokens[i].digits > 3 && tokens[i+1].n != minuteUnit {
		return false
	}
	last := len(tokens) - 1
	for !means(tokens[last]) {
		last--
	}
	unit := tokens[last]
	clock := unit.text == "h" && tokens[i].n < 24
	return unit.kind == unitName && last <= i+2 && !clock
}

// joinsUnits is "and" and its like, with more of a length of time behind it.
func joinsUnits(tokens []token, i int) bool {
	return i+1 < len(tokens) && joints[tokens[i].text] && (countOfUnit(tokens, i+1) || joinsUnits(tokens, i+1))
}

var joints = map[string]bool{"and": true, "&": true, ",": true, "零": true, "又": true}

// spokenMinute is the minutes of "两点三十" and "2点05", in two figures or more than ten, with nothing counted behind.
func spokenMinute(tokens []token, i int) bool {
	t := tokens[i]
	if t.kind != number || t.ordinal || t.digits != 2 && !(t.han && t.n > 10) {
		return false
	}
	if i+1 == len(tokens) {
		return true
	}
	next := tokens[i+1]
	return next.kind != unitName && !points[next.text] && !counting[next.text] && !punctuated(after(tokens, i))
}

// spokenTens is the minutes of "two thirty", in words. Behind figures, as in "aug 12 eleven am", it may be an hour.
func spokenTens(tokens []token, i int) bool {
	t := tokens[i]
	hour := i > 0 && tokens[i-1].digits > 0 && t.n <= 12
	return t.kind == number && t.digits == 0 && !t.ordinal && !t.han && t.n >= 10 && !hour
}

// loneOrdinal is the number of a day. Before a weekday it counts weekdays: "second sunday". "first" and
// the next two alone can be other things.
func loneOrdinal(tokens []token, i int) bool {
	return tokens[i].ordinal && (tokens[i].digits > 0 || tokens[i].n > 3) && (i+1 == len(tokens) || tokens[i+1].kind != weekdayName)
}

// dayNumber is the number of a day in a month. The figures of a clock time or of a date are none, nor is "两", which
// only counts. The full stop in "aug.9" only shortens the month, and the one in "aug 9. 2am" ends a sentence.
func dayNumber(tokens []token, i int) bool {
	t, last, next := tokens[i], before(tokens, i), after(tokens, i)
	shortened := last.text == "." && before(tokens, i-1).kind == monthName
	ended := next.text == "." && tokens[i+2].spaced
	return t.kind == number && t.digits <= 2 && t.text != "两" && (shortened || !tied(tokens, i)) && (ended || !punctuated(next)) && next.kind != halfOfDay
}

// loneHour is an hour with no sign on either side, no letters behind it or before, and no unit of time: "UTC8" and
// "after 36 hours" hold none.
func loneHour(tokens []token, i int) bool {
	last, next := before(tokens, i), after(tokens, i)
	choice := next.text == "," && after(tokens, i+1).kind == number // "3,4天后"
	if choice || i+1 < len(tokens) && tokens[i+1].kind == unitName {
		return false
	}
	return (last.kind == symbol || last.han || isAt(last)) && hourNumber(tokens, i) && !tokens[i].han && !punctuated(next) && next.kind == symbol
}

// hourNumber is the hour of a clock time.
func hourNumber(tokens []token, i int) bool {
	t := tokens[i]
	return t.kind == number && t.digits <= 2 && !t.ordinal && !tied(tokens, i)
}

// tied tells that the token before i ties it to other figures. The colon in "周六：22:00" and "时间：8月9日" does not.
func tied(tokens []token, i int) bool {
	last := before(tokens, i)
	heading := last.text == ":" && i > 1 && tokens[i-2].kind != number
	return punctuated(last) && !heading && !firstPlus(tokens, i-1)
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
