package sandbox

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyThisMachineGetsIn(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = guard(server.Listener.Addr(), http.NotFoundHandler())
	server.Start()
	t.Cleanup(server.Close)
	here := strings.TrimPrefix(server.URL, "http://")
	port := here[strings.LastIndex(here, ":"):]
	for _, test := range []struct {
		host, origin string
		want         int
		path         string
	}{
		{here, "", http.StatusNotFound, "/"},
		{"localhost" + port, "", http.StatusNotFound, "/"},
		{"[::1]" + port, "http://[::1]" + port, http.StatusNotFound, "/"},
		{here, "http://" + here, http.StatusNotFound, "/"},
		{here, "http://localhost" + port, http.StatusNotFound, "/"},
		{"127.0.0.1:1", "", http.StatusForbidden, "/"},
		{"127.0.0.1", "", http.StatusNotFound, "/"},
		{"127.0.0.1", "http://127.0.0.1", http.StatusForbidden, "/"},
		{"rebound.example", "", http.StatusForbidden, "/"},
		{"rebound.example" + port, "", http.StatusForbidden, "/"},
		{here, "https://" + here, http.StatusForbidden, "/"},
		{here, "http://127.0.0.1:1", http.StatusForbidden, "/"},
		{here, "http://rebound.example" + port, http.StatusForbidden, "/"},
		{here, "null", http.StatusForbidden, "/"},
		{here, "https://api.slack.com", http.StatusForbidden, "/api/auth.test"},
		{here, "https://api.slack.com", http.StatusNotFound, "/link/"},
		{"rebound.example" + port, "https://api.slack.com", http.StatusForbidden, "/link/"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		if test.origin != "" {
			request.Header.Set("Origin", test.origin)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != test.want {
			t.Errorf("%s of host %q, origin %q: %d instead of %d", test.path, test.host, test.origin, answer.StatusCode, test.want)
		}
	}
}

// A browser says from where it fetches what needs no Origin, such as an image whose address
// is a call of the API.
func TestNoPageOfElsewhereFetchesAnything(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8090}
	guarded := guard(address, http.NotFoundHandler())
	const call = "/api/chat.postMessage?token=xoxb-0-slackemu&channel=C0OPS&text=hello"
	for _, test := range []struct {
		path, from string
		want       int
	}{
		{call, "cross-site", http.StatusForbidden},
		{call, "same-site", http.StatusForbidden}, // of another port of this machine
		{call, "same-origin", http.StatusNotFound},
		{call, "none", http.StatusNotFound}, // typed
		{"/", "cross-site", http.StatusNotFound},
	} {
		request := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8090"+test.path, nil)
		request.Header.Set("Sec-Fetch-Site", test.from)
		answer := httptest.NewRecorder()
		if guarded.ServeHTTP(answer, request); answer.Code != test.want {
			t.Errorf("%s fetched from %s: %d instead of %d", test.path, test.from, answer.Code, test.want)
		}
	}
}
