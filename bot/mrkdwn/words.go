package mrkdwn

import (
	"strings"
	"unicode"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Line is words of others on one line: what cannot be seen is taken out, and they are
// cut to max characters, the last of which is then an ellipsis.
func Line(s string, max int) string { return cut(strings.TrimSpace(onOneLine(s)), max) }

func onOneLine(s string) string { return strings.Map(func(r rune) rune { return visible(r, ' ') }, s) }

// Paragraphs is Line for words that keep their lines, such as a reason.
func Paragraphs(s string, max int) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return cut(strings.TrimSpace(strings.Map(func(r rune) rune { return visible(r, '\n') }, s)), max)
}

// hidden are the letters that show nothing, or change how others are shown: the
// controls, and what Unicode calls default-ignorable
// (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point).
var hidden = []*unicode.RangeTable{
	unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp,
	unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point,
}

func visible(r, lineEnd rune) rune {
	switch {
	case ' ' <= r && r <= '~':
		return r
	case r == '\n':
		return lineEnd
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, hidden...), r == unicode.ReplacementChar:
		return -1
	}
	return r
}

// widthOf is how many characters a letter is at most.
func widthOf(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// length is how many characters a text is at most.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += widthOf(r)
	}
	return n
}

// cut keeps the beginning of words, as long as they are when they are escaped.
func cut(s string, max int) string {
	width, end := 0, 0
	for at, r := range s {
		if width < max {
			end = at
		}
		if width += escapedWidth(r); width > max {
			return s[:end] + "…"
		}
	}
	return s
}

// escapedWidth is how many characters the escaper makes of a letter, at most.
func escapedWidth(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	}
	return widthOf(r)
}
