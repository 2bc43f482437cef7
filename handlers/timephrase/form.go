package timephrase

import "strings"

// A form is one way to write a part of a time, in elements separated by spaces. A lower-case element is
// a word or a sign as it stands ("next|this" is either); an upper-case one is a class of tokens, which
// the reader is handed. [x] may be left out, and ~x must follow without a space.
type form struct {
	elements []element
	read     func(*draft, captured) *Error
}

type element struct {
	words    []string
	fits     class // nil for words
	optional bool
	glued    bool
}

// class tells whether the token at i is of a kind. It sees the neighbours.
type class func(tokens []token, i int) bool

// captured is the tokens of the classes of a form, in order. One that was left out is a zero token.
type captured []token

// write compiles a form. A class it does not know is a mistake in the grammar.
func write(pattern string, read func(*draft, captured) *Error) form {
	f := form{read: read}
	for _, text := range strings.Fields(pattern) {
		f.elements = append(f.elements, newElement(text))
	}
	return f
}

func newElement(text string) element {
	var e element
	if strings.HasPrefix(text, "[") {
		text, e.optional = strings.Trim(text, "[]"), true
	}
	if strings.HasPrefix(text, "~") {
		text, e.glued = text[1:], true
	}
	if text[0] < 'A' || text[0] > 'Z' {
		e.words = strings.Split(text, "|")
		return e
	}
	fits, known := classes[text]
	if !known {
		panic("timephrase: no class " + text)
	}
	e.fits = fits
	return e
}

func (e element) matches(tokens []token, i int) bool {
	if i >= len(tokens) || e.glued && tokens[i].spaced {
		return false
	}
	if e.fits != nil {
		return e.fits(tokens, i)
	}
	for _, w := range e.words {
		if tokens[i].text == w {
			return true
		}
	}
	return false
}

// match fits the elements to the tokens from at on, and gives the end.
func match(elements []element, tokens []token, at int, found captured) (captured, int, bool) {
	if len(elements) == 0 {
		return found, at, true
	}
	e, rest := elements[0], elements[1:]
	if e.matches(tokens, at) {
		if all, end, ok := match(rest, tokens, at+1, e.keep(found, tokens[at])); ok {
			return all, end, true
		}
	}
	if e.optional {
		return match(rest, tokens, at, e.keep(found, token{}))
	}
	return nil, 0, false
}

// keep adds a token to the captured ones when the element is a class.
func (e element) keep(found captured, t token) captured {
	if e.fits == nil {
		return found
	}
	return append(found[:len(found):len(found)], t)
}
