package client_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	hypertext "html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

func (c *cloud) logins() int { return len(c.Requests(cbhemu.OpToken)) }

func TestFactsIAMATokenIsSharedUntilHalfAnHourBeforeItsEnd(t *testing.T) {
	c := newCloud(t, "prod")
	c.prod(t)
	c.clock.skip(23*time.Hour + 29*time.Minute)
	c.prod(t)
	if n := c.logins(); n != 1 {
		t.Errorf("%d logins within 23:29 h, not one", n)
	}
	c.clock.skip(2 * time.Minute)
	c.prod(t)
	if n := c.logins(); n != 2 {
		t.Errorf("%d logins after 23:31 h, not two", n)
	}
}

// TestFacts401AndAPIG0307AreAnsweredWithOneLoginAndOneRepeat, of writes too: the
// cloud refused before it did anything.
func TestFacts401AndAPIG0307AreAnsweredWithOneLoginAndOneRepeat(t *testing.T) {
	for name, spoil := range map[string]func(*cloud){
		"401":       func(c *cloud) { c.RevokeTokens() },
		"APIG.0307": func(c *cloud) { c.ExpireTokens() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, "prod")
			id := c.prod(t).ServerID
			spoil(c)
			at := c.clock.now().Add(25 * time.Hour)
			if _, err := c.Upgrade(t.Context(), id, at); err != nil {
				t.Fatal(err)
			}
			if calls, logins := len(c.Requests(cbhemu.OpUpgrade)), c.logins(); calls != 2 || logins != 2 {
				t.Errorf("%d calls and %d logins, not two of each", calls, logins)
			}
		})
	}
}

func TestATokenThatIsRefusedAgainIsNotReplacedAgain(t *testing.T) {
	c := newCloud(t, "prod")
	c.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultGateway, Status: 401, Code: "APIG.0307", Times: -1})
	if _, err := c.Client.Instances(t.Context()); client.KindOf(err) != client.NotAuthenticated {
		t.Errorf("got %v", err)
	}
	if lists, logins := len(c.Requests(cbhemu.OpList)), c.logins(); lists != 2 || logins != 2 {
		t.Errorf("%d lists and %d logins, not two of each", lists, logins)
	}
}

func TestFactsIAMCallersAtTheSameTimeShareOneLogin(t *testing.T) {
	c := newCloud(t, "prod")
	c.Fault(cbhemu.Fault{Op: cbhemu.OpToken, Delay: cbhemu.Duration(50 * time.Millisecond)})
	for round := range 2 {
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := c.Client.Instances(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := c.logins(); n != round+1 {
			t.Errorf("%d logins in round %d", n, round+1)
		}
		c.ExpireTokens()
	}
}

func TestFactsIAMALoginOutlivesTheCallerWhoStartedIt(t *testing.T) {
	c := newCloud(t, "prod")
	c.Fault(cbhemu.Fault{Op: cbhemu.OpToken, Delay: cbhemu.Duration(100 * time.Millisecond)})
	hasty, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, err := c.Client.Instances(hasty); done <- err }()
	waitFor(t, func() bool { return c.logins() == 1 })
	go func() { _, err := c.Client.Instances(t.Context()); done <- err }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || client.Unclear(err) {
		t.Errorf("the one who left got %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("the one who stayed got %v", err)
	}
	if n := c.logins(); n != 1 {
		t.Errorf("%d logins, not one", n)
	}
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 5 s")
		}
	}
}

func TestFactsIAMAWrongPasswordIsNotTriedAgain(t *testing.T) {
	c := newCloud(t, "prod")
	own := c.as(t, c.login("wrong"))
	for range 10 {
		_, err := own.Upgrade(t.Context(), "id", c.clock.now().Add(25*time.Hour))
		if client.KindOf(err) != client.NotAuthenticated || client.Unclear(err) {
			t.Fatalf("got %v", err)
		}
	}
	if n := c.logins(); n != 1 {
		t.Errorf("%d logins, not one: five would lock the user", n)
	}
	c.clock.skip(time.Minute)
	c.SetPassword(cbhemu.DefaultUser, "wrong")
	if _, err := own.Instances(t.Context()); err != nil {
		t.Errorf("after the password was corrected: %v", err)
	}
}

