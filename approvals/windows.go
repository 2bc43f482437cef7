package approvals

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// UpgradeTakes is the longest that an upgrade keeps a bastion away: the cloud's
// guide says 15 minutes to 2 hours.
const UpgradeTakes = 2 * time.Hour

// Hours are hours of a day by the clock on the wall. To may lie past the end of
// the day, and is then on the next one: 22:00 to 28:00 ends at 4 in the morning.
type Hours struct {
	Days     []time.Weekday // on which they begin; empty: every day
	From, To int            // minutes after midnight; To is after From, and at most a day later
}

// Window is hours in which something may run, in a zone.
type Window struct {
	Hours
	Zone *time.Location
}

// Freeze is a time in which nothing may run. Its zone is From's.
type Freeze struct {
	From, To time.Time // To is not part of it
	Reason   string
}

// Calendar says when something may run: wholly inside the windows, where
// windows that touch are one, and wholly outside the freezes. Without windows
// every time outside the freezes is allowed.
//
// An edge that the clocks skip is the moment of their change; one
// that they show twice is the first of the two.
type Calendar struct {
	Windows []Window
	Freezes []Freeze
}

// horizon is how far ahead allowed times are looked for.
const horizon = 366 * 24 * time.Hour

// Closed says why something that begins at an instant and takes so long may not
// run then, as the end of a sentence that begins with the time; "" when it may.
func (c Calendar) Closed(at time.Time, takes time.Duration) string {
	end := at.Add(takes)
	for _, f := range c.Freezes {
		if at.Before(f.To) && f.From.Before(end) {
			return "is in a freeze, " + f.String()
		}
	}
	hours := "; allowed is " + joinWords(texts(c.Windows), "and")
	for _, s := range c.open(at, end) {
		switch {
		case s.holds(at, end):
			return ""
		case s.holds(at, at.Add(1)):
			return fmt.Sprintf("is too near the end of a window for something that takes up to %s", hoursWords(takes)) + hours
		}
	}
	return "is outside the windows" + hours
}

// Next lists the first n allowed instants after one that is not allowed. On each
// day it keeps the time of day that was asked for, in the window's zone; a window
// that is not open then is offered from its beginning. Fewer than n: no more are
// allowed within a year.
func (c Calendar) Next(asked time.Time, takes time.Duration, n int) []time.Time {
	var found []time.Time
	for _, s := range c.open(asked, asked.Add(horizon)) {
		for _, t := range s.starts(asked, takes, n) {
			found = append(found, t)
			if len(found) == n {
				return found
			}
		}
	}
	return found
}

// span is a time from one instant to before another, thought of in a zone.
type span struct {
	from, to time.Time
	zone     *time.Location
}

func (s span) holds(from, to time.Time) bool { return !from.Before(s.from) && !to.After(s.to) }

// starts lists at most n instants after asked at which something fits into the
// span: each day's at the same time of day, or else the span's beginning.
func (s span) starts(asked time.Time, takes time.Duration, n int) []time.Time {
	wall := wallOf(asked.In(s.zone))
	day := wallOf(later(s.from, asked).In(s.zone))
	wall = wall.AddDate(0, 0, daysBetween(wall, day))
	var found []time.Time
	for ; len(found) < n && wall.Before(wallOf(s.to.In(s.zone))); wall = wall.AddDate(0, 0, 1) {
		t, exists := Instant(wall, s.zone)
		if exists && t.After(asked) && s.holds(t, t.Add(takes)) {
			found = append(found, t)
		}
	}
	if len(found) == 0 && s.from.After(asked) && s.holds(s.from, s.from.Add(takes)) {
		found = append(found, s.from.In(s.zone))
	}
	return found
}

// open lists the allowed times that touch from to to, in order and apart.
func (c Calendar) open(from, to time.Time) []span {
	spans := c.windows(from, to)
	for _, f := range c.Freezes {
		var rest []span
		for _, s := range spans {
			rest = append(rest, s.without(f)...)
		}
		spans = rest
	}
	return spans
}

