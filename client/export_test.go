package client

import (
	"context"
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
