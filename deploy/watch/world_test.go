package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// patience is how long anything is waited for.
const patience = 3 * time.Minute

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	end, tick := time.After(patience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-end:
			t.Fatalf("waiting for %s", what)
		case <-tick.C:
		}
	}
}

// process is a program that runs until the test ends.
type process struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func run(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	p, cmd := &process{}, exec.Command(name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, p, p
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; prometheus comes with apt-get install prometheus", err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("what %s wrote:\n%s", name, p)
		}
	})
	return p
}

// world is a workspace, a cloud and a Redis, and two copies of the built bot.
type world struct {
	t     *testing.T
	slack *slackemu.Server
	redis *redistest.Server
	bots  []*process
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, redis: redistest.Start(t)}
	cloud, slack := httptest.NewServer(cbhemu.New(cbhemu.Options{})), httptest.NewUnstartedServer(nil)
	w.slack = slackemu.New(slackemu.Options{BaseURL: "http://" + slack.Listener.Addr().String()})
	slack.Config.Handler = w.slack
	slack.Start()
	t.Cleanup(func() { w.slack.Close(); slack.Close(); cloud.Close() })
	program := filepath.Join(t.TempDir(), "cbhbot")
	build := exec.Command("go", "build", "-o", program, "./cmd/cbhbot")
	build.Dir = "../.." // by the program's own go.mod
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "CBHBOT_LISTEN=127.0.0.1:0", "CBHBOT_APPROVERS=" + slackemu.UserAna,
		"SLACK_API_URL=" + slack.URL + "/api/", "SLACK_BOT_TOKEN=" + slackemu.BotToken, "SLACK_APP_TOKEN=" + slackemu.AppToken,
		"REDIS_URL=" + w.redis.URL(), "CBH_ENDPOINT=" + cloud.URL, "IAM_ENDPOINT=" + cloud.URL, "CBH_PROJECT_ID=" + cbhemu.DefaultProject,
		"CBH_IAM_USER=" + cbhemu.DefaultUser, "CBH_IAM_PASSWORD=" + cbhemu.DefaultPassword, "CBH_IAM_DOMAIN=" + cbhemu.DefaultDomain,
	}
	for range 2 {
		w.bots = append(w.bots, run(t, env, program, "run"))
	}
	await(t, "the sockets of both", func() bool { return len(w.slack.Sockets()) == 4 })
	return w
}

// sees waits until somebody reads a text in #ops.
func (w *world) sees(user, text string) *slackemu.Shown {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	m, err := w.slack.As(user).WaitMessage(ctx, slackemu.ChannelOps, func(m slackemu.Message) bool { return strings.Contains(m.Text, text) })
	if err != nil {
		w.t.Fatalf("%s never read %q: %v", user, text, err)
	}
	return m
}

// story is an upgrade from the command to its schedule.
func (w *world) story() {
	w.t.Helper()
	await(w.t, "an ack of the command", func() bool {
		return w.slack.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "upgrade bastion-prod in 3 days at 2am").Acked
	})
	card := w.sees(slackemu.UserAna, "waiting for approval")
	await(w.t, "an ack of the press", func() bool { return card.Action("Approve").Click().Acked })
	w.sees(slackemu.UserRita, "*Scheduled.*")
}

var listens = regexp.MustCompile(`"listen":"([^"]+)"`)

// address is where a bot's metrics are.
func address(t *testing.T, bot *process) string {
	t.Helper()
	await(t, "the address of /metrics", func() bool { return listens.MatchString(bot.String()) })
	return listens.FindStringSubmatch(bot.String())[1]
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// asked is what Prometheus answers to a query: values by a label of theirs.
func asked(t *testing.T, prometheus, query, label string) map[string]string {
	t.Helper()
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	request, err := http.NewRequest(http.MethodGet, "http://"+prometheus+"/api/v1/query", nil)
	if err != nil {
		t.Fatal(err)
	}
	values := request.URL.Query()
	values.Set("query", query)
	request.URL.RawQuery = values.Encode()
	_ = json.Unmarshal([]byte(get(t, request.URL.String())), &answer) // until it answers, it says nothing
	all := map[string]string{}
	for _, r := range answer.Data.Result {
		all[r.Metric[label]], _ = r.Value[1].(string)
	}
	return all
}
