package timephrase

import (
	"slices"
	"strings"
	"unicode"
)

// letters is a phrase in the characters it is read as, the case and the spaces kept. The character i was
// typed as the bytes at[i] to at[i+1].
type letters struct {
	typed string
	plain []rune
	at    []int
}

// normalise gives each character its one plain equivalent: kinds of space, full-width forms (which the
// keyboards of China and Japan produce) and points between words become ASCII, Traditional characters
// Simplified. Everything else, look-alike letters and invisible marks among it, is refused: it may not
// mean what it looks like.
func normalise(typed string) (letters, *Error) {
	l := letters{typed: typed, plain: make([]rune, 0, len(typed)), at: make([]int, 0, len(typed)+1)}
	for i, r := range typed {
		plain := plainRune(r)
		if n := len(l.plain); n > 0 && variesPicture(r) && slices.Contains(pictures, string(l.plain[n-1])) {
			plain = ' '
		}
		if plain == 0 {
			return l, unreadable(wordAround(typed, i))
		}
		l.plain, l.at = append(l.plain, plain), append(l.at, i)
	}
	l.at = append(l.at, len(typed))
	l.unquote()
	if strings.TrimSpace(string(l.plain)) == "" {
		return l, refuse(Empty, "", Remark{Point: NoTime})
	}
	return l, nil
}

// unquote makes spaces of the quotation marks around words, and of the marks of code and of bold type.
func (l *letters) unquote() {
	for i, r := range l.plain {
		for to := i + 1; isMark(r) && l.edge(i-1) && to < len(l.plain); to++ {
			if l.plain[to] == r && l.edge(to+1) && strings.TrimSpace(string(l.plain[i+1:to])) != "" { // "* *" is of a cron
				l.plain[i], l.plain[to] = ' ', ' '
				break
			}
		}
	}
}

func isMark(r rune) bool { return strings.ContainsRune("\"'`*_", r) }

// edge tells a place that a word ends before.
func (l *letters) edge(i int) bool {
	return i < 0 || i >= len(l.plain) || isMark(l.plain[i]) || strings.ContainsRune(" ,.;!?()", l.plain[i])
}

// plainRune gives the plain equivalent of a character, 0 for none.
func plainRune(r rune) rune {
	switch {
	case r == ' ', r == '\t', r == '\n', r == '\r', unicode.Is(unicode.Zs, r):
		return ' '
	case strings.ContainsRune("[【", r):
		return '('
	case strings.ContainsRune("]】", r):
		return ')'
	case r >= '！' && r <= '～':
		return plainRune(r - '！' + '!')
	case strings.ContainsRune("“”„«»「」『』《》", r):
		return '"'
	case r == '‘', r == '’':
		return '\''
	case strings.ContainsRune("·•∙⋅|", r):
		return ','
	case r == '−':
		return '-'
	case r == '。':
		return '.'
	case r == '、', r == '–', r == '—', r == '…', slices.Contains(pictures, string(r)):
		return r
	case isHan(r):
		return simplified(r)
	case r > ' ' && r <= '~':
		return r
	case strings.ContainsRune(accented, unicode.ToLower(r)):
		return unicode.ToLower(r)
	}
	return 0
}

// accented are the letters of names of places that English takes over: no other word is read with one.
const accented = "ãáíü"

// variesPicture tells a character that gives the picture before it colours, or a tone of skin.
func variesPicture(r rune) bool { return r == '\ufe0f' || r >= '🏻' && r <= '🏿' }

func isHan(r rune) bool { return r > '~' && unicode.Is(unicode.Han, r) }

// wordAround is the run without spaces that holds the byte i.
func wordAround(phrase string, i int) string {
	from := strings.LastIndexFunc(phrase[:i], unicode.IsSpace) + 1
	if to := strings.IndexFunc(phrase[i:], unicode.IsSpace); to > 0 {
		return strings.TrimSpace(phrase[from : i+to])
	}
	return strings.TrimSpace(phrase[from:])
}
