package timephrase

import (
	"slices"
	"strings"
	"time"

	"github.com/olebedev/when/rules"
)

// draft is what the parts of a phrase say, counted from one day. The first reading of the day and of the
// clock time is set on when's wall clock; the others are kept as what must be added to it.
type draft struct {
	asking
	han      bool      // the phrase holds Chinese
	today    time.Time // the start of the day it is for the asker, floating
	sinceDay time.Duration
	wall     *rules.Context
	text     [parts]string // the words of each part that was found

	year     int
	yearUsed bool // the day is one that each year has
	eve      bool // it is called by its night
	days     []reading
	again    nextDay       // when a day has passed; nil for none
	first    nextDay       // the same for the first reading of the day, where it differs
	monthly  int           // the number of the day in each month, 0 for none
	weekly   bool          // the same clock time a week later would do too
	weekday  *time.Weekday // what the date must fall on; nil for any
	beside   []besideDay   // what the date must be, too
	weeks    *int          // how many weeks ahead a weekday is, where nothing has taken it
	calendar bool          // the day was given as an ISO date
	figures  bool          // the day was given as figures that may be a clock time
	dotted   bool          // it was given in full with points
	near     bool          // the day was counted from today
	clock    clock
	clocks   []reading
	halved   bool // each may be an hour earlier, too
	daypart  *daypart
	ahead    *length
	since    Since // from when the day is counted
	instant  time.Time
	offset   *zone
	sign     token // that of the offset, where no "UTC" stands before it
	named    []zone

	question    Remark // why the person must be asked, even when one reading is left; none for no doubt
	dayQuestion Remark // the same about the day, which a weekday beside it may settle

	result time.Time // the wall clock of the first reading, floating
}

// nextDay is the next day of the same name as a past one.
type nextDay func(past time.Time) (time.Time, *Error)

// reading is one way to take a part: what to add to the first way, and why.
type reading struct {
	shift time.Duration
	why   []Remark
}

// drafts reads the phrase with the day it is in the asker's zone. When the phrase names a zone in which
// it is another day, it is read with that day too: words like "tomorrow" may mean either.
func (a asking) drafts(p *phrase) ([]*draft, *Error) {
	if year := a.now.Year(); year < 1970 || year > 2200 {
		return nil, refuse(Invalid, "", Remark{Point: BadNow, Number: year})
	}
	first, refusal := a.draft(p, a.now.In(a.zone))
	if refusal != nil {
		return nil, refusal
	}
	drafts := []*draft{first}
	for _, z := range first.zones() {
		if there := a.now.In(z.location); !midnight(floating(there)).Equal(first.today) {
			second, refusal := a.draft(p, there)
			if refusal != nil {
				return nil, refusal
			}
			return append(drafts, second), nil
		}
	}
	return drafts, nil
}

func (a asking) draft(p *phrase, now time.Time) (*draft, *Error) {
	here := floating(now)
	d := &draft{asking: a, han: p.han, today: midnight(here), sinceDay: here.Sub(midnight(here))}
	var refusal *Error
	if d.result, refusal = p.run(d); refusal != nil {
		return nil, p.cause(refusal)
	}
	for _, check := range []func() *Error{p.unread, d.missing, d.settleClock, d.settleEve, d.settleHalf, d.settleDash} {
		if refusal := check(); refusal != nil {
			return nil, refusal
		}
	}
	d.askNeighbours(p)
	if p.doubted() {
		d.ask(Remark{Point: Doubted})
	}
	return d, nil
}

// cause is the word that nobody knows in place of one that is left over beside it, or is no clock time: in "dcember 5 2am",
// not the 5, and in "in 36 huors" not the 36.
func (p *phrase) cause(refusal *Error) *Error {
	if refusal.Remark.Point != NotATime && refusal.Remark.Point != NoSuchClock {
		return refusal
	}
	owner := p.owners()
	unknown := func(t token) bool { return t.kind == word && !vocabulary().knows(t.text) }
	for from := range p.tokens {
		if to := unowned(owner, from); slices.ContainsFunc(p.tokens[from:to], unknown) && !p.filler(from) {
			return p.stray(from, owner)
		}
	}
	return refusal
}

func (d *draft) has(part int) bool { return d.text[part] != "" }

// setDay sets the day on the wall clock: the first of the readings, the others being ways to take it too.
func (d *draft) setDay(day time.Time, others ...reading) *Error {
	if day.Sub(d.today).Abs() > horizon {
		return refuse(TooFar, "", Remark{Point: HundredYears})
	}
	d.wall.Duration = day.Sub(d.today)
	d.days = append([]reading{{}}, others...)
	return nil
}

