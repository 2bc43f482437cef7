package messages

import (
	"strings"
	"time"

	"cbhbot/bot/mrkdwn"
)

// Language is one that the bot speaks. All fields are required.
type Language struct {
	Tag   string // BCP 47: what the policy file names it by
	texts map[Key]mrkdwn.Format

	// words are what people may type for a command or for what it lists; the English
	// ones are always understood.
	words map[string]string

	// alike are words that mean the same as a command. They are no commands, so that each
	// has one name: who types one is told the command.
	alike map[string]string

	form     func(n int) int // which of a text's forms goes with a number
	comma    mrkdwn.Format   // between the items of a list
	last     mrkdwn.Format   // before its last
	space    mrkdwn.Format   // between sentences
	guide    mrkdwn.Format   // the address of the cloud's page on what to see to before an upgrade
	moment   mrkdwn.Format   // how Slack shows an instant (docs.slack.dev/messaging/formatting-message-text#date-formatting)
	weekdays [7]string
	day      func(t time.Time, weekday string, year bool) string
	month    func(t time.Time) string // with its year
}

// Languages are those there are. The first stands in where a text is missing, and for
// readers whose language is not here.
var Languages = []*Language{&english, &chinese}

// ByTag finds a language by the policy's tag; the first where there is none.
func ByTag(tag string) *Language {
	for _, l := range Languages {
		if strings.EqualFold(l.Tag, tag) {
			return l
		}
	}
	return Languages[0]
}

// ForLocale finds the language for a reader's locale in Slack, such as "zh-CN" or
// "en-GB" (https://docs.slack.dev/reference/objects/user-object).
func ForLocale(locale string) *Language {
	base, _, _ := strings.Cut(locale, "-")
	for _, l := range Languages {
		if own, _, _ := strings.Cut(l.Tag, "-"); strings.EqualFold(own, base) {
			return l
		}
	}
	return Languages[0]
}

func (l *Language) text(key Key) mrkdwn.Format {
	if text, ok := l.texts[key]; ok {
		return text
	}
	return Languages[0].texts[key]
}
