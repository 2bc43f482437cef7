package slackemu_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
)

// step is one thing done on the page.
type step = chromedp.Action[chromedp.Void]

// browse opens the page in a Chromium of its own.
func browse(t *testing.T, address string) context.Context {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("this test needs Chromium: apt-get install chromium")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 800), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	browser, closeBrowser := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), flags...) // the console is read at the end
	tab, closeTab := chromedp.NewContext(browser)
	t.Cleanup(func() {
		_ = chromedp.Cancel(tab)
		closeTab()
		closeBrowser()
	})
	if err := chromedp.Do(tab); err != nil { // the first call starts the browser and must not have a deadline
		t.Fatalf("starting Chromium: %v", err)
	}
	staysQuiet(t, tab)
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	t.Cleanup(cancel)
	steps(t, ctx, chromedp.Navigate(address), shows(`[data-testid="composer"]`))
	return ctx
}

// staysQuiet fails the test for whatever the browser writes into its console: what scripts say, exceptions, requests
// that failed.
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
		steps(t, tab, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("console.log(%q)", last)))
		for line := range said {
			t.Errorf("the browser's console says %s", line)
		}
	})
}

func steps(t *testing.T, ctx context.Context, actions ...step) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		there, _ := chromedp.Run(context.WithoutCancel(ctx), chromedp.Evaluate[string]("document.body.innerText + '\\nand the focus is on ' + document.activeElement.outerHTML.slice(0, 200)"))
		t.Fatalf("%v; the page shows:\n%s", err, there)
	}
}

// become switches to another person.
func become(user string) step {
	const script = `(() => { const who = document.querySelector('[data-testid="who"]'); who.value = %q; who.dispatchEvent(new Event('change')); })()`
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(script, user))
}

// sees waits until the page shows some words.
func sees(words string) step {
	return chromedp.Poll[chromedp.Void](fmt.Sprintf(`document.body.innerText.includes(%q)`, words), chromedp.WithPollingTimeout(15*time.Second))
}

func click(selector string) step { return chromedp.Click(chromedp.CSS(selector)) }

func shows(selector string) step { return chromedp.WaitVisible(chromedp.CSS(selector)) }

func lacks(selector string) step { return chromedp.WaitNotPresent(chromedp.CSS(selector)) }

// types sends keys to a field; "\r" is the Enter key.
func types(selector, keys string) step { return chromedp.SendKeys(chromedp.CSS(selector), keys) }

func TestThePageCarriesACommandAQuestionAndAForm(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	tab := browse(t, base)

	steps(t, tab, become(slackemu.UserRita), sees("Asia/Shanghai"),
		types(`[data-testid="composer"]`, "/cbh upgrade <b>bastion</b>\r"),
		shows(`[data-testid="message"][data-private]`), sees("Only visible to you"),
		shows(`[data-action-id="approve"]`), sees("upgrade <b>bastion</b>"))
	steps(t, tab, become(slackemu.UserAna), sees("Europe/Berlin"), lacks(`[data-private]`),
		click(`[data-action-id="deny"]`), shows(`[data-testid="modal"]`),
		click(`[data-testid="modal-submit"]`), sees("Please complete this required field."),
		types(`[data-action-id="reason"]`, "too early"),
		types(`[data-action-id="what"]`, "prod"), click(`[data-testid="suggestion"]`))
	steps(t, tab, fillMoment("when", "2026-07-01", "09:30"),
		click(`[data-testid="modal-submit"]`), lacks(`[data-testid="modal"]`),
		click(`[data-testid="replies"]`), shows(`[data-testid="thread"]`), sees("Reason: too early"))
	steps(t, tab, click(`[data-testid="messages"] [data-action-id="approve"]`), sees("This cannot be undone."),
		click(`[data-testid="confirm-ok"]`), sees("Approved by @Ana Approver"), lacks(`[data-action-id="approve"]`))
	assertMoment(t, ws)
}

func fillMoment(action, day, clock string) step {
	const script = `(() => { const [day, time] = document.querySelector('[data-action-id=%q]').parentElement.querySelectorAll('input'); day.value = %q; time.value = %q; })()`
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(script, action, day, clock))
}

// assertMoment checks that half past nine in Berlin's summer reached the app as half past seven UTC.
func assertMoment(t *testing.T, ws *slackemu.Server) {
	t.Helper()
	want := fmt.Sprint(time.Date(2026, 7, 1, 7, 30, 0, 0, time.UTC).Unix())
	for _, m := range ws.Messages(slackemu.ChannelOps) {
		if strings.Contains(m.Text, "When: "+want) {
			return
		}
	}
	t.Errorf("the app was not told %s: %s", want, asJSON(t, ws.Messages(slackemu.ChannelOps)))
}

func TestThePageShowsATimeoutAndRemembersWhoYouAre(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	tab := browse(t, base+"/#"+slackemu.UserBo+"/"+slackemu.ChannelGeneral)
	steps(t, tab, sees("America/New_York"), sees("For everybody"), sees("is not connected"),
		types(`[data-testid="composer"]`, "/cbh help\r"), sees(`/cbh failed with the error "dispatch_failed"`))
	steps(t, tab, chromedp.Reload(), shows(`[data-testid="composer"]`), sees("America/New_York"), lacks(`[data-private]`))
}

func TestThePageShowsTheHomeTab(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	tab := browse(t, base+"/#"+slackemu.UserAna+"/"+slackemu.ChannelOps)
	steps(t, tab, click(`[data-channel="D0ANA"]`), sees("Nothing has been said here yet."),
		click(`[data-testid="home-tab"]`), shows(`[data-testid="home"] [data-action-id="approve"]`))
}
