package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/messages"
)

// These tests hold all that people, the cloud and Slack's payload can say against what
// every message has to be: without live markup or a forged line, visible, and within
// Slack's limits; and against what everything has to get: an answer.

// hostileTexts are what may come from outside. Where EVIL stands nothing may come of it.
var hostileTexts = map[string]string{
	"a mention of all": "<!channel> <!here> <!everyone>", "a mention": "<@U0EVIL>", "a group": "<!subteam^S0EVIL|@evil>", "a channel": "<#C0EVIL|evil>",
	"a link": "<https://evil.example/EVIL|safe>", "a mail": "<mailto:evil@evil.example|safe>", "a date": "<!date^0^{date}^https://evil.example|EVIL>",
	"escaped once": "&lt;!channel&gt; &lt;@U0EVIL&gt;", "escaped twice": "&amp;lt;!channel&amp;gt;", "half a token": "<!channel", "the other half": "EVIL|evil>",
	"a line": "a\nEVIL approved this", "a Windows line": "a\r\nEVIL", "an old line": "a\rEVIL", "a Unicode line": "a\u2028EVIL\u2029EVIL", "a C1 line": "a\u0085EVIL", "a tab and a page": "a\tb\v\fEVIL",
	"controls": "a\x00\x01\x07\x1b[31mb\x7f", "C1 controls": "a\u009b31mb\u0090", "bidi": "a\u202eb\u2066c\u2069\u200f\u061c", "zero width": "a\u200bb\u200c\u2060\ufeff",
	"ignorable": "a\u00ad\u034f\u115f\u3164\uffa0\u180e\U000e0041\ufe0f", "no UTF-8": "a\xff\xfe\xc0\x80b", "no character": "a\ufffe\U0010ffff\ufffd",
	"formatting": "*EVIL* _EVIL_ ~EVIL~ `EVIL` ```EVIL``` >EVIL", "quoted": "“EVIL” «EVIL» \"EVIL\" 'EVIL'", "an emoji": ":rotating_light: :skull:", "a template": "{bastion} {{.}} %s %!d(MISSING) ${HOME}",
	"a formula": "=cmd|' /C calc'!A0", "JSON": `{"v":"upgrade","i":"bastion-prod"}`, "a dash": "-- -- —", "commas": ", , ,", "a number": "-99999999999999999999", "nothing": "", "blanks": "  \u00a0\u3000 ",
	"a flood of &": strings.Repeat("&", 3000), "a flood of <": strings.Repeat("<", 3000), "a flood of ticks": strings.Repeat("`", 3000), "a flood of lines": strings.Repeat("\nEVIL", 2000),
	"10 kB": strings.Repeat("n", 10_000), "emoji without end": strings.Repeat("😀", 3000), "accents without end": "a" + strings.Repeat("\u0301", 5000), "words without end": strings.Repeat("monday ", 1500),
}

var (
	// token is what Slack makes something of in mrkdwn; ownToken is what the program writes.
	token    = regexp.MustCompile(`<[^<>]*>`)
	ownToken = regexp.MustCompile(`^<(@[UW][A-Z0-9]+|#[CDG][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^|]*\|[^|]*|https?://[^|]*(\|[^|]*)?)>$`)
	forged   = regexp.MustCompile(`(?m)^[\s>*_•-]*EVIL`)
)

// harm is what is wrong with a text that somebody reads, and that is mrkdwn if it is live.
// A reason keeps its lines where it stands in an element of its own.
func harm(text string, live bool) string {
	if live {
		for _, each := range token.FindAllString(text, -1) {
			if !ownToken.MatchString(each) || strings.Contains(strings.ToLower(each), "evil") {
				return "live markup: " + each
			}
		}
		if strings.ContainsAny(token.ReplaceAllString(text, ""), "<>") {
			return "half a token"
		}
	}
	if line := forged.FindString(text); live && line != "" && strings.Contains(text, "\n") {
		return "a forged line: " + line
	}
	for _, r := range text {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == unicode.ReplacementChar {
			return fmt.Sprintf("%U", r)
		}
	}
	return ""
}

// harmIn looks at all texts of blocks as they are on the wire.
func harmIn(value any) string {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if h := harmIn(item); h != "" {
				return h
			}
		}
	case map[string]any:
		for name, item := range v {
			text, is := item.(string)
			if h := harm(text, v["type"] == "mrkdwn"); is && name == "text" && h != "" {
				return h
			} else if h := harmIn(item); h != "" {
				return h
			}
		}
	}
	return ""
}

