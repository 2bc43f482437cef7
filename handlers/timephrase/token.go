package timephrase

import (
	"slices"
	"strings"
)

// kind is what a token is. The kinds from weekdayName on are those of the words in a language's
// vocabulary, whose n says which weekday, month, … it is.
type kind byte

const (
	symbol kind = iota
	word
	number    // figures, or a number word
	roughly   // "三四": three or four
	zoneName  // Area/City
	slackDate // <!date^…>
	weekdayName
	monthName
	unitName
	daypartName
	halfOfDay // 0 for "am", 12 for "pm"
	abbreviation
	place
	vaguePlace // a place with several zones, or none that is known
	relativeDay
	shortDay // "明" in "明晚"
	nearMonth
	holiday
	ordinalName
	lastName
)

// token is a word, a number or a sign of the phrase.
type token struct {
	kind     kind
	text     string // in lower case and Simplified
	n        int    // value of a number or of a word in the vocabulary; -1 for a number too long to have one
	digits   int    // how many figures were typed; 0 for a number in words
	ordinal  bool   // "1st", "first"
	han      bool   // it is written in Chinese
	spaced   bool   // a space, or nothing, stands before it
	from, to int    // its bytes in the phrase
}

// figures reports whether the token is a number typed in between min and max figures, not "1st", not "二〇二六".
func (t token) figures(min, max int) bool {
	return t.kind == number && !t.ordinal && !t.han && t.digits >= min && t.digits <= max
}

// lexer cuts a phrase into tokens.
type lexer struct {
	letters
	i      int // the next character
	tokens []token
}

func tokenise(phrase letters) []token {
	l := &lexer{letters: phrase, tokens: make([]token, 0, 16)}
	for i, r := range l.plain {
		if r >= 'A' && r <= 'Z' {
			l.plain[i] = r - 'A' + 'a'
		}
	}
	for l.i < len(l.plain) {
		l.next()
	}
	return l.tokens
}

func (l *lexer) next() {
	switch r := l.plain[l.i]; {
	case r == ' ':
		l.i++
	case isDigit(r):
		l.figures()
	case isLetter(r):
		l.word()
	case isHan(r):
		l.chinese()
	case r == '<' && l.follows(l.i, slackPrefix):
		l.slackDate()
	default:
		if !l.emoji() {
			l.add(token{}, l.i+1)
		}
	}
}

// emoji reads the name that Slack sends for a picture, and the tone of skin behind it.
func (l *lexer) emoji() bool {
	name := l.nameBetweenColons(l.i)
	picture, known := emoji[name]
	behindPicture := len(l.tokens) > 0 && slices.Contains(pictures, l.tokens[len(l.tokens)-1].text)
	if !known || l.i > 0 && l.plain[l.i-1] != ' ' && !behindPicture {
		return false
	}
	end := l.i + len(name)
	if tone := l.nameBetweenColons(end); strings.HasPrefix(tone, ":skin-tone-") {
		end += len(tone)
	}
	l.add(token{text: picture}, end)
	return true
}

// nameBetweenColons is the name that begins at a character, with its colons; "" for none.
func (l *lexer) nameBetweenColons(from int) string {
	if !l.follows(from, ":") {
		return ""
	}
	end := l.run(from+1, func(r rune) bool { return isWordRune(r) || isDigit(r) || strings.ContainsRune("_+-", r) })
	if !l.follows(end, ":") {
		return ""
	}
	return string(l.plain[from : end+1])
}

// add appends the token that ends before the character to, and moves on.
func (l *lexer) add(t token, to int) {
	if t.text == "" {
		t.text = string(l.plain[l.i:to])
	}
	t.from, t.to = l.at[l.i], l.at[to]
	t.spaced = l.i == 0 || l.plain[l.i-1] == ' '
	l.tokens = append(l.tokens, t)
	l.i = to
}

func (l *lexer) figures() {
	end := l.run(l.i, isDigit)
	text := string(l.plain[l.i:end])
	t := token{kind: number, text: text, n: atoi(text), digits: end - l.i}
	suffix := l.run(end, isLetter)
	ending := string(l.plain[end:suffix])
	if t.n >= 0 && ending == ordinalSuffix(t.n) || t.n > 20 && ending == "th" { // "31th"; "2th" may lack a figure
		t.ordinal, end = true, suffix
	}
	l.add(t, end)
	l.joinWeekday()
}

