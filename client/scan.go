package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// scanner reads JSON front to back, once, and keeps only what it is asked for.
// It is as strict as encoding/json about what is JSON, so that half an answer
// does not pass for a whole one, and as lenient as text about the types. After a
// mistake it is at the end and err is set.
type scanner struct {
	data  []byte
	at    int
	depth int
	err   error
	known map[text]text // short texts that were read before: a list repeats itself
}

const (
	deepest   = 100 // levels of objects and arrays
	shortText = 24  // bytes
)

func (s *scanner) fail() {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: %w", s.at, errNotJSON)
	}
	s.at = len(s.data)
}

// peek returns the next byte that is no space, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		if c := s.data[s.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// end wants nothing more to follow.
func (s *scanner) end() error {
	if s.peek() != 0 {
		s.fail()
	}
	return s.err
}

// object calls read for each field, which has to read the value. What is no
// object is passed over.
func (s *scanner) object(read func(name []byte)) {
	if s.peek() != '{' {
		s.skip()
		return
	}
	s.between('}', func() {
		if s.peek() != '"' {
			s.fail()
			return
		}
		name := s.quoted()
		if s.peek() != ':' {
			s.fail()
			return
		}
		s.at++
		read(name)
	})
}

// between calls read for each part up to the closing bracket.
func (s *scanner) between(closing byte, read func()) {
	s.at++
	if s.depth++; s.depth > deepest {
		s.fail()
	}
	for more := s.peek() != closing; more && s.err == nil; {
		read()
		if more = s.peek() == ','; more {
			s.at++
		}
	}
	if s.peek() != closing {
		s.fail()
		return
	}
	s.at++
	s.depth--
}

// skip passes over any value.
func (s *scanner) skip() {
	switch s.peek() {
	case '{':
		s.object(func([]byte) { s.skip() })
	case '[':
		s.between(']', s.skip)
	case '"':
		s.quoted()
	default:
		s.literal()
	}
}

// text reads any value as [text] does.
func (s *scanner) text() text {
	switch s.peek() {
	case '"':
		return s.keep(bytes.TrimSpace(s.quoted()))
	case '{', '[':
		s.skip()
		return ""
	}
	if word := s.literal(); string(word) != "null" {
		return s.keep(word)
	}
	return ""
}

func (s *scanner) keep(raw []byte) text {
	if len(raw) > shortText {
		return text(raw)
	}
	if t, ok := s.known[text(raw)]; ok {
		return t
	}
	if s.known == nil {
		s.known = map[text]text{}
	}
	t := text(raw)
	s.known[t] = t
	return t
}

// quoted reads a string. What it returns is a part of the data where that says
// it as it is.
func (s *scanner) quoted() []byte {
	start, plain := s.at, true
	for i := start + 1; i < len(s.data); i++ {
		c := s.data[i]
		if unremarkable[c] {
			continue
		}
		switch {
		case c == '"' && plain:
			s.at = i + 1
			return s.data[start+1 : i]
		case c == '"':
			s.at = i + 1
			return s.unescaped(s.data[start:s.at])
		case c < ' ':
			s.fail()
			return nil
		case c == '\\':
			i++
		}
		plain = false
	}
	s.fail()
	return nil
}

// unremarkable are the bytes that stand for themselves in a string.
var unremarkable = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

func (s *scanner) unescaped(quoted []byte) []byte {
	var plain string
	if json.Unmarshal(quoted, &plain) != nil {
		s.fail()
	}
	return []byte(plain)
}

// literal reads a number, true, false or null.
func (s *scanner) literal() []byte {
	start := s.at
	for s.at < len(s.data) && bytes.IndexByte([]byte(",]} \n\t\r"), s.data[s.at]) < 0 {
		s.at++
	}
	word := s.data[start:s.at]
	if !json.Valid(word) {
		s.fail()
		return nil
	}
	return word
}
