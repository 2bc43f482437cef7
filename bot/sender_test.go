package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
)

// api is a Web API that gives each method scripted answers, then good ones.
type api struct {
	URL string

	server *httptest.Server
	ended  chan struct{} // ends silence
	once   sync.Once

	mu     sync.Mutex
	script map[string][]http.HandlerFunc
	calls  []string
}

func scripted() *api {
	return &api{script: map[string][]http.HandlerFunc{}, ended: make(chan struct{})}
}

// webAPI is one on loopback.
func webAPI(t *testing.T) *api {
	t.Helper()
	a := scripted()
	a.server = httptest.NewServer(a)
	a.URL = a.server.URL
	t.Cleanup(a.close)
	return a
}

func (a *api) close() {
	a.once.Do(func() { close(a.ended); a.server.CloseClientConnections(); a.server.Close() })
}

// silence takes a call and never answers it.
func (a *api) silence(http.ResponseWriter, *http.Request) { <-a.ended }

// goodAnswers are what a method says that has something of its own to say.
var goodAnswers = map[string]string{
	"users.info":            `{"ok":true,"user":{"id":"U1"}}`,
	"conversations.info":    `{"ok":true,"channel":{"id":"C1"}}`,
	"conversations.members": `{"ok":true,"members":["U1"]}`,
	"usergroups.users.list": `{"ok":true,"users":["U1"]}`,
	"conversations.open":    `{"ok":true,"channel":{"id":"D1"}}`,
	"chat.getPermalink":     `{"ok":true,"permalink":"https://slack.test/p1"}`,
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
	return bot.NewSender(bot.SenderConfig{Token: "xoxb-secret", APIURL: a.URL + "/api/", Log: quiet()})
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

var hello = bot.Message{Text: mrkdwn.Words("Hello.")}

func picture(t testing.TB, m bot.Message) bot.Picture {
	t.Helper()
	p, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type call = func(context.Context, *bot.Sender) error

// drawn are the calls of a worker: they make one attempt and never wait.
func drawn(t testing.TB) map[string]call {
	p := picture(t, hello)
	return map[string]call{
		"chat.postMessage":   func(ctx context.Context, s *bot.Sender) error { _, err := s.Post(ctx, "C1", "", p); return err },
		"chat.update":        func(ctx context.Context, s *bot.Sender) error { return s.Update(ctx, "C1", "1.1", p) },
		"conversations.open": func(ctx context.Context, s *bot.Sender) error { _, err := s.Direct(ctx, "U1", p); return err },
		"blocks.validate": func(ctx context.Context, s *bot.Sender) error {
			_, err := s.ValidateMessage(ctx, hello)
			return err
		},
		"conversations.history": func(ctx context.Context, s *bot.Sender) error {
			_, err := s.FindMarked(ctx, "C1", "", "t", "id", time.Time{})
			return err
		},
		"conversations.replies": func(ctx context.Context, s *bot.Sender) error {
			_, err := s.FindMarked(ctx, "C1", "1.1", "t", "id", time.Time{})
			return err
		},
	}
}

// awaited are the calls that a person waits for.
var awaited = map[string]call{
	"chat.postEphemeral": func(ctx context.Context, s *bot.Sender) error {
		return s.Private(ctx, bot.Address{User: "U1", Channel: "C1"}, hello)
	},
	"views.open": func(ctx context.Context, s *bot.Sender) error {
		_, err := s.OpenView(ctx, "t", form)
		return err
	},
	"views.update": func(ctx context.Context, s *bot.Sender) error {
		_, err := s.UpdateView(ctx, "V1", "", form)
		return err
	},
	"views.publish": func(ctx context.Context, s *bot.Sender) error {
		_, err := s.Publish(ctx, "U1", "", home)
		return err
	},
	"conversations.info": func(ctx context.Context, s *bot.Sender) error { _, err := s.Channel(ctx, "C1"); return err },
	"conversations.members": func(ctx context.Context, s *bot.Sender) error {
		_, err := s.Members(ctx, "C1")
		return err
	},
	"users.info":            func(ctx context.Context, s *bot.Sender) error { _, err := s.User(ctx, "U1"); return err },
	"usergroups.users.list": func(ctx context.Context, s *bot.Sender) error { _, err := s.GroupMembers(ctx, "S1"); return err },
	"chat.getPermalink":     func(ctx context.Context, s *bot.Sender) error { _, err := s.Permalink(ctx, "C1", "1.1"); return err },
	"auth.test":             func(ctx context.Context, s *bot.Sender) error { _, err := s.Identify(ctx); return err },
}

func count(calls []string, method string) (n int) {
	for _, call := range calls {
		if call == method {
			n++
		}
	}
	return n
}

func TestAWorkersCallNeverWaits(t *testing.T) {
	t.Parallel()
	for method, call := range drawn(t) {
		for name, limited := range limits {
			a := webAPI(t)
			a.answers(method, limited)
			sender, start := a.sender(), time.Now()
			for range 3 {
				after, limited := bot.Limited(call(context.Background(), sender))
				if !limited || after > time.Second {
					t.Errorf("%s, %s: limited %v, after %s", method, name, limited, after)
				}
			}
			if took := time.Since(start); took > 3*time.Second || count(a.made(), method) != 1 {
				t.Errorf("%s, %s: %s, %v", method, name, took, a.made())
			}
		}
	}
}

// limits are the ways of Slack and of what stands before it to say: slow down.
var limits = map[string]http.HandlerFunc{
	"seconds": limit("1"), "no header": status(429, "", "", "slow down"), "a fraction": limit("0.5"), "zero": limit("0"),
	"a date": limit("Mon, 23 Nov 2026 18:00:00 GMT"), "a word": word("ratelimited"), "another word": word("rate_limited"),
}

func TestALimitSaysHowLongItIs(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]time.Duration{
		"60": time.Minute, "-60": time.Second, "86400": 5 * time.Minute, "9000000000": 5 * time.Minute, "9223372036854775807": time.Second,
	} {
		for _, method := range []string{"chat.update", "conversations.open"} {
			a := webAPI(t)
			a.answers(method, limit(asked))
			err := drawn(t)[method](context.Background(), a.sender())
			var limited *bot.LimitedError
			if !errors.As(err, &limited) || limited.Method != method || limited.After > want || limited.After < want-time.Second {
				t.Errorf("%s asks for %s: %#v", method, asked, err)
			}
		}
	}
}

// Messages are limited by channel, all else by method.
func TestALimitHoldsWhatItIsOf(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("chat.postMessage", limit("60"))
	a.answers("chat.update", limit("60"))
	sender, ctx, p := a.sender(), context.Background(), picture(t, hello)
	for _, err := range []error{
		second(sender.Post(ctx, "C1", "", p)), second(sender.Post(ctx, "C1", "1.1", p)),
		sender.Update(ctx, "C1", "1.1", p), sender.Update(ctx, "C2", "1.1", p),
	} {
		if after, limited := bot.Limited(err); !limited || after < 50*time.Second {
			t.Errorf("%v", err)
		}
	}
	if _, err := sender.Post(ctx, "C2", "", p); err != nil {
		t.Errorf("another channel is held too: %v", err)
	}
	if n := len(a.made()); n != 3 {
		t.Errorf("%v", a.made())
	}
}

func second(_ string, err error) error { return err }

// A person's answer waits for a limit that is short, and goes on.
func TestAPersonsAnswerWaitsForAShortLimit(t *testing.T) {
	for method, call := range awaited {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			a := webAPI(t)
			a.answers(method, limit("1"))
			start := time.Now()
			err := call(context.Background(), a.sender())
			if took := time.Since(start); err != nil || took < time.Second || took > 2500*time.Millisecond || count(a.made(), method) != 2 {
				t.Errorf("%v after %s and %v", err, took, a.made())
			}
		})
	}
}

