package timephrase

import (
	"slices"
	"strings"
	"time"
)

// reading is the answer: the instant, and the words for the day, the time of day and the zone.
func (p *phrase) reading(d *draft, at time.Time) Reading {
	return Reading{
		Time:  at,
		Day:   p.words(instantPart, durationPart, yearPart, datePart, besidePart, weekdayPart),
		Clock: p.words(clockPart, daypartPart, hourPart),
		Place: p.words(offsetPart, zonePart),
		Since: d.since,
	}
}

// words are those that the given parts were read from, in the order in which they were typed.
func (p *phrase) words(parts ...int) string {
	var spans []span
	for _, s := range p.spans {
		if slices.Contains(parts, s.part) {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(x, y span) int { return x.from - y.from })
	var words []string
	for _, s := range spans {
		left, right := p.bytes(s.from, s.to)
		words = append(words, p.text[left:right])
	}
	return strings.Join(words, " ")
}
