package messages

import (
	"strings"
	"time"

	"cbhbot/bot/mrkdwn"
)

// Saying is something to say: a text by its key, and the facts that go into it.
type Saying struct {
	key   Key
	facts []any // names and values in turn, or sources
}

// Say makes a Saying. Facts are pairs of a name and a value, and may begin with what
// knows facts by their names. See [Voice] for the values there can be.
func Say(key Key, facts ...any) Saying { return Saying{key, facts} }

// just is a fact that is said by itself.
func just(fact any) Saying { return Say(Verbatim, "fact", fact) }

// None reports whether there is nothing to say.
func (s Saying) None() bool { return s.key == "" }

// source knows facts by their names; nil for those it does not know.
type source interface{ fact(name string) any }

// fact finds a value by its name.
func (s Saying) fact(name string) any {
	for i := 0; i < len(s.facts); i++ {
		switch f := s.facts[i].(type) {
		case source:
			if value := f.fact(name); value != nil {
				return value
			}
		case string:
			if f == name && i+1 < len(s.facts) {
				return s.facts[i+1]
			}
			i++
		}
	}
	return unknown(name)
}

// unknown is a fact that nobody gave; it is shown as it stands in the text.
type unknown string

// filling is a Saying in a voice.
type filling struct {
	voice Voice
	said  Saying
}

func (f filling) Text(name string) mrkdwn.Text { return f.voice.text(f.fact(name)) }
func (f filling) Plain(name string) string     { return f.voice.plain(f.fact(name)) }

// fact is one of the Saying, or the day of an example of a time: by its name, "sunday", or as a date, "2026-11-29".
func (f filling) fact(name string) any {
	switch name {
	case "anyday":
		return strings.ToLower(f.voice.Language.weekdays[f.voice.exampleDay().Weekday()])
	case "anydate":
		return f.voice.exampleDay().Format(time.DateOnly)
	}
	return f.said.fact(name)
}

func (f filling) Has(name string) bool {
	fact := f.fact(name)
	_, missing := fact.(unknown)
	return !missing && f.voice.plain(fact) != ""
}

func (f filling) Form(name string) int {
	n, _ := f.fact(name).(int)
	return f.voice.Language.form(n)
}
