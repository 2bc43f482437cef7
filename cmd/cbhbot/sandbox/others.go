package sandbox

import (
	_ "embed"
	"fmt"
	"strings"

	"cbhbot/bot/slackemu"
)

// othersText says what a bot needs to use the workspace. No library reads SLACK_API_URL by itself: each is told the address
// where its client is made (github.com/slack-go/slack: OptionAPIURL; github.com/slackapi/node-slack-sdk: WebClientOptions;
// github.com/slackapi/python-slack-sdk: WebClient, whose client Bolt's handler asks for its socket).
//
//go:embed others.txt
var othersText string

// forOthers is the greeting of a workspace without cbhbot. It is filled without
// text/template, whose presence makes the linker keep every method in the program.
func (b *sandbox) forOthers() string {
	app := b.flags.manifest
	var commands, shortcuts []string
	for _, c := range app.Features.Commands {
		commands = append(commands, c.Command)
	}
	for _, s := range app.Features.Shortcuts {
		shortcuts = append(shortcuts, fmt.Sprintf("%s (%s)", s.CallbackID, s.Type))
	}
	events := strings.Join(app.Settings.Events.Bot, ", ")
	if unserved := app.Unserved(); len(unserved) > 0 {
		events += "\n  of which these are never sent here: " + strings.Join(unserved, ", ")
	}
	return strings.NewReplacer(
		"$BASE", b.base, "$COMMANDS", strings.Join(commands, ", "), "$SHORTCUTS", strings.Join(shortcuts, ", "), "$EVENTS", events,
		"$BOT_TOKEN", slackemu.BotToken, "$APP_TOKEN", slackemu.AppToken,
	).Replace(othersText)
}
