package slackemu_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"cbhbot/bot/slackemu"
)

// stage is a workspace with one socket that acks everything with nothing, and passes the payloads on.
type stage struct {
	t     *testing.T
	ws    *slackemu.Server
	base  string
	clock *clock
	seen  chan map[string]any // payloads, in the order they came
	reply chan any            // payload of the next ack; nothing when empty
}

func newStage(t *testing.T, opts slackemu.Options) *stage {
	t.Helper()
	s := &stage{t: t, clock: newClock(), seen: make(chan map[string]any, 100), reply: make(chan any, 1)}
	opts.Now = s.clock.now
	s.ws, s.base = start(t, opts)
	conn, _ := wire{t, s.base}.open()
	go s.serve(conn)
	return s
}

func (s *stage) serve(conn *websocket.Conn) {
	_ = conn.SetReadDeadline(time.Time{})
	for {
		var frame map[string]any
		if conn.ReadJSON(&frame) != nil {
			return
		}
		payload, _ := frame["payload"].(map[string]any)
		s.seen <- payload
		var answer any
		select {
		case answer = <-s.reply:
		default:
		}
		wire{s.t, s.base}.ack(conn, frame, answer)
	}
}

// card posts a card with one button and returns it as somebody sees it.
func (s *stage) card(user string) *slackemu.Shown {
	s.t.Helper()
	call(s.t, s.base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": "card", "blocks": anyButton})
	all := s.ws.As(user).Sees(slackemu.ChannelOps)
	return all[len(all)-1]
}

// press clicks the button of a card and returns the payload.
func (s *stage) press(user string) map[string]any {
	s.t.Helper()
	if d := s.card(user).Action("Go").Click(); !d.Acked {
		s.t.Fatalf("%+v", d)
	}
	return <-s.seen
}

func at(value any, path ...string) any {
	for _, name := range path {
		o, _ := value.(map[string]any)
		value = o[name]
	}
	return value
}

func TestACommandArrivesWithEverythingAnAppNeeds(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "status <a> @bo in #general")
	p := <-s.seen
	for name, want := range map[string]string{
		"command": "/cbh", "user_id": slackemu.UserRita, "user_name": "rita", "channel_id": slackemu.ChannelOps, "channel_name": "ops",
		"team_id": slackemu.TeamHome, "api_app_id": slackemu.AppID, "text": "status &lt;a&gt; <@U0BO|bo> in <#C0GENERAL|general>",
	} {
		if p[name] != want {
			t.Errorf("%s = %v, want %s", name, p[name], want)
		}
	}
	if reply, _ := p["response_url"].(string); !strings.HasPrefix(reply, s.base+"/response/") {
		t.Errorf("response_url = %q", reply)
	}
}

func TestAPressArrivesWithEverythingAnAppNeeds(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	p := s.press(slackemu.UserXen)
	action := asJSON(t, p["actions"])
	for _, want := range []string{`"action_id":"go"`, `"block_id":"b"`, `"value":"1"`, `"type":"button"`, `"action_ts":"`} {
		if !strings.Contains(action, want) {
			t.Errorf("actions = %s, want %s in it", action, want)
		}
	}
	for _, c := range []struct {
		want string
		path []string
	}{
		{slackemu.UserXen, []string{"user", "id"}}, {slackemu.TeamOther, []string{"user", "team_id"}}, {slackemu.TeamHome, []string{"team", "id"}},
		{slackemu.ChannelOps, []string{"channel", "id"}}, {slackemu.ChannelOps, []string{"container", "channel_id"}},
		{"card", []string{"message", "text"}}, {slackemu.AppID, []string{"api_app_id"}},
	} {
		if got := at(p, c.path...); got != c.want {
			t.Errorf("%v = %v, want %s", c.path, got, c.want)
		}
	}
}

