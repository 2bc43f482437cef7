package bot_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// frames are what Slack sends, with room for an id that is not repeated.
var frames = map[string]string{
	"command": `{"envelope_id":"%[1]s","payload":{"token":"abc","team_id":"T1","team_domain":"acme","channel_id":"C1","channel_name":"ops",` +
		`"user_id":"U1","user_name":"rita","command":"/cbh","text":"upgrade bastion-prod sunday 2am","api_app_id":"A1","is_enterprise_install":"false",` +
		`"response_url":"https://hooks.slack.com/commands/T1/%[1]s","trigger_id":"%[1]s"},"type":"slash_commands","accepts_response_payload":true}`,
	"press": `{"envelope_id":"%[1]s","payload":{"type":"block_actions","user":{"id":"U1","username":"rita","team_id":"T1"},"api_app_id":"A1","token":"abc",` +
		`"container":{"type":"message","message_ts":"1700000000.000100","channel_id":"C1","is_ephemeral":false},"trigger_id":"%[1]s",` +
		`"team":{"id":"T1","domain":"acme"},"enterprise":null,"is_enterprise_install":false,"channel":{"id":"C1","name":"ops"},` +
		`"message":{"user":"U2","type":"message","ts":"1700000000.000100","bot_id":"B1","text":"rita asks","team":"T1","blocks":[` + card + `]},` +
		`"state":{"values":{}},"response_url":"https://hooks.slack.com/actions/T1/%[1]s","actions":[{"action_id":"approve","block_id":"b1",` +
		`"text":{"type":"plain_text","text":"Approve","emoji":true},"value":"42:1:k","style":"primary","type":"button","action_ts":"1700000001.5"}]},` +
		`"type":"interactive","accepts_response_payload":false}`,
}

var card = strings.Repeat(`{"type":"section","block_id":"s","text":{"type":"mrkdwn","text":"*bastion-prod* would be upgraded","verbatim":true}},`, 20) +
	`{"type":"divider","block_id":"d"}`

// cpu is what this process has used, Slack's side of the sockets included.
func cpu() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkReceive is the way of an envelope from its frame through Redis to its
// ack, with as many outstanding as a busy workspace has.
func BenchmarkReceive(b *testing.B) {
	for _, kind := range []string{"command", "press"} {
		b.Run(kind, func(b *testing.B) {
			links := make(chan link, 1)
			api, _ := strange(b, func(_ int, l link) { l.say(`{"type":"hello"}`); links <- l })
			in := bot.NewInbox(bot.InboxConfig{Redis: redistest.Start(b).Client(), Log: quiet()})
			_, stop := hold(b, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: receiverOn(in, api).Receive})
			l := arrives(b, "the socket", links)
			const outstanding = 32
			b.ReportAllocs()
			before := cpu()
			b.ResetTimer()
			for n := range b.N + outstanding {
				if n >= outstanding {
					arrives(b, "an ack", l.acks)
				}
				if n < b.N {
					l.say(frames[kind], fmt.Sprint(n))
				}
			}
			b.StopTimer()
			b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
			stop()
		})
	}
}
