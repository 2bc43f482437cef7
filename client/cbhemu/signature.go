package cbhemu

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	signAlgorithm = "SDK-HMAC-SHA256"
	signDate      = "20060102T150405Z"
)

// claim is the Authorization header taken apart.
type claim struct {
	ak, signature string
	headers       []string // names, in the order they are signed
}

func (c claim) signs(header string) bool { return slices.Contains(c.headers, header) }

func parseAuthorization(value string) claim {
	var c claim
	for part := range strings.SplitSeq(strings.TrimPrefix(value, signAlgorithm), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Access":
			c.ak = value
		case "SignedHeaders":
			c.headers = strings.Split(value, ";")
		case "Signature":
			c.signature = value
		}
	}
	return c
}

// signature computes what the caller should have written.
func signature(c call, sk, date string, headers []string) string {
	canonical := strings.Join([]string{
		c.request.Method,
		signedPath(c.request.URL),
		signedQuery(c.request.URL.Query()),
		signedHeaders(c.request, headers),
		strings.Join(headers, ";"),
		fmt.Sprintf("%x", sha256.Sum256(c.body)),
	}, "\n")
	mac := hmac.New(sha256.New, []byte(sk))
	fmt.Fprintf(mac, "%s\n%s\n%x", signAlgorithm, date, sha256.Sum256([]byte(canonical)))
	return fmt.Sprintf("%x", mac.Sum(nil))
}

func signedPath(u *url.URL) string {
	var path strings.Builder
	for part := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			plain = part
		}
		path.WriteString("/" + percent(plain))
	}
	return path.String() + "/"
}

func signedQuery(query url.Values) string {
	var pairs []string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, percent(name)+"="+percent(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func signedHeaders(r *http.Request, names []string) string {
	var lines strings.Builder
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		fmt.Fprintf(&lines, "%s:%s\n", name, strings.TrimSpace(value))
	}
	return lines.String()
}

// percent escapes everything but letters, digits and -._~.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
