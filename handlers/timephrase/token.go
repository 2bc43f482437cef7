package timephrase

import (
	"strings"
)

type tokenKind byte

const (
	symbol tokenKind = iota
	word
	number   // figures, or a number word
	zoneName // Area/City
	slackDate
)

// token is a word, a number or a sign of the phrase.
type token struct {
	kind     tokenKind
	text     string // lower case; the figures of a number
	n        int    // value of a number; -1 when it is too long to have one
	digits   int    // how many figures were typed; 0 for a number in words
	ordinal  bool   // "1st", "first"
	spaced   bool   // a space, or nothing, stands before it
	from, to int    // its bytes in the phrase
}

// figures reports whether the token is a number typed in between min and max figures, and not "1st".
func (t token) figures(min, max int) bool {
	return t.kind == number && !t.ordinal && t.digits >= min && t.digits <= max
}

// lexer cuts a normalised phrase into tokens.
type lexer struct {
	phrase, lower string
	at            int
	tokens        []token
}

func tokenise(clean string) []token {
	l := &lexer{phrase: clean, lower: strings.ToLower(clean), tokens: make([]token, 0, 16)}
	for l.at < len(clean) {
		l.next()
	}
	return l.tokens
}

func (l *lexer) next() {
	c := l.lower[l.at]
	switch {
	case c == ' ':
		l.at++
	case isDigit(c):
		l.figures()
	case isLetter(c):
		l.letters()
	case strings.HasPrefix(l.lower[l.at:], "<!date^"):
		l.slackDate()
	default:
		l.add(token{kind: symbol}, l.at+1)
	}
}

// add appends the token that ends before the byte to, and moves on.
func (l *lexer) add(t token, to int) {
	t.from, t.to = l.at, to
	t.spaced = l.at == 0 || l.lower[l.at-1] == ' '
	if t.text == "" {
		t.text = l.lower[l.at:to]
	}
	l.tokens = append(l.tokens, t)
	l.at = to
}

func (l *lexer) figures() {
	end := l.run(l.at, isDigit)
	t := token{kind: number, text: l.lower[l.at:end], n: atoi(l.lower[l.at:end]), digits: end - l.at}
	suffix := l.run(end, isLetter)
	if t.n >= 0 && l.lower[end:suffix] == ordinalSuffix(t.n) {
		t.ordinal, end = true, suffix
	}
	l.add(t, end)
}

func (l *lexer) letters() {
	end := l.run(l.at, isWordByte)
	text := strings.TrimRight(l.lower[l.at:end], "'")
	switch {
	case (text == "a" || text == "p") && l.dottedHalf(end):
		l.halfOfDay(text, end)
	case end+1 < len(l.lower) && l.lower[end] == '/' && isLetter(l.lower[end+1]):
		l.add(token{kind: zoneName}, l.run(l.at, isZoneByte))
	default:
		l.add(wordToken(text), end)
		l.joinTens()
	}
}

// dottedHalf reports whether ".m" and no further letter follows: the rest of "a.m." or "p.m".
func (l *lexer) dottedHalf(at int) bool {
	return strings.HasPrefix(l.lower[at:], ".m") && l.run(at+1, isWordByte) == at+2
}

// halfOfDay adds "am" or "pm" for the dotted spelling whose letter ends at end.
func (l *lexer) halfOfDay(letter string, end int) {
	end += len(".m")
	if end < len(l.lower) && l.lower[end] == '.' {
		end++
	}
	l.add(token{kind: word, text: letter + "m"}, end)
}

func wordToken(text string) token {
	if n, ok := cardinals[text]; ok {
		return token{kind: number, text: text, n: n}
	}
	if n, ok := ordinals[text]; ok {
		return token{kind: number, text: text, n: n, ordinal: true}
	}
	return token{kind: word, text: text}
}

// joinTens makes one number of the last tokens when they are "twenty four" or "twenty-fourth".
func (l *lexer) joinTens() {
	last := len(l.tokens) - 1
	one, ten := l.tokens[last], last-1
	if ten >= 0 && l.tokens[ten].text == "-" && !one.spaced && !l.tokens[ten].spaced {
		ten--
	}
	if ten < 0 || !isTens(l.tokens[ten]) || one.kind != number || one.digits > 0 || one.n > 9 {
		return
	}
	one.n += l.tokens[ten].n
	one.text = l.tokens[ten].text + "-" + one.text
	one.from, one.spaced = l.tokens[ten].from, l.tokens[ten].spaced
	l.tokens = append(l.tokens[:ten], one)
}

func isTens(t token) bool {
	return t.kind == number && t.digits == 0 && !t.ordinal && t.n >= 20 && t.n%10 == 0
}

// slackDate reads <!date^SECONDS^format|fallback>, Slack's own way of writing an instant.
func (l *lexer) slackDate() {
	figures := l.at + len("<!date^")
	end := l.run(figures, isDigit)
	closing := strings.IndexByte(l.lower[end:], '>')
	if end == figures || closing < 0 || l.lower[end] != '^' {
		l.add(token{kind: symbol}, l.at+1)
		return
	}
	l.add(token{kind: slackDate, n: atoi(l.lower[figures:end])}, end+closing+1)
}

// run is the end of the bytes from at on for which in holds.
func (l *lexer) run(at int, in func(byte) bool) int {
	for at < len(l.lower) && in(l.lower[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isLetter(c byte) bool   { return c >= 'a' && c <= 'z' }
func isWordByte(c byte) bool { return isLetter(c) || c == '\'' }
func isZoneByte(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("/_+-", c) >= 0 }

// atoi reads up to 15 figures, which fit an int with room for arithmetic; -1 for more.
func atoi(figures string) int {
	if len(figures) > 15 {
		return -1
	}
	n := 0
	for i := range len(figures) {
		n = n*10 + int(figures[i]-'0')
	}
	return n
}

func ordinalSuffix(n int) string {
	if n%100/10 == 1 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}
