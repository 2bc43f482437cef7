package bot_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// heard is for how long a server had no socket to send to, since its first.
type heard struct {
	mu          sync.Mutex
	up          int
	since       time.Time // when there was none
	began       time.Time
	deaf, worst time.Duration
}

func (h *heard) begins() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.began.IsZero() {
		h.began = time.Now()
	} else if h.up == 0 {
		gap := time.Since(h.since)
		h.deaf, h.worst = h.deaf+gap, max(h.worst, gap)
	}
	h.up++
}

func (h *heard) ends() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.up--; h.up == 0 {
		h.since = time.Now()
	}
}

// deafness is the part of the time that was deaf, and the longest stretch of it.
func (h *heard) deafness() (share float64, worst time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.deaf.Seconds() / time.Since(h.began).Seconds(), h.worst
}

// ending is how Slack ends a socket: with a word, which leaves it serving or not,
// and some time later the connection.
type ending struct {
	word   string
	serves bool
	grace  time.Duration
}

var endings = []ending{
	{"warning", true, 500 * time.Millisecond},
	{"refresh_requested", false, 100 * time.Millisecond},
	{"too_many_websockets", false, 100 * time.Millisecond},
	{"", false, 0}, // the connection is cut
}

// churning is a server that takes its time for a hello and ends each socket after
// a life.
func churning(t *testing.T, life time.Duration, how ending) (api string, opens *atomic.Int32, h *heard) {
	h = &heard{}
	api, opens = strange(t, func(_ int, l link) {
		<-time.After(50 * time.Millisecond)
		l.say(`{"type":"hello"}`)
		h.begins()
		l.lasts(life)
		if !how.serves {
			h.ends()
		}
		if how.word != "" {
			l.say(`{"type":"disconnect","reason":%q}`, how.word)
		}
		l.lasts(how.grace)
		if how.serves {
			h.ends()
		}
		l.Close()
	})
	return api, opens, h
}

// lasts blocks for a while, unless the connection ends.
func (l link) lasts(d time.Duration) {
	select {
	case <-l.gone:
	case <-time.After(d):
	}
}

// TestSocketsThatSlackEndsOverAndOver has a second try: a machine that stands still leaves
// a program deaf, too.
func TestSocketsThatSlackEndsOverAndOver(t *testing.T) {
	t.Parallel()
	wrong := churn(t)
	if len(wrong) > 0 {
		t.Logf("a second try, because of %q", wrong)
		wrong = churn(t)
	}
	for _, what := range wrong {
		t.Error(what)
	}
}

// stalls finds out how long the machine takes at worst for a request that is answered at
// once, until it is asked.
func stalls(t *testing.T) (atWorst func() time.Duration) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	over, worst := make(chan struct{}), make(chan time.Duration)
	go func() {
		longest, tick := time.Duration(0), time.NewTicker(50*time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				began := time.Now()
				if answer, err := server.Client().Get(server.URL); err == nil {
					answer.Body.Close()
				}
				longest = max(longest, time.Since(began))
			case <-over:
				worst <- longest
				return
			}
		}
	}()
	return func() time.Duration { close(over); return <-worst }
}

