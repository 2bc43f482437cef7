package slackemu_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// fetch reads what an address answers.
func fetch(t *testing.T, address string, into any) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// Commands, mentions and messages in every kind of conversation.
func TestEveryKindOfConversation(t *testing.T) {
	everything := append(slackemu.DefaultScopes(), "im:read", "mpim:read", "im:history", "mpim:history")
	const dm = "D0RITA"
	for channel, c := range map[string]struct {
		name, event string // of a command's channel, and of a mention
		info        string // that conversations.info says
		post        string // the refusal of a message
	}{
		slackemu.ChannelOps:      {"ops", "app_mention", "is_channel", ""},
		slackemu.ChannelLobby:    {"lobby", "", "is_channel", ""},
		slackemu.ChannelCrew:     {"privategroup", "app_mention", "is_private", ""},
		slackemu.ChannelVault:    {"privategroup", "", "", "channel_not_found"},
		slackemu.GroupNight:      {"mpdm-rita--ana--cbhbot-1", "app_mention", "is_mpim", ""},
		slackemu.DirectRitaAna:   {"directmessage", "", "", "channel_not_found"},
		dm:                       {"directmessage", "message", "is_im", ""},
		slackemu.ChannelPartners: {"partners", "app_mention", "is_ext_shared", ""},
	} {
		s := newStage(t, slackemu.Options{Scopes: everything})
		rita := s.ws.As(slackemu.UserRita)
		rita.Command(channel, "/cbh", "help")
		command := <-s.seen
		if command["channel_id"] != channel || command["channel_name"] != c.name {
			t.Errorf("%s: a command in %v %v", channel, command["channel_id"], command["channel_name"])
		}
		reply, _ := command["response_url"].(string)
		if status, got := postJSON(t, reply, map[string]any{"text": "psst"}); status != http.StatusOK || len(rita.Sees(channel)) != 1 {
			t.Errorf("%s: an answer: %d %v", channel, status, got)
		}
		_, d := rita.Say(channel, "hi @cbhbot")
		if d.Kind != c.event {
			t.Errorf("%s: a mention came as %q", channel, d.Kind)
		}
		info := call(t, s.base, "conversations.info", args{"channel": channel})
		if c.info != "" && at(info, "channel", c.info) != true || c.info == "" && info["error"] != "channel_not_found" {
			t.Errorf("%s: %v", channel, info)
		}
		if got := call(t, s.base, "chat.postMessage", args{"channel": channel, "text": "t"}); c.post == "" && got["ok"] != true || c.post != "" && got["error"] != c.post {
			t.Errorf("%s: a message: %v", channel, got)
		}
	}
}

func TestAConversationIsLookedAtWithTheScopeOfItsKind(t *testing.T) {
	for channel, want := range map[string]string{
		slackemu.ChannelOps: "channels:read", slackemu.ChannelCrew: "groups:read", slackemu.GroupNight: "mpim:read", "D0RITA": "im:read",
	} {
		_, base := start(t, slackemu.Options{Scopes: slackemu.RequiredScopes()})
		for _, method := range []string{"conversations.info", "conversations.members"} {
			if got := call(t, base, method, args{"channel": channel}); got["error"] != "missing_scope" || got["needed"] != want {
				t.Errorf("%s of %s: %v", method, channel, got)
			}
		}
	}
}

func TestAReplyIsBroadcastToItsChannel(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	post := func(more args) map[string]any {
		all := args{"channel": slackemu.ChannelOps, "text": "t"}
		for name, value := range more {
			all[name] = value
		}
		return call(t, s.base, "chat.postMessage", all)
	}
	root, _ := post(nil)["ts"].(string)
	quiet, _ := post(args{"thread_ts": root})["ts"].(string)
	loud := post(args{"thread_ts": root, "reply_broadcast": "true"})
	if at(loud, "message", "subtype") != "thread_broadcast" || at(loud, "message", "thread_ts") != root {
		t.Errorf("%v", loud)
	}
	alone := post(args{"reply_broadcast": "true"})
	if all := s.ws.Messages(slackemu.ChannelOps); at(alone, "message", "subtype") != nil || all[len(all)-1].Broadcast {
		t.Errorf("what is in no thread was broadcast: %v", alone)
	}
	history := func() string {
		return asJSON(t, call(t, s.base, "conversations.history", args{"channel": slackemu.ChannelOps})["messages"])
	}
	if strings.Contains(history(), quiet) || !strings.Contains(history(), "thread_broadcast") {
		t.Errorf("%s", history())
	}
	call(t, s.base, "chat.update", args{"channel": slackemu.ChannelOps, "ts": quiet, "text": "t", "reply_broadcast": "true"})
	if !strings.Contains(history(), quiet) {
		t.Errorf("an update did not broadcast it: %s", history())
	}
}

func TestALanguageIsToldToThoseWhoAsk(t *testing.T) {
	users := append(slackemu.DefaultUsers(), slackemu.User{ID: "U0LIN", TeamID: slackemu.TeamHome, Name: "lin", RealName: "Lin", TZ: "Asia/Shanghai", Locale: "zh-CN"})
	s := newStage(t, slackemu.Options{Users: users})
	asked := func(user, include string) any {
		return at(call(t, s.base, "users.info", args{"user": user, "include_locale": include}), "user", "locale")
	}
	if got := asked("U0LIN", "true"); got != "zh-CN" {
		t.Errorf("%v", got)
	}
	if got := asked("U0LIN", "false"); got != nil {
		t.Errorf("told to somebody who did not ask: %v", got)
	}
	if got := asked(slackemu.UserAna, "true"); got != "en-US" {
		t.Errorf("%v", got)
	}
	if err := s.ws.SetLocale(slackemu.UserAna, "zh-CN"); err != nil {
		t.Fatal(err)
	}
	if p := <-s.seen; at(p, "event", "type") != "user_change" || at(p, "event", "user", "locale") != "zh-CN" {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	if got := asked(slackemu.UserAna, "true"); got != "zh-CN" {
		t.Errorf("%v", got)
	}
	if s.ws.SetLocale("U0NOBODY", "zh-CN") == nil {
		t.Error("nobody has a language")
	}
}
