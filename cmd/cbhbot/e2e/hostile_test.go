package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// hostile are words that want to be more than words.
var hostile = []string{
	"<!channel> <!here> <!everyone> <!subteam^S0SRE|@sre>",
	"&lt;!channel&gt; &lt;@U0GUS&gt;",
	"<@U0GUS|bo> <#C0GENERAL|general> <https://evil.example|bastion-prod>",
	"`*bold* _it_` ``` ~~ > quote",
	"\u202egnirts\u2066\u200b\u200d\ufeff\u00ad",
	"a\x00b\x01\x1b[31m",
	"x\r\n*Approved* by <@U0ANA>\n:white_check_mark: done",
	strings.Repeat("A", 40_000),
	strings.Repeat("<!channel>", 4_000),
	strings.Repeat("\"'`", 500),
	"${HOME} {{.}} %s %d %n",
	"\xff\xfe\xfd",
	"",
}

// forbidden would notify people, lead away or hide something, or begin a line
// that only the bot may write.
var forbidden = regexp.MustCompile(`<!(channel|here|everyone|subteam)|<@U0GUS|<https?://evil|[\x00-\x08\x0b-\x1f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]|(?m)^\*Approved\*`)

// tame fails when any message that the app wrote does what it must not.
func (w *world) tame() {
	w.t.Helper()
	for _, channel := range w.slack.Channels() {
		for _, m := range w.slack.As(rita).Sees(channel.ID) {
			texts := append(shownTexts(m.Blocks), m.Text)
			for _, text := range texts {
				if m.FromApp && forbidden.MatchString(text) {
					w.t.Errorf("the app wrote %.300q", text)
				}
			}
		}
	}
}

// shownTexts are the texts of blocks in which markup counts.
func shownTexts(blocks any) (found []string) {
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
				found = append(found, text)
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	text, err := json.Marshal(blocks)
	var plain any
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		panic(err) // blocks came as JSON
	}
	walk(plain)
	return found
}

// idle fails when work was put aside, and waits until none is left.
func (w *world) idle() {
	w.t.Helper()
	client := w.redis.Client()
	defer client.Close()
	ctx := context.Background()
	for _, key := range []string{"inbox:presses", "inbox:commands"} {
		stream := store.DefaultPrefix + key
		left := func() int64 { return client.XLen(ctx, stream).Val() + client.ZCard(ctx, stream+":putoff").Val() }
		await(w.t, "the work in "+stream, func() bool { return left() == 0 })
		if parked := client.XRange(ctx, stream+":parked", "-", "+").Val(); len(parked) > 0 {
			w.t.Errorf("%s: %d entries were put aside: %.600v", stream, len(parked), parked)
		}
	}
}

func TestHostileCommandsAreJustWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	for _, words := range hostile {
		for _, command := range []string{
			"%s", "upgrade %s in 3 days at 2am", "upgrade \"%s\" in 3 days at 2am", "upgrade bastion-prod %s", "cancel %s", "cancel bastion-prod -- %s",
			"reschedule %s %[1]s", "withdraw CBH-1 -- %s", "status %s", "list %s", "instances %s", "policy %s", "help %s",
		} {
			if !strings.Contains(command, "[1]") {
				command = strings.Replace(command, "%s", "%[1]s", 1)
			}
			w.types(rita, fmt.Sprintf(command, words))
		}
	}
	w.idle()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am -- "+hostile[0]+hostile[2]+hostile[3]+hostile[6])
	card := w.sees(ana, "waiting for approval")
	w.tame()
	if n := w.top("CBH-"); n != 1 || p.ended() || w.posts() != 0 {
		t.Errorf("%d cards, ended %v", n, p.ended())
	}
	w.presses(ana, card, "Deny")
	w.form(ana).Submit(map[string]any{"reason": hostile[0] + hostile[2] + hostile[6]})
	w.sees(rita, "*Denied*")
	w.idle()
	w.tame()
}

