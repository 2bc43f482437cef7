package slackemu_test

import (
	"net/http"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

const planForm = `{"type":"modal","title":{"type":"plain_text","text":"Plan"},"submit":{"type":"plain_text","text":"Go on"},"blocks":[` +
	`{"type":"input","block_id":"which","label":{"type":"plain_text","text":"Which?"},"element":{"type":"multi_external_select","action_id":"which","min_query_length":2}},` +
	`{"type":"input","block_id":"where","label":{"type":"plain_text","text":"Where?"},"element":{"type":"conversations_select","action_id":"where",` +
	`"default_to_current_conversation":true,"response_url_enabled":true,"filter":{"include":["public","private"]}}},` +
	`{"type":"input","block_id":"why","label":{"type":"plain_text","text":"Why?"},"element":{"type":"plain_text_input","action_id":"why"}}]}`

// From a shortcut: two bastions are searched for and chosen, what was typed outlives an update of the form, and the
// channel is the one its person was looking at.
func TestThePageFillsInAFormFromAShortcut(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	tab := browse(t, s.base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelCrew)
	steps(t, tab, click(`[data-testid="global-shortcuts"]`), click(`[data-shortcut="schedule_upgrade"]`))
	v := s.opened(slackemu.UserRita, planForm, (<-s.seen)["trigger_id"])
	steps(t, tab, shows(`[data-testid="modal"]`))
	for _, name := range []string{"bastion-prod", "bastion-test"} {
		described := option("bastion-test")
		described["description"] = map[string]any{"type": "plain_text", "text": "3.3.49.0"}
		s.reply <- map[string]any{"options": []any{option("bastion-prod"), described}}
		steps(t, tab, types(`[data-action-id="which"]`, "ba"), sees("3.3.49.0"), click(`[data-testid="suggestion"][data-value="`+name+`"]`), shows(`[data-testid="picked"] [data-value="`+name+`"]`))
		if p := <-s.seen; p["type"] != "block_suggestion" || p["value"] != "ba" {
			t.Errorf("payload: %s", asJSON(t, p))
		}
	}
	steps(t, tab, types(`[data-action-id="why"]`, "because"))
	later := strings.Replace(planForm, "Why?", "Why is that?", 1)
	if got := call(t, s.base, "views.update", args{"view_id": v.ID, "hash": v.Hash, "view": later}); got["ok"] != true {
		t.Fatal(got)
	}
	steps(t, tab, sees("Why is that?"), click(`[data-testid="modal-submit"]`), lacks(`[data-testid="modal"]`))
	p := <-s.seen
	values := at(p, "view", "state", "values")
	if at(values, "why", "why", "value") != "because" || at(values, "where", "where", "selected_conversation") != slackemu.ChannelCrew ||
		strings.Count(asJSON(t, at(values, "which", "which")), `"value":"bastion-`) != 2 || !strings.Contains(asJSON(t, p["response_urls"]), slackemu.ChannelCrew) {
		t.Errorf("payload: %s", asJSON(t, p))
	}
}

// The browser tells of each digit of the year that makes a date: the first is that of a year long ago, which can be sent, too.
func TestThePageTakesADateThatIsTyped(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	s.opened(slackemu.UserAna, formOf(`{"type":"datetimepicker","action_id":"m","initial_date_time":1785888000}`), s.press(slackemu.UserAna)["trigger_id"])
	tab := browse(t, s.base+"/#"+slackemu.UserAna+"/"+slackemu.ChannelOps)
	const day = `[data-testid="modal"] [type="date"]`
	steps(t, tab, types(day, "08090002"), click(`[data-testid="modal-submit"]`), lacks(`[data-testid="modal"]`))
	if got, _ := at((<-s.seen), "view", "state", "values", "b", "m", "selected_date_time").(float64); got > -60e9 {
		t.Errorf("sent %v", got)
	}
	s.opened(slackemu.UserAna, formOf(`{"type":"datetimepicker","action_id":"m","initial_date_time":1785888000}`), s.press(slackemu.UserAna)["trigger_id"])
	steps(t, tab, types(day, "08092026"), click(`[data-testid="modal-submit"]`), lacks(`[data-testid="modal"]`))
	if got := at((<-s.seen), "view", "state", "values", "b", "m", "selected_date_time"); got != float64(1786233600) {
		t.Errorf("sent %v", got)
	}
}

// A list that one person sees is paged in place.
func TestThePageShowsTheNextPageInPlace(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	tab := browse(t, s.base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	s.reply <- map[string]any{"text": "page one", "blocks": []any{
		map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "page one"}}, decoded(t, strings.Trim(anyButton, "[]"))}}
	steps(t, tab, types(`[data-testid="composer"]`, "/cbh list\r"), sees("page one"), click(`[data-private] [data-action-id="go"]`))
	<-s.seen // the command
	reply, _ := (<-s.seen)["response_url"].(string)
	if status, got := postJSON(t, reply, map[string]any{"text": "page two", "replace_original": true}); status != http.StatusOK {
		t.Fatalf("%d %v", status, got)
	}
	steps(t, tab, sees("page two"), count(`[data-private]`, 1), count(`.composer .why:empty`, 1)) // and nothing is amiss
}

