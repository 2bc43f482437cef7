package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/bot"
)

func envelope(kind, payload string) bot.Envelope {
	return bot.Envelope{ID: "e1", Type: kind, Payload: json.RawMessage(payload)}
}

// routed is a mux that writes down what it was given.
func routed(said *[]string) *bot.Mux {
	note := func(text string) { *said = append(*said, text) }
	mux := bot.NewMux()
	mux.Command(func(_ context.Context, c bot.Command) error {
		note("command " + c.Text + " by " + c.From().User + " in " + c.From().Channel)
		return nil
	})
	mux.Action("approve", func(_ context.Context, a bot.Action) error {
		note("action " + a.Action.ActionID + "=" + a.Action.Value + " by " + a.From().User + " in " + a.From().Channel)
		return nil
	})
	mux.Action("boom", func(context.Context, bot.Action) error { panic("boom") })
	mux.Action("fail", func(context.Context, bot.Action) error { return errors.New("no") })
	mux.View("form", func(_ context.Context, s bot.Submission) error { note("form by " + s.From().User); return nil })
	mux.View("", func(_ context.Context, s bot.Submission) error {
		note("a form that is none by " + s.From().User)
		return nil
	})
	mux.Check("form", func(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
		if s.Callback.View.PrivateMetadata == "bad" {
			return slack.NewErrorsViewSubmissionResponse(map[string]string{"input": "wrong"})
		}
		return nil
	})
	mux.Event("app_mention", func(_ context.Context, e bot.Event) error { note("mention " + e.Text); return nil })
	return mux
}

