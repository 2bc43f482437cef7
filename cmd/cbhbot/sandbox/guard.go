package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// guard lets only this machine's programs and pages in: a request has to name the
// loopback address that it came to, so that no name which resolves to it (DNS
// rebinding) works, and a page of another origin cannot act here: not even by what a
// browser fetches without naming an Origin, as it does an image. The port may be
// missing: slack_sdk for Python leaves it out of the request for its socket.
// https://owasp.org/www-community/attacks/DNS_Rebinding
func guard(address net.Addr, next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(address.String())
	var hosts, origins []string
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		host := net.JoinHostPort(name, port)
		hosts, origins = append(hosts, host, name), append(origins, "http://"+host)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(hosts, r.Host) {
			refuse(w, "Host", r.Host, hosts[0])
			return
		}
		for _, origin := range r.Header.Values("Origin") {
			if !slices.Contains(origins, origin) && !strings.HasPrefix(r.URL.Path, socketPath) {
				refuse(w, "Origin", origin, origins[0])
				return
			}
		}
		if from := r.Header.Get("Sec-Fetch-Site"); r.URL.Path != "/" && (from == "cross-site" || from == "same-site") {
			refuse(w, "Sec-Fetch-Site", from, "same-origin")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// socketPath is where an app opens its socket, with a ticket for one use that no page of
// elsewhere can get. slack-go names Slack as the origin there.
const socketPath = "/link/"

func refuse(w http.ResponseWriter, header, value, want string) {
	text := fmt.Sprintf("the sandbox serves this machine only: %s is %q, not %s", header, value, want)
	http.Error(w, text, http.StatusForbidden)
}
