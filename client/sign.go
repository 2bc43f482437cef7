package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Sign signs each request with an access key (AK/SK), which is what the cloud
// recommends. The security token belongs to a temporary key and is empty for a
// permanent one.
//
// https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
func Sign(ak, sk, securityToken string) Authenticator {
	return &signer{ak: ak, sk: sk, securityToken: securityToken, now: time.Now}
}

type signer struct {
	ak, sk, securityToken string
	now                   func() time.Time
}

const (
	signAlgorithm = "SDK-HMAC-SHA256"
	signDate      = "20060102T150405Z"
)

func (s *signer) check() error {
	if s.ak == "" || s.sk == "" {
		return errors.New("an access key needs both its id (AK) and its secret (SK)")
	}
	return nil
}

func (s *signer) String() string   { return "access key " + s.ak }
func (s *signer) GoString() string { return s.String() }

func (s *signer) held() []string { return []string{s.sk, s.securityToken} }

// refused cannot do anything about it: a signature is made anew anyway.
func (s *signer) refused(*http.Request) bool { return false }

// Authorize dates and signs the request. The project and the security token
// are part of what is signed.
func (s *signer) Authorize(_ context.Context, request *http.Request) error {
	date := s.now().UTC().Format(signDate)
	request.Header.Set("X-Sdk-Date", date)
	if s.securityToken != "" {
		request.Header.Set("X-Security-Token", s.securityToken)
	}
	names, canonical, err := canonicalRequest(request)
	if err != nil {
		return err
	}
	toSign := signAlgorithm + "\n" + date + "\n" + hexSHA256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(s.sk))
	mac.Write([]byte(toSign))
	request.Header.Set("Authorization", fmt.Sprintf("%s Access=%s, SignedHeaders=%s, Signature=%x",
		signAlgorithm, s.ak, strings.Join(names, ";"), mac.Sum(nil)))
	return nil
}

// canonicalRequest is the text both sides compute from a request, and the names
// of the headers in it.
func canonicalRequest(request *http.Request) (names []string, canonical string, err error) {
	body, err := bodyOf(request)
	if err != nil {
		return nil, "", err
	}
	names, headers := canonicalHeaders(request)
	lines := []string{
		request.Method, canonicalPath(request.URL), canonicalQuery(request.URL),
		headers, strings.Join(names, ";"), hexSHA256(body),
	}
	return names, strings.Join(lines, "\n"), nil
}

func bodyOf(request *http.Request) ([]byte, error) {
	if request.GetBody == nil {
		return nil, nil
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// canonicalHeaders takes the host and all headers of the cloud's own (X-…):
// the others may be changed by a proxy on the way.
func canonicalHeaders(request *http.Request) (names []string, lines string) {
	values := map[string]string{"host": request.URL.Host}
	for name := range request.Header {
		if strings.HasPrefix(name, "X-") {
			values[strings.ToLower(name)] = strings.TrimSpace(request.Header.Get(name))
		}
	}
	names = slices.Sorted(maps.Keys(values))
	for _, name := range names {
		lines += name + ":" + values[name] + "\n"
	}
	return names, lines
}

// canonicalPath escapes each part by the rules of the algorithm, and always
// ends with a slash.
func canonicalPath(u *url.URL) string {
	parts := strings.Split(u.EscapedPath(), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = escape(plain)
		}
	}
	return strings.TrimSuffix(strings.Join(parts, "/"), "/") + "/"
}

func canonicalQuery(u *url.URL) string {
	var pairs []string
	for name, values := range u.Query() {
		for _, value := range values {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape leaves letters, digits and -._~ as they are.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func hexSHA256(data []byte) string {
	return fmt.Sprintf("%x", sha256.Sum256(data))
}
