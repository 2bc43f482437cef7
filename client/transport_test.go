package client_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// TestConnectionsAreKeptForAsManyAsCall has more callers at a time than net/http
// keeps connections for by itself.
func TestConnectionsAreKeptForAsManyAsCall(t *testing.T) {
	const callers, rounds = 16, 5
	cloud := cbhemu.New(cbhemu.Options{})
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(cloud)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	shared := client.NewHTTP(callers)
	defer shared.CloseIdleConnections()
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: cbhemu.DefaultProject, Auth: client.StaticToken(cloud.IssueToken()), HTTP: shared})
	if err != nil {
		t.Fatal(err)
	}
	for range rounds {
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				if _, err := c.Features(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	if n := opened.Load(); n > callers+callers/2 {
		t.Errorf("%d connections for %d callers at a time", n, callers)
	}
}
