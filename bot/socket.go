package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/sirupsen/logrus"
)

const (
	helloTimeout = 10 * time.Second
	pingEvery    = 2 * time.Second
	mostUnheard  = 3                     // pings in a row, of a peer that answers them
	silence      = 30 * time.Second      // without any traffic, a socket counts as dead
	writeTimeout = 2 * time.Second       // an ack that is stuck still goes out elsewhere within the 3 s that Slack waits
	ackTimeout   = 4 * time.Second       // acks owed at the end
	byeTimeout   = 2 * time.Second       // for the peer's close frame
	byeHurried   = 50 * time.Millisecond // the same at the end of the program
	lingerAfter  = time.Second           // for Slack to close what it has dismissed
	lingerWarned = 15 * time.Second      // the same after a warning, which comes about 10 s ahead
	ackLimit     = 20_000                // Slack drops a larger ack (deploy/docs/facts.md: Socket Mode)
	ackHead      = 500                   // of that, for what stands around a payload
	usualFrame   = 64 << 10              // the buffer of a longer one is not kept
)

// errClosing says that this socket's close frame is out or its peer's has come.
var errClosing = errors.New("the socket is closing")

// socket is one WebSocket connection to Slack.
type socket struct {
	conn  *websocket.Conn
	owner *Sockets
	log   logrus.FieldLogger
	born  time.Time

	hello   chan struct{} // closed when Slack has shown itself ready
	renew   chan string   // why to replace it
	ended   chan struct{} // closed when reading has ended
	greeted sync.Once

	acks owed // envelopes that are not answered yet

	answers atomic.Bool  // the peer has answered a ping
	unheard atomic.Int32 // pings since anything was heard

	dismissed bool // it is to be replaced; guarded by the owner's mutex

	mu      sync.Mutex // of writing, and of closing
	closing bool       // a close frame has gone one way or the other
}

func newSocket(conn *websocket.Conn, owner *Sockets) *socket {
	return &socket{
		conn: conn, owner: owner, log: owner.config.Log, born: time.Now(),
		hello: make(chan struct{}), renew: make(chan string, 1), ended: make(chan struct{}),
	}
}

// frame is any text frame from Slack (deploy/docs/facts.md: Socket Mode).
type frame struct {
	Envelope
	Reason         string `json:"reason"`
	NumConnections int    `json:"num_connections"`
}

// up starts reading and waits for Slack's hello.
func (k *socket) up(ctx context.Context) error {
	// Envelopes outlive the shutdown's signal: what was read is kept and acked.
	go k.read(context.WithoutCancel(ctx))
	go k.ping()
	timer := time.NewTimer(helloTimeout)
	defer timer.Stop()
	select {
	case <-k.hello:
		return nil
	case reason := <-k.renew: // also when it has ended
		if k.said() {
			k.replace(reason)
			return nil
		}
		return errors.New("Slack ended the socket before its hello: " + reason)
	case <-timer.C:
		return errors.New("Slack sent no hello")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// said reports whether Slack has said hello.
func (k *socket) said() bool {
	select {
	case <-k.hello:
		return true
	default:
		return false
	}
}

// read takes frames until the connection ends. Any traffic is a sign of life.
func (k *socket) read(ctx context.Context) {
	defer k.owner.remove(k)
	defer close(k.ended)
	defer k.conn.Close()
	alive := func() {
		k.unheard.Store(0)
		k.conn.SetReadDeadline(time.Now().Add(silence))
	}
	alive()
	k.conn.SetPongHandler(func(string) error {
		k.answers.Store(true)
		alive()
		return nil
	})
	k.conn.SetPingHandler(func(data string) error {
		alive()
		k.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
		return nil
	})
	var frame bytes.Buffer
	for {
		kind, err := k.next(&frame)
		if err != nil {
			k.over(err)
			return
		}
		alive()
		if kind == websocket.TextMessage {
			k.take(ctx, frame.Bytes())
		}
	}
}

// next reads a message into the buffer that the last one was in.
func (k *socket) next(to *bytes.Buffer) (kind int, err error) {
	kind, message, err := k.conn.NextReader()
	if err != nil {
		return kind, err
	}
	if to.Reset(); to.Cap() > usualFrame {
		*to = bytes.Buffer{}
	}
	_, err = to.ReadFrom(message)
	return kind, err
}

// over notes how the connection ended.
func (k *socket) over(err error) {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
		k.mu.Lock()
		k.closing = true
		k.mu.Unlock()
	}
	k.replace("closed: " + closeWords(err))
}

// parted reports whether a close frame has gone one way or the other.
func (k *socket) parted() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.closing
}

// closeWords describes the end of a connection without its address.
func closeWords(err error) string {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return fmt.Sprintf("close frame %d", closed.Code)
	}
	return bare(err).Error()
}

