package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// receiverOn is a Receiver of workspace T1 and app A1.
func receiverOn(in *bot.Inbox, api string) *bot.Receiver {
	return &bot.Receiver{
		Inbox: in, Mux: bot.NewMux(), Log: quiet(), Metrics: bot.NewMetrics(prometheus.NewRegistry()),
		Sender:   bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: api, Log: quiet()}),
		Identity: func() bot.Identity { return bot.Identity{TeamID: "T1", AppID: "A1"} },
		Words:    func(_ context.Context, _ string, a bot.Apology) mrkdwn.Text { return mrkdwn.Words(string(a)) },
	}
}

func TestOnlyTheOwnWorkspaceAndAppAreListenedTo(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	receiver := receiverOn(in, "")
	for _, c := range []struct {
		kind, payload string
		kept          bool
	}{
		{bot.TypeCommand, `{"team_id":"T1","api_app_id":"A1"}`, true},
		{bot.TypeCommand, `{"team_id":"T2","api_app_id":"A1"}`, false},
		{bot.TypeCommand, `{"team_id":"T1","api_app_id":"A2"}`, false},
		{bot.TypeCommand, `{}`, true},
		{bot.TypeInteractive, `{"team":{"id":"T2"},"user":{"id":"U1"}}`, false},
		{bot.TypeInteractive, `{"team":"T2"}`, false},
		{bot.TypeInteractive, `{"team":null,"user":{"id":"U1","team_id":"T1"},"enterprise":null}`, true},
		{bot.TypeEvent, `{"team_id":"T1","event":{}}`, true},
		{bot.TypeEvent, `{"team_id":"T2","event":{}}`, false},
		{bot.TypeEvent, `{"team_id":"T2","authorizations":[{"team_id":"T1"}],"event":{}}`, true}, // in a channel that T2 hosts
		{bot.TypeEvent, `{"team_id":"T1","authorizations":[{"team_id":"T2"}],"event":{}}`, false},
		{bot.TypeInteractive, `{"type":"view_submission","team":{"id":"T2"},"view":{"app_installed_team_id":"T1"}}`, true}, // sent by somebody of T2
		{bot.TypeInteractive, `{"type":"view_submission","team":{"id":"T1"},"view":{"app_installed_team_id":"T2"}}`, false},
		{bot.TypeInteractive, `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1","team_id":"T2"}}`, true},
		{"unheard_of", `{"team_id":"T1"}`, false},
		{bot.TypeInteractive, `[[[`, false},
		{bot.TypeCommand, `{"team_id":"T1","user_id":"<!channel>"}`, false},
		{bot.TypeCommand, `{"team_id":"T1","user_id":"U1","channel_id":"C1>"}`, false},
		{bot.TypeInteractive, `{"team":{"id":"T1"},"user":{"id":"u1"}}`, false},
		{bot.TypeInteractive, `{"team":{"id":"T1"},"user":{"id":"W1"},"channel":{"id":"C1\n"}}`, false},
		{bot.TypeEvent, `{"team_id":"T1","event":{"user":"U1|bo","channel":"D1"}}`, false},
		{bot.TypeEvent, `{"team_id":"T1","event":{"user":{"id":"U1"},"channel":{"id":"G1"}}}`, true},
	} {
		before := entries(t, in)
		e := bot.Envelope{ID: c.kind + c.payload, Type: c.kind, Payload: json.RawMessage(c.payload)}
		ack, payload := receiver.Receive(context.Background(), e)
		if !ack || payload != nil {
			t.Errorf("%s: ack %v with %v; Slack would send it again", c.payload, ack, payload)
		}
		if kept := entries(t, in) > before; kept != c.kept {
			t.Errorf("%s: kept %v", c.payload, kept)
		}
	}
}

// On Enterprise Grid the organisation is ours, in whichever of its workspaces
// something happens.
func TestTheOwnOrganisationIsListenedTo(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	receiver := receiverOn(in, "")
	receiver.Identity = func() bot.Identity { return bot.Identity{TeamID: "T1", EnterpriseID: "E1", AppID: "A1"} }
	for _, c := range []struct {
		kind, payload string
		kept          bool
	}{
		{bot.TypeInteractive, `{"team":{"id":"T9"},"enterprise":{"id":"E1"}}`, true},
		{bot.TypeCommand, `{"team_id":"T9","enterprise_id":"E1"}`, true},
		{bot.TypeCommand, `{"team_id":"T9","enterprise_id":"E2"}`, false},
		{bot.TypeEvent, `{"team_id":"T9","enterprise_id":"E2","authorizations":[{"team_id":"T8","enterprise_id":"E1"}],"event":{}}`, true},
		{bot.TypeEvent, `{"team_id":"T9","enterprise_id":"E1","authorizations":[{"team_id":"T8","enterprise_id":"E2"}],"event":{}}`, false},
	} {
		before := entries(t, in)
		receiver.Receive(context.Background(), bot.Envelope{ID: c.payload, Type: c.kind, Payload: json.RawMessage(c.payload)})
		if kept := entries(t, in) > before; kept != c.kept {
			t.Errorf("%s: kept %v", c.payload, kept)
		}
	}
}

