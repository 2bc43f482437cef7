package timephrase

import (
	"math/bits"
	"slices"
	"strings"
)

// A form is one way to write a part of a time, in elements separated by spaces. A lower-case or Chinese
// element is a word or a sign as it stands ("next|this" is either); an upper-case one is a class of
// tokens, which the reader is handed. [x] may be left out, and ~x must follow without a space.
type form struct {
	pattern  string
	read     func(*draft, captured) *Error
	elements []element // of the pattern, once it is compiled
}

type element struct {
	fits     int // its place in the list of the language's fits
	captured bool
	optional bool
	glued    bool
}

// class tells whether the token at i is of a kind. It sees the neighbours.
type class func(tokens []token, i int) bool

// captured is the tokens of the classes of a form, in order. One that was left out is a zero token.
type captured []token

// positions is a set of tokens: bit i is the token i.
type positions uint64

// mostTokens is how many tokens a phrase may have.
const mostTokens = 64

func write(pattern string, read func(*draft, captured) *Error) form {
	return form{pattern: pattern, read: read}
}

// compile gives the forms their elements. A class it does not know is a mistake in the grammar.
func (l *lexicon) compile(forms []form) []form {
	compiled := slices.Clone(forms)
	for i, f := range forms {
		for _, text := range strings.Fields(f.pattern) {
			compiled[i].elements = append(compiled[i].elements, l.element(text))
		}
	}
	return compiled
}

func (l *lexicon) element(text string) element {
	var e element
	if strings.HasPrefix(text, "[") {
		text, e.optional = strings.Trim(text, "[]"), true
	}
	if strings.HasPrefix(text, "~") {
		text, e.glued = text[1:], true
	}
	e.captured = text[0] >= 'A' && text[0] <= 'Z'
	e.fits = l.fitsOf(text, e.captured)
	return e
}

// where is the tokens that an element fits, neighbours aside.
func (p *phrase) where(e element) positions {
	if !p.looked[e.fits] {
		p.looked[e.fits] = true
		for i := range p.tokens {
			if vocabulary().fits[e.fits](p.tokens, i) {
				p.fitting[e.fits] |= 1 << i
			}
		}
	}
	return p.fitting[e.fits]
}

// starts is the tokens at which a form may begin, none when something it needs is nowhere.
func (p *phrase) starts(f form) positions {
	starts, open := positions(0), true
	for _, e := range f.elements {
		at := p.where(e)
		if at == 0 && !e.optional {
			return 0
		}
		if open {
			starts |= at
		}
		open = open && e.optional
	}
	return starts
}

// each hands out the tokens of a set, until take takes one.
func (s positions) each(take func(i int) bool) bool {
	for ; s != 0; s &= s - 1 {
		if take(bits.TrailingZeros64(uint64(s))) {
			return true
		}
	}
	return false
}

// match fits the elements to the tokens from at on, and gives the end. What may be left out is when an
// earlier part has it: "dec 12 noon" is noon on the 12th.
func (p *phrase) match(elements []element, at int, found captured) (captured, int, bool) {
	if len(elements) == 0 {
		return found, at, true
	}
	e, rest := elements[0], elements[1:]
	fits := at < len(p.tokens) && p.where(e)&(1<<at) != 0 && !(e.glued && p.tokens[at].spaced)
	if fits && !(e.optional && p.taken(span{from: at, to: at + 1})) {
		if all, end, ok := p.match(rest, at+1, e.keep(found, p.tokens[at])); ok {
			return all, end, true
		}
	}
	if e.optional {
		return p.match(rest, at, e.keep(found, token{}))
	}
	return nil, 0, false
}

// keep adds a token to the captured ones when the element is a class.
func (e element) keep(found captured, t token) captured {
	if !e.captured {
		return found
	}
	return append(found[:len(found):len(found)], t)
}
