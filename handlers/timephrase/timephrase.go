// Package timephrase reads the times people type ("sunday 2am", "dec 1 02:00 UTC", "周日凌晨2点", "36小时后")
// and answers with one instant, or with an error that says what to type instead.
//
// The contract is that no answer is a guess. Every word of the phrase must belong to the time; a day
// and a clock time are both needed unless the phrase is a pure duration; and a phrase that two careful
// readers could take differently is an error of kind Ambiguous, with the instants it may mean.
//
// Parse is a pure function of its arguments: it reads no clock, no environment and not the machine's
// own time zone, and may be called from many goroutines at once.
//
// A phrase goes through five steps:
//
//	normalise.go, token.go, han.go    it becomes plain characters, then tokens that a vocabulary knows
//	form.go, grammar.go, engine.go    the ways to write a day, a clock time, … set a wall clock of olebedev/when
//	date.go, weekday.go, clock.go, …  each part sets its share of a wall clock that floats, stamped UTC
//	draft.go                          every word must be read, and each part be there once
//	resolve.go, wall.go               the wall time becomes an instant in the zone: none, one, or a question
//
// A language is a file of words and forms: english.go, chinese.go. What is written in figures, and all
// that comes after the words, is there once. A phrase is read by both languages. What there is to say of
// it are points (points.go), which others put into words.
package timephrase

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxRunes is the length above which a phrase is refused before anything is matched.
const maxRunes = 200

// Limits bounds how far ahead of now an instant may lie, in elapsed time. A zero bound is not checked.
// An instant exactly Min or Max ahead is allowed. A past instant is never allowed.
type Limits struct{ Min, Max time.Duration }

// Refuse is why Parse would not take a phrase for an instant, at the instant now; nil where it
// would. What it offers instead is in the zone of the instant.
func (l Limits) Refuse(at, now time.Time) *Error {
	now = now.Truncate(time.Second)
	switch ahead := at.Sub(now); {
	case ahead <= 0:
		return refuse(Past, "", Remark{Point: Passed, At: at})
	case ahead > farthest:
		return refuse(TooFar, "", Remark{Point: HundredYears})
	case ahead < l.Min:
		e := refuse(TooSoon, "", Remark{Point: TooEarly, At: at, Length: l.Min})
		e.Candidates = []Candidate{{Time: l.Earliest(now).In(at.Location()), Why: because(Earliest)}}
		return e
	case l.Max > 0 && ahead > l.Max:
		return refuse(TooFar, "", Remark{Point: TooFarAhead, At: at, Length: l.Max, Latest: now.Add(l.Max).In(at.Location())})
	}
	return nil
}

// Earliest is the first instant to offer: on a five-minute mark, and five minutes or more beyond
// the bound, because whoever chooses it, and whoever then approves it, takes time.
func (l Limits) Earliest(now time.Time) time.Time {
	const step = 5 * time.Minute
	return now.Add(l.Min + step).Truncate(step).Add(step)
}

// Reading is a phrase understood.
type Reading struct {
	Time    time.Time // the instant, in the zone the phrase was read in: the one it names, else the asker's
	Day     string    // the words that the day was read from, as typed; also those of an instant or a length of time
	Clock   string    // those of the time of day, "" for none
	Place   string    // those of the zone, "" for the asker's
	Since   Since     // from when the day is counted, "" where it is none that is
	Chinese bool      // the phrase is
}

// Since is from when a length of time is counted.
type Since string

// What is said of that.
const (
	SinceNow    Since = "now"    // "in 3 days", "三天后"
	SinceUnsaid Since = "unsaid" // "3 days", "a week later"
)

// asking is who types a phrase, and when.
type asking struct {
	now    time.Time
	zone   *time.Location
	limits Limits
}

// Parse reads a phrase typed at the instant now by a person whose clock shows the time in zone
// (nil means UTC). The error is always an *Error.
func Parse(phrase string, now time.Time, zone *time.Location, limits Limits) (Reading, error) {
	if zone == nil {
		zone = time.UTC
	}
	ask := asking{now: now.Truncate(time.Second), zone: zone, limits: limits}
	reading, refusal := ask.read(phrase)
	if refusal != nil {
		if refusal.Remark.Point == NoClock {
			refusal = ask.forClock(refusal)
		}
		refusal.Chinese = isChinese(phrase)
		return Reading{}, refusal
	}
	reading.Chinese = isChinese(phrase)
	return reading, nil
}

// isChinese tells a phrase with a Chinese character among its first.
func isChinese(phrase string) bool {
	seen := 0
	for _, r := range phrase {
		if isHan(r) {
			return true
		}
		if seen++; seen > maxRunes {
			break
		}
	}
	return false
}

func (a asking) read(typed string) (Reading, *Error) {
	if utf8.RuneCountInString(typed) > maxRunes {
		return Reading{}, refuse(Invalid, "", Remark{Point: TooLong, Number: maxRunes})
	}
	plain, refusal := normalise(typed)
	if refusal != nil {
		return Reading{}, refusal
	}
	if refusal := a.atOnce(plain); refusal != nil {
		return Reading{}, refusal
	}
	p := newPhrase(plain)
	if len(p.tokens) > mostTokens {
		return Reading{}, refuse(Invalid, "", Remark{Point: TooLong, Number: maxRunes})
	}
	drafts, refusal := a.drafts(p)
	if refusal != nil {
		if twice, ok := a.twice(p); ok {
			return twice, nil
		}
		return Reading{}, a.orClock(p, refusal)
	}
	at, refusal := a.resolve(drafts)
	if refusal != nil {
		refusal.Since = drafts[0].since
		return Reading{}, refusal
	}
	return p.reading(drafts[0], at), nil
}

