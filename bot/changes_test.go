package bot_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// looksUp asks a sender for a person and a group.
func looksUp(t *testing.T, sender *bot.Sender) {
	t.Helper()
	if _, err := sender.User(context.Background(), "U1"); err != nil {
		t.Error(err)
	}
	if _, err := sender.GroupMembers(context.Background(), "S1"); err != nil {
		t.Error(err)
	}
}

// What is known of people and groups counts for ten seconds from the question on,
// however long the answer took.
func TestMembershipIsAtMostTenSecondsOld(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	var passed atomic.Int64
	for _, method := range []string{"users.info", "usergroups.users.list"} {
		a.answers(method, func(w http.ResponseWriter, r *http.Request) {
			passed.Add(int64(2 * time.Second))
			status(200, "", "", goodAnswers[method])(w, r)
		})
	}
	sender := a.sender()
	sender.Tick(func() time.Time { return time.Unix(1_800_000_000, 0).Add(time.Duration(passed.Load())) })
	looksUp(t, sender) // the second 2 s after the first
	passed.Store(int64(9900 * time.Millisecond))
	looksUp(t, sender)
	if n := len(a.made()); n != 2 {
		t.Errorf("after 9.9 s: %v", a.made())
	}
	passed.Store(int64(12 * time.Second))
	looksUp(t, sender)
	if n := len(a.made()); n != 4 {
		t.Errorf("after 12 s: %v", a.made())
	}
}

// What Slack pushes to one process is forgotten in all of them at once, also by who
// has asked before and is answered after.
func TestAPushedChangeIsForgottenEverywhere(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	defer client.Close()
	a, b := webAPI(t), webAPI(t)
	mux := bot.NewMux()
	here := &bot.Changes{Redis: client, Prefix: "{t}:", Sender: a.sender()}
	here.Register(mux)
	there := &bot.Changes{Redis: client, Prefix: "{t}:", Sender: b.sender()}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); there.Run(ctx) }()
	redistest.Until(t, "a subscription", func() bool {
		return client.PubSubNumSub(context.Background(), "{t}:changes").Val()["{t}:changes"] == 1
	})
	looksUp(t, here.Sender)
	looksUp(t, there.Sender)
	for _, payload := range []string{
		`{"event":{"type":"user_change","user":{"id":"U1","deleted":true}}}`,
		`{"event":{"type":"subteam_members_changed","subteam_id":"S1","removed_users":["U1"]}}`,
	} {
		if err := mux.Serve(context.Background(), bot.Envelope{ID: payload, Type: bot.TypeEvent, Payload: json.RawMessage(payload)}); err != nil {
			t.Error(err)
		}
	}
	looksUp(t, here.Sender)
	if n := len(a.made()); n != 4 {
		t.Errorf("the process that was told asked %d times", n)
	}
	redistest.Until(t, "the other process to ask again", func() bool { looksUp(t, there.Sender); return len(b.made()) == 4 })
	stop()
	<-ended
}

func TestAnAnswerFromBeforeAChangeIsNotKept(t *testing.T) {
	t.Parallel()
	a, asked, release := webAPI(t), make(chan bool), make(chan bool)
	a.answers("users.info", func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		status(200, "", "", goodAnswers["users.info"])(w, nil)
	})
	sender, mux := a.sender(), bot.NewMux()
	client := redistest.Start(t).Client()
	defer client.Close()
	changes := &bot.Changes{Redis: client, Prefix: "{t}:", Sender: sender}
	changes.Register(mux)
	first := make(chan error)
	go func() { _, err := sender.User(context.Background(), "U1"); first <- err }()
	<-asked
	payload := json.RawMessage(`{"event":{"type":"user_change","user":{"id":"U1"}}}`)
	if err := mux.Serve(context.Background(), bot.Envelope{ID: "e", Type: bot.TypeEvent, Payload: payload}); err != nil {
		t.Error(err)
	}
	if _, err := sender.User(context.Background(), "U1"); err != nil || len(a.made()) != 2 {
		t.Errorf("a question from before was shared: %v, %v", err, a.made())
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := sender.User(context.Background(), "U1"); err != nil || len(a.made()) != 2 {
		t.Errorf("%v, %v", err, a.made())
	}
}
