package slackemu

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Delivery says what became of one act that Slack reported to the app.
type Delivery struct {
	EnvelopeID string        `json:"envelope_id,omitempty"`
	Type       string        `json:"type,omitempty"`    // slash_commands, interactive or events_api
	Kind       string        `json:"kind,omitempty"`    // the payload's own type: block_actions, app_mention, …
	User       string        `json:"user,omitempty"`    // who acted
	Repeats    string        `json:"repeats,omitempty"` // the envelope that brought the same before
	At         time.Time     `json:"at"`                // on the workspace's clock
	Acked      bool          `json:"acked"`
	Within     time.Duration `json:"within"`            // until the ack, or until Slack gave up, in nanoseconds
	Sockets    []string      `json:"sockets,omitempty"` // it was sent to, in order; a ghost counts
	AckSocket  string        `json:"ack_socket,omitempty"`
	LateAcks   int           `json:"late_acks,omitempty"` // further acks, and those after the deadline
	Answered   bool          `json:"answered,omitempty"`  // the app has said or shown something to the person since
	// Ack is the payload on the ack, empty when there was none.
	Ack json.RawMessage `json:"ack,omitempty"`
	// Error is what the person is told when the act did not work: operation_timeout (no ack in time),
	// dispatch_failed (no socket), invalid_ack (the payload on the ack breaks Slack's rules) or, for acts
	// that never reached the app, a sentence.
	Error string `json:"error,omitempty"`
	// Errors holds what the app objected to in a submitted form, by block_id.
	Errors map[string]string `json:"errors,omitempty"`
}

// pending is an envelope waiting for its ack.
type pending struct {
	delivery Delivery
	started  time.Time
	done     chan struct{} // closed by the ack that counts
}

// envelope is what goes over the wire, less its id.
type envelope struct {
	kind    string // envelope type
	payload object
	answers bool   // the ack may carry a payload
	repeats string // the envelope of the first attempt
	retry   int
	reason  string
}

// deliver sends an envelope to one socket and waits for the ack. The caller must not hold s.mu.
func (s *Server) deliver(e envelope) Delivery {
	p, targets := s.dispatch(e)
	frame := s.frame(e, p.delivery.EnvelopeID)
	for _, k := range targets {
		if err := k.send(frame); err != nil {
			s.log.WithError(err).WithField("socket", k.info.ID).Debug("sending a payload")
		}
	}
	if p.delivery.Error == "" {
		s.await(p, e, frame)
	}
	return s.settle(p)
}

// Deliver sends the app an envelope as it stands: what no client of Slack's would send, such as a press with an
// altered value. Kind is the envelope's type, payload any JSON value.
func (s *Server) Deliver(kind string, payload map[string]any) Delivery {
	return s.deliver(envelope{kind: kind, payload: payload})
}

// dispatch registers an envelope and picks the sockets that get it: one, unless faults say otherwise.
func (s *Server) dispatch(e envelope) (*pending, []*socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &pending{started: time.Now(), done: make(chan struct{})}
	p.delivery = Delivery{EnvelopeID: s.uuid(), Type: e.kind, Kind: kindOf(e), At: s.opts.Now(), Repeats: e.repeats}
	s.expect(&p.delivery, e.payload)
	s.pending[p.delivery.EnvelopeID] = p
	if e.kind == "interactive" && !s.opts.Manifest.Settings.Interactivity.Enabled {
		p.delivery.Error = "the manifest does not turn on interactivity"
		return p, nil
	}
	if len(s.sockets) == 0 {
		p.delivery.Error = "dispatch_failed"
		return p, nil
	}
	copies := 1
	if s.chance(s.faults.Duplicate) {
		copies = 2
	}
	if s.chance(s.faults.Lose) {
		copies = 0
	}
	var targets []*socket
	for range copies {
		if k := s.pick(p); k != nil {
			targets = append(targets, k)
		}
	}
	return p, targets
}