// churn is what is wrong with sockets that Slack ends: all of them at the same time,
// because each takes as long as its sockets live.
func churn(t *testing.T) (wrong []string) {
	const lasting = 15 * time.Second
	const stoodStill = 300 * time.Millisecond // a machine that did says nothing of who was deaf
	atWorst := stalls(t)
	var stalled time.Duration
	var checks []func()
	for life, deaf := range map[time.Duration]float64{time.Second: 0.3, 3 * time.Second: 0.12, 10 * time.Second: 0.05} {
		for _, how := range endings {
			api, opens, h := churning(t, life, how)
			holdPatiently(t, bot.SocketsConfig{APIURL: api, Receive: ackAll})
			checks = append(checks, func() {
				what, opened := fmt.Sprintf("after %s with %q", life, how.word), float64(opens.Load())
				share, worst := h.deafness()
				t.Logf("%s: deaf %.3f of the time, at worst %s; %v openings", what, share, worst, opened)
				if stalled < stoodStill && (share > deaf || worst > 2*time.Second) {
					wrong = append(wrong, what+": deaf for too long")
				}
				if most := 14 + lasting.Seconds()/life.Seconds(); opened > most {
					wrong = append(wrong, fmt.Sprintf("%s: more than %.0f openings", what, most))
				}
			})
		}
	}
	<-time.After(lasting)
	stalled = atWorst()
	t.Logf("the machine took %s at worst for a request", stalled)
	for _, check := range checks {
		check()
	}
	return wrong
}

func TestASlackThatEndsSocketsAtOnceIsNotHammered(t *testing.T) {
	t.Parallel()
	api, opens := strange(t, func(_ int, l link) {
		l.say(`{"type":"hello"}`)
		l.say(`{"type":"disconnect","reason":"refresh_requested"}`)
		l.Close()
	})
	holdPatiently(t, bot.SocketsConfig{APIURL: api, Receive: ackAll})
	<-time.After(5 * time.Second)
	if n := opens.Load(); n < 2 || n > 7 {
		t.Errorf("%d openings in 5 s", n)
	}
}

// The opening of one socket hangs; the other one has to be replaced meanwhile.
func TestAHungOpeningHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	links := make(chan link, 10)
	api, _ := strange(t, func(_ int, l link) { l.say(`{"type":"hello"}`); links <- l })
	var opens atomic.Int32
	var over atomic.Bool
	hung, free := make(chan bool, 1), make(chan struct{})
	client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if opens.Add(1) == 3 {
			hung <- true
			select {
			case <-free:
			case <-r.Context().Done():
				over.Store(true)
				return nil, r.Context().Err()
			}
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	holdPatiently(t, bot.SocketsConfig{APIURL: api, HTTP: client, Receive: ackAll})
	first, second := arrives(t, "a socket", links), arrives(t, "another", links)
	first.Close()
	arrives(t, "the hung opening", hung)
	second.say(`{"type":"disconnect","reason":"refresh_requested"}`)
	arrives(t, "the other's successor", links)
	if over.Load() {
		t.Error("it came behind the hung one")
	}
	arrives(t, "the end of the other", second.bye)
	close(free)
	arrives(t, "the successor whose opening hung", links)
}

// A stop does not wait for a peer that answers no close frame, nor for one of its
// sockets after the other.
func TestAnIdleBotStopsAtOnce(t *testing.T) {
	for name, slow := range map[string]bool{"Slack answers the close frame": false, "and does not": true} {
		t.Run(name, func(t *testing.T) {
			links, over := make(chan link, 10), make(chan struct{})
			api, _ := strange(t, func(_ int, l link) {
				if slow {
					l.SetCloseHandler(func(int, string) error { return nil })
				}
				l.say(`{"type":"hello"}`)
				links <- l
				if slow {
					<-over
				}
			})
			t.Cleanup(func() { close(over) })
			sockets, stop := hold(t, bot.SocketsConfig{APIURL: api, Connections: 4, Receive: ackAll})
			var held []link
			for range 4 {
				held = append(held, arrives(t, "a socket", links))
			}
			redistest.Until(t, "all to be up", func() bool { return sockets.Connected() == 4 })
			held[0].say(`{"type":"disconnect","reason":"warning"}`)
			held = append(held, arrives(t, "a successor", links)) // and the first one lingers
			start := time.Now()
			if err := stop(); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took > 100*time.Millisecond {
				t.Errorf("stopping took %s", took)
			}
			for _, l := range held {
				if code := arrives(t, "a close frame", l.bye); code != 1000 {
					t.Errorf("close frame %d", code)
				}
			}
		})
	}
}