func (k *socket) take(ctx context.Context, data []byte) {
	f, err := readFrame(data)
	if err != nil {
		k.log.WithError(err).Warn("Slack sent a frame that cannot be read")
		return
	}
	if f.Type == "disconnect" {
		k.replace(cmp.Or(f.Reason, "no reason given"))
		return
	}
	if f.Type == "hello" {
		k.owner.greeted(f.NumConnections) // while this socket is not among the owner's
	}
	k.greeted.Do(func() { close(k.hello) })
	switch {
	case f.Type == "hello":
	case f.ID != "":
		f.Received = k.owner.config.Now()
		k.acks.add()
		k.owner.unacked.enter()
		go k.answer(ctx, f.Envelope)
	default:
		k.log.WithField("type", f.Type).Debug("a frame that asks for nothing")
	}
}

// readFrame reads what it can, and leaves the payload to check.
func readFrame(data []byte) (frame, error) {
	var f frame
	rest, payload := parted(data, "payload")
	err := decode(rest, &f)
	f.Payload = withoutBlocks(unquoted(payload))
	return f, err
}

// answer has an envelope kept and acks it.
func (k *socket) answer(ctx context.Context, e Envelope) {
	defer k.acks.done()
	defer k.owner.unacked.leave()
	start := time.Now()
	ack, payload := k.owner.config.Receive(ctx, e)
	if !ack {
		return
	}
	data, err := encodeAck(e.ID, payload)
	if err != nil {
		k.log.WithError(err).WithField("envelope", e.ID).Error("an ack's payload was left out")
	}
	if err := k.owner.ack(k, data); err != nil {
		k.log.WithError(err).WithField("envelope", e.ID).Warn("an ack could not be sent; what it was for is kept")
		return
	}
	k.owner.config.Metrics.acks.Observe(time.Since(start).Seconds())
}

// encodeAck leaves out a payload that would make Slack drop the ack.
func encodeAck(id string, payload any) ([]byte, error) {
	type ack struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload,omitempty"`
	}
	data, err := json.Marshal(ack{ID: id, Payload: payload})
	if err == nil && len(data) < ackLimit {
		return data, nil
	}
	if err == nil {
		err = fmt.Errorf("it would be %d bytes long", len(data))
	}
	bare, _ := json.Marshal(ack{ID: id})
	return bare, err
}

// write sends one unfragmented text frame.
func (k *socket) write(data []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closing {
		return errClosing
	}
	k.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return k.conn.WriteMessage(websocket.TextMessage, data)
}

// ping asks whether the peer is there. Slack goes on sending to a connection that
// broke without a word, and what it sends there is lost: one that answers no more is
// replaced. Pings are counted, and not the time: a process that was stopped has asked nothing.
func (k *socket) ping() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		if k.unheard.Add(1) > mostUnheard && k.answers.Load() {
			k.replace("no answer to pings")
		}
		k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		select {
		case <-k.ended:
			return
		case <-ticker.C:
		}
	}
}

// replace asks the owner for a successor. The first reason counts.
func (k *socket) replace(reason string) {
	k.owner.dismiss(k)
	select {
	case k.renew <- reason:
	default:
	}
}

// await blocks until the socket is to be replaced, or ctx ends.
func (k *socket) await(ctx context.Context) (reason string) {
	select {
	case reason = <-k.renew:
		return reason // if it has not ended, it goes on serving until its successor is up
	case <-ctx.Done():
		return ""
	}
}

// linger goes on serving until Slack has ended the socket, or should have.
func (k *socket) linger(ctx context.Context, reason string) {
	limit := lingerAfter
	if reason == "warning" {
		limit = lingerWarned
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-k.ended:
	case <-ctx.Done():
	}
}

// finish sends the acks that are owed, says goodbye, and waits for Slack's own:
// what arrives meanwhile is acked on another socket. Once ctx has ended there is
// none, and the wait is short.
func (k *socket) finish(ctx context.Context) {
	k.acks.wait(ackTimeout)
	k.mu.Lock()
	k.closing = true
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	k.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeTimeout))
	k.mu.Unlock()
	timer := time.NewTimer(byeTimeout)
	defer timer.Stop()
	defer context.AfterFunc(ctx, func() { timer.Reset(byeHurried) })()
	select {
	case <-k.ended:
	case <-timer.C:
		k.conn.Close()
		<-k.ended
	}
	k.acks.wait(ackTimeout)
}

// owed counts what is still to be answered. Unlike a sync.WaitGroup it may be
// waited for while more comes in.
type owed struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when n is 0 again
}

func (o *owed) add() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n++; o.n == 1 {
		o.none = make(chan struct{})
	}
}

func (o *owed) done() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n--; o.n == 0 {
		close(o.none)
	}
}

// wait blocks until nothing is owed, at most for d.
func (o *owed) wait(d time.Duration) {
	o.mu.Lock()
	none, n := o.none, o.n
	o.mu.Unlock()
	if n == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-none:
	case <-timer.C:
	}
}
