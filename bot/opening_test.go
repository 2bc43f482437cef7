package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/bot"
)

// remembering is a log that can be read back.
func remembering() (log *logrus.Logger, said func() string) {
	out := &lockedBuffer{}
	log = logrus.New()
	log.SetOutput(out)
	return log, out.String
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// opening runs sockets against a server that answers apps.connections.open, and
// returns the pauses they make.
func opening(t *testing.T, client *http.Client, answer http.HandlerFunc) (pauses <-chan int, stop func() error) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	failures := make(chan int, 100)
	_, stop = hold(t, bot.SocketsConfig{APIURL: server.URL + "/api/", Connections: 1, Receive: ackAll, HTTP: client,
		Backoff: func(n int) time.Duration { failures <- n; return time.Millisecond }})
	return failures, stop
}

// Whatever an opening fails with, another is tried after a growing pause.
func TestAFailedOpeningIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"an unknown word": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":false,"error":"moon_in_the_way"}`) },
		"a workspace that is being moved": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"ok":false,"error":"org_login_required"}`)
		},
		"a page with 503": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "<html>Down for maintenance</html>")
		},
		"a page with 200": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Log in</html>") },
		"no address":      func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`) },
		"a dead address":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true,"url":"ws://127.0.0.1:1/"}`) },
		"a refused ticket": func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			fmt.Fprintf(w, `{"ok":true,"url":"ws://%s/"}`, r.Host)
		},
		"a broken connection": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			pauses, stop := opening(t, nil, answer)
			for want := 1; want <= 3; want++ {
				if n := arrives(t, "a pause", pauses); n != want {
					t.Errorf("pause %d after failure %d", n, want)
				}
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAHungOpeningIsGivenUp(t *testing.T) {
	t.Parallel()
	pauses, _ := opening(t, &http.Client{Timeout: 50 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	arrives(t, "a pause", pauses)
	if n := arrives(t, "another try", pauses); n != 2 {
		t.Error(n)
	}
}

// A server that takes the connection and never says hello.
func TestAShutdownDoesNotWaitForAHello(t *testing.T) {
	t.Parallel()
	links := make(chan link, 1)
	api, _ := strange(t, func(_ int, l link) { links <- l })
	_, stop := hold(t, bot.SocketsConfig{APIURL: api, Connections: 1, Receive: ackAll})
	l := arrives(t, "the socket", links)
	start := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("stopping took %s", took)
	}
	arrives(t, "the close frame", l.bye)
}

func TestALimitedOpeningWaitsAsLongAsSlackSays(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var times []time.Time
	pauses, stop := opening(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, time.Now())
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	arrives(t, "a pause", pauses)
	arrives(t, "a second", pauses)
	if err := stop(); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(times) != 2 || times[1].Sub(times[0]) < time.Second {
		t.Errorf("asked at %v", times)
	}
}

func TestATokenThatDiesWhileRunningEndsTheProgram(t *testing.T) {
	t.Parallel()
	var dead bool
	var mu sync.Mutex
	links := make(chan link, 10)
	api, _ := strange(t, func(_ int, l link) { l.say(`{"type":"hello"}`); links <- l })
	client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if dead {
			recorder := httptest.NewRecorder()
			fmt.Fprint(recorder, `{"ok":false,"error":"account_inactive"}`)
			return recorder.Result(), nil
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	sockets := bot.NewSockets(bot.SocketsConfig{AppToken: "xapp-1", APIURL: api, Connections: 2, HTTP: client, Log: quiet(), Now: time.Now, Receive: ackAll})
	ended := make(chan error, 1)
	go func() { ended <- sockets.Run(context.Background()) }()
	first, second := arrives(t, "a socket", links), arrives(t, "another", links)
	mu.Lock()
	dead = true
	mu.Unlock()
	first.say(`{"type":"disconnect","reason":"link_disabled"}`)
	var fatal *bot.FatalError
	if err := arrives(t, "the end", ended); !errors.As(err, &fatal) || fatal.Code != "account_inactive" {
		t.Error(err)
	}
	arrives(t, "the other socket's close frame", second.bye)
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
