package slackemu

import (
	"fmt"
	"net"
	"time"
)

func (s *Server) socketByID(id string) (*socket, error) {
	for _, k := range s.registered() {
		if k.info.ID == id {
			return k, nil
		}
	}
	return nil, fmt.Errorf("no socket %q is registered", id)
}

// Disconnect ends a socket the way Slack does. Reason is "warning" (the socket lives for another
// Options.WarningLead and is then refreshed), "refresh_requested", "link_disabled" or "too_many_websockets".
func (s *Server) Disconnect(id, reason string) error {
	k, err := s.socketByID(id)
	if err != nil {
		return err
	}
	switch reason {
	case "warning":
		if !s.Faults().LoseWarnings {
			_ = k.send(disconnectFrame(reason))
		}
		go s.refreshLater(k)
	case "refresh_requested", "link_disabled", "too_many_websockets":
		s.dismiss(k, reason)
	default:
		return fmt.Errorf("unknown disconnect reason %q", reason)
	}
	return nil
}

func (s *Server) refreshLater(k *socket) {
	select {
	case <-time.After(s.opts.WarningLead):
		s.dismiss(k, "refresh_requested")
	case <-k.gone:
	case <-s.done:
	}
}

// dismiss sends no more payloads to a socket, says why and closes it. Acks under way still count.
func (s *Server) dismiss(k *socket, reason string) {
	s.retire(k, closedByServer+": "+reason)
	_ = k.send(disconnectFrame(reason))
	k.close()
}

// Kill cuts a socket's connection without a close frame and without a word.
func (s *Server) Kill(id string) error {
	k, err := s.socketByID(id)
	if err != nil {
		return err
	}
	s.retire(k, "killed")
	if tcp, ok := k.watch.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return k.conn.Close()
}

// Freeze makes a socket silent: it stays connected and registered, and nothing passes in either direction.
func (s *Server) Freeze(id string) error {
	k, err := s.socketByID(id)
	if err != nil {
		return err
	}
	s.count(k, func(i *Socket) { i.State = stateFrozen })
	return nil
}
