package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
)

// TestEachButtonOfThePanelDoesWhatItSays presses all of them, and looks at the sandbox. What
// comes of it for the bot is tested elsewhere, and so are "Go there" and a story's "Next".
func TestEachButtonOfThePanelDoesWhatItSays(t *testing.T) {
	t.Parallel()
	address, _ := startSandbox(t, "--now="+boxStart)
	p := &buttons{box: &box{T: t, base: address}, pressed: []string{"next", "scene"}}
	p.connected()
	p.page = &stage{box: p.box, tab: browse(t, address+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)}
	p.page.does(says("now", "UTC"), shows(`[data-do="bot kill"]`), script(`document.querySelectorAll('#panel details').forEach((d) => { d.open = true; })`))
	for _, group := range []func(){p.clock, p.tour, p.calls, p.bot, p.bastions, p.answers, p.slack, p.redis, p.sockets} {
		group()
	}
	all, err := chromedp.Run(p.page.tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll('[data-do]')].map((e) => e.dataset.do)`))
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range all {
		if !slices.Contains(p.pressed, do) {
			t.Errorf("nobody has pressed %q", do)
		}
	}
}

// buttons are those of a panel.
type buttons struct {
	*box
	page    *stage // without a story
	pressed []string
}

// faces are what stands on those whose words are always the same.
var faces = map[string]string{
	"skip 10m": "+ 10 min", "skip 1h": "+ 1 h", "skip 24h": "+ 1 day", "leave": "Leave the story",
	"bot kill": "Kill it", "bot start": "Start it", "bot ambush": "Kill it at the worst moment",
	"console schedule": "Schedule", "console later": "1 h later", "console earlier": "1 h earlier", "console cancel": "Cancel it",
	"bastion": "New bastion", "answer": "Set", "calm": "Answer well again", "hang": "The cloud hangs", "redis": "Redis is stopped",
	"slack drop acks": "Lose acks", "slack deliver twice": "Deliver twice", "slack lose deliveries": "Lose deliveries",
	"slack 429": "429: too many", "slack slow": "2 s slower", "sockets": "Close all",
}

// press presses a button, once it is not doing anything already, and waits for what the sandbox then is like.
func (p *buttons) press(do string, so func(v panelView) bool) {
	p.Helper()
	p.pressed = append(p.pressed, do)
	const script = `(() => {
	const e = document.querySelector('[data-do=%q]:not([aria-busy])');
	if (!e?.offsetParent || (%[2]q && e.innerText !== %[2]q)) return false;
	e.click();
	return true;
})()`
	p.page.does(until(fmt.Sprintf(script, do, faces[do])))
	p.becomes(do, so)
}

func (p *buttons) becomes(what string, so func(v panelView) bool) {
	p.Helper()
	await(p, what, func() bool { return so(p.panel()) })
}

// choose chooses in a menu.
func (p *buttons) choose(menu, value string) {
	p.Helper()
	const script = `(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event('change')); return e.value === %q; })()`
	chosen, err := chromedp.Run(p.page.tab, chromedp.Evaluate[bool](fmt.Sprintf(script, menu, value, value)))
	if err != nil || !chosen {
		p.Fatalf("%s does not offer %q: %v", menu, value, err)
	}
}

// offered are the values that a menu has.
func (p *buttons) offered(menu string) []string {
	p.Helper()
	all, err := chromedp.Run(p.page.tab, chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.querySelectorAll('%s option')].map((o) => o.value)`, menu)))
	if err != nil || len(all) == 0 {
		p.Fatalf("%s offers nothing: %v", menu, err)
	}
	return all
}

func (p *buttons) clock() {
	for do, by := range map[string]time.Duration{"skip 10m": 10 * time.Minute, "skip 1h": time.Hour, "skip 24h": 24 * time.Hour} {
		before := p.panel().Now
		p.press(do, func(v panelView) bool { return v.Now.Sub(before) >= by })
		if went := p.panel().Now.Sub(before); went > by+9*time.Minute {
			p.Errorf("%s went %s ahead", do, went)
		}
	}
	p.types("upgrade bastion-prod in 5 days at 2am", "is recorded")
	p.becomes("more than one moment", func(v panelView) bool { return len(v.Next) > 1 })
	second := p.panel().Next[1]
	p.press("to", func(v panelView) bool { return !v.Now.Before(second.At) })
}

func (p *buttons) tour() {
	for _, name := range tourStories {
		p.press("story "+name, func(v panelView) bool { return v.Tour.Name == name })
		p.press("leave", func(v panelView) bool { return v.Tour.Name == "" })
	}
}

// calls opens them all.
func (p *buttons) calls() {
	p.page.does(script(`document.querySelectorAll('[data-testid="call"]').forEach((call) => { call.open = true; })`),
		until(`[...document.querySelectorAll('[data-testid="call"] pre')].some((e) => e.innerText.includes('POST /v3/auth/tokens'))`))
}

func (p *buttons) bot() {
	p.press("bot ambush", func(v panelView) bool { return v.Ambush })
	p.press("bot ambush", func(v panelView) bool { return !v.Ambush })
	p.press("bot kill", func(v panelView) bool { return !v.Bot.Runs })
}