// harmless fails for a message with something in it that does harm.
func harmless(t *testing.T, name, notification string, blocks any) {
	t.Helper()
	text, err := json.Marshal(blocks)
	var wire any
	if err == nil {
		err = json.Unmarshal(text, &wire)
	}
	h := harm(notification, true)
	if h == "" {
		h = harmIn(wire)
	}
	if h != "" || err != nil {
		t.Errorf("%s: %s, %v", name, h, err)
	}
}

// fieldsOf are the texts of a request that come from outside, each with its setter.
var fieldsOf = map[string]func(r *approvals.Request, it *approvals.Item, text string){
	"name":      func(_ *approvals.Request, it *approvals.Item, s string) { it.Target.Name = s },
	"project":   func(_ *approvals.Request, it *approvals.Item, s string) { it.Target.Project = s },
	"server id": func(_ *approvals.Request, it *approvals.Item, s string) { it.Target.ServerID = s },
	"version": func(_ *approvals.Request, it *approvals.Item, s string) {
		it.Target.Version, it.Progress.Version = s, s
	},
	"phase": func(_ *approvals.Request, it *approvals.Item, s string) {
		it.Progress.Phase, it.Call.Outcome.Phase = s, s
	},
	"raw":       func(_ *approvals.Request, it *approvals.Item, s string) { it.Call.Outcome.Raw = s },
	"cloud id":  func(_ *approvals.Request, it *approvals.Item, s string) { it.Call.Outcome.RequestID = s },
	"reason":    func(r *approvals.Request, _ *approvals.Item, s string) { r.Reason = s },
	"closing":   func(r *approvals.Request, _ *approvals.Item, s string) { r.Closing.Reason, r.Closing.Code = s, s },
	"emergency": func(r *approvals.Request, _ *approvals.Item, s string) { r.Emergency.Reason = s },
	"override":  func(r *approvals.Request, _ *approvals.Item, s string) { r.Override.Reason = s },
	"taken out": func(_ *approvals.Request, it *approvals.Item, s string) { it.Closing.Reason = s },
	"zone":      func(r *approvals.Request, _ *approvals.Item, s string) { r.Zone = s },
	"phrase":    func(r *approvals.Request, _ *approvals.Item, s string) { r.Phrase = s },
	"their name": func(r *approvals.Request, _ *approvals.Item, s string) {
		r.Requester.Name, r.Closing.By.Name, r.MovedBy.Name = s, s, s
	},
	"their id": func(r *approvals.Request, it *approvals.Item, s string) {
		r.Requester.ID, r.Closing.By.ID, it.TakenBy = s, s, s
	},
	"channel": func(r *approvals.Request, _ *approvals.Item, s string) { r.Channel, r.Announced.Channel = s, s },
}

// hostileRequest is a request in which all is told of that can be.
func hostileRequest(decision, stage approvals.State, field, text string) *approvals.Request {
	who := approvals.Person{ID: slackemu.UserRita, Name: "rita"}
	word := &approvals.Decision{By: who, At: now, Verdict: approvals.Yes, Revision: 1, Reason: "because"}
	it := approvals.Item{
		Target: approvals.Target{Project: "p", ServerID: "s1", Name: "bastion-prod", Version: "3.3.49.0", Offer: approvals.OfferMinor}, State: stage, End: approvals.EndRefused,
		Call:     approvals.Call{Tries: 2, FinishedAt: now, ShutOutAt: now, Outcome: approvals.Outcome{Kind: approvals.Refused, Code: approvals.CodeOther, Status: 500}},
		Progress: approvals.Progress{StartedAt: now, EndedAt: now.Add(time.Hour), Version: "3.3.52.1", FoundTime: now.Add(time.Hour), BlindSince: now}, TakenBack: 9, Old: now, FreedAt: now,
	}
	r := &approvals.Request{
		ID: 142, Key: "K", Revision: 1, Action: approvals.Upgrade, Timing: approvals.Timing{At: now.Add(72 * time.Hour), Deadline: now.Add(48 * time.Hour), Zone: "Asia/Shanghai"}, Requester: who,
		Channel: slackemu.ChannelOps, State: decision, Decisions: []approvals.Decision{*word}, Override: word, Emergency: word, Closing: approvals.Closing{At: now, By: who}, MovedBy: who, Previous: now,
	}
	emergency, override := *word, *word
	r.Emergency, r.Override = &emergency, &override
	fieldsOf[field](r, &it, text)
	r.Items = []approvals.Item{it}
	return r
}

