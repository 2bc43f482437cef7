package messages_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/handlers/messages"
)

var emojiName = regexp.MustCompile(`:([a-z][a-z0-9_+-]*):`)

// emojiUsed are the names of the emoji in all that the bot says.
func emojiUsed(t *testing.T) []string {
	t.Helper()
	used := map[string]bool{}
	for _, l := range messages.Languages {
		said, err := json.Marshal(messages.Gallery(l))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range emojiName.FindAllSubmatch(said, -1) {
			used[string(name[1])] = true
		}
	}
	return slices.Sorted(maps.Keys(used))
}

// TestTheSandboxDrawsEachEmoji wants a picture in the sandbox for each emoji that the bot
// uses, and no others.
func TestTheSandboxDrawsEachEmoji(t *testing.T) {
	used := emojiUsed(t)
	if len(used) < 10 {
		t.Fatalf("the bot uses only %v", used)
	}
	page := slackemu.New(slackemu.Options{})
	t.Cleanup(page.Close)
	for _, name := range used {
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/_page/files/emoji/"+name+".svg", nil))
		if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Body.String(), "<svg") {
			t.Errorf(":%s: has no picture: %d", name, answer.Code)
		}
	}
	files, err := os.ReadDir("../../bot/slackemu/page/emoji")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, is := strings.CutSuffix(f.Name(), ".svg"); is && !slices.Contains(used, name) {
			t.Errorf("nothing uses the picture of :%s:", name)
		}
	}
}
