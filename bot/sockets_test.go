package bot_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

func quiet() *logrus.Logger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}

// workspace starts a Slack workspace on loopback.
func workspace(t *testing.T, options slackemu.Options) (*slackemu.Server, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	options.BaseURL = "http://" + server.Listener.Addr().String()
	ws := slackemu.New(options)
	server.Config.Handler = ws
	server.Start()
	t.Cleanup(func() { ws.Close(); server.Close() })
	return ws, server.URL + "/api/"
}

// received collects envelopes.
type received struct {
	mu   sync.Mutex
	list []bot.Envelope
}

func (r *received) add(e bot.Envelope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, e)
}

func (r *received) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.list)
}

// hold runs sockets with short pauses until the test ends, or until stop is called.
func hold(t testing.TB, c bot.SocketsConfig) (sockets *bot.Sockets, stop func() error) {
	t.Helper()
	if c.Backoff == nil {
		c.Backoff = func(int) time.Duration { return 10 * time.Millisecond }
	}
	return holdPatiently(t, c)
}

// holdPatiently is hold with the pauses of the program.
func holdPatiently(t testing.TB, c bot.SocketsConfig) (sockets *bot.Sockets, stop func() error) {
	t.Helper()
	c.AppToken, c.Now = cmp.Or(c.AppToken, slackemu.AppToken), time.Now
	if c.Log == nil {
		c.Log = quiet()
	}
	sockets = bot.NewSockets(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- sockets.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() { stop() })
	return sockets, stop
}

// until waits for the workspace to get to a state.
func until(t *testing.T, ws *slackemu.Server, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := ws.Wait(ctx, done); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

func TestEveryCommandIsReceivedAndAcked(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	var got received
	hold(t, bot.SocketsConfig{APIURL: api, Receive: func(_ context.Context, e bot.Envelope) (bool, any) {
		got.add(e)
		return true, nil
	}})
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	for range 20 {
		if d := ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help"); !d.Acked {
			t.Fatalf("not acked: %+v", d)
		}
	}
	if got.count() != 20 {
		t.Fatalf("%d of 20 received", got.count())
	}
}

// A warning comes ahead, and refresh_requested ends the socket at once: then the
// other one serves. A busy machine may need longer for two sockets than there is time.
func TestARefreshLeavesNoGap(t *testing.T) {
	t.Parallel()
	for reason, refreshed := range map[string]int{"warning": 2, "refresh_requested": 1} {
		t.Run(reason, func(t *testing.T) {
			thrice(t, func() string { return refresh(t, reason, refreshed) })
		})
	}
}

// refresh dismisses some of two sockets and says what was lost until they are replaced.
func refresh(t *testing.T, reason string, some int) (wrong string) {
	t.Helper()
	ws, api := workspace(t, slackemu.Options{WarningLead: time.Second})
	_, stop := hold(t, bot.SocketsConfig{APIURL: api, Receive: ackAll})
	defer stop()
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	old := map[string]bool{}
	for _, socket := range ws.Sockets()[:some] {
		old[socket.ID] = true
		if err := ws.Disconnect(socket.ID, reason); err != nil {
			t.Fatal(err)
		}
	}
	for n := 0; !replaced(ws, old); n++ {
		if d := ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help"); !d.Acked {
			return fmt.Sprintf("command %d during the refresh was lost: %+v", n, d)
		}
		if n > 50_000 {
			t.Fatal("the sockets were never replaced")
		}
	}
	return ""
}

// replaced reports whether two sockets are up and none of the old ones.
func replaced(ws *slackemu.Server, old map[string]bool) bool {
	sockets := ws.Sockets()
	for _, socket := range sockets {
		if old[socket.ID] {
			return false
		}
	}
	return len(sockets) == 2
}

func TestAShutdownAcksWhatItHoldsAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	began, finish := make(chan struct{}, 10), make(chan struct{})
	_, stop := hold(t, bot.SocketsConfig{APIURL: api, Receive: func(context.Context, bot.Envelope) (bool, any) {
		began <- struct{}{}
		<-finish
		return true, nil
	}})
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	deliveries := make(chan slackemu.Delivery, 5)
	for range 5 {
		go func() { deliveries <- ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help") }()
	}
	for range 5 {
		<-began
	}
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	close(finish)
	for range 5 {
		if d := <-deliveries; !d.Acked {
			t.Errorf("an envelope held at the shutdown was not acked: %+v", d)
		}
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	until(t, ws, "the end of the sockets", func() bool { return len(ws.Sockets()) == 0 })
	for _, socket := range ws.PastSockets() {
		if socket.Ended != "close frame 1000" {
			t.Errorf("socket %s ended with %q and not with a close frame of ours", socket.ID, socket.Ended)
		}
	}
}

func TestAKilledSocketIsReplaced(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	hold(t, bot.SocketsConfig{APIURL: api, Receive: func(context.Context, bot.Envelope) (bool, any) { return true, nil }})
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	first := ws.Sockets()[0].ID
	if err := ws.Kill(first); err != nil {
		t.Fatal(err)
	}
	until(t, ws, "two sockets again", func() bool {
		sockets := ws.Sockets()
		return len(sockets) == 2 && sockets[0].ID != first && sockets[1].ID != first
	})
}

// A connection may break without a word. What Slack sends there is lost until the
// program has noticed it.
func TestSocketsThatFallSilentAreReplacedWithinSeconds(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	hold(t, bot.SocketsConfig{APIURL: api, Receive: func(context.Context, bot.Envelope) (bool, any) { return true, nil }})
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	acked := func() bool { return ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help").Acked }
	unasked := func(s slackemu.Socket) bool { return s.Pings == 0 }
	for slices.ContainsFunc(ws.Sockets(), unasked) {
		acked()
	}
	for _, socket := range ws.Sockets() {
		if err := ws.Freeze(socket.ID); err != nil {
			t.Fatal(err)
		}
	}
	frozen := time.Now()
	for !acked() {
		if deaf := time.Since(frozen); deaf > 20*time.Second {
			t.Fatalf("deaf for %s", deaf)
		}
	}
}

func TestFatalErrorsEndWithASentence(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"invalid_auth", "account_inactive", "token_revoked", "not_allowed_token_type", "missing_scope"} {
		ws, api := workspace(t, slackemu.Options{})
		ws.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"apps.connections.open": {Error: code}}})
		sockets := bot.NewSockets(bot.SocketsConfig{AppToken: "xapp-1", APIURL: api, Log: quiet(), Now: time.Now,
			Receive: func(context.Context, bot.Envelope) (bool, any) { return true, nil }})
		err := sockets.Run(context.Background())
		var fatal *bot.FatalError
		if !errors.As(err, &fatal) || fatal.Code != code || !strings.Contains(err.Error(), ". ") {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestFlappingIsSlowedDown(t *testing.T) {
	t.Parallel()
	var opens sync.Map
	var counted []int
	var mu sync.Mutex
	ws, api := workspace(t, slackemu.Options{})
	_ = ws
	_, stop := hold(t, bot.SocketsConfig{APIURL: api, Connections: 1,
		Receive: func(context.Context, bot.Envelope) (bool, any) { return true, nil },
		Backoff: func(n int) time.Duration {
			mu.Lock()
			defer mu.Unlock()
			counted = append(counted, n)
			return time.Millisecond
		}})
	for want := 1; want <= 4; want++ {
		until(t, ws, "a socket", func() bool {
			sockets := ws.Sockets()
			if len(sockets) != 1 {
				return false
			}
			_, known := opens.LoadOrStore(sockets[0].ID, true)
			return !known
		})
		ws.Kill(ws.Sockets()[0].ID)
	}
	until(t, ws, "the last socket", func() bool { return len(ws.Sockets()) == 1 })
	stop()
	mu.Lock()
	defer mu.Unlock()
	if !slices.IsSorted(counted) || len(counted) > 0 && counted[len(counted)-1] < 3 { // one that was killed while it opened may count the same twice
		t.Fatalf("failures were counted %v", counted)
	}
	if len(counted) < 3 {
		t.Fatalf("only the first short life may be replaced without a pause: %v", counted)
	}
}

func TestAnAckIsOneFrame(t *testing.T) {
	t.Parallel()
	ws, api := workspace(t, slackemu.Options{})
	long := strings.Repeat("x", 15_000)
	hold(t, bot.SocketsConfig{APIURL: api, Receive: func(context.Context, bot.Envelope) (bool, any) {
		return true, map[string]string{"text": long}
	}})
	until(t, ws, "two sockets", func() bool { return len(ws.Sockets()) == 2 })
	d := ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help")
	ack, _ := json.Marshal(d.Ack)
	if !d.Acked || !strings.Contains(string(ack), long[:100]) {
		t.Fatalf("a long ack was dropped: acked %v, %.80s", d.Acked, ack)
	}
	long = strings.Repeat("x", 25_000)
	if d := ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help"); !d.Acked {
		t.Fatal("an ack whose payload is too long was not sent at all")
	}
}