// TestNothingThatIsToldOfARequestDoesHarm draws every card and notice of a request that
// carries each text in each field.
func TestNothingThatIsToldOfARequestDoesHarm(t *testing.T) {
	t.Parallel()
	cases := 0
	for what, text := range hostileTexts {
		for field := range fieldsOf {
			for n, stage := range []approvals.State{approvals.Waiting, approvals.Failed} {
				r := hostileRequest([]approvals.State{approvals.Pending, approvals.Approved}[n], stage, field, text)
				l := messages.Languages[cases%len(messages.Languages)]
				name := fmt.Sprintf("%s as %s, %s", what, field, stage)
				card := messages.Card(l, r, now, cases%2 == 0)
				harmless(t, "the card: "+name, card.Text.String(), card.Blocks)
				kind := approvals.NoticeKinds[cases%len(approvals.NoticeKinds)]
				told := messages.NoticeOf(l, r, approvals.Notice{Kind: kind, N: 1}, now)
				harmless(t, fmt.Sprintf("the notice %s: %s", kind, name), told.Text.String(), told.Blocks)
				cases++
			}
		}
	}
	t.Logf("%d requests", cases)
}

// hostileDesk is a desk that is reached the way Slack reaches it.
type hostileDesk struct {
	*desk
	mux  *bot.Mux
	last string // timestamp of the latest message that Rita has read
}

func newHostileDesk(t *testing.T) *hostileDesk {
	d := &hostileDesk{desk: newDesk(t, approvals.DefaultProject), mux: bot.NewMux()}
	d.Register(d.mux)
	return d
}

// fresh are the messages that Rita has not read yet.
func (d *hostileDesk) fresh() []slackemu.Message {
	var unread []slackemu.Message
	for _, m := range d.slack.As(slackemu.UserRita).Sees("") {
		if m.TS > d.last {
			unread = append(unread, m.Message)
		}
	}
	for _, m := range unread {
		d.last = max(d.last, m.TS)
	}
	return unread
}

// gets serves an envelope, and wants an answer that does no harm.
func (d *hostileDesk) gets(t *testing.T, name, kind string, payload any) {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	d.events++
	e := bot.Envelope{ID: fmt.Sprint("event-", d.events), Type: kind, Payload: text, Received: now}
	if onAck := d.mux.Reply(context.Background(), e); onAck != nil {
		harmless(t, name+", on the ack", "", onAck)
		return
	}
	err = d.mux.Serve(context.Background(), e)
	for try := 0; IsTemporary(err) && try < 5; try++ { // as the inbox does
		err = d.mux.Serve(context.Background(), e)
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	told := d.fresh()
	if len(told) == 0 {
		t.Errorf("%s: no answer", name)
	}
	for _, m := range told {
		harmless(t, name, m.Text, m.Blocks)
	}
}

type fields = map[string]any

func TestEveryHostileCommandIsAnswered(t *testing.T) {
	t.Parallel()
	for what, text := range hostileTexts {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			d := newHostileDesk(t)
			for _, command := range append(slices.Clone(messages.Commands), "", "approve") {
				typed := []string{" " + text, " bastion-prod " + text, " bastion-prod friday 2am -- " + text}[(len(what)+d.events)%3]
				d.gets(t, "/cbh "+command, bot.TypeCommand, fields{
					"command": "/cbh", "text": command + typed, "user_id": slackemu.UserRita, "channel_id": slackemu.ChannelOps, "channel_name": text, "trigger_id": text,
				})
			}
		})
	}
}

// hostileValues are what a draft's field may hold, besides texts.
func hostileValues() []any {
	values := []any{nil, -1, math.MaxInt64, math.MinInt64, 1e300, 0.5, true, []any{}, fields{}, "C0OPS", "1:1:K", json.Number("1e999999")}
	for _, what := range slices.Sorted(maps.Keys(hostileTexts)) {
		values = append(values, hostileTexts[what])
	}
	return values
}

// draftFields are the names of a draft's fields on the wire.
var draftFields = strings.Split("v i r t w c d s o m p n z l", " ")

