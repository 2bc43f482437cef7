package client

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// shortestSecret is the length from which a word is taken out of what is said: a
// shorter one would take harmless letters along.
const shortestSecret = 6

// secrets are the words of ours that the other side may repeat.
type secrets []string

func secretsOf(words ...string) secrets {
	return slices.DeleteFunc(words, func(word string) bool { return len(word) < shortestSecret })
}

// sent are the forms in which the words are sent.
func (s secrets) sent() (forms []string) {
	for _, word := range s {
		forms = append(forms, word, inJSON(word, true), inJSON(word, false))
	}
	return inOrder(forms)
}

// repeated are the forms in which the words may come back: as they were sent, or
// written once more as JSON, HTML, an address or base64.
func (s secrets) repeated() (forms []string) {
	for _, form := range s.sent() {
		forms = append(forms, form, strings.ReplaceAll(form, "/", `\/`), inJSON(form, true), inJSON(form, false), html.EscapeString(form),
			url.QueryEscape(form), url.PathEscape(form), base64.StdEncoding.EncodeToString([]byte(form)), base64.URLEncoding.EncodeToString([]byte(form)))
	}
	return inOrder(forms)
}

// inOrder has each form once, the longest first: it may hold others.
func inOrder(forms []string) []string {
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(forms)
}

// inJSON is a word as it stands in a string of JSON.
func inJSON(word string, escapesHTML bool) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(escapesHTML)
	if err := encoder.Encode(word); err != nil {
		return word // a string always encodes
	}
	quoted := strings.TrimSpace(text.String())
	return quoted[1 : len(quoted)-1]
}

// outOf takes the secrets out of what the other side said.
func (s secrets) outOf(said string) string {
	for _, form := range s.repeated() {
		said = strings.ReplaceAll(said, form, "…")
	}
	return said
}

// clipped is outOf, and keeps the start.
func (s secrets) clipped(said string) string { return clip(s.outOf(said)) }

// outOfBody is outOf for a whole answer that is no error: it is looked through for
// what was sent, and copied only where it holds that.
func (s secrets) outOfBody(body []byte) []byte {
	for _, form := range s.sent() {
		if bytes.Contains(body, []byte(form)) {
			return []byte(s.outOf(string(body)))
		}
	}
	return body
}

// outOfError keeps an error whose text holds no secret.
func (s secrets) outOfError(err error) error {
	if said := s.outOf(err.Error()); said != err.Error() {
		return errors.New(said)
	}
	return err
}

// credentialsOf are the secrets that a request holds, or that its authenticator does.
func credentialsOf(auth Authenticator, request *http.Request) secrets {
	var words []string
	for _, name := range []string{tokenHeader, "X-Security-Token", "Authorization"} {
		words = append(words, request.Header.Get(name))
	}
	if _, signature, signed := strings.Cut(request.Header.Get("Authorization"), "Signature="); signed {
		words = append(words, signature)
	}
	return secretsOf(append(words, auth.held()...)...)
}
