package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
	"cbhbot/bot/slackemu/pagetest"
)

var update = flag.Bool("update", false, "write goldens and the README's screenshot anew")

const screenshot = "../../../deploy/sandbox.png"

type step = pagetest.Step

// What is done on the page, in the words of these tests.
var (
	does = pagetest.Do

	become = pagetest.Become
	click  = pagetest.Click
	keys   = pagetest.Keys
	lacks  = pagetest.Lacks
	misses = pagetest.Misses
	reads  = pagetest.Reads
	script = pagetest.Script
	shows  = pagetest.Shows
	taps   = pagetest.Taps
	until  = pagetest.Until
)

func browse(t *testing.T, address string) context.Context {
	t.Helper()
	return pagetest.Open(t, address, 1400, 757)
}

// asks types a command and waits for words on the page, as somebody who types it again when
// they are told that it was not recorded: a machine that is busy is no fault.
func asks(t *testing.T, tab context.Context, command, answer string) {
	t.Helper()
	for refused := 1; ; refused++ {
		does(t, tab, types(command), until(fmt.Sprintf(
			`document.body.innerText.includes(%q) || document.body.innerText.split(%q).length > %d`, answer, notRecorded, refused)))
		answered, err := chromedp.Run(tab, chromedp.Evaluate[bool](fmt.Sprintf(`document.body.innerText.includes(%q)`, answer)))
		if err != nil {
			t.Fatal(err)
		}
		if answered {
			return
		}
	}
}

func TestTheStoryInABrowser(t *testing.T) {
	t.Parallel()
	address, greeting := startSandbox(t)
	if !strings.Contains(greeting, "/cbh upgrade bastion-prod sunday 2am") {
		t.Errorf("the sandbox says nothing to try:\n%s", greeting)
	}
	tab := browse(t, address+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	asks(t, tab, "/cbh upgrade bastion-prod sunday 2am -- security fixes", "waiting for approval")
	does(t, tab, reads("Only visible to you"))
	does(t, tab, become(slackemu.UserAna), reads("· Europe/Berlin"), misses("Only visible to you"), click(`[data-testid="messages"] [data-action-id="approve"]`),
		reads("will be unavailable"), click(`[data-testid="confirm-ok"]`),
		reads("Approved by"), click(`[data-testid="replies"]`), shows(`[data-testid="thread"]`), reads("Scheduled."))
	does(t, tab, become(slackemu.UserRita), reads("· Asia/Shanghai"), click(`[data-testid="replies"]`), reads("Asia/Shanghai"), reads("Scheduled."))
	if *update {
		picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(screenshot, picture, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, moment := range []string{"begins within 24 hours", "begins within 1 hour", "Started.", "Finished."} {
		does(t, tab, panelDoes("next"), reads(moment))
	}
	does(t, tab, reads("approved by"), reads("Nothing lies ahead."))
}

func TestHeadlessServesTheControls(t *testing.T) {
	t.Parallel()
	address, greeting := startSandbox(t, "--headless")
	for _, path := range []string{"/_control/slack/users", "/_control/cbh/instances"} {
		if !strings.Contains(greeting, address+strings.Join(strings.Split(path, "/")[:3], "/")) {
			t.Errorf("%s is not named in: %s", path, greeting)
		}
		var all []any
		(&box{T: t, base: address}).get(path, &all)
		if len(all) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
}
