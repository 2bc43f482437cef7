package timephrase

import (
	"slices"
	"strings"
)

// This file cuts Chinese, which is written without spaces, into tokens.

// longestWord is how many characters the longest Chinese word in the vocabulary has.
const longestWord = 6

// chinese takes the longest word that the vocabulary knows, else a number, else one character. Spaces
// count for nothing inside a word, but never join two numbers.
func (l *lexer) chinese() {
	var ends [longestWord]int
	var text strings.Builder
	n := 0
	for i := l.i; i < len(l.plain) && n < longestWord && (isHan(l.plain[i]) || l.plain[i] == ' '); i++ {
		if l.plain[i] != ' ' {
			text.WriteRune(l.plain[i])
			ends[n] = i + 1
			n++
		}
	}
	for known := text.String(); n > 1; n-- {
		if vocabulary().knows(known) && !(known[:len("后")] == "后" && l.behindUnit()) {
			t := vocabulary().token(known)
			t.han = true
			l.add(t, ends[n-1])
			return
		}
		known = known[:len(known)-len("一")]
	}
	if end := l.run(l.i, isNumeral); end > l.i {
		l.add(numeral(l.plain[l.i:end]), end)
		return
	}
	t := vocabulary().token(string(l.plain[l.i]))
	t.han = true
	l.add(t, l.i+1)
}

// behindUnit tells that the last token is a unit of time: in "三天后半夜两点" the night is three days on.
func (l *lexer) behindUnit() bool {
	last := len(l.tokens) - 1
	return last >= 0 && l.tokens[last].kind == unitName
}

const figuresInWords = "零一二三四五六七八九"

var tens = map[rune]int{'十': 10, '廿': 20, '卅': 30}

func isNumeral(r rune) bool { return tens[r] > 0 || r == '百' || figureOf(r) >= 0 }

// figureOf is the value of one figure, -1 for none.
func figureOf(r rune) int {
	switch r {
	case '〇':
		return 0
	case '两':
		return 2
	}
	if i := strings.IndexRune(figuresInWords, r); i >= 0 {
		return i / len("零")
	}
	return -1
}

// numeral reads a number in Chinese: counted, figure by figure as a year or "零五", or one figure. What is
// none of these, like "三四", is three or four.
func numeral(text []rune) token {
	t := token{kind: number, text: string(text), han: true}
	ok := true
	zero := figureOf(text[0]) == 0
	byFigure := !slices.ContainsFunc(text, func(r rune) bool { return figureOf(r) < 0 || r == '两' && !zero })
	switch {
	case byFigure && (len(text) == 4 || zero && len(text) == 2):
		for _, r := range text {
			t.n = t.n*10 + figureOf(r)
		}
		t.digits = len(text)
	case zero && len(text) > 1: // "零十二"
		t.n, ok = countedNumeral(text[1:])
	case len(text) == 1 && figureOf(text[0]) >= 0:
		t.n = figureOf(text[0])
	default:
		t.n, ok = countedNumeral(text)
	}
	if !ok {
		t.kind = roughly
	}
	return t
}

// countedNumeral is a number below a thousand that is written with 百, 十, 廿 or 卅.
func countedNumeral(text []rune) (n int, ok bool) {
	const none = -1
	figure, place, zero := none, 1000, false
	for i, r := range text {
		switch f := figureOf(r); {
		case r == '百' && place == 1000 && figure > 0:
			n, place, figure = figure*100, 100, none
		case tens[r] > 0 && place > 10 && figure != 0 && (r == '十' || figure == none):
			n, place, figure = n+tens[r]*max(figure, 1), 10, none
		case f == 0 && place == 100 && figure == none && !zero:
			zero = true
		case f > 0 && figure == none && (r != '两' || i == 0 && i+1 < len(text) && text[i+1] == '百'):
			figure = f
		default:
			return 0, false
		}
	}
	if figure == none {
		return n, place == 10 || !zero && place == 100
	}
	return n + figure, place == 10 || zero // 一百五 is 150
}