// Nothing is read that lies farthest ahead or more: it is a slip of the finger. The arithmetic on days is
// done up to the horizon, which leaves room for months, weekdays and zones.
const (
	farthest = 100 * 365 * day
	horizon  = farthest + 366*day
)

// unread refuses a phrase with words that belong to no part of the time, or to two.
func (p *phrase) unread() *Error {
	owner := p.owners()
	for i, parts := range owner {
		switch {
		case parts > 1:
			return doubtful(p.tokens[i].text, DayOrClock)
		case parts == 0 && !p.filler(i):
			return p.stray(i, owner)
		}
	}
	return nil
}

// owners is to how many parts each token belongs.
func (p *phrase) owners() []int {
	owner := make([]int, len(p.tokens))
	for _, s := range p.spans {
		for i := s.from; i < s.to; i++ {
			owner[i]++
		}
	}
	return owner
}

// unowned is the end of the tokens from one on that belong to no part.
func unowned(owner []int, from int) int {
	for from < len(owner) && owner[from] == 0 {
		from++
	}
	return from
}

// takers are the words that a length of time stands behind: "for 3 days" and "we need 3 days".
var takers = []string{"for", "need", "want", "maintenance", "window"}

// isForLength tells a length of time behind a taker, which may be how long or from when: "schedule it for 36 hours from now".
func (p *phrase) isForLength(s span) bool {
	return s.part == durationPart && s.from > 0 && slices.Contains(takers, p.tokens[s.from-1].text) && countOfUnit(p.tokens, s.from)
}

// askNeighbours asks about words that may go with the day before them: "周一二十点" may be at ten on Monday and
// Tuesday, and "周六晚上10点三天后" and "saturday 3 days later" three days behind that Saturday.
func (d *draft) askNeighbours(p *phrase) {
	if slices.ContainsFunc(p.spans, p.isForLength) {
		d.ask(Remark{Point: HowLongOrWhen, Words: d.text[durationPart]})
	}
	for _, day := range p.spans {
		if day.part != weekdayPart && day.part != datePart || day.to == len(p.tokens) {
			continue
		}
		last, next := p.tokens[day.to-1], p.tokens[day.to]
		if !d.has(datePart) && strings.HasSuffix(last.text, "一") && strings.HasPrefix(next.text, "二十") && !next.spaced {
			d.ask(Remark{Point: DayOrClock, Words: next.text})
		}
		if p.tellsLength(day.to) {
			d.ask(Remark{Point: HowLongOrWhen, Words: d.text[durationPart]})
		}
	}
}

// tellsLength tells a length of time somewhere behind a token, that may not be counted from now. A comma or a bracket
// before it parts the two.
func (p *phrase) tellsLength(from int) bool {
	return slices.ContainsFunc(p.spans, func(s span) bool {
		if s.part != durationPart || s.from < from {
			return false
		}
		before := p.tokens[s.from-1].text
		chinese := p.han && p.tokens[s.from].text != "in" && before != "," && before != "("
		return chinese || p.tokens[s.to-1].text == "later"
	})
}

// stray quotes the run of unread words that begins at a token. "三四" among them may be three or four.
func (p *phrase) stray(from int, owner []int) *Error {
	to := unowned(owner, from)
	if several := slices.IndexFunc(p.tokens[from:to], func(t token) bool { return t.kind == roughly }); several >= 0 {
		return doubtful(p.tokens[from+several].text, SeveralNumbers)
	}
	for to > from+1 && slices.Contains([]string{",", "at", "on"}, p.tokens[to-1].text) {
		to--
	}
	vague := p.vagueDay(from, to)
	if from > 0 && p.tokens[from-1].text == "(" {
		from--
	}
	left, right := p.bytes(from, to)
	words := strings.TrimSpace(p.text[left:right])
	switch {
	case vague:
		return refuse(Ambiguous, words, Remark{Point: NoDay})
	case from > 0 && to-from == 2 && p.tokens[from+1].text == "time" && p.has(clockPart): // "2am server time"
		return invalid(words, NoSuchZone)
	}
	return unreadable(words)
}

