package client_test

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"cbhbot/client"
)

// inChild marks the process that is started with the proxy variables: they are
// read once in the life of a process.
const inChild = "CBHBOT_TEST_PROXY_CHILD"

func TestProxyVariablesAreHonoured(t *testing.T) {
	if os.Getenv(inChild) != "" {
		callThroughProxy(t)
		return
	}
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyVariablesAreHonoured$")
	child.Env = append(os.Environ(), inChild+"=1", "HTTPS_PROXY="+proxy.URL, "NO_PROXY=")
	if output, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	select {
	case got := <-asked:
		if got != "CONNECT cbh.example.com:443" {
			t.Errorf("the proxy was asked to %s", got)
		}
	default:
		t.Error("the proxy was not asked")
	}
}

// callThroughProxy fails at the proxy, so that nothing was sent to the cloud.
func callThroughProxy(t *testing.T) {
	c, err := client.New(client.Config{Endpoint: "https://cbh.example.com", ProjectID: "p", Auth: client.StaticToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Rollback(t.Context(), "id"); client.KindOf(err) != client.Unavailable || client.Unclear(err) {
		t.Errorf("unclear %v: %v", client.Unclear(err), err)
	}
}

func TestTheCertificateIsVerified(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: client.StaticToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Upgrade(t.Context(), "id", time.Now())
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) || client.Unclear(err) {
		t.Errorf("unclear %v: %v", client.Unclear(err), err)
	}
}
