package slackemu_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"cbhbot/bot/slackemu"
)

// clock is a clock that tests move.
type clock struct{ at chan time.Time }

func newClock() *clock {
	c := &clock{at: make(chan time.Time, 1)}
	c.at <- time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return c
}

func (c *clock) now() time.Time {
	at := <-c.at
	c.at <- at
	return at
}

func (c *clock) skip(d time.Duration) { at := <-c.at; c.at <- at.Add(d) }

// call posts a form to a method with the bot's token.
func call(t *testing.T, base, method string, args map[string]string) map[string]any {
	t.Helper()
	form := url.Values{"token": {slackemu.BotToken}}
	for name, value := range args {
		form.Set(name, value)
	}
	answer, err := http.PostForm(base+"/api/"+method, form)
	if err != nil {
		t.Fatal(err)
	}
	return readJSON(t, answer)
}

func readJSON(t *testing.T, answer *http.Response) map[string]any {
	t.Helper()
	defer answer.Body.Close()
	var o map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&o); err != nil {
		t.Fatalf("status %d: %v", answer.StatusCode, err)
	}
	return o
}

// wire is an app that speaks to the sockets by hand.
type wire struct {
	t    *testing.T
	base string
}

// open makes a socket and returns it with its hello.
func (w wire) open() (*websocket.Conn, map[string]any) {
	w.t.Helper()
	conn, err := w.dial(w.ticket(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return conn, w.next(conn)
}

func (w wire) dial(address string, buffer int) (*websocket.Conn, error) {
	dialer := websocket.Dialer{WriteBufferSize: buffer}
	conn, _, err := dialer.Dial(address, nil)
	if err == nil {
		w.t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, err
}

func (w wire) ticket() string {
	w.t.Helper()
	r, _ := http.NewRequest(http.MethodPost, w.base+"/api/apps.connections.open", nil)
	r.Header.Set("Authorization", "Bearer "+slackemu.AppToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	address, _ := readJSON(w.t, answer)["url"].(string)
	return address
}

func (w wire) next(conn *websocket.Conn) map[string]any {
	w.t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var frame map[string]any
	if err := conn.ReadJSON(&frame); err != nil {
		w.t.Errorf("reading a frame: %v", err)
	}
	return frame
}

// answer acks the next payload on a socket, which "act" causes.
func (w wire) answer(conn *websocket.Conn, payload any, act func() slackemu.Delivery) slackemu.Delivery {
	acked := make(chan struct{})
	go func() { defer close(acked); w.ack(conn, w.next(conn), payload) }()
	d := act()
	<-acked
	return d
}

func (w wire) ack(conn *websocket.Conn, frame map[string]any, payload any) {
	ack := map[string]any{"envelope_id": frame["envelope_id"]}
	if payload != nil {
		ack["payload"] = payload
	}
	text, _ := json.Marshal(ack)
	_ = conn.WriteMessage(websocket.TextMessage, text)
}

func postJSON(t *testing.T, address string, body any) (int, map[string]any) {
	t.Helper()
	text, _ := json.Marshal(body)
	answer, err := http.Post(address, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, readJSON(t, answer)
}

const anyButton = `[{"type":"actions","block_id":"b","elements":[{"type":"button","action_id":"go","value":"1","text":{"type":"plain_text","text":"Go"}}]}]`

func blocks(n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, n), ",") + "]"
}

func button(text, value string) string {
	return `[{"type":"actions","elements":[{"type":"button","value":"` + value + `","text":{"type":"plain_text","text":"` + text + `"}}]}]`
}

func section(text string) string {
	return `[{"type":"section","text":{"type":"mrkdwn","text":"` + text + `"}}]`
}

func x(n int) string { return strings.Repeat("x", n) }