func TestWhatIsNotRecordedIsSaidAndNotAcked(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{})
	server.Kill()
	said := make(chan string, 1)
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		said <- string(text)
	}))
	defer slack.Close()
	e := command("e1", "t1")
	e.Payload = json.RawMessage(strings.Replace(string(e.Payload), "http://127.0.0.1:1/", slack.URL+"/", 1))
	if ack, _ := receiverOn(in, slack.URL+"/api/").Receive(context.Background(), e); ack {
		t.Error("acked")
	}
	select {
	case text := <-said:
		if !strings.Contains(text, string(bot.NotKnown)) || !strings.Contains(text, "ephemeral") {
			t.Error(text)
		}
	case <-time.After(5 * time.Second):
		t.Error("nobody was told")
	}
}

// Redis carries a write out in time and its answer is late or lost: what is kept is worked on, so
// that "nothing was done" would be untrue, and so would Slack's word of a failure, upon which
// people type it again: it is acked. Of what never arrived it is true, and while Redis does not say,
// neither is said.
func TestNobodyIsToldThatNothingWasDoneOfWhatIsKept(t *testing.T) {
	t.Parallel()
	said := make(chan string, 10)
	slack := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		said <- r.URL.Path + string(text)
	}))
	defer slack.Close()
	proxy := redistest.StartProxy(t, redistest.Start(t).Addr)
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	defer client.Close()
	in := bot.NewInbox(bot.InboxConfig{Redis: client, Log: quiet()})
	receiver := receiverOn(in, slack.URL+"/api/")
	becomes := func(id string) string {
		e := command(id, id)
		e.Payload = json.RawMessage(strings.Replace(string(e.Payload), "http://127.0.0.1:1/", slack.URL+"/", 1))
		if ack, _ := receiver.Receive(t.Context(), e); ack {
			return "acked"
		}
		text := await(t, said)
		if !strings.HasPrefix(text, "/"+id+"{") {
			t.Errorf("%s: told %s", id, text)
		}
		return text
	}
	// A busy machine is too slow for what is asked first, now and then.
	ends := func(id, want string, fails func(id string)) {
		var ended string
		for try, begun := 0, time.Now(); !strings.Contains(ended, want) && time.Since(begun) < time.Minute; try++ {
			id := fmt.Sprint(id, try)
			fails(id)
			ended = becomes(id)
		}
		if !strings.Contains(ended, want) {
			t.Errorf("%s: %s", id, ended)
		}
	}
	ends("first", "acked", func(string) {})
	ends("kept", "acked", func(id string) { proxy.Lose(1, "seen:"+id) })
	ends("lost", string(bot.NotRecorded), func(id string) { proxy.Stop("seen:" + id) })
	ends("unknown", string(bot.NotKnown), func(string) { proxy.Late(4 * time.Second) })
	if len(said) > 0 {
		t.Errorf("told %s", <-said)
	}
}

// Redis dies right after a write, of which its file has what the answer was to say: the client tries
// again, and what it reports is that nothing can be reached.
func TestNobodyIsToldThatNothingWasDoneByARedisThatDiedOfIt(t *testing.T) {
	t.Parallel()
	proxy, told := redistest.StartProxy(t, redistest.Start(t).Addr), make(chan bot.Apology, 10)
	var dialled atomic.Bool
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr, ContextTimeoutEnabled: true, PoolSize: 1, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dialled.Swap(true) {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}})
	defer client.Close()
	receiver := receiverOn(bot.NewInbox(bot.InboxConfig{Redis: client, Log: quiet()}), "")
	receiver.Words = func(_ context.Context, _ string, a bot.Apology) mrkdwn.Text {
		told <- a
		return mrkdwn.Words(string(a))
	}
	if ack, _ := receiver.Receive(t.Context(), command("first", "t1")); !ack { // Redis knows the script from here on
		t.Fatal("not acked")
	}
	proxy.Lose(1, "seen:second")
	if ack, _ := receiver.Receive(t.Context(), command("second", "t2")); ack {
		t.Fatal("acked")
	}
	if a := await(t, told); a != bot.NotKnown {
		t.Errorf("told %s", a)
	}
}

