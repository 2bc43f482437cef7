package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// inbox is an Inbox on a Redis of its own.
func inbox(t *testing.T, c bot.InboxConfig) (*bot.Inbox, *redistest.Server) {
	t.Helper()
	server := redistest.Start(t)
	if c.Redis == nil {
		c.Redis = server.Client()
	}
	if c.Deadline == 0 {
		c.Deadline = 20 * time.Second // a machine that is busy with other tests stalls
	}
	c.Name, c.Log = t.Name(), quiet()
	return bot.NewInbox(c), server
}

// command is a slash command as Slack sends it: each typing has its own trigger.
func command(id, trigger string) bot.Envelope {
	payload := `{"command":"/cbh","text":"help","user_id":"U1","team_id":"T1","trigger_id":"` + trigger + `","response_url":"http://127.0.0.1:1/` + trigger + `"}`
	return bot.Envelope{ID: id, Type: bot.TypeCommand, Payload: json.RawMessage(payload)}
}

// press is somebody pressing a button: each has its own trigger.
func press(id, trigger string) bot.Envelope {
	payload := `{"type":"block_actions","user":{"id":"U1"},"trigger_id":"` + trigger + `","actions":[{"action_id":"approve","value":"1:1:k"}]}`
	return bot.Envelope{ID: id, Type: bot.TypeInteractive, Payload: json.RawMessage(payload)}
}

func event(id, eventID string) bot.Envelope {
	payload := `{"type":"event_callback","event_id":"` + eventID + `","event":{"type":"app_mention"}}`
	return bot.Envelope{ID: id, Type: bot.TypeEvent, Payload: json.RawMessage(payload)}
}

func TestAnEnvelopeIsKeptOnce(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	for _, c := range []struct {
		what  string
		e     bot.Envelope
		fresh bool
	}{
		{"a command", command("e1", "t1"), true},
		{"the same delivery", command("e1", "t1"), false},
		{"the same words typed again", command("e2", "t2"), true},
		{"the same command in another envelope", command("e3", "t2"), false},
		{"another command with the same trigger", bot.Envelope{ID: "e13", Type: bot.TypeCommand, Payload: json.RawMessage(`{"text":"list","user_id":"U1","trigger_id":"t2"}`)}, true},
		{"a press", press("e10", "t3"), true},
		{"the same press in another envelope", press("e11", "t3"), false},
		{"another press of the same button", press("e12", "t4"), true},
		{"a known envelope_id with other contents", command("e1", "t9"), false},
		{"an event", event("e5", "Ev1"), true},
		{"its retry in another envelope", event("e6", "Ev1"), false},
		{"another event", event("e7", "Ev2"), true},
		{"no trigger and no event id", bot.Envelope{ID: "e8", Type: bot.TypeInteractive, Payload: json.RawMessage(`{}`)}, true},
		{"the same without them in another envelope", bot.Envelope{ID: "e9", Type: bot.TypeInteractive, Payload: json.RawMessage(`{}`)}, true},
	} {
		fresh, err := in.Put(context.Background(), c.e)
		if err != nil || fresh != c.fresh {
			t.Errorf("%s: fresh %v, %v", c.what, fresh, err)
		}
	}
	if n := entries(t, in); n != 9 {
		t.Errorf("%d entries in the stream", n)
	}
}

// entries is how many entries wait in both lanes.
func entries(t *testing.T, in *bot.Inbox) (n int64) {
	t.Helper()
	for _, lane := range depths(t, in) {
		n += lane.Waiting
	}
	return n
}

func depths(t *testing.T, in *bot.Inbox) []bot.Depth {
	t.Helper()
	lanes, err := in.Depths(context.Background())
	if err != nil || len(lanes) != 2 {
		t.Fatal(lanes, err)
	}
	return lanes
}

