package slackemu_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"cbhbot/bot/slackemu"
)

// quick is a workspace that gives up on acks soon.
func quick() slackemu.Options { return slackemu.Options{AckTimeout: 400 * time.Millisecond} }

func command(ws *slackemu.Server) slackemu.Delivery {
	return ws.As(slackemu.UserRita).Command(slackemu.ChannelOps, "/cbh", "help")
}

func TestATicketWorksOnceAndBriefly(t *testing.T) {
	t.Parallel()
	c := newClock()
	_, base := start(t, slackemu.Options{Now: c.now})
	w := wire{t, base}
	address := w.ticket()
	if !strings.HasPrefix(address, "ws://127.0.0.1") || !strings.Contains(address, "app_id="+slackemu.AppID) {
		t.Fatalf("address = %q", address)
	}
	if _, err := w.dial(address, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.dial(address, 0); err == nil {
		t.Error("a ticket worked twice")
	}
	late := w.ticket()
	c.skip(time.Minute)
	if _, err := w.dial(late, 0); err == nil {
		t.Error("a ticket worked after a minute")
	}
}

func TestHelloCountsAndTheEleventhSocketIsTurnedAway(t *testing.T) {
	t.Parallel()
	ws, base := start(t, slackemu.Options{})
	w := wire{t, base}
	for i := 1; i <= 10; i++ {
		if _, hello := w.open(); hello["type"] != "hello" || hello["num_connections"] != float64(i) {
			t.Fatalf("hello %d: %v", i, hello)
		}
	}
	if _, frame := w.open(); frame["reason"] != "too_many_websockets" {
		t.Errorf("the eleventh got %v", frame)
	}
	if n := len(ws.Sockets()); n != 10 {
		t.Errorf("%d sockets", n)
	}
}

func TestPayloadsSpreadOverSocketsAndAnySocketMayAck(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	w := wire{t, base}
	first, _ := w.open()
	second, _ := w.open()
	got := map[*websocket.Conn]int{}
	frames := make(chan func(), 100)
	for _, pair := range [][2]*websocket.Conn{{first, second}, {second, first}} {
		go func() {
			for {
				var frame map[string]any
				if pair[0].ReadJSON(&frame) != nil {
					return
				}
				w.ack(pair[1], frame, nil) // on the other socket
				frames <- func() { got[pair[0]]++ }
			}
		}()
	}
	for range 12 {
		if d := command(ws); !d.Acked || d.AckSocket == d.Sockets[0] {
			t.Fatalf("%+v", d)
		}
		(<-frames)()
	}
	if got[first] == 0 || got[second] == 0 {
		t.Errorf("payloads went to one socket only: %v", got)
	}
	ws.SetFaults(slackemu.Faults{OwnAcksOnly: true})
	if d := command(ws); d.Acked {
		t.Errorf("an ack on another socket counted: %+v", d)
	}
}

func TestALateOrMissingAckIsATimeout(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	if d := command(ws); d.Error != "dispatch_failed" {
		t.Errorf("without a socket: %+v", d)
	}
	w := wire{t, base}
	conn, _ := w.open()
	d := command(ws)
	if d.Acked || d.Error != "operation_timeout" || d.Within < 400*time.Millisecond {
		t.Errorf("without an ack: %+v", d)
	}
	if notices := ws.As(slackemu.UserRita).Sees(slackemu.ChannelOps); !strings.Contains(notices[1].Text, "operation_timeout") || notices[1].EphemeralFor != slackemu.UserRita {
		t.Errorf("the person was not told: %+v", notices)
	}
	w.ack(conn, w.next(conn), nil)
	if err := ws.Wait(soon(t), func() bool { return lateAcks(ws, d.EnvelopeID) == 1 }); err != nil {
		t.Errorf("the late ack was not counted: %v", err)
	}
}

func lateAcks(ws *slackemu.Server, envelope string) int {
	for _, d := range ws.Deliveries() {
		if d.EnvelopeID == envelope {
			return d.LateAcks
		}
	}
	return -1
}

func TestBigAndFragmentedAcksAreDropped(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	w := wire{t, base}
	small, err := w.dial(w.ticket(), 1024) // a client that cuts messages into frames of one kilobyte
	if err != nil {
		t.Fatal(err)
	}
	w.next(small)
	for size, want := range map[int]bool{100: true, 900: true, 3000: false} {
		d := w.answer(small, map[string]string{"text": x(size)}, func() slackemu.Delivery { return command(ws) })
		if d.Acked != want {
			t.Errorf("an ack of %d bytes in frames of 1024: %+v", size, d.Acked)
		}
	}
	_ = ws.Kill(ws.Sockets()[0].ID)
	large, err := w.dial(w.ticket(), 1<<16)
	if err != nil {
		t.Fatal(err)
	}
	w.next(large)
	for size, want := range map[int]bool{19000: true, 20480: false} {
		d := w.answer(large, map[string]string{"text": x(size)}, func() slackemu.Delivery { return command(ws) })
		if d.Acked != want {
			t.Errorf("an ack of %d bytes: %+v", size, d.Acked)
		}
	}
	if got := ws.Sockets()[0].Dropped; got != 1 {
		t.Errorf("dropped = %d", got)
	}
}

func TestDisconnectsGiveTheirReasonAndThenClose(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled"} {
		ws, base := start(t, slackemu.Options{WarningLead: 20 * time.Millisecond})
		w := wire{t, base}
		conn, _ := w.open()
		if err := ws.Disconnect(ws.Sockets()[0].ID, reason); err != nil {
			t.Fatal(err)
		}
		if frame := w.next(conn); frame["type"] != "disconnect" || frame["reason"] != reason {
			t.Errorf("%s: got %v", reason, frame)
		}
		if reason == "warning" {
			if frame := w.next(conn); frame["reason"] != "refresh_requested" {
				t.Errorf("after the warning: %v", frame)
			}
		}
		_, _, err := conn.ReadMessage()
		var closing *websocket.CloseError
		if !errors.As(err, &closing) || closing.Code != websocket.CloseNormalClosure || len(ws.Sockets()) != 0 {
			t.Errorf("%s: the socket ended with %v, %d registered", reason, err, len(ws.Sockets()))
		}
	}
	ws, _ := start(t, slackemu.Options{})
	if ws.Disconnect("socket-0", "warning") == nil {
		t.Error("disconnecting a socket that is not there worked")
	}
}

