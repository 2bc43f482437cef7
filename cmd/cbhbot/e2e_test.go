package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cbhbot/approvals/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// These tests run the built program against the emulators over real HTTP and
// WebSocket, and a real Redis.

// binary is the program, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cbhbot-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "cbhbot")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building cbhbot: %w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	// Tests that say t.Parallel wait for other processes, not for processors.
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// world is a workspace, a cloud and a Redis, without the bot.
type world struct {
	t     *testing.T
	slack *slackemu.Server
	cloud *cbhemu.Server
	redis *redistest.Server
	env   []string
}

func newWorld(t *testing.T, cloud cbhemu.Options, env ...string) *world {
	t.Helper()
	return newClockedWorld(t, cloud, slackemu.Options{}, env...)
}

// newClockedWorld is a world whose workspace has options too, such as a clock of
// its own.
func newClockedWorld(t *testing.T, cloud cbhemu.Options, slack slackemu.Options, env ...string) *world {
	t.Helper()
	w := &world{t: t, redis: redistest.Start(t)}
	w.cloud = cbhemu.New(cloud)
	cloudHTTP := httptest.NewServer(w.cloud)
	slackHTTP := httptest.NewUnstartedServer(nil)
	slack.BaseURL = "http://" + slackHTTP.Listener.Addr().String()
	w.slack = slackemu.New(slack)
	slackHTTP.Config.Handler = w.slack
	slackHTTP.Start()
	t.Cleanup(func() { w.slack.Close(); slackHTTP.Close(); cloudHTTP.Close() })
	w.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"SLACK_API_URL=" + slackHTTP.URL + "/api/", "SLACK_BOT_TOKEN=" + slackemu.BotToken, "SLACK_APP_TOKEN=" + slackemu.AppToken,
		"REDIS_URL=" + w.redis.URL(), "CBH_ENDPOINT=" + cloudHTTP.URL, "IAM_ENDPOINT=" + cloudHTTP.URL,
		"CBH_PROJECT_ID=" + cbhemu.DefaultProject, "CBH_IAM_USER=" + cbhemu.DefaultUser,
		"CBH_IAM_PASSWORD=" + cbhemu.DefaultPassword, "CBH_IAM_DOMAIN=" + cbhemu.DefaultDomain,
		"CBHBOT_APPROVERS=" + slackemu.UserAna + "," + slackemu.UserBo, "CBHBOT_LISTEN=127.0.0.1:0",
	}, env...)
	return w
}

// process is one running bot.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  *bytes.Buffer
	gone chan struct{}
	err  error
}

// start runs the program and waits until it has as many sockets more.
func (w *world) start(env ...string) *process {
	w.t.Helper()
	path, err := binary()
	if err != nil {
		w.t.Fatal(err)
	}
	before := map[string]bool{}
	for _, socket := range w.slack.Sockets() {
		before[socket.ID] = true
	}
	p := &process{t: w.t, cmd: exec.Command(path, "run"), log: &bytes.Buffer{}, gone: make(chan struct{})}
	p.cmd.Env = append(w.env, env...)
	p.cmd.Stderr, p.cmd.Stdout = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.gone) }()
	w.t.Cleanup(func() {
		p.kill()
		if w.t.Failed() {
			w.t.Logf("the bot's log:\n%s", p.log)
		}
	})
	w.until("the bot's sockets", func() bool { return w.fresh(before) >= 2 || p.ended() })
	if p.ended() {
		w.t.Fatalf("the bot ended: %s", p.log)
	}
	return p
}

// fresh counts the sockets that are not among the known ones.
func (w *world) fresh(known map[string]bool) int {
	n := 0
	for _, socket := range w.slack.Sockets() {
		if !known[socket.ID] {
			n++
		}
	}
	return n
}

func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// kill ends the process at once (SIGKILL).
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.gone
}

// stop asks the process to end and returns how long that took.
func (p *process) stop() time.Duration {
	start := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.gone
	return time.Since(start)
}

const patience = 70 * time.Second

// until waits for the workspace to get to a state.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.slack.Wait(ctx, done); err != nil {
		w.t.Fatalf("waiting for %s: %v\n%s", what, err, w.transcript())
	}
}

// transcript is all that stands in the channel.
func (w *world) transcript() string {
	var text strings.Builder
	for _, m := range w.slack.Messages(slackemu.ChannelOps) {
		fmt.Fprintf(&text, "[%s for %q in %q] %s\n", m.TS, m.EphemeralFor, m.ThreadTS, m.Text)
	}
	return text.String()
}

// sees waits until a person reads a text in #ops, and returns the message.
func (w *world) sees(user, text string) *slackemu.Shown {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := w.slack.As(user).WaitMessage(ctx, slackemu.ChannelOps, func(m slackemu.Message) bool { return strings.Contains(m.Text, text) })
	if err != nil {
		w.t.Fatalf("%s never read %q: %v\n%s", user, text, err, w.transcript())
	}
	return m
}

// types sends a command that must be acked.
func (w *world) types(user, text string) {
	w.t.Helper()
	if d := w.slack.As(user).Command(slackemu.ChannelOps, "/cbh", text); !d.Acked {
		w.t.Fatalf("/cbh %s: %s", text, d.Error)
	}
}

// card asks for an upgrade and returns its card.
func (w *world) card(when string) *slackemu.Shown {
	w.t.Helper()
	w.types(slackemu.UserRita, "upgrade bastion-prod "+when+" -- security fixes")
	return w.sees(slackemu.UserAna, "waiting for approval")
}

// presses clicks a button of a message as somebody.
func (w *world) presses(user string, m *slackemu.Shown, name string) slackemu.Delivery {
	w.t.Helper()
	shown := w.shown(user, m)
	d := shown.Action(name).Click()
	if d.Error != "" {
		w.t.Fatalf("%s pressing %s: %s", user, name, d.Error)
	}
	return d
}

// shown is a message as another person sees it.
func (w *world) shown(user string, m *slackemu.Shown) *slackemu.Shown {
	w.t.Helper()
	for _, other := range w.slack.As(user).Sees(slackemu.ChannelOps) {
		if other.TS == m.TS {
			return other
		}
	}
	w.t.Fatalf("%s does not see the message %s", user, m.TS)
	return nil
}

// posts counts the upgrade calls that reached the cloud.
func (w *world) posts() int {
	n := 0
	for _, r := range w.cloud.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/instance/upgrade") {
			n++
		}
	}
	return n
}

// output runs the program to its end and returns what it wrote.
func output(path string, env []string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	return string(out), err
}
