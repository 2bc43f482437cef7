package messages

import (
	"slices"
	"strings"
)

// Commands are what can stand after /cbh, in the order of the help.
var Commands = []string{"upgrade", "cancel", "reschedule", "withdraw", "rollback", "break-glass", "status", "list", "history", "instances", "policy", "help"}

// Understood is the English word for one that somebody typed in any language; the word
// itself, in lower case, where it is none.
func Understood(typed string) string {
	for _, l := range Languages {
		if word, ok := l.words[typed]; ok {
			return word
		}
	}
	return strings.ToLower(typed)
}

// CutCommand takes a command off the beginning of a text. Where a language has no
// blanks between words, what follows may stand right behind it.
func CutCommand(text string) (command, rest string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if command = Understood(first); slices.Contains(Commands, command) {
		return command, strings.TrimSpace(rest)
	}
	for _, l := range Languages {
		for word, command := range l.words {
			if behind, ok := strings.CutPrefix(first, word); ok && slices.Contains(Commands, command) {
				return command, strings.TrimSpace(behind + " " + rest)
			}
		}
	}
	return command, strings.TrimSpace(rest)
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
