package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"cbhbot/bot/slackemu"
)

var wholeTour = flag.Bool("tour", false, "tell each story in both languages, those of the tour at both widths too, and look at the page in all of its looks")

// pictures are where the documents show the stories.
const pictures = "../../../deploy/docs/tour"

var tourStories = []string{"approve", "ask", "deny", "move", "two", "late", "crash", "fail"}

// TestTheTourInABrowser tells the sandbox's stories scene by scene; the sandbox checks
// what each leads to. Nothing may be written to the browser's console.
func TestTheTourInABrowser(t *testing.T) {
	t.Parallel()
	tours := []struct {
		language string
		width    int64
		often    []string // the stories that it tells each time
	}{{"en", 1280, tourStories[:4]}, {"zh-CN", 390, tourStories[4:]}, {"en", 390, nil}, {"zh-CN", 1280, nil}}
	for _, tour := range tours {
		stories := tour.often
		if *wholeTour {
			stories = tourStories
		}
		if len(stories) == 0 {
			continue
		}
		t.Run(fmt.Sprint(tour.language, " at ", tour.width), func(t *testing.T) {
			t.Parallel()
			address, _ := startSandbox(t, "--now="+boxStart, "--lang="+tour.language)
			(&box{T: t, base: address}).connected()
			tab := browse(t, address+"/#"+slackemu.UserRita+"/"+slackemu.ChannelOps)
			does(t, tab, chromedp.EmulateViewport(tour.width, 844))
			for _, name := range stories {
				telling(t, tab, name, fmt.Sprintf("%s-%s-%d", name, tour.language, tour.width), tour.width < 600)
			}
		})
	}
}

// telling goes through one story, and keeps a picture of its end. On a phone the panel is opened for each scene.
func telling(t *testing.T, tab context.Context, name, picture string, phone bool) {
	t.Helper()
	open := func() {
		if phone {
			does(t, tab, click(`[data-testid="open-panel"]`))
		}
	}
	open()
	does(t, tab, panelDoes("story "+name), shows(`[data-do="scene"]`))
	for {
		at := sceneOf(t, tab)
		does(t, tab, panelDoes("scene"), until(fmt.Sprintf(
			`!document.querySelector('[data-do=scene][aria-busy]') && document.querySelector('[data-testid=story]').textContent !== %q`, at)))
		over, err := chromedp.Run(tab, chromedp.Evaluate[bool](`document.querySelector('[data-do=scene]').hidden`))
		if err != nil {
			t.Fatal(err)
		}
		if over {
			break
		}
		open()
	}
	if *update {
		keepPicture(t, tab, picture)
	}
	open()
	does(t, tab, panelDoes("leave"), shows(fmt.Sprintf(`[data-do=%q]`, "story "+name)))
	if phone {
		does(t, tab, click(`[data-testid="close-panel"]`))
	}
}

// sceneOf is which one of the story is the next.
func sceneOf(t *testing.T, tab context.Context) string {
	t.Helper()
	text, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector('[data-testid=story]').textContent`))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func keepPicture(t *testing.T, tab context.Context, name string) {
	t.Helper()
	picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(pictures, name+".png"), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
