package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// transport answers in place of a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// empty is an empty list, on which every read succeeds in some way.
func empty(r *http.Request) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"total":0}`)), Request: r}
}

// TestSignatureVectors holds what the signer of the official SDK v0.1.207 makes
// of the same requests. sdktest compares more of them, live.
func TestSignatureVectors(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		token, project, want string
		call                 func(*client.Client) error
	}{
		"query": {"", "project", "SignedHeaders=host;x-project-id;x-sdk-date, Signature=4f1032d22cc6882509cd694dd296b1576b7c773b0c00ed5f87b3aad8a8fd05a7",
			func(c *client.Client) error { _, err := c.Instances(t.Context()); return err }},
		"body and security token": {"token", "project", "SignedHeaders=host;x-project-id;x-sdk-date;x-security-token, Signature=b2171cc33a97f17eb6b5a28d1ab43e422cf6f5f25715ecbd132e37a424ce02e9",
			func(c *client.Client) error {
				_, err := c.Upgrade(t.Context(), "id", time.UnixMilli(1702974655000))
				return err
			}},
		"escaped path": {"", "ä b+c*d~e", "SignedHeaders=host;x-project-id;x-sdk-date, Signature=e2f8b4448274ff222f36a731bf03d29d2ae57e7bb2eaecde4920bb33cc253685",
			func(c *client.Client) error { _, err := c.Instances(t.Context()); return err }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got string
			c, err := client.New(client.Config{
				Endpoint: "https://cbh.example.com", ProjectID: test.project,
				Auth: client.SignAt("AK", "SK", test.token, func() time.Time { return at }),
				HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
					got = r.Header.Get("Authorization")
					return empty(r), nil
				})},
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := test.call(c); err != nil {
				t.Fatal(err)
			}
			if want := "SDK-HMAC-SHA256 Access=AK, " + test.want; got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

func TestASignedRequestIsAccepted(t *testing.T) {
	c := newCloud(t, "prod", client.Sign(cbhemu.DefaultAK, cbhemu.DefaultSK, ""))
	c.schedule(t)
	if n := len(c.Requests(cbhemu.OpToken)); n != 0 {
		t.Errorf("%d calls to IAM", n)
	}
}

func TestAWrongSecretIsNotRepeated(t *testing.T) {
	c := newCloud(t, "prod", client.Sign(cbhemu.DefaultAK, "wrong", ""))
	if _, err := c.Client.Instances(t.Context()); client.KindOf(err) != client.NotAuthenticated {
		t.Errorf("got %v", err)
	}
	if n := len(c.Requests()); n != 1 {
		t.Errorf("%d requests, not one", n)
	}
}

func TestEachAttemptIsSignedAnew(t *testing.T) {
	at := time.Now()
	tick := func() time.Time { at = at.Add(time.Second); return at }
	c := newCloud(t, "prod", client.SignAt(cbhemu.DefaultAK, cbhemu.DefaultSK, "", tick))
	c.Fault(cbhemu.Fault{Kind: cbhemu.FaultHTML})
	c.prod(t)
	r := c.Requests(cbhemu.OpList)
	if len(r) != 2 || r[0].Header.Get("Authorization") == r[1].Header.Get("Authorization") {
		t.Errorf("%d requests with the same signature", len(r))
	}
}
