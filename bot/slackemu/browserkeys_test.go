package slackemu_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cbhbot/bot/slackemu"
)

// Nothing here is done with a mouse.
func TestThePageGoesByKeyboard(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	tab := browse(t, base+"/#"+slackemu.UserAna+"/"+slackemu.ChannelOps)
	steps(t, tab, focus(`[data-testid="composer"]`), pressing("/cbh upgrade bastion", kb.Enter), shows(`[data-action-id="deny"]`))

	// A question keeps the focus, and Esc gives it back.
	steps(t, tab, focus(`[data-action-id="approve"]`), pressing(kb.Enter), focused(`[data-testid="confirm-ok"]`),
		pressing(kb.Tab), until(`!document.activeElement.closest('#app')`), pressing(kb.Escape), lacks(`[data-testid="confirm"]`), focused(`[data-action-id="approve"]`))
	// So does a form.
	steps(t, tab, focus(`[data-action-id="deny"]`), pressing(kb.Enter), focused(`[data-testid="modal"] [data-action-id="reason"]`),
		pressing("late", kb.Escape), lacks(`[data-testid="modal"]`), focused(`[data-action-id="deny"]`))
	// A searchable menu: the arrows choose, the focus stays in its field.
	steps(t, tab, pressing(kb.Enter), focused(`[data-action-id="reason"]`), pressing("late"), focus(`[data-action-id="what"]`), pressing("prod"),
		shows(`[data-testid="suggestion"]`), pressing(kb.ArrowDown), shows(`[aria-selected="true"][data-value="bastion-prod"]`), pressing(kb.Enter),
		until(`document.querySelector('[data-action-id="what"]').value === 'bastion-prod'`), focused(`[data-action-id="what"]`), pressing(kb.Escape), lacks(`[data-testid="modal"]`))
	if all := ws.Messages(slackemu.ChannelOps); len(all) != 1 {
		t.Errorf("what took a choice has sent the form, too: %s", asJSON(t, all))
	}
	// A menu of a message.
	steps(t, tab, focus(`[data-testid="message-shortcuts"]`), pressing(kb.Enter), focused(`[role="menuitem"]`), pressing(kb.ArrowDown), focused(`[role="menuitem"]`),
		pressing(kb.Escape), lacks(`[role="menu"]`), focused(`[data-testid="message-shortcuts"]`))
	// A thread.
	steps(t, tab, focus(`[data-testid="reply"]`), pressing(kb.Enter), focused(`[data-testid="thread-composer"]`), pressing("I say no", kb.Enter), sees("1 reply"),
		pressing(kb.Escape), hides(`#thread`), focused(`[data-testid="replies"]`))
	// What was pressed is gone with its card's buttons; the focus stays at the card.
	steps(t, tab, focus(`[data-action-id="approve"]`), pressing(kb.Enter), focused(`[data-testid="confirm-ok"]`), pressing(kb.Enter), sees("Approved by"), focused(`[data-testid="message"]`))
}

