package slackemu_test

import (
	"net/http"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// opened opens a form from a trigger and returns it as its person sees it.
func (s *stage) opened(user, view string, trigger any) *slackemu.View {
	s.t.Helper()
	id, _ := trigger.(string)
	if got := call(s.t, s.base, "views.open", args{"trigger_id": id, "view": view}); got["ok"] != true {
		s.t.Fatalf("views.open: %v", got)
	}
	return s.ws.As(user).Modal()
}

func TestAMenuAsksTheAppForItsOptions(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	v := s.opened(slackemu.UserAna, formOf(`{"type":"multi_external_select","action_id":"m","min_query_length":2,"max_selected_items":2}`), s.press(slackemu.UserAna)["trigger_id"])
	if _, d := v.Action("m").Suggest("b"); d.EnvelopeID != "" || d.Error == "" {
		t.Errorf("a letter was enough: %+v", d)
	}
	s.reply <- map[string]any{"options": []any{option("bastion-prod"), option("bastion-test")}}
	found, d := v.Action("m").Suggest("ba")
	if p := <-s.seen; p["type"] != "block_suggestion" || p["value"] != "ba" || p["action_id"] != "m" || at(p, "view", "id") != v.ID || p["channel"] != nil {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	if len(found) != 2 || !d.Acked {
		t.Fatalf("%v, %+v", found, d)
	}
	if d := v.Submit(map[string]any{"b": append(found, found[0])}); d.Error != "no more than 2 may be chosen" {
		t.Errorf("three of two: %+v", d)
	}
	if d := v.Submit(map[string]any{"b": found}); !d.Acked {
		t.Fatalf("%+v", d)
	}
	chosen := asJSON(t, at(<-s.seen, "view", "state", "values", "b", "m", "selected_options"))
	if !strings.Contains(chosen, `"value":"bastion-prod"`) || !strings.Contains(chosen, `"text":"bastion-test"`) {
		t.Errorf("chosen: %s", chosen)
	}
}

func option(words string) map[string]any {
	return map[string]any{"text": map[string]any{"type": "plain_text", "text": words}, "value": words}
}

// A form from a shortcut asks for the channel, begins with the one its person looks at, and is answered there.
func TestAMenuOfConversationsBeginsWhereThePersonIs(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	rita := s.ws.As(slackemu.UserRita).In(slackemu.ChannelCrew)
	rita.Shortcut("schedule_upgrade")
	shortcut := <-s.seen
	v := s.opened(slackemu.UserRita, formOf(`{"type":"conversations_select","action_id":"m","default_to_current_conversation":true,"response_url_enabled":true}`), shortcut["trigger_id"])
	if d := v.Submit(nil); !d.Acked {
		t.Fatalf("%+v", d)
	}
	p := <-s.seen
	urls, _ := p["response_urls"].([]any)
	if at(p, "view", "state", "values", "b", "m", "selected_conversation") != slackemu.ChannelCrew || len(urls) != 1 || at(urls[0], "channel_id") != slackemu.ChannelCrew ||
		at(urls[0], "block_id") != "b" || at(urls[0], "action_id") != "m" {
		t.Fatalf("payload: %s", asJSON(t, p))
	}
	reply, _ := at(urls[0], "response_url").(string)
	if status, got := postJSON(t, reply, map[string]any{"text": "planned"}); status != http.StatusOK {
		t.Fatalf("%d %v", status, got)
	}
	if seen := s.ws.As(slackemu.UserRita).Sees(slackemu.ChannelCrew); len(seen) != 1 || seen[0].EphemeralFor != slackemu.UserRita {
		t.Errorf("%s", asJSON(t, seen))
	}
}

// So does a form that is pushed upon another.
func TestAFormOnTopKnowsTheConversation(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.ws.As(slackemu.UserRita).In(slackemu.ChannelCrew).Shortcut("schedule_upgrade")
	s.opened(slackemu.UserRita, modalWith("first"), (<-s.seen)["trigger_id"])
	second := formOf(`{"type":"conversations_select","action_id":"m","default_to_current_conversation":true}`)
	s.reply <- map[string]any{"response_action": "push", "view": decoded(t, second)}
	s.ws.As(slackemu.UserRita).Modal().Submit(map[string]any{"why": "w"})
	<-s.seen
	s.ws.As(slackemu.UserRita).Modal().Submit(nil)
	if p := <-s.seen; at(p, "view", "state", "values", "b", "m", "selected_conversation") != slackemu.ChannelCrew {
		t.Errorf("payload: %s", asJSON(t, p))
	}
}

func TestAMenuOfConversationsOffersWhatItsFilterLetsThrough(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	const dm = "D0RITA"
	for filter, offered := range map[string][]string{
		`{"include":["public"]}`:     {slackemu.ChannelOps, slackemu.ChannelLobby, slackemu.ChannelPartners},
		`{"include":["private"]}`:    {slackemu.ChannelCrew},
		`{"include":["im"]}`:         {slackemu.DirectRitaAna, dm},
		`{"include":["mpim"]}`:       {slackemu.GroupNight},
		`{"exclude_bot_users":true}`: {slackemu.ChannelOps, slackemu.ChannelLobby, slackemu.ChannelPartners, slackemu.ChannelCrew, slackemu.DirectRitaAna, slackemu.GroupNight},
		`{"include":["public","im"],"exclude_external_shared_channels":true}`: {slackemu.ChannelOps, slackemu.ChannelLobby, slackemu.DirectRitaAna, dm},
	} {
		for _, c := range s.ws.Channels() {
			switch c.ID {
			case slackemu.ChannelOps, slackemu.ChannelLobby, slackemu.ChannelPartners, slackemu.ChannelCrew, slackemu.ChannelVault, slackemu.ChannelOld,
				slackemu.DirectRitaAna, slackemu.GroupNight, dm, "D0ANA":
			default:
				continue
			}
			want := strings.Contains(strings.Join(offered, " ")+" ", c.ID+" ")
			s.ws.As(slackemu.UserRita).Shortcut("schedule_upgrade")
			v := s.opened(slackemu.UserRita, formOf(`{"type":"conversations_select","action_id":"m","filter":`+filter+`}`), (<-s.seen)["trigger_id"])
			d := v.Submit(map[string]any{"b": c.ID})
			if d.Acked != want {
				t.Errorf("%s, %s: %+v", filter, c.ID, d)
			}
			if d.Acked {
				<-s.seen
			} else {
				v.CloseAll()
			}
		}
	}
}

func TestAPrivateMessageIsDeletedThroughItsResponseURL(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	call(t, s.base, "chat.postEphemeral", args{"channel": slackemu.ChannelOps, "user": slackemu.UserAna, "text": "psst", "blocks": anyButton})
	s.ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps)[0].Action("go").Click()
	reply, _ := (<-s.seen)["response_url"].(string)
	if status, got := postJSON(t, reply, map[string]any{"delete_original": true}); status != http.StatusOK || len(s.ws.As(slackemu.UserAna).Sees(slackemu.ChannelOps)) != 0 {
		t.Errorf("%d %v", status, got)
	}
	if status, got := postJSON(t, reply, map[string]any{"text": "again", "replace_original": true}); status == http.StatusOK || got["error"] != "message_not_found" {
		t.Errorf("what is gone was replaced: %d %v", status, got)
	}
}

func TestAViewIsFoundByItsExternalID(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	picker := formOf(`{"type":"datetimepicker","action_id":"m"}`)
	v := s.opened(slackemu.UserAna, picker, s.press(slackemu.UserAna)["trigger_id"])
	second, _ := s.press(slackemu.UserBo)["trigger_id"].(string)
	if got := call(t, s.base, "views.open", args{"trigger_id": second, "view": picker}); got["error"] != "duplicate_external_id" {
		t.Errorf("the same id twice: %v", got)
	}
	update := func(id, hash string) any {
		return call(t, s.base, "views.update", args{"external_id": id, "hash": hash, "view": picker})["error"]
	}
	if got := update("plan", v.Hash); got != nil {
		t.Errorf("by its id: %v", got)
	}
	if got := update("plan", v.Hash); got != "hash_conflict" {
		t.Errorf("with an old hash: %v", got)
	}
	if got := update("another", ""); got != "not_found" {
		t.Errorf("another: %v", got)
	}
}

func TestAHomeTabLooksAtTheHash(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	publish := func(hash string) map[string]any {
		return call(t, s.base, "views.publish", args{"user_id": slackemu.UserAna, "hash": hash, "view": `{"type":"home","blocks":[]}`})
	}
	first, _ := at(publish(""), "view", "hash").(string)
	second, _ := at(publish(first), "view", "hash").(string)
	if second == "" || second == first {
		t.Errorf("%q, then %q", first, second)
	}
	if got := publish(first); got["error"] != "hash_conflict" {
		t.Errorf("with an old hash: %v", got)
	}
	if got := publish(""); got["ok"] != true {
		t.Errorf("without: %v", got)
	}
}
