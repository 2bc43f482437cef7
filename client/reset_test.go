package client_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/client"
)

// TestAWriteThatIsResetIsSentOnce, and so is a password, of which IAM takes few: net/http sends
// again what an HTTP/2 peer resets with PROTOCOL_ERROR, and a gateway may do that when the cloud
// has carried it out.
func TestAWriteThatIsResetIsSentOnce(t *testing.T) {
	address, shared, sent := resets(t)
	login := client.Password(client.PasswordConfig{IAMEndpoint: address, User: "u", Password: "p", Domain: "d", ProjectID: "p", HTTP: shared})
	for name, test := range map[string]struct {
		auth    client.Authenticator
		unclear bool
	}{"an upgrade": {client.StaticToken("token"), true}, "a login": {login, false}} {
		c, err := client.New(client.Config{Endpoint: address, ProjectID: "p", Auth: test.auth, HTTP: shared})
		if err != nil {
			t.Fatal(err)
		}
		sent.Store(0)
		_, err = c.Upgrade(t.Context(), "id", time.Now())
		if n := sent.Load(); n != 1 || client.Unclear(err) != test.unclear {
			t.Errorf("%s is sent %d times: %v", name, n, err)
		}
	}
}

// TestAReadThatIsResetIsSentAFewTimes: net/http sends one again on another connection, without
// a pause and without an end.
func TestAReadThatIsResetIsSentAFewTimes(t *testing.T) {
	address, shared, sent := resets(t)
	c, err := client.New(client.Config{Endpoint: address, ProjectID: "p", Auth: client.StaticToken("token"), HTTP: shared})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := c.Features(ctx); client.KindOf(err) != client.Unavailable || sent.Load() > 20 {
		t.Errorf("sent %d times: %v", sent.Load(), err)
	}
}

// resets starts a server that resets whatever it is asked, and counts that; the client trusts it.
func resets(t *testing.T) (address string, shared *http.Client, asked *atomic.Int32) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	asked = new(atomic.Int32)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			go resetting(conn, asked)
		}
	}()
	shared = client.NewHTTP(1)
	t.Cleanup(shared.CloseIdleConnections)
	shared.Transport.(*http.Transport).TLSClientConfig = web.Client().Transport.(*http.Transport).TLSClientConfig
	return "https://" + listener.Addr().String(), shared, asked
}

// resetting speaks as much HTTP/2 as it takes to read requests to their end, and resets each
// (https://www.rfc-editor.org/rfc/rfc9113#section-6).
func resetting(conn net.Conn, requests *atomic.Int32) {
	defer conn.Close()
	const headers, reset, settings, endOrAck, protocolError = 1, 3, 4, 1, 1
	write := func(kind, flags byte, stream, payload []byte) {
		frame := append([]byte{0, 0, byte(len(payload)), kind, flags}, stream...)
		_, _ = conn.Write(append(frame, payload...))
	}
	none := make([]byte, 4)
	_, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
	write(settings, 0, none, nil)
	for head := make([]byte, 9); err == nil; {
		if _, err = io.ReadFull(conn, head); err != nil {
			return
		}
		_, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(head)>>8))
		switch kind, flags := head[3], head[4]; {
		case kind == settings && flags&endOrAck == 0:
			write(settings, endOrAck, none, nil)
		case kind <= headers && flags&endOrAck != 0: // or data, which is 0
			requests.Add(1)
			write(reset, 0, head[5:], []byte{0, 0, 0, protocolError})
		}
	}
}
