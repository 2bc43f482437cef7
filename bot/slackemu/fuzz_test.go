package slackemu

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// FuzzMethods sends anything to the Web API. Whatever it is, the answer is JSON with "ok" in it and nothing panics.
func FuzzMethods(f *testing.F) {
	f.Add("chat.postMessage", "application/json", []byte(`{"channel":"C0OPS","text":"t","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"a"}}]}`))
	f.Add("chat.postMessage", "application/x-www-form-urlencoded", []byte(`channel=C0OPS&text=t&blocks=[{"type":"actions","elements":[{"type":"static_select","options":[{}]}]}]`))
	f.Add("chat.update", "application/json", []byte(`{"channel":"C0OPS","ts":1,"blocks":null}`))
	f.Add("views.publish", "application/json", []byte(`{"user_id":"U0ANA","view":{"type":"home","blocks":[{"type":"input"}]}}`))
	f.Add("views.open", "application/x-www-form-urlencoded", []byte(`trigger_id=1&view={"type":"modal","blocks":{}}`))
	f.Add("blocks.validate", "application/json", []byte(`{"message":{"blocks":[{"type":"table","rows":[[null,{"type":"rich_text","elements":[7]}]],"column_settings":[{}]}]}}`))
	f.Add("blocks.validate", "application/json", []byte(`{"view":{"type":"modal","blocks":[{"type":"input","element":{"type":"multi_external_select","min_query_length":"x"}},{"type":"input","element":{"type":"conversations_select","filter":{"include":7}}}]}}`))
	f.Add("users.info", "application/json", []byte(`{"user":"U0ANA","include_locale":[]}`))
	f.Add("conversations.list", "multipart/form-data; boundary=x", []byte("--x\r\n"))
	f.Add("users.list", "application/json", []byte(`{"limit":"-1","cursor":"at:-5"}`))
	f.Fuzz(func(t *testing.T, name, kind string, body []byte) {
		s := New(Options{})
		defer s.Close()
		r := httptest.NewRequest(http.MethodPost, "/api/x", bytes.NewReader(body))
		r.SetPathValue("method", name)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+BotToken)
		w := httptest.NewRecorder()
		s.serveMethod(w, r)
		answer, err := decode(w.Body.Bytes())
		if o, _ := answer.(object); err != nil || o["ok"] == nil {
			t.Errorf("answered %q, %v", w.Body, err)
		}
	})
}

// FuzzAcks sends anything as an ack and as the payload on one.
func FuzzAcks(f *testing.F) {
	f.Add([]byte(`{"envelope_id":"e","payload":{"text":"a"}}`))
	f.Add([]byte(`{"response_action":"push","view":{"type":"modal","title":{"type":"plain_text","text":"t"},"blocks":[]}}`))
	f.Add([]byte(`{"response_action":"errors","errors":{"a":1}}`))
	f.Add([]byte(`{"options":[{"text":null}],"option_groups":[{"options":null}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := New(Options{})
		defer s.Close()
		s.takeAck(&socket{}, text, true)
		v := &panel{user: UserAna, content: object{}}
		s.mu.Lock()
		s.stack(v, UserAna)
		_ = s.reply(&replyURL{user: UserAna, channel: ChannelOps}, text)
		s.mu.Unlock()
		s.answerSubmission(Delivery{Acked: true, Ack: text}, v)
		_, _ = suggestions(text)
		_ = s.pageState(UserAna, "")
	})
}

// FuzzFrames cuts the bytes of a client's frames anywhere; the watch must see the same messages.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0x81, 0x80, 1, 2, 3, 4, 0x01, 0x82, 1, 2, 3, 4, 9, 9, 0x80, 0x80, 1, 2, 3, 4}, 3)
	f.Add([]byte{0x81, 0xfe, 0x00, 0x02, 1, 2, 3, 4, 9, 9}, 5)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		cut = min(max(cut, 0), len(stream))
		one, two := &frameWatch{Conn: &net.TCPConn{}}, &frameWatch{Conn: &net.TCPConn{}}
		one.look(stream)
		two.look(stream[:cut])
		two.look(stream[cut:])
		if !slices.Equal(one.whole, two.whole) {
			t.Errorf("in one piece %v, cut at %d %v", one.whole, cut, two.whole)
		}
	})
}
