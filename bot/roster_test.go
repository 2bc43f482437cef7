package bot_test

import (
	"context"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
)

// A process that has ended is not counted any more, but for what Slack may still
// count of it; and one that was killed for a while only.
func TestWhoHasEndedIsNotCounted(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	defer client.Close()
	_, api := workspace(t, slackemu.Options{})
	roster := &bot.Roster{Redis: client, Prefix: "{t}:", Name: "p1"}
	look := func() bot.Fleet {
		fleet, err := (&bot.Roster{Redis: client, Prefix: "{t}:"}).Look(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return fleet
	}
	_, stop := hold(t, bot.SocketsConfig{APIURL: api, Roster: roster, Connections: 3, Receive: ackAll})
	redistest.Until(t, "three sockets to be announced", func() bool { return look() == bot.Fleet{Processes: 1, Others: 3, Sockets: 3} })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if fleet := look(); fleet.Processes != 0 || fleet.Sockets != 0 {
		t.Errorf("right after the end: %+v", fleet)
	}
	if _, err := roster.Announce(context.Background(), 2, 2, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	redistest.Until(t, "a process that says nothing to be forgotten", func() bool { return look().Processes == 0 })
}