// soonest are the phrases for the first time there is.
var soonest = []string{
	"now", "right now", "just now", "asap", "immediately", "at once", "as soon as possible",
	"现在", "马上", "立即", "立刻", "即刻", "尽快", "尽早",
}

// atOnce refuses such a phrase as too soon: it is never a time itself, because whoever types it wants
// another than the first that is allowed.
func (a asking) atOnce(plain letters) *Error {
	if !slices.Contains(soonest, strings.Trim(strings.ToLower(string(plain.plain)), " .!")) {
		return nil
	}
	return a.limits.Refuse(a.now.Add(time.Second).In(a.zone), a.now)
}

// forClock asks for a clock time with one for an example with which the day can be read. Of a day that has none
// such it says why, of its last minute: it has passed, or is too soon, or too far ahead.
func (a asking) forClock(question *Error) *Error {
	var refusal *Error
	for _, clock := range []string{"02:00", "14:30", "22:00", "23:59"} {
		if _, refusal = a.read(question.Remark.Words + " " + clock); refusal == nil {
			question.Remark.Others = clock
			return question
		}
	}
	if slices.Contains([]Kind{Past, TooSoon, TooFar}, refusal.Kind) {
		return refusal
	}
	return question
}

// mostSigns is how many signs a phrase may have between ways to say its time: what stands before each is read by itself, and
// nobody says it in so many.
const mostSigns = 3

// twice reads a phrase that says the time of day in two ways, "sunday 2am (02:00)" and "dec 5 3am CET / 9pm EST", or the
// day as well, "sunday 2am (9 aug 02:00)", where both come to one instant. The second may be of several zones: "2am EST / 12:30pm IST".
func (a asking) twice(p *phrase) (first Reading, ok bool) {
	sign, signs, end := token{}, 0, len(p.text)
	for i, t := range p.tokens[1:] {
		last := p.tokens[i]
		behindZone := endsClock(p.tokens, i) || last.kind == abbreviation || last.text == "utc" || last.text == "gmt"
		if t.text == "(" || (t.text == "/" || t.text == "=") && (t.spaced || behindZone || last.text == ")") || t.text == "," && behindZone {
			sign = t
			signs++
		}
	}
	if last := p.tokens[len(p.tokens)-1]; last.text == ")" {
		end = last.from
	}
	if signs == 0 || signs > mostSigns || end < sign.to {
		return Reading{}, false
	}
	first, refusal := a.read(p.text[:sign.from])
	if refusal != nil {
		return Reading{}, false
	}
	same := func(other Candidate) bool { return other.Time.Equal(first.Time) }
	dayBefore, dayAfter := first.Time.AddDate(0, 0, -1), first.Time.AddDate(0, 0, 1) // "2am SGT (6pm UTC)" is the evening before there
	for _, day := range []string{first.Day, "", dayBefore.Format(time.DateOnly), dayAfter.Format(time.DateOnly)} {
		second, refusal := a.read(day + " " + p.text[sign.to:end])
		severalZones := refusal != nil && refusal.Remark.Point == SeveralZones && slices.ContainsFunc(refusal.Candidates, same)
		if severalZones || refusal == nil && second.Clock != "" && same(Candidate{Time: second.Time}) {
			return first, first.Clock != ""
		}
	}
	return Reading{}, false
}

// orClock asks about a phrase that is no time when four figures in it are a year, and is one when they are
// a clock time: "20 aug 2200". This year and the next beside a date are no clock time.
func (a asking) orClock(p *phrase, refusal *Error) *Error {
	figures, ok := p.yearOrClock()
	noClock, tooFar := refusal.Remark.Point == NoClock, refusal.Remark.Point == HundredYears
	if !ok || noClock && figures.n >= a.now.Year() && figures.n <= a.now.Year()+1 {
		return refusal
	}
	reading, other := a.read(p.text[:figures.from] + figures.text[:2] + ":" + figures.text[2:] + p.text[figures.to:])
	question := doubtful(figures.text, IsItAClock)
	switch {
	case other == nil:
		question.Candidates = []Candidate{{Time: reading.Time}}
		return question
	case other.Kind == Ambiguous && other.Remark.Point != NoDay:
		question.Candidates = other.Candidates
		return question
	case tooFar:
		return other
	}
	return refusal
}

// yearOrClock is the four figures that were read as the year where there is no clock time, when they can be one.
func (p *phrase) yearOrClock() (figures token, ok bool) {
	for _, s := range p.spans {
		switch t := p.tokens[s.from]; s.part {
		case yearPart:
			figures, ok = t, s.to == s.from+1 && t.figures(4, 4) && t.clockFigures()
		case clockPart, hourPart:
			return token{}, false
		}
	}
	return figures, ok
}
