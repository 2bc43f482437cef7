package bot_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

func senderOn(url string, client *http.Client, onDate func(time.Time)) *bot.Sender {
	return bot.NewSender(bot.SenderConfig{
		Token: slackemu.BotToken, APIURL: url + "/api/", HTTP: client, Log: quiet(), OnDate: onDate,
	})
}

// Calls at the same time leave their connections to the next ones.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	const workers = 64
	var opened atomic.Int32
	var together sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		together.Done()
		together.Wait()
		fmt.Fprint(w, `{"ok":true,"ts":"1.1","message":{"text":"`+strings.Repeat("x", 9000)+`"}}`)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	sender, p := senderOn(server.URL, nil, nil), picture(t, hello)
	for range 5 {
		var round sync.WaitGroup
		together.Add(workers)
		for range workers {
			round.Go(func() {
				if err := sender.Update(context.Background(), "C1", "1.1", p); err != nil {
					t.Error(err)
				}
			})
		}
		round.Wait()
	}
	if n := opened.Load(); n > workers {
		t.Errorf("%d connections for %d workers", n, workers)
	}
}

// trusting is the client as it is, but for the one server whose certificate it takes.
func trusting(server *httptest.Server) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client := bot.NewHTTPClient()
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	return client
}

func TestHTTP1IsSpokenAndTheDateIsRead(t *testing.T) {
	t.Parallel()
	var proto string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto = r.Proto
		w.Header().Set("Date", "Mon, 23 Nov 2026 18:00:00 GMT")
		fmt.Fprint(w, `{"ok":true,"ts":"1.1"}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var date time.Time
	sender := senderOn(server.URL, trusting(server), func(d time.Time) { date = d })
	if _, err := sender.Post(context.Background(), "C1", "", picture(t, hello)); err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC); proto != "HTTP/1.1" || !date.Equal(want) {
		t.Errorf("%s, %s", proto, date)
	}
}

// piped is a client whose connections lead to serve and are no network, whose waits would keep a
// bubble's time from passing.
func piped(t *testing.T, client *http.Client, serve func(net.Conn)) *http.Client {
	t.Helper()
	var serving sync.WaitGroup
	transport := client.Transport.(*http.Transport)
	transport.Proxy, transport.DialContext = nil, func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		serving.Go(func() { serve(theirs) })
		return ours, nil
	}
	t.Cleanup(func() { client.CloseIdleConnections(); serving.Wait() })
	return client
}

// senderThrough calls a Web API on piped connections.
func senderThrough(t *testing.T, api http.Handler) *bot.Sender {
	t.Helper()
	return senderOn("http://slack.test", piped(t, bot.NewHTTPClient(), func(conn net.Conn) {
		for in := bufio.NewReader(conn); ; {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			given := httptest.NewRecorder()
			api.ServeHTTP(given, r)
			answer := given.Result()
			answer.ContentLength = int64(given.Body.Len())
			_ = answer.Write(conn)
		}
	}), nil)
}

// A server that takes connections and says nothing is given up in the stage it
// is silent in. Before the handshake is done nothing was sent.
func TestASilentServerIsGivenUp(t *testing.T) {
	for scheme, c := range map[string]struct {
		after time.Duration
		kind  string
	}{"https": {6 * time.Second, "temporary"}, "http": {9 * time.Second, "unclear temporary"}} {
		synctest.Test(t, func(t *testing.T) {
			silent := piped(t, bot.NewHTTPClient(), func(conn net.Conn) { io.Copy(io.Discard, conn) })
			start := time.Now()
			err := senderOn(scheme+"://slack.test", silent, nil).Update(context.Background(), "C1", "1.1", picture(t, hello))
			if took := time.Since(start); kind(err) != c.kind || took != c.after {
				t.Errorf("%s: %q after %s: %v", scheme, kind(err), took, err)
			}
		})
	}
}

// A handshake that loses a packet or two is waited for: without it there is no socket.
func TestASlowHandshakeIsWaitedFor(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	synctest.Test(t, func(t *testing.T) {
		slow := piped(t, trusting(certified), func(conn net.Conn) {
			time.Sleep(3500 * time.Millisecond)
			secured := tls.Server(conn, certified.TLS)
			if _, err := http.ReadRequest(bufio.NewReader(secured)); err == nil {
				fmt.Fprint(secured, "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n", `{"ok":true,"ts":"1.1"}`)
			}
		})
		if err := senderOn(certified.URL, slow, nil).Update(context.Background(), "C1", "1.1", picture(t, hello)); err != nil {
			t.Error(err)
		}
	})
}

// Nothing was sent by a call whose time was over before it had a connection.
func TestAConnectionThatNeverComesSendsNothing(t *testing.T) {
	t.Parallel()
	client := &http.Client{Timeout: 50 * time.Millisecond, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
	}}
	err := senderOn("http://slack.test", client, nil).Update(context.Background(), "C1", "1.1", picture(t, hello))
	if kind(err) != "temporary" {
		t.Errorf("%q: %v", kind(err), err)
	}
}

// An answer without an end is given up before it fills the memory.
func TestAnEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	said := make(chan int, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, _ := fmt.Fprint(w, `{"ok":true,"user":"`)
		for n < 256<<20 {
			more, err := w.Write(bytes.Repeat([]byte("x"), 1<<20))
			if n += more; err != nil {
				break
			}
		}
		said <- n
	}))
	defer server.Close()
	_, err := senderOn(server.URL, nil, nil).User(context.Background(), "U1")
	if n := <-said; kind(err) != "unclear temporary" || n > 48<<20 {
		t.Errorf("%q after %d MB: %v", kind(err), n>>20, err)
	}
}

// The connection of an answer with 101 stays open, also when the call's time is over.
func TestAnotherProtocolIsNotReadOn(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		time.AfterFunc(10*time.Second, func() { conn.Close() })
	}))
	defer server.Close()
	begun := time.Now()
	err := senderOn(server.URL, nil, nil).Private(context.Background(), bot.Address{ResponseURL: server.URL, User: "U1"}, hello)
	if took := time.Since(begun); kind(err) != "temporary" || took > 5*time.Second {
		t.Errorf("%q after %s: %v", kind(err), took, err)
	}
}

// A gateway forgets all kept connections at once, without a word: after one that leads nowhere
// none of the others is tried.
func TestNoKeptConnectionIsUsedAfterOneThatLedNowhere(t *testing.T) {
	t.Parallel()
	const kept = 8
	var forgotten atomic.Bool
	var meeting sync.WaitGroup
	meeting.Add(kept)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		switch old := r.Context().Value(t).(*atomic.Bool); {
		case !forgotten.Load():
			old.Store(true)
			meeting.Done()
			meeting.Wait()
		case old.Load():
			<-r.Context().Done()
		}
		fmt.Fprint(w, `{"ok":true,"ts":"1.1"}`)
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, t, new(atomic.Bool))
	}
	server.Start()
	defer server.Close()
	sender, p := senderOn(server.URL, nil, nil), picture(t, hello)
	update := func(patience time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return sender.Update(ctx, "C1", "1.1", p)
	}
	var group sync.WaitGroup
	for range kept {
		group.Go(func() {
			if err := update(time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	forgotten.Store(true)
	if err := update(300 * time.Millisecond); kind(err) != "unclear temporary" {
		t.Errorf("over a connection that leads nowhere: %q: %v", kind(err), err)
	}
	if err := update(5 * time.Second); err != nil {
		t.Errorf("over the next: %v", err)
	}
}