// windows lists when windows are open, those that touch joined.
func (c Calendar) windows(from, to time.Time) []span {
	if len(c.Windows) == 0 {
		return []span{{from: from, to: to, zone: c.zone(from)}}
	}
	var spans []span
	for _, w := range c.Windows {
		spans = append(spans, w.open(from, to)...)
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	joined := spans[:0]
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && !s.from.After(joined[last].to) {
			joined[last].to = later(joined[last].to, s.to)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// zone is the one to think in where there are no windows.
func (c Calendar) zone(from time.Time) *time.Location {
	if len(c.Freezes) > 0 {
		return c.Freezes[0].From.Location()
	}
	return from.Location()
}

// open lists when the window is open around from to to. The days before and
// after make whole what reaches over, and show what touches it.
func (w Window) open(from, to time.Time) []span {
	var spans []span
	first := midnight(from.In(w.Zone)).AddDate(0, 0, -8)
	last := midnight(to.In(w.Zone)).AddDate(0, 0, 8)
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if len(w.Days) > 0 && !slices.Contains(w.Days, day.Weekday()) {
			continue
		}
		opens, _ := Instant(day.Add(time.Duration(w.From)*time.Minute), w.Zone)
		closes, _ := Instant(day.Add(time.Duration(w.To)*time.Minute), w.Zone)
		spans = append(spans, span{from: opens, to: closes, zone: w.Zone})
	}
	return spans
}

// without is what a freeze leaves of a span.
func (s span) without(f Freeze) []span {
	var rest []span
	if !f.From.Before(s.to) || !f.To.After(s.from) {
		return []span{s}
	}
	if f.From.After(s.from) {
		rest = append(rest, span{from: s.from, to: f.From, zone: s.zone})
	}
	if f.To.Before(s.to) {
		rest = append(rest, span{from: f.To, to: s.to, zone: s.zone})
	}
	return rest
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// String says the hours in words: "Saturday and Sunday 01:00 to 05:00".
func (h Hours) String() string {
	text := fmt.Sprintf("%s %s to %s", h.days(), clockText(h.From), clockText(h.To))
	if h.To > 24*60 {
		text = fmt.Sprintf("%s %s to %s the next day", h.days(), clockText(h.From), clockText(h.To-24*60))
	}
	return text
}

func (h Hours) days() string {
	n := len(h.Days)
	switch {
	case n == 0:
		return "every day"
	case n > 2 && inRow(h.Days):
		return h.Days[0].String() + " to " + h.Days[n-1].String()
	}
	return joinWords(texts(h.Days), "and")
}

// inRow reports whether each day follows the one before.
func inRow(days []time.Weekday) bool {
	for i := 1; i < len(days); i++ {
		if days[i] != (days[i-1]+1)%7 {
			return false
		}
	}
	return true
}

// String says the window in words: "Saturday 01:00 to 05:00 (Asia/Shanghai)".
func (w Window) String() string { return fmt.Sprintf("%s (%s)", w.Hours, w.Zone) }

// String says the freeze in words, with its reason.
func (f Freeze) String() string {
	const layout = "2 January 2006 15:04"
	text := fmt.Sprintf("%s to %s (%s)", f.From.Format(layout), f.To.In(f.From.Location()).Format(layout), f.From.Location())
	return strings.TrimSuffix(text+": "+f.Reason, ": ")
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// hoursWords writes a duration for people: "2 hours", "90 minutes".
func hoursWords(d time.Duration) string {
	switch {
	case d == time.Hour:
		return "1 hour"
	case d%time.Hour == 0:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}

func texts[T fmt.Stringer](all []T) []string {
	var words []string
	for _, one := range all {
		words = append(words, one.String())
	}
	return words
}

// joinWords writes a list for people: "a, b and c".
func joinWords(words []string, last string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
}
