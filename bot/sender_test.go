package bot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/bot"
)

// api is a Web API that gives each method scripted answers, then good ones.
type api struct {
	URL string

	mu     sync.Mutex
	script map[string][]http.HandlerFunc
	calls  []string
}

func webAPI(t *testing.T) *api {
	t.Helper()
	a := &api{script: map[string][]http.HandlerFunc{}}
	server := httptest.NewServer(a)
	a.URL = server.URL
	t.Cleanup(server.Close)
	return a
}

// goodAnswers are what a method says that has something of its own to say.
var goodAnswers = map[string]string{
	"users.info":            `{"ok":true,"user":{"id":"U1"}}`,
	"usergroups.users.list": `{"ok":true,"users":["U1"]}`,
	"conversations.open":    `{"ok":true,"channel":{"id":"D1"}}`,
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.Trim(strings.TrimPrefix(r.URL.Path, "/api"), "/")
	a.mu.Lock()
	a.calls = append(a.calls, method)
	answers := a.script[method]
	if len(answers) > 0 {
		a.script[method] = answers[1:]
	}
	a.mu.Unlock()
	if len(answers) > 0 {
		answers[0](w, r)
		return
	}
	good, special := goodAnswers[method]
	if !special {
		good = `{"ok":true,"ts":"1.1","message_ts":"1.1"}`
	}
	fmt.Fprint(w, good)
}

// answers scripts what a method says next.
func (a *api) answers(method string, answers ...http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.script[method] = append(a.script[method], answers...)
}

func (a *api) made() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

func (a *api) sender() *bot.Sender {
	return bot.NewSender(bot.SenderConfig{Token: "xoxb-secret", APIURL: a.URL + "/api/", Log: quiet(), Now: time.Now})
}

