package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"cbhbot/bot"
)

// page is a page of a history that is asked for with this cursor.
func page(t *testing.T, cursor, next string, messages string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if got := r.PostFormValue("cursor"); got != cursor {
			t.Errorf("asked with the cursor %q, not %q", got, cursor)
		}
		fmt.Fprintf(w, `{"ok":true,"messages":[%s],"has_more":%t,"response_metadata":{"next_cursor":%q}}`, messages, next != "", next)
	}
}

// Slack gives fewer messages than are asked for where it likes, and others' are of any shape.
func TestAMarkedMessageIsFoundAmongAllOthers(t *testing.T) {
	t.Parallel()
	const (
		marked = `{"ts":"1.5","text":"x","metadata":{"event_type":"t","event_payload":{"id":"CBH-1"}}}`
		other  = `{"ts":"1.4","metadata":{"event_type":"t","event_payload":{"id":"CBH-2"}}}`
		odd    = `{"ts":7,"files":"none","attachments":[{"id":"a"}],"blocks":{}},{"ts":"1.3","metadata":{"event_type":"t","event_payload":{"id":1}}},null,"x"`
	)
	for method, thread := range map[string]string{"conversations.history": "", "conversations.replies": "1.1"} {
		for name, c := range map[string]struct {
			pages []http.HandlerFunc
			ts    string
		}{
			"at once":           {[]http.HandlerFunc{page(t, "", "more", other+","+marked)}, "1.5"},
			"on the third page": {[]http.HandlerFunc{page(t, "", "a=", other), page(t, "a=", "b", ""), page(t, "b", "", marked)}, "1.5"},
			"behind odd ones":   {[]http.HandlerFunc{page(t, "", "", odd+","+marked)}, "1.5"},
			"nowhere":           {[]http.HandlerFunc{page(t, "", "a", other), page(t, "a", "", odd)}, ""},
		} {
			a := webAPI(t)
			a.answers(method, c.pages...)
			ts, err := a.sender().FindMarked(context.Background(), "C1", thread, "t", "CBH-1", time.Unix(1, 0))
			if ts != c.ts || err != nil {
				t.Errorf("%s, %s: %q, %v", method, name, ts, err)
			}
			if made := a.made(); len(made) != len(c.pages) {
				t.Errorf("%s, %s: %v was called for %d pages", method, name, made, len(c.pages))
			}
		}
	}
}

// A yes without the messages does not say that ours is not among them: it would be posted again.
func TestAHistoryWithoutMessagesIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"ok":true}`, `{"ok":true,"messages":null}`} {
		a := webAPI(t)
		a.answers("conversations.history", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		if ts, err := a.sender().FindMarked(context.Background(), "C1", "", "t", "CBH-1", time.Unix(1, 0)); ts != "" || !bot.Temporary(err) {
			t.Errorf("%s: %q, %v", body, ts, err)
		}
	}
}
