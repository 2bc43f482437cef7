package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// TestACallThatIsResetIsSentOnce, also where the server speaks HTTP/2, and where the connection
// has served before: the server has read the call, and may have carried it out.
func TestACallThatIsResetIsSentOnce(t *testing.T) {
	var upgrades atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.ProtoMajor != 1 {
			t.Errorf("%s is spoken", r.Proto)
		}
		if r.Method == http.MethodPost {
			upgrades.Add(1)
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	shared := client.NewHTTP(1)
	defer shared.CloseIdleConnections()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	shared.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: client.StaticToken("token"), HTTP: shared})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Features(t.Context()) // opens the connection
	if _, err := c.Upgrade(t.Context(), "id", time.Now()); !client.Unclear(err) || upgrades.Load() != 1 {
		t.Errorf("sent %d times: %v", upgrades.Load(), err)
	}
}

// TestAnotherProtocolIsNotReadOn: the connection of an answer with 101 stays open, also when the
// call's time is over.
func TestAnotherProtocolIsNotReadOn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		time.AfterFunc(10*time.Second, func() { conn.Close() })
	}))
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: client.StaticToken("token")})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := c.Upgrade(t.Context(), "id", begun); !client.Unclear(err) || time.Since(begun) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}

// TestNoKeptConnectionIsUsedAfterOneThatLedNowhere: a gateway forgets all of them at once, without a word.
func TestNoKeptConnectionIsUsedAfterOneThatLedNowhere(t *testing.T) {
	const kept = 8
	var forgotten atomic.Bool
	var meeting sync.WaitGroup
	meeting.Add(kept)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch old := r.Context().Value(t).(*atomic.Bool); {
		case !forgotten.Load():
			old.Store(true)
			meeting.Done()
			meeting.Wait()
		case old.Load():
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, t, new(atomic.Bool))
	}
	server.Start()
	defer server.Close()
	shared := client.NewHTTP(kept)
	defer shared.CloseIdleConnections()
	c, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "p", Auth: client.StaticToken("token"), HTTP: shared})
	if err != nil {
		t.Fatal(err)
	}
	upgrade := func(patience time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		_, err := c.Upgrade(ctx, "id", time.Now())
		return err
	}
	var group sync.WaitGroup
	for range kept {
		group.Go(func() {
			if err := upgrade(time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	forgotten.Store(true)
	if err := upgrade(300 * time.Millisecond); !client.Unclear(err) {
		t.Errorf("over a connection that leads nowhere: %v", err)
	}
	if err := upgrade(5 * time.Second); err != nil {
		t.Errorf("over the next: %v", err)
	}
}
