package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// secretive is a world of which every secret is known.
type secretive struct {
	*world
	password string // of Redis

	mu      sync.Mutex
	sockets []string // their addresses
}

// newSecretive lets Redis want a password, and listens to which addresses of sockets
// Slack gives.
func newSecretive(t *testing.T) *secretive {
	w := &secretive{world: newWorld(t, cbhemu.Options{}), password: "redis<&pass/word"}
	if err := w.redis.Client().ConfigSet(t.Context(), "requirepass", w.password).Err(); err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/apps.connections.open") {
			w.slack.ServeHTTP(out, r)
			return
		}
		answer := httptest.NewRecorder()
		w.slack.ServeHTTP(answer, r)
		var opened struct{ URL string }
		if err := json.Unmarshal(answer.Body.Bytes(), &opened); err == nil && opened.URL != "" {
			w.mu.Lock()
			w.sockets = append(w.sockets, opened.URL)
			w.mu.Unlock()
		}
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(answer.Code)
		out.Write(answer.Body.Bytes())
	}))
	t.Cleanup(front.Close)
	w.env = append(w.env, "SLACK_API_URL="+front.URL+"/api/", "REDIS_URL="+w.redisURL(w.password), "CBHBOT_LOG_LEVEL=debug")
	return w
}

func (w *secretive) redisURL(password string) string {
	return "redis://:" + url.QueryEscape(password) + "@" + w.redis.Addr + "/0"
}

func (w *secretive) client() *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: w.redis.Addr, Password: w.password})
	w.t.Cleanup(func() { client.Close() })
	return client
}

var carried = regexp.MustCompile(`\\?"(?:response_url|trigger_id)\\?":\\?"([^"\\]+)`)

// lasting are the secrets that stand nowhere, and passing those that stand in the inbox
// until they have been worked on.
func (w *secretive) secrets() (lasting, passing []string) {
	lasting = []string{slackemu.BotToken, slackemu.AppToken, cbhemu.DefaultPassword, "MIIemulated", w.password, url.QueryEscape(w.password)}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, address := range w.sockets {
		_, ticket, _ := strings.Cut(address, "ticket=")
		lasting = append(lasting, ticket)
	}
	for _, found := range carried.FindAllStringSubmatch(w.everWritten(), -1) {
		passing = append(passing, strings.ReplaceAll(found[1], `\u0026`, "&"))
	}
	return lasting, passing
}

// held is all that Redis holds.
func (w *secretive) held() string {
	w.t.Helper()
	client, ctx := w.client(), w.t.Context()
	var all bytes.Buffer
	for _, key := range client.Keys(ctx, "*").Val() {
		var value any
		switch client.Type(ctx, key).Val() {
		case "string":
			value = client.Get(ctx, key).Val()
		case "hash":
			value = client.HGetAll(ctx, key).Val()
		case "zset":
			value = client.ZRange(ctx, key, 0, -1).Val()
		case "set":
			value = client.SMembers(ctx, key).Val()
		case "stream":
			value = client.XRange(ctx, key, "-", "+").Val()
		case "none": // a lease that has run out since
		default:
			w.t.Fatalf("%s is of a type that is not looked into", key)
		}
		fmt.Fprintln(&all, key, value)
	}
	return all.String()
}

// troubled tells a story in which everything fails once on its way.
func (w *secretive) troubled() *process {
	p := w.start()
	w.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{
		"response_url": {Times: 2, Drop: true}, "chat.postMessage": {Times: 1, Drop: true}, "chat.update": {Times: 1, Error: "token_expired"},
		"apps.connections.open": {Times: 1, Status: http.StatusBadGateway},
	}})
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpToken, Kind: cbhemu.FaultIAM, Status: http.StatusBadGateway})
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultResetBefore})
	card := w.card("in 3 days at 2am")
	w.presses(rita, card, "Approve") // refused
	w.redis.Kill()
	w.slack.As(rita).Command(slackemu.ChannelOps, "/cbh", "status")
	w.redis.Restart()
	if err := w.client().ConfigSet(w.t.Context(), "requirepass", w.password).Err(); err != nil {
		w.t.Log(err) // asked for no password before it is set again
	}
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Kind: cbhemu.FaultResetAfter})
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	w.types(rita, "upgrade") // opens a form
	w.form(rita)
	return p
}

// TestNoSecretIsAnywhere searches everything that a troubled story leaves behind.
func TestNoSecretIsAnywhere(t *testing.T) {
	t.Parallel()
	w := newSecretive(t)
	p := w.troubled()
	settled := func() bool {
		return !carried.MatchString(w.held())
	}
	await(t, "all work to be done", settled)
	places := map[string]string{"/metrics": p.scrape(t), "Slack": w.transcript(), "what Redis holds": w.held()}
	places["the audit"], _ = output(t, w.env, "audit", "export")
	places["check"], _ = output(t, w.env, "check")
	p.cmd.Process.Signal(syscall.SIGQUIT) // it ends as from a panic, and says what it was doing
	<-p.gone
	places["the log and the panic"] = p.log.String()
	for name, env := range map[string]string{
		"a wrong password of Redis": "REDIS_URL=" + w.redisURL("wrong"+w.password), "a wrong bot token": "SLACK_BOT_TOKEN=xoxb-wrong-" + slackemu.BotToken,
		"a wrong app token": "SLACK_APP_TOKEN=xapp-wrong-" + slackemu.AppToken, "a wrong password of IAM": "CBH_IAM_PASSWORD=wrong" + cbhemu.DefaultPassword,
		"no URL": "REDIS_URL=" + w.password + "://" + w.password, "no Slack": "SLACK_API_URL=http://127.0.0.1:1/",
	} {
		places[name], _ = output(t, append(w.env, env), "check")
	}
	lasting, passing := w.secrets()
	if len(lasting) < 8 || len(passing) < 4 || !strings.Contains(places["the log and the panic"], "goroutine ") {
		t.Fatalf("the story has %d and %d secrets: %s", len(lasting), len(passing), places["the log and the panic"])
	}
	for place, text := range places {
		if len(text) < 50 {
			t.Errorf("%s is hardly there: %s", place, text)
		}
		for _, secret := range append(lasting, passing...) {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in %s", secret, place)
			}
		}
	}
	for _, secret := range lasting {
		if strings.Contains(w.everWritten(), secret) {
			t.Errorf("%q was written to Redis", secret)
		}
	}
}
