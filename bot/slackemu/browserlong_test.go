package slackemu_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
	"cbhbot/bot/slackemu/pagetest"
)

// upwards scrolls up by half a screen and waits until that has been drawn.
const upwards = `new Promise((done) => requestAnimationFrame(() => {
	document.querySelector('[data-testid="messages"]').scrollTop -= 400;
	requestAnimationFrame(() => setTimeout(done));
}))`

// stutter is twice a task that people feel, in milliseconds (https://web.dev/articles/rail):
// a machine that is half as fast passes, too.
const stutter = 2 * 50.0

// With 5,000 messages in a channel the page shows the last of them, draws no more than it needs, and scrolls evenly: the
// time counts that its thread computes, whatever else the machine has to do.
func TestALongConversationScrollsEvenly(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	ana := ws.As(slackemu.UserAna)
	for i := range 5000 {
		ana.Say(slackemu.ChannelOps, fmt.Sprintf("message %d: *bold* words and a <link> to the host bastion-%d, long enough to need a line and a half of the page's width", i, i%7))
	}
	tab := browse(t, base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	steps(t, tab, sees("message 4999"), enableMetrics())
	var frames []float64
	for range 60 {
		before := computed(t, tab)
		steps(t, tab, chromedp.Evaluate[chromedp.Void](upwards, chromedp.EvalAwaitPromise))
		frames = append(frames, computed(t, tab)-before)
	}
	slices.Sort(frames)
	longest := frames[len(frames)-1]
	t.Logf("of %d frames half took %.1f ms or less, the longest %.1f ms", len(frames), frames[len(frames)/2], longest)
	drawn, err := chromedp.Run(tab, chromedp.Evaluate[int](`document.querySelectorAll('[data-testid="message"]').length`))
	if err != nil || drawn > 200 || drawn < 20 {
		t.Errorf("%d messages are drawn, %v", drawn, err)
	}
	if most := frames[len(frames)*9/10]; most > stutter { // the others may have met somebody else's work
		t.Errorf("a tenth of the frames took more than %.0f ms", most)
	}
	steps(t, tab, script(`document.querySelector('.jump').click()`), sees("message 4999"))
	ana.Say(slackemu.ChannelOps, "the last word")
	steps(t, tab, sees("the last word"))
}

// enableMetrics counts the time that the page's thread computes, and not that in which it waits for a processor.
func enableMetrics() pagetest.Step {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		return page.Call(ctx, "Performance.enable", map[string]any{"timeDomain": "threadTicks"}, nil)
	})
}

// computed is how many milliseconds the page's thread has computed in its tasks.
func computed(t *testing.T, tab context.Context) float64 {
	t.Helper()
	var answer struct {
		Metrics []struct {
			Name  string  `json:"name"`
			Value float64 `json:"value"`
		} `json:"metrics"`
	}
	steps(t, tab, chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		return page.Call(ctx, "Performance.getMetrics", map[string]any{}, &answer)
	}))
	for _, m := range answer.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value * 1000
		}
	}
	t.Fatalf("the browser counts no tasks: %v", answer)
	return 0
}