func TestAPressOnAPrivateMessageHasNoMessage(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	call(t, s.base, "chat.postEphemeral", args{"channel": slackemu.ChannelOps, "user": slackemu.UserAna, "text": "psst", "blocks": anyButton})
	s.ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps)[0].Action("go").Click()
	p := <-s.seen
	if p["message"] != nil || at(p, "container", "is_ephemeral") != true {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	reply, _ := p["response_url"].(string)
	if status, _ := postJSON(t, reply, map[string]any{"text": "gone", "replace_original": true}); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if seen := s.ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps); len(seen) != 1 || seen[0].Text != "gone" || len(seen[0].Blocks) != 0 {
		t.Errorf("after replacing: %s", asJSON(t, seen))
	}
	s.ws.As(slackemu.UserAna).Reload()
	if seen := s.ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps); len(seen) != 0 {
		t.Errorf("after a reload: %s", asJSON(t, seen))
	}
}

func TestAResponseURLWorksFiveTimesInHalfAnHour(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	reply, _ := s.press(slackemu.UserAna)["response_url"].(string)
	for i := range 5 {
		if status, got := postJSON(t, reply, map[string]any{"text": "hello"}); status != http.StatusOK {
			t.Fatalf("use %d: %d %v", i+1, status, got)
		}
	}
	if status, got := postJSON(t, reply, map[string]any{"text": "hello"}); status != http.StatusNotFound || got["error"] != "used_url" {
		t.Errorf("sixth use: %d %v", status, got)
	}
	late, _ := s.press(slackemu.UserAna)["response_url"].(string)
	s.clock.skip(31 * time.Minute)
	if status, got := postJSON(t, late, map[string]any{"text": "hello"}); status != http.StatusNotFound || got["error"] != "expired_url" {
		t.Errorf("after half an hour: %d %v", status, got)
	}
}

func TestWhatAResponseURLCanDo(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	ana := s.ws.As(slackemu.UserAna)
	reply, _ := s.press(slackemu.UserAna)["response_url"].(string)
	postJSON(t, reply, map[string]any{"text": "only you"})
	postJSON(t, reply, map[string]any{"text": "everybody", "response_type": "in_channel"})
	seen := ana.Sees(slackemu.ChannelOps)
	if len(seen) != 3 || seen[1].EphemeralFor != slackemu.UserAna || seen[2].EphemeralFor != "" {
		t.Fatalf("%s", asJSON(t, seen))
	}
	postJSON(t, reply, map[string]any{"text": "replaced", "replace_original": "true"})
	if m := s.ws.Messages(slackemu.ChannelOps)[0]; m.Text != "replaced" || m.EditedTS == "" {
		t.Errorf("replaced: %+v", m)
	}
	if status, got := postJSON(t, reply, map[string]any{"blocks": []any{map[string]any{"type": "nonsense"}}}); status != http.StatusBadRequest || got["error"] != "invalid_blocks" {
		t.Errorf("bad blocks: %d %v", status, got)
	}
	postJSON(t, reply, map[string]any{"delete_original": true})
	if m := s.ws.Messages(slackemu.ChannelOps); m[0].Text != "everybody" {
		t.Errorf("deleted: %+v", m)
	}
}

func TestATriggerOpensOneModalWithinThreeSeconds(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	open := func(trigger any) string {
		id, _ := trigger.(string)
		word, _ := call(t, s.base, "views.open", args{"trigger_id": id, "view": modalWith("A")})["error"].(string)
		return word
	}
	trigger := s.press(slackemu.UserAna)["trigger_id"]
	if got := open(trigger); got != "" || s.ws.As(slackemu.UserAna).Modal() == nil {
		t.Errorf("first use: %q", got)
	}
	if got := open(trigger); got != "exchanged_trigger_id" {
		t.Errorf("second use: %q", got)
	}
	trigger = s.press(slackemu.UserAna)["trigger_id"]
	s.clock.skip(4 * time.Second)
	if got := open(trigger); got != "expired_trigger_id" {
		t.Errorf("after four seconds: %q", got)
	}
}

// modal opens a modal for Ana and returns it.
func (s *stage) modal(view string) *slackemu.View {
	s.t.Helper()
	trigger, _ := s.press(slackemu.UserAna)["trigger_id"].(string)
	if got := call(s.t, s.base, "views.open", args{"trigger_id": trigger, "view": view}); got["ok"] != true {
		s.t.Fatalf("views.open: %v", got)
	}
	return s.ws.As(slackemu.UserAna).Modal()
}

