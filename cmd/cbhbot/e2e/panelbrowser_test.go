package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
)

// panelDoes presses what does something in the panel, once it is not doing it already.
func panelDoes(do string) step { return click(fmt.Sprintf(`[data-do=%q]:not([aria-busy])`, do)) }

// says waits until a part of the panel says so.
func says(part, words string) step {
	const so = `(document.querySelector('[data-testid=%q]')?.innerText ?? '').includes(%q)`
	return until(fmt.Sprintf(so, part, words))
}

// TestThePanelInABrowser goes to the next moment, has the bot killed while a call is
// under way, starts it, and sees it pick up; then once more on a phone.
func TestThePanelInABrowser(t *testing.T) {
	t.Parallel()
	address, _ := startSandbox(t, "--now="+boxStart)
	(&box{T: t, base: address}).connected()
	tab := browse(t, address+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	does(t, tab, says("now", "Wed 25 Nov 12:00:"), says("next", "Nothing lies ahead."), says("count-acked", "0"))
	asks(t, tab, "/cbh upgrade bastion-prod sunday 2am -- security fixes", "waiting for approval")
	does(t, tab, says("next", "Reminder, in"), panelDoes("next"), reads("your answer is missing"))
	does(t, tab, panelDoes("bot ambush"), become(slackemu.UserAna), reads("· Europe/Berlin"),
		click(`[data-testid="messages"] [data-action-id="approve"]`), click(`[data-testid="confirm-ok"]`),
		says("bot", "The bot does not run: killed."), shows(`[data-do="bot start"]`), says("panel-cloud", "upgrade Sat 28 Nov 18:00"))
	does(t, tab, panelDoes("bot start"), says("bot", "killed 1 time."), says("next", "The bot looks what became of its call"), panelDoes("next"), reads("Scheduled."),
		says("count-acked", "2"), says("count-handled", "2"), says("count-lost", "0"), says("count-twice", "0"))
	pictured(t, tab, "panel-1400")
	does(t, tab, click("#thread .cross"), chromedp.EmulateViewport(390, 844), click(`[data-testid="open-panel"]`), says("next", "Heads-up, in"))
	pictured(t, tab, "panel-390")
	does(t, tab, panelDoes("next"), says("next", "Heads-up, in 23 h"), click(`[data-testid="close-panel"]`), reads("last at 7:00 PM")) // when the heads-up was posted, in Berlin
}

// pictured keeps what the page looks like, where somebody wants to see it.
func pictured(t *testing.T, tab context.Context, name string) {
	t.Helper()
	dir := os.Getenv("CBHBOT_PICTURES")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
