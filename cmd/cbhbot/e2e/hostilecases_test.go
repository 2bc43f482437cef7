package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// hostileCase is something that does harm where it can. Rita reads what it says,
// and it puts so many entries aside.
type hostileCase struct {
	does   func(w *world)
	says   string
	parked int
}

// press is Rita pressing a button of a message that she alone sees, with a value.
func press(action, value string) hostileCase {
	return hostileCase{does: func(w *world) {
		w.forges(pressed(&slackemu.Shown{}, action, value, map[string]any{"user": map[string]any{"id": rita}}))
	}, says: "carries no command of mine"}
}

// sends is Rita sending a form with private metadata and a time.
func sends(form, private string, at any) hostileCase { return choosing(form, private, at, "", "") }

// choosing is Rita sending a form in which she chose a bastion and a channel, too.
func choosing(form, private string, at any, bastion, channel string) hostileCase {
	chosen := map[string]any{"value": bastion, "text": map[string]any{"type": "plain_text", "text": "b"}}
	return hostileCase{does: func(w *world) {
		w.forges(map[string]any{
			"type": "view_submission", "api_app_id": slackemu.AppID, "team": map[string]any{"id": slackemu.TeamHome}, "user": map[string]any{"id": rita},
			"view": map[string]any{"callback_id": form, "private_metadata": private, "state": map[string]any{"values": map[string]any{
				"time":     map[string]any{"time": map[string]any{"type": "datetimepicker", "selected_date_time": at}},
				"reason":   map[string]any{"text": map[string]any{"type": "plain_text_input", "value": "because"}},
				"instance": map[string]any{"instance": map[string]any{"type": "multi_external_select", "selected_options": []any{chosen}}},
				"channel":  map[string]any{"channel": map[string]any{"type": "conversations_select", "selected_conversation": channel}},
			}}},
		})
	}, says: "carries no command of mine"}
}

// typing is Rita typing a command.
func typing(command, says string) hostileCase {
	return hostileCase{does: func(w *world) { w.types(rita, command) }, says: says}
}

// mentioning is Rita saying something to the bot.
func mentioning(words, says string) hostileCase {
	return hostileCase{does: func(w *world) { w.slack.As(rita).Say(slackemu.ChannelOps, "@cbhbot "+words) }, says: says}
}

// but is the case with other words.
func (c hostileCase) but(says string) hostileCase { c.says = says; return c }

// putAside is the case, of which so much is put aside.
func (c hostileCase) putAside(parked int) hostileCase { c.parked = parked; return c }

// refusing is the case with a Slack that once does not take content by these ways.
func (c hostileCase) refusing(methods ...string) hostileCase {
	does, faults := c.does, map[string]slackemu.MethodFault{}
	for _, method := range methods {
		faults[method] = slackemu.MethodFault{Error: "invalid_blocks", Times: 1}
	}
	c.does = func(w *world) { w.methods(faults); does(w) }
	return c
}

// broken is the case with a stored request that is something else.
func (c hostileCase) broken(body string) hostileCase {
	does := c.does
	c.does = func(w *world) {
		client := w.redis.Client()
		defer client.Close()
		client.HSet(w.t.Context(), store.DefaultPrefix+"request:77", "body", body, "n", "1")
		does(w)
	}
	return c
}