func status(code int, header, value, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if header != "" {
			w.Header().Set(header, value)
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func word(code string) http.HandlerFunc {
	return status(200, "", "", `{"ok":false,"error":"`+code+`"}`)
}

func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func limit(seconds string) http.HandlerFunc {
	return status(429, "Retry-After", seconds, `{"ok":false,"error":"ratelimited"}`)
}

var hello = bot.Message{Text: "Hello."}

// said are the sender's calls that take effect, by method.
var said = map[string]func(context.Context, *bot.Sender) error{
	"chat.postMessage": func(ctx context.Context, s *bot.Sender) error { _, err := s.Post(ctx, "C1", hello); return err },
	"chat.update":      func(ctx context.Context, s *bot.Sender) error { return s.Update(ctx, "C1", "1.1", hello) },
	"chat.postEphemeral": func(ctx context.Context, s *bot.Sender) error {
		return s.Private(ctx, bot.Address{User: "U1", Channel: "C1"}, hello)
	},
	"views.publish": func(ctx context.Context, s *bot.Sender) error {
		return s.Publish(ctx, "U1", slack.HomeTabViewRequest{Type: slack.VTHomeTab})
	},
	"users.info":            func(ctx context.Context, s *bot.Sender) error { _, err := s.User(ctx, "U1"); return err },
	"usergroups.users.list": func(ctx context.Context, s *bot.Sender) error { _, err := s.GroupMembers(ctx, "S1"); return err },
	"auth.test":             func(ctx context.Context, s *bot.Sender) error { _, err := s.Identify(ctx); return err },
	"conversations.history": func(ctx context.Context, s *bot.Sender) error {
		_, err := s.FindMarked(ctx, "C1", "", "t", "id", time.Time{})
		return err
	},
}

// A 429 did nothing: every method waits as long as it is told to, and goes on.
func TestEveryMethodWaitsForItsLimit(t *testing.T) {
	var running sync.WaitGroup
	for method := range said {
		running.Go(func() { holdsOff(t, method, "seconds", limit("1")) })
	}
	for name, limited := range map[string]http.HandlerFunc{
		"no header": status(429, "", "", "slow down"), "a fraction": limit("0.5"), "a date": limit("Mon, 23 Nov 2026 18:00:00 GMT"),
		"zero": limit("0"), "as a word": word("ratelimited"),
	} {
		running.Go(func() { holdsOff(t, "chat.postMessage", name, limited) })
	}
	running.Wait()
}

// holdsOff checks that a limit is waited for and that the call then succeeds.
func holdsOff(t *testing.T, method, name string, limited http.HandlerFunc) {
	a := webAPI(t)
	a.answers(method, limited)
	start := time.Now()
	if err := said[method](context.Background(), a.sender()); err != nil {
		t.Errorf("%s, %s: %v", method, name, err)
	}
	if took := time.Since(start); took < time.Second || took > 5*time.Second {
		t.Errorf("%s, %s: it took %s", method, name, took)
	}
	if n := count(a.made(), method); n != 2 {
		t.Errorf("%s, %s: %v", method, name, a.made())
	}
}

func count(calls []string, method string) (n int) {
	for _, call := range calls {
		if call == method {
			n++
		}
	}
	return n
}

func TestALongLimitIsHandedBackAtOnce(t *testing.T) {
	a := webAPI(t)
	a.answers("chat.update", limit("60"))
	sender, start := a.sender(), time.Now()
	for range 3 {
		err := sender.Update(context.Background(), "C1", "1.1", hello)
		if !bot.Limited(err) || bot.Permanent(err) || bot.Unclear(err) {
			t.Errorf("%v", err)
		}
	}
	if took := time.Since(start); took > time.Second || count(a.made(), "chat.update") != 1 {
		t.Errorf("%s, %v", took, a.made())
	}
	if _, err := sender.Post(context.Background(), "C1", hello); err != nil {
		t.Errorf("another method is held too: %v", err)
	}
}

// Messages are limited by channel. Those that wait go one after the other, so
// that a limit that still holds meets one call and not all of them.
func TestALimitIsNoStorm(t *testing.T) {
	a := webAPI(t)
	a.answers("chat.postMessage", limit("1"))
	sender := a.sender()
	if err := post(sender, "C1", 500*time.Millisecond); !bot.Limited(err) {
		t.Fatal(err)
	}
	if err := post(sender, "C2", 500*time.Millisecond); err != nil {
		t.Errorf("another channel is held too: %v", err)
	}
	// The limit holds longer than Slack said.
	opens := time.Now().Add(1800 * time.Millisecond)
	for range 20 {
		a.answers("chat.postMessage", func(w http.ResponseWriter, r *http.Request) {
			if time.Now().Before(opens) {
				<-time.After(50 * time.Millisecond) // Slack is not as near as loopback
				limit("1")(w, r)
				return
			}
			fmt.Fprint(w, `{"ok":true,"ts":"1.1"}`)
		})
	}
	before := len(a.made())
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			if err := post(sender, "C1", 15*time.Second); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := len(a.made()) - before; n > 8 {
		t.Errorf("5 messages took %d calls", n)
	}
}

func post(s *bot.Sender, channel string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	_, err := s.Post(ctx, channel, hello)
	return err
}

// Only what may be done twice is done again after a fault.
func TestFaultsAreRepeatedWhereThatIsHarmless(t *testing.T) {
	once := []string{"chat.postMessage", "chat.postEphemeral"}
	for method, call := range said {
		for name, fault := range map[string]http.HandlerFunc{
			"500": status(500, "", "", "<html>Oops</html>"), "503": status(503, "", "", ""), "reset": reset, "internal_error": word("internal_error"),
			"a page": status(200, "", "", "<html>Log in</html>"),
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				a := webAPI(t)
				a.answers(method, fault)
				err := call(context.Background(), a.sender())
				if slices.Contains(once, method) {
					if !bot.Unclear(err) || bot.Permanent(err) || count(a.made(), method) != 1 {
						t.Errorf("%v after %v", err, a.made())
					}
				} else if err != nil || count(a.made(), method) != 2 {
					t.Errorf("%v after %v", err, a.made())
				}
				if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), a.URL)) {
					t.Errorf("the error tells too much: %v", err)
				}
			})
		}
	}
}