func TestMuxRoutes(t *testing.T) {
	t.Parallel()
	for payload, c := range map[string]struct{ kind, want string }{
		`{"command":"/cbh","text":"help","user_id":"U1","channel_id":"C1","is_enterprise_install":"false"}`: {bot.TypeCommand, "command help by U1 in C1"},
		`{"command":"/cbh","text":7,"user_id":"U1","channel_id":"C1"}`:                                      {bot.TypeCommand, "command  by U1 in C1"},
		`{"command":"/cbh","text":"help","user_id":"U1","channel_id":"C1","channel_name":7,"trigger_id":1}`: {bot.TypeCommand, "command help by U1 in C1"},
		`{"type":"block_actions","user":{"id":"U1","name":5,"profile":"x"},"channel":"C1","container":{"channel_id":"C1","message_ts":1.5},"is_enterprise_install":"false","state":[],"enterprise":"E1","message":{"ts":1.5,"text":null},
		  "actions":[{"type":"button","action_id":"approve","value":"v","action_ts":1700000000.5,"selected_date_time":"x"}]}`: {bot.TypeInteractive, "action approve=v by U1 in C1"},
		`{"type":"view_submission","user":{"id":"U1"},"team":"T1","is_enterprise_install":"false","view":{"type":"modal","callback_id":"form","root_view_id":7}}`: {bot.TypeInteractive, "form by U1"},
		`{"type":"event_callback","is_ext_shared_channel":"no","event":{"type":"app_mention","text":"hi","user":{"id":"U1"},"thread_ts":5}}`:                      {bot.TypeEvent, "mention hi"},
		`{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[{"type":"button","action_id":"approve:2","value":"v"}]}`:                     {bot.TypeInteractive, "action approve:2=v by U1 in C1"},
		`{"type":"block_actions","user":{"id":"U1"},"container":{"channel_id":"C2"},"actions":[{"type":"button","action_id":"approve","value":"v"}]}`:             {bot.TypeInteractive, "action approve=v by U1 in C2"},
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"type":"button","action_id":"nobody knows"}]}`:                                                    {bot.TypeInteractive, ""},
		`{"type":"view_submission","user":{"id":"U1"},"view":{"type":"modal","callback_id":"form"}}`:                                                              {bot.TypeInteractive, "form by U1"},
		`{"type":"view_submission","user":{"id":"U1"},"view":{"type":"modal","callback_id":"nobody knows"}}`:                                                      {bot.TypeInteractive, "a form that is none by U1"},
		`{"type":"event_callback","event":{"type":"app_mention","text":"hi","user":"U1"}}`:                                                                        {bot.TypeEvent, "mention hi"},
		`{"type":"event_callback","event":{"type":"app_mention","subtype":"bot_message","text":"hi"}}`:                                                            {bot.TypeEvent, ""},
		`{"type":"event_callback","event":{"type":"app_mention","subtype":"file_share","text":"hi","files":[{"id":"F1"}]}}`:                                       {bot.TypeEvent, "mention hi"},
		`{"type":"event_callback","event":{"type":"app_mention","subtype":"thread_broadcast","text":"hi","root":{"text":"ho"}}}`:                                  {bot.TypeEvent, "mention hi"},
		`[]`: {bot.TypeInteractive, ""},
	} {
		var said []string
		if err := routed(&said).Serve(context.Background(), envelope(c.kind, payload)); err != nil || strings.Join(said, ",") != c.want {
			t.Errorf("%s: %v, %v", payload, said, err)
		}
	}
}

// A press counts when the person pressed, by Slack's clock.
func TestWhenAPersonActed(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for ts, want := range map[string]time.Time{
		"1548426417.840180": time.Date(2019, 1, 25, 14, 26, 57, 840_180_000, time.UTC), "1548426417": time.Unix(1548426417, 0),
		"1548426417.84": time.Unix(1548426417, 840_000_000), "1548426417.8401801": time.Unix(1548426417, 840_180_000),
		"": received, "0": received, "-5.1": received, "soon": received, "1548426417.x": received, "99999999999999999999.1": received,
	} {
		var press, form time.Time
		mux := bot.NewMux()
		mux.Action("approve", func(_ context.Context, a bot.Action) error { press = a.At; return nil })
		mux.View("form", func(_ context.Context, s bot.Submission) error { form = s.At; return nil })
		for _, payload := range []string{
			`{"type":"block_actions","actions":[{"action_id":"approve","action_ts":"` + ts + `"}]}`,
			`{"type":"view_submission","action_ts":"` + ts + `","view":{"callback_id":"form"}}`,
		} {
			e := envelope(bot.TypeInteractive, payload)
			e.Received = received
			if err := mux.Serve(context.Background(), e); err != nil {
				t.Fatal(err)
			}
		}
		if !press.Equal(want) || !form.Equal(want) {
			t.Errorf("%q: pressed %s, sent %s, not %s", ts, press, form, want)
		}
	}
}

// A handler gets what slack-go reads, and of a message no more than is needed.
func TestAPressIsWhatSlackGoReads(t *testing.T) {
	t.Parallel()
	var want slack.InteractionCallback
	if err := json.Unmarshal([]byte(pressPayload()), &want); err != nil {
		t.Fatal(err)
	}
	said := want.Message.Msg
	want.Message = slack.Message{Msg: slack.Msg{Timestamp: said.Timestamp, ThreadTimestamp: said.ThreadTimestamp, Text: said.Text}}
	var got bot.Action
	mux := bot.NewMux()
	mux.Action("approve", func(_ context.Context, a bot.Action) error { got = a; return nil })
	if err := mux.Serve(context.Background(), envelope(bot.TypeInteractive, pressPayload())); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*got.Callback, want) || !reflect.DeepEqual(got.Action, *want.ActionCallback.BlockActions[0]) {
		t.Errorf("%+v\nslack-go reads:\n%+v", got, want)
	}
	if got.Callback.View.PrivateMetadata == "" || got.Callback.View.State == nil || got.Callback.Message.ThreadTimestamp == "" {
		t.Errorf("something is missing: %+v", got.Callback)
	}
}

func TestMuxTurnsAPanicIntoAnError(t *testing.T) {
	t.Parallel()
	var said []string
	for _, action := range []string{"boom", "fail"} {
		payload := `{"type":"block_actions","actions":[{"type":"button","action_id":"` + action + `"}]}`
		if err := routed(&said).Serve(context.Background(), envelope(bot.TypeInteractive, payload)); err == nil {
			t.Errorf("%s: no error", action)
		}
	}
}

func TestARefusedFormIsAnsweredOnTheAck(t *testing.T) {
	t.Parallel()
	var said []string
	payload := `{"type":"view_submission","view":{"type":"modal","callback_id":"form","private_metadata":"bad"}}`
	reply := routed(&said).Reply(context.Background(), envelope(bot.TypeInteractive, payload))
	text, err := json.Marshal(reply)
	if err != nil || !strings.Contains(string(text), `"response_action":"errors"`) || !strings.Contains(string(text), `"input":"wrong"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add("interactive", `{"type":"block_actions","actions":[{"action_id":"approve"}]}`)
	f.Add("interactive", `{"type":"view_submission","view":{"callback_id":"form","state":{"values":{}}}}`)
	f.Add("slash_commands", `{"command":"/cbh","text":null}`)
	f.Add("events_api", `{"event":{"type":7}}`)
	f.Fuzz(func(t *testing.T, kind, payload string) {
		var said []string
		mux := routed(&said)
		e := envelope(kind, payload)
		mux.Reply(context.Background(), e)
		if err := mux.Serve(context.Background(), e); err != nil && !strings.Contains(payload, "fail") && !strings.Contains(payload, "boom") {
			t.Errorf("%s: %v", payload, err)
		}
	})
}

