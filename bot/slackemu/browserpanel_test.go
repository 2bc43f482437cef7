package slackemu_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
)

// embedded is a panel that shows who one is and goes somewhere.
func embedded(asked chan<- string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /panel.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, ".mine { font-weight: bold; }")
	})
	mux.HandleFunc("GET /panel.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, `export function mount(element, page) {
	const as = document.createElement('p');
	const show = () => { as.textContent = 'The panel sees ' + page.as(); };
	page.onChange(show);
	show();
	const go = document.createElement('button');
	go.id = 'go';
	go.textContent = 'Go';
	go.onclick = async () => {
		page.toast(await (await fetch('/_panel/say', { method: 'POST' })).text());
		page.switchTo(%q);
		page.openChannel(%q);
	};
	element.append(as, go);
}`, slackemu.UserAna, slackemu.ChannelGeneral)
	})
	mux.HandleFunc("POST /say", func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		fmt.Fprint(w, "The panel was asked.")
	})
	return mux
}

func TestThePageGivesItsEmbedderAPanel(t *testing.T) {
	asked := make(chan string, 1)
	_, base := start(t, slackemu.Options{Panel: embedded(asked)})
	tab := browse(t, base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	steps(t, tab, shows(`#panel[aria-label="Sandbox"]`), sees("The panel sees U0RITA"), click(`#go`), sees("The panel was asked."),
		sees("The panel sees U0ANA"), sees("For everybody"))
	if path := <-asked; path != "/say" {
		t.Errorf("the panel was asked at %s", path)
	}
	answer, err := http.Get(base + "/_panel/panel.js")
	if err != nil || answer.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("the panel is served without the page's rules: %v %v", answer, err)
	}
	steps(t, tab, chromedp.EmulateViewport(700, 800), lacks(`[data-drawer="panel"]`), click(`[data-testid="open-panel"]`), shows(`[data-drawer="panel"] #go`),
		click(`[data-testid="close-panel"]`), lacks(`[data-drawer="panel"]`))
}

// The panel becomes somebody else and goes to a channel, which closes the drawer. One that is opened after both have been
// seen stays open when the server says once more what there is.
func TestADrawerOpenedAfterAMoveStaysOpen(t *testing.T) {
	ws, base := start(t, slackemu.Options{Panel: embedded(make(chan string, 1))})
	tab := browse(t, base+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
	const holds = `(() => { const go = window.fetch; window.held = []; window.fetch = async (path, ...how) => {
		if (String(path).startsWith('/_page/state')) await new Promise((release) => held.push(release));
		return go(path, ...how);
	}; })()`
	const release = `(() => { if (!held.length) return false; held.shift()(); return true; })()`
	steps(t, tab, chromedp.EmulateViewport(700, 800), click(`[data-testid="open-panel"]`), script(holds), click(`#go`),
		until(release), sees("The panel sees U0ANA"), until(`held.length === 1`), click(`[data-testid="open-panel"]`), shows(`[data-drawer="panel"]`))
	ws.As(slackemu.UserBo).Say(slackemu.ChannelGeneral, "said last")
	steps(t, tab, until(release), sees("said last"), shows(`[data-drawer="panel"] #go`))
}

func TestThePageHasNoPanelOfItsOwn(t *testing.T) {
	_, base := start(t, slackemu.Options{})
	steps(t, browse(t, base), hides(`#panel`), lacks(`[data-testid="open-panel"]`))
}
