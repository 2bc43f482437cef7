package bot_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

// greet opens a socket once.
func greet(t *testing.T, api, token string) (counted int, err error) {
	t.Helper()
	return bot.Greet(t.Context(), bot.SocketsConfig{AppToken: token, APIURL: api, Log: quiet(), Now: time.Now, Receive: ackAll})
}

// A socket that is opened to be counted is closed with a close frame, so that no ghost is
// left.
func TestAGreetingIsCountedAndLeavesNoGhost(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	ws.SetFaults(slackemu.Faults{Ghosts: true})
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 2, Receive: ackAll})
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	if got, err := greet(t, api, slackemu.AppToken); err != nil || got != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	until(t, ws, "the socket's end", func() bool { return len(ws.Sockets()) == 2 })
	if past := ws.PastSockets(); len(past) != 1 || past[0].Ended != "close frame 1000" {
		t.Errorf("%+v", past)
	}
	if got, err := greet(t, api, slackemu.OtherAppToken); err != nil || got != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	ws.SetSocketMode(false)
	var fatal *bot.FatalError
	if _, err := greet(t, api, slackemu.AppToken); !errors.As(err, &fatal) || fatal.Code != "socket_mode_not_enabled" {
		t.Error(err)
	}
}

func TestWhatSlackSaysOfATokenIsRead(t *testing.T) {
	t.Parallel()
	_, api := workspace(t, slackemu.Options{Scopes: []string{"commands", "chat:write"}})
	inspect := func(token string) (bot.Token, error) {
		return bot.InspectToken(context.Background(), bot.NewHTTPClient(), api, token)
	}
	got, err := inspect(slackemu.BotToken)
	if err != nil || got.TeamID != slackemu.TeamHome || got.AppID != "" || !slices.Equal(got.Scopes, []string{"commands", "chat:write"}) || time.Since(got.Date).Abs() > 5*time.Second {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := inspect(slackemu.AppToken); err != nil || got.AppID != slackemu.AppID || got.TeamID != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := inspect("xoxb-unknown"); bot.ErrorCode(err) != "invalid_auth" {
		t.Error(err)
	}
}

// Without its app's id, which a token may not be let to read, the bot listens to all apps.
func TestTheBotKnowsItsWorkspaceAndApp(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	want := bot.Identity{TeamID: slackemu.TeamHome, BotID: slackemu.BotID, AppID: slackemu.AppID}
	for range 2 {
		got, err := bot.NewSender(bot.SenderConfig{Token: slackemu.BotToken, APIURL: api, Log: quiet()}).Identify(context.Background())
		if err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		ws.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"bots.info": {Error: "missing_scope"}}})
		want.AppID = ""
	}
}
