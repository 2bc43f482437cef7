package e2e

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/messages"
)

// This file holds what the stories in the browser are told with. The words that their
// people read come from the tables of package messages.

// tongue is a language: of people's Slack, of the cards, and of what they type.
type tongue struct {
	tag, locale string
	ask, when   string // a command for an upgrade, and a time as it is typed
}

var tongues = []tongue{
	{"en", "en-US", "upgrade %s %s -- security fixes", "sunday 2am"},
	{"zh-CN", "zh-CN", "升级 %s %s -- 安全加固", "周日凌晨2点"},
}

func (l tongue) voice() messages.Voice {
	return messages.Voice{Language: messages.ByTag(l.tag), Zone: time.UTC, Now: time.Unix(0, 0)}
}

// words are a text without any facts in it.
func (l tongue) words(key messages.Key) string { return l.voice().Plain(messages.Say(key)) }

// state is how a card calls a state.
func (l tongue) state(s approvals.State) string {
	request := &approvals.Request{Action: approvals.Upgrade, State: approvals.Approved, Items: []approvals.Item{{State: s}}}
	if s == approvals.Pending || s == approvals.Denied {
		request.State, request.Items[0].State = s, approvals.Waiting
	}
	return l.voice().Plain(messages.ViewOf(request, 0).Standing())
}

// title is what a request for the story's upgrade is called.
func (s *stage) title() string {
	return s.voice().Plain(messages.Say(messages.TitleUpgrade, "bastion", approvals.Target{Name: s.bastion}))
}

var bold = regexp.MustCompile(`\*([^*]+)\*`)

// refusal is how the answer begins that somebody gets who is refused something.
func (l tongue) refusal(ground policy.Ground) string {
	answer, _ := messages.Explain(&policy.Refusal{Ground: ground})
	return beginning(l.voice().Answer(answer).Text.String())
}

func beginning(text string) string { return text[:strings.IndexAny(text, ",.:，。：")] }

// mark is what stands out in a text: what kind of notice it is.
func (l tongue) mark(key messages.Key) string {
	found := bold.FindStringSubmatch(l.voice().Say(messages.Say(key)).String())
	if found == nil {
		return l.words(key)
	}
	return found[1]
}

// notice is mark for a notice that has one text only.
func (l tongue) notice(kind approvals.NoticeKind) string {
	request := &approvals.Request{Action: approvals.Upgrade, Items: []approvals.Item{{}}}
	text := messages.NoticeOf(messages.ByTag(l.tag), request, approvals.Notice{Kind: kind}, time.Unix(0, 0)).Text.String()
	return bold.FindStringSubmatch(text)[1]
}

// stage is one page in front of one sandbox, in one language.
type stage struct {
	*box
	tongue
	tab     context.Context
	channel string // one for each story
	bastion string
	front   string // the channel that Rita has before her
}

// aside is the story whose card is where Rita is not.
const aside = "alone"

// setStage opens a sandbox in a language.
func setStage(t *testing.T, l tongue) *stage {
	t.Helper()
	people := "approvers: {users: [" + ana + ", " + bo + "]}\n"
	rules := policyFile(t, "version: 1\nlanguage: "+l.tag+"\nrules:\n"+
		"  - instances: [bastion-"+aside+"]\n    channel: "+channelOf(aside)+"\n    "+people+"  - "+people)
	address, _ := startSandbox(t, "--policy="+rules, "--now="+boxStart)
	s := &stage{box: &box{T: t, base: address}, tongue: l}
	s.connected()
	for _, user := range []string{rita, ana, bo} {
		s.send("POST", "/_control/slack/locale", object{"user": user, "locale": l.locale}, nil)
	}
	for _, each := range tales {
		s.offers(s.at(t, each).bastion, each.fate)
	}
	s.tab = browse(t, address+"/#"+rita+"/"+slackemu.ChannelOps)
	return s
}

// play tells a story, in a channel and with a bastion of its own.
func (s *stage) play(each tale) bool {
	return s.on(each, func(s *stage) {
		members := []string{rita, ana, bo, slackemu.UserBot}
		if each.name == aside {
			members = members[1:]
		}
		channel := slackemu.Channel{ID: s.channel, Name: each.name, Members: members, Private: each.name == aside}
		s.send("POST", "/_control/slack/channels", channel, nil)
		s.does(chromedp.Navigate(s.base+"/?"+each.name+"#"+rita+"/"+s.front), whole())
		each.play(s)
	})
}

