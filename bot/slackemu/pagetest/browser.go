// Package pagetest lets tests use the workspace's page in Chromium, one for all tests of a package.
package pagetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long a step may take: Chromium is slow where many things run.
const Patience = 4 * time.Minute

// chromium is the browser of this process, with the tabs that no test uses at the moment. A tab serves one test after
// another: to start a browser takes longer than most tests, and a window of its own makes a tab half as dear.
var chromium struct {
	start sync.Once
	ctx   context.Context
	end   func()
	err   error

	mu   sync.Mutex
	idle []context.Context
}

// Close ends the browser, if any test has started it.
func Close() {
	chromium.start.Do(func() { chromium.err = errors.New("the tests are over") })
	if chromium.end != nil {
		chromium.end()
	}
}

// find returns where Chromium is: the one without windows takes two thirds of the other's processor time.
func find() string {
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func begin() {
	path := find()
	if path == "" {
		chromium.err = errors.New("this test needs Chromium: apt-get install chromium-headless-shell")
		return
	}
	dir, err := os.MkdirTemp("", "pagetest")
	if err != nil {
		chromium.err = err
		return
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(dir),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", "Translate,BackForwardCache")) // a page that was left holds on to its connections
	allocator, closeAllocator := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	chromium.ctx, chromium.err = ctx, chromedp.Do(ctx) //nolint:fatcontext // starts it, once; whoever sets a deadline here ends it then
	chromium.idle = []context.Context{ctx}             // its first tab
	chromium.end = func() {
		_ = chromedp.Cancel(ctx) // closes it gracefully, if it can
		closeBrowser()
		closeAllocator()
		os.RemoveAll(dir)
	}
}

// Open opens an address in a tab of its own, of a size, and waits for the page. The test fails for whatever the browser
// then writes into its console.
func Open(t testing.TB, address string, width, height int64) (tab context.Context) {
	t.Helper()
	if chromium.start.Do(begin); chromium.err != nil {
		t.Fatal(chromium.err)
	}
	tab = borrow(t)
	staysQuiet(t, tab)
	Do(t, tab, chromedp.EmulateViewport(width, height), chromedp.Navigate(address), Shows(`[data-testid="composer"]`))
	return tab
}

// borrow returns a tab that nobody else uses until the test is over. It is in a window of its own: what lies behind
// another tab is not drawn.
func borrow(t testing.TB) context.Context {
	t.Helper()
	chromium.mu.Lock()
	n := len(chromium.idle)
	var tab context.Context
	if n > 0 {
		tab, chromium.idle = chromium.idle[n-1], chromium.idle[:n-1]
	}
	chromium.mu.Unlock()
	if tab == nil {
		tab, _ = chromedp.NewContext(chromium.ctx, chromedp.WithNewWindow(true)) // ends with the browser
		if err := chromedp.Do(tab); err != nil {                                 // opens it; without a deadline, as begin
			t.Fatalf("opening a tab: %v", err)
		}
	}
	Do(t, tab, hasFocus())
	t.Cleanup(func() {
		Do(t, tab, Prefers(""), chromedp.Navigate("about:blank"))
		chromium.mu.Lock()
		defer chromium.mu.Unlock()
		chromium.idle = append(chromium.idle, tab)
	})
	return tab
}

// hasFocus lets a page behave as if its window were the one in front.
func hasFocus() Step {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		return page.Call(ctx, "Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}, nil)
	})
}

// staysQuiet fails the test for whatever the browser writes into its console: what scripts say, exceptions, requests
// that failed.
func staysQuiet(t testing.TB, tab context.Context) {
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
		Do(t, tab, Script(fmt.Sprintf("console.log(%q)", last)))
		for line := range said {
			t.Errorf("the browser's console says %s", line)
		}
	})
}

// Do takes steps in a tab, each within Patience.
func Do(t testing.TB, tab context.Context, steps ...Step) {
	t.Helper()
	for i, each := range steps {
		ctx, cancel := context.WithTimeout(tab, Patience)
		err := chromedp.Do(ctx, each)
		cancel()
		if err != nil {
			const shown = "document.body.innerText + '\\nand the focus is on ' + document.activeElement.outerHTML.slice(0, 200)"
			text, _ := chromedp.Run(tab, chromedp.Evaluate[string](shown))
			t.Fatalf("step %d of %d: %v; the page shows:\n%s", i+1, len(steps), err, text)
		}
	}
}
