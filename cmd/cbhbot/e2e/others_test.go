package e2e

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// deployBot is the manifest of a bot that is not cbhbot.
const deployBot = `{
	"display_information": {"name": "deploybot"},
	"features": {"slash_commands": [{"command": "/deploy", "description": "Deploys"}]},
	"oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
	"settings": {"event_subscriptions": {"bot_events": ["reaction_added"]}, "interactivity": {"is_enabled": true}, "socket_mode_enabled": true}
}`

var exported = regexp.MustCompile(`(?m)^ *export (\w+)=(\S+)$`)

// TestAnotherBotIsServed starts the workspace alone and connects a bot on slack-go with nothing but what it prints.
func TestAnotherBotIsServed(t *testing.T) {
	t.Parallel()
	manifest := filepath.Join(t.TempDir(), "app.json")
	if err := os.WriteFile(manifest, []byte(deployBot), 0o600); err != nil {
		t.Fatal(err)
	}
	base, greeting := startSandbox(t, "--only=slack", "--manifest="+manifest)
	set := map[string]string{}
	for _, match := range exported.FindAllStringSubmatch(greeting, -1) {
		set[match[1]] = match[2]
	}
	for _, words := range []string{"/deploy", "never sent here: reaction_added", "slack.OptionAPIURL(", "slackApiUrl:", "base_url="} {
		if !strings.Contains(greeting, words) {
			t.Errorf("%q is not in: %s", words, greeting)
		}
	}
	b := &box{T: t, base: base}
	startDeployBot(t, set)
	await(t, "the bot's socket", func() bool {
		var sockets []slackemu.Socket
		b.get("/_control/slack/sockets", &sockets)
		return len(sockets) == 1
	})
	var d slackemu.Delivery
	b.send(http.MethodPost, "/_control/slack/command", map[string]string{
		"user": slackemu.UserRita, "channel": slackemu.ChannelOps, "command": "/deploy", "text": "web"}, &d)
	if !d.Acked || !strings.Contains(string(d.Ack), "deploying web") {
		t.Errorf("the command: %+v", d)
	}
	b.send(http.MethodPost, "/_control/slack/command", map[string]string{
		"user": slackemu.UserRita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": "help"}, &d)
	if d.Error == "" {
		t.Error("a command that the manifest does not declare was sent")
	}
}

// startDeployBot runs a bot on slack-go that answers its command.
func startDeployBot(t *testing.T, set map[string]string) {
	t.Helper()
	api := slack.New(set["SLACK_BOT_TOKEN"], slack.OptionAppLevelToken(set["SLACK_APP_TOKEN"]), slack.OptionAPIURL(set["SLACK_API_URL"]))
	socket := socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); _ = socket.RunContext(ctx) }()
	go func() {
		for {
			select {
			case e := <-socket.Events:
				if c, ok := e.Data.(slack.SlashCommand); ok {
					socket.Ack(*e.Request, map[string]string{"text": "deploying " + c.Text})
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
}

// TestOneEmulatorAloneServesNothingOfTheOther asks each for the other's, and lets a page of elsewhere act.
func TestOneEmulatorAloneServesNothingOfTheOther(t *testing.T) {
	t.Parallel()
	slackPaths := []string{"/api/api.test", "/_control/slack/users", "/"}
	cloudPaths := []string{"/v2/" + "p/cbs/instance/list", "/_control/cbh/instances"}
	for only, paths := range map[string]struct{ served, missing []string }{
		"slack": {slackPaths, cloudPaths}, "cbh": {cloudPaths, slackPaths},
	} {
		base, _ := startSandbox(t, "--only="+only)
		for _, path := range paths.served {
			if got := statusOf(t, base+path, ""); got == http.StatusNotFound {
				t.Errorf("--only %s: %s answers %d", only, path, got)
			}
			if got := statusOf(t, base+path, "http://rebound.example"); got != http.StatusForbidden {
				t.Errorf("--only %s: %s answers a page of elsewhere with %d", only, path, got)
			}
		}
		for _, path := range paths.missing {
			if got := statusOf(t, base+path, ""); got != http.StatusNotFound {
				t.Errorf("--only %s: %s answers %d", only, path, got)
			}
		}
	}
}

func statusOf(t *testing.T, address, origin string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// TestThePageIsThereSoonAfterTheStart measures from the start of the process until the sandbox serves the page and what it
// asks for, and has a bot that is connected; and until the page can be typed into, in a browser that runs already. On a
// machine that does nothing else that takes less than two seconds, most of them the browser's. The best of a few starts
// tells the program's time from what the machine does beside it, and the bounds leave room for a slow one.
func TestThePageIsThereSoonAfterTheStart(t *testing.T) {
	const servedBound, drawnBound, tries = time.Second, 4 * time.Second, 6
	other, _ := startSandbox(t, "--headless")
	tab := browse(t, other)
	served, drawn := time.Hour, time.Hour
	for try := 0; try < tries && (served > servedBound || drawn > drawnBound); try++ {
		s, d := afterStart(t, tab)
		served, drawn = min(served, s), min(drawn, d)
		does(t, tab, chromedp.Navigate(other), shows(`[data-testid="composer"]`)) // its sandbox outlives the browser
	}
	t.Logf("the page was served after %s and drawn after %s", served.Round(time.Millisecond), drawn.Round(time.Millisecond))
	if served > servedBound || drawn > drawnBound {
		t.Errorf("at best the page was served after %s and drawn after %s, want %s and %s", served, drawn, servedBound, drawnBound)
	}
}

func afterStart(t *testing.T, tab context.Context) (served, drawn time.Duration) {
	t.Helper()
	began := time.Now()
	b := &box{T: t}
	b.base, _ = startSandbox(t)
	for _, path := range []string{"/_page/state", "/_panel/state"} {
		b.get(path, new(any))
	}
	b.connected()
	served = time.Since(began)
	does(t, tab, chromedp.Navigate(b.base), shows(`[data-testid="composer"]`))
	return served, time.Since(began)
}

// TestTheCloudAloneSaysWhatABotNeeds and goes by the real clock, which is that of the bot beside it.
func TestTheCloudAloneSaysWhatABotNeeds(t *testing.T) {
	t.Parallel()
	base, greeting := startSandbox(t, "--only=cbh")
	set := map[string]string{}
	for _, match := range exported.FindAllStringSubmatch(greeting, -1) {
		set[match[1]] = match[2]
	}
	for name, want := range map[string]string{
		"CBH_ENDPOINT": base, "IAM_ENDPOINT": base, "CBH_PROJECT_ID": cbhemu.DefaultProject,
		"CBH_IAM_USER": cbhemu.DefaultUser, "CBH_IAM_PASSWORD": cbhemu.DefaultPassword, "CBH_IAM_DOMAIN": cbhemu.DefaultDomain,
	} {
		if set[name] != want {
			t.Errorf("%s is %q, not %q", name, set[name], want)
		}
	}
	var state struct{ Now time.Time }
	(&box{T: t, base: base}).get("/_control/cbh/state", &state)
	if off := time.Since(state.Now).Abs(); off > time.Minute {
		t.Errorf("its clock is off by %s", off)
	}
}
