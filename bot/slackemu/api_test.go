package slackemu_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
)

type args = map[string]string

func TestPostingIsRefusedInSlacksWords(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	post := func(channel, blocks string) args { return args{"channel": channel, "text": "t", "blocks": blocks} }
	ops := slackemu.ChannelOps
	for name, c := range map[string]struct {
		method string
		args   args
		want   string
	}{
		"unknown method":        {"chat.shout", nil, "unknown_method"},
		"fine":                  {"chat.postMessage", post(ops, anyButton), ""},
		"by name":               {"chat.postMessage", post("#ops", ""), ""},
		"public without bot":    {"chat.postMessage", post(slackemu.ChannelLobby, ""), ""},
		"private without bot":   {"chat.postMessage", post(slackemu.ChannelVault, ""), "channel_not_found"},
		"no such channel":       {"chat.postMessage", post("C0NONE", ""), "channel_not_found"},
		"archived":              {"chat.postMessage", post(slackemu.ChannelOld, ""), "is_archived"},
		"nothing to say":        {"chat.postMessage", args{"channel": ops}, "no_text"},
		"a whisper too long":    {"chat.postEphemeral", args{"channel": ops, "user": slackemu.UserAna, "text": x(40001)}, "msg_too_long"},
		"broken blocks":         {"chat.postMessage", post(ops, "[{"), "invalid_blocks_format"},
		"blocks no list":        {"chat.postMessage", post(ops, "{}"), "invalid_blocks_format"},
		"50 blocks":             {"chat.postMessage", post(ops, blocks(50)), ""},
		"51 blocks":             {"chat.postMessage", post(ops, blocks(51)), "invalid_blocks"},
		"button text 75":        {"chat.postMessage", post(ops, button(x(75), "1")), ""},
		"button text 76":        {"chat.postMessage", post(ops, button(x(76), "1")), "invalid_blocks"},
		"button value 2001":     {"chat.postMessage", post(ops, button("Go", x(2001))), "invalid_blocks"},
		"section 3001":          {"chat.postMessage", post(ops, section(x(3001))), "invalid_blocks"},
		"all in all too long":   {"chat.postMessage", post(ops, "["+strings.Repeat(strings.Trim(section(x(2900)), "[]")+",", 4)+strings.Trim(section(x(1700)), "[]")+"]"), "msg_blocks_too_long"},
		"a confirm in words":    {"chat.postMessage", post(ops, confirming("plain_text")), ""},
		"a confirm in mrkdwn":   {"chat.postMessage", post(ops, confirming("mrkdwn")), "invalid_blocks"},
		"unknown block":         {"chat.postMessage", post(ops, `[{"type":"carousel"}]`), "invalid_blocks"},
		"unknown field":         {"chat.postMessage", post(ops, `[{"type":"divider","colour":"red"}]`), "invalid_blocks"},
		"same block_id":         {"chat.postMessage", post(ops, `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`), "invalid_blocks"},
		"same action_id":        {"chat.postMessage", post(ops, strings.Replace(anyButton, "}]}]", `},{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]`, 1)), "invalid_blocks"},
		"picker in a section":   {"chat.postMessage", post(ops, `[{"type":"section","text":{"type":"mrkdwn","text":"a"},"accessory":{"type":"datetimepicker"}}]`), "invalid_blocks"},
		"mrkdwn header":         {"chat.postMessage", post(ops, `[{"type":"header","text":{"type":"mrkdwn","text":"a"}}]`), "invalid_blocks"},
		"metadata":              {"chat.postMessage", args{"channel": ops, "text": "t", "metadata": `{"event_type":"a"}`}, "invalid_metadata_format"},
		"private to a stranger": {"chat.postEphemeral", args{"channel": slackemu.ChannelGeneral, "user": slackemu.UserGus, "text": "t"}, "user_not_in_channel"},
		"psst without bot":      {"chat.postEphemeral", args{"channel": slackemu.ChannelLobby, "user": slackemu.UserAna, "text": "t"}, "not_in_channel"},
		"private to nobody":     {"chat.postEphemeral", args{"channel": ops, "user": "U0", "text": "t"}, "user_not_in_channel"},
		"no such message":       {"chat.update", args{"channel": ops, "ts": "1.000001", "text": "t"}, "message_not_found"},
		"history of others":     {"conversations.history", args{"channel": slackemu.ChannelLobby}, "not_in_channel"},
		"no such page":          {"users.list", args{"cursor": "dXNlcjpVMEc5V0ZYTlo="}, "invalid_cursor"},
		"no such user":          {"users.info", args{"user": "U0"}, "user_not_found"},
		"no trigger":            {"views.open", args{"trigger_id": "1", "view": modalWith("a")}, "invalid_trigger_id"},
		"bad modal":             {"views.open", args{"trigger_id": "1", "view": strings.Replace(modalWith("a"), `"title"`, `"titel"`, 1)}, "invalid_arguments"},
		"no form":               {"views.open", args{"trigger_id": "1"}, "invalid_arguments"},
		"home for nobody":       {"views.publish", args{"user_id": "U0", "view": `{"type":"home","blocks":[]}`}, "user_not_found"},
		"modal as home":         {"views.publish", args{"user_id": slackemu.UserAna, "view": modalWith("a")}, "invalid_arguments"},
		"no such group":         {"usergroups.users.list", args{"usergroup": "S0"}, "no_such_subteam"},
		"not to a bot":          {"conversations.open", args{"users": slackemu.UserJobs}, "cannot_dm_bot"},
		"bot token for sockets": {"apps.connections.open", nil, "not_allowed_token_type"},
		"wrong token":           {"auth.test", args{"token": "xoxb-other"}, "invalid_auth"},
		"no token":              {"auth.test", args{"token": ""}, "not_authed"},
	} {
		got := call(t, base, c.method, c.args)
		if word, _ := got["error"].(string); word != c.want {
			t.Errorf("%s: %s answered %v, want %q", name, c.method, got, c.want)
		}
	}
}