// vagueDay tells that the tokens [from, to) are more days than one where the phrase names no other: "end of august".
func (p *phrase) vagueDay(from, to int) bool {
	days := false
	for i := from; i < to; i++ {
		t := p.tokens[i]
		several, known := vague[t.text]
		several = several || t.kind == monthName || t.kind == nearMonth || t.kind == unitName && t.n >= weekUnit
		ofMonth := t.kind == number && i+1 < to && strings.HasPrefix(p.tokens[i+1].text, "月")
		if !several && !known && !ofMonth {
			return false
		}
		days = days || several
	}
	return days && !slices.ContainsFunc(p.spans, func(s span) bool {
		return s.part < clockPart && s.part != offsetPart && s.part != zonePart && s.part != yearPart
	})
}

// filler tells words without a meaning of their own. A sign that ends a sentence is one at its end, "at"
// anywhere else, a colon in Chinese where it is in no clock time, and a bracket where there is its like. What parts a
// day from a clock time is one, too.
func (p *phrase) filler(i int) bool {
	last := i == len(p.tokens)-1
	switch text := p.tokens[i].text; text {
	case ".", "!", "?", "…":
		return i > 0 && p.fill(i+1, len(p.tokens)) || text == "." && p.parting(i)
	case "dot": // "2am on the dot"
		return i > 1 && p.tokens[i-1].text == "the" && p.tokens[i-2].text == "on"
	case "the": // "the sun" is no day
		return !last && p.tokens[i+1].text != "sun"
	case "at", "on", "@": // "in 3 days at, please" lacks an hour
		return !p.fill(i+1, len(p.tokens)) && !p.closes(i+1)
	case "于":
		return !last && !p.comparing(i)
	case "for":
		return p.closes(i) || !last && !p.takes(i) && (p.opens(i) || p.fill(0, i))
	case "early": // "36 hours early" is before something, and "2am early" may be
		return !p.fill(i+1, len(p.tokens)) && !p.has(durationPart)
	case "late": // in "late sunday night"
		lateInDay := func(t token) bool { return t.kind == daypartName && (t.n == evening || t.n == night) }
		return lateBeforeDay(p.tokens, i) && slices.ContainsFunc(p.tokens, lateInDay)
	case "升级": // "16号" behind it may be the number of a machine, and before it the one of a day
		return p.fill(0, i) || p.fill(i+1, len(p.tokens)) || p.closes(i+1)
	case "当天", "那天": // "周日当天", and not "审批当天"
		return slices.ContainsFunc(p.spans, func(s span) bool { return s.to == i && s.part >= yearPart && s.part <= weekdayPart })
	case "在":
		return !last && !p.comparing(i) && (p.fill(0, i) || i+2 >= len(p.tokens) || p.tokens[i+2].text != "号")
	case "时间", "time", "日期", "date", "when": // "时间：周六晚上10点", "Date: 9 Aug, time: 10pm"
		begins := slices.ContainsFunc(p.spans, func(s span) bool { return s.from == i+2 })
		return !last && p.tokens[i+1].text == ":" && (p.fill(0, i) || begins) || p.opens(i)
	case ":", ";":
		heading := i > 0 && (slices.Contains([]string{"time", "date", "when"}, p.tokens[i-1].text) || text == ":" && p.opens(i-1))
		return p.han && i > 0 && !last && p.tokens[i-1].kind != number || heading || p.parting(i)
	case "-", "–", "—": // "- 36h" is rather 36 hours earlier
		return p.parting(i) || i == 0 && !last && p.tokens[1].spaced && !p.has(durationPart)
	case "(", ")":
		return p.count("(") == p.count(")")
	default:
		picture := slices.Contains(pictures, text) && (p.fill(0, i) || p.fill(i+1, len(p.tokens)))
		return picture || slices.Contains(fillers, text) || p.opens(i) && !p.takes(i) || p.closes(i)
	}
}

// takes tells a taker with how long behind it: "for a week on sunday" and "for 3 days from sunday".
func (p *phrase) takes(i int) bool {
	return slices.Contains(takers, p.tokens[i].text) && countOfUnit(p.tokens, i+1) && !slices.ContainsFunc(p.spans, p.isForLength)
}

// has tells that a part was found.
func (p *phrase) has(part int) bool {
	return slices.ContainsFunc(p.spans, func(s span) bool { return s.part == part })
}

// comparing tells the second character of "早于", "晚于" and "早在", which are bounds, and of "正在", which is under way.
func (p *phrase) comparing(i int) bool {
	return i > 0 && slices.Contains([]string{"早", "晚", "正"}, p.tokens[i-1].text)
}

