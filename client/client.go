package client

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/sirupsen/logrus"
)

// Config says which project a [Client] looks after and how it gets there.
type Config struct {
	Endpoint  string                  // scheme://host[:port] without a path; http only for loopback
	ProjectID string                  // required
	Auth      Authenticator           // required
	HTTP      *http.Client            // nil: a [NewHTTP] of its own
	Now       func() time.Time        // nil: time.Now
	Log       logrus.FieldLogger      // nil: nothing is logged
	OnDate    func(server time.Time)  // gets the Date header of each answer, zero where there is none; may be nil
	OnCall    func(op string, k Kind) // is told what came of each exchange, 0 for a 2xx; may be nil
}

// Client calls the API for one project.
type Client struct {
	endpoint *url.URL
	project  string
	auth     Authenticator
	http     *http.Client
	now      func() time.Time
	log      logrus.FieldLogger
	onDate   func(time.Time)
	onCall   func(string, Kind)
	pause    pauser
}

// New checks the configuration; it does not call anybody.
func New(c Config) (*Client, error) {
	endpoint, err := parseEndpoint(c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("CBH endpoint: %w", err)
	}
	if c.ProjectID == "" {
		return nil, errors.New("a CBH project id is required")
	}
	if c.Auth == nil {
		return nil, errors.New("credentials for the cloud are required")
	}
	if err := c.Auth.check(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	return &Client{
		endpoint: endpoint, project: c.ProjectID, auth: c.Auth, http: withoutRedirects(c.HTTP),
		now: c.Now, log: c.Log, onDate: c.OnDate, onCall: c.OnCall, pause: sleep,
	}, nil
}

// Insist has the next call log in although that was refused a moment ago: somebody says
// that what was wrong is put right.
func (c *Client) Insist() {
	if p, is := c.auth.(*password); is {
		p.insist()
	}
}

func (c Config) withDefaults() Config {
	if c.HTTP == nil {
		c.HTTP = NewHTTP(fewIdle)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = new(logrus.Logger) // whose level is that of a panic
	}
	if c.OnDate == nil {
		c.OnDate = func(time.Time) {}
	}
	if c.OnCall == nil {
		c.OnCall = func(string, Kind) {}
	}
	return c
}

// CheckEndpoint says what keeps a text from being an endpoint, nil for one that is.
func CheckEndpoint(text string) error {
	_, err := parseEndpoint(text)
	return err
}

// parseEndpoint accepts what can be a base of API paths. Plain http would show
// the token to everybody on the way, so it is for this machine only.
func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it must look like https://host")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, errors.New("it must be a scheme and a host, with nothing after them")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("http is for loopback addresses only, and %s is none", u.Hostname())
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// withoutRedirects returns a copy that hands out a redirect as it is: following
// one would carry the token to another host.
func withoutRedirects(h *http.Client) *http.Client {
	own := *h
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}
