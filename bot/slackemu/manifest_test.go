package slackemu_test

import (
	"slices"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// someApp is a manifest as Slack exports one, in JSON with tabs.
const someApp = `{
	"display_information": {"name": "Deploy Bot \ud83d\ude80"},
	"features": {
		"bot_user": {"display_name": "Deploy Bot"},
		"app_home": {"home_tab_enabled": %HOME%, "messages_tab_enabled": %TALK%, "messages_tab_read_only_enabled": %READ%},
		"slash_commands": [{"command": "/deploy", "description": "d", "usage_hint": "service", "should_escape": false}],
		"shortcuts": [{"name": "Deploy", "type": "global", "callback_id": "deploy", "description": "d"}]
	},
	"oauth_config": {"scopes": {"bot": ["commands", "chat:write", "app_mentions:read", %SCOPES%"im:write"]}},
	"settings": {
		"event_subscriptions": {"bot_events": ["app_mention", "message.channels", "message.im", "reaction_added"]},
		"interactivity": {"is_enabled": %PRESS%},
		"socket_mode_enabled": true
	}
}`

// appWith is that manifest, with what is said to be off.
func appWith(t *testing.T, off ...string) *slackemu.Manifest {
	t.Helper()
	text := strings.NewReplacer("%SCOPES%", `"channels:history", "im:history", `).Replace(someApp)
	if slices.Contains(off, "%SCOPES%") {
		text = strings.Replace(someApp, "%SCOPES%", "", 1)
	}
	for _, switched := range []string{"%HOME%", "%TALK%", "%PRESS%"} {
		text = strings.ReplaceAll(text, switched, map[bool]string{true: "false", false: "true"}[slices.Contains(off, switched)])
	}
	text = strings.ReplaceAll(text, "%READ%", map[bool]string{true: "true", false: "false"}[slices.Contains(off, "%READ%")])
	m, err := slackemu.ReadManifest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

func TestAManifestThatCannotBeServedIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"features: [":                                "reading the manifest",
		"settings: {socket_mode_enabled: false}":     "settings.socket_mode_enabled",
		`{"settings": {"socket_mode_enabled":true}}`: "oauth_config.scopes.bot",
		"settings: {socket_mode_enabled: true}\noauth_config: {scopes: {bot: [commands]}}\nfeatures: {shortcuts: [{name: Schedule an upgrade from this}]}": "has 29 characters, and Slack takes 24",
	} {
		if _, err := slackemu.ReadManifest([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}

func TestAnotherAppIsServedByItsOwnManifest(t *testing.T) {
	app := appWith(t)
	if got := app.Unserved(); !slices.Equal(got, []string{"reaction_added"}) {
		t.Errorf("events that are never sent: %v", got)
	}
	s := newStage(t, slackemu.Options{Manifest: app})
	rita := s.ws.As(slackemu.UserRita)
	rita.Command(slackemu.ChannelOps, "/deploy", "web for @ana")
	if p := <-s.seen; p["command"] != "/deploy" || p["text"] != "web for @ana" {
		t.Errorf("command: %s", asJSON(t, p))
	}
	if d := rita.Command(slackemu.ChannelOps, "/cbh", "help"); d.EnvelopeID != "" || d.Error == "" {
		t.Errorf("a command that is not declared: %+v", d)
	}
	rita.Shortcut("deploy")
	if p := <-s.seen; p["callback_id"] != "deploy" {
		t.Errorf("shortcut: %s", asJSON(t, p))
	}
	if got := call(t, s.base, "auth.test", nil); got["user"] != "deploy_bot" {
		t.Errorf("auth.test: %v", got)
	}
	if got := call(t, s.base, "users.info", args{"user": slackemu.UserAna}); got["error"] != "missing_scope" || got["needed"] != "users:read" {
		t.Errorf("users.info: %v", got)
	}
	rita.Say(slackemu.ChannelOps, "hello @deploy_bot")
	if p := <-s.seen; at(p, "event", "type") != "app_mention" || at(p, "event", "text") != "hello <@"+slackemu.UserBot+">" {
		t.Errorf("mention: %s", asJSON(t, p))
	}
	if p := <-s.seen; at(p, "event", "type") != "message" || at(p, "event", "channel_type") != "channel" {
		t.Errorf("message: %s", asJSON(t, p))
	}
}

func TestWhatTheManifestTurnsOffIsRefused(t *testing.T) {
	home := args{"user_id": slackemu.UserAna, "view": `{"type":"home","blocks":[]}`}
	direct := args{"channel": slackemu.UserAna, "text": "t"}
	for name, c := range map[string]struct {
		off, method string
		args        args
		want        string
	}{
		"a home tab":            {"", "views.publish", home, ""},
		"no home tab":           {"%HOME%", "views.publish", home, "not_enabled"},
		"a message to a person": {"", "chat.postMessage", direct, ""},
		"no messages tab":       {"%TALK%", "chat.postMessage", direct, "messages_tab_disabled"},
	} {
		_, base := start(t, slackemu.Options{Manifest: appWith(t, c.off)})
		if word, _ := call(t, base, c.method, c.args)["error"].(string); word != c.want {
			t.Errorf("%s: %q, want %q", name, word, c.want)
		}
	}
	for _, off := range []string{"%TALK%", "%READ%"} {
		ws, _ := start(t, slackemu.Options{Manifest: appWith(t, off)})
		if _, d := ws.As(slackemu.UserAna).Say("D0ANA", "hello"); d.Error == "" || len(ws.Messages("D0ANA")) != 0 {
			t.Errorf("%s: %+v", off, d)
		}
	}
	s := newStage(t, slackemu.Options{Manifest: appWith(t, "%PRESS%")})
	if d := s.card(slackemu.UserAna).Action("Go").Click(); d.Acked || !strings.Contains(d.Error, "interactivity") {
		t.Errorf("a press: %+v", d)
	}
}

func TestAnEventNeedsItsScope(t *testing.T) {
	s := newStage(t, slackemu.Options{Manifest: appWith(t, "%SCOPES%")})
	if _, d := s.ws.As(slackemu.UserRita).Say(slackemu.ChannelOps, "hello"); d.EnvelopeID != "" {
		t.Errorf("a message without channels:history: %+v", d)
	}
	if _, d := s.ws.As(slackemu.UserRita).Say(slackemu.ChannelOps, "hello @deploy_bot"); !d.Acked {
		t.Errorf("a mention: %+v", d)
	}
	if p := <-s.seen; at(p, "event", "type") != "app_mention" || len(s.seen) != 0 {
		t.Errorf("%s, and %d more", asJSON(t, p), len(s.seen))
	}
}

func TestAnAppHearsItsOwnMessages(t *testing.T) {
	s := newStage(t, slackemu.Options{Manifest: appWith(t)})
	next := func() map[string]any { e, _ := at(<-s.seen, "event").(map[string]any); return e }
	ts, _ := call(t, s.base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": "one"})["ts"].(string)
	if e := next(); e["bot_id"] != slackemu.BotID || e["text"] != "one" || e["subtype"] != nil {
		t.Errorf("posted: %s", asJSON(t, e))
	}
	call(t, s.base, "chat.update", args{"channel": slackemu.ChannelOps, "ts": ts, "text": "two"})
	if e := next(); e["subtype"] != "message_changed" || at(e, "message", "text") != "two" || at(e, "previous_message", "text") != "one" {
		t.Errorf("changed: %s", asJSON(t, e))
	}
	call(t, s.base, "chat.delete", args{"channel": slackemu.ChannelOps, "ts": ts})
	if e := next(); e["subtype"] != "message_deleted" || e["deleted_ts"] != ts {
		t.Errorf("deleted: %s", asJSON(t, e))
	}
	call(t, s.base, "chat.postEphemeral", args{"channel": slackemu.ChannelOps, "user": slackemu.UserAna, "text": "psst"})
	s.ws.As(slackemu.UserRita).Say(slackemu.ChannelOps, "after the whisper")
	if e := next(); e["text"] != "after the whisper" {
		t.Errorf("a whisper was heard: %s", asJSON(t, e))
	}
}
