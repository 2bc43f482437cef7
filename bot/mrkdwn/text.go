package mrkdwn

import (
	"strings"
)

// Text is mrkdwn. The zero Text is empty.
type Text struct{ s string }

// longestWords is how much room words of others have in a sentence.
const longestWords = 1000

// Join puts a separator between texts.
func Join(texts []Text, separator Format) Text {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = t.s
	}
	return Text{strings.Join(all, string(separator))}
}

// Words are words of others, as they stand in a sentence.
func Words(s string) Text { return Text{escaper.Replace(cut(onOneLine(s), longestWords))} }

// Emoji is one by its name.
func Emoji(name Format) Text { return Text{":" + string(name) + ":"} }

// String is the text as it is sent.
func (t Text) String() string { return t.s }

// Empty reports whether there is nothing in it.
func (t Text) Empty() bool { return t.s == "" }

// Len is its length.
func (t Text) Len() int { return length(t.s) }

// Cut is the text with at most max characters, the last of which is then an ellipsis.
// It tears no token, entity or quoted word apart.
func (t Text) Cut(max int) Text {
	if t.Len() <= max {
		return t
	}
	return Text{strings.TrimRight(t.s[:breakAt(t.s, max-1)], " \n") + "…"}
}

// Split is the text in parts of at most max characters, where it can be at the ends
// of lines.
func (t Text) Split(max int) []Text {
	var parts []Text
	rest := t.s
	for length(rest) > max {
		at := breakAt(rest, max)
		parts, rest = append(parts, Text{strings.TrimRight(rest[:at], " \n")}), strings.TrimLeft(rest[at:], " \n")
	}
	if rest != "" {
		parts = append(parts, Text{rest})
	}
	return parts
}

// closers end what must not be torn apart.
var closers = map[rune]rune{'<': '>', '&': ';', '`': '`'}

// breakAt is where a text may be broken within max characters: behind its last line
// there, or else its last word.
func breakAt(s string, max int) int {
	line, word, letter, width := 0, 0, 0, 0
	closer := rune(0)
	for at, r := range s {
		if width > max {
			break
		}
		if closer == 0 {
			letter = at
			switch r {
			case '\n':
				line = at
			case ' ':
				word = at
			}
			closer = closers[r]
		} else if r == closer {
			closer = 0
		}
		width += widthOf(r)
	}
	for _, at := range []int{line, word, letter} {
		if at > 0 {
			return at
		}
	}
	return len(s)
}
