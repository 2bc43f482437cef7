package client_test

import (
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

// TestAWriteThatIsResetIsSentOnce: net/http sends again what an HTTP/2 peer resets with
// PROTOCOL_ERROR, and a gateway may do that when the cloud has carried it out.
func TestAWriteThatIsResetIsSentOnce(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var writes atomic.Int32
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			go resetting(conn, &writes)
		}
	}()
	shared := client.NewHTTP(1)
	defer shared.CloseIdleConnections()
	shared.Transport.(*http.Transport).TLSClientConfig = web.Client().Transport.(*http.Transport).TLSClientConfig
	c, err := client.New(client.Config{Endpoint: "https://" + listener.Addr().String(), ProjectID: "p", Auth: client.StaticToken("token"), HTTP: shared})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Upgrade(t.Context(), "id", time.Now()); !client.Unclear(err) || writes.Load() != 1 {
		t.Errorf("sent %d times: %v", writes.Load(), err)
	}
}

// resetting speaks as much HTTP/2 as it takes to read requests with a body, and resets each
// (https://www.rfc-editor.org/rfc/rfc9113#section-6).
func resetting(conn net.Conn, requests *atomic.Int32) {
	defer conn.Close()
	const data, reset, settings, endOrAck, protocolError = 0, 3, 4, 1, 1
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
		case kind == data && flags&endOrAck != 0:
			requests.Add(1)
			write(reset, 0, head[5:], []byte{0, 0, 0, protocolError})
		}
	}
}
