package slackemu_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// tableOf is a message's blocks with a table of so many rows and columns, whose cells hold some text.
func tableOf(rows, columns int, cell string) string {
	row := "[" + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"type":"raw_text","text":%q},`, cell), columns), ",") + "]"
	return `[{"type":"table","rows":[` + strings.TrimSuffix(strings.Repeat(row+",", rows), ",") + `]}]`
}

var tableForm = `{"type":"modal","title":{"type":"plain_text","text":"a"},"blocks":` + tableOf(1, 1, "a") + `}`

func TestATableIsTakenOrRefusedAsSlackDoes(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	rich := `[{"type":"table","rows":[[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U0ANA"}]}]}]]}]`
	settings := func(s string) string {
		return strings.Replace(tableOf(1, 2, "a"), `"rows"`, `"column_settings":`+s+`,"rows"`, 1)
	}
	two := strings.TrimSuffix(tableOf(1, 1, "a"), "]") + "," + strings.TrimPrefix(tableOf(1, 1, "b"), "[")
	for name, c := range map[string]struct{ blocks, want string }{
		"100 rows":         {tableOf(100, 2, "a"), ""},
		"101 rows":         {tableOf(101, 2, "a"), "invalid_blocks"},
		"20 columns":       {tableOf(2, 20, "a"), ""},
		"21 columns":       {tableOf(2, 21, "a"), "invalid_blocks"},
		"rich text":        {rich, ""},
		"an empty cell":    {tableOf(1, 1, ""), "invalid_blocks"},
		"no cell":          {`[{"type":"table","rows":[[null]]}]`, "invalid_blocks"},
		"no rows":          {`[{"type":"table","rows":[]}]`, "invalid_blocks"},
		"a number":         {`[{"type":"table","rows":[[{"type":"raw_number","value":1}]]}]`, "invalid_blocks"},
		"10,000 in all":    {tableOf(100, 1, x(100)), ""},
		"more than that":   {tableOf(100, 1, x(101)), "invalid_blocks"},
		"two tables":       {two, "invalid_attachments"},
		"settings":         {settings(`[{"align":"right"},{"is_wrapped":true}]`), ""},
		"an align of none": {settings(`[{"align":"","is_wrapped":true}]`), "invalid_blocks"},
	} {
		got := call(t, base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": "t", "blocks": c.blocks})
		if word, _ := got["error"].(string); word != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
	home := call(t, base, "views.publish", args{"user_id": slackemu.UserAna, "view": `{"type":"home","blocks":` + tableOf(2, 2, "a") + `}`})
	if home["ok"] != true {
		t.Errorf("in a home tab: %v", home)
	}
	if got := call(t, base, "views.open", args{"trigger_id": "1", "view": tableForm}); !strings.Contains(asJSON(t, got), "unsupported type: table [json-pointer:/view/blocks/0/type]") {
		t.Errorf("in a modal: %v", got)
	}
}

// Without a token, and with the objections that another method would have.
func TestBlocksAreValidatedWithPointers(t *testing.T) {
	_, base := start(t, slackemu.Options{Scopes: []string{}})
	long := strings.Trim(button(x(76), "1"), "[]")
	for name, c := range map[string]struct {
		args    args
		want    string
		pointer string
	}{
		"blocks":                {args{"blocks": anyButton}, "", ""},
		"a message":             {args{"message": `{"blocks":` + anyButton + `}`}, "", ""},
		"a form":                {args{"view": modalWith("a")}, "", ""},
		"a home tab":            {args{"view": `{"type":"home","blocks":[]}`}, "", ""},
		"wrong blocks":          {args{"blocks": `[` + long + `]`}, "invalid_blocks", "/0/elements/0/text/text"},
		"a wrong message":       {args{"message": `{"blocks":[{"type":"divider"},` + long + `]}`}, "invalid_message", "/blocks/1/elements/0/text/text"},
		"a message with a text": {args{"message": `{"text":"hello","blocks":[]}`}, "invalid_message", ""},
		"a message of nothing":  {args{"message": `7`}, "invalid_message", ""},
		"a wrong form":          {args{"view": modalWith(x(25))}, "invalid_view", "/title/text"},
		"a form with a table":   {args{"view": tableForm}, "invalid_view", "/blocks/0/type"},
		"nothing":               {args{}, "invalid_arguments", ""},
		"two":                   {args{"blocks": "[]", "view": "{}"}, "invalid_arguments", ""},
		"no JSON":               {args{"blocks": "[{"}, "invalid_arguments", ""},
	} {
		form := url.Values{}
		for name, value := range c.args {
			form.Set(name, value)
		}
		answer, err := http.PostForm(base+"/api/blocks.validate", form)
		if err != nil {
			t.Fatal(err)
		}
		got := readJSON(t, answer)
		if word, _ := got["error"].(string); word != c.want || got["ok"] != (c.want == "") {
			t.Errorf("%s: %v", name, got)
		}
		if c.pointer != "" && !strings.Contains(asJSON(t, got["errors"]), `"code":"failed_constraint"`) ||
			!strings.Contains(asJSON(t, got["errors"]), `"pointer":"`+c.pointer+`"`) && c.pointer != "" {
			t.Errorf("%s: %s", name, asJSON(t, got["errors"]))
		}
	}
	got := call(t, base, "blocks.validate", args{"blocks": `[{"type":"header"}]`})
	if want := `[{"code":"missing_field","message":"missing required field: text","pointer":"/0"}]`; asJSON(t, got["errors"]) != want {
		t.Errorf("%s, want %s", asJSON(t, got["errors"]), want)
	}
}

func TestMenusOfFormsAreCheckedToo(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	for menu, want := range map[string]any{
		`{"type":"multi_external_select","action_id":"m","min_query_length":0,"max_selected_items":5}`:                                                   nil,
		`{"type":"multi_external_select","action_id":"m","options":[]}`:                                                                                  "invalid_arguments",
		`{"type":"conversations_select","action_id":"m","default_to_current_conversation":true,"response_url_enabled":true,"filter":{"include":["im"]}}`: nil,
		`{"type":"conversations_select","action_id":"m","filter":{"include":["secret"]}}`:                                                                "invalid_arguments",
		`{"type":"datetimepicker","action_id":"m","initial_date_time":1}`:                                                                                "invalid_arguments",
	} {
		trigger, _ := s.press(slackemu.UserAna)["trigger_id"].(string)
		if got := call(t, s.base, "views.open", args{"trigger_id": trigger, "view": formOf(menu)}); got["error"] != want {
			t.Errorf("%s: %v", menu, got)
		}
		if v := s.ws.As(slackemu.UserAna).Modal(); v != nil {
			v.Close()
		}
	}
	inMessage := `[{"type":"actions","elements":[{"type":"conversations_select","action_id":"m","response_url_enabled":true}]}]`
	if got := call(t, s.base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "blocks": inMessage}); got["error"] != "invalid_blocks" {
		t.Errorf("a response_url for a menu in a message: %v", got)
	}
}

// formOf is a modal with a menu in its block "b".
func formOf(menu string) string {
	return `{"type":"modal","external_id":"plan","title":{"type":"plain_text","text":"Plan"},"submit":{"type":"plain_text","text":"OK"},"blocks":[` +
		`{"type":"input","block_id":"b","optional":true,"label":{"type":"plain_text","text":"B"},"element":` + menu + `}]}`
}
