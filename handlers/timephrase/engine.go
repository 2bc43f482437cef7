package timephrase

import (
	"slices"
	"time"

	"github.com/olebedev/when/rules"
)

// phrase is what was typed, and how much of it has been read.
type phrase struct {
	text    string
	tokens  []token
	han     bool // it holds Chinese
	spans   []span
	unsure  bool        // the date among them may be something else
	looked  []bool      // which of the elements of forms have been looked for
	fitting []positions // and where they fit
}

func newPhrase(plain letters) *phrase {
	elements := len(vocabulary().fits)
	p := &phrase{text: plain.typed, tokens: tokenise(plain), looked: make([]bool, elements), fitting: make([]positions, elements)}
	p.han = slices.ContainsFunc(p.tokens, func(t token) bool { return t.han })
	for i, t := range p.tokens { // "2 : 30"
		if p.han && t.text == ":" && i+1 < len(p.tokens) {
			p.tokens[i].spaced, p.tokens[i+1].spaced = false, false
		}
	}
	return p
}

// span is the tokens [from, to) that one part of a time was read from.
type span struct{ part, from, to int }

// run applies what was found of each part, in the order of the parts, to a wall clock of when that starts
// at the beginning of the draft's day. The parser of when would do no more here, and brings the rules of
// four languages into memory.
func (p *phrase) run(d *draft) (time.Time, *Error) {
	d.wall = &rules.Context{Text: p.text}
	some := false
	for part, f := range p.findParts() {
		if !f.ok {
			continue
		}
		some = true
		left, right := p.bytes(f.at.from, f.at.to)
		d.text[part] = p.text[left:right]
		if refusal := f.form.read(d, f.captured); refusal != nil {
			return time.Time{}, refusal
		}
	}
	if !some {
		return time.Time{}, p.stray(0, make([]int, len(p.tokens)))
	}
	wall, _ := d.wall.Time(d.today) // fails for nothing that can be set
	return wall.Add(d.clock.fraction), nil
}

// found is a form that fits, and where.
type found struct {
	form
	captured
	at span
	ok bool
}

// findParts finds each part. What may be a date or something else is a date where no part but a bare hour wants it.
func (p *phrase) findParts() (all [parts]found) {
	p.spans = p.spans[:0]
	for part, forms := range vocabulary().grammar {
		if part == hourPart && !all[datePart].ok {
			all[datePart] = p.find(datePart, vocabulary().remainingDates)
			p.unsure = all[datePart].ok
		}
		all[part] = p.find(part, forms)
	}
	return all
}

// find gives the first form of a part that fits anywhere; the forms stand in the order of preference.
// What lies wholly inside an earlier part belongs to it: "-05:00" holds no clock time.
func (p *phrase) find(part int, forms []form) (f found) {
	for _, f.form = range forms {
		f.ok = p.starts(f.form).each(func(from int) bool {
			all, to, matched := p.match(f.elements, from, nil)
			f.captured, f.at = all, span{part, from, to}
			return matched && !p.taken(f.at)
		})
		if f.ok {
			p.spans = append(p.spans, f.at)
			return f
		}
	}
	return found{}
}

func (p *phrase) taken(at span) bool {
	return slices.ContainsFunc(p.spans, func(s span) bool { return s.from <= at.from && at.to <= s.to })
}

// bytes gives where in the text the tokens [from, to) stand.
func (p *phrase) bytes(from, to int) (int, int) {
	return p.tokens[from].from, p.tokens[to-1].to
}
