package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
	"cbhbot/bot/slackemu/pagetest"
)

// surfaces are what people meet on the page, each with what leads there from the one
// before it.
var surfaces = []struct {
	name string
	lead []step
}{
	{"channel", []step{reads("bastion-prod"), shows(`[data-testid="messages"] [data-action-id="approve"]`)}},
	{"thread", []step{script(`document.querySelector('[data-testid="reply"]').click()`), shows(`[data-testid="thread-composer"]`)}},
	{"confirm dialog", []step{script(`document.querySelector('#thread .cross').click()`), script(`document.querySelector('#main [data-action-id="approve"]').click()`), shows(`[data-testid="confirm"]`)}},
	{"modal", []step{click(`[data-testid="confirm-cancel"]`), script(`document.querySelector('#main [data-action-id="deny"]').click()`), shows(`[data-testid="modal"]`)}},
	{"commands", []step{click(`[data-testid="modal-close"]`), lacks(`[data-testid="modal"]`), keys(`[data-testid="composer"]`, "/cbh "), shows(`[data-testid="hint"]`)}},
	{"direct messages", []step{script(`location.hash = '#U0ANA/D0ANA'`), shows(`[data-testid="home-tab"]`)}},
	{"Home", []step{click(`[data-testid="home-tab"]`), shows(`[data-testid="home"] h3`)}},
	{"panel", []step{script(`document.querySelector('[data-testid="open-panel"]').click()`), shows(`.panel-body`)}},
}

// looks are the windows in which somebody may have the page: on a phone and on a desk, by day and by night. The first
// one is looked at each time.
var looks = []struct {
	width  int64
	scheme string
}{{360, "light"}, {1280, "dark"}, {360, "dark"}, {1280, "light"}}

// TestThePageIsForEverybody lets axe (https://github.com/dequelabs/axe-core) look at what
// people meet.
func TestThePageIsForEverybody(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	address, _ := startSandbox(t, "--now="+boxStart)
	(&box{T: t, base: address}).connected()
	tab := browse(t, address+"/#"+rita+"/"+slackemu.ChannelOps)
	asks(t, tab, "/cbh upgrade bastion-prod sunday 2am -- security fixes", "waiting for approval")
	for n, look := range looks {
		if n > 0 && !*wholeTour {
			break
		}
		name := fmt.Sprintf("%s%d", look.scheme, look.width)
		does(t, tab, chromedp.EmulateViewport(look.width, 740), pagetest.Prefers(look.scheme), chromedp.Navigate(address+"/?"+name+"#"+ana+"/"+slackemu.ChannelOps), whole(), script(string(axe)))
		for _, s := range surfaces {
			does(t, tab, s.lead...)
			for _, fault := range faults(t, tab) {
				t.Errorf("%s, %s: %s", name, s.name, fault)
			}
		}
	}
}

// faults are the serious and critical ones that axe finds.
func faults(t *testing.T, tab context.Context) []string {
	t.Helper()
	const look = `axe.run(document, { resultTypes: ['violations'], preload: false }).then((r) => r.violations
	.filter((v) => ['serious', 'critical'].includes(v.impact))
	.map((v) => v.id + ' (' + v.impact + '): ' + v.help + '\n' + v.nodes.map((n) => n.html + '\n' + n.failureSummary).join('\n')))`
	found, err := chromedp.Run(tab, chromedp.Evaluate[[]string](look, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
