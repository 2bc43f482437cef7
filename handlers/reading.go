package handlers

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"cbhbot/approvals/engine"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// This file holds how a time is read that somebody types, and asked back where it can mean several or none.

// heard is a phrase and how it was read; nothing when a button was pressed.
type heard struct {
	phrase string
	read   timephrase.Reading
}

// answer says how each part of the phrase was read, too, so that a misreading is seen
// before anybody approves. Whoever types Chinese is answered in Chinese.
func (t heard) answer(text messages.Saying) *messages.Answer {
	if t.phrase == "" {
		return messages.Tell(text)
	}
	answer := messages.Tell(text, messages.Say(messages.ReadAs, "how", messages.HowRead(t.read)))
	answer.Language = messages.Typed(t.read.Chinese)
	return answer
}

// time reads a phrase in the person's zone. What cannot be read for sure comes
// back as a question with the possible times as buttons.
func (h *Handlers) time(ctx context.Context, a actor, phrase string, draft messages.Draft) (timephrase.Reading, error) {
	if h.Engine.Trusted("", engine.JudgeSkew) != nil { // "tomorrow" may be another day
		return timephrase.Reading{}, messages.Refuse(messages.ClocksDiffer)
	}
	zone, err := h.zone(ctx, a)
	if err != nil {
		return timephrase.Reading{}, err
	}
	reach := h.reach(h.anyNotice())
	if zone == messages.Nowhere && needsZone(phrase, a.at, reach) {
		return timephrase.Reading{}, messages.Refuse(messages.ZoneUnknown)
	}
	reading, unread := parse(phrase, a.at, zone, reach)
	if unread == nil {
		return reading, nil
	}
	unread.Candidates = append(unread.Candidates, respelt(phrase, unread, a.at, zone, reach)...)
	q := askTime(unread, draft)
	when, words := cutUnread(phrase, unread)
	_, fault := parse(when, a.at, zone, reach)
	begin := span.ReplaceAllString(phrase, "$1$2")
	switch {
	case begin != phrase && tellsTime(begin, a.at):
		q.Text = append(q.Text, messages.Say(messages.BeginsOnce, "typed", messages.Code(begin)))
	case words == "" || !tellsTime(when, a.at):
	case tellsTime(until.ReplaceAllString(words, ""), a.at):
		q.Text = append(q.Text, messages.Say(messages.BeginsOnce, "typed", messages.Code(when)))
	case fault == nil && draft.Verb == "upgrade" && draft.Reason == "" && !h.names(ctx, words):
		q.Text = append(q.Text, messages.Say(messages.ReasonBehind, "words", messages.Code(words), "typed", messages.Code(when+" -- "+words)))
	}
	return reading, q
}

// needsZone reports whether a phrase means other times in other zones.
func needsZone(phrase string, now time.Time, reach timephrase.Limits) bool {
	here := meanings(phrase, now, time.UTC, reach)
	there := meanings(phrase, now, time.FixedZone("", 11*60*60), reach)
	return !slices.EqualFunc(here, there, func(one, other timephrase.Candidate) bool { return one.Time.Equal(other.Time) })
}

// respelt is the times that a phrase can mean when what is not read of it is misspelt.
func respelt(phrase string, unread *timephrase.Error, now time.Time, zone *time.Location, reach timephrase.Limits) (all []timephrase.Candidate) {
	for _, right := range messages.Respelt(phrase, unread) {
		all = append(all, meanings(right, now, zone, reach)...)
	}
	return all
}

// meanings is the times that a phrase can mean.
func meanings(phrase string, now time.Time, zone *time.Location, reach timephrase.Limits) []timephrase.Candidate {
	switch reading, question := parse(phrase, now, zone, reach); {
	case question == nil:
		return []timephrase.Candidate{{Time: reading.Time}}
	case question.Kind == timephrase.Ambiguous:
		return question.Candidates
	}
	return nil
}

// parse is timephrase.Parse, whose error is always one of its own.
func parse(phrase string, now time.Time, zone *time.Location, reach timephrase.Limits) (timephrase.Reading, *timephrase.Error) {
	read, err := timephrase.Parse(phrase, now, zone, reach)
	unread, _ := errors.AsType[*timephrase.Error](err)
	return read, unread
}

// anywhen is no limit to where a time lies.
var anywhen timephrase.Limits

