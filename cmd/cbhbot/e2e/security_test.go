package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// TestRedisHoldsNoSecret looks for them in all that was ever written there.
func TestRedisHoldsNoSecret(t *testing.T) {
	w, _ := audited(t)
	err := filepath.WalkDir(w.redis.AOF(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range []string{slackemu.BotToken, slackemu.AppToken, cbhemu.DefaultPassword} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%q is in %s", secret, entry.Name())
			}
		}
		if strings.HasSuffix(path, ".incr.aof") && !strings.Contains(string(text), "bastion-prod") {
			t.Errorf("%s is not what was written", entry.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
