package slackemu_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// What Slack says of a token is about that token: its scopes, its app or its workspace, and
// that it is over.
func TestWhatSlackSaysOfATokenIsAboutThatToken(t *testing.T) {
	ws, base := start(t, slackemu.Options{Scopes: []string{"commands", "chat:write"}, AppScopes: []string{"authorizations:read"}})
	ws.Revoke("xoxb-old")
	for _, c := range []struct{ method, token, scopes, says string }{
		{"auth.test", slackemu.BotToken, "commands,chat:write", `"team_id":"` + slackemu.TeamHome + `"`},
		{"auth.test", slackemu.AppToken, "authorizations:read", `"app_id":"` + slackemu.AppID + `"`},
		{"auth.test", slackemu.OtherAppToken, "connections:write", `"app_id":"` + slackemu.OtherAppID + `"`},
		{"auth.test", "", "", "not_authed"},
		{"auth.test", "xoxb-old", "", "token_revoked"},
		{"auth.test", "xoxb-unknown", "", "invalid_auth"},
		{"users.info", slackemu.AppToken, "authorizations:read", "not_allowed_token_type"},
		{"users.info", slackemu.BotToken, "commands,chat:write", `"needed":"users:read"`},
		{"apps.connections.open", slackemu.BotToken, "commands,chat:write", "not_allowed_token_type"},
		{"apps.connections.open", slackemu.AppToken, "authorizations:read", `"needed":"connections:write"`},
		{"apps.connections.open", slackemu.OtherAppToken, "connections:write", "app_id=" + slackemu.OtherAppID},
	} {
		answer, err := http.PostForm(base+"/api/"+c.method, url.Values{"token": {c.token}})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if got := answer.Header.Get("X-OAuth-Scopes"); got != c.scopes || !strings.Contains(string(text), c.says) {
			t.Errorf("%s by %q: scopes %q, %s", c.method, c.token, got, text)
		}
	}
}

func TestSocketModeCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	ws, base := start(t, slackemu.Options{})
	w := wire{t, base}
	conn, _ := w.open()
	ws.SetSocketMode(false)
	if frame := w.next(conn); frame["reason"] != "link_disabled" {
		t.Errorf("%v", frame)
	}
	for _, on := range []bool{false, true} {
		ws.SetSocketMode(on)
		if answer := call(t, base, "apps.connections.open", args{"token": slackemu.AppToken}); (answer["error"] == "socket_mode_not_enabled") == on {
			t.Errorf("%v: %v", on, answer)
		}
	}
}

// Another app's socket is greeted as that app's, and gets nothing that is meant for ours.
func TestAnotherAppsSocketIsNotOurs(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	w := wire{t, base}
	address, _ := call(t, base, "apps.connections.open", args{"token": slackemu.OtherAppToken})["url"].(string)
	conn, err := w.dial(address, 0)
	if err != nil {
		t.Fatal(err)
	}
	if hello := w.next(conn); hello["connection_info"].(map[string]any)["app_id"] != slackemu.OtherAppID || hello["num_connections"] != float64(1) {
		t.Errorf("%v", hello)
	}
	if d := command(ws); d.Acked || len(ws.Sockets()) != 0 {
		t.Errorf("%+v, %d sockets", d, len(ws.Sockets()))
	}
}
