package bot_test

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

	"cbhbot/bot"
)

// A message is sent once: net/http sends again what an HTTP/2 peer resets with
// PROTOCOL_ERROR, and one between Slack and us may do that when the message is posted.
func TestAMessageThatIsResetIsSentOnce(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var messages atomic.Int32
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			go resetting(conn, &messages)
		}
	}()
	client := bot.NewHTTPClient()
	defer client.CloseIdleConnections()
	client.Transport.(*http.Transport).TLSClientConfig = web.Client().Transport.(*http.Transport).TLSClientConfig
	_, err = senderOn("https://"+listener.Addr().String(), client, nil).Post(context.Background(), "C1", "", picture(t, hello))
	if kind(err) != "unclear temporary" || messages.Load() != 1 {
		t.Errorf("sent %d times, %q: %v", messages.Load(), kind(err), err)
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
