package sdktest

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// TestSignaturesAreByteIdentical has the SDK's signer sign what our client
// sent, with the same date and headers.
func TestSignaturesAreByteIdentical(t *testing.T) {
	calls := map[string]struct {
		project string
		do      func(*client.Client) error
	}{
		"a read with a query": {cbhemu.DefaultProject, func(c *client.Client) error { _, err := c.Instances(t.Context()); return err }},
		"a write with a body": {cbhemu.DefaultProject, func(c *client.Client) error {
			_, err := c.Upgrade(t.Context(), "c7277d87-5a0d-4cfc-a418-97acb567cf29", time.UnixMilli(1702974655000))
			return err
		}},
		"a path that needs escaping": {"ä b+c*d~e", func(c *client.Client) error { _, err := c.Features(t.Context()); return err }},
	}
	for name, call := range calls {
		for _, token := range []string{"", securityToken} {
			t.Run(name+" "+token, func(t *testing.T) {
				c := newCloud(t, "prod", cbhemu.AccessKey{AK: cbhemu.DefaultAK, SK: cbhemu.DefaultSK, SecurityToken: token})
				sent := c.sent(t, func() error { return call.do(c.oursFor(t, call.project, token)) })
				if sent.Status == 401 {
					t.Error("the emulator refused the signature")
				}
				if want := sdkSignature(t, c.url, sent); sent.Header.Get("Authorization") != want {
					t.Errorf("\nours    %s\nthe SDK %s", sent.Header.Get("Authorization"), want)
				}
			})
		}
	}
}

// sdkSignature is the Authorization header of the SDK for the same request.
func sdkSignature(t *testing.T, endpoint string, sent cbhemu.Request) string {
	t.Helper()
	b := request.NewHttpRequestBuilder().WithEndpoint(endpoint).WithMethod(sent.Method).WithPath(unescaped(sent.Path))
	for name, values := range sent.Query {
		b.AddQueryParam(name, reflect.ValueOf(values[0]))
	}
	_, after, _ := strings.Cut(sent.Header.Get("Authorization"), "SignedHeaders=")
	names, _, _ := strings.Cut(after, ",")
	for name := range strings.SplitSeq(names, ";") {
		value := sent.Header.Get(name)
		if name == "host" {
			value = sent.Host
		}
		b.AddHeaderParam(headerNames[name], value)
	}
	if sent.Body != "" {
		b.WithBody("", sent.Body)
	}
	signed, err := signer.Sign(b.Build(), cbhemu.DefaultAK, cbhemu.DefaultSK)
	if err != nil {
		t.Fatal(err)
	}
	return signed["Authorization"]
}

// headerNames are spelled as the SDK looks them up.
var headerNames = map[string]string{
	"host": "host", "x-sdk-date": "X-Sdk-Date", "x-project-id": "X-Project-Id", "x-security-token": "X-Security-Token",
}

// unescaped is the path as the SDK is given it.
func unescaped(path string) string {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return plain
}