// A menu that finds nothing says so itself, and an event Slack sends again: nobody is told for each
// letter they type, nor to try again what comes by itself.
func TestAMenuThatIsNotAnsweredIsNoMessage(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{})
	server.Kill()
	receiver := receiverOn(in, "")
	told := make(chan string, 10)
	receiver.Words = func(_ context.Context, user string, a bot.Apology) mrkdwn.Text {
		told <- user
		return mrkdwn.Words(string(a))
	}
	ask := func(id, kind, user string) {
		e := bot.Envelope{ID: id, Type: bot.TypeInteractive, Payload: json.RawMessage(`{"type":"` + kind + `","user":{"id":"` + user + `"},"view":{"id":"V1"}}`)}
		if ack, _ := receiver.Receive(context.Background(), e); ack {
			t.Error("acked")
		}
	}
	for i := range 3 {
		ask(fmt.Sprint("e", i), "block_suggestion", "U2")
	}
	mention := bot.Envelope{ID: "said", Type: bot.TypeEvent, Payload: json.RawMessage(`{"event":{"type":"app_mention","user":"U3","channel":"C1","text":"status"}}`)}
	if ack, _ := receiver.Receive(context.Background(), mention); ack {
		t.Error("acked")
	}
	ask("form", "view_submission", "U1")
	if first := await(t, told); first != "U1" || len(told) > 0 {
		t.Errorf("%q is told first, and %d more", first, len(told))
	}
}

func TestAPayloadIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{Name: "one"})
	e := event("e1", "Ev1")
	e.Payload = json.RawMessage("{ \"text\" : \"<b> & \u2028 \\u003c\",\n\"event_id\":\"Ev1\" }")
	if ack, _ := receiverOn(in, "").Receive(context.Background(), e); !ack {
		t.Fatal("not acked")
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	var back bot.Delivery
	in.Run(ctx, func(_ context.Context, d bot.Delivery) error { back = d; stop(); return nil })
	if string(back.Payload) != string(e.Payload) {
		t.Errorf("%+v", back)
	}
}

// What somebody read at an input holds, whatever is known when the form's turn comes:
// one that was accepted is not lost, and one that stayed open is not handled.
func TestAFormIsHandledAsItWasAnswered(t *testing.T) {
	t.Parallel()
	for name, refuses := range map[string]bool{"accepted": false, "refused": true} {
		in, _ := inbox(t, bot.InboxConfig{})
		receiver := receiverOn(in, "")
		asked, handled := 0, 0
		receiver.Mux.Check("plan", func(context.Context, bot.Submission) *slack.ViewSubmissionResponse {
			if asked++; refuses == (asked == 1) {
				return slack.NewErrorsViewSubmissionResponse(map[string]string{"when": "It is closed."})
			}
			return nil
		})
		receiver.Mux.View("plan", func(context.Context, bot.Submission) error { handled++; return nil })
		payload := `{"type":"view_submission","view":{"callback_id":"plan"}}`
		ack, answer := receiver.Receive(context.Background(), bot.Envelope{ID: name, Type: bot.TypeInteractive, Payload: json.RawMessage(payload)})
		if !ack || answer != nil != refuses {
			t.Errorf("%s: acked %v with %v", name, ack, answer)
		}
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		in.Run(ctx, func(ctx context.Context, d bot.Delivery) error {
			defer stop()
			return receiver.Mux.Serve(ctx, d.Envelope)
		})
		if stop(); (handled == 0) != refuses {
			t.Errorf("%s: handled %d times", name, handled)
		}
	}
}

func TestWhatIsAskedForRidesOnTheAck(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	receiver := receiverOn(in, "")
	refusal := slack.NewErrorsViewSubmissionResponse(map[string]string{"when": "That is past."})
	receiver.Mux.Check("plan", func(context.Context, bot.Submission) *slack.ViewSubmissionResponse { return refusal })
	receiver.Mux.Options("instances", func(context.Context, bot.Query) []*slack.OptionBlockObject { return nil })
	for payload, rides := range map[string]bool{
		`{"type":"view_submission","view":{"callback_id":"plan"}}`:    true,
		`{"type":"view_submission","view":{"callback_id":"another"}}`: false,
		`{"type":"block_suggestion","action_id":"instances"}`:         true,
		`{"type":"block_actions","actions":[{"action_id":"plan"}]}`:   false,
	} {
		e := bot.Envelope{ID: payload, Type: bot.TypeInteractive, Payload: json.RawMessage(payload)}
		if ack, answer := receiver.Receive(context.Background(), e); !ack || answer != nil != rides {
			t.Errorf("%s: acked %v with %v", payload, ack, answer)
		}
	}
}