// opens tells a word of an opening. "make it 2 days later" is not counted from now, and in "we sat at 2am" there is no day.
func (p *phrase) opens(i int) bool {
	first, weekday := len(p.tokens), false
	for _, s := range p.spans {
		first, weekday = min(first, s.from), weekday || s.part == weekdayPart
		if s.part == durationPart && p.tokens[s.to-1].text == "later" {
			return false
		}
	}
	if i >= first {
		return false
	}
	opening := p.meaning(0, first)
	request, asked := p.request()
	opening = strings.TrimPrefix(opening, request+" ")
	return !slices.Contains([]string{"for", "i", "we"}, opening) && consists(opening, openings) || asked && opening == request || opening == "do" && (asked || weekday) // before a date it is Thursday in German
}

// consists tells words that are made of some, one after another.
func consists(words string, of []string) bool {
	return slices.ContainsFunc(of, func(some string) bool {
		rest, more := strings.CutPrefix(words, some+" ")
		return words == some || more && consists(rest, of)
	})
}

// request is the words that the phrase begins with when it is put as a question: "can we do sunday 2am?"
func (p *phrase) request() (words string, found bool) {
	i := slices.IndexFunc(requests, func(r string) bool { return strings.HasPrefix(p.meaning(0, len(p.tokens)), r+" ") })
	if i < 0 {
		return "", false
	}
	return requests[i], true
}

// doubted tells a question at the end that is not put as a request: "sunday 2am?" may be meant as one.
func (p *phrase) doubted() bool {
	i := slices.IndexFunc(p.tokens, func(t token) bool { return t.text == "?" || t.text == "吗" })
	_, asked := p.request()
	return i > 0 && !asked && !slices.Contains(closings, p.tokens[i-1].text)
}

// closes tells a word of a closing.
func (p *phrase) closes(i int) bool {
	last := 0
	for _, s := range p.spans {
		last = max(last, s.to)
	}
	words := p.meaning(last, len(p.tokens))
	return i >= last && (words == "吗" || words == "好 了" || consists(words, closings)) // "好了吗" and "做好了" are about what is done
}

// slight are words and signs that mean nothing beside an opening or a closing.
var slight = []string{"at", "on", "the", ":", "(", ")"}

// meaning is the words from a token to another that are no fillers.
func (p *phrase) meaning(from, to int) string {
	var words []string
	for _, t := range p.tokens[from:to] {
		if means(t) && !slices.Contains(slight, t.text) {
			words = append(words, t.text)
		}
	}
	return strings.Join(words, " ")
}

func (p *phrase) count(text string) (n int) {
	for _, t := range p.tokens {
		if t.text == text {
			n++
		}
	}
	return n
}

// parting tells a sign between a day and a clock time, apart from both or from the latter: "aug 20 - 10pm", and "aug 20. 10pm"
// from a telephone, which makes a full stop of two spaces. Chinese writes ranges that way but before a part of the day, and
// "aug 20 - 22 noon" and "20.08 - 22:00" are some.
func (p *phrase) parting(i int) bool {
	tokens, text := p.tokens, p.tokens[i].text
	stop := strings.Contains(":;.", text)
	apart := i > 0 && i+1 < len(tokens) && tokens[i+1].spaced && (stop && tokens[i-1].text != "." || !stop && tokens[i].spaced)
	if p.unsure || !apart || p.han && tokens[i+1].kind != daypartName {
		return false
	}
	next := after(tokens, i+1).text
	days := next == "." && p.maybeMonth(i+3) || next == "" && text != "." && tokens[i-1].kind == number && tokens[i+1].kind == number
	behindDay := func(s span) bool {
		return s.to == i && (s.part >= yearPart && s.part <= weekdayPart || stop && s.part == daypartPart)
	}
	beforeClock := func(s span) bool { return s.from == i+1 && (s.part == clockPart || p.han && s.part == daypartPart) }
	return !days && slices.ContainsFunc(p.spans, behindDay) && slices.ContainsFunc(p.spans, beforeClock)
}

// maybeMonth tells figures that may be the month of "9.12", and not the minutes of "9.12 pm".
func (p *phrase) maybeMonth(i int) bool {
	return i < len(p.tokens) && p.tokens[i].n >= 1 && p.tokens[i].n <= 12 && (i+1 == len(p.tokens) || p.tokens[i+1].kind != halfOfDay)
}

// fill tells that the tokens [from, to) have no meaning.
func (p *phrase) fill(from, to int) bool {
	return !slices.ContainsFunc(p.tokens[from:to], means)
}

// ends are the signs that end a sentence.
var ends = []string{".", "!", "?", "…"}

