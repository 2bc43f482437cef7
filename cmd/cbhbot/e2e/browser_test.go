package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
)

var update = flag.Bool("update", false, "write goldens and the README's screenshot anew")

const screenshot = "../../../deploy/sandbox.png"

type step = chromedp.Action[chromedp.Void]

// browse opens a page in a Chromium of its own.
func browse(t *testing.T, address string) context.Context {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("this test needs Chromium: apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1400, 900), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", "Translate,BackForwardCache")) // a page that was left holds on to its connections
	browser, closeBrowser := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), flags...) // the console is read at the end
	tab, closeTab := chromedp.NewContext(browser)
	t.Cleanup(func() { _ = chromedp.Cancel(tab); closeTab(); closeBrowser() })
	if err := chromedp.Do(tab); err != nil { // starts the browser: without a deadline
		t.Fatalf("starting Chromium: %v", err)
	}
	staysQuiet(t, tab)
	does(t, tab, chromedp.Navigate(address), shows(`[data-testid="composer"]`))
	return tab
}

// staysQuiet fails the test for whatever the browser writes into its console: what scripts
// say, exceptions, requests that failed.
func staysQuiet(t *testing.T, tab context.Context) {
	t.Helper()
	const last = "the end of the test"
	said := make(chan string, 1000)
	messages := chromedp.Console(tab)
	go func() {
		defer close(said)
		for m, err := range messages {
			if err != nil || m.Text == last {
				return
			}
			said <- fmt.Sprintf("%s (%s)", m, m.URL)
		}
	}()
	t.Cleanup(func() {
		does(t, tab, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("console.log(%q)", last)))
		for line := range said {
			t.Errorf("the browser's console says %s", line)
		}
	})
}

// does something on a page, within a minute.
func does(t *testing.T, tab context.Context, steps ...step) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		text, _ := chromedp.Run(tab, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("%v; the page shows:\n%s", err, text)
	}
}

func shows(selector string) step { return chromedp.WaitVisible(chromedp.CSS(selector)) }
func click(selector string) step { return chromedp.Click(chromedp.CSS(selector)) }

func keys(selector, text string) step { return chromedp.SendKeys(chromedp.CSS(selector), text) }

// reads waits until the page shows some words.
func reads(words string) step {
	return chromedp.Poll[chromedp.Void](fmt.Sprintf(`document.body.innerText.includes(%q)`, words), chromedp.WithPollingTimeout(20*time.Second))
}

// misses waits until the page shows some words no longer.
func misses(words string) step {
	return chromedp.Poll[chromedp.Void](fmt.Sprintf(`!document.body.innerText.includes(%q)`, words), chromedp.WithPollingTimeout(20*time.Second))
}

// become switches to another person.
func become(user string) step {
	const script = `(() => { const who = document.querySelector('[data-testid="who"]'); who.value = %q; who.dispatchEvent(new Event('change')); })()`
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(script, user))
}

func TestTheStoryInABrowser(t *testing.T) {
	t.Parallel()
	address, greeting := startSandbox(t)
	if !strings.Contains(greeting, "/cbh upgrade bastion-prod sunday 2am") {
		t.Errorf("the sandbox says nothing to try:\n%s", greeting)
	}
	tab := browse(t, address+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	does(t, tab, keys(`[data-testid="composer"]`, "/cbh upgrade bastion-prod sunday 2am -- security fixes\r"),
		reads("waiting for approval"), reads("Only visible to you"))
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
	for _, moment := range []string{"begins in 24 hours", "begins in 1 hour", "Started.", "Finished."} {
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
