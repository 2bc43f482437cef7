package sandbox

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFlagsAreRefusedInASentence has each wrong one say what would be right.
func TestFlagsAreRefusedInASentence(t *testing.T) {
	for args, words := range map[string]string{
		"--now yesterday":            `--now takes a moment with its zone, such as 2026-08-05T10:00:00+08:00, not "yesterday"`,
		"--now 2026-08-05T10:00":     "--now takes a moment with its zone",
		"--now 9999-01-01T00:00:00Z": "--now takes a moment with its zone",
		"--port many":                `--port takes a number from 0 to 65535, not "many"`,
		"--port 70000":               `not "70000"`,
		"--port -1":                  `not "-1"`,
		"--only redis":               `--only takes slack or cbh, not "redis"`,
		"--seed chaos":               `not "chaos"`,
		"--only cbh --policy x":      "--policy means nothing with --only cbh",
		"--only slack --seed prod":   "--seed means nothing with --only slack",
		"now":                        `it takes no argument, but was given "now"`,
	} {
		_, err := readFlags(strings.Fields(args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "cbhbot sandbox --help") {
			t.Errorf("%s: %v", args, err)
		}
	}
	f, err := readFlags([]string{"--port", "0", "--now", "2026-08-05T10:00:00+08:00"}, io.Discard)
	if err != nil || f.port != 0 || !f.now.Equal(time.Date(2026, 8, 5, 2, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestWhatCannotBeTriedOfAPolicyIsSaid: what it says of its projects.
func TestWhatCannotBeTriedOfAPolicyIsSaid(t *testing.T) {
	for text, said := range map[string]bool{
		"version: 1\nrules: []\n": false,
		"version: 1\nrules: []\nprojects: [{name: eu, region: eu-west-101, project_id: p1}]\n": true,
	} {
		path := filepath.Join(t.TempDir(), "policy.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if greeting := (&sandbox{policy: path}).greeting(); strings.Contains(greeting, "rules for some projects match nothing") != said {
			t.Errorf("%s\nis greeted with\n%s", text, greeting)
		}
	}
}