func TestRefusalsArePassedOn(t *testing.T) {
	for _, code := range []string{"message_not_found", "channel_not_found", "not_in_channel", "is_archived", "moon_in_the_way"} {
		for method, call := range said {
			if method == "chat.postEphemeral" {
				continue // a private answer has other ways
			}
			a := webAPI(t)
			a.answers(method, word(code))
			err := call(context.Background(), a.sender())
			if method == "conversations.history" {
				if !errors.Is(err, bot.ErrCannotSearch) {
					t.Errorf("%s, %s: %v", method, code, err)
				}
			} else if bot.ErrorCode(err) != code || !bot.Permanent(err) || bot.Unclear(err) {
				t.Errorf("%s, %s: %v", method, code, err)
			}
			if n := count(a.made(), method); n != 1 {
				t.Errorf("%s, %s: %d calls", method, code, n)
			}
		}
	}
}

func TestAnAnswerThatIsNeitherYesNorNoIsUnclear(t *testing.T) {
	for _, body := range []string{`{}`, `{"ok":true}`, `{"ok":false}`, `null`} {
		a := webAPI(t)
		a.answers("chat.postMessage", status(200, "", "", body))
		if ts, err := a.sender().Post(context.Background(), "C1", hello); !bot.Unclear(err) || ts != "" {
			t.Errorf("%s: %q, %v", body, ts, err)
		}
	}
}

func TestAFormIsNotOpenedTwice(t *testing.T) {
	for _, answer := range []http.HandlerFunc{word("expired_trigger_id"), word("exchanged_trigger_id"), status(500, "", "", ""), reset, limit("1")} {
		a := webAPI(t)
		a.answers("views.open", answer)
		if err := a.sender().OpenView(context.Background(), "t", slack.ModalViewRequest{Type: slack.VTModal}); err == nil || len(a.made()) != 1 {
			t.Errorf("%v, %v", err, a.made())
		}
	}
}

// A private answer goes through the response_url, else it is an ephemeral
// message, else a direct one.
func TestAPrivateAnswerFindsItsWay(t *testing.T) {
	url, shown, direct := "response", "chat.postEphemeral", "conversations.open chat.postMessage"
	for name, c := range map[string]struct {
		answer    http.HandlerFunc // of the response_url
		ephemeral string           // refusal of chat.postEphemeral
		want      string
	}{
		"ok":                 {status(200, "", "", "ok"), "", url},
		"ok as an object":    {status(200, "", "", `{"ok":true}`), "", url},
		"nothing":            {status(200, "", "", ""), "", url},
		"used up":            {status(404, "", "", `{"ok":false,"error":"used_url"}`), "", url + " " + shown},
		"expired":            {status(200, "", "", `{"ok":false,"error":"expired_url"}`), "", url + " " + shown},
		"limited":            {limit("1"), "", url + " " + shown},
		"broken":             {reset, "", url + " " + shown},
		"a page":             {status(502, "", "", "<html>"), "", url + " " + shown},
		"not in the channel": {status(404, "", "", ""), "not_in_channel", url + " " + shown + " " + direct},
		"person not there":   {status(404, "", "", ""), "user_not_in_channel", url + " " + shown + " " + direct},
		"archived":           {status(404, "", "", ""), "is_archived", url + " " + shown + " " + direct},
	} {
		t.Run(name, func(t *testing.T) {
			a := webAPI(t)
			a.answers("response", c.answer)
			if c.ephemeral != "" {
				a.answers(shown, word(c.ephemeral))
			}
			err := a.sender().Private(context.Background(), bot.Address{ResponseURL: a.URL + "/response", Channel: "C1", User: "U1"}, hello)
			if got := strings.Join(a.made(), " "); err != nil || got != c.want {
				t.Errorf("%v, %s", err, got)
			}
		})
	}
}