func TestModalsStackThreeHigh(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	ana := s.ws.As(slackemu.UserAna)
	s.modal(modalWith("1"))
	push := map[string]any{"response_action": "push", "view": decoded(t, modalWith("2"))}
	for depth := 2; depth <= 3; depth++ {
		s.reply <- push
		if d := ana.Modal().Submit(map[string]any{"why": "w"}); d.Error != "" {
			t.Fatalf("push to %d: %+v", depth, d)
		}
		<-s.seen
	}
	s.reply <- push
	if d := ana.Modal().Submit(map[string]any{"why": "w"}); d.Error != "push_limit_reached" {
		t.Errorf("a fourth: %+v", d)
	}
	ana.Modal().Close()
	if v := ana.Modal(); v == nil || v.Title != "2" {
		t.Errorf("after closing one: %+v", v)
	}
	ana.Modal().CloseAll()
	if ana.Modal() != nil {
		t.Error("the cross left a modal open")
	}
}

func TestWhatTheAckOfASubmissionCanDo(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	ana := s.ws.As(slackemu.UserAna)
	submit := func(reply any) slackemu.Delivery {
		s.reply <- reply
		d := ana.Modal().Submit(map[string]any{"why": "because"})
		payload := <-s.seen
		if got := at(payload, "view", "state", "values", "why", "why", "value"); got != "because" {
			t.Errorf("state.values = %s", asJSON(t, at(payload, "view", "state")))
		}
		return d
	}
	s.modal(modalWith("A"))
	if d := submit(map[string]any{"response_action": "errors", "errors": map[string]string{"nowhere": "x"}}); d.Error != "invalid_ack" {
		t.Errorf("errors at an unknown block: %+v", d)
	}
	if d := submit(map[string]any{"response_action": "update", "view": decoded(t, modalWith("B"))}); d.Error != "" || ana.Modal().Title != "B" {
		t.Errorf("update: %+v", d)
	}
	if d := submit(map[string]any{"response_action": "update", "view": map[string]any{"type": "modal"}}); d.Error != "invalid_ack" {
		t.Errorf("update to a broken view: %+v", d)
	}
	if d := submit(map[string]any{"response_action": "clear"}); d.Error != "" || ana.Modal() != nil {
		t.Errorf("clear: %+v", d)
	}
}

func TestViewsUpdateLooksAtTheHash(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	v := s.modal(modalWith("A"))
	update := func(hash string) any {
		return call(t, s.base, "views.update", args{"view_id": v.ID, "hash": hash, "view": modalWith("B")})["error"]
	}
	if got := update(v.Hash); got != nil {
		t.Errorf("with the right hash: %v", got)
	}
	if got := update(v.Hash); got != "hash_conflict" {
		t.Errorf("with an old hash: %v", got)
	}
	s.ws.As(slackemu.UserAna).Modal().Close()
	if got := update(""); got != "not_found" {
		t.Errorf("after closing: %v", got)
	}
}

func TestClosingIsReportedOnlyOnRequest(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.modal(modalWith("A")).Close()
	s.modal(strings.Replace(modalWith("B"), `{`, `{"notify_on_close":true,`, 1)).Close()
	if p := <-s.seen; p["type"] != "view_closed" || at(p, "view", "title", "text") != "B" || p["is_cleared"] != false {
		t.Errorf("payload: %s", asJSON(t, p))
	}
}

func TestADirectMessageReachesTheApp(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	opened := call(t, s.base, "conversations.open", args{"users": slackemu.UserAna})
	id, _ := at(opened, "channel", "id").(string)
	ana := s.ws.As(slackemu.UserAna)
	said, _ := ana.Say(id, "help")
	p := <-s.seen
	if at(p, "event", "type") != "message" || at(p, "event", "channel_type") != "im" || at(p, "event", "text") != "help" || p["type"] != "event_callback" {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	ana.Edit(said, "help me")
	if p := <-s.seen; at(p, "event", "subtype") != "message_changed" || at(p, "event", "message", "text") != "help me" {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	if _, d := ana.Say(slackemu.ChannelLobby, "hi @cbhbot"); d.EnvelopeID != "" {
		t.Errorf("a mention where the bot is not was reported: %+v", d)
	}
}
