package slackemu

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	socketLimit  = 10              // sockets Slack allows one app
	writeTimeout = 5 * time.Second // for one frame
	closeWait    = 2 * time.Second // for the app's half of a close
	ackLimit     = 20 * 1024       // bytes from which Slack drops an ack
	debugHost    = "applink-slackemu"
)

// Socket is a Socket Mode connection as Slack sees it.
type Socket struct {
	ID      string    `json:"id"`
	Opened  time.Time `json:"opened"`
	State   string    `json:"state"`   // "open", "ghost", "frozen" or, no longer registered, "closed"
	Ended   string    `json:"ended"`   // how it ended: "close frame 1000", "lost", "closed by server"; empty while it lives
	Sent    int       `json:"sent"`    // payloads sent to it
	Acks    int       `json:"acks"`    // acks received on it
	Dropped int       `json:"dropped"` // acks dropped because they were too big or in pieces
	Pongs   int       `json:"pongs"`
	Pings   int       `json:"pings"` // that the app sent
}

// Frame is a text frame on a socket.
type Frame struct {
	Socket  string
	FromApp bool
	Text    json.RawMessage
}

const (
	stateOpen   = "open"
	stateGhost  = "ghost"
	stateFrozen = "frozen"
	stateClosed = "closed"

	closedByServer = "closed by server"
)

// socket is a registered connection. Info and frozen are guarded by the server's mutex, writing by its own.
type socket struct {
	info  Socket
	conn  *websocket.Conn
	tap   func(Frame)
	watch *frameWatch
	write sync.Mutex
	gone  chan struct{} // closed when reading ended
}

var upgrader = websocket.Upgrader{
	ReadBufferSize: 4096, WriteBufferSize: 1 << 16, // frames to the app are never split
	CheckOrigin: func(*http.Request) bool { return true },
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	app, valid := s.redeem(r.URL.Query().Get("ticket"))
	if !valid {
		http.Error(w, "ticket is unknown, used or expired", http.StatusForbidden)
		return
	}
	watch := &frameWatch{}
	conn, err := upgrader.Upgrade(&watched{w, watch}, r, nil)
	if err != nil {
		s.log.WithError(err).Debug("upgrading to a WebSocket")
		return
	}
	k := &socket{conn: conn, tap: s.opts.Tap, watch: watch, gone: make(chan struct{})}
	defer conn.Close()
	defer close(k.gone)
	if app != s.opts.AppID {
		_ = k.send(helloFrame(app, 1))
		s.readLoop(k)
		return
	}
	if !s.register(k) {
		_ = k.send(disconnectFrame("too_many_websockets"))
		k.close()
		return
	}
	go s.pingLoop(k)
	s.readLoop(k)
}

// redeem uses up a ticket, and tells whose it is.
func (s *Server) redeem(name string) (app string, valid bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.tickets[name]
	delete(s.tickets, name)
	return t.app, known && !s.opts.Now().After(t.until)
}

// register adds a socket and greets it; the greeting is the first frame it gets.
func (s *Server) register(k *socket) bool {
	k.write.Lock()
	defer k.write.Unlock()
	s.mu.Lock()
	if len(s.sockets) >= socketLimit {
		s.mu.Unlock()
		return false
	}
	s.serial++
	k.info = Socket{ID: fmt.Sprintf("socket-%d", s.serial), Opened: s.opts.Now(), State: stateOpen}
	s.sockets = append(s.sockets, k)
	hello := helloFrame(s.opts.AppID, len(s.sockets))
	s.touch()
	s.mu.Unlock()
	_ = k.sendLocked(hello)
	return true
}

func helloFrame(app string, connections int) object {
	return object{
		"type": "hello", "num_connections": connections,
		"connection_info": object{"app_id": app},
		"debug_info":      object{"host": debugHost, "build_number": 1, "approximate_connection_time": 18060},
	}
}

func disconnectFrame(reason string) object {
	return object{"type": "disconnect", "reason": reason, "debug_info": object{"host": debugHost}}
}

func (k *socket) send(frame object) error {
	k.write.Lock()
	defer k.write.Unlock()
	return k.sendLocked(frame)
}

