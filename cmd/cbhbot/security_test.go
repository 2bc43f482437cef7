package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

var (
	testNames  = regexp.MustCompile("`(Test[A-Z]\\w+)`")
	testBegins = regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`)
)

// TestTheThreatModelNamesTestsThatExist keeps each claim of deploy/SECURITY.md
// with a test that shows it.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../deploy/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	exist := allTests(t)
	for _, name := range testNames.FindAllStringSubmatch(string(text), -1) {
		if !exist[name[1]] {
			t.Errorf("deploy/SECURITY.md names %s, which does not exist", name[1])
		}
	}
	for _, attacker := range strings.Split(string(text), "\n### ")[1:] {
		title, claims, _ := strings.Cut(attacker, "\n")
		if !testNames.MatchString(claims) {
			t.Errorf("%s: nothing is shown by a test", title)
		}
	}
}

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

// allTests are the names of all tests of the module.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, name := range testBegins.FindAllStringSubmatch(string(text), -1) {
			names[name[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
