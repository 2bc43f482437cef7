package sandbox

import (
	_ "embed"
	"strings"
	"text/template"

	"cbhbot/bot/slackemu"
)

// othersText says what a bot needs to use the workspace. No library reads SLACK_API_URL by itself: each is told the address
// where its client is made (github.com/slack-go/slack: OptionAPIURL; github.com/slackapi/node-slack-sdk: WebClientOptions;
// github.com/slackapi/python-slack-sdk: WebClient, whose client Bolt's handler asks for its socket).
//
//go:embed others.txt
var othersText string

// others is what that text is filled with.
type others struct {
	Base, BotToken, AppToken string
	Commands                 []string
	Shortcuts                []slackemu.Shortcut
	Events, Unserved         []string
}

// forOthers is the greeting of a workspace without cbhbot.
func (b *sandbox) forOthers() string {
	app := b.flags.manifest
	filled := others{
		Base: b.base, BotToken: slackemu.BotToken, AppToken: slackemu.AppToken,
		Shortcuts: app.Features.Shortcuts, Events: app.Settings.Events.Bot, Unserved: app.Unserved(),
	}
	for _, c := range app.Features.Commands {
		filled.Commands = append(filled.Commands, c.Command)
	}
	var text strings.Builder
	made := template.Must(template.New("others").Funcs(template.FuncMap{"join": strings.Join}).Parse(othersText))
	if err := made.Execute(&text, filled); err != nil {
		panic(err) // the template is part of the program
	}
	return text.String()
}
