package client_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) skip(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// cloud is an emulated cloud on a real port, and a client of it.
type cloud struct {
	*cbhemu.Server
	*client.Client
	clock *clock
	url   string
	waits []time.Duration // what the client would have waited
}

// newCloud starts a scenario. The client logs in with the password unless given
// other credentials, and does not really wait between attempts.
func newCloud(t *testing.T, seed string, auth ...client.Authenticator) *cloud {
	t.Helper()
	c := &cloud{clock: newClock()}
	c.Server = cbhemu.New(cbhemu.Options{Now: c.clock.now, Seed: seed})
	server := httptest.NewServer(c.Server)
	t.Cleanup(server.Close)
	c.url = server.URL
	if len(auth) == 0 {
		auth = append(auth, c.login(cbhemu.DefaultPassword))
	}
	c.Client = c.as(t, auth[0])
	return c
}

func (c *cloud) login(password string) client.Authenticator {
	return client.Password(client.PasswordConfig{
		IAMEndpoint: c.url, User: cbhemu.DefaultUser, Password: password,
		Domain: cbhemu.DefaultDomain, ProjectID: cbhemu.DefaultProject, Now: c.clock.now,
	})
}

func (c *cloud) as(t *testing.T, auth client.Authenticator) *client.Client {
	t.Helper()
	own, err := client.New(client.Config{Endpoint: c.url, ProjectID: cbhemu.DefaultProject, Auth: auth, Now: c.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	own.SetPause(func(ctx context.Context, d time.Duration) error {
		c.waits = append(c.waits, d)
		return ctx.Err()
	})
	return own
}

// prod is the instance the scenarios are about, as the client sees it.
func (c *cloud) prod(t *testing.T) client.Instance {
	t.Helper()
	all, err := c.Client.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Name == "bastion-prod" {
			return i
		}
	}
	t.Fatal("bastion-prod is not in the list")
	return client.Instance{}
}

// schedule plans the upgrade of bastion-prod a day and an hour ahead.
func (c *cloud) schedule(t *testing.T) time.Time {
	t.Helper()
	at := c.clock.now().Add(25 * time.Hour)
	if _, err := c.Upgrade(t.Context(), c.prod(t).ServerID, at); err != nil {
		t.Fatal(err)
	}
	return at
}
