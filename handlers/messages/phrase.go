package messages

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cbhbot/handlers/timephrase"
)

// This file says how a phrase for a time was read, or why it was not.

// HowRead says how each part of a phrase was read: "sunday → Sun 29 Nov; 2am → 02:00;
// zone: yours, Asia/Shanghai".
func HowRead(r timephrase.Reading) Saying {
	key := ReadPartsIn
	switch {
	case r.Clock == "":
		key = ReadInstant
	case r.Place == "":
		key = ReadParts
	}
	return Say(key, "daywords", r.Day, "day", dayOf(r.Time), "clockwords", r.Clock, "clock", clockOf(r.Time),
		"zonewords", r.Place, "zone", r.Time.Location().String())
}

// ReadTime is the time that a phrase was read as, in the zone that it was read in.
func ReadTime(r timephrase.Reading) Saying { return just(there(r.Time)) }

// PhraseFault says why a phrase was not taken.
func PhraseFault(e *timephrase.Error) Saying {
	all := sentences{Say(pointKey(e.Remark.Point), remark(e.Remark)...)}
	switch {
	case e.Kind == timephrase.Ambiguous && len(e.Candidates) == 1:
		all = append(all, Say(ThisOne))
	case e.Kind == timephrase.Ambiguous && len(e.Candidates) > 1:
		all = append(all, Say(WhichOne))
	case slices.Contains(shapeless, e.Remark.Point), e.Remark.Point == timephrase.NoClock && e.Remark.Others == "":
		all = append(all, meant(e.Remark))
	}
	return Together(all...)
}

// meant is what to type instead of words that are not read: the words of a time that are
// nearly these, if any are.
func meant(r timephrase.Remark) Saying {
	if r.Point != timephrase.NotATime {
		return Say(TypeATime)
	}
	var near []string
	for typed := range strings.FieldsFuncSeq(r.Words, notLetter) {
		if names := nearNames(typed); len(names) > 0 {
			near = append(near, strings.Join(names, "/"))
		}
	}
	if len(near) == 0 {
		return Say(TypeATime)
	}
	return Say(MeantWords, "meant", strings.Join(near, " "))
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// mostSpellings is how many ways to spell a phrase are worth a look.
const mostSpellings = 8

// Respelt is a phrase with the words of a time in place of those that are nearly these among
// what was not read of it, once for each way to spell them; none where there are none.
func Respelt(phrase string, e *timephrase.Error) []string {
	respelt := []string{phrase}
	if e.Remark.Point == timephrase.NotATime {
		for typed := range strings.FieldsFuncSeq(e.Part, notLetter) {
			var next []string
			for _, name := range nearNames(typed) {
				for _, before := range respelt {
					next = append(next, strings.Replace(before, typed, name, 1))
				}
			}
			if len(next) > 0 && len(next) <= mostSpellings {
				respelt = next
			}
		}
	}
	return slices.DeleteFunc(respelt, func(r string) bool { return r == phrase })
}

// nearNames are the names of days and the like that a word nearly is. It may be more wrong where it begins alike, and
// less than a command: a phrase has words that are no misspelt names.
func nearNames(typed string) []string {
	typed = strings.ToLower(typed)
	if timephrase.Knows(typed) {
		return nil
	}
	return nearestTo(typed, timephrase.Names, func(name string) int {
		alike := name[0] == typed[0]
		switch {
		case len(name) == 5 && !alike: // "right" is no "night"
			return 0
		case utf8.RuneCountInString(name) < 6 || !alike:
			return 1
		}
		return 2
	})
}

// shapeless are the points about what does not look like a time, or is none that there is.
var shapeless = []timephrase.Point{
	timephrase.NoTime, timephrase.TooLong, timephrase.NotATime, timephrase.DayOrClock, timephrase.NoDayOrClock,
	timephrase.NotTogether, timephrase.HundredYears, timephrase.Passed, timephrase.NoSuchDay, timephrase.ShortMonth,
	timephrase.NotInMonth, timephrase.NotOneDay, timephrase.SeveralNumbers,
}

// WhyThen says why a phrase may mean an instant; nothing where that is plain.
func WhyThen(c timephrase.Candidate) Saying {
	if len(c.Why) == 0 {
		return Saying{}
	}
	return just(commas(each(c.Why, func(why timephrase.Remark) any { return Say(pointKey(why.Point), remark(why)...) })))
}

// OfferPhrase offers the instants that a phrase may mean, as far as there is room.
func (a *Answer) OfferPhrase(e *timephrase.Error, draft Draft) {
	for _, c := range e.Candidates[:min(len(e.Candidates), mostOffered)] {
		a.OfferTime(c.Time, WhyThen(c), draft)
	}
}

// mostOffered is how many instants there are to choose from.
const mostOffered = 5

// Typed is the language of a phrase, where it says more of its writer than Slack does;
// else nil.
func Typed(chinese bool) *Language {
	if chinese {
		return ByTag("zh-CN")
	}
	return nil
}

// remark are the facts about a point.
func remark(r timephrase.Remark) []any {
	return []any{
		"words", quoted(r.Words), "others", quoted(r.Others), "n", r.Number, "weekday", r.Weekday,
		"day", dayOf(r.At), "otherday", dayOf(r.Latest), "month", monthOf(r.At), "moment", there(r.At), "wall", wall(r.At),
		"length", ample(r.Length), "zone", r.Zone.String(),
	}
}

// Times in the zone that they were read in.
type (
	dayOf   time.Time // "Sun 29 Nov", with its year where that is not the present one
	monthOf time.Time // "November 2026"
	there   time.Time // "Sun 29 Nov 2026 02:00 Asia/Shanghai"
	wall    time.Time // the same without its zone
)

// quoted are words of a phrase, in which what cannot be seen is spelled out.
func quoted(words string) string {
	spelled := strconv.Quote(words)
	return spelled[1 : len(spelled)-1]
}

// clockOf is a time of day, with seconds where there are some.
func clockOf(t time.Time) string {
	if t.Second() != 0 || t.Nanosecond() != 0 {
		return t.Format("15:04:05.999999999")
	}
	return t.Format("15:04")
}
