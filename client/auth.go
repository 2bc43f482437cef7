package client

import (
	"context"
	"errors"
	"net/http"
)

// Authenticator proves to the cloud who is calling: [Password], [StaticToken]
// or [Sign]. It is safe for concurrent use.
type Authenticator interface {
	// Authorize adds credentials to a request that is complete otherwise. It is
	// called for each attempt.
	Authorize(ctx context.Context, request *http.Request) error
	// refused hears that the cloud did not accept the credentials of a request,
	// and reports whether others can be had.
	refused(request *http.Request) bool
	// check says what is wrong with how it is configured.
	check() error
	// held are its secrets besides those that it puts into a request.
	held() []string
}

const tokenHeader = "X-Auth-Token"

// StaticToken uses a token that was made elsewhere, until it expires.
func StaticToken(token string) Authenticator { return staticToken(token) }

type staticToken string

func (t staticToken) check() error {
	if t == "" {
		return errors.New("the cloud token is empty")
	}
	return nil
}

func (t staticToken) Authorize(_ context.Context, request *http.Request) error {
	request.Header.Set(tokenHeader, string(t))
	return nil
}

func (t staticToken) held() []string { return []string{string(t)} }

func (staticToken) refused(*http.Request) bool { return false }

func (staticToken) String() string   { return "StaticToken(…)" }
func (staticToken) GoString() string { return "StaticToken(…)" }