// joinWeekday makes a weekday of the last tokens when they are "周6" or "星期7". "2周3" is none.
func (l *lexer) joinWeekday() {
	last := len(l.tokens) - 1
	if last < 1 || !l.tokens[last].figures(1, 1) {
		return
	}
	week, n := l.tokens[last-1], l.tokens[last].n
	if !week.han || week.kind != unitName || week.n != weekUnit || n < 1 || n > 7 || last > 1 && l.tokens[last-2].kind == number {
		return
	}
	week.kind, week.text, week.n, week.to = weekdayName, week.text+l.tokens[last].text, n%7, l.tokens[last].to
	l.tokens = append(l.tokens[:last-1], week)
}

func (l *lexer) word() {
	end := l.run(l.i, isWordRune)
	text := strings.TrimRight(string(l.plain[l.i:end]), "'")
	switch {
	case (text == "a" || text == "p") && l.follows(end, ".m") && l.run(end+1, isWordRune) == end+2:
		if end += len(".m"); l.follows(end, ".") {
			end++
		}
		l.add(vocabulary().token(text+"m"), end)
	case l.follows(end, "://"): // a link
		l.add(token{}, l.run(end, func(r rune) bool { return r != ' ' }))
	case l.follows(end, "/") && l.run(end+1, isLetter) > end+1 && !isDayName(text):
		l.add(token{kind: zoneName}, l.run(l.i, isZoneRune))
	default:
		l.add(vocabulary().token(text), end)
		l.joinTens()
		l.joinWords()
	}
}

// isDayName tells a word that no name of a zone begins with: "sat/sun" are two days, and so are "6pm/sun".
func isDayName(text string) bool {
	return slices.Contains([]kind{weekdayName, monthName, relativeDay, daypartName, halfOfDay}, vocabulary().token(text).kind)
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

// joinWords makes one token of the last when they are "new york" or "a. m".
func (l *lexer) joinWords() {
	last := len(l.tokens) - 1
	one := last - 1
	if one > 0 && l.tokens[one].text == "." && !l.tokens[one].spaced {
		one--
	}
	if one < 0 || !l.tokens[last].spaced {
		return
	}
	first := l.tokens[one]
	both := vocabulary().token(first.text + " " + l.tokens[last].text)
	if both.kind != word {
		both.from, both.to, both.spaced = first.from, l.tokens[last].to, first.spaced
		l.tokens = append(l.tokens[:one], both)
	}
}

func isTens(t token) bool {
	return t.kind == number && t.digits == 0 && !t.ordinal && !t.han && t.n >= 20 && t.n%10 == 0
}

const slackPrefix = "<!date^"

// slackDate reads <!date^SECONDS^format|fallback>, Slack's own way of writing an instant.
func (l *lexer) slackDate() {
	figures := l.i + len(slackPrefix)
	end := l.run(figures, isDigit)
	closing := l.run(end, func(r rune) bool { return r != '>' })
	if end == figures || closing == len(l.plain) || l.plain[end] != '^' {
		l.add(token{}, l.i+1)
		return
	}
	l.add(token{kind: slackDate, n: atoi(string(l.plain[figures:end]))}, closing+1)
}

// run is the end of the characters from i on for which in holds.
func (l *lexer) run(i int, in func(rune) bool) int {
	for i < len(l.plain) && in(l.plain[i]) {
		i++
	}
	return i
}

// follows tells whether the characters from i on are the ASCII text.
func (l *lexer) follows(i int, text string) bool {
	return i+len(text) <= len(l.plain) && string(l.plain[i:i+len(text)]) == text
}

func isDigit(r rune) bool    { return r >= '0' && r <= '9' }
func isLetter(r rune) bool   { return r >= 'a' && r <= 'z' || strings.ContainsRune(accented, r) }
func isWordRune(r rune) bool { return isLetter(r) || r == '\'' }
func isZoneRune(r rune) bool { return isLetter(r) || isDigit(r) || strings.ContainsRune("/_+-", r) }

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
