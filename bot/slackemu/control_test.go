package slackemu_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTheControlAPITellsTheWholeStory(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	control := httptest.NewServer(http.StripPrefix("/control", s.ws.Control()))
	t.Cleanup(control.Close)
	do := func(path string, body map[string]any) map[string]any {
		t.Helper()
		status, answer := postJSON(t, control.URL+"/control"+path, body)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %v", path, status, answer)
		}
		return answer
	}
	s.reply <- map[string]any{"text": "got it"}
	if d := do("/command", map[string]any{"user": slackemu.UserRita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": "help"}); d["acked"] != true {
		t.Errorf("command: %v", d)
	}
	if got := get(t, control.URL+"/control/ephemerals?user="+slackemu.UserRita+"&contains="+url.QueryEscape("got it")+"&wait=5s"); !strings.Contains(got, "got it") {
		t.Errorf("ephemerals: %s", got)
	}
	card := s.card(slackemu.UserAna)
	if got := get(t, control.URL+"/control/messages?channel="+slackemu.ChannelOps); !strings.Contains(got, card.TS) {
		t.Errorf("messages: %s", got)
	}
	press := map[string]any{"user": slackemu.UserAna, "channel": slackemu.ChannelOps, "ts": card.TS, "action": "Go"}
	if d := do("/action", press); d["acked"] != true || d["kind"] != "block_actions" {
		t.Errorf("action: %v", d)
	}
	<-s.seen // the command
	<-s.seen // and the press
	s.modal(modalWith("Why not?"))
	if got := get(t, control.URL+"/control/views?user="+slackemu.UserAna); !strings.Contains(got, "Why not?") {
		t.Errorf("views: %s", got)
	}
	if d := do("/submit", map[string]any{"user": slackemu.UserAna, "values": map[string]any{"why": "too late"}}); d["acked"] != true {
		t.Errorf("submit: %v", d)
	}
	if status, answer := postJSON(t, control.URL+"/control/submit", map[string]any{"user": slackemu.UserAna}); status != http.StatusBadRequest {
		t.Errorf("submitting nothing: %d %v", status, answer)
	}
	do("/message", map[string]any{"user": slackemu.UserBo, "channel": slackemu.ChannelOps, "text": "hello @cbhbot"})
	if got := get(t, control.URL+"/control/deliveries"); !strings.Contains(got, "app_mention") {
		t.Errorf("deliveries: %s", got)
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var value any
	if err := json.NewDecoder(answer.Body).Decode(&value); err != nil {
		t.Fatal(err)
	}
	return asJSON(t, value)
}

func TestTheControlAPISetsFaultsAndEndsSockets(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	control := httptest.NewServer(s.ws.Control())
	t.Cleanup(control.Close)
	faults, _ := http.NewRequest(http.MethodPut, control.URL+"/faults", strings.NewReader(`{"methods":{"auth.test":{"error":"account_inactive"}}}`))
	faults.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(faults)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := call(t, s.base, "auth.test", nil); got["error"] != "account_inactive" {
		t.Errorf("auth.test: %v", got)
	}
	text, err := http.Post(control.URL+"/sockets/disconnect", "application/json", strings.NewReader(`{"socket":"all","reason":"refresh_requested"}`))
	if err != nil {
		t.Fatal(err)
	}
	text.Body.Close()
	if got := get(t, control.URL+"/sockets/past"); !strings.Contains(got, "refresh_requested") || len(s.ws.Sockets()) != 0 {
		t.Errorf("past sockets: %s", got)
	}
	simple, err := http.Post(control.URL+"/command", "text/plain", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	simple.Body.Close()
	if simple.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a request that any website could make was taken: %d", simple.StatusCode)
	}
}

func TestChangesToPeopleAreEvents(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	bo := slackemu.User{ID: slackemu.UserBo, TeamID: slackemu.TeamHome, Name: "bo", RealName: "Bo Approver", TZ: "America/New_York", Deleted: true}
	s.ws.SetUser(bo)
	if p := <-s.seen; at(p, "event", "type") != "user_change" || at(p, "event", "user", "deleted") != true {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	if got := call(t, s.base, "users.info", args{"user": slackemu.UserBo}); at(got, "user", "deleted") != true {
		t.Errorf("users.info: %v", got)
	}
	s.ws.SetGroup(slackemu.UserGroup{ID: slackemu.GroupApprovers, Handle: "approvers", Users: []string{slackemu.UserAna}})
	if p := <-s.seen; at(p, "event", "type") != "subteam_members_changed" {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	if got := call(t, s.base, "usergroups.users.list", args{"usergroup": slackemu.GroupApprovers}); asJSON(t, got["users"]) != `["U0ANA"]` {
		t.Errorf("group: %v", got)
	}
}
