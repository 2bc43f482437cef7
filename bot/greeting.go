package bot

import "context"

// Greet opens one socket, waits for Slack's hello, and closes it in order. It tells how
// many sockets of the app Slack counts, with this one. What Slack sends to it meanwhile
// goes to c.Receive, as with Sockets. A *FatalError says that Slack will not have us.
func Greet(ctx context.Context, c SocketsConfig) (counted int, err error) {
	s := NewSockets(c)
	conn, err := s.opener.dial(ctx)
	if err != nil {
		return 0, err
	}
	sock := newSocket(conn, s)
	err = sock.up(ctx)
	sock.finish(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number, err
}