func modalWith(title string) string {
	return `{"type":"modal","title":{"type":"plain_text","text":"` + title + `"},"submit":{"type":"plain_text","text":"OK"},"blocks":[` +
		`{"type":"input","block_id":"why","label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"why"}}]}`
}

func TestARefusalOfBlocksSaysWhere(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	got := call(t, base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "blocks": button(x(76), "1")})
	if want := `["must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"]`; asJSON(t, got["errors"]) != want {
		t.Errorf("errors = %s, want %s", asJSON(t, got["errors"]), want)
	}
}

func TestScopesOpenMethods(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	call(t, base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": "hi", "metadata": `{"event_type":"card","event_payload":{"id":"CBH-1"}}`})
	with := call(t, base, "conversations.history", args{"channel": slackemu.ChannelOps, "include_all_metadata": "true"})
	if !strings.Contains(asJSON(t, with), `"id":"CBH-1"`) {
		t.Errorf("history lacks the metadata: %v", with)
	}
	if without := call(t, base, "conversations.history", args{"channel": slackemu.ChannelOps}); strings.Contains(asJSON(t, without), "CBH-1") {
		t.Errorf("history has metadata nobody asked for: %v", without)
	}
	if got := call(t, base, "conversations.info", args{"channel": slackemu.ChannelOps}); got["ok"] != true {
		t.Errorf("info: %v", got)
	}
	_, without := start(t, slackemu.Options{Scopes: slackemu.RequiredScopes()})
	for _, method := range []string{"conversations.history", "conversations.replies", "conversations.info"} {
		if got := call(t, without, method, args{"channel": slackemu.ChannelOps, "ts": "1.1"}); got["error"] != "missing_scope" {
			t.Errorf("%s without the optional scopes: %v", method, got)
		}
	}
	_, tight := start(t, slackemu.Options{Scopes: []string{"chat:write"}})
	if got := call(t, tight, "chat.postMessage", args{"channel": slackemu.ChannelLobby, "text": "t"}); got["error"] != "not_in_channel" {
		t.Errorf("without chat:write.public: %v", got)
	}
}

func TestUpdateKeepsBlocksUnlessTheyAreSent(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	ops := slackemu.ChannelOps
	card := call(t, base, "chat.postMessage", args{"channel": ops, "text": "t", "blocks": anyButton})
	ts, _ := card["ts"].(string)
	call(t, base, "chat.update", args{"channel": ops, "ts": ts, "text": "changed"})
	if m := ws.Messages(ops)[0]; m.Text != "changed" || len(m.Blocks) != 1 {
		t.Errorf("text alone: %+v", m)
	}
	call(t, base, "chat.update", args{"channel": ops, "ts": ts, "text": "done", "blocks": "[]"})
	if m := ws.Messages(ops)[0]; m.Text != "done" || len(m.Blocks) != 0 {
		t.Errorf("empty blocks: %+v", m)
	}
	private := call(t, base, "chat.postEphemeral", args{"channel": ops, "user": slackemu.UserAna, "text": "psst"})
	ts, _ = private["message_ts"].(string)
	if got := call(t, base, "chat.update", args{"channel": ops, "ts": ts, "text": "no"}); got["error"] != "message_not_found" {
		t.Errorf("updating a private message: %v", got)
	}
	said, _ := ws.As(slackemu.UserAna).Say(ops, "mine")
	if got := call(t, base, "chat.update", args{"channel": ops, "ts": said.TS, "text": "no"}); got["error"] != "cant_update_message" {
		t.Errorf("updating another's message: %v", got)
	}
}

func TestRateLimitsAndTheirEnd(t *testing.T) {
	c := newClock()
	_, base := start(t, slackemu.Options{RateLimits: true, Now: c.now})
	send := func() int {
		answer, err := http.Post(base+"/api/chat.postMessage", "application/x-www-form-urlencoded",
			strings.NewReader("token="+slackemu.BotToken+"&text=t&channel="+slackemu.ChannelOps))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After = %q", answer.Header.Get("Retry-After"))
		}
		return answer.StatusCode
	}
	for range 5 {
		if got := send(); got != http.StatusOK {
			t.Fatalf("within the burst: %d", got)
		}
	}
	if got := send(); got != http.StatusTooManyRequests {
		t.Errorf("past the burst: %d", got)
	}
	if got := call(t, base, "auth.test", nil); got["ok"] != true {
		t.Errorf("another method is limited too: %v", got)
	}
	c.skip(time.Second)
	if got := send(); got != http.StatusOK {
		t.Errorf("a second later: %d", got)
	}
}

