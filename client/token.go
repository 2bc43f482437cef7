package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ask makes one IAM call.
func (p *password) ask(ctx context.Context) (token string, expires time.Time, failure *Error) {
	request, err := p.request(ctx)
	if err != nil {
		return "", time.Time{}, &Error{Op: "token", Kind: BadRequest, Err: err}
	}
	response, sent, err := roundTrip(ctx, p.config.HTTP, request)
	if err != nil {
		return "", time.Time{}, &Error{Op: "token", Kind: Unavailable, Sent: sent, Err: secretsOf(p.held()...).outOfError(unrepeated(err))}
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return "", time.Time{}, errorFrom("token", response, p.config.Now(), secretsOf(p.held()...))
	}
	token = response.Header.Get("X-Subject-Token")
	if token == "" {
		return "", time.Time{}, &Error{Op: "token", Status: response.StatusCode, Kind: Unreadable, Sent: true, Err: errNoToken}
	}
	return token, readExpiry(response), nil
}

// unrepeated is an error without the line of a header that cannot be read, which
// net/http repeats: it may be that of a token that nobody knows yet.
func unrepeated(err error) error {
	said, _, malformed := strings.Cut(err.Error(), "malformed MIME header")
	if malformed {
		return errors.New(said + "malformed header")
	}
	return err
}

// readExpiry returns the end of the token, zero if the body does not tell it.
func readExpiry(response *http.Response) time.Time {
	var body struct {
		Token group[struct {
			ExpiresAt text `json:"expires_at"`
		}] `json:"token"`
	}
	raw, _ := readAll(response, maxBody)
	_ = json.Unmarshal(raw, &body)
	return body.Token.fields.ExpiresAt.instant()
}

func (p *password) request(ctx context.Context) (*http.Request, error) {
	base, err := parseEndpoint(p.config.IAMEndpoint)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(tokenBody(p.config))
	if err != nil {
		return nil, err
	}
	target := base.JoinPath("v3", "auth", "tokens")
	target.RawQuery = url.Values{"nocatalog": {"true"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err == nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json")
	}
	return request, err
}

// tokenBody is {"auth":{"identity":{…},"scope":{"project":{"id":…}}}}.
func tokenBody(c PasswordConfig) any {
	type object map[string]any
	user := object{"name": c.User, "password": c.Password, "domain": object{"name": c.Domain}}
	return object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": user}},
		"scope":    object{"project": object{"id": c.ProjectID}},
	}}
}
