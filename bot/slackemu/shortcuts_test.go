package slackemu_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"cbhbot/bot/slackemu"
)

func TestShortcutsAreThoseOfTheManifest(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	for _, d := range []slackemu.Delivery{
		s.ws.As(slackemu.UserAna).Shortcut("anything"), s.ws.As(slackemu.UserAna).Shortcut("schedule_from_message"),
		s.card(slackemu.UserAna).Shortcut("anything"), s.card(slackemu.UserAna).Shortcut("schedule_upgrade"),
	} {
		if d.EnvelopeID != "" || d.Error == "" {
			t.Errorf("one that is not declared was delivered: %+v", d)
		}
	}
	if d := s.ws.As("U0NOBODY").Shortcut("schedule_upgrade"); d.Error != "user_not_found" {
		t.Errorf("by nobody: %+v", d)
	}
	s.ws.As(slackemu.UserAna).In(slackemu.ChannelOps).Shortcut("schedule_upgrade")
	if p := <-s.seen; p["type"] != "shortcut" || p["callback_id"] != "schedule_upgrade" || p["trigger_id"] == nil || p["channel"] != nil || p["response_url"] != nil {
		t.Errorf("payload: %s", asJSON(t, p))
	}
}

func TestCommandsAndShortcutsWantTheirScope(t *testing.T) {
	s := newStage(t, slackemu.Options{Scopes: []string{"chat:write", "chat:write.public", "im:write"}})
	for name, d := range map[string]slackemu.Delivery{
		"a command": s.ws.As(slackemu.UserAna).Command(slackemu.ChannelOps, "/cbh", "help"), "a shortcut": s.ws.As(slackemu.UserAna).Shortcut("schedule_upgrade"),
		"a message's shortcut": s.card(slackemu.UserAna).Shortcut("schedule_from_message"),
	} {
		if d.EnvelopeID != "" || d.Error == "" {
			t.Errorf("%s was delivered: %+v", name, d)
		}
	}
}

func TestAMessageShortcutTellsItsMessage(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	control := httptest.NewServer(s.ws.Control())
	t.Cleanup(control.Close)
	root, _ := s.ws.As(slackemu.UserRita).Say(slackemu.ChannelCrew, "prod is old")
	reply, _ := s.ws.As(slackemu.UserRita).Reply(slackemu.ChannelCrew, root.TS, "very old")
	status, answer := postJSON(t, control.URL+"/shortcut", map[string]any{
		"user": slackemu.UserRita, "channel": slackemu.ChannelCrew, "ts": reply.TS, "callback_id": "schedule_from_message"})
	if status != http.StatusOK || answer["acked"] != true {
		t.Fatalf("%d %v", status, answer)
	}
	p := <-s.seen
	if p["type"] != "message_action" || at(p, "message", "ts") != reply.TS || at(p, "message", "thread_ts") != root.TS || at(p, "message", "text") != "very old" ||
		at(p, "channel", "id") != slackemu.ChannelCrew || at(p, "channel", "name") != "privategroup" || p["trigger_id"] == nil {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	to, _ := p["response_url"].(string)
	postJSON(t, to, map[string]any{"text": "only for you"})
	if seen := s.ws.As(slackemu.UserRita).Sees(slackemu.ChannelCrew); seen[len(seen)-1].EphemeralFor != slackemu.UserRita {
		t.Errorf("%s", asJSON(t, seen))
	}
	call(t, s.base, "chat.postEphemeral", args{"channel": slackemu.ChannelOps, "user": slackemu.UserAna, "text": "psst"})
	private := s.ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps)[0]
	if d := private.Shortcut("schedule_from_message"); d.EnvelopeID != "" || d.Error == "" {
		t.Errorf("on a private message: %+v", d)
	}
}

// Who was mentioned is found in mrkdwn and rich text, and nowhere in plain text.
func TestWhoAMessageMentions(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	control := httptest.NewServer(s.ws.Control())
	t.Cleanup(control.Close)
	post := func(thread, text, blocks string) string {
		ts, _ := call(t, s.base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "thread_ts": thread, "text": text, "blocks": blocks})["ts"].(string)
		return ts
	}
	rich := `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U0BO"},{"type":"usergroup","usergroup_id":"S0APPR"},{"type":"broadcast","range":"here"}]}]}`
	plain := `{"type":"section","text":{"type":"plain_text","text":"<@U0GUS>"}}`
	table := `{"type":"table","rows":[[{"type":"raw_text","text":"<@U0DEE>"},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U0RITA"}]}]}]]}`
	root := post("", "<@U0ANA|ana> and &lt;@U0XEN&gt;", "")
	reply := post(root, "for <@U0ANA>", `[`+plain+`,`+rich+`,{"type":"context","elements":[{"type":"mrkdwn","text":"by <@U0RITA>, <!subteam^S0OTHER|x>"}]},`+table+`]`)
	post("", "nobody", "")
	for _, m := range s.ws.Messages(slackemu.ChannelOps) {
		want := map[string][]string{root: {"U0ANA"}, reply: {"U0BO", "S0APPR", "here", "U0RITA", "S0OTHER", "U0ANA"}}[m.TS]
		if got := m.Mentions(); !slices.Equal(got, want) {
			t.Errorf("%s mentions %v, want %v", m.Text, got, want)
		}
	}
	count := func(id, channel, thread string) int { return len(s.ws.Mentioning(id, channel, thread)) }
	if a, b, c := count("U0ANA", slackemu.ChannelOps, ""), count("U0BO", "", root), count("U0BO", slackemu.ChannelGeneral, ""); a != 2 || b != 1 || c != 0 {
		t.Errorf("%d, %d, %d", a, b, c)
	}
	var told []struct {
		Message  slackemu.Message
		Mentions []string
	}
	fetch(t, control.URL+"/mentions?channel="+slackemu.ChannelOps+"&thread="+root+"&user="+slackemu.UserBo, &told)
	if len(told) != 1 || told[0].Message.TS != reply || !slices.Contains(told[0].Mentions, slackemu.UserBo) {
		t.Errorf("%+v", told)
	}
}

// A message calls those of the people it mentions who are in its channel, when it is
// posted, and nobody when it is edited.
func TestWhomAMessageCalls(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	ts, _ := call(t, s.base, "chat.postMessage", args{"channel": slackemu.ChannelCrew, "text": "<@U0RITA> and <@U0XEN>, <!here>"})["ts"].(string)
	call(t, s.base, "chat.update", args{"channel": slackemu.ChannelCrew, "ts": ts, "text": "<@U0ANA>"})
	call(t, s.base, "chat.postEphemeral", args{"channel": slackemu.ChannelCrew, "user": slackemu.UserRita, "text": "<@U0ANA>"})
	all := s.ws.As(slackemu.UserRita).Sees(slackemu.ChannelCrew)
	if len(all) != 2 || !slices.Equal(all[0].Notified, []string{"U0RITA", "here"}) || all[1].Notified != nil {
		t.Errorf("%s", asJSON(t, all))
	}
}