func TestThePageShowsWhoIsMentionedAndWhatIsBroadcast(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	post := func(more args) string {
		all := args{"channel": slackemu.ChannelOps, "text": "t"}
		for name, value := range more {
			all[name] = value
		}
		ts, _ := call(t, s.base, "chat.postMessage", all)["ts"].(string)
		return ts
	}
	root := post(args{"text": "an upgrade for <@U0ANA> and <!subteam^S0APPR>"})
	post(args{"text": "it failed", "thread_ts": root, "reply_broadcast": "true"})
	post(args{"text": "quietly", "thread_ts": root})
	post(args{"text": "t", "blocks": strings.Replace(tableOf(2, 2, "cell"), `{"type":"raw_text","text":"cell"}`, `{"type":"raw_text","text":"bastion-prod"}`, 1)})
	tab := browse(t, s.base+"/#"+slackemu.UserAna+"/"+slackemu.ChannelOps)
	messages := `[data-testid="messages"] `
	steps(t, tab, shows(messages+`[data-mention="U0ANA"].mine`), shows(messages+`[data-mention="S0APPR"]`), count(messages+`[data-mention]`, 2),
		sees("replied to a thread: an upgrade for @Ana Approver"), sees("it failed"), shows(messages+`table th`), sees("bastion-prod"), count(messages+`td`, 2),
		until(`!document.querySelector('[data-testid="messages"]').innerText.includes("quietly")`),
		click(`[data-testid="broadcast"] button`), shows(`[data-testid="thread"]`), sees("quietly"))
}

func TestThePageKnowsLanguagesConversationsAndMessageMenus(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	said, _ := s.ws.As(slackemu.UserAna).Say(slackemu.DirectRitaAna, "prod is old")
	tab := browse(t, s.base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	const language = `(() => { const menu = document.querySelector('[data-testid="locale"]'); menu.value = 'zh-CN'; menu.dispatchEvent(new Event('change')); })()`
	steps(t, tab, script(language))
	if p := <-s.seen; at(p, "event", "user", "locale") != "zh-CN" || at(p, "event", "user", "id") != slackemu.UserRita {
		t.Errorf("payload: %s", asJSON(t, p))
	}
	const shortcut = `(() => { // a conversation that is drawn anew closes its menus
	const item = document.querySelector('[data-shortcut="schedule_from_message"]');
	(item ?? document.querySelector('[data-testid="message-shortcuts"]')).click();
	return item !== null;
})()`
	steps(t, tab, click(`[data-channel="`+slackemu.DirectRitaAna+`"]`), sees("prod is old"), until(shortcut))
	if p := <-s.seen; p["type"] != "message_action" || at(p, "message", "ts") != said.TS || at(p, "channel", "id") != slackemu.DirectRitaAna {
		t.Errorf("payload: %s", asJSON(t, p))
	}
}
