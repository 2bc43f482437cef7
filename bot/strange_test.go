package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// This file holds the sockets against servers that keep to Slack's protocol in
// ways of their own.

// link is the server's end of one socket.
type link struct {
	*websocket.Conn
	acks chan string   // envelope ids that were acked on it
	bye  chan int      // the code of the client's close frame
	gone chan struct{} // closed when the connection has ended
}

func (l link) say(format string, args ...any) {
	l.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...))
}

// listen reads acks until the connection ends.
func (l link) listen() {
	for {
		_, data, err := l.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			l.bye <- closed.Code
		}
		if err != nil {
			return
		}
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if json.Unmarshal(data, &ack) == nil {
			l.acks <- ack.ID
		}
	}
}

// drain takes acks off the channel until the connection ends.
func (l link) drain() {
	for {
		select {
		case <-l.acks:
		case <-l.gone:
			return
		}
	}
}

// strange is a server whose n-th socket (from 1) is played by script. The
// connection lasts until the client or the script ends it.
func strange(t testing.TB, script func(n int, l link)) (api string, opens *atomic.Int32) {
	t.Helper()
	opens = new(atomic.Int32)
	upgrader := websocket.Upgrader{}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	mux.HandleFunc("/api/apps.connections.open", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"ok":true,"url":"ws%s/socket"}`, strings.TrimPrefix(server.URL, "http"))
	})
	var playing sync.WaitGroup
	mux.HandleFunc("/socket", func(w http.ResponseWriter, r *http.Request) {
		playing.Add(1)
		defer playing.Done()
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		l := link{Conn: conn, acks: make(chan string, 100), bye: make(chan int, 1), gone: make(chan struct{})}
		go func() { defer close(l.gone); l.listen() }()
		script(int(opens.Add(1)), l)
		<-l.gone
	})
	t.Cleanup(func() { server.CloseClientConnections(); playing.Wait(); server.Close() })
	return server.URL + "/api/", opens
}

func arrives[T any](t testing.TB, what string, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: nothing came", what)
	}
	return value
}

func ackAll(context.Context, bot.Envelope) (bool, any) { return true, nil }

func TestFramesInAnyShapeAreTaken(t *testing.T) {
	t.Parallel()
	links := make(chan link, 1)
	api, _ := strange(t, func(_ int, l link) { links <- l })
	got := make(chan bot.Envelope, 10)
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: func(_ context.Context, e bot.Envelope) (bool, any) {
		got <- e
		return true, nil
	}})
	l := arrives(t, "the socket", links)
	for _, c := range []struct{ what, frame, payload string }{
		{"before the hello", `{"envelope_id":"1","type":"slash_commands","payload":{"a":1}}`, `{"a":1}`},
		{"a hello of one field", `{"type":"hello"}`, ""},
		{"a ping as a frame", `{"type":"ping","num":1}`, ""},
		{"a kind nobody knows", `{"type":"goodbye"}`, ""},
		{"no JSON", `{{{`, ""},
		{"no object", `[1]`, ""},
		{"a payload as text", `{"type":"interactive","envelope_id":"2","payload":"{\"a\":2}","accepts_response_payload":true}`, `{"a":2}`},
		{"numbers as text", `{"type":"events_api","envelope_id":"3","retry_attempt":"1","retry_reason":"timeout","num_connections":"2","payload":{"a":3}}`, `{"a":3}`},
		{"nulls", `{"type":"events_api","envelope_id":"4","retry_attempt":null,"retry_reason":null,"payload":{"a":4}}`, `{"a":4}`},
	} {
		l.say("%s", c.frame)
		if c.payload == "" {
			continue
		}
		if e := arrives(t, c.what, got); string(e.Payload) != c.payload {
			t.Errorf("%s: %+v", c.what, e)
		}
		if id := arrives(t, "the ack of "+c.what, l.acks); !strings.Contains(c.frame, `"`+id+`"`) {
			t.Errorf("%s: acked %s", c.what, id)
		}
	}
}

// Successors are told "too many" instead of hello: the old socket has to go on.
func TestAWorkingSocketIsKeptUntilItsSuccessorIsGreeted(t *testing.T) {
	t.Parallel()
	links, room := make(chan link, 10), make(chan struct{})
	api, _ := strange(t, func(n int, l link) {
		select {
		case <-room:
		default:
			if n > 1 {
				l.say(`{"type":"disconnect","reason":"too_many_websockets"}`)
				return
			}
		}
		l.say(`{"type":"hello","num_connections":1}`)
		links <- l
	})
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: ackAll, Backoff: func(int) time.Duration { return 50 * time.Millisecond }})
	first := arrives(t, "the first socket", links)
	first.say(`{"type":"disconnect","reason":"refresh_requested"}`)
	select {
	case <-first.bye:
		t.Fatal("the only socket was closed")
	case <-time.After(1300 * time.Millisecond):
	}
	first.say(`{"type":"slash_commands","envelope_id":"old","payload":{}}`)
	if id := arrives(t, "an ack", first.acks); id != "old" {
		t.Errorf("acked %s", id)
	}
	close(room)
	second := arrives(t, "its successor", links)
	second.say(`{"type":"slash_commands","envelope_id":"new","payload":{}}`)
	arrives(t, "an ack on the successor", second.acks)
	arrives(t, "the old socket's close frame", first.bye)
}

// Slack may leave the closing to us after any reason.
func TestADismissedSocketIsClosedWithACloseFrame(t *testing.T) {
	for _, reason := range []string{"refresh_requested", "link_disabled", "too_many_websockets", "a_word_of_tomorrow"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			links := make(chan link, 10)
			api, _ := strange(t, func(_ int, l link) { l.say(`{"type":"hello"}`); links <- l })
			hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: ackAll})
			first := arrives(t, "the first socket", links)
			first.say(`{"type":"disconnect","reason":%q}`, reason)
			arrives(t, "its successor", links)
			first.say(`{"type":"slash_commands","envelope_id":"late","payload":{}}`)
			arrives(t, "the ack of what came behind the disconnect", first.acks)
			if code := arrives(t, "the close frame", first.bye); code != websocket.CloseNormalClosure {
				t.Errorf("close frame %d", code)
			}
		})
	}
}

func TestASocketThatEndsWithoutAWordIsNoLongerCounted(t *testing.T) {
	t.Parallel()
	links := make(chan link, 1)
	api, _ := strange(t, func(n int, l link) {
		if n > 1 {
			l.Close() // no successor comes up
			return
		}
		l.say(`{"type":"hello"}`)
		links <- l
	})
	sockets, _ := hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: ackAll})
	first := arrives(t, "the socket", links)
	first.say(`{"type":"slash_commands","envelope_id":"1","payload":{}}`)
	arrives(t, "an ack", first.acks)
	first.say(`{"type":"disconnect","reason":"warning"}`)
	first.Close()
	redistest.Until(t, "the dead socket to be taken off", func() bool { return sockets.Connected() == 0 })
}

// thrice gives a busy machine three tries at what takes little time: a program that is
// broken fails in each. try says what is wrong.
func thrice(t *testing.T, try func() (wrong string)) {
	t.Helper()
	var wrong []string
	for range 3 {
		w := try()
		if w == "" {
			return
		}
		wrong = append(wrong, w)
	}
	t.Errorf("three times: %s", strings.Join(wrong, "; "))
}

// What is received on a socket that dies is acked on another one.
func TestAnAckGoesOutOnAnotherSocketWhenItsOwnIsGone(t *testing.T) {
	t.Parallel()
	links := make(chan link, 10)
	api, _ := strange(t, func(_ int, l link) { l.say(`{"type":"hello"}`); links <- l })
	began, finish := make(chan bool, 1), make(chan bool)
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 2, Receive: func(context.Context, bot.Envelope) (bool, any) {
		began <- true
		<-finish
		return true, nil
	}})
	first, second := arrives(t, "a socket", links), arrives(t, "another", links)
	first.say(`{"type":"slash_commands","envelope_id":"1","payload":{}}`)
	arrives(t, "the envelope", began)
	first.Close()
	third := arrives(t, "a successor", links)
	close(finish)
	select {
	case id := <-second.acks:
		if id != "1" {
			t.Errorf("acked %s", id)
		}
	case id := <-third.acks:
		if id != "1" {
			t.Errorf("acked %s", id)
		}
	case <-time.After(10 * time.Second):
		t.Error("the ack was lost")
	}
}

// Slack goes on sending on a socket whose acks it does not take: each of them would be lost.
func TestASocketThatTakesNoAcksIsReplaced(t *testing.T) {
	t.Parallel()
	links := make(chan link, 10)
	api, _ := strange(t, func(n int, l link) {
		if l.say(`{"type":"hello"}`); n > 1 {
			go l.drain()
		}
		links <- l
	})
	long := strings.Repeat("x", 19_000)
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: func(context.Context, bot.Envelope) (bool, any) { return true, long }})
	stuck := arrives(t, "the socket", links) // nobody takes its acks off the channel
	t.Cleanup(stuck.drain)
	for id := range 1000 {
		stuck.say(`{"type":"slash_commands","envelope_id":"%d","payload":{}}`, id)
	}
	heard := time.NewTicker(500 * time.Millisecond)
	defer heard.Stop()
	for end := time.After(20 * time.Second); ; {
		select {
		case <-links:
			return
		case <-heard.C:
			stuck.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		case <-end:
			t.Fatal("it was not replaced")
		}
	}
}

func TestASlowEnvelopeHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	links, slow := make(chan link, 1), make(chan struct{})
	api, _ := strange(t, func(_ int, l link) { l.say(`{"type":"hello"}`); links <- l })
	hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: func(_ context.Context, e bot.Envelope) (bool, any) {
		if e.ID == "slow" {
			<-slow
		}
		return true, nil
	}})
	release := sync.OnceFunc(func() { close(slow) })
	t.Cleanup(release)
	l := arrives(t, "the socket", links)
	for _, id := range []string{"slow", "quick"} {
		l.say(`{"type":"slash_commands","envelope_id":%q,"payload":{}}`, id)
	}
	if id := arrives(t, "an ack", l.acks); id != "quick" {
		t.Errorf("acked %s", id)
	}
	release()
	if id := arrives(t, "the other ack", l.acks); id != "slow" {
		t.Errorf("acked %s", id)
	}
}

func TestGhostsAreCountedAndWarnedOf(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	links := make(chan link, 10)
	api, _ := strange(t, func(n int, l link) { l.say(`{"type":"hello","num_connections":%d}`, n+3); links <- l })
	log, said := remembering()
	sockets, _ := hold(t, bot.SocketsConfig{APIURL: api, Connections: 2, Receive: ackAll, Log: log, Metrics: bot.NewMetrics(registry)})
	arrives(t, "a socket", links)
	arrives(t, "another", links)
	redistest.Until(t, "both to be up", func() bool { return sockets.Connected() == 2 })
	if n := gauge(t, registry, "cbhbot_foreign_sockets"); n != 3 {
		t.Errorf("%v foreign sockets", n)
	}
	if n := strings.Count(said(), "ghosts that swallow clicks"); n != 1 {
		t.Errorf("%d warnings: %s", n, said())
	}
}

// Slack may count a socket for a while after it was closed in order.
func TestAReplacedSocketIsNotTakenForAGhost(t *testing.T) {
	t.Parallel()
	links := make(chan link, 10)
	api, _ := strange(t, func(n int, l link) { l.say(`{"type":"hello","num_connections":%d}`, n); links <- l })
	log, said := remembering()
	sockets, _ := hold(t, bot.SocketsConfig{APIURL: api, Connections: 2, Receive: ackAll, Log: log})
	for _, old := range []link{arrives(t, "a socket", links), arrives(t, "another", links)} {
		old.say(`{"type":"disconnect","reason":"refresh_requested"}`)
		arrives(t, "a successor", links)
		arrives(t, "the old one's close frame", old.bye)
		redistest.Until(t, "it to be gone", func() bool { return sockets.Connected() == 2 })
	}
	if strings.Contains(said(), "ghosts") {
		t.Error(said())
	}
}

// Sockets of other processes are nobody's ghosts; what none of them holds is. Whom
// Slack greeted last has counted all.
func TestSocketsOfOtherProcessesAreNoGhosts(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	links := make(chan link, 10)
	api, _ := strange(t, func(n int, l link) { l.say(`{"type":"hello","num_connections":%d}`, n+3); links <- l }) // three are nobody's
	log, said := remembering()
	registries := []*prometheus.Registry{prometheus.NewRegistry(), prometheus.NewRegistry()}
	for i, registry := range registries {
		roster := &bot.Roster{Redis: client, Prefix: "{t}:", Name: fmt.Sprint("p", i)}
		sockets, _ := hold(t, bot.SocketsConfig{APIURL: api, Connections: 2, Receive: ackAll, Log: log, Metrics: bot.NewMetrics(registry), Roster: roster})
		arrives(t, "a socket", links)
		arrives(t, "another", links)
		redistest.Until(t, "both to be up", func() bool { return sockets.Connected() == 2 })
	}
	redistest.Until(t, "the last one to judge", func() bool { return gauge(t, registries[1], "cbhbot_foreign_sockets") == 3 })
	if n := gauge(t, registries[0], "cbhbot_foreign_sockets"); n > 3 {
		t.Errorf("the first takes %v sockets for nobody's", n)
	}
	if !strings.Contains(said(), "foreign=3") {
		t.Errorf("nobody was warned: %s", said())
	}
	look, err := (&bot.Roster{Redis: client, Prefix: "{t}:"}).Look(context.Background())
	if err != nil || look.Processes != 2 || look.Others != 4 || look.Wants() != 5 {
		t.Errorf("%+v, %v", look, err)
	}
}

// TestWhoCouldNotSpeakForAWhileIsNoGhost: where Redis took no write while Slack greeted a
// socket, the others are forgotten, and heard again a little later.
func TestWhoCouldNotSpeakForAWhileIsNoGhost(t *testing.T) {
	t.Parallel()
	const ours, theirs, nobodys = 2, 2, 1
	client, registry, links := redistest.Start(t).Client(), prometheus.NewRegistry(), make(chan link, 10)
	roster := func(name string) *bot.Roster { return &bot.Roster{Redis: client, Prefix: "{t}:", Name: name} }
	api, _ := strange(t, func(n int, l link) {
		if n > ours {
			n += theirs + nobodys
		}
		l.say(`{"type":"hello","num_connections":%d}`, n)
		links <- l
	})
	hold(t, bot.SocketsConfig{APIURL: api, Connections: ours, Receive: ackAll, Metrics: bot.NewMetrics(registry), Roster: roster("p1")})
	old := arrives(t, "a socket", links)
	arrives(t, "another", links)
	takesWrites := func(replicas string) { client.ConfigSet(t.Context(), "min-replicas-to-write", replicas) }
	refused := func() (n int) {
		_, rest, _ := strings.Cut(client.Info(t.Context(), "errorstats").Val(), "errorstat_NOREPLICAS:count=")
		_, _ = fmt.Sscan(rest, &n)
		return n
	}
	takesWrites("1")
	old.say(`{"type":"disconnect","reason":"refresh_requested"}`)
	arrives(t, "a successor", links)
	before, greeted := refused(), time.Now()
	redistest.Until(t, "an announcement to fail that could judge", func() bool { return time.Since(greeted) > time.Second && refused() > before })
	takesWrites("0")
	client.Del(t.Context(), "{t}:sockets")
	redistest.Until(t, "the first to be heard again", func() bool { return client.HExists(t.Context(), "{t}:sockets", "p1").Val() })
	if _, err := roster("p2").Announce(t.Context(), theirs, theirs, time.Minute); err != nil {
		t.Fatal(err)
	}
	redistest.Until(t, "it to judge", func() bool { return gauge(t, registry, "cbhbot_foreign_sockets") > 0 })
	if n := gauge(t, registry, "cbhbot_foreign_sockets"); n != nobodys {
		t.Errorf("%v foreign sockets", n)
	}
}

func gauge(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}