// TestWhoeverSaysThatItIsPutRightIsBelieved, once a minute.
func TestWhoeverSaysThatItIsPutRightIsBelieved(t *testing.T) {
	c := newCloud(t, "prod")
	own := c.as(t, c.login("wrong"))
	for range 5 {
		_, _ = own.Instances(t.Context())
		own.Insist()
	}
	if n := c.logins(); n != 2 {
		t.Errorf("%d logins, not one and another", n)
	}
	c.clock.skip(time.Minute)
	_, _ = own.Instances(t.Context())
	c.SetPassword(cbhemu.DefaultUser, "wrong")
	own.Insist()
	if _, err := own.Instances(t.Context()); err != nil {
		t.Errorf("after the password was corrected: %v", err)
	}
}

func TestIAMBeingAwayMeansThatNothingWasSent(t *testing.T) {
	c := newCloud(t, "prod")
	for _, f := range []cbhemu.Fault{{Kind: cbhemu.FaultHTML}, {Kind: cbhemu.FaultResetAfter}, {Kind: cbhemu.FaultThrottled}, {Kind: cbhemu.FaultIAM, Status: 500}} {
		f.Op = cbhemu.OpToken
		c.Fault(f)
		_, err := c.Upgrade(t.Context(), "id", c.clock.now().Add(25*time.Hour))
		if err == nil || client.Unclear(err) {
			t.Errorf("%s: got %v", f.Kind, err)
		}
	}
	if n := len(c.Requests(cbhemu.OpUpgrade)); n != 0 {
		t.Errorf("%d upgrades were sent", n)
	}
	c.Fault(cbhemu.Fault{Op: cbhemu.OpToken, Kind: cbhemu.FaultHTML})
	c.prod(t) // a read tries again
}

// TestFactsIAMTokenRequest: path, query, body, and what is read of the answer.
func TestFactsIAMTokenRequest(t *testing.T) {
	const want = `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","password":"p","domain":{"name":"d"}}}},"scope":{"project":{"id":"project"}}}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.URL.Path == "/v3/auth/tokens":
			if r.Method != http.MethodPost || r.URL.RawQuery != "nocatalog=true" || !sameJSON(string(body), want) {
				t.Errorf("got %s %s %s", r.Method, r.URL, body)
			}
			w.Header()["x-subject-token"] = []string{"the token"}
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"token":{"expires_at":"2026-03-03T09:00:00.123456Z"}}`)
		case r.Header.Get("X-Auth-Token") == "the token":
			fmt.Fprint(w, `{"total":0,"instance":[]}`)
		default:
			t.Errorf("%s came without the token", r.URL)
		}
	}))
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL + "/", ProjectID: "project", Auth: client.Password(client.PasswordConfig{
		IAMEndpoint: server.URL, User: "u", Password: "p", Domain: "d", ProjectID: "project",
	})})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := c.Instances(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// TestShortLivedAndUndatedTokens are used for half their life, and never fetched
// for each call.
func TestShortLivedAndUndatedTokens(t *testing.T) {
	for body, lasts := range map[string]time.Duration{
		`{"token":{"expires_at":"2026-03-02T09:20:00.000000Z"}}`: 10 * time.Minute,
		`{"token":{}}`: 30 * time.Minute,
		`not JSON`:     30 * time.Minute,
		`{"token":{"expires_at":"2020-01-01T00:00:00Z"}}`: time.Minute,
	} {
		clock, logins := newClock(), 0
		c, err := client.New(client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Now: clock.now,
			HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) { return empty(r), nil })},
			Auth: client.Password(client.PasswordConfig{IAMEndpoint: "https://iam.example.com", User: "u", Password: "p", Domain: "d", ProjectID: "p", Now: clock.now,
				HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
					logins++
					return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{"X-Subject-Token": {"t"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
				})}}),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []time.Duration{0, lasts - time.Second, time.Second} {
			clock.skip(step)
			if _, err := c.Instances(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if logins != 2 {
			t.Errorf("%s: %d logins, not two within %v", body, logins, lasts)
		}
	}
}

// echoes are the ways in which the other side repeats what it was sent: as the body,
// or a text in it, and as the id of the request.
var echoes = map[string]func(w http.ResponseWriter, sent string){
	"a text": func(w http.ResponseWriter, sent string) { w.WriteHeader(http.StatusUnauthorized); fmt.Fprint(w, sent) },
	"a description": func(w http.ResponseWriter, sent string) {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error_code": "CBH.1", "error_description": sent, "request_id": sent})
	},
	"a page": func(w http.ResponseWriter, sent string) {
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html>"+hypertext.EscapeString(sent))
	},
	"base64": func(w http.ResponseWriter, sent string) {
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, base64.StdEncoding.EncodeToString([]byte(sent)))
	},
	"a header": func(w http.ResponseWriter, sent string) {
		w.Header().Set("X-Request-Id", sent)
		w.WriteHeader(http.StatusForbidden)
	},
	"no answer of HTTP": func(w http.ResponseWriter, sent string) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", strings.ReplaceAll(sent, "\n", " "))
		conn.Close()
	},
}

