package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// PasswordConfig names an IAM user. All fields but HTTP, Now and OnToken are required.
type PasswordConfig struct {
	IAMEndpoint string // as [Config].Endpoint
	User        string
	Password    string
	Domain      string       // the account the user belongs to
	ProjectID   string       // what the token is for
	HTTP        *http.Client // as [Config].HTTP
	Now         func() time.Time
	OnToken     func(Kind) // is told what came of asking for a token, 0 for one; may be nil
}

// String leaves the password out.
func (c PasswordConfig) String() string {
	return fmt.Sprintf("IAM user %s of %s at %s", c.User, c.Domain, c.IAMEndpoint)
}

// GoString leaves the password out.
func (c PasswordConfig) GoString() string { return c.String() }

// Password gets tokens from IAM with a user's password. A token is shared by
// all callers and replaced half an hour before it expires, or when the cloud
// refuses it.
//
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
func Password(c PasswordConfig) Authenticator {
	if c.HTTP == nil {
		c.HTTP = NewHTTP(fewIdle)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.OnToken == nil {
		c.OnToken = func(Kind) {}
	}
	c.HTTP = withoutRedirects(c.HTTP)
	return &password{config: c}
}

const (
	refreshEarly = 30 * time.Minute // before a token expires
	refusalHolds = time.Minute      // after IAM refused the password: repeated attempts lock the account
	assumedLife  = time.Hour        // of a token whose end IAM does not tell
	shortestUse  = time.Minute      // of a token, even when the clocks disagree about its end
	tokenTimeout = 30 * time.Second // for one IAM call
)

type password struct {
	config PasswordConfig
	flight singleflight.Group

	mu        sync.Mutex
	token     string
	goodUntil time.Time // when to get another, not when it expires
	refusal   *Error    // IAM's, while it holds
	refusedAt time.Time
	insisted  time.Time // when a refusal was last let go before its time
}

func (p *password) check() error {
	c := p.config
	for _, field := range []struct{ name, value string }{
		{"user", c.User}, {"password", c.Password}, {"domain", c.Domain}, {"project id", c.ProjectID},
	} {
		if field.value == "" {
			return errors.New("an IAM " + field.name + " is required")
		}
	}
	if _, err := parseEndpoint(c.IAMEndpoint); err != nil {
		return fmt.Errorf("IAM endpoint: %w", err)
	}
	return nil
}

func (p *password) String() string   { return p.config.String() }
func (p *password) GoString() string { return p.config.String() }

func (p *password) Authorize(ctx context.Context, request *http.Request) error {
	token, err := p.current(ctx)
	if err == nil {
		request.Header.Set(tokenHeader, token)
	}
	return err
}

// refused forgets the token that was refused, unless another caller replaced it.
func (p *password) refused(request *http.Request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.token == request.Header.Get(tokenHeader) {
		p.token = ""
	}
	return true
}

// insist lets a refusal go, but seldom: whoever presses again and again locks no account.
func (p *password) insist() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.config.Now(); now.Sub(p.insisted).Abs() >= refusalHolds {
		p.refusal, p.insisted = nil, now
	}
}

// current returns a token that is good for a while. Callers who need one at the
// same time share one IAM call, which goes on when any of them gives up.
func (p *password) current(ctx context.Context) (string, error) {
	if token, err := p.kept(); token != "" || err != nil {
		return token, err
	}
	shared := p.flight.DoChan("token", func() (any, error) {
		if token, err := p.kept(); token != "" || err != nil {
			return token, err
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTimeout)
		defer cancel()
		return p.fetch(ctx)
	})
	select {
	case <-ctx.Done():
		return "", &Error{Op: "token", Kind: Unavailable, Err: ctx.Err()}
	case result := <-shared:
		token, _ := result.Val.(string)
		return token, result.Err
	}
}

// held are the password, and the last token.
func (p *password) held() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return []string{p.config.Password, p.token}
}

// kept returns the token or the refusal that is remembered; neither if IAM has
// to be asked.
func (p *password) kept() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.config.Now()
	if p.refusal != nil && now.Sub(p.refusedAt).Abs() < refusalHolds {
		return "", p.refusal
	}
	if p.token != "" && now.Before(p.goodUntil) {
		return p.token, nil
	}
	return "", nil
}

func (p *password) fetch(ctx context.Context) (string, error) {
	token, expires, err := p.ask(ctx)
	now := p.config.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.config.OnToken(err.Kind)
		if clearRefusal(err) {
			p.refusal, p.refusedAt = err, now
		}
		return "", err
	}
	p.config.OnToken(0)
	p.token, p.goodUntil, p.refusal = token, useUntil(now, expires), nil
	return token, nil
}

// clearRefusal tells a wrong password or account from a fault that passes.
func clearRefusal(e *Error) bool {
	return e.Status/100 == 4 && e.Kind != Throttled && e.Kind != Unavailable
}

// useUntil is half an hour before the end; of a token that does not live much
// longer than that, half its life is used.
func useUntil(now, expires time.Time) time.Time {
	life := expires.Sub(now)
	if expires.IsZero() {
		life = assumedLife
	}
	return now.Add(max(life-refreshEarly, min(life, 2*refreshEarly)/2, shortestUse))
}