func hostileCases() map[string]hostileCase {
	soon := time.Now().Add(100 * time.Hour).Unix()
	everyWay := []string{"response_url", "chat.postEphemeral", "chat.postMessage"}
	return map[string]hostileCase{
		"a page before the first":        press("continue", `{"v":"list","n":-1}`),
		"a page beyond all numbers":      press("continue", `{"v":"instances","n":9223372036854775807}`),
		"a page of another kind":         press("continue", `{"v":"list","n":"2"}`),
		"a far page":                     press("continue", `{"v":"list","n":999999}`).but("There are no such requests"),
		"a negative stagger":             press("continue", fmt.Sprintf(`{"v":"upgrade","i":"bastion-prod, bastion-dev","t":%d,"s":-86400}`, soon)),
		"a huge stagger":                 press("continue", fmt.Sprintf(`{"v":"upgrade","i":"bastion-prod, bastion-dev","t":%d,"s":9223372036854775}`, soon)),
		"a time before all times":        press("continue", `{"v":"upgrade","i":"bastion-prod","t":-62135596800}`),
		"a time after all times":         press("continue", `{"v":"upgrade","i":"bastion-prod","t":9000000000000000000}`),
		"a far time":                     press("continue", `{"v":"upgrade","i":"bastion-prod","t":2000000000}`).but("too far ahead"),
		"a fraction of a time":           press("continue", `{"v":"upgrade","i":"bastion-prod","t":1e99}`),
		"nothing":                        press("continue", ""),
		"null":                           press("continue", "null"),
		"a list":                         press("pick_time", "[]"),
		"an empty draft":                 press("override", "{}"),
		"null fields":                    press("continue", `{"v":null,"i":null,"t":null}`),
		"a negative request":             press("continue", fmt.Sprintf(`{"v":"reschedule","r":-4,"t":%d}`, soon)),
		"a request that is not there":    press("continue", fmt.Sprintf(`{"v":"reschedule","r":4000,"t":%d}`, soon)).but("There is no such request"),
		"a channel that is none":         press("continue", fmt.Sprintf(`{"v":"upgrade","i":"bastion-prod","t":%d,"c":"<!channel>"}`, soon)),
		"a verb that is none":            press("continue", `{"v":"approve","i":"bastion-prod"}`),
		"a draft of a megabyte":          press("continue", `{"v":"upgrade","i":"`+strings.Repeat("a", 1<<20)+`"}`),
		"a marker that is none":          press("break_glass", `{"v":"break-glass","m":"1:1"}`).but("names no request of mine"),
		"a form that is none":            sends("downgrade", "", soon),
		"a form of nothing":              sends("pick_time", "", soon),
		"a form of null":                 sends("pick_time", "null", soon),
		"a form with a huge page":        sends("pick_time", `{"v":"upgrade","n":1e9}`, soon),
		"an upgrade of nothing":          sends("upgrade", "", soon),
		"an upgrade of null":             choosing("upgrade", "null", soon, "bastion-prod", ""),
		"an upgrade in no channel":       choosing("upgrade", `{"v":"upgrade"}`, soon, "bastion-prod", "<!channel>"),
		"an upgrade nowhere":             choosing("upgrade", `{"v":"upgrade"}`, soon, "bastion-prod", "").but("where the approvers are"),
		"an upgrade in her own messages": choosing("upgrade", `{"v":"upgrade"}`, soon, "bastion-prod", direct(rita)).but("where the approvers are"),
		"an upgrade of too many":         choosing("upgrade", `{"v":"upgrade"}`, soon, strings.Repeat("b, ", 20)+"b", slackemu.ChannelOps).but("one request may name 10"),
		"a denial of nothing":            sends("deny", "", soon).but("belongs to no request of mine"),
		"a denial of null":               sends("deny", "null", soon).but("belongs to no request of mine"),
		"a denial of another kind":       sends("deny", `{"m":7,"c":[],"t":{}}`, soon).but("belongs to no request of mine"),
		"a stagger beyond the end":       typing("upgrade bastion-prod, bastion-dev, bastion-staging in 3 days at 2am stagger 999h", "is too far ahead: the latest is"),
		"an answer that Slack refuses":   typing("help", "Slack did not take my answer").refusing(everyWay...).putAside(1),
		"a form that Slack refuses":      typing("upgrade", "Slack did not take my answer").refusing("views.open").putAside(1),
		"a request without instances":    typing("status CBH-77", "That did not work").broken(`{"version":2,"key":"K","revision":1,"action":"upgrade","state":"pending"}`).putAside(1),
		"a request that is no JSON":      typing("status CBH-77", "That did not work").broken("{").putAside(1),
		"a mention of what is poisonous": mentioning("status CBH-77", "That did not work").broken("{").putAside(1),
	}
}

func TestTheNextCommandIsAnsweredAfterEachHostileCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	parked := 0
	for name, c := range hostileCases() {
		before := w.ritaReads(c.says)
		c.does(w)
		w.until(name+" to be answered", func() bool { return w.ritaReads(c.says) > before || p.ended() })
		if took := w.fastest("policy", "Who has to approve"); took > 2*time.Second || p.ended() {
			t.Fatalf("%s: the next command is answered after %s; ended: %v", name, took, p.ended())
		}
		parked += c.parked
		await(t, name+" to be put aside", func() bool { return p.metric(t, "cbhbot_parked_total") == fmt.Sprint(parked) })
	}
	w.tame()
	w.settles()
	if n := w.top("CBH-"); n != 0 || w.posts() != 0 {
		t.Errorf("%d cards, %d calls\n%s", n, w.posts(), w.transcript())
	}
}

// ritaReads counts the messages with these words that Rita sees.
func (w *world) ritaReads(words string) (n int) {
	for _, channel := range w.slack.Channels() {
		for _, m := range w.slack.As(rita).Sees(channel.ID) {
			if m.FromApp && strings.Contains(m.Text, words) {
				n++
			}
		}
	}
	return n
}

// fastest is how soon a command is answered, in the best of three tries: a machine
// that is busy is no fault.
func (w *world) fastest(command, says string) time.Duration {
	w.t.Helper()
	best := time.Hour
	for range 3 {
		before, begun := w.ritaReads(says), time.Now()
		w.types(rita, command)
		w.until("an answer to "+command, func() bool { return w.ritaReads(says) > before })
		if best = min(best, time.Since(begun)); best < time.Second {
			break
		}
	}
	return best
}

// settles waits until no work is left.
func (w *world) settles() {
	w.t.Helper()
	client := w.redis.Client()
	defer client.Close()
	for _, key := range []string{"inbox:presses", "inbox:commands"} {
		stream := store.DefaultPrefix + key
		await(w.t, "the work in "+stream, func() bool {
			return client.XLen(w.t.Context(), stream).Val()+client.ZCard(w.t.Context(), stream+":putoff").Val() == 0
		})
	}
}