// TestSecretsAreInNoError, even when the other side repeats them.
func TestSecretsAreInNoError(t *testing.T) {
	for _, secret := range []string{"hunter2-very-secret", "p<w&\"r\\d/+ é=", "sixsix"} {
		for name, answer := range echoes {
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var sent struct {
					Auth struct {
						Identity struct {
							Password struct{ User struct{ Password string } }
						}
					}
				}
				body, _ := io.ReadAll(r.Body)
				_ = json.Unmarshal(body, &sent)
				for _, part := range []string{sent.Auth.Identity.Password.User.Password, r.Header.Get("X-Auth-Token"), r.Header.Get("X-Security-Token")} {
					if part != "" && (name == "a header" || name == "base64") {
						answer(w, part)
						return
					}
				}
				answer(w, fmt.Sprintf("%s %s %s", body, r.Header.Get("X-Auth-Token"), r.Header.Get("X-Security-Token")))
			}))
			for auth, authenticator := range map[string]client.Authenticator{
				"password": client.Password(client.PasswordConfig{IAMEndpoint: echo.URL, User: "u", Password: secret, Domain: "d", ProjectID: "p"}),
				"key":      client.Sign("AK", secret, secret),
			} {
				c, err := client.New(client.Config{Endpoint: echo.URL, ProjectID: "p", Auth: authenticator})
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Upgrade(t.Context(), "id", time.Now())
				var failure *client.Error
				if !errors.As(err, &failure) {
					t.Fatalf("%s: got %v", name, err)
				}
				said := fmt.Sprintf("%v %+v %#v %v %+v %#v", err, *failure, *failure, authenticator, authenticator, authenticator)
				for _, form := range formsOf(secret) {
					if strings.Contains(said, form) {
						t.Errorf("%s as %s, with a %s: %q is said: %s", secret, name, auth, form, said)
					}
				}
			}
			echo.Close()
		}
	}
}

// formsOf are the ways in which a secret can be read.
func formsOf(secret string) []string {
	quoted, _ := json.Marshal(secret)
	inside := strings.TrimSuffix(strings.TrimPrefix(string(quoted), `"`), `"`)
	again, _ := json.Marshal(inside)
	return []string{secret, inside, strings.Trim(string(again), `"`), hypertext.EscapeString(secret), url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))}
}

// TestAListThatRepeatsTheTokenDoesNotShowIt.
func TestAListThatRepeatsTheTokenDoesNotShowIt(t *testing.T) {
	const token = "MIIF-a/very+long=token"
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", r.Header.Get("X-Auth-Token"))
		fmt.Fprintf(w, `{"total":1,"instance":[{"server_id":"a","name":"x %s y"}]}`, r.Header.Get("X-Auth-Token"))
	}))
	defer echo.Close()
	c, err := client.New(client.Config{Endpoint: echo.URL, ProjectID: "p", Auth: client.StaticToken(token)})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := c.Instances(t.Context()); err != nil || len(all) != 1 || all[0].Name != "x … y" {
		t.Errorf("%+v, %v", all, err)
	}
	if receipt, err := c.Rollback(t.Context(), "a"); err != nil || receipt.RequestID != "" {
		t.Errorf("%+v, %v", receipt, err)
	}
}

// TestATokenInAHeaderThatCannotBeReadIsInNoError: net/http repeats such a line.
func TestATokenInAHeaderThatCannotBeReadIsInNoError(t *testing.T) {
	t.Parallel()
	iam := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nX-Subject-Token: MIIsecret\x01\r\nContent-Length: 0\r\n\r\n")
	}))
	t.Cleanup(iam.Close)
	auth := client.Password(client.PasswordConfig{IAMEndpoint: iam.URL, User: "u", Password: "p", Domain: "d", ProjectID: "p"})
	err := auth.Authorize(t.Context(), httptest.NewRequest(http.MethodGet, "/", nil))
	if err == nil || strings.Contains(err.Error(), "MIIsecret") {
		t.Error(err)
	}
}
