package slackemu_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// request calls a method with a body of some type and returns what Slack answers, with its headers.
func request(t *testing.T, verb, address, contentType, body string) (map[string]any, http.Header) {
	t.Helper()
	r, _ := http.NewRequest(verb, address, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+slackemu.BotToken)
	r.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readJSON(t, answer), answer.Header
}

func TestAnAnswerSaysWhatScopesThereAreAndWhichAreEnough(t *testing.T) {
	_, base := start(t, slackemu.Options{Scopes: []string{"chat:write", "im:history"}})
	for method, want := range map[string]string{
		"chat.postMessage": "chat:write", "conversations.history": "channels:history,groups:history,mpim:history,im:history", "auth.test": "",
	} {
		_, headers := request(t, http.MethodPost, base+"/api/"+method, "application/x-www-form-urlencoded", "")
		if has, accepted := headers.Get("X-OAuth-Scopes"), headers.Get("X-Accepted-OAuth-Scopes"); has != "chat:write,im:history" || accepted != want {
			t.Errorf("%s: %q, %q", method, has, accepted)
		}
	}
}

func TestAnOddContentTypeIsWarnedOf(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	for contentType, want := range map[string]any{
		"application/json": "missing_charset", "application/json; charset=utf-8": nil,
		"application/x-www-form-urlencoded": nil, "application/x-www-form-urlencoded; charset=utf-8": "superfluous_charset",
	} {
		got, _ := request(t, http.MethodPost, base+"/api/auth.test", contentType, "")
		if got["ok"] != true || got["warning"] != want {
			t.Errorf("%s: %v", contentType, got)
		}
	}
}

func TestOnlySomeMethodsReadJSON(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	body := `{"user":"` + slackemu.UserAna + `"}`
	if got, _ := request(t, http.MethodPost, base+"/api/users.info", "application/json; charset=utf-8", body); got["error"] != "user_not_found" {
		t.Errorf("users.info: %v", got)
	}
	if got, _ := request(t, http.MethodPost, base+"/api/conversations.open", "application/json; charset=utf-8", strings.Replace(body, "user", "users", 1)); got["ok"] != true {
		t.Errorf("conversations.open: %v", got)
	}
}

func TestASocketIsAskedForWithPost(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	if got, _ := request(t, http.MethodGet, base+"/api/apps.connections.open", "", ""); got["error"] != "insecure_request" {
		t.Errorf("%v", got)
	}
}

func TestAPITestEchoes(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	if got := call(t, base, "api.test", args{"foo": "bar"}); at(got, "args", "foo") != "bar" || at(got, "args", "token") != nil || got["ok"] != true {
		t.Errorf("%v", got)
	}
	if got := call(t, base, "api.test", args{"error": "my_error"}); got["error"] != "my_error" || got["ok"] != false {
		t.Errorf("%v", got)
	}
}

