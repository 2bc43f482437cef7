package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// rig is what stands around a bot: a workspace, a cloud, a Redis, and people.
type rig struct {
	tb                 testing.TB
	slack              *slackemu.Server
	cloud              *cbhemu.Server
	redis              *redistest.Server
	slackURL, cloudURL string

	giveUp   sync.Once
	given    chan struct{} // closed when something that has to come does not
	mu       sync.Mutex
	made     int               // cycles so far
	next     []*cycle          // whose bastions the list shows before anybody asks for them
	finished []*cycle          // whose bastions the list still shows
	doubles  atomic.Int64      // calls for what was called before
	answers  chan struct{}     // gets what Rita is told privately in #ops
	cycles   map[string]*cycle // by channel, and by server id
}

// latencies are how long Slack and the cloud take to answer.
type latencies struct{ slack, cloud time.Duration }

// realLatencies are about what a bot in the cloud's region meets.
var realLatencies = latencies{slack: 80 * time.Millisecond, cloud: 150 * time.Millisecond}

// patience is how long anything is waited for.
const patience = 30 * time.Second

func newRig(tb testing.TB, slow latencies) *rig {
	tb.Helper()
	r := &rig{tb: tb, given: make(chan struct{}), answers: make(chan struct{}, 10_000), cycles: map[string]*cycle{}, redis: redistest.Start(tb, "--appendfsync", "everysec")}
	r.cloud = cbhemu.New(cbhemu.Options{})
	cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.notices(q)
		time.Sleep(slow.cloud)
		r.cloud.ServeHTTP(w, q)
	}))
	slack := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if !strings.HasPrefix(q.URL.Path, "/link/") { // the sockets
			time.Sleep(slow.slack)
		}
		r.slack.ServeHTTP(w, q)
	}))
	r.slackURL, r.cloudURL = "http://"+slack.Listener.Addr().String(), cloud.URL
	r.slack = slackemu.New(slackemu.Options{BaseURL: r.slackURL, OnMessage: r.reads})
	slack.Start()
	tb.Cleanup(func() { r.slack.Close(); slack.Close(); cloud.Close() })
	for range ahead {
		r.makes()
	}
	return r
}

// connects starts a bot, and waits until it has so many sockets.
func (r *rig) connects(c contender, sockets int) *process {
	r.tb.Helper()
	known := map[string]bool{}
	for _, socket := range r.slack.Sockets() {
		known[socket.ID] = true
	}
	p := c.start(r)
	r.hears(p, func(id string) bool { return !known[id] }, sockets)
	return p
}

// hears waits until so many sockets of a kind are there.
func (r *rig) hears(p *process, is func(id string) bool, sockets int) {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(r.tb.Context(), patience)
	defer cancel()
	err := r.slack.Wait(ctx, func() bool {
		n := 0
		for _, socket := range r.slack.Sockets() {
			if is(socket.ID) {
				n++
			}
		}
		return n >= sockets || p.ended()
	})
	if err != nil || p.ended() {
		p.kill()
		r.tb.Errorf("the bot did not connect: %v %s", err, p.written)
	}
}

// ahead is how many bastions that nobody has asked for yet the cloud lists, and
// behind how many whose upgrade was reported: a list is neither empty nor endless.
const (
	ahead  = 100
	behind = 60
)

// cycle is one upgrade: from the command to the report in the card's thread. It has
// a channel and a bastion of its own.
type cycle struct {
	channel, name, server string

	mu                     sync.Mutex
	card                   string // its timestamp
	shown, called          time.Time
	told                   time.Time // of the call
	noted                  time.Time // of anything, ahead of a call
	end                    time.Time // of the time for approvals: what is told before it is a reminder
	said                   string    // what was said privately last
	carded, calls, reports chan struct{}
	notes                  chan struct{}
}

func (c *cycle) endsAt(end time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = end
}

func (c *cycle) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said
}

// makes prepares a cycle: its bastion, which the cloud lists, and its channel.
func (r *rig) makes() {
	r.made++
	n := r.made
	c := &cycle{
		channel: fmt.Sprintf("C1%07d", n), name: fmt.Sprintf("bastion-%07d", n), server: fmt.Sprintf("%08x-0000-4000-a000-%012x", n, n),
		carded: make(chan struct{}, 1), calls: make(chan struct{}, 1), reports: make(chan struct{}, 1), notes: make(chan struct{}, 1),
	}
	r.cloud.Put(cbhemu.Instance{Name: c.name, ServerID: c.server, Version: "3.3.49.0", Path: []cbhemu.Step{{Update: "NEW", Version: "3.3.52.1"}}})
	r.slack.SetChannel(slackemu.Channel{ID: c.channel, Name: c.name, Members: []string{slackemu.UserRita, slackemu.UserAna, slackemu.UserBot}})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cycles[c.channel], r.cycles[c.server] = c, c
	r.next = append(r.next, c)
}

// takes is the next cycle, for which another is prepared.
func (r *rig) takes() *cycle {
	r.mu.Lock()
	c := r.next[0]
	r.next = r.next[1:]
	r.mu.Unlock()
	r.makes()
	return c
}

// ends puts a cycle behind.
func (r *rig) ends(c *cycle) {
	r.mu.Lock()
	r.finished = append(r.finished, c)
	var old *cycle
	if len(r.finished) > behind {
		old, r.finished = r.finished[0], r.finished[1:]
	}
	r.mu.Unlock()
	if old != nil {
		r.cloud.Remove(old.name)
	}
}

func (r *rig) of(key string) *cycle {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cycles[key]
}

// reads is told what the bot posts: the card is the first message with a button, the
// report the first in its thread after the call.
func (r *rig) reads(m slackemu.Message) {
	if m.Channel == slackemu.ChannelOps && m.EphemeralFor == slackemu.UserRita {
		select {
		case r.answers <- struct{}{}:
		default: // nobody waits for so many
		}
	}
	c := r.of(m.Channel)
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case m.EphemeralFor != "":
		c.said = m.Text
	case m.ThreadTS == "" && c.card == "" && len(m.Blocks) > 0:
		c.card, c.shown = m.TS, time.Now()
		c.carded <- struct{}{}
	case m.ThreadTS == c.card && c.called.IsZero() && c.noted.IsZero() && !time.Now().Before(c.end):
		c.noted = time.Now()
		c.notes <- struct{}{}
	case m.ThreadTS == c.card && !c.called.IsZero() && c.told.IsZero():
		c.told = time.Now()
		c.reports <- struct{}{}
	}
}

// notices looks for calls that come to the cloud.
func (r *rig) notices(q *http.Request) {
	if q.Method != http.MethodPost || !strings.HasSuffix(q.URL.Path, "/instance/upgrade") {
		return
	}
	text, _ := io.ReadAll(q.Body)
	q.Body = io.NopCloser(bytes.NewReader(text))
	var body struct {
		ServerID string `json:"server_id"`
	}
	_ = json.Unmarshal(text, &body)
	if c := r.of(body.ServerID); c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.called.IsZero() {
			r.doubles.Add(1)
			r.tb.Errorf("%s was called twice", c.name)
			return
		}
		c.called = time.Now()
		c.calls <- struct{}{}
	}
}
