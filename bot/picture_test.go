package bot_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"testing"

	"github.com/slack-go/slack"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// captured is a call as it arrived.
type captured struct {
	path   string
	header http.Header
	body   string
}

// capture takes calls down.
func capture(t *testing.T) (base string, next func() captured) {
	t.Helper()
	calls := make(chan captured, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Header.Del("Content-Length")
		calls <- captured{r.URL.Path, r.Header, string(body)}
		_, _ = io.WriteString(w, `{"ok":true,"ts":"1.1","message_ts":"1.1"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api/", func() captured { return arrives(t, "a call", calls) }
}

// fields are those of a form, with what is JSON in it decoded, and blocks without the ids they are given.
func (c captured) fields(t *testing.T) map[string]any {
	t.Helper()
	form, err := url.ParseQuery(c.body)
	if err != nil {
		t.Fatalf("%v: %s", err, c.body)
	}
	fields := map[string]any{}
	for name := range form {
		value := blockIDs.ReplaceAllString(form.Get(name), "")
		var decoded any = value
		if name == "blocks" || name == "metadata" {
			if err := json.Unmarshal([]byte(value), &decoded); err != nil {
				t.Fatalf("%s: %v: %s", name, err, value)
			}
		}
		fields[name] = decoded
	}
	return fields
}

// What goes over the wire is what slack-go sends, but for how it is escaped.
func TestAPictureIsSentAsSlackGoSendsIt(t *testing.T) {
	t.Parallel()
	base, next := capture(t)
	theirs := slack.New("xoxb-1", slack.OptionAPIURL(base))
	ours := bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: base, Log: quiet()})
	ctx := context.Background()
	loud := cardLike()
	loud.Broadcast = true
	for name, m := range map[string]bot.Message{"a card": cardLike(), "only text": {Text: mrkdwn.Words("a&b <c> é 1+1=2 100% ~_-./?\n")}, "a broadcast": loud} {
		p, options := picture(t, m), slackOptions(m)
		for method, calls := range map[string][2]func() error{
			"chat.postMessage": {
				func() error { _, err := ours.Post(ctx, "C1", "1.1", p); return err },
				func() error {
					_, _, err := theirs.PostMessageContext(ctx, "C1", append(options, slack.MsgOptionTS("1.1"))...)
					return err
				},
			},
			"chat.update": {
				func() error { return ours.Update(ctx, "C1", "1.1", p) },
				func() error { _, _, _, err := theirs.UpdateMessageContext(ctx, "C1", "1.1", options...); return err },
			},
			"chat.postEphemeral": {
				func() error { return ours.Private(ctx, bot.Address{User: "U1", Channel: "C1", ThreadTS: "1.1"}, m) },
				func() error {
					_, err := theirs.PostEphemeralContext(ctx, "C1", "U1", append(options, slack.MsgOptionTS("1.1"))...)
					return err
				},
			},
		} {
			for _, call := range calls {
				if err := call(); err != nil {
					t.Fatal(err)
				}
			}
			got, want := next(), next()
			if !reflect.DeepEqual(got.fields(t), want.fields(t)) || got.path != want.path || !reflect.DeepEqual(got.header, want.header) {
				t.Errorf("%s of %s:\n%+v\nslack-go's:\n%+v", method, name, got, want)
			}
		}
	}
}

// blockIDs are the ids that a block without one is given.
var blockIDs = regexp.MustCompile(`,"block_id":"\d+-[0-9a-f]{8}"`)

func TestEachBlockHasAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	base, next := capture(t)
	ours := bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: base, Log: quiet()})
	ids := func(texts ...string) (found []string) {
		m := bot.Message{Text: mrkdwn.Words("x")}
		for _, text := range texts {
			m.Blocks = append(m.Blocks, slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, text, false, false), nil, nil))
		}
		if err := ours.Private(context.Background(), bot.Address{ResponseURL: base + "r", User: "U1"}, m); err != nil {
			t.Fatal(err)
		}
		return blockIDs.FindAllString(next().body, -1)
	}
	same, other := ids("a", "a"), ids("a", "b")
	if len(same) != 2 || same[0] == same[1] {
		t.Errorf("two blocks that hold the same: %v", same)
	}
	if len(other) != 2 || other[0] != same[0] || other[1] == same[1] {
		t.Errorf("%v, and with another second block %v", same, other)
	}
}

func slackOptions(m bot.Message) []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text.String(), false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if m.Metadata != nil {
		options = append(options, slack.MsgOptionMetadata(*m.Metadata))
	}
	if m.Broadcast {
		options = append(options, slack.MsgOptionBroadcast())
	}
	return options[:len(options):len(options)]
}

func TestAResponseURLGetsWhatSlackGoSends(t *testing.T) {
	t.Parallel()
	base, next := capture(t)
	ours := bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: base, Log: quiet()})
	for _, m := range []bot.Message{cardLike(), {Text: mrkdwn.Words("a&b <c> \"é\"")}} {
		webhook := &slack.WebhookMessage{Text: m.Text.String(), ResponseType: slack.ResponseTypeEphemeral}
		if len(m.Blocks) > 0 {
			webhook.Blocks = &slack.Blocks{BlockSet: m.Blocks}
		}
		if err := ours.Private(context.Background(), bot.Address{ResponseURL: base + "r", User: "U1"}, m); err != nil {
			t.Fatal(err)
		}
		got := next()
		got.body = blockIDs.ReplaceAllString(got.body, "")
		if err := slack.PostWebhook(base+"r", webhook); err != nil {
			t.Fatal(err)
		}
		want := next()
		var ourObject, theirObject map[string]any
		if json.Unmarshal([]byte(got.body), &ourObject) != nil || json.Unmarshal([]byte(want.body), &theirObject) != nil {
			t.Fatalf("%s\n%s", got.body, want.body)
		}
		delete(theirObject, "delete_original") // false, as when it is left out
		if !reflect.DeepEqual(ourObject, theirObject) || !reflect.DeepEqual(got.header, want.header) {
			t.Errorf("%+v\nslack-go's:\n%+v", got, want)
		}
	}
}

func TestNoBlocksAreSentAsNone(t *testing.T) {
	t.Parallel()
	base, next := capture(t)
	ours := bot.NewSender(bot.SenderConfig{Token: "xoxb-1", APIURL: base, Log: quiet()})
	if err := ours.Update(context.Background(), "C1", "1.1", picture(t, hello)); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(next().body)
	if err != nil || form.Get("blocks") != "[]" {
		t.Errorf("%v, %v", form, err)
	}
}

func TestADigestTellsPicturesApart(t *testing.T) {
	t.Parallel()
	text := slack.NewTextBlockObject(slack.PlainTextType, "x", false, false)
	mark := func(id string) *slack.SlackMetadata {
		return &slack.SlackMetadata{EventType: "t", EventPayload: map[string]any{"id": id, "a": 1, "b": 2}}
	}
	digests := map[string]string{}
	for name, m := range map[string]bot.Message{
		"text": {Text: mrkdwn.Words("x")}, "another text": {Text: mrkdwn.Words("y")}, "blocks": {Text: mrkdwn.Words("x"), Blocks: []slack.Block{slack.NewHeaderBlock(text)}},
		"other blocks": {Text: mrkdwn.Words("x"), Blocks: []slack.Block{slack.NewSectionBlock(text, nil, nil)}}, "loud": {Text: mrkdwn.Words("x"), Broadcast: true},
		"marked": {Text: mrkdwn.Words("x"), Metadata: mark("1")}, "marked otherwise": {Text: mrkdwn.Words("x"), Metadata: mark("2")}, "text like blocks": {Text: mrkdwn.Words("x[]")},
	} {
		digest := picture(t, m).Digest
		if again := picture(t, m).Digest; len(digest) != 16 || again != digest || digests[digest] != "" {
			t.Errorf("%s: %q, again %q; taken by %q", name, digest, again, digests[digest])
		}
		digests[digest] = name
	}
	if _, err := (bot.Message{Metadata: &slack.SlackMetadata{EventPayload: map[string]any{"no": func() {}}}}).Encode(); err == nil {
		t.Error("a function was encoded")
	}
}
