package messages

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cbhbot/handlers/cloud"
	"cbhbot/handlers/timephrase"
)

// Commands are what can stand after /cbh, in the order of the help.
var Commands = []string{"upgrade", "cancel", "reschedule", "withdraw", "rollback", "break-glass", "status", "list", "history", "instances", "policy", "help"}

// decisions are commands that only say where decisions are made: with the buttons of a card.
var decisions = []string{"approve", "deny"}

// helpWords are what people type to be helped, in whatever language, and how no bastion is
// called; a keyboard makes a dash of two.
var helpWords = []string{"?", "？", "-h", "-help", "--help", "—help"}

// AsksForHelp reports whether a word is one of them.
func AsksForHelp(typed string) bool { return slices.Contains(helpWords, strings.ToLower(typed)) }

// Understood is the English word for one that somebody typed in any language; the word
// itself, in lower case, where it is none.
func Understood(typed string) string {
	for _, l := range Languages {
		if word, ok := l.words[timephrase.Simplified(typed)]; ok {
			return word
		}
	}
	if AsksForHelp(typed) {
		return "help"
	}
	return strings.ToLower(typed)
}

// Stops are what people put behind a word, as behind a sentence.
const Stops = ",.!?:;，。！？：；"

// CutCommand takes a command off the beginning of a text. Where a language has no
// blanks between words, what follows may stand right behind it.
func CutCommand(text string) (command, rest string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	for _, word := range []string{strings.TrimRight(first, Stops), first} {
		if command = Understood(word); isCommand(command) {
			return command, strings.TrimSpace(rest)
		}
	}
	plain := timephrase.Simplified(first)
	for _, l := range Languages {
		for word, command := range l.words {
			if !strings.HasPrefix(plain, word) || !isCommand(command) {
				continue
			}
			switch l.alike[plain] {
			case "":
				return command, strings.TrimSpace(strings.TrimLeft(first[len(word):], Stops) + " " + rest)
			case command: // and what stands behind it says nothing more
				return command, strings.TrimSpace(rest)
			}
		}
	}
	return command, strings.TrimSpace(rest)
}

func isCommand(word string) bool {
	return slices.Contains(Commands, word) || slices.Contains(decisions, word)
}

// Listed are what can stand after /cbh list.
var Listed = []string{"mine", "pending", "scheduled", "all"}

// Meant is the command that somebody may have meant by a word, in any language: by one
// that means the same, or by a typing error.
func Meant(typed string) (command string, ok bool) {
	word := ownScript(typed)
	for _, l := range Languages {
		if command, ok := l.alike[word]; ok {
			return command, true
		}
	}
	return Nearest(typed, Commands)
}

// Within is the last command in a word, also where it has no blanks: "请帮我升级".
func Within(word string) (command string, ok bool) {
	if command := Understood(word); isCommand(command) {
		return command, true
	}
	plain, last := timephrase.Simplified(word), -1
	for _, l := range Languages {
		for inside, meant := range l.words {
			if at := strings.LastIndex(plain, inside); isCommand(meant) && at > last {
				command, last = meant, at
			}
		}
	}
	return command, last >= 0
}

// Begun is the command that somebody may have meant by the beginning of a Chinese word, which
// has no blank behind it: "改到周日".
func Begun(typed string) (command string, ok bool) {
	plain, longest := timephrase.Simplified(typed), ""
	for word, meant := range ByTag("zh-CN").alike {
		if strings.HasPrefix(plain, word) && len(word) > len(longest) {
			longest, command = word, meant
		}
	}
	return command, longest != ""
}

// Nearest is the one of some words that somebody may have meant, in any language.
func Nearest(typed string, among []string) (word string, ok bool) {
	meant := map[string]string{}
	var spellings []string
	for _, candidate := range among {
		for _, l := range Languages {
			spelled := l.nameOf(candidate)
			meant[spelled], spellings = candidate, append(spellings, spelled)
		}
	}
	nearest := nearestTo(ownScript(typed), spellings, mostWrong)
	if len(nearest) == 0 {
		return "", false
	}
	return meant[nearest[0]], true
}

// nearestTo is those spellings that differ least from what was typed, by no more characters than each allows. Of two that
// differ alike it is the one that begins alike: few people mistype the first letter.
func nearestTo(typed string, spellings []string, most func(spelled string) int) (nearest []string) {
	best := 1 << 20
	begin, _ := utf8.DecodeRuneInString(typed)
	for _, spelled := range spellings {
		wrong := cloud.Distance([]rune(typed), []rune(spelled))
		far := 2 * wrong
		if first, _ := utf8.DecodeRuneInString(spelled); first != begin {
			far++
		}
		switch {
		case wrong > most(spelled) || far > best:
		case far < best:
			nearest, best = []string{spelled}, far
		default:
			nearest = append(nearest, spelled)
		}
	}
	return nearest
}

// ownScript is a word in small letters and Simplified characters, without what stands right
// behind it in other letters, as names do behind Chinese.
func ownScript(typed string) string {
	typed = timephrase.Simplified(strings.ToLower(typed))
	first, _ := utf8.DecodeRuneInString(typed)
	if !unicode.Is(unicode.Han, first) {
		return typed
	}
	if at := strings.IndexFunc(typed, func(r rune) bool { return !unicode.Is(unicode.Han, r) }); at > 0 {
		return typed[:at]
	}
	return typed
}

// mostWrong is how many characters of a word may be wrong: two letters, but half a short word,
// and one of Chinese, where a word has only two.
func mostWrong(word string) int {
	if first, _ := utf8.DecodeRuneInString(word); first >= utf8.RuneSelf {
		return 1
	}
	return min(2, len(word)/2)
}

// CommandName is a command in the words of its reader.
func CommandName(command string) any { return commandName(command) }

func (l *Language) nameOf(command string) string {
	for word, meant := range l.words {
		if meant == command {
			return word
		}
	}
	return command
}

// Form is how a command is typed.
func Form(command string) any { return literal(Say(FormKey(command))) }
