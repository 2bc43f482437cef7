package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cbhbot/client"
)

func TestNewChecksItsConfiguration(t *testing.T) {
	token := client.StaticToken("t")
	login := client.PasswordConfig{IAMEndpoint: "https://iam.example.com", User: "u", Password: "p", Domain: "d", ProjectID: "p"}
	with := func(change func(*client.PasswordConfig)) client.Authenticator {
		c := login
		change(&c)
		return client.Password(c)
	}
	tests := map[string]struct {
		config client.Config
		wrong  string // a part of the error; "" for none
	}{
		"https":          {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: token}, ""},
		"with a port":    {client.Config{Endpoint: "https://cbh.example.com:8443/", ProjectID: "p", Auth: token}, ""},
		"loopback":       {client.Config{Endpoint: "http://127.0.0.1:1", ProjectID: "p", Auth: token}, ""},
		"loopback, IPv6": {client.Config{Endpoint: "http://[::1]:1", ProjectID: "p", Auth: token}, ""},
		"localhost":      {client.Config{Endpoint: "http://localhost", ProjectID: "p", Auth: token}, ""},
		"http elsewhere": {client.Config{Endpoint: "http://cbh.example.com", ProjectID: "p", Auth: token}, "loopback"},
		"a path":         {client.Config{Endpoint: "https://cbh.example.com/v2", ProjectID: "p", Auth: token}, "nothing after"},
		"a query":        {client.Config{Endpoint: "https://cbh.example.com?a=b", ProjectID: "p", Auth: token}, "nothing after"},
		"a user":         {client.Config{Endpoint: "https://u:hunter2@cbh.example.com", ProjectID: "p", Auth: token}, "nothing after"},
		"no scheme":      {client.Config{Endpoint: "cbh.example.com", ProjectID: "p", Auth: token}, "https://host"},
		"another scheme": {client.Config{Endpoint: "ftp://cbh.example.com", ProjectID: "p", Auth: token}, "https://host"},
		"no URL":         {client.Config{Endpoint: "https://%zz", ProjectID: "p", Auth: token}, "not a URL"},
		"nothing":        {client.Config{}, "endpoint"},
		"no project":     {client.Config{Endpoint: "https://cbh.example.com", Auth: token}, "project"},
		"no credentials": {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p"}, "credentials"},
		"half a key":     {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.Sign("AK", "", "")}, "SK"},
		"a login":        {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.Password(login)}, ""},
		"no password":    {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: with(func(c *client.PasswordConfig) { c.Password = "" })}, "password"},
		"no domain":      {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: with(func(c *client.PasswordConfig) { c.Domain = "" })}, "domain"},
		"a bad IAM host": {client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: with(func(c *client.PasswordConfig) { c.IAMEndpoint = "http://iam.example.com" })}, "IAM endpoint"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client.New(test.config)
			if test.wrong == "" && err != nil {
				t.Errorf("got %v", err)
			}
			if test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("got %v, not something about %q", err, test.wrong)
			}
		})
	}
}

func TestTheDatesOfAllAnswersAreReported(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var seen []time.Time
	for _, status := range []int{200, 403} {
		c, err := client.New(client.Config{
			Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t"),
			OnDate: func(now time.Time) { seen = append(seen, now) },
			HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Header: http.Header{"Date": {at.Format(http.TimeFormat)}}, Body: http.NoBody}, nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Rollback(t.Context(), "id")
	}
	if len(seen) != 2 || !seen[0].Equal(at) || !seen[1].Equal(at) {
		t.Errorf("got %v", seen)
	}
}

// TestARedirectIsNotFollowed: it would carry the token, or a write, elsewhere.
func TestARedirectIsNotFollowed(t *testing.T) {
	visited := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: client.StaticToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Instances(t.Context()); client.KindOf(err) != client.Unreadable || visited {
		t.Errorf("visited %v, got %v", visited, err)
	}
	if _, err := c.Upgrade(t.Context(), "id", time.Now()); client.KindOf(err) != client.Unreadable || visited {
		t.Errorf("visited %v, got %v", visited, err)
	}
}

// TestChunkedAnswersAndOddHeaders come from servers that are not the cloud's own.
func TestChunkedAnswersAndOddHeaders(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["x-REQUEST-id"] = []string{"odd-request"}
		w.Header()["Content-Type"] = []string{"text/plain"}
		for _, part := range []string{`{"total":1,`, `"instance":[{"server`, `_id":"a"}]}`} {
			_, _ = io.WriteString(w, part)
			w.(http.Flusher).Flush()
		}
	}))
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: client.StaticToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := c.Instances(t.Context()); err != nil || len(all) != 1 || all[0].ServerID != "a" {
		t.Errorf("got %+v, %v", all, err)
	}
	if receipt, err := c.Rollback(t.Context(), "a"); err != nil || receipt.RequestID != "odd-request" {
		t.Errorf("got %+v, %v", receipt, err)
	}
}
