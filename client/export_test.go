package client

import (
	"context"
	"net/http"
	"time"
)

// SetPause replaces the waiting between attempts.
func (c *Client) SetPause(pause func(context.Context, time.Duration) error) { c.pause = pause }

// SignAt is Sign with a clock.
func SignAt(ak, sk, securityToken string, now func() time.Time) Authenticator {
	s := Sign(ak, sk, securityToken).(*signer)
	s.now = now
	return s
}

// StaticToken uses a token that was made elsewhere.
func StaticToken(token string) Authenticator { return staticToken(token) }

type staticToken string

func (t staticToken) Authorize(_ context.Context, request *http.Request) error {
	request.Header.Set(tokenHeader, string(t))
	return nil
}

func (staticToken) refused(*http.Request) bool { return false }
func (staticToken) check() error               { return nil }
func (t staticToken) held() []string           { return []string{string(t)} }
