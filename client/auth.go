package client

import (
	"context"
	"net/http"
)

// Authenticator proves to the cloud who is calling: [Password] or [Sign].
// It is safe for concurrent use.
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
