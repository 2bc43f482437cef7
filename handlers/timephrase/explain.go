package timephrase

import (
	"slices"
	"strings"
	"time"
)

// reading is the answer: the instant, and how the words came to it.
func (a asking) reading(p *phrase, d *draft, at time.Time) Reading {
	l := a.answer
	return Reading{Time: at, Zone: at.Location(), Text: moment(at).in(l), Explain: d.explain(p, at, l), Language: l}
}

// explain says how the words for the day, for the time of day and for the zone were read.
func (d *draft) explain(p *phrase, at time.Time, l Language) string {
	day := layout(at, l, "Mon 2 Jan", "1月2日 Monday")
	if at.Year() != d.now.In(at.Location()).Year() {
		day = layout(at, l, "Mon 2 Jan 2006", "2006年1月2日 Monday")
	}
	clock := at.Format(clockText(at))
	if d.clocks == nil { // an instant or a length of time, which names no time of day
		day, clock = day+" "+clock, ""
	}
	zone := zoneYours.of(placeName(at))[0].in(l)
	if words := p.words(offsetPart, zonePart); words != "" {
		zone = zoneTyped.of(words, placeName(at))[0].in(l)
	}
	return strings.Join([]string{
		p.words(instantPart, durationPart, yearPart, datePart, weekdayPart) + " → " + day + sentence{"; ", "；"}[l],
	}, "") + clockExplained(p, clock, l) + zone
}

func clockExplained(p *phrase, clock string, l Language) string {
	if clock == "" {
		return ""
	}
	return p.words(clockPart, daypartPart, hourPart) + " → " + clock + sentence{"; ", "；"}[l]
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