// sendLocked is send for a caller that holds k.write.
func (k *socket) sendLocked(frame object) error {
	text := encode(frame)
	k.tap(Frame{Socket: k.info.ID, Text: text})
	_ = k.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return k.conn.WriteMessage(websocket.TextMessage, text)
}

// close sends a close frame and cuts the connection when the app has answered or taken too long. It returns at once.
func (k *socket) close() {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = k.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeTimeout))
	time.AfterFunc(closeWait, func() { _ = k.conn.Close() })
}

// readLoop takes acks until the connection ends.
func (s *Server) readLoop(k *socket) {
	k.conn.SetReadLimit(bodyLimit)
	k.conn.SetPongHandler(func(string) error { s.count(k, func(i *Socket) { i.Pongs++ }); return nil })
	k.conn.SetPingHandler(func(data string) error { return s.pong(k, data) })
	for {
		_, text, err := k.conn.ReadMessage()
		if err != nil {
			s.ended(k, err)
			return
		}
		k.tap(Frame{Socket: k.info.ID, FromApp: true, Text: text})
		s.takeAck(k, text, k.watch.nextWhole())
	}
}

func (s *Server) count(k *socket, add func(*Socket)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(&k.info)
}

// pong answers the app's ping, unless the socket is frozen.
func (s *Server) pong(k *socket, data string) error {
	frozen := false
	s.count(k, func(i *Socket) { i.Pings++; frozen = i.State == stateFrozen })
	if frozen {
		return nil
	}
	err := k.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTimeout))
	var slow net.Error
	if errors.Is(err, websocket.ErrCloseSent) || errors.As(err, &slow) {
		return nil
	}
	return err
}

func (s *Server) pingLoop(k *socket) {
	tick := time.NewTicker(s.opts.PingInterval)
	defer tick.Stop()
	for {
		frozen := false
		s.count(k, func(i *Socket) { frozen = i.State == stateFrozen })
		if !frozen {
			_ = k.conn.WriteControl(websocket.PingMessage, []byte("slackemu"), time.Now().Add(writeTimeout))
		}
		select {
		case <-k.gone:
			return
		case <-tick.C:
		}
	}
}

// ended notes how a socket ended. A socket lost without a close frame stays registered when Ghosts is on, as it
// does at Slack.
func (s *Server) ended(k *socket, err error) {
	how := "lost"
	var closing *websocket.CloseError
	if errors.As(err, &closing) && closing.Code != websocket.CloseAbnormalClosure {
		how = fmt.Sprintf("close frame %d", closing.Code)
	}
	s.mu.Lock()
	ghost := s.faults.Ghosts && how == "lost" && k.info.State != stateClosed
	if ghost {
		k.info.State, k.info.Ended = stateGhost, how
		s.touch()
	}
	s.mu.Unlock()
	if !ghost {
		s.retire(k, how)
	}
}

// retire takes a socket off the register.
func (s *Server) retire(k *socket, how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retireLocked(k, how)
}

func (s *Server) retireLocked(k *socket, how string) {
	at := slices.Index(s.sockets, k)
	if at < 0 {
		return
	}
	s.sockets = slices.Delete(s.sockets, at, at+1)
	k.info.State, k.info.Ended = stateClosed, how
	s.past = append(s.past, k.info)
	s.past = s.past[max(0, len(s.past)-1000):]
	s.touch()
}

// dropGhosts forgets dead registrations. The caller holds s.mu.
func (s *Server) dropGhosts() {
	for _, k := range slices.Clone(s.sockets) {
		if k.info.State == stateGhost {
			s.retireLocked(k, k.info.Ended)
		}
	}
}

func (s *Server) registered() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sockets)
}

// Sockets returns the registered sockets, oldest first; PastSockets those that ended, at most 1000.
func (s *Server) Sockets() []Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Socket{}
	for _, k := range s.sockets {
		found = append(found, k.info)
	}
	return found
}

// PastSockets returns the sockets that are no longer registered, in the order they ended.
func (s *Server) PastSockets() []Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat([]Socket{}, s.past)
}
