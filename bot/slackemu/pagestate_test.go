package slackemu_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"cbhbot/bot/slackemu"
)

// shown is what the page is told.
type shown struct {
	Cursor   string             `json:"cursor"`
	Whole    bool               `json:"whole"`
	Messages []slackemu.Message `json:"messages"`
	Removed  []struct {
		TS string `json:"ts"`
	} `json:"removed"`
}

func stateOf(t *testing.T, base, user, after string) (s shown) {
	t.Helper()
	answer, err := http.Get(base + "/_page/state?" + url.Values{"as": {user}, "after": {after}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// texts are those of the messages, and how many were removed.
func (s shown) texts() string {
	var all []string
	for _, m := range s.Messages {
		all = append(all, m.Text)
	}
	return fmt.Sprint(all, len(s.Removed))
}

func TestThePageIsSentWhatChanged(t *testing.T) {
	ws, base := start(t, slackemu.Options{})
	ana := ws.As(slackemu.UserAna)
	first, _ := ana.Say(slackemu.ChannelOps, "one")
	ana.Say(slackemu.ChannelVault, "secret")
	whole := stateOf(t, base, slackemu.UserAna, "")
	if !whole.Whole || whole.texts() != "[one secret] 0" {
		t.Errorf("at first: %+v", whole)
	}
	if rita := stateOf(t, base, slackemu.UserRita, ""); rita.texts() != "[one] 0" {
		t.Errorf("Rita sees %s", rita.texts())
	}
	if again := stateOf(t, base, slackemu.UserAna, whole.Cursor); again.Whole || again.texts() != "[] 0" {
		t.Errorf("when nothing changed: %+v", again)
	}
	ana.Edit(first, "one, edited")
	ana.Say(slackemu.ChannelOps, "two")
	changed := stateOf(t, base, slackemu.UserAna, whole.Cursor)
	if changed.Whole || changed.texts() != "[one, edited two] 0" {
		t.Errorf("after a change: %+v", changed)
	}
	call(t, base, "chat.postEphemeral", args{"channel": slackemu.ChannelOps, "user": slackemu.UserAna, "text": "for you"})
	private := stateOf(t, base, slackemu.UserAna, changed.Cursor)
	ana.Reload()
	ws.As("").Reload() // of a page that was left at once
	if gone := stateOf(t, base, slackemu.UserAna, private.Cursor); private.texts() != "[for you] 0" || gone.texts() != "[] 1" {
		t.Errorf("%s, then after a reload %s", private.texts(), gone.texts())
	}
	if other := stateOf(t, base, slackemu.UserAna, "another."+fmt.Sprint(1<<30)); !other.Whole || len(other.Messages) != 3 {
		t.Errorf("to a page of another workspace: %+v", other)
	}
}
