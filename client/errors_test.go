package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cbhbot/client"
)

// answering returns a client of a cloud that answers everything in the same way.
func answering(t *testing.T, status int, header http.Header, body string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t"),
		HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: header.Clone(), Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const html = "<!DOCTYPE html><html><body><h1>Bad Gateway</h1></body></html>"

// TestFactsErrors has a row for each meaning of each error shape in the facts.
func TestFactsErrors(t *testing.T) {
	tests := []struct {
		name    string
		status  int
		body    string
		kind    client.Kind
		code    string
		unclear bool
	}{
		{"400 bad request, documented", 400, `{"error_code":"CBH.10020009","error_description":"Invalid request message format."}`, client.BadRequest, "CBH.10020009", false},
		{"400 parameter", 400, `{"error_code":"CBH.10020010","error_description":"Request message param error."}`, client.BadRequest, "CBH.10020010", false},
		{"400 server id", 400, `{"error_code":"CBH.10020011","error_description":"Incorrect server ID."}`, client.BadRequest, "CBH.10020011", false},
		{"400 without a body", 400, ``, client.BadRequest, "", false},
		{"400 under 24 h", 400, `{"error_code":"CBH.10020010","error_description":"The scheduled upgrade time must be 24 hours later than the current time."}`, client.TooSoon, "CBH.10020010", false},
		{"400 under 24 h, other words", 400, `{"error_code":"400","error_description":"upgrade_time must be more than 24h in the future"}`, client.TooSoon, "400", false},
		{"400 under 24 h, with the code of a bad format", 400, `{"error_code":"CBH.10020009","error_description":"The upgrade time must be at least 24 hours after now."}`, client.TooSoon, "CBH.10020009", false},
		{"400 under 24 h, Chinese", 400, `{"error_code":400,"description":"定时升级的时间需要比当前时间大24小时"}`, client.TooSoon, "400", false},
		{"401 documented", 401, `{"error_code":"CBH.10020100","error_description":"The IAM token is invalid."}`, client.NotAuthenticated, "CBH.10020100", false},
		{"401 gateway", 401, `{"error_code":"APIG.0301","error_msg":"Incorrect IAM authentication information: decrypt token fail","request_id":"r"}`, client.NotAuthenticated, "APIG.0301", false},
		{"401 APIG.0307", 401, `{"error_code":"APIG.0307","error_msg":"The token must be updated.","request_id":"r"}`, client.NotAuthenticated, "APIG.0307", false},
		{"401 IAM", 401, `{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}`, client.NotAuthenticated, "401", false},
		{"401 HTML", 401, html, client.NotAuthenticated, "", false},
		{"403 permission", 403, `{"error_code":"CBH.10020002","error_description":"Tenant has no authority."}`, client.NoPermission, "CBH.10020002", false},
		{"403 permission, Chinese", 403, `{"error_code":403,"description":"租户没有权限"}`, client.NoPermission, "403", false},
		{"403 without a body", 403, ``, client.NoPermission, "", false},
		{"403 about an agency is no agent", 403, `{"error_code":"CBH.10020002","error_description":"The agency is not authorized."}`, client.NoPermission, "CBH.10020002", false},
		{"403 latest", 403, `{"error_code":"403","error_description":"The current version is the latest. There is no need to upgrade."}`, client.LatestVersion, "403", false},
		{"403 latest, Chinese", 403, `{"error_code":403,"description":"当前已是最新版本"}`, client.LatestVersion, "403", false},
		{"403 agent", 403, `{"error_code":"403","error_description":"The agent is not started."}`, client.AgentNotStarted, "403", false},
		{"403 agent, Chinese", 403, `{"error_code":403,"description":"agent未启动"}`, client.AgentNotStarted, "403", false},
		{"403 agent, plain text", 403, `The agent is not started.`, client.AgentNotStarted, "", false},
		{"403 HTML of a proxy", 403, html, client.Unreadable, "", false},
		{"404 no such instance", 404, `{"error_code":"404","error_description":"Not CBH instances found."}`, client.NotFound, "404", false},
		{"404 HTML of a proxy", 404, html, client.Unreadable, "", false},
		{"405 HTML of a proxy", 405, html, client.Unreadable, "", false},
		{"429 HTML", 429, html, client.Throttled, "", false},
		{"404 without a body", 404, ``, client.NotFound, "", false},
		{"404 APIG.0101 wrong host", 404, `{"error_code":"APIG.0101","error_msg":"The API does not exist","request_id":"r"}`, client.BadRequest, "APIG.0101", false},
		{"409 conflict", 409, `{"error_code":"409","error_description":"Another task is in progress."}`, client.Conflict, "409", false},
		{"400 started", 400, `{"error_code":"400","error_description":"The upgrade task has started and cannot be canceled."}`, client.Conflict, "400", false},
		{"403 scheduled, Chinese", 403, `{"error_code":403,"description":"正在升级"}`, client.Conflict, "403", false},
		{"429", 429, ``, client.Throttled, "", false},
		{"429 APIG.0308", 429, `{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached","request_id":"r"}`, client.Throttled, "APIG.0308", false},
		{"503 APIG.0308", 503, `{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached","request_id":"r"}`, client.Throttled, "APIG.0308", false},
		{"500 CBH.10020000", 500, `{"error_code":"CBH.10020000","error_description":"Unknown error."}`, client.Unavailable, "CBH.10020000", true},
		{"500 whatever it says", 500, `{"error_code":"500","error_description":"The current version is the latest."}`, client.Unavailable, "500", true},
		{"500 with the code of a token", 500, `{"error_code":"CBH.10020100","error_description":"The IAM token is invalid."}`, client.Unavailable, "CBH.10020100", true},
		{"502 HTML", 502, html, client.Unreadable, "", true},
		{"503 without a body", 503, ``, client.Unavailable, "", true},
		{"504 in plain text", 504, `upstream request timeout`, client.Unavailable, "", true},
		{"a redirect is no answer", 302, ``, client.Unreadable, "", true},
		{"408", 408, ``, client.Unavailable, "", true},
		{"499 of a gateway", 499, `{"code":1,"message":"context canceled"}`, client.Unavailable, "1", true},
		{"an error as a string", 400, `{"error":"Bad Request","message":"no"}`, client.BadRequest, "", false},
		{"a code that is null", 400, `{"error_code":null,"error_description":null}`, client.BadRequest, "", false},
		{"a list for an error", 400, `["no"]`, client.BadRequest, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := answering(t, test.status, nil, test.body)
			_, err := c.Upgrade(t.Context(), "id", time.Now())
			var e *client.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Kind != test.kind || e.Code != test.code || e.Status != test.status || client.Unclear(err) != test.unclear {
				t.Errorf("got %v %q, unclear %v: %v", e.Kind, e.Code, client.Unclear(err), e)
			}
			if e.Raw != test.body {
				t.Errorf("raw is %q", e.Raw)
			}
		})
	}
}

