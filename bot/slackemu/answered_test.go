package slackemu_test

import (
	"net/http"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
)

// TestAnActIsAnsweredByItsOwnURL answers the second of two commands, and then says
// something to the person without either's response_url.
func TestAnActIsAnsweredByItsOwnURL(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	w := wire{t, base}
	conn, _ := w.open()
	urls := make(chan string, 2)
	go func() {
		for {
			var frame map[string]any
			if conn.ReadJSON(&frame) != nil {
				return
			}
			payload, _ := frame["payload"].(map[string]any)
			urls <- payload["response_url"].(string)
			w.ack(conn, frame, nil)
		}
	}()
	for range 2 {
		if d := command(ws); !d.Acked {
			t.Fatalf("%+v", d)
		}
	}
	<-urls
	second := <-urls
	answered := func() (all []bool) {
		for _, d := range ws.Deliveries() {
			if d.User != slackemu.UserRita {
				t.Errorf("%s acted", d.User)
			}
			all = append(all, d.Answered)
		}
		return all
	}
	if all := answered(); len(all) != 2 || all[0] || all[1] {
		t.Fatalf("before any answer: %v", all)
	}
	answer, err := http.Post(second, "application/json", strings.NewReader(`{"text":"nothing is open"}`))
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	if all := answered(); all[0] || !all[1] {
		t.Errorf("after the second was answered: %v", all)
	}
}
