package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// grants asks for posts of a request in one channel.
func (b *bench) grants(id int64, channel string, fields ...string) Grant {
	b.t.Helper()
	var posts []Post
	for _, field := range fields {
		posts = append(posts, Post{Field: field, Place: channel})
	}
	g, err := b.Grant(context.Background(), id, true, posts)
	if err != nil {
		b.t.Fatal(err)
	}
	return g
}

func TestAPostIsNotedBeforeItIsGranted(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	if g := b.grants(r.ID, "C", FieldCard, "notice:a"); !slices.Equal(g.Posts, []bool{false, false}) || g.PostWait != 0 || g.UpdateWait != 0 {
		t.Fatalf("%+v", g)
	}
	shown := b.shown(r.ID)
	if !strings.HasPrefix(shown[FieldCard], "?") || !strings.HasPrefix(shown["notice:a"], "?") || Sent(shown[FieldCard]) != "" {
		t.Errorf("%v", shown)
	}
	if ts, err := b.Card(context.Background(), r.ID); ts != "" || err != nil {
		t.Errorf("%q, %v", ts, err)
	}
}

func TestAPostWithoutAnOutcomeIsWaitedForAndThenLookedFor(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	b.grants(r.ID, "C", FieldCard)
	if g := b.grants(r.ID, "C", FieldCard, "notice:a"); len(g.Posts) != 0 || g.PostWait < noteLasts-time.Second || g.PostWait > noteLasts {
		t.Fatalf("%+v", g)
	}
	b.pass(noteLasts)
	if g := b.grants(r.ID, "C", FieldCard, "notice:a"); !slices.Equal(g.Posts, []bool{true, false}) {
		t.Fatalf("%+v", g)
	}
	if g := b.grants(r.ID, "C", FieldCard); len(g.Posts) != 0 || g.PostWait == 0 {
		t.Errorf("two look for it at once: %+v", g)
	}
}

// TestAPostThatHasFailedIsLookedForWhenItsMakerSays: it is not under way any more.
func TestAPostThatHasFailedIsLookedForWhenItsMakerSays(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	l := b.take(b.Store, Show)
	b.grants(r.ID, "C", FieldCard)
	b.settles(l, b.now(), map[string]string{FieldCard: MayStand(b.now().Add(3 * time.Second))})
	if g := b.grants(r.ID, "C", FieldCard); len(g.Posts) != 0 || g.PostWait == 0 || g.PostWait > 3*time.Second {
		t.Errorf("%+v", g)
	}
	b.pass(3 * time.Second)
	if g := b.grants(r.ID, "C", FieldCard); !slices.Equal(g.Posts, []bool{true}) {
		t.Errorf("%+v", g)
	}
}

// TestAPostThatSomebodyElseMadeIsNotGranted: whoever was stopped after reading
// what was shown has a plan that is older than the lease.
func TestAPostThatSomebodyElseMadeIsNotGranted(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	b.take(b.another(), Show) // and then it is stopped for longer than its lease
	b.pass(LeaseFor)
	other := b.take(b.Store, Show)
	b.grants(r.ID, "C", FieldCard)
	b.settles(other, time.Time{}, map[string]string{FieldCard: "1.0"})
	if g := b.grants(r.ID, "C", FieldCard); len(g.Posts) != 0 || g.PostWait == 0 || b.shown(r.ID)[FieldCard] != "1.0" {
		t.Errorf("%+v, %v", g, b.shown(r.ID))
	}
}

func TestAChannelTakesABurstAndThenOneASecond(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	var fields []string
	for i := range paceBurst + 2 {
		fields = append(fields, fmt.Sprint("notice:", i))
	}
	g := b.grants(r.ID, "C", fields...)
	if len(g.Posts) != paceBurst || g.PostWait <= 0 || g.PostWait > paceEach {
		t.Fatalf("%+v", g)
	}
	if b.shown(r.ID)[fields[paceBurst]] != "" {
		t.Error("what is not granted was noted")
	}
	if other := b.grants(r.ID, "D", "notice:other"); len(other.Posts) != 1 {
		t.Errorf("another channel: %+v", other)
	}
	b.pass(g.PostWait)
	if g = b.grants(r.ID, "C", fields[paceBurst:]...); len(g.Posts) != 1 || g.PostWait <= 0 {
		t.Errorf("a second later: %+v", g)
	}
	b.pass(time.Minute)
	if g = b.grants(r.ID, "C", "notice:x"); len(g.Posts) != 1 {
		t.Errorf("a minute later: %+v", g)
	}
}

func TestAPausedMethodPausesForAll(t *testing.T) {
	b := newBench(t)
	r, ctx := b.made("s"), context.Background()
	pauses := func(method, place string) {
		t.Helper()
		if err := b.another().Pause(ctx, method, place, 300*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	pauses("chat.update", "")
	if g := b.grants(r.ID, "C", "notice:1"); g.UpdateWait <= 0 || g.UpdateWait > 300*time.Millisecond || len(g.Posts) != 1 {
		t.Errorf("updates: %+v", g)
	}
	pauses("chat.postMessage", "C")
	if g := b.grants(r.ID, "C", "notice:2"); len(g.Posts) != 0 || g.PostWait <= 0 {
		t.Errorf("one channel: %+v", g)
	}
	if g := b.grants(r.ID, "D", "notice:2"); len(g.Posts) != 1 {
		t.Errorf("another channel: %+v", g)
	}
	pauses("chat.postMessage", "")
	if g := b.grants(r.ID, "E", "notice:3"); len(g.Posts) != 0 || g.PostWait <= 0 {
		t.Errorf("everywhere: %+v", g)
	}
	if g, err := b.Grant(ctx, r.ID, false, nil); err != nil || g.UpdateWait != 0 {
		t.Errorf("nothing wanted: %+v, %v", g, err)
	}
}

// TestNoMessageWaitsByAClockThatWasPutBack: neither for a channel's budget nor for a pause, whose
// key lives on for as long as the clock was ahead.
func TestNoMessageWaitsByAClockThatWasPutBack(t *testing.T) {
	b := newBench(t)
	r := b.made("s")
	b.pass(time.Hour)
	for i := range paceBurst {
		b.grants(r.ID, "C", fmt.Sprint("notice:", i))
	}
	if err := b.Pause(t.Context(), "chat.update", "", time.Minute); err != nil {
		t.Fatal(err)
	}
	b.redis.PExpire(t.Context(), b.keys.paused("chat.update"), time.Hour+time.Minute)
	b.pass(-time.Hour)
	if g := b.grants(r.ID, "C", "notice:x"); len(g.Posts) != 1 || g.UpdateWait != 0 {
		t.Errorf("%+v", g)
	}
}