func TestThePageHintsAtCommandsWhileOneTypes(t *testing.T) {
	s := newStage(t, slackemu.Options{Hints: func(locale string) []slackemu.Hint {
		if locale == "zh-CN" {
			return []slackemu.Hint{{Command: "/cbh", Usage: "取消 <实例>", Help: "取消升级"}}
		}
		return []slackemu.Hint{{Command: "/cbh", Usage: "cancel <request>", Help: "takes it back"}, {Command: "/cbh", Usage: "list", Help: "lists"}}
	}})
	tab := browse(t, s.base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	steps(t, tab, focus(`[data-testid="composer"]`), pressing("/c"), shows(`[data-testid="hint"][data-value="/cbh"]`), sees("upgrade bastion-prod sunday 2am -- reason"),
		pressing(kb.Tab), until(`document.querySelector('#composer').value === '/cbh '`), count(`[data-testid="hint"]`, 2),
		pressing("l"), count(`[data-testid="hint"]`, 1), pressing(kb.Backspace), count(`[data-testid="hint"]`, 2), pressing(kb.ArrowDown, kb.Enter), until(`document.querySelector('#composer').value === '/cbh cancel '`), sees("takes it back"), pressing("CBH-1"), pressing(kb.Enter), until(`document.querySelector('#composer').value === ''`), count(`[data-testid="usage"]:empty`, 1))
	if p := <-s.seen; p["text"] != "cancel CBH-1" {
		t.Errorf("the app was told %v", p["text"])
	}
	if err := s.ws.SetLocale(slackemu.UserRita, "zh-CN"); err != nil {
		t.Fatal(err)
	}
	steps(t, tab, until(`document.querySelector('[data-testid="locale"]').value === 'zh-CN'`), pressing("/cbh "), sees("取消升级"), pressing(kb.Escape), lacks(`.suggestions:not([hidden])`))
}

func TestThePageCountsWhatIsUnread(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	tab := browse(t, base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	bo := ws.As(slackemu.UserBo)
	bo.Say(slackemu.ChannelGeneral, "one")
	bo.Say(slackemu.ChannelGeneral, "two")
	bo.Say(slackemu.ChannelOps, "seen at once")
	const general = `[data-channel="` + slackemu.ChannelGeneral + `"]`
	steps(t, tab, shows(general+`.unread .badge`), until(`document.title.startsWith('(2) #ops')`), sees("seen at once"),
		click(general), lacks(`.unread`), until(`document.title.startsWith('#general')`))
}

// The page writes into its address where one is whenever it is drawn: also just after somebody else has written there.
func TestThePageGoesWhereItsAddressSays(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	tab := browse(t, base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	const drawn = `import('/_page/files/state/store.js').then(({ change }) => { location.hash = '#U0RITA/C0GENERAL'; change({}); })`
	steps(t, tab, script(drawn), sees("For everybody"))
}

func TestTwoWindowsAreTwoPeople(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	rita := browse(t, base+"/?as="+slackemu.UserRita)
	ana := browse(t, base+"/?as="+slackemu.UserAna)
	steps(t, rita, sees("Asia/Shanghai"), types(`[data-testid="composer"]`, "/cbh upgrade bastion\r"), shows(`[data-private]`))
	steps(t, ana, sees("Europe/Berlin"), shows(`[data-action-id="approve"]`), lacks(`[data-private]`), click(`[data-action-id="approve"]`), click(`[data-testid="confirm-ok"]`))
	steps(t, rita, sees("Approved by @Ana Approver"), sees("Asia/Shanghai"))
}

// On a phone there is one column: the others lie over it, one at a time.
func TestThePageFitsAPhone(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	startEcho(t, ws, base)
	tab := browse(t, base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	fits := until(`document.scrollingElement.scrollWidth <= innerWidth && document.querySelector('#main').getBoundingClientRect().width === innerWidth`)
	steps(t, tab, chromedp.EmulateViewport(360, 640), fits, types(`[data-testid="composer"]`, "/cbh upgrade bastion\r"), shows(`[data-action-id="approve"]`), fits,
		click(`[data-testid="open-sidebar"]`), until(`document.querySelector('#main').inert`), click(`[data-channel="`+slackemu.ChannelGeneral+`"]`),
		sees("For everybody"), until(`document.querySelector('#sidebar').inert && !document.querySelector('#main').inert`),
		click(`[data-testid="open-sidebar"]`), pressing(kb.Escape), focused(`[data-testid="open-sidebar"]`), click(`[data-testid="open-sidebar"]`), click(`[data-channel="`+slackemu.ChannelOps+`"]`),
		script(`document.querySelector('#main [data-testid="reply"]').click()`), shows(`[data-testid="thread-composer"]`),
		until(`document.querySelector('#thread')?.getBoundingClientRect().width === innerWidth && document.querySelector('#main').inert`),
		click(`[aria-label="Close thread"]`), until(`!document.querySelector('#main').inert`),
		click(`[data-action-id="deny"]`), until(`document.querySelector('[data-testid="modal"]')?.getBoundingClientRect().width === innerWidth`), click(`[data-testid="modal-close"]`), fits)
}

func TestThePageShowsTimesInTheReadersZoneAndLanguage(t *testing.T) {
	s := newStage(t, slackemu.Options{})
	now := s.clock.now().Unix()
	call(t, s.base, "chat.postMessage", args{"channel": slackemu.ChannelOps, "text": fmt.Sprintf("<!date^%d^{date_long}, {time}|x>; <!date^%d^{date_short_pretty}|x>; <!date^%d^{date_short}|x>", now+30*86400, now, now)})
	tab := browse(t, s.base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	steps(t, tab, sees("Tuesday, March 31st, 2026, 8:00 PM; Today; Mar 1, 2026"), become(slackemu.UserAna), sees("Tuesday, March 31st, 2026, 2:00 PM; Today; Mar 1, 2026"))
	if err := s.ws.SetLocale(slackemu.UserAna, "zh-CN"); err != nil {
		t.Fatal(err)
	}
	steps(t, tab, sees("2026年3月31日星期二, 14:00; 今天; 2026年3月1日"))
}