func TestAPersonsAnswerIsPutOffByALongLimit(t *testing.T) {
	t.Parallel()
	for method, call := range awaited {
		a := webAPI(t)
		a.answers(method, limit("60"))
		start := time.Now()
		after, limited := bot.Limited(call(context.Background(), a.sender()))
		if took := time.Since(start); !limited || after < 50*time.Second || took > 2*time.Second || len(a.made()) != 1 {
			t.Errorf("%s: limited %v for %s, after %s and %v", method, limited, after, took, a.made())
		}
	}
}

// Slack takes the call and says nothing: whoever waits is let go.
func TestNobodyWaitsForASilentSlack(t *testing.T) {
	t.Parallel()
	for method, call := range awaited {
		if method == "auth.test" {
			continue // at the start there is time
		}
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			a := webAPI(t)
			a.answers(method, a.silence, a.silence, a.silence, a.silence)
			start := time.Now()
			err := call(context.Background(), a.sender())
			if took := time.Since(start); !bot.Temporary(err) || took > 6*time.Second { // a call by itself would have 10 s
				t.Errorf("%v after %s", err, took)
			}
		})
	}
}

// Cards that hang, however many, are in nobody's way.
func TestPeopleDoNotQueueBehindCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := scripted()
		sender, ctx, p := senderThrough(t, a), context.Background(), picture(t, hello)
		for range 100 {
			a.answers("chat.update", a.silence)
			go sender.Update(ctx, "C1", "1.1", p)
		}
		synctest.Wait()
		start := time.Now()
		for method, call := range awaited {
			if err := call(ctx, sender); err != nil {
				t.Errorf("%s: %v", method, err)
			}
		}
		if took := time.Since(start); took > 0 || count(a.made(), "chat.update") != 100 {
			t.Errorf("people waited for %s", took)
		}
		close(a.ended)
	})
}