func TestASocketLostWithoutACloseFrameHaunts(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	ws.SetFaults(slackemu.Faults{Ghosts: true})
	w := wire{t, base}
	polite, _ := w.open()
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = polite.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
	if err := ws.Wait(soon(t), func() bool { return len(ws.Sockets()) == 0 }); err != nil {
		t.Fatal("a socket that sent a close frame stayed registered")
	}
	if past := ws.PastSockets(); past[0].Ended != "close frame 1000" {
		t.Errorf("past: %+v", past)
	}
	rude, _ := w.open()
	_ = rude.NetConn().Close()
	if err := ws.Wait(soon(t), func() bool { return ws.Sockets()[0].State == "ghost" }); err != nil {
		t.Fatal(err)
	}
	if d := command(ws); d.Acked || len(d.Sockets) != 1 {
		t.Errorf("a payload to a ghost: %+v", d)
	}
	if _, hello := w.open(); hello["num_connections"] != float64(2) {
		t.Errorf("hello beside a ghost: %v", hello)
	}
	ws.SetFaults(slackemu.Faults{})
	if n := len(ws.Sockets()); n != 1 {
		t.Errorf("%d sockets after the ghosts are gone", n)
	}
}

func TestFrozenAndKilledSockets(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	w := wire{t, base}
	conn, _ := w.open()
	id := ws.Sockets()[0].ID
	if err := ws.Freeze(id); err != nil {
		t.Fatal(err)
	}
	if d := command(ws); d.Acked || d.Sockets[0] != id {
		t.Errorf("%+v", d)
	}
	if err := ws.Kill(id); err != nil {
		t.Fatal(err)
	}
	_, _, err := conn.ReadMessage()
	if err == nil || websocket.IsCloseError(err, websocket.CloseNormalClosure) || len(ws.Sockets()) != 0 {
		t.Errorf("killed: %v, %d registered", err, len(ws.Sockets()))
	}
}