func channelOf(story string) string { return "C0" + strings.ToUpper(story) }

// on does something on a tale's stage.
func (s *stage) on(each tale, do func(*stage)) bool {
	return s.T.Run(each.name, func(t *testing.T) { do(s.at(t, each)) })
}

// at is the stage of a tale.
func (s *stage) at(t *testing.T, each tale) *stage {
	own := *s
	own.box = &box{T: t, base: s.base}
	own.channel, own.bastion = channelOf(each.name), "bastion-"+each.name
	if own.front = own.channel; each.name == aside {
		own.front = direct(rita)
	}
	return &own
}

// passes lets time pass, until all that comes of it at once is done.
func (s *stage) passes(d time.Duration) {
	s.Helper()
	s.jump(d)
	s.idle()
}

// whole waits until a page has been loaded: until then it drops private messages.
func whole() step {
	const so = `performance.getEntriesByType('resource').some((r) => r.name.endsWith('/act/reload'))`
	return until(so)
}

// offers lets the cloud have a bastion with an upgrade on offer.
func (s *stage) offers(name string, fate cbhemu.Fate) {
	s.Helper()
	s.console(cbhemu.Instance{Name: name, Version: "3.3.49.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}, Fate: fate})
}

func (s *stage) does(steps ...step) {
	s.Helper()
	does(s.T, s.tab, steps...)
}

// types sends what somebody writes.
func types(text string) step { return keys(`[data-testid="composer"]`, text+"\r") }

// upgrade is a command for upgrades at the story's time.
func (s *stage) upgrade(bastions string) string { return fmt.Sprintf(s.ask, bastions, s.when) }

// asks lets Rita ask for the upgrade of the story's bastion.
func (s *stage) asks() {
	s.Helper()
	s.does(types("/cbh "+s.upgrade(s.bastion)), stands(s.state(approvals.Pending)), s.offersButton(messages.LabelApprove))
}

// stands waits until words stand out on the page, as states and the kinds of notices do.
func stands(words string) step {
	const so = `[...document.querySelectorAll('strong')].some((e) => e.innerText === %q && e.offsetParent)`
	return until(fmt.Sprintf(so, words))
}

var zones = map[string]string{rita: "Asia/Shanghai", ana: "Europe/Berlin", bo: "America/New_York"}

// as goes on as another person.
func (s *stage) as(user string) {
	s.Helper()
	s.does(become(user), reads("· "+zones[user]))
}

// finding is a script that finds the last button with a label, which is the topmost.
const finding = `(() => {
	const found = [...document.querySelectorAll('button')].filter((b) => !b.closest('#panel') && b.innerText.trim() === %q && b.offsetParent && !b.disabled).at(-1);
	%s
	return Boolean(found);
})()`

func (s *stage) button(label messages.Key, then string) step {
	return until(fmt.Sprintf(finding, s.words(label), then))
}

func (s *stage) offersButton(label messages.Key) step { return s.button(label, "") }
func (s *stage) press(label messages.Key) step        { return s.button(label, "found?.click();") }

// lacksButton waits until there is no button of that label any more.
func (s *stage) lacksButton(label messages.Key) step {
	return until(fmt.Sprintf("!"+finding, s.words(label), ""))
}

// confirms answers the question that a button asks before it acts.
func confirms() step { return taps(`[data-testid="confirm-ok"]`) }

// approves lets somebody approve the last card.
func (s *stage) approves(user string) {
	s.Helper()
	s.as(user)
	s.does(s.press(messages.LabelApprove), confirms())
}

// scheduled asks for an upgrade, and has it approved.
func (s *stage) scheduled() {
	s.Helper()
	s.asks()
	s.approves(ana)
	s.does(stands(s.words(messages.StateScheduled)))
}

// thread opens the thread of the last card as Rita, for whom some words stand there and
// her name stands out.
func (s *stage) thread(words ...string) {
	s.Helper()
	s.threadOf(-1, words...)
}

// threadOf is thread of another card: counted from 0, or from the last one, which is -1.
func (s *stage) threadOf(card int, words ...string) {
	s.Helper()
	s.as(rita)
	const open = `(() => { const one = [...document.querySelectorAll('[data-testid="replies"]')].at(%d); one?.click(); return Boolean(one); })()`
	s.does(until(fmt.Sprintf(open, card)),
		shows(`[data-testid="thread"] [data-mention="`+rita+`"].mine`))
	for _, each := range words {
		s.does(stands(each))
	}
}

// picks fills in a day and a time in the form in front of the page.
func picks(day, clock string) step {
	const so = `(() => {
	const fill = (type, value) => { document.querySelector('[data-testid="modal"] input[type=' + type + ']').value = value; };
	fill('date', %q);
	fill('time', %q);
})()`
	return script(fmt.Sprintf(so, day, clock))
}

// Days of the stories, as somebody in the far east and in the far west calls them.
const (
	wednesday = "2026-11-25"

	sunday   = "2026-11-29"
	saturday = "2026-11-28"
)

// suggests waits until a menu offers one thing only.
func suggests(words string) step {
	const so = `(() => { const all = [...document.querySelectorAll('[data-testid="suggestion"]')];
	return all.length === 1 && all[0].innerText.startsWith(%q); })()`
	return until(fmt.Sprintf(so, words))
}

// holds waits until an input holds a value.
func holds(selector, value string) step {
	const so = `document.querySelector(%q)?.value === %q`
	return until(fmt.Sprintf(so, selector, value))
}

func opens() step   { return shows(`[data-testid="modal"]`) }
func submits() step { return taps(`[data-testid="modal-submit"]`) }

// ended waits until all tales have come to their ends, as far as they do.
func (s *stage) ended() {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	open := func(each tale) bool { return !same(s.at(s.T, each).kinds(), each.ends) }
	for end := time.Now().Add(patience); slices.ContainsFunc(tales, open) && time.Now().Before(end); {
		<-tick.C
	}
}

// told wants the messages of a tale to be of some kinds and to have called some people:
// each card, then what stands in its thread.
func (s *stage) told(want []string) {
	s.Helper()
	if got := s.kinds(); !same(got, want) {
		s.Fatalf("called are\n%s\ninstead of\n%s\nin\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), s.texts())
	}
}

// same compares what was told; of several instances any may be the first, and the one
// whose heads-up names them all.
func same(got, want []string) bool {
	for i := range got {
		got[i] = strings.Replace(got[i], "heads_up#1", "heads_up", 1)
	}
	return slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}

func (s *stage) texts() string {
	var all strings.Builder
	for _, m := range s.messages() {
		fmt.Fprintf(&all, "%s\n", m.Text)
	}
	return all.String()
}

// messages are those of the story; of all stories before any has begun.
func (s *stage) messages() (all []slackemu.Message) {
	s.Helper()
	s.get("/_control/slack/messages?"+url.Values{"channel": {s.channel}}.Encode(), &all)
	if s.front != s.channel {
		var told []slackemu.Message
		s.get("/_control/slack/messages?"+url.Values{"channel": {s.front}}.Encode(), &told)
		all = append(all, told...)
	}
	return all
}

var firstName = map[string]string{rita: "Rita", ana: "Ana", bo: "Bo"}

// kinds are the messages in the story's channel as told wants them.
func (s *stage) kinds() (all []string) {
	s.Helper()
	messages := s.messages()
	for _, card := range messages {
		if card.ThreadTS != "" && card.ThreadTS != card.TS || !card.FromApp {
			continue
		}
		for _, m := range messages {
			if m.TS == card.TS || m.ThreadTS == card.TS {
				all = append(all, kind(m))
			}
		}
	}
	return all
}

// kind is what the bot marks a message as, and whom it called.
func kind(m slackemu.Message) string {
	payload, _ := m.Metadata["event_payload"].(map[string]any)
	_, kind, _ := strings.Cut(fmt.Sprint(payload["id"]), " ") // behind the request's name
	_, kind, _ = strings.Cut(kind, " ")                       // and its key
	if m.Broadcast {
		kind += " (broadcast)"
	}
	for _, id := range m.Notified {
		kind += " " + firstName[id]
	}
	return strings.Replace(kind, rita, "to Rita", 1)
}
