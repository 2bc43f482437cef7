package bot

import (
	"context"
)

// Greeting is what Slack says when a socket is opened.
type Greeting struct {
	AppID string // whose socket it is
	Count int    // the app's sockets that Slack counts, with this one
}

// Greet opens one socket, waits for Slack's hello, and closes it in order. What Slack
// sends to it meanwhile goes to c.Receive, as with Sockets. A *FatalError says that Slack
// will not have us.
func Greet(ctx context.Context, c SocketsConfig) (Greeting, error) {
	s := NewSockets(c)
	conn, err := s.opener.dial(ctx)
	if err != nil {
		return Greeting{}, err
	}
	sock := newSocket(conn, s)
	err = sock.up(ctx)
	sock.finish(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.greeting, err
}