func means(t token) bool {
	return !slices.Contains(fillers, t.text) && !slices.Contains(ends, t.text) && !slices.Contains(pictures, t.text)
}

// missing refuses a phrase in which a part of the time is not there, or is there in two ways.
func (d *draft) missing() *Error {
	dated := d.has(datePart) || d.has(weekdayPart)
	clocked := d.clocks != nil
	switch {
	case d.year != 0 && !d.yearUsed && dated && !clocked: // "sunday 2030"
		return doubtful(d.text[yearPart], IsItAClock)
	case d.year != 0 && !d.yearUsed:
		return unreadable(d.text[yearPart])
	case d.since == SinceUnsaid && d.ahead == nil && d.has(weekdayPart): // "周日次日" is a Monday
		return unreadable(d.text[datePart])
	case d.weeks != nil:
		return unreadable(d.text[besidePart])
	case d.has(instantPart):
		return d.alone(instantPart)
	case d.ahead != nil && !dated && !clocked && d.daypart == nil && !strings.HasSuffix(strings.ToLower(d.text[durationPart]), "today"):
		return d.aloneWithZone(durationPart)
	case d.ahead != nil && d.ahead.elapsed == 0 && !clocked: // "in 2 weeks on sunday", "2 weeks today"
		return lacking(NoClock, d.text[durationPart])
	case d.ahead != nil:
		return d.fixed(dated)
	case !dated && !clocked:
		return refuse(Invalid, "", Remark{Point: NoDayOrClock})
	case !clocked:
		return lacking(NoClock, d.dayWords())
	case !dated:
		return d.anyDay()
	}
	return nil
}

// dayWords are those of the day. "明" in "明晚" is short for "明天".
func (d *draft) dayWords() string {
	switch words := d.text[datePart]; words {
	case "今", "明", "后":
		return words + "天"
	case "":
		return d.text[weekdayPart]
	default:
		return words
	}
}

// alone refuses any other part beside the given one.
func (d *draft) alone(part int) *Error {
	for other, text := range d.text {
		if other != part && text != "" {
			return unreadable(text)
		}
	}
	return nil
}

// aloneWithZone refuses a zone beside a pure duration, where it has no meaning that all would agree on.
func (d *draft) aloneWithZone(part int) *Error {
	if d.has(offsetPart) || d.has(zonePart) {
		return lacking(NoZoneNeeded, d.text[part])
	}
	return d.alone(part)
}

// fixed checks a duration with a clock time: it must come to a day, and be the one that is named beside it.
func (d *draft) fixed(dated bool) *Error {
	switch {
	case d.ahead.elapsed != 0 && dated:
		return unreadable(d.text[durationPart])
	case d.ahead.elapsed != 0:
		return lacking(HoursAndClock, d.text[durationPart])
	case d.has(datePart): // "in 3 days (dec 6)"
		there, _ := d.ahead.from(d.today)
		d.beside = append(d.beside, besideDay{d.text[durationPart], []time.Time{there}})
	case dated:
		d.aroundWeekday()
	}
	return nil
}

// aroundWeekday asks about "in 2 weeks on sunday": the Sunday before that day, or the one after. Where that
// day is a Sunday, it is that one.
func (d *draft) aroundWeekday() {
	there, _ := d.ahead.from(d.today)
	after := there.AddDate(0, 0, until(there, d.result.Weekday()))
	d.again = nil
	if after.Equal(there) && (d.weekly || d.dayQuestion.Point == TodaysName) {
		d.days, d.dayQuestion = []reading{{}}, Remark{}
		d.result = there.Add(d.result.Sub(midnight(d.result)))
		return
	}
	d.result = after.AddDate(0, 0, -7).Add(d.result.Sub(midnight(d.result)))
	d.days = []reading{{why: because(BeforeThatDay)}, {7 * day, because(AfterThatDay)}}
	d.ask(Remark{Point: NotOneDay, Words: d.text[durationPart], Others: d.text[weekdayPart]})
}

// anyDay asks which day a clock time is meant for.
func (d *draft) anyDay() *Error {
	d.days = []reading{{why: because(Today)}, {day, because(Tomorrow)}, {2 * day, because(DayAfterTomorrow)}}
	d.ask(Remark{Point: NoDay})
	return nil
}

// ask notes why the person must be asked. The first reason is the one that is told.
func (d *draft) ask(why Remark) {
	if d.question == (Remark{}) {
		d.question = why
	}
}

// askDay notes the same about the day.
func (d *draft) askDay(why Remark) { d.dayQuestion = why }
