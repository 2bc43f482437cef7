package sandbox

import (
	"cbhbot/bot/slackemu"
	"cbhbot/handlers/messages"
)

// hints are the bot's commands as its help tells of them, for the page to offer while
// somebody types.
func hints(locale string) []slackemu.Hint {
	voice := messages.Voice{Language: messages.ForLocale(locale)}
	var all []slackemu.Hint
	for _, command := range messages.Commands {
		all = append(all, slackemu.Hint{
			Command: "/cbh",
			Usage:   voice.Plain(messages.Say(messages.FormKey(command))),
			Help:    voice.Plain(messages.Say(messages.HelpKey(command))),
		})
	}
	return all
}
