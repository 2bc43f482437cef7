package bot_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/bot/slackemu"
)

// counted is a counter with some values of its labels, in the order of their names.
func counted(t *testing.T, registry *prometheus.Registry, name string, labels ...string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
	next:
		for _, m := range family.GetMetric() {
			for i, pair := range m.GetLabel() {
				if pair.GetValue() != labels[i] {
					continue next
				}
			}
			return m.GetCounter().GetValue()
		}
	}
	return 0
}

func TestCallsAreCountedByOutcome(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	registry, ctx := prometheus.NewRegistry(), context.Background()
	log, said := remembering()
	sender := bot.NewSender(bot.SenderConfig{Token: slackemu.BotToken, APIURL: api, Log: log, Metrics: bot.NewMetrics(registry)})
	p, err := bot.Message{Text: mrkdwn.Words("hello")}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		outcome string
		fault   slackemu.MethodFault
	}{
		{"ok", slackemu.MethodFault{}},
		{"refused", slackemu.MethodFault{Error: "msg_too_long"}},
		{"disowned", slackemu.MethodFault{Error: "token_revoked"}},
		{"unclear", slackemu.MethodFault{Drop: true}},
		{"unreached", slackemu.MethodFault{Error: "accesslimited"}},
		{"limited", slackemu.MethodFault{Status: http.StatusTooManyRequests, RetryAfter: 60}},
	} {
		ws.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"chat.postMessage": c.fault}})
		_, err := sender.Post(ctx, slackemu.ChannelOps, "", p)
		if n := counted(t, registry, "cbhbot_slack_calls_total", "chat.postMessage", c.outcome); n != 1 {
			t.Errorf("%v %s after %v", n, c.outcome, err)
		}
	}
	if strings.Count(said(), "level=error") != 1 || !strings.Contains(said(), "Slack does not accept SLACK_BOT_TOKEN") {
		t.Errorf("the log says %s", said())
	}
	if _, err := sender.Post(ctx, slackemu.ChannelOps, "", p); err == nil {
		t.Error("a call was made that Slack had asked to wait with")
	}
	if n := counted(t, registry, "cbhbot_slack_held_total", "chat.postMessage"); n != 1 {
		t.Errorf("%v calls were held", n)
	}
	if n := counted(t, registry, "cbhbot_slack_calls_total", "chat.postMessage", "limited"); n != 1 {
		t.Errorf("%v calls were limited: what was held is no call", n)
	}
}

// TestTheFirstRefusalOfTheTokenCounts: who types first after the token was revoked is looked up,
// and Prometheus sees no increase in what begins with its first event.
func TestTheFirstRefusalOfTheTokenCounts(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	bot.NewMetrics(registry)
	var text strings.Builder
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		text.WriteString(f.String())
	}
	for _, method := range []string{"users.info", "auth.test", "chat.postMessage"} {
		if !strings.Contains(text.String(), `"`+method+`"`) {
			t.Errorf("%s is counted from its first call on", method)
		}
	}
}