// The stream is trimmed behind what is done; what was seen is remembered apart.
func TestARepetitionIsKnownAfterTheStreamWasTrimmed(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{})
	ctx := context.Background()
	if _, err := in.Put(ctx, command("e1", "t1")); err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	defer client.Close()
	if err := client.XTrimMaxLen(ctx, depths(t, in)[1].Stream, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if fresh, err := in.Put(ctx, command("e1", "t1")); fresh || err != nil {
		t.Errorf("fresh %v, %v", fresh, err)
	}
	for _, key := range client.Keys(ctx, "*seen:*").Val() {
		if left := client.TTL(ctx, key).Val(); left < 10*time.Minute || left > 25*time.Hour {
			t.Errorf("%s is forgotten in %s", key, left)
		}
		if !strings.HasPrefix(key, "{cbhbot}:") {
			t.Errorf("%s has no hash tag", key)
		}
	}
}

func TestWhatIsKeptIsReadBack(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{Deadline: 10 * time.Second})
	e := command("e1", "t1")
	e.Payload = json.RawMessage(`{"text":"` + strings.Repeat("x", 1<<20) + `"}`)
	e.Received = time.UnixMilli(1795888800123).UTC()
	if fresh, err := in.Put(context.Background(), e); !fresh || err != nil {
		t.Fatal(fresh, err)
	}
	served := make(chan bot.Delivery, 10)
	consume(t, in, func(_ context.Context, d bot.Delivery) error { served <- d; return nil })
	back := await(t, served)
	if back.ID != e.ID || string(back.Payload) != string(e.Payload) || !back.Received.Equal(e.Received) || back.Try != 1 {
		t.Errorf("%.200v", back)
	}
	if age := time.Since(back.PutAt); age < 0 || age > time.Minute {
		t.Errorf("put %s ago", age)
	}
}

// slowLine is a connection whose writes may be held up on the way, even beyond
// its closing.
type slowLine struct {
	net.Conn
	way chan []byte
}

func newSlowLine(conn net.Conn, held *sync.RWMutex) slowLine {
	l := slowLine{conn, make(chan []byte, 100)}
	go func() {
		for data := range l.way {
			held.RLock()
			conn.Write(data)
			held.RUnlock()
		}
	}()
	return l
}

func (l slowLine) Write(b []byte) (int, error)      { l.way <- slices.Clone(b); return len(b), nil }
func (l slowLine) Close() error                     { return nil } // the test's end closes it with Redis
func (l slowLine) SetWriteDeadline(time.Time) error { return nil }
func (l slowLine) SetDeadline(t time.Time) error    { return l.SetReadDeadline(t) }

