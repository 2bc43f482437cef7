package bot_test

import (
	"context"
	"testing"

	"cbhbot/bot"
)

// A list of twenty requests makes one call to Slack for its links, or none.
func TestLinksAreMadeLikeTheFirst(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("chat.getPermalink", word("message_not_found"), status(200, "", "", `{"ok":true,"permalink":"https://ops.slack.test/archives/C1/p15512345000600"}`))
	sender := a.sender()
	for _, want := range []struct{ channel, ts, link string }{
		{"C1", "1551234500.0600", ""},
		{"C1", "1551234500.0600", "https://ops.slack.test/archives/C1/p15512345000600"},
		{"C2", "1551234577.000100", "https://ops.slack.test/archives/C2/p1551234577000100"},
	} {
		link, err := sender.Permalink(context.Background(), want.channel, want.ts)
		if link != want.link || (err == nil) == (want.link == "") || err != nil && !bot.Permanent(err) {
			t.Errorf("%s %s: %q, %v", want.channel, want.ts, link, err)
		}
	}
	if made := a.made(); len(made) != 2 {
		t.Errorf("%v", made)
	}
}