// Only what may be done twice is done again after a fault, and that only where a
// person waits.
func TestFaultsAreRepeatedWhereThatIsHarmless(t *testing.T) {
	once := []string{"chat.postEphemeral", "views.open"}
	calls := drawn(t)
	for method := range calls {
		once = append(once, method)
	}
	maps.Copy(calls, awaited)
	for method, call := range calls {
		for name, fault := range faults {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				a := webAPI(t)
				a.answers(method, fault)
				err := call(context.Background(), a.sender())
				if slices.Contains(once, method) {
					if !bot.Temporary(err) || bot.Permanent(err) || count(a.made(), method) != 1 {
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

// faults are answers after which a call may have taken effect.
var faults = map[string]http.HandlerFunc{
	"500": status(500, "", "", "<html>Oops</html>"), "503": status(503, "", "", ""), "reset": reset,
	"internal_error": word("internal_error"), "a page": status(200, "", "", "<html>Log in</html>"),
}

// kind is what an error of a call means, in the words of the package.
func kind(err error) string {
	var words []string
	_, limited := bot.Limited(err)
	for _, c := range []struct {
		is   bool
		word string
	}{
		{limited, "limited"}, {bot.Unclear(err), "unclear"}, {bot.Disowned(err), "disowned"}, {bot.Permanent(err), "permanent"},
		{bot.Gone(err), "gone"}, {bot.Unfit(err), "unfit"}, {bot.Temporary(err), "temporary"},
	} {
		if c.is {
			words = append(words, c.word)
		}
	}
	return strings.Join(words, " ")
}

func TestEveryAnswerHasItsKind(t *testing.T) {
	t.Parallel()
	answers := map[string]http.HandlerFunc{}
	for name, answer := range faults {
		answers["unclear temporary: "+name] = answer
	}
	for _, body := range []string{`{}`, `{"ok":true}`, `{"ok":false}`, `null`, `[]`, `{"ok":"maybe"}`, ``} {
		answers["unclear temporary: "+body] = status(200, "", "", body)
	}
	for want, codes := range map[string]string{
		"limited temporary":  "ratelimited rate_limited",
		"unclear temporary":  "internal_error fatal_error service_unavailable update_failed",
		"temporary":          "team_added_to_org org_login_required message_limit_exceeded",
		"disowned temporary": "invalid_auth token_revoked account_inactive",
		"permanent":          "channel_not_found is_archived not_in_channel restricted_action missing_scope moon_in_the_way",
		"permanent gone":     "message_not_found cant_update_message edit_window_closed",
		"permanent unfit":    "invalid_blocks msg_blocks_too_long msg_too_long invalid_arguments no_text",
	} {
		for code := range strings.FieldsSeq(codes) {
			answers[want+": "+code] = word(code)
		}
	}
	for name, answer := range answers {
		want, _, _ := strings.Cut(name, ": ")
		for method, call := range drawn(t) {
			if !strings.HasPrefix(method, "chat.") || method == "chat.update" && name == `unclear temporary: {"ok":true}` {
				continue // a yes is enough for chat.update
			}
			a := webAPI(t)
			a.answers(method, answer)
			if err := call(context.Background(), a.sender()); kind(err) != want || count(a.made(), method) != 1 {
				t.Errorf("%s, %s: it is %q: %v", method, name, kind(err), err)
			}
		}
	}
}

// What was never sent did nothing: no doubt remains, and nothing is refused.
func TestWhatWasNotSentDidNothing(t *testing.T) {
	t.Parallel()
	p, a := picture(t, hello), webAPI(t)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := a.sender().Post(ended, "C1", "", p)
	if kind(err) != "temporary" || !errors.Is(err, context.Canceled) || len(a.made()) != 0 {
		t.Errorf("before it began: %q: %v", kind(err), err)
	}
	a.close()
	if _, err = a.sender().Post(context.Background(), "C1", "", p); kind(err) != "temporary" {
		t.Errorf("nobody listens: %q: %v", kind(err), err)
	}
	if _, err = a.sender().Direct(context.Background(), "U1", p); kind(err) != "temporary" {
		t.Errorf("nobody listens to Direct: %q: %v", kind(err), err)
	}
}

// An unclear conversations.open wrote no message.
func TestADirectMessageWithoutAChannelIsNotUnclear(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		a := webAPI(t)
		a.answers("conversations.open", fault)
		if _, err := a.sender().Direct(context.Background(), "U1", picture(t, hello)); kind(err) != "temporary" || len(a.made()) != 1 {
			t.Errorf("%s: %q: %v", name, kind(err), err)
		}
	}
}

// TestAYesWithoutWhatWasAskedForIsNoAnswer: no group is empty because of it.
func TestAYesWithoutWhatWasAskedForIsNoAnswer(t *testing.T) {
	t.Parallel()
	calls := map[string]func(*bot.Sender) error{
		"usergroups.users.list": func(s *bot.Sender) error { _, err := s.GroupMembers(context.Background(), "S1"); return err },
		"conversations.open": func(s *bot.Sender) error {
			_, err := s.Direct(context.Background(), "U1", picture(t, hello))
			return err
		},
	}
	for method, call := range calls {
		a, yes := webAPI(t), status(200, "", "", `{"ok":true,"warning":"missing_charset"}`)
		a.answers(method, yes, yes, yes, yes)
		if err := call(a.sender()); !bot.Temporary(err) || bot.ErrorCode(err) != "" {
			t.Errorf("%s: %q: %v", method, kind(err), err)
		}
	}
}

func TestAnErrorOfSomethingElseIsNoneOfSlacks(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("redis: nil"), context.DeadlineExceeded, io.EOF, syscall.ECONNREFUSED, errors.New("ratelimited")} {
		if kind(err) != "" || bot.ErrorCode(err) != "" {
			t.Errorf("%v is %q", err, kind(err))
		}
	}
}

func TestHistoryThatMayNotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"channel_not_found", "not_in_channel", "missing_scope"} {
		a := webAPI(t)
		a.answers("conversations.history", word(code))
		if _, err := a.sender().FindMarked(context.Background(), "C1", "", "t", "id", time.Time{}); !errors.Is(err, bot.ErrCannotSearch) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestARefusedPictureSaysWhichBlock(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("chat.update", status(200, "", "", `{"ok":false,"error":"invalid_blocks","errors":[{"odd":1}],
		"response_metadata":{"messages":["[ERROR] too long [json-pointer:/blocks/0/text]"]}}`))
	err := a.sender().Update(context.Background(), "C1", "1.1", picture(t, hello))
	if bot.ErrorCode(err) != "invalid_blocks" || !strings.Contains(err.Error(), "/blocks/0/text") {
		t.Error(err)
	}
}

// Slack's answer about somebody else is about nobody.
func TestAUserIsWhoWasAskedFor(t *testing.T) {
	for body, code := range map[string]string{
		`{"ok":true,"user":{"id":"U1"}}`: "", `{"ok":true,"user":{"id":"U2"}}`: "user_not_found", `{"ok":true,"user":{}}`: "user_not_found",
	} {
		synctest.Test(t, func(t *testing.T) {
			sender := senderThrough(t, status(200, "", "", body))
			if _, err := sender.User(context.Background(), "U1"); bot.ErrorCode(err) != code || bot.Permanent(err) != (code != "") {
				t.Errorf("%s: %v", body, err)
			}
		})
	}
}

// Who gives up early does not end the question that others share.
func TestAUserIsAskedForOnce(t *testing.T) {
	t.Parallel()
	a, began, answer := webAPI(t), make(chan bool), make(chan bool)
	a.answers("users.info", func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-answer
		fmt.Fprint(w, goodAnswers["users.info"])
	})
	sender := a.sender()
	hasty, cancel := context.WithCancel(context.Background())
	first := make(chan error)
	go func() { _, err := sender.User(hasty, "U1"); first <- err }()
	<-began
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(answer)
	if _, err := sender.User(context.Background(), "U1"); err != nil || len(a.made()) != 1 {
		t.Errorf("%v, %v", err, a.made())
	}
}

func TestAFormIsNotOpenedTwice(t *testing.T) {
	t.Parallel()
	for _, answer := range []http.HandlerFunc{word("expired_trigger_id"), word("exchanged_trigger_id"), status(500, "", "", ""), reset} {
		a := webAPI(t)
		a.answers("views.open", answer)
		if err := awaited["views.open"](context.Background(), a.sender()); err == nil || len(a.made()) != 1 {
			t.Errorf("%v, %v", err, a.made())
		}
	}
}

// A private answer goes through the response_url, else it is an ephemeral
// message, else a direct one.
func TestAPrivateAnswerFindsItsWay(t *testing.T) {
	t.Parallel()
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
		"a proxy's page":     {status(200, "", "", "<html>Log in</html>"), "", url + " " + shown},
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

// A response_url that hangs, because its host cannot be reached, say, costs the answer
// one try: the next goes another way, and so do those to others.
func TestAnAnswerFindsItsWayPastAHungResponseURL(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("response", a.silence)
	sender, to := a.sender(), bot.Address{ResponseURL: a.URL + "/response", Channel: "C1", User: "U1"}
	if err := sender.Private(context.Background(), to, hello); !bot.Temporary(err) {
		t.Fatalf("the first: %v", err)
	}
	for range 2 {
		if err := sender.Private(context.Background(), to, hello); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(a.made(), " "); got != "response chat.postEphemeral chat.postEphemeral" {
		t.Error(got)
	}
}

// A page of a list takes the place of the one before; where it cannot, it is said.
func TestAReplacementFindsItsWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc // of the response_url
		want   string
	}{
		"ok":       {status(200, "", "", "ok"), "response"},
		"used up":  {status(404, "", "", `{"ok":false,"error":"used_url"}`), "response chat.postEphemeral"},
		"gone":     {status(200, "", "", `{"ok":false,"error":"message_not_found"}`), "response chat.postEphemeral"},
		"not from": {nil, "chat.postEphemeral"},
	} {
		thrice(t, func() string {
			a := webAPI(t)
			to := bot.Address{Channel: "C1", User: "U1"}
			if c.answer != nil {
				a.answers("response", sent(t, `"blocks":[],"replace_original":true`, c.answer))
				to.ResponseURL = a.URL + "/response"
			}
			err := a.sender().Replace(context.Background(), to, hello)
			if got := strings.Join(a.made(), " "); err != nil || got != c.want {
				return fmt.Sprintf("%s: %v, %s", name, err, got)
			}
			return ""
		})
	}
}

func TestAUserComesWithTheirLanguage(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("users.info", sent(t, "include_locale=true", status(200, "", "", `{"ok":true,"user":{"id":"U1","locale":"zh-CN"}}`)))
	if u, err := a.sender().User(context.Background(), "U1"); err != nil || u.Locale != "zh-CN" {
		t.Errorf("%q, %v", u.Locale, err)
	}
}

// A private answer goes to Slack, or to the server whose API is configured.
func TestAnAnswerGoesNowhereButToSlack(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was called", r.Host) }))
	defer elsewhere.Close()
	for _, url := range []string{
		elsewhere.URL + "/commands/T1", "http://hooks.slack.com/commands/T1", "https://hooks.slack.com.evil.example/", "https://evilslack.com/",
		"https://hooks.slack.com@127.0.0.1:1/", "//hooks.slack.com/", "file:///etc/passwd", "::", "",
	} {
		a := webAPI(t)
		if err := a.sender().Private(context.Background(), bot.Address{ResponseURL: url, Channel: "C1", User: "U1"}, hello); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if made := a.made(); !slices.Equal(made, []string{"chat.postEphemeral"}) {
			t.Errorf("%s: answered by %v", url, made)
		}
	}
}

func TestSlacksOwnAddressesAreAnswered(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://hooks.slack.com/commands/T1/2/3", "https://HOOKS.slack.com/actions/T1", "https://hooks.slack-gov.com/app/T1"} {
		a, asked := webAPI(t), ""
		client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("ok"))}, nil
		})}
		sender := bot.NewSender(bot.SenderConfig{APIURL: a.URL + "/api/", HTTP: client, Log: quiet()})
		if err := sender.Private(context.Background(), bot.Address{ResponseURL: url, User: "U1"}, hello); err != nil || asked != url {
			t.Errorf("%s: %q was called: %v", url, asked, err)
		}
	}
}

// Neither the token nor an answer is carried on to where a redirect leads.
func TestNoRedirectOfSlacksIsFollowed(t *testing.T) {
	for _, code := range []int{302, 307, 308} {
		synctest.Test(t, func(t *testing.T) {
			a, away := scripted(), status(code, "Location", "http://elsewhere.test/stolen", "")
			a.answers("stolen", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was called", r.Host) })
			a.answers("hook", away)
			a.answers("chat.postEphemeral", away, away, away, away)
			a.answers("chat.update", away)
			a.answers("users.info", away, away, away, away)
			sender := senderThrough(t, a)
			to := bot.Address{ResponseURL: "http://slack.test/hook", User: "U1"}
			if err := sender.Private(context.Background(), to, hello); err != nil {
				t.Errorf("%d: no other way was found: %v", code, err)
			}
			if err := sender.Update(context.Background(), "C1", "1.1", picture(t, hello)); err == nil {
				t.Errorf("%d: an update that was sent away counts", code)
			}
			if _, err := sender.User(context.Background(), "U1"); err == nil {
				t.Errorf("%d: a redirect is somebody", code)
			}
		})
	}
}
