package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

const (
	rita = slackemu.UserRita
	ana  = slackemu.UserAna
	bo   = slackemu.UserBo
)

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

// start runs the program and waits until it has its sockets.
func (w *world) start(env ...string) *process {
	w.t.Helper()
	return w.startAhead(0, env...)
}

// startBehind is start behind a bad network to Redis.
func (w *world) startBehind() (*process, *redistest.Proxy) {
	w.t.Helper()
	proxy := redistest.StartProxy(w.t, w.redis.Addr)
	return w.start("REDIS_URL=" + proxy.URL()), proxy
}

// startAhead is start for a process whose clock is ahead of the machine's.
func (w *world) startAhead(ahead time.Duration, env ...string) *process {
	w.t.Helper()
	before := map[string]bool{}
	for _, socket := range w.slack.Sockets() {
		before[socket.ID] = true
	}
	p := launch(w.t, ahead, append(w.env, env...), "run")
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

// types sends a command in #ops, as somebody who types it again when they are told
// that it was not recorded: a machine that is busy is no fault.
func (w *world) types(user, text string) {
	w.t.Helper()
	w.typesIn(slackemu.ChannelOps, user, text)
}

func (w *world) typesIn(channel, user, text string) {
	w.t.Helper()
	w.insists("/cbh "+text, func() slackemu.Delivery { return w.slack.As(user).Command(channel, "/cbh", text) })
}

// addresses says something to the bot, in a thread or "", as somebody who says it again when nothing comes of it.
func (w *world) addresses(user, channel, thread, text string) {
	w.t.Helper()
	w.insists(text, func() slackemu.Delivery {
		_, d := w.slack.As(user).Reply(channel, thread, "@cbhbot "+text)
		return d
	})
}

// insists does something until Slack gets an ack for it.
func (w *world) insists(what string, do func() slackemu.Delivery) {
	w.t.Helper()
	await(w.t, "an ack of "+what, func() bool { return do().Acked })
}

// card asks for an upgrade and returns its card.
func (w *world) card(when string) *slackemu.Shown {
	w.t.Helper()
	w.types(slackemu.UserRita, "upgrade bastion-prod "+when+" -- security fixes")
	return w.sees(slackemu.UserAna, "waiting for approval")
}

// presses clicks a button of a message as somebody who presses again when they are
// told that it was not recorded.
func (w *world) presses(user string, m *slackemu.Shown, name string) {
	w.t.Helper()
	w.insists(user+" pressing "+name, func() slackemu.Delivery {
		d := w.shown(user, m).Action(name).Click()
		if d.Acked && d.Error != "" {
			w.t.Fatalf("%s pressing %s: %s", user, name, d.Error)
		}
		return d
	})
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

// request reads a record as it is stored; a zero one where there is none.
func (w *world) request(id int64) *approvals.Request {
	w.t.Helper()
	client := w.redis.Client()
	defer client.Close()
	r, _ := store.New(client, store.Options{}).Load(w.t.Context(), id)
	return r
}

// untilRequest waits until a stored record is as it should be.
func (w *world) untilRequest(id int64, what string, so func(*approvals.Request) bool) {
	w.t.Helper()
	await(w.t, what, func() bool { return so(w.request(id)) })
}
