package bot_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

func allParked(t *testing.T, in *bot.Inbox) (all []bot.Parked) {
	t.Helper()
	if err := in.Parked(t.Context(), func(p bot.Parked) error { all = append(all, p); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// What is parked is read, tried again as if it had not been, and dropped; each once.
func TestWhatIsParkedIsTriedAgainOrDropped(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	var mended atomic.Bool
	var seen served
	put(t, in, command("e1", "t1"), press("e2", "t2"), press("e3", "t3"))
	consume(t, in, func(_ context.Context, d bot.Delivery) error {
		if mended.Load() {
			seen.add(d)
			if d.Try != 1 {
				t.Errorf("try %d of %s", d.Try, d.ID)
			}
			return nil
		}
		return bot.Hopeless(errors.New("no such button\nat the back"))
	})
	redistest.Until(t, "all to be parked", func() bool { return parked(t, in) == 3 })
	mended.Store(true)
	all := allParked(t, in)
	var whats []string
	for _, p := range all {
		whats = append(whats, p.Envelope.Gist().User+" "+p.Envelope.Gist().What)
		if !strings.HasPrefix(p.Because, "no such button") || p.PutAt.IsZero() || p.ParkedAt.Before(p.PutAt) {
			t.Errorf("%+v", p)
		}
	}
	if slices.Sort(whats); !slices.Equal(whats, []string{"U1 /cbh help", "U1 block_actions approve", "U1 block_actions approve"}) {
		t.Errorf("%q", whats)
	}
	last := all[2]
	if found, err := in.FindParked(t.Context(), last.ID); err != nil || found.Envelope.ID != "e1" || !strings.HasPrefix(last.ID, "commands/") {
		t.Fatalf("%+v, %v", found, err)
	}
	for i, end := range []func(context.Context, string) error{in.Retry, in.Drop, in.Retry} {
		if err := end(t.Context(), all[i].ID); err != nil {
			t.Fatal(err)
		}
		if err := end(t.Context(), all[i].ID); !errors.Is(err, bot.ErrNotParked) {
			t.Errorf("twice: %v", err)
		}
	}
	redistest.Until(t, "two to be served", func() bool { return seen.all() == 2 && seen.times("e1") == 1 })
	if got := len(allParked(t, in)); got != 0 {
		t.Errorf("%d are parked", got)
	}
}

func TestNothingIsParkedUnderAStrangeID(t *testing.T) {
	t.Parallel()
	in, _ := inbox(t, bot.InboxConfig{})
	for _, id := range []string{"", "presses", "presses/", "presses/1", "presses/1-", "presses/-", "presses/+", "elsewhere/1-1", "presses/1-1", "presses/x-1", "presses/99999999999999999999-1"} {
		_, err := in.FindParked(t.Context(), id)
		for _, err := range []error{err, in.Retry(t.Context(), id), in.Drop(t.Context(), id)} {
			if !errors.Is(err, bot.ErrNotParked) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
}

// Whoever is to be told is told also when the answer to the parking is lost, which is then
// asked for again.
func TestALostAnswerToAParkingLeavesNobodyUntold(t *testing.T) {
	t.Parallel()
	proxy := redistest.StartProxy(t, redistest.Start(t).Addr)
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr})
	t.Cleanup(func() { client.Close() })
	var told served
	in := bot.NewInbox(bot.InboxConfig{
		Redis: client, Deadline: 20 * time.Second, Name: t.Name(), Log: quiet(),
		OnParked: func(_ context.Context, e bot.Envelope, _ error) { told.add(bot.Delivery{Envelope: e}) },
	})
	put(t, in, press("first", "t1"))
	consume(t, in, func(context.Context, bot.Delivery) error { return bot.Hopeless(errors.New("no such button")) })
	redistest.Until(t, "the script to be known to Redis", func() bool { return told.times("first") == 1 })
	lost := proxy.Lose(1, "evalsha", "no such button")
	put(t, in, press("second", "t2"))
	await(t, lost)
	redistest.Until(t, "the second to be told of", func() bool { return told.times("second") == 1 })
	if n := parked(t, in); n != 2 {
		t.Errorf("%d are parked", n)
	}
}

// A page ends where the next begins.
func TestManyParkedEntriesAreReadPageByPage(t *testing.T) {
	t.Parallel()
	in, server := inbox(t, bot.InboxConfig{})
	const n = 450
	_, err := server.Client().Pipelined(t.Context(), func(p redis.Pipeliner) error {
		for range n {
			p.XAdd(t.Context(), &redis.XAddArgs{Stream: "{cbhbot}:inbox:presses:parked", Values: []string{"envelope", `{"envelope_id":"e"}`, "parked_id", "1000-0"}})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, p := range allParked(t, in) {
		ids[p.ID] = true
	}
	if len(ids) != n {
		t.Errorf("%d", len(ids))
	}
}

// What lets whoever reads a payload answer in the bot's name is not shown.
func TestWhatIsShownOfAPayloadLetsNobodyAct(t *testing.T) {
	t.Parallel()
	e := bot.Envelope{Payload: []byte(`{"token":"s1","trigger_id":"s2","response_urls":["s3"],"text":"kept","view":{"response_url":"s4","list":[{"token":"s5","kept":1}]}}`)}
	if got := string(e.Shown()); got != `{"text":"kept","view":{"list":[{"kept":1}]}}` {
		t.Error(got)
	}
	if got := (bot.Envelope{Payload: []byte(`{`)}).Shown(); got != nil {
		t.Error(got)
	}
}