// pressed is a press as Slack reports it, with what a test alters.
func pressed(card *slackemu.Shown, action, value string, altered map[string]any) map[string]any {
	payload := map[string]any{
		"type": "block_actions", "api_app_id": slackemu.AppID, "team": map[string]any{"id": slackemu.TeamHome},
		"user": map[string]any{"id": ana}, "channel": map[string]any{"id": slackemu.ChannelOps},
		"container": map[string]any{"type": "message", "message_ts": card.TS, "channel_id": slackemu.ChannelOps},
		"actions":   []any{map[string]any{"type": "button", "action_id": action, "block_id": "b", "value": value}},
	}
	maps.Copy(payload, altered)
	return payload
}

var markerForm = regexp.MustCompile(`\b1:1:[0-9A-Za-z]+`)

func TestAlteredPressesDoNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	card := w.card("in 3 days at 2am")
	marker := markerForm.FindString(fmt.Sprint(card.Blocks))
	key := strings.TrimPrefix(marker, "1:1:")
	many := make([]any, 3000)
	for i := range many {
		many[i] = map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "<!channel>"}}
	}
	values := append([]string{
		"1:2:" + key, "2:1:" + key, "1:1:00000000", "1:1:", "1:1", "0:1:" + key, "-1:1:" + key, "1:-1:" + key, "1:1:" + key + ":1",
		"99999999999999999999:1:" + key, "1:99999999999999999999:" + key, "one:1:" + key, marker + "\x00", " " + marker,
		`{"v":"approve","i":"bastion-prod"}`, `{"v":"upgrade","i":"<!channel>","t":-1,"w":"<!here>"}`, `{"v":"frobnicate"}`, `{"v":"upgrade","i":"bastion-prod","t":9000000000000000000}`, `{"v":"upgrade","t":1e99}`, "null", "[]",
	}, hostile...)
	for _, action := range []string{"approve", "deny", "withdraw", "retract", "check", "cancel", "continue", "pick_time", "approve:9", "nobody_knows", "", ":", "<!channel>"} {
		for _, value := range values {
			w.forges(pressed(card, action, value, nil))
		}
	}
	for _, altered := range []map[string]any{
		{"team": map[string]any{"id": "T0OTHER"}},
		{"api_app_id": "A0OTHER"},
		{"user": map[string]any{"id": "U0NOBODY"}},
		{"user": map[string]any{"id": ""}},
		{"user": nil},
		{"type": "message_action"}, {"type": "block_suggestion"}, {"type": "shortcut"}, {"type": nil}, {"type": 7},
		{"actions": nil}, {"actions": []any{}}, {"actions": []any{nil, 7, "approve"}}, {"actions": map[string]any{"action_id": "approve"}},
		{"type": "view_submission", "view": map[string]any{"callback_id": "deny", "private_metadata": marker}},
		{"type": "view_submission", "view": map[string]any{"callback_id": "deny", "private_metadata": `{"m":"1:2:` + key + `"}`}},
		{"type": "view_submission", "view": map[string]any{"callback_id": "pick_time", "private_metadata": hostile[7]}},
		{"type": "view_submission", "view": nil},
		{"type": "block_suggestion", "action_id": "instance", "value": hostile[0], "view": nil},
		{"type": "block_suggestion", "action_id": "instance", "value": strings.Repeat("a", 1<<20), "view": map[string]any{"private_metadata": hostile[7]}},
	} {
		w.forges(pressed(card, "approve", marker, altered))
	}
	w.forges(pressed(card, "approve", "1:2:"+key, map[string]any{"message": map[string]any{"ts": card.TS, "blocks": many}}))
	w.forges(pressed(card, "approve", "1:2:"+key, map[string]any{"actions": many}))
	w.idle()
	w.tame()
	if p.ended() || w.posts() != 0 || !w.shown(ana, card).Action("Approve").Exists() || w.top("CBH-") != 1 {
		t.Fatalf("something acted: ended %v, %d POSTs\n%s", p.ended(), w.posts(), w.transcript())
	}
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
}

// forges delivers what no client would send; it has to be acked all the same, if not
// at once: as Slack does, it is sent again where a busy machine was too slow to keep it.
func (w *world) forges(payload map[string]any) {
	w.t.Helper()
	d := w.slack.Deliver("interactive", payload)
	for again := 0; !d.Acked && again < 3; again++ {
		d = w.slack.Deliver("interactive", payload)
	}
	if !d.Acked {
		w.t.Errorf("%.300v: %s", payload, d.Error)
	}
}
