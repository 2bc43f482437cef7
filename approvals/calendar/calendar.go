package calendar

import (
	"slices"
	"time"
)

// Calendar says when something may run: wholly inside the windows, where
// windows that touch are one, and wholly outside the freezes. Without windows
// every time outside the freezes is allowed.
type Calendar struct {
	Windows []Window
	Freezes []Freeze
}

// Kind says which part of a calendar is in the way.
type Kind string

const (
	InFreeze       Kind = "in a freeze"
	OutsideWindows Kind = "outside the windows"
	TooNearEnd     Kind = "too near the end of a window" // it begins in a window, and would reach out of it
)

// Closure says why something may not run at a time.
type Closure struct {
	Kind    Kind
	Freeze  Freeze        // of InFreeze: the first that is in the way
	Windows []Window      // otherwise: all in which it might run
	Takes   time.Duration // how long it takes at most
}

// Closed says why something that begins at an instant and takes so long may not
// run then; nil when it may.
func (c Calendar) Closed(at time.Time, takes time.Duration) *Closure {
	end := at.Add(takes)
	for _, f := range c.Freezes {
		if at.Before(f.To) && f.From.Before(end) {
			return &Closure{Kind: InFreeze, Freeze: f, Takes: takes}
		}
	}
	closure := &Closure{Kind: OutsideWindows, Windows: c.Windows, Takes: takes}
	for _, s := range c.open(at, end) {
		switch {
		case s.holds(at, end):
			return nil
		case s.has(at):
			closure.Kind = TooNearEnd
		}
	}
	return closure
}

// horizon is how far ahead allowed times are looked for.
const horizon = 366 * 24 * time.Hour

// Near lists the allowed instants that are nearest to one that is not: at most so many
// before it, and so many after, in their order. On each day it keeps the time of day that
// was asked for, in the window's zone; a window that is not open then is offered from its
// beginning, and one before as late as all still fits. Offsets are for several things
// that begin so long after the instant, all of which have to be allowed; none is for one
// that begins with it. Fewer than wanted: no more are allowed within a year.
func (c Calendar) Near(asked time.Time, takes time.Duration, before, after int, offsets ...time.Duration) []time.Time {
	if len(offsets) == 0 {
		offsets = []time.Duration{0}
	}
	open, takeAll := c.open(asked.Add(-horizon), asked.Add(horizon)), takes+slices.Max(offsets)
	fitsBefore := func(t time.Time) bool { return t.Before(asked) && allFit(open, t, takes, offsets) }
	fitsAfter := func(t time.Time) bool { return t.After(asked) && allFit(open, t, takes, offsets) }
	var past, next []time.Time
	for _, s := range slices.Backward(open) {
		if len(past) < before {
			past = append(s.starts(asked, fitsBefore, s.to.Add(-takeAll), s.from), past...)
		}
	}
	for _, s := range open {
		if len(next) < after {
			next = append(next, s.starts(asked, fitsAfter, s.from)...)
		}
	}
	return append(past[max(0, len(past)-before):], next[:min(after, len(next))]...)
}

func allFit(open []span, t time.Time, takes time.Duration, offsets []time.Duration) bool {
	return !slices.ContainsFunc(offsets, func(offset time.Duration) bool {
		at := t.Add(offset)
		return !slices.ContainsFunc(open, func(s span) bool { return s.holds(at, at.Add(takes)) })
	})
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