// A write that reaches Redis late must not be carried out: the person was told
// that nothing was done.
func TestAWriteThatComesTooLateWritesNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var held sync.RWMutex
	client := redis.NewClient(&redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true, MaxRetries: -1, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return newSlowLine(conn, &held), err
	}})
	defer client.Close()
	in := bot.NewInbox(bot.InboxConfig{Redis: client, Deadline: 200 * time.Millisecond, Log: quiet()})
	ctx := context.Background()
	redistest.Until(t, "an envelope to be kept in time", func() bool {
		_, err := in.Put(ctx, command("e1", "t1"))
		return err == nil
	})
	scripts := scriptCalls(t, server)
	held.Lock()
	start := time.Now()
	fresh, err := in.Put(ctx, command("e2", "t2"))
	if err == nil || fresh {
		t.Errorf("fresh %v, %v", fresh, err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("giving up took %s", took)
	}
	held.Unlock()
	redistest.Until(t, "the late write to reach Redis", func() bool { return scriptCalls(t, server) > scripts })
	if n := entries(t, in); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// scriptCalls is how many scripts Redis has run.
func scriptCalls(t *testing.T, server *redistest.Server) (n int) {
	t.Helper()
	client := server.Client()
	defer client.Close()
	stats, err := client.Info(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	if at := strings.Index(stats, "cmdstat_evalsha:calls="); at >= 0 {
		fmt.Sscanf(stats[at:], "cmdstat_evalsha:calls=%d", &n)
	}
	return n
}

func TestAnEnvelopeIsNotKeptWithoutRedis(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{Deadline: 500 * time.Millisecond})
	server.Kill()
	start := time.Now()
	if fresh, err := in.Put(context.Background(), command("e1", "t1")); err == nil || fresh {
		t.Errorf("fresh %v, %v", fresh, err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("saying so took %s", took)
	}
	server.Restart()
	again := bot.NewInbox(bot.InboxConfig{Redis: server.Client(), Name: t.Name(), Log: quiet(), Deadline: 20 * time.Second})
	if fresh, err := again.Put(context.Background(), command("e1", "t1")); err != nil || !fresh {
		t.Errorf("what was not recorded is taken for known, or not recorded again: %v", err)
	}
	redistest.Until(t, "the inbox to recover", func() bool {
		_, err := in.Put(context.Background(), command("e2", "t2"))
		return err == nil
	})
}

// TestWhatWasRefusedIsNotKnown: Slack sends an event again that was not acked.
func TestWhatWasRefusedIsNotKnown(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{})
	rights := func(rule string) { server.Client().Do(t.Context(), "ACL", "SETUSER", "default", rule) }
	for _, command := range []string{"xlen", "xadd"} {
		rights("-" + command)
		if _, err := in.Put(t.Context(), event("first"+command, command)); err == nil {
			t.Errorf("kept without %s", command)
		}
		rights("+" + command)
		if fresh, err := in.Put(t.Context(), event("again"+command, command)); err != nil || !fresh {
			t.Errorf("its retry after %s was refused: fresh %v, %v", command, fresh, err)
		}
	}
}

func TestAWriteThatReachesTooFewReplicasIsNoSuccess(t *testing.T) {
	t.Parallel()
	in := replicating(redistest.Start(t).Client(), 1)
	if fresh, err := in.Put(context.Background(), command("e1", "t1")); !errors.Is(err, store.ErrReplicas) || fresh {
		t.Errorf("fresh %v, %v", fresh, err)
	}
}

// Whoever keeps an envelope again waits for the replicas that the first write needs. WAIT looks
// at the connection's own writes alone in Redis later than 7.0 (woff in call() of its server.c).
func TestARepetitionIsAWriteToo(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{})
	client, ctx := server.Client(), t.Context()
	for _, id := range []string{"e1", "e2"} { // in the same envelope, and in another
		if _, err := in.Put(ctx, command("e1", "t1")); err != nil {
			t.Fatal(err)
		}
		markers := client.Keys(ctx, "*seen:*").Val()
		for _, key := range markers {
			client.Expire(ctx, key, time.Minute)
		}
		if fresh, err := in.Put(ctx, command(id, "t1")); fresh || err != nil {
			t.Fatalf("fresh %v, %v", fresh, err)
		}
		written := slices.ContainsFunc(markers, func(key string) bool { return client.TTL(ctx, key).Val() > time.Hour })
		if len(markers) != 2 || !written {
			t.Errorf("%s: nothing was written to %v", id, markers)
		}
	}
}

func TestWhatIsNoWorkIsNotKept(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	for _, e := range []bot.Envelope{
		{ID: "", Type: bot.TypeCommand, Payload: json.RawMessage(`{}`)},
		{ID: "e1", Type: "hello", Payload: json.RawMessage(`{}`)},
		{ID: "e1", Type: bot.TypeCommand, Payload: json.RawMessage(`"text"`)},
		{ID: "e1", Type: bot.TypeCommand, Payload: json.RawMessage(`[]`)},
		{ID: "e1", Type: bot.TypeCommand},
	} {
		if fresh, err := in.Put(context.Background(), e); err == nil || fresh {
			t.Errorf("%+v was kept", e)
		}
	}
}

// gate is a connection to Redis that holds every write until it is opened.
type gate struct {
	net.Conn
	open <-chan struct{}
}

func (g gate) Write(b []byte) (int, error) { <-g.open; return g.Conn.Write(b) }

// The ack must not be out before Redis has the envelope.
func TestNothingIsAckedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	opened := make(chan struct{})
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return gate{conn, opened}, err
	}})
	defer client.Close()
	receiver := receiverOn(bot.NewInbox(bot.InboxConfig{Redis: client, Deadline: 10 * time.Second, Log: quiet()}), "")
	answered := make(chan bool, 1)
	go func() {
		ack, _ := receiver.Receive(context.Background(), command("e1", "t1"))
		answered <- ack
	}()
	select {
	case <-answered:
		t.Fatal("answered before Redis could have been asked")
	case <-time.After(100 * time.Millisecond):
	}
	close(opened)
	if !<-answered {
		t.Error("what was kept was not acked")
	}
}
