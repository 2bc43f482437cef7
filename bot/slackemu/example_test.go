package slackemu_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/slack-go/slack"

	"cbhbot/bot/slackemu"
)

// An app needs nothing but the address of the Web API to work with the workspace.
func Example() {
	ws := slackemu.New(slackemu.Options{})
	defer ws.Close()
	web := httptest.NewServer(ws)
	defer web.Close()

	app := slack.New(slackemu.BotToken, slack.OptionAPIURL(web.URL+"/api/"))
	if _, err := app.PostEphemeral(slackemu.ChannelOps, slackemu.UserAna, slack.MsgOptionText("Only for Ana.", false)); err != nil {
		fmt.Println(err)
	}
	fmt.Println("Ana sees", len(ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps)), "message, Bo sees", len(ws.As(slackemu.UserBo).Sees(slackemu.ChannelOps)))

	told := ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help")
	fmt.Println("without a socket the command ends with", told.Error)
	// Output:
	// Ana sees 1 message, Bo sees 0
	// without a socket the command ends with dispatch_failed
}