func TestMethodFaultsStrikeAsOftenAsTold(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	ws.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{
		"chat.postMessage": {Error: "token_revoked", Times: 1},
		"chat.update":      {Status: 503, Body: "{}", After: true},
		"auth.test":        {Drop: true},
	}})
	post := args{"channel": slackemu.ChannelOps, "text": "t"}
	if got := call(t, base, "chat.postMessage", post); got["error"] != "token_revoked" {
		t.Errorf("first: %v", got)
	}
	card := call(t, base, "chat.postMessage", post)
	ts, _ := card["ts"].(string)
	call(t, base, "chat.update", args{"channel": slackemu.ChannelOps, "ts": ts, "text": "after all"})
	if m := ws.Messages(slackemu.ChannelOps)[0]; m.Text != "after all" {
		t.Errorf("a fault after the work undid it: %+v", m)
	}
	if answer, err := http.PostForm(base+"/api/auth.test", nil); err == nil {
		answer.Body.Close()
		t.Errorf("the connection was not cut: %s", answer.Status)
	}
}

// confirming is a button that asks in a text of some type.
func confirming(kind string) string {
	return strings.Replace(anyButton, "}]}]", `,"confirm":{"title":{"type":"plain_text","text":"Sure?"},"text":{"type":"`+kind+
		`","text":"*Really*"},"confirm":{"type":"plain_text","text":"Yes"},"deny":{"type":"plain_text","text":"No"}}}]}]`, 1)
}
