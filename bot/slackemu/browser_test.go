package slackemu_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
	"cbhbot/bot/slackemu/pagetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	pagetest.Close()
	os.Exit(code)
}

// What is done on the page, in the words of these tests.
var (
	steps = pagetest.Do

	become   = pagetest.Become
	click    = pagetest.Click
	count    = pagetest.Count
	focus    = pagetest.Focus
	focused  = pagetest.Focused
	hides    = pagetest.Hides
	lacks    = pagetest.Lacks
	pressing = pagetest.Press
	script   = pagetest.Script
	sees     = pagetest.Reads
	shows    = pagetest.Shows
	types    = pagetest.Keys
	until    = pagetest.Until
)

func browse(t *testing.T, address string) context.Context {
	t.Helper()
	return pagetest.Open(t, address, 1280, 720)
}

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

func fillMoment(action, day, clock string) pagetest.Step {
	const fill = `(() => { const [day, time] = document.querySelector('[data-action-id=%q]').parentElement.querySelectorAll('input'); day.value = %q; time.value = %q; })()`
	return script(fmt.Sprintf(fill, action, day, clock))
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