// span is a span of time with its end, of which the beginning alone is to be typed.
var span = regexp.MustCompile(`(?i)\b(?:between|from)\s+(.+?)\s+(?:and|to|till?|until)\s+\d\S*(?:\s+[ap]m)?|[从從](.+?)[到至].+`)

// until is what stands before the end of a span of time.
var until = regexp.MustCompile(`(?i)^(?:to|till?|until|and|or|[~～至到])\s*`)

// withDash takes what stands behind a dash for a part of the time where it is one: in "sunday 2am – 4am" and
// "sunday 2am – UTC" it is no reason.
func withDash(c messages.Draft, now time.Time) messages.Draft {
	when, reason := cutReason(c.Reason)
	end := afternoon.FindString(c.Reason)
	switch {
	case tellsTime(when, now):
		c.Phrase, c.Reason = strings.TrimPrefix(c.Phrase+" – "+when, " – "), reason
	case end != "" && openHour.MatchString(c.Phrase):
		c.Phrase, c.Reason = c.Phrase+" – "+end, strings.TrimSpace(c.Reason[len(end):])
	case goesWith(c.Phrase, when, now):
		c.Phrase, c.Reason = strings.TrimSpace(c.Phrase+" "+when), reason
	}
	return c
}

// afternoon is the end of a span that tells of its beginning, an openHour, which half of the day it is in: calendars write
// "2:00 – 4:00pm Weekly on Sunday".
var (
	afternoon = regexp.MustCompile(`(?i)^\d{1,2}(?:[:.]\d\d)?\s*p\.?m\b\.?`)
	openHour  = regexp.MustCompile(`\d$`)
)

// tellsTime reports whether words are nothing but a time, be it one to ask about.
func tellsTime(words string, now time.Time) bool {
	wrong := noTime(words, now)
	return wrong == nil || len(wrong.Candidates) > 0
}

// beginsTime reports whether words are a time, or what lacks only its day or its time of day.
func beginsTime(words string, now time.Time) bool {
	wrong := noTime(words, now)
	return wrong == nil || wrong.Kind == timephrase.Ambiguous
}

// goesWith reports whether words are a day or a zone that a phrase may lack. Figures alone may be a version.
func goesWith(phrase, words string, now time.Time) bool {
	zone := bareZone.MatchString(words)
	if !zone && !strings.ContainsFunc(words, unicode.IsLetter) {
		return false
	}
	alone := noTime(words, now)
	if !zone && alone != nil && alone.Kind != timephrase.Ambiguous && alone.Remark.Point != timephrase.NoDayOrClock {
		return false
	}
	both := noTime(phrase+" "+words, now)
	return both == nil || both.Remark.Point != timephrase.NotATime
}

// bareZone is a zone that is one only behind a clock time: an offset, or that of somebody or something else.
var bareZone = regexp.MustCompile(`(?i)^(?:[+-]\d\d:?\d\d|(?:server|system|our|your|their) time)$`)

// misspellsTime reports whether words are one when what is not read of them is spelt as it is nearly.
func misspellsTime(words string, now time.Time) bool {
	wrong := noTime(words, now)
	return wrong != nil && slices.ContainsFunc(messages.Respelt(words, wrong), func(right string) bool { return beginsTime(right, now) })
}

// noTime is why words are no time; nil where they are one.
func noTime(words string, now time.Time) *timephrase.Error {
	_, wrong := parse(words, now, time.UTC, anywhen)
	return wrong
}

// cutUnread cuts a phrase in front of what is not read as a time, which may be a reason.
func cutUnread(phrase string, unread *timephrase.Error) (when, words string) {
	at := strings.LastIndex(phrase, strings.TrimSuffix(unread.Part, "…"))
	if unread.Remark.Point != timephrase.NotATime || at < 0 {
		return "", ""
	}
	const signs = "-－–—:：,; "
	return strings.TrimRight(phrase[:at], signs), strings.TrimLeft(phrase[at:], signs)
}

// askTime offers what a phrase can mean: a button for each instant, which
// continues the same command, and a form for any other.
func askTime(unread *timephrase.Error, draft messages.Draft) *messages.Answer {
	q := messages.Tell(messages.PhraseFault(unread))
	q.Language = messages.Typed(unread.Chinese)
	q.OfferPhrase(unread, draft)
	q.OfferOtherTime(draft)
	return q
}
