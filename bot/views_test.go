package bot_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/bot"
)

var (
	form = slack.ModalViewRequest{Type: slack.VTModal}
	home = slack.HomeTabViewRequest{Type: slack.VTHomeTab}
)

// Whoever shows a view is told what it takes to change it.
func TestAViewIsKnownByItsIDAndHash(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for method, call := range map[string]func(*bot.Sender) (bot.View, error){
		"views.open":    func(s *bot.Sender) (bot.View, error) { return s.OpenView(ctx, "t", form) },
		"views.update":  func(s *bot.Sender) (bot.View, error) { return s.UpdateView(ctx, "V1", "1.a", form) },
		"views.publish": func(s *bot.Sender) (bot.View, error) { return s.Publish(ctx, "U1", "", home) },
	} {
		a := webAPI(t)
		a.answers(method, status(200, "", "", `{"ok":true,"view":{"id":"V1","hash":"2.b"}}`))
		if shown, err := call(a.sender()); err != nil || shown != (bot.View{ID: "V1", Hash: "2.b"}) {
			t.Errorf("%s: %+v, %v", method, shown, err)
		}
	}
}

// A view that somebody else has changed is told apart, and not written over.
func TestAnOutdatedViewIsToldApart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for method, call := range map[string]func(s *bot.Sender, hash string) error{
		"views.update":  func(s *bot.Sender, hash string) error { _, err := s.UpdateView(ctx, "V1", hash, form); return err },
		"views.publish": func(s *bot.Sender, hash string) error { _, err := s.Publish(ctx, "U1", hash, home); return err },
	} {
		a := webAPI(t)
		a.answers(method, sent(t, `"hash":"1.a"`, word("hash_conflict")), word("not_found"), reset)
		sender := a.sender()
		if err := call(sender, "1.a"); !bot.Outdated(err) || !bot.Permanent(err) {
			t.Errorf("%s: %v", method, err)
		}
		if err := call(sender, "1.a"); bot.Outdated(err) || !bot.Permanent(err) {
			t.Errorf("%s: %v", method, err)
		}
		if err := call(sender, "1.a"); !bot.Unclear(err) || len(a.made()) != 3 {
			t.Errorf("%s: what may have changed the hash was repeated: %v, %v", method, err, a.made())
		}
	}
}

// sent answers a call whose body holds some words.
func sent(t *testing.T, words string, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err != nil || !strings.Contains(string(body), words) {
			t.Errorf("%s was sent %s, not %s", r.URL.Path, body, words)
		}
		answer(w, r)
	}
}

// Each form is one person's press, whose trigger is over before a limit is.
func TestAFormIsTriedWhateverSlackAskedOthersToWait(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("views.open", limit("30"))
	sender := a.sender()
	if after, limited := bot.Limited(awaited["views.open"](context.Background(), sender)); !limited || after < 29*time.Second {
		t.Errorf("limited %v, for %s", limited, after)
	}
	if err := awaited["views.open"](context.Background(), sender); err != nil || len(a.made()) != 2 {
		t.Errorf("%v, %v", err, a.made())
	}
}

func TestATriggerThatIsOverIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "view_too_large"} {
		a := webAPI(t)
		a.answers("views.open", word(code))
		if _, err := a.sender().OpenView(context.Background(), "t", form); bot.ErrorCode(err) != code || !bot.Permanent(err) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
