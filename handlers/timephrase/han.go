package timephrase

import (
	"slices"
	"strings"
)

// This file cuts Chinese, which is written without spaces, into tokens.

// longestWord is how many characters the longest Chinese word in the vocabulary has.
const longestWord = 6

// chinese takes a number, else the longest word that the vocabulary knows, else one character. Spaces
// count for nothing inside a word, but never join two numbers.
func (l *lexer) chinese() {
	if end := l.run(l.i, isNumeral); end > l.i {
		l.add(numeral(l.plain[l.i:end]), end)
		return
	}
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
		if t := vocabulary.token(known); t.kind != word || vocabulary.literals[known] {
			t.han = true
			l.add(t, ends[n-1])
			return
		}
		known = known[:len(known)-len("一")]
	}
	t := vocabulary.token(string(l.plain[l.i]))
	t.han = true
	l.add(t, l.i+1)
}

const figuresInWords = "零一二三四五六七八九"

var tens = map[rune]int{'十': 10, '廿': 20, '卅': 30}

func isNumeral(r rune) bool {
	return tens[r] > 0 || strings.ContainsRune(figuresInWords+"〇两百", r)
}

func figureOf(r rune) int {
	switch r {
	case '〇':
		return 0
	case '两':
		return 2
	}
	return strings.IndexRune(figuresInWords, r) / len("零")
}

// numeral reads a number in Chinese. What is none, like "三四", is three or four.
func numeral(text []rune) token {
	t := token{kind: number, text: string(text), han: true}
	counted := slices.ContainsFunc(text, func(r rune) bool { return r == '百' || tens[r] > 0 })
	ok := true
	switch {
	case counted:
		if figureOf(text[0]) == 0 && tens[text[0]] == 0 && text[0] != '百' { // "零十二"
			text = text[1:]
		}
		t.n, ok = countedNumeral(text)
	case len(text) == 1:
		t.n = figureOf(text[0])
	case len(text) == 4 || len(text) == 2 && figureOf(text[0]) == 0: // a year figure by figure, or "零五"
		ok = !slices.Contains(text, '两')
		for _, r := range text {
			t.n = t.n*10 + figureOf(r)
		}
		t.digits = len(text)
	default:
		ok = false
	}
	if !ok {
		t.kind = roughly
	}
	return t
}

// countedNumeral is a number below a thousand that is written with 百, 十, 廿 or 卅.
func countedNumeral(text []rune) (n int, ok bool) {
	if i := slices.Index(text, '百'); i >= 0 {
		if i != 1 || figureOf(text[0]) == 0 || !slices.Contains([]rune(figuresInWords+"两"), text[0]) {
			return 0, false
		}
		n, text = figureOf(text[0])*100, text[2:]
		zero := len(text) > 0 && figureOf(text[0]) == 0
		if zero {
			text = text[1:]
		}
		if len(text) == 0 {
			return n, !zero
		}
		if tens[text[0]] == 0 && len(text) == 1 && !zero { // 一百五 is 150
			return 0, false
		}
	}
	if slices.Contains(text, '两') || slices.Contains(text, '零') || slices.Contains(text, '〇') {
		return 0, false
	}
	i := slices.IndexFunc(text, func(r rune) bool { return tens[r] > 0 })
	switch {
	case i == 1 && text[1] == '十':
		n += figureOf(text[0]) * 10
	case i == 0:
		n += tens[text[0]]
	case i < 0 && len(text) == 1:
		return n + figureOf(text[0]), true
	default:
		return 0, false
	}
	switch rest := text[i+1:]; {
	case len(rest) == 0:
		return n, true
	case len(rest) == 1 && tens[rest[0]] == 0 && rest[0] != '百':
		return n + figureOf(rest[0]), true
	}
	return 0, false
}