func TestAShortcutSaysWhatItWasChosenOn(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]bot.Address{
		`{"type":"shortcut","callback_id":"plan","trigger_id":"t","action_ts":"1548426417.5","user":{"id":"U1"}}`: {User: "U1"},
		`{"type":"message_action","callback_id":"plan","trigger_id":"t","action_ts":"1548426417.5","user":{"id":"U1"},"channel":{"id":"C1"},
			"response_url":"https://hooks.slack.com/r","message":{"ts":"2.2","thread_ts":"1.1","text":"prod is old"}}`: {
			User: "U1", Channel: "C1", ThreadTS: "1.1", ResponseURL: "https://hooks.slack.com/r"},
		`{"type":"message_action","callback_id":"plan","trigger_id":"t","action_ts":"1548426417.5","user":{"id":"U1"},"channel":{"id":"C1"},
			"message":{"ts":"1.1","thread_ts":"1.1","text":"prod is old"}}`: {User: "U1", Channel: "C1"},
	} {
		var got bot.Shortcut
		mux := bot.NewMux()
		mux.Shortcut(func(_ context.Context, s bot.Shortcut) error { got = s; return nil })
		if err := mux.Serve(context.Background(), envelope(bot.TypeInteractive, payload)); err != nil {
			t.Fatal(err)
		}
		c := got.Callback
		if got.From() != want || c.CallbackID != "plan" || c.TriggerID != "t" || !got.At.Equal(time.UnixMilli(1548426417500)) {
			t.Errorf("%s: %+v, %q, %q, %s", payload, got.From(), c.CallbackID, c.TriggerID, got.At)
		}
		if onMessage := want.Channel != ""; onMessage != (c.Message.Text == "prod is old" && c.Message.Timestamp != "") {
			t.Errorf("%s: the message is %q %q", payload, c.Message.Timestamp, c.Message.Text)
		}
	}
}

// A form is answered where its own menu says.
func TestAFormSaysWhereToAnswer(t *testing.T) {
	t.Parallel()
	for urls, want := range map[string]bot.Address{
		`[]`: {User: "U1"},
		`[{"block_id":"b","action_id":"a","channel_id":"C1","response_url":"https://hooks.slack.com/r"}]`:                                         {User: "U1", Channel: "C1", ResponseURL: "https://hooks.slack.com/r"},
		`[{"channel_id":"<!channel>","response_url":"https://hooks.slack.com/q"},{"channel_id":"D2","response_url":"https://hooks.slack.com/r"}]`: {User: "U1", Channel: "D2", ResponseURL: "https://hooks.slack.com/r"},
	} {
		var got bot.Submission
		mux := bot.NewMux()
		mux.View("form", func(_ context.Context, s bot.Submission) error { got = s; return nil })
		payload := `{"type":"view_submission","user":{"id":"U1"},"view":{"callback_id":"form","state":{"values":{"where":{"where":
			{"type":"conversations_select","selected_conversation":"C7"}}}}},"response_urls":` + urls + `}`
		if err := mux.Serve(context.Background(), envelope(bot.TypeInteractive, payload)); err != nil || got.From() != want {
			t.Errorf("%s: %+v, %v", urls, got.From(), err)
		}
		if chosen := got.Callback.View.State.Values["where"]["where"].SelectedConversation; chosen != "C7" {
			t.Errorf("%q was chosen", chosen)
		}
	}
}

// More options than an ack carries would be none at all.
func TestAMenuIsOfferedWhatAnAckCarries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ have, width, least, most int }{
		"none": {0, 10, 0, 0}, "few": {3, 10, 3, 3}, "many": {300, 10, 100, 100}, "long": {100, 75, 50, 99},
	} {
		mux := bot.NewMux()
		mux.Options("what", func(context.Context, bot.Query) []*slack.OptionBlockObject {
			var options []*slack.OptionBlockObject
			for i := range c.have {
				words := fmt.Sprintf("%0*d", c.width, i)
				text := slack.NewTextBlockObject(slack.PlainTextType, words, false, false)
				options = append(options, slack.NewOptionBlockObject(words, text, text))
			}
			return options
		})
		payload := `{"type":"block_suggestion","action_id":"what","value":"x","view":{"type":"modal","id":"V1"},"container":{"type":"view","view_id":"V1"}}`
		ack, err := json.Marshal(mux.Reply(context.Background(), envelope(bot.TypeInteractive, payload)))
		var offer struct{ Options []slack.OptionBlockObject }
		if err != nil || json.Unmarshal(ack, &offer) != nil || len(ack) > 19_900 || len(offer.Options) < c.least || len(offer.Options) > c.most {
			t.Errorf("%s: %d options in %d bytes, %v", name, len(offer.Options), len(ack), err)
		}
		if !strings.HasPrefix(string(ack), `{"options":[`) {
			t.Errorf("%s: %.40s", name, ack)
		}
	}
}
