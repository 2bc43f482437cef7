package timephrase

import (
	"strings"
	"unicode"
)

// normalise turns a phrase into printable ASCII with single-byte spaces, the case kept as typed. Kinds
// of space, the curly apostrophe and full-width forms (which Chinese and Japanese keyboards produce) have
// one plain equivalent each. Everything else, look-alike letters and invisible marks among it, is refused:
// it may not mean what it looks like.
func normalise(phrase string) (string, *Error) {
	var b strings.Builder
	b.Grow(len(phrase))
	for i, r := range phrase {
		plain := plainRune(r)
		if plain == 0 {
			return "", unreadable(wordAround(phrase, i))
		}
		b.WriteByte(plain)
	}
	clean := strings.TrimSpace(b.String())
	if clean == "" {
		return "", nothing()
	}
	return clean, nil
}

// plainRune gives the ASCII equivalent of a rune, 0 for none.
func plainRune(r rune) byte {
	switch {
	case r > ' ' && r <= '~':
		return byte(r)
	case r == ' ', r == '\t', r == '\n', r == '\r', unicode.Is(unicode.Zs, r):
		return ' '
	case r >= '！' && r <= '～':
		return byte(r - '！' + '!')
	case r == '’':
		return '\''
	}
	return 0
}

// wordAround is the run without spaces that holds the byte i.
func wordAround(phrase string, i int) string {
	from := strings.LastIndexFunc(phrase[:i], unicode.IsSpace) + 1
	if to := strings.IndexFunc(phrase[i:], unicode.IsSpace); to > 0 {
		return strings.TrimSpace(phrase[from : i+to])
	}
	return strings.TrimSpace(phrase[from:])
}