func TestDeliveriesAreLostAndDoubled(t *testing.T) {
	t.Parallel()
	ws, base := start(t, quick())
	w := wire{t, base}
	conn, _ := w.open()
	ws.SetFaults(slackemu.Faults{Lose: 1})
	if d := command(ws); d.Acked || len(d.Sockets) != 0 {
		t.Errorf("lost: %+v", d)
	}
	ws.SetFaults(slackemu.Faults{Duplicate: 1})
	go func() { _ = command(ws) }()
	if first, second := w.next(conn), w.next(conn); first["envelope_id"] != second["envelope_id"] {
		t.Errorf("doubled: %v, %v", first, second)
	}
	ws.SetFaults(slackemu.Faults{DropAcks: 1})
	if d := w.answer(conn, nil, func() slackemu.Delivery { return command(ws) }); d.Acked {
		t.Errorf("a dropped ack counted: %+v", d)
	}
}

func TestEventsAreRepeatedUntilAcknowledged(t *testing.T) {
	t.Parallel()
	opts := quick()
	opts.RetryDelays = []time.Duration{0, time.Millisecond, time.Millisecond}
	ws, base := start(t, opts)
	w := wire{t, base}
	conn, _ := w.open()
	if d := ws.As(slackemu.UserAna).OpenHome("home"); d.Acked {
		t.Fatalf("%+v", d)
	}
	var ids []string
	for attempt := range 3 {
		frame := w.next(conn)
		if frame["retry_attempt"] != float64(attempt) || (frame["retry_reason"] == "timeout") != (attempt > 0) {
			t.Errorf("attempt %d: %v %v", attempt, frame["retry_attempt"], frame["retry_reason"])
		}
		payload, _ := frame["payload"].(map[string]any)
		ids = append(ids, payload["event_id"].(string))
		if attempt == 2 {
			w.ack(conn, frame, nil)
		}
	}
	if ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("the event_id changed: %v", ids)
	}
	if err := ws.Wait(soon(t), func() bool { all := ws.Deliveries(); return len(all) == 3 && all[2].Acked }); err != nil {
		t.Errorf("%v: %+v", err, ws.Deliveries())
	}
}

func TestTheServerIsNotAWebSocketForEverybody(t *testing.T) {
	t.Parallel()
	_, base := start(t, slackemu.Options{})
	answer, err := http.Get(base + "/link/?ticket=none")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", answer.StatusCode)
	}
}

func TestBothSidesPing(t *testing.T) {
	t.Parallel()
	ws, base := start(t, slackemu.Options{PingInterval: 10 * time.Millisecond})
	conn, _ := wire{t, base}.open()
	ponged := make(chan string, 1)
	conn.SetPongHandler(func(data string) error { ponged <- data; return nil })
	go func() { _, _, _ = conn.ReadMessage() }() // answers pings, too
	if err := conn.WriteControl(websocket.PingMessage, []byte("there?"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := <-ponged; got != "there?" {
		t.Errorf("pong = %q", got)
	}
	look, giveUp := time.NewTicker(5*time.Millisecond), time.After(10*time.Second)
	defer look.Stop()
	for ws.Sockets()[0].Pongs < 2 {
		select {
		case <-look.C:
		case <-giveUp:
			t.Fatal("the server does not ping")
		}
	}
}