func TestAnErrorKeepsWhatTheCloudSaid(t *testing.T) {
	for _, header := range []http.Header{{"X-Request-Id": {"request-1"}}, {}} {
		body := `{"error_code":"CBH.10020002","error_description":"Tenant has no authority.","request_id":"request-1"}`
		_, err := answering(t, 403, header, body).Rollback(t.Context(), "id")
		const want = "rollback: no permission (HTTP 403): CBH.10020002: Tenant has no authority. [request request-1]"
		if err == nil || err.Error() != want {
			t.Errorf("\ngot  %v\nwant %s", err, want)
		}
	}
}

// mark is what a gateway of Windows may write before its JSON.
const mark = "\ufeff"

func TestAByteOrderMarkIsNoPartOfAnAnswer(t *testing.T) {
	all, err := answering(t, 200, nil, mark+`{"total":1,"instance":[{"server_id":"a"}]}`).Instances(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("got %v, %v", all, err)
	}
	_, err = answering(t, 403, nil, mark+`{"error_code":403,"description":"agent未启动"}`).Rollback(t.Context(), "id")
	if want := "rollback: agent not started (HTTP 403): 403: agent未启动"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for value, want := range map[string]time.Duration{"7": 7 * time.Second, at: time.Hour, "soon": 0, "": 0, "-1": 0, "NaN": 0, "99999999999": 24 * time.Hour} {
		_, err := answering(t, 429, http.Header{"Retry-After": {value}}, "").Rollback(t.Context(), "id")
		var e *client.Error
		if !errors.As(err, &e) || (e.RetryAfter-want).Abs() > 5*time.Second {
			t.Errorf("%q: got %v", value, e.RetryAfter)
		}
	}
}

func TestTheEndOfALongErrorIsDropped(t *testing.T) {
	_, err := answering(t, 400, nil, strings.Repeat("é", 1<<20)).Rollback(t.Context(), "id")
	var e *client.Error
	if !errors.As(err, &e) || len(e.Raw) > 2000 || !strings.HasSuffix(e.Raw, "é") {
		t.Errorf("%d bytes", len(e.Raw))
	}
}

func TestKinds(t *testing.T) {
	if client.KindOf(nil) != 0 || client.KindOf(io.EOF) != 0 || client.Unclear(nil) || client.Unclear(io.EOF) {
		t.Error("other errors have a kind")
	}
	wrapped := fmt.Errorf("asking: %w", &client.Error{Kind: client.Throttled})
	if client.KindOf(wrapped) != client.Throttled {
		t.Error("a wrapped error has no kind")
	}
	seen := map[string]bool{}
	for kind := client.BadRequest; kind <= client.Unreadable; kind++ {
		if name := kind.String(); name == "none" || seen[name] {
			t.Errorf("kind %d is called %q", kind, name)
		} else {
			seen[name] = true
		}
	}
}

// FuzzError feeds any body to the reading of errors.
func FuzzError(f *testing.F) {
	for _, body := range []string{"", html, `{"error":{"code":1}}`, `{"error_code":403,"description":"agent未启动"}`, "\xff\xfe"} {
		f.Add(403, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		status = 300 + (status%300+300)%300
		_, err := answering(t, status, nil, body).Rollback(t.Context(), "id")
		if kind := client.KindOf(err); kind.String() == "none" || len(err.Error()) > 10_000 {
			t.Errorf("kind %v of %v", kind, err)
		}
	})
}