func TestALongMessageIsCutAndALongChangeIsNot(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	got := call(t, base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": x(40001)})
	if text, _ := at(got, "message", "text").(string); got["warning"] != "message_truncated" || len(text) != 40000 {
		t.Errorf("posted: %v, %d characters", got["warning"], len(text))
	}
	if got := call(t, base, "chat.update", args{"channel": slackemu.ChannelOps, "ts": got["ts"].(string), "text": x(4001)}); got["error"] != "msg_too_long" {
		t.Errorf("changed: %v", got)
	}
	ops := ws.Channels()[slices.IndexFunc(ws.Channels(), func(c slackemu.Channel) bool { return c.ID == slackemu.ChannelOps })]
	ops.Archived = true
	ws.SetChannel(ops)
	if got := call(t, base, "chat.update", args{"channel": slackemu.ChannelOps, "ts": got["ts"].(string), "text": "t"}); got["error"] != "is_inactive" {
		t.Errorf("changed in an archived channel: %v", got)
	}
}

func TestWhoChoseAShortcutIsNamedAsSlackDoes(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.ws.As(slackemu.UserRita).Shortcut("schedule_upgrade")
	if p := <-s.seen; at(p, "user", "username") != "rita" || at(p, "user", "name") != nil || p["api_app_id"] != nil {
		t.Errorf("global: %s", asJSON(t, p))
	}
	s.card(slackemu.UserRita).Shortcut("schedule_from_message")
	if p := <-s.seen; at(p, "user", "name") != "rita" || at(p, "user", "username") != nil || p["api_app_id"] != nil {
		t.Errorf("message: %s", asJSON(t, p))
	}
}

func TestAChangedGroupSaysWhoCameAndWent(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	group := slackemu.DefaultGroups()[0]
	group.Users = []string{slackemu.UserAna, slackemu.UserRita}
	s.ws.SetGroup(group)
	e := at(<-s.seen, "event")
	if came, went := asJSON(t, at(e, "added_users")), asJSON(t, at(e, "removed_users")); came != `["U0RITA"]` || went != `["U0BO"]` || at(e, "users") != nil {
		t.Errorf("%s", asJSON(t, e))
	}
}

func TestAnOrganisationIsNamedWhereSlackNamesIt(t *testing.T) {
	s := newStage(t, slackemu.Options{Grid: slackemu.Grid{ID: "E0ORG", Name: "Org"}})
	rita := s.ws.As(slackemu.UserRita)
	rita.Command(slackemu.ChannelOps, "/cbh", "help")
	if p := <-s.seen; p["enterprise_id"] != "E0ORG" || p["enterprise_name"] != "Org" || p["team_id"] != slackemu.TeamHome {
		t.Errorf("command: %s", asJSON(t, p))
	}
	p := s.press(slackemu.UserXen)
	for _, c := range []struct {
		want any
		path []string
	}{
		{"E0ORG", []string{"enterprise", "id"}}, {slackemu.TeamHome, []string{"team", "id"}}, {"E0ORG", []string{"team", "enterprise_id"}},
		{slackemu.TeamOther, []string{"user", "team_id"}}, {false, []string{"is_enterprise_install"}},
	} {
		if got := at(p, c.path...); got != c.want {
			t.Errorf("press: %v = %v, want %v", c.path, got, c.want)
		}
	}
	rita.OpenHome("home")
	if all, _ := (<-s.seen)["authorizations"].([]any); at(all[0], "enterprise_id") != "E0ORG" {
		t.Errorf("event: %s", asJSON(t, all))
	}
	if got := call(t, s.base, "auth.test", nil); got["enterprise_id"] != "E0ORG" {
		t.Errorf("auth.test: %v", got)
	}
	if got := call(t, s.base, "users.info", args{"user": slackemu.UserRita}); at(got, "user", "enterprise_user", "enterprise_id") != "E0ORG" {
		t.Errorf("users.info: %v", got)
	}
}

func TestWithoutAnOrganisationNoneIsNamed(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help")
	if p := <-s.seen; p["enterprise_id"] != nil || p["enterprise_name"] != nil {
		t.Errorf("command: %s", asJSON(t, p))
	}
	if p := s.press(slackemu.UserRita); p["enterprise"] != nil || at(p, "team", "enterprise_id") != nil {
		t.Errorf("press: %s", asJSON(t, p))
	}
}

func TestAnEmptyAnswerOnAnAckIsNone(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.reply <- map[string]any{}
	if d := s.ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help"); !d.Acked || d.Error != "" {
		t.Errorf("%+v", d)
	}
	if seen := s.ws.As(slackemu.UserRita).Sees(slackemu.ChannelOps); len(seen) != 0 {
		t.Errorf("seen: %s", asJSON(t, seen))
	}
}

func TestTextsComeBackSpelledOut(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	got := call(t, base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": "t", "blocks": `[{"type":"section","text":{"type":"mrkdwn","text":"a"}},` + strings.Trim(anyButton, "[]") + `]`})
	blocks := asJSON(t, at(got, "message", "blocks"))
	if !strings.Contains(blocks, `"text":{"text":"a","type":"mrkdwn","verbatim":false}`) || !strings.Contains(blocks, `"text":{"emoji":true,"text":"Go","type":"plain_text"}`) {
		t.Errorf("%s", blocks)
	}
}

func TestWhoChangedAMessageIsSaidInWholeSeconds(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	ts, _ := call(t, base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": "one"})["ts"].(string)
	got := call(t, base, "chat.update", args{"channel": slackemu.ChannelOps, "ts": ts, "text": "two"})
	if when, _ := at(got, "message", "edited", "ts").(string); at(got, "message", "edited", "user") != slackemu.BotID || !strings.HasSuffix(when, ".000000") {
		t.Errorf("%v", got)
	}
}