// slowFirst has what is next done in the panel reach the sandbox only after a while, and counts
// what has reached it.
const slowFirst = `(() => {
	const real = window.fetch;
	window.reached = 0;
	let slow = true;
	window.fetch = async (...call) => {
		if (!call[0].endsWith('act')) return real(...call);
		if (slow) await new Promise((go) => { slow = false; setTimeout(go, 500); });
		const answer = await real(...call);
		window.reached++;
		return answer;
	};
})()`

// bastions has the bot dead, which would see to them.
func (p *buttons) bastions() {
	const prod = `[data-bastion="bastion-prod"] `
	first := func(v panelView) (at, offer, fate string) { return v.Cloud[0].At, v.Cloud[0].Offer, v.Cloud[0].Fate }
	fates := p.offered(prod + `[data-testid="fate"]`)
	p.page.does(script(slowFirst))
	p.choose(prod+`[data-testid="fate"]`, "stuck")
	p.choose(prod+`[data-testid="fate"]`, "error")
	p.page.does(until(`window.reached === 2`))
	if _, _, now := first(p.panel()); now != "error" {
		p.Errorf("what was chosen last is error, and it is %q", now)
	}
	for _, fate := range append(fates[1:], fates[0]) {
		p.choose(prod+`[data-testid="fate"]`, fate)
		p.becomes(fate, func(v panelView) bool {
			_, offer, now := first(v)
			return now == fate || fate == "changes ids" && strings.HasSuffix(offer, "cross-version")
		})
	}
	console := func(do string, so func(at string) bool) {
		p.press("console "+do, func(v panelView) bool { at, _, _ := first(v); return so(at) })
	}
	console("schedule", func(at string) bool { return at != "" })
	at, _, _ := first(p.panel())
	console("later", func(now string) bool { return now > at })
	console("earlier", func(now string) bool { return now == at })
	console("cancel", func(now string) bool { return now == "" })
	has := func(name string) func(v panelView) bool {
		return func(v panelView) bool { return strings.Contains(fmt.Sprint(v.Cloud), name) }
	}
	p.press("bastion", has("bastion-new"))
	p.page.does(keys(`[data-testid="new-bastion"]`, "bastion-oslo\r"))
	p.becomes("bastion-oslo", has("bastion-oslo"))
}

// answers sets each of them, for one call after another, once and always.
func (p *buttons) answers() {
	calls := p.offered(`[data-testid="operation"]`)
	known := map[string]bool{}
	for i, answer := range p.offered(`[data-testid="answer"]`) {
		call, always := calls[i%len(calls)], i%2 == 1
		p.choose(`[data-testid="answer"]`, answer)
		p.choose(`[data-testid="operation"]`, call)
		p.page.does(script(fmt.Sprintf(`document.querySelector('#panel input[type=checkbox]').checked = %t`, always)))
		p.press("answer", func(v panelView) bool { return len(v.Faults) == i+1 })
		f := p.panel().Faults[i]
		if f.Op != call || f.Times < 0 != always || f.Status != 0 && !strings.HasPrefix(answer, fmt.Sprint(f.Status)) {
			p.Errorf("%s to %q, always: %t, is %+v", answer, call, always, f)
		}
		f.Op, f.Times = "", 0
		known[fmt.Sprint(f)] = true
	}
	if len(known) != len(p.panel().Faults) {
		p.Errorf("some answers are the same: %+v", p.panel().Faults)
	}
	p.press("calm", func(v panelView) bool { return len(v.Faults) == 0 })
	p.press("hang", func(v panelView) bool { return v.Hangs })
	p.press("hang", func(v panelView) bool { return !v.Hangs })
}

func (p *buttons) slack() {
	for name := range p.panel().Slack {
		p.press("slack "+name, func(v panelView) bool { return v.Slack[name] })
		p.press("slack "+name, func(v panelView) bool { return !v.Slack[name] })
	}
}

// slowStates has each state come later than the next one is asked for, as where Redis is away.
const slowStates = `(() => {
	const real = window.fetch;
	window.fetch = async (...call) => {
		if (call[0].endsWith('state')) await new Promise((go) => { setTimeout(go, 1300); });
		return real(...call);
	};
	window.soon = () => { window.fetch = real; };
})()`

func (p *buttons) redis() {
	p.page.does(script(slowStates))
	p.press("redis", func(v panelView) bool { return !v.Redis.Up })
	p.press("redis", func(v panelView) bool { return v.Redis.Up })
	p.page.does(script(`window.soon()`))
}

// sockets closes those of a bot that runs, for the reasons that TestThePanelClosesSockets
// tries.
func (p *buttons) sockets() {
	p.press("bot start", func(v panelView) bool { return v.Bot.Runs })
	p.connected()
	if offered := p.offered(`[data-testid="reason"]`); !slices.Equal(offered, socketReasons) {
		p.Errorf("sockets are closed for %q", offered)
	}
	old := p.box.sockets()
	p.choose(`[data-testid="reason"]`, "killed")
	p.press("sockets", func(panelView) bool { return !slices.Contains(p.box.sockets(), old[0]) })
	p.page.does(says("told", "killed"))
}
