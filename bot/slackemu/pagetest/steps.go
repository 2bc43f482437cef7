package pagetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Step is one thing that is done or waited for on a page.
type Step = chromedp.Action[chromedp.Void]

// every is the pause between two looks at a page. Looks at each frame, which are the library's own way, keep the page
// drawing, and the processor busy, for as long as anything is waited for.
const every = 40 * time.Millisecond

// Until waits for an expression to be true.
func Until(expression string) Step {
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(every), chromedp.WithPollingTimeout(Patience))
}

// Shows waits until an element can be seen.
func Shows(selector string) Step {
	return chromedp.WaitVisible(chromedp.CSS(selector), chromedp.RetryInterval(every))
}

// Hides waits until an element cannot be seen.
func Hides(selector string) Step {
	return chromedp.WaitNotVisible(chromedp.CSS(selector), chromedp.RetryInterval(every))
}

// Lacks waits until there is no such element.
func Lacks(selector string) Step {
	return chromedp.WaitNotPresent(chromedp.CSS(selector), chromedp.RetryInterval(every))
}

// Count waits until there are so many elements.
func Count(selector string, n int) Step {
	return Until(fmt.Sprintf(`document.querySelectorAll(%q).length === %d`, selector, n))
}

// Reads waits until the page shows some words.
func Reads(words string) Step {
	return Until(fmt.Sprintf(`document.body.innerText.includes(%q)`, words))
}

// Misses waits until the page does not show some words.
func Misses(words string) Step {
	return Until(fmt.Sprintf(`!document.body.innerText.includes(%q)`, words))
}

// Focused waits until the focus is on a certain element.
func Focused(selector string) Step {
	return Until(fmt.Sprintf(`document.activeElement?.matches(%q)`, selector))
}

// Click presses the mouse's button on an element, once it can be seen. It is looked for again where the page was drawn
// anew before anything was pressed.
func Click(selector string) Step {
	click := chromedp.Click(chromedp.CSS(selector), chromedp.RetryInterval(every))
	return func(ctx context.Context, page *chromedp.Target) (chromedp.Void, error) {
		for {
			none, err := click(ctx, page)
			if refusal, ok := errors.AsType[*cdproto.Error](err); !ok || refusal.Code != noSuchNode {
				return none, err
			}
		}
	}
}

// noSuchNode is the protocol's code for an element that the page does not have.
const noSuchNode = -32000

// Taps clicks something as soon as it is there, in one step: the page may be drawn anew between two.
func Taps(selector string) Step {
	const script = `(() => { const e = document.querySelector(%q); if (!e?.offsetParent) return false; e.click(); return true; })()`
	return Until(fmt.Sprintf(script, selector))
}

// Keys types into a field, once it can be seen; "\r" is the Enter key.
func Keys(selector, text string) Step {
	return chromedp.Steps(Shows(selector), Focus(selector), Press(text))
}

// Press types where the focus is. Keys go down as they do below a finger: Chromium then asks the page first, and types
// nothing, and submits no form, where the page has taken a key for itself.
func Press(keys ...string) Step {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		for _, r := range strings.Join(keys, "") {
			for _, event := range kb.Encode(r) {
				if event.Type == kb.KeyDown {
					event.Type = kb.KeyRawDown
				}
				if err := page.Call(ctx, "Input.dispatchKeyEvent", event, nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Focus puts the focus on an element.
func Focus(selector string) Step {
	return Script(fmt.Sprintf(`document.querySelector(%q).focus()`, selector))
}

// Script runs one.
func Script(text string) Step { return chromedp.Evaluate[chromedp.Void](text) }

// Become switches to another person.
func Become(user string) Step {
	const script = `(() => { const who = document.querySelector('[data-testid="who"]'); who.value = %q; who.dispatchEvent(new Event('change')); })()`
	return Script(fmt.Sprintf(script, user))
}

// Prefers lets a page be seen by somebody who likes it light or dark; "" is as the browser likes it.
func Prefers(scheme string) Step {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		features := []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}
		return page.Call(ctx, "Emulation.setEmulatedMedia", map[string]any{"features": features}, nil)
	})
}