// pick chooses a socket at random and returns it if it can be written to. The caller holds s.mu.
func (s *Server) pick(p *pending) *socket {
	if len(s.sockets) == 0 {
		return nil
	}
	k := s.sockets[s.random.Intn(len(s.sockets))]
	k.info.Sent++
	p.delivery.Sockets = append(p.delivery.Sockets, k.info.ID)
	if k.info.State != stateOpen {
		return nil
	}
	return k
}

func kindOf(e envelope) string {
	if event := child(e.payload, "event"); event != nil {
		return str(event, "type")
	}
	return cmp.Or(str(e.payload, "type"), str(e.payload, "command"))
}

func (s *Server) frame(e envelope, id string) object {
	frame := object{"envelope_id": id, "type": e.kind, "accepts_response_payload": e.answers, "payload": e.payload}
	if e.kind == "events_api" {
		frame["retry_attempt"], frame["retry_reason"] = e.retry, e.reason
	}
	return frame
}

// await waits for the ack until the deadline. With the fault RetryClicks, a click or command is sent once more halfway.
func (s *Server) await(p *pending, e envelope, frame object) {
	deadline := time.NewTimer(s.opts.AckTimeout)
	defer deadline.Stop()
	var again <-chan time.Time
	if e.kind != "events_api" && s.Faults().RetryClicks {
		timer := time.NewTimer(s.opts.AckTimeout / 2)
		defer timer.Stop()
		again = timer.C
	}
	for {
		select {
		case <-p.done:
			return
		case <-again:
			s.resend(p, frame)
		case <-deadline.C:
			return
		case <-s.done:
			return
		}
	}
}

func (s *Server) resend(p *pending, frame object) {
	s.mu.Lock()
	k := s.pick(p)
	s.mu.Unlock()
	if k != nil {
		_ = k.send(frame)
	}
}

// settle closes an envelope's account. Acks that come later are only counted.
func (s *Server) settle(p *pending) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &p.delivery
	if !d.Acked {
		d.Within = time.Since(p.started)
		if d.Error == "" {
			d.Error = "operation_timeout"
		}
	}
	delete(s.pending, d.EnvelopeID)
	s.history = append(s.history, *d)
	s.history = s.history[max(0, len(s.history)-10000):]
	s.touch()
	return *d
}

// takeAck reads what the app sent on a socket.
func (s *Server) takeAck(k *socket, text []byte, whole bool) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.info.State == stateFrozen || s.chance(s.faults.DropAcks) {
		return
	}
	if !whole || len(text) >= ackLimit {
		k.info.Dropped++
		s.log.WithField("bytes", len(text)).Warn("dropped an ack that was too big or in pieces")
		return
	}
	if err := json.Unmarshal(text, &ack); err != nil || ack.EnvelopeID == "" {
		return
	}
	k.info.Acks++
	defer s.touch()
	s.acknowledge(k.info.ID, ack.EnvelopeID, ack.Payload)
}

// acknowledge books an ack. The caller holds s.mu.
func (s *Server) acknowledge(socketID, envelopeID string, payload json.RawMessage) {
	p := s.pending[envelopeID]
	if p == nil || p.delivery.Acked {
		s.countLate(p, envelopeID)
		return
	}
	if s.faults.OwnAcksOnly && !slices.Contains(p.delivery.Sockets, socketID) {
		return
	}
	p.delivery.Acked, p.delivery.AckSocket, p.delivery.Within = true, socketID, time.Since(p.started)
	if len(payload) > 0 && string(payload) != "null" {
		p.delivery.Ack, p.delivery.Answered = payload, true
	}
	close(p.done)
}

func (s *Server) countLate(p *pending, envelopeID string) {
	if p != nil {
		p.delivery.LateAcks++
		return
	}
	for i := len(s.history) - 1; i >= 0; i-- {
		if s.history[i].EnvelopeID == envelopeID {
			s.history[i].LateAcks++
			return
		}
	}
}

// Deliveries returns what was reported to the app and what became of it, oldest first, at most 10000.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat([]Delivery{}, s.history)
}
