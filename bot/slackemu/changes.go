package slackemu

import (
	"context"
	"fmt"
	"strconv"
)

// Wait returns as soon as done returns true; it asks again after each change of the workspace. When ctx ends
// first it returns ctx's error.
func (s *Server) Wait(ctx context.Context, done func() bool) error {
	for {
		changed := s.nextChange()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the workspace to change: %w", ctx.Err())
		}
	}
}

// nextChange returns a channel that is closed at the next change.
func (s *Server) nextChange() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// touch tells every waiter that something changed. The caller holds s.mu.
func (s *Server) touch() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// stamp returns a message timestamp: the clock's time, in microseconds, later than every one before. The
// caller holds s.mu.
func (s *Server) stamp() string {
	now := s.opts.Now().UnixMicro()
	s.lastTS = max(s.lastTS+1, now)
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// newID returns an id that begins with prefix, as Slack's do. The caller holds s.mu.
func (s *Server) newID(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s0%07X", prefix, s.serial)
}

// secret returns text that nobody guesses by accident; it is not meant to resist an attacker. The caller
// holds s.mu.
func (s *Server) secret() string {
	return strconv.FormatUint(s.random.Uint64(), 36) + strconv.FormatUint(s.random.Uint64(), 36)
}

// uuid returns an id in the form of an envelope id. The caller holds s.mu.
func (s *Server) uuid() string {
	a, b := s.random.Uint64(), s.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}