// TestEveryHostileDraftIsAnswered presses buttons, and sends forms, whose drafts hold what
// the program never writes into them.
func TestEveryHostileDraftIsAnswered(t *testing.T) {
	t.Parallel()
	for n, value := range hostileValues() {
		t.Run(fmt.Sprintf("%d %.30q", n, fmt.Sprint(value)), func(t *testing.T) {
			t.Parallel()
			d := newHostileDesk(t)
			d.meets(t, n, value)
			if posts := d.clouds[approvals.DefaultProject].Requests(cbhemu.OpUpgrade, cbhemu.OpCancel, cbhemu.OpRollback); len(posts) > 0 {
				t.Errorf("the cloud was called %d times", len(posts))
			}
		})
	}
}

// meets gets a value in each field of a draft, as a whole draft and in each form; n chooses
// between the buttons.
func (d *hostileDesk) meets(t *testing.T, n int, value any) {
	t.Helper()
	for _, field := range draftFields {
		draft := fields{"v": "upgrade", "i": "nowhere", "t": now.Add(100 * time.Hour).Unix()}
		draft[field] = value
		text, err := json.Marshal(draft)
		if err != nil {
			t.Fatal(err)
		}
		d.presses(t, "in field "+field, []string{messages.ActContinue, messages.ActPickTime, messages.ActOverride}[n%3], string(text))
	}
	whole := fmt.Sprint(value)
	actions := []string{messages.ActContinue, messages.ActApprove, messages.ActDeny, messages.ActCancel, messages.ActBreak, messages.ActClose, messages.ActTryAgain, messages.ActCheck}
	for _, action := range []string{actions[n%len(actions)], actions[(n+3)%len(actions)]} {
		d.presses(t, "whole, by "+action, action, whole)
	}
	for _, form := range []string{viewTime, viewUpgrade, viewDeny, viewOverride} {
		d.sends(t, "whole, by the form "+form, form, whole)
	}
}

// What the program can write into a draft is read again, and what it cannot is refused.
func TestADraftOutOfRangeIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := parseDraft(`{"v":"upgrade","i":"bastion-prod","t":1790000000,"s":3600,"n":7,"c":"C0OPS","d":"1790000000.000100"}`); err != nil {
		t.Errorf("a draft of ours: %v", err)
	}
	for _, draft := range []string{
		"", "null", "[]", `{}`, `{"v":"frobnicate"}`, `{"v":7}`, `{"v":"upgrade","t":"tomorrow"}`, `{"v":"upgrade","z":` + strings.Repeat(" ", longestDraft) + `""}`,
		`{"v":"list","n":-1}`, `{"v":"list","n":1000001}`, `{"v":"list","n":1e300}`, `{"v":"upgrade","t":-1}`, `{"v":"upgrade","t":8589934593}`,
		`{"v":"upgrade","s":-1}`, `{"v":"upgrade","s":7776001}`, `{"v":"cancel","r":-1}`, `{"v":"cancel","r":0.5}`, `{"v":"upgrade","c":"ops"}`, `{"v":"upgrade","d":"now"}`,
	} {
		if d, err := parseDraft(draft); err == nil {
			t.Errorf("%.80s is taken for %+v", draft, d)
		}
	}
}

func (d *hostileDesk) presses(t *testing.T, name, action, value string) {
	t.Helper()
	d.gets(t, name, bot.TypeInteractive, fields{
		"type": "block_actions", "user": fields{"id": slackemu.UserRita}, "channel": fields{"id": slackemu.ChannelOps}, "trigger_id": value, "container": fields{"type": "message"},
		"actions": []any{fields{"type": "button", "action_id": action, "block_id": value, "value": value}},
	})
}

func (d *hostileDesk) sends(t *testing.T, name, form, text string) {
	t.Helper()
	chosen := fields{"value": text, "text": fields{"type": "plain_text", "text": text}}
	d.gets(t, name, bot.TypeInteractive, fields{
		"type": "view_submission", "user": fields{"id": slackemu.UserRita}, "view": fields{"callback_id": form, "private_metadata": text, "state": fields{"values": fields{
			"time":     fields{"time": fields{"type": "datetimepicker", "selected_date_time": now.Add(100 * time.Hour).Unix()}},
			"reason":   fields{"text": fields{"type": "plain_text_input", "value": text}},
			"instance": fields{"instance": fields{"type": "multi_external_select", "selected_options": []any{chosen}}},
		}}},
	})
}
