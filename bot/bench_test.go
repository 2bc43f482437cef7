package bot_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

const (
	aLine = "*bastion-prod* in `ap-southeast-3`: from <https://example.com|3.3.40.2> to 3.3.44.0 " +
		"at <!date^1796006400^{date_short_pretty} at {time}|Sun 29 Nov 2026 02:00 UTC>"
	aValue = "CBH-142:3:0123456789abcdef"
)

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

func markup(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

func button(id, label string, style slack.Style) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, aValue, plain(label)).WithStyle(style)
}

// cardLike has the size and the kinds of blocks of a request's card.
func cardLike() bot.Message {
	approve := button("approve", "Approve", slack.StylePrimary)
	approve.WithConfirm(slack.NewConfirmationBlockObject(plain("Approve CBH-142?"), plain(aLine), plain("Approve"), plain("Back")))
	fields := []*slack.TextBlockObject{
		markup("*What*\n" + aLine), markup("*When*\n" + aLine), markup("*Why*\nsecurity fixes"), markup("*Who*\n<@U0REQUEST1>"),
	}
	return bot.Message{
		Text: mrkdwn.Words("CBH-142: Upgrade bastion-prod, asked by Ana, waits for one approval."),
		Blocks: []slack.Block{
			slack.NewHeaderBlock(plain("CBH-142: Upgrade bastion-prod")),
			slack.NewSectionBlock(nil, fields, nil),
			slack.NewSectionBlock(markup(aLine), nil, nil),
			slack.NewSectionBlock(markup("It needs one of <@U0APPROVER1>, <@U0APPROVER2>."), nil, nil),
			slack.NewContextBlock("", markup("Approvals end at "+aLine)),
			slack.NewDividerBlock(),
			slack.NewActionBlock("CBH-142:3", approve, button("deny", "Deny", slack.StyleDanger),
				button("reschedule", "Move", ""), button("withdraw", "Take back", "")),
		},
		Metadata: &slack.SlackMetadata{EventType: "cbhbot_request", EventPayload: map[string]any{"id": "142 card"}},
	}
}

func cardBlocks() string {
	blocks, err := json.Marshal(cardLike().Blocks)
	if err != nil {
		panic(err)
	}
	return string(blocks)
}

// echo answers at once as Slack does: with the whole message.
type echo struct{ body string }

func echoing() *http.Client {
	return &http.Client{Transport: echo{`{"ok":true,"channel":"C1","ts":"1796006400.000100","message":{
		"type":"message","user":"U0BOT","bot_id":"B1","app_id":"A1","ts":"1796006400.000100","text":"CBH-142","team":"T1",
		"bot_profile":{"id":"B1","name":"cbhbot"},"blocks":` + cardBlocks() + `}}`}}
}

func (e echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	body := e.body
	if strings.HasSuffix(r.URL.Path, "/response") {
		body = "ok"
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func benchSender() *bot.Sender {
	return bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: "http://slack.test/api/", HTTP: echoing(), Log: quiet()})
}

func BenchmarkEncode(b *testing.B) {
	m := cardLike()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	s, m := benchSender(), cardLike()
	b.ReportAllocs()
	for b.Loop() {
		p, err := m.Encode()
		if err == nil {
			err = s.Update(context.Background(), "C1", "1.1", p)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRespond(b *testing.B) {
	s, m := benchSender(), cardLike()
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Private(context.Background(), bot.Address{ResponseURL: "http://slack.test/response", User: "U1"}, m); err != nil {
			b.Fatal(err)
		}
	}
}

// pressPayload is what Slack sends of a press on a card.
func pressPayload() string {
	return `{"type":"block_actions","user":{"id":"U1","username":"ana","name":"ana","team_id":"T1"},"api_app_id":"A1","token":"x",
		"container":{"type":"message","message_ts":"1796006400.000100","channel_id":"C1","is_ephemeral":false},
		"trigger_id":"1.2.3","team":{"id":"T1","domain":"acme"},"enterprise":null,"is_enterprise_install":false,
		"channel":{"id":"C1","name":"ops"},"message":{"type":"message","user":"U0BOT","bot_id":"B1","app_id":"A1",
		"ts":"1796006400.000100","thread_ts":"1796006300.000100","text":"CBH-142","team":"T1","blocks":` + cardBlocks() + `},
		"state":{"values":{"b":{"a":{"type":"plain_text_input","value":"why"}}}},
		"view":{"id":"V1","callback_id":"home","private_metadata":"m","hash":"h",
		"blocks":[{"type":"divider"}],"state":{"values":{"b":{"a":{"type":"button","value":"v"}}}}},
		"response_url":"https://hooks.slack.test/actions/1","actions":[{"action_id":"approve","block_id":"CBH-142:3",
		"text":{"type":"plain_text","text":"Approve","emoji":true},"value":"` + aValue + `","style":"primary",
		"type":"button","action_ts":"1796006401.840180"}]}`
}

func BenchmarkServePress(b *testing.B) {
	mux := bot.NewMux()
	mux.Action("approve", func(context.Context, bot.Action) error { return nil })
	e := envelope(bot.TypeInteractive, pressPayload())
	b.ReportAllocs()
	for b.Loop() {
		if err := mux.Serve(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReplyPress(b *testing.B) {
	mux := bot.NewMux()
	e := envelope(bot.TypeInteractive, pressPayload())
	b.ReportAllocs()
	for b.Loop() {
		mux.Reply(context.Background(), e)
	}
}

func BenchmarkServeCommand(b *testing.B) {
	mux := bot.NewMux()
	mux.Command(func(context.Context, bot.Command) error { return nil })
	e := envelope(bot.TypeCommand, `{"token":"x","team_id":"T1","team_domain":"acme","channel_id":"C1","channel_name":"ops",
		"user_id":"U1","user_name":"ana","command":"/cbh","text":"upgrade bastion-prod sunday 2am","api_app_id":"A1",
		"is_enterprise_install":"false","response_url":"https://hooks.slack.test/commands/1","trigger_id":"1.2.3"}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := mux.Serve(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
}
