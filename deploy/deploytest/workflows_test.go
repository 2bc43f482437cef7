package deploytest

import (
	"path/filepath"
	"regexp"
	"testing"
)

var (
	used   = regexp.MustCompile(`(?m)^\s*- uses: (.*)$`)
	pinned = regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
)

// TestActionsArePinned by commit: a tag can be moved by whoever takes over its owner.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(top, ".github/workflows/*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		for _, action := range used.FindAllStringSubmatch(read(t, file), -1) {
			if !pinned.MatchString(action[1]) {
				t.Errorf("%s: %s", filepath.Base(file), action[1])
			}
		}
	}
}

// TestTheReleaseNotesAreThoseOfTheVersion, and a version without any is refused.
func TestTheReleaseNotesAreThoseOfTheVersion(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "deploy/CHANGELOG.md"), "# Changes\n\n## Unreleased\n\n## 1.2.3 (2026-12-01)\n\n- This.\n\n## 1.2.30\n\n- That.\n")
	write(t, filepath.Join(dir, ".ci/notes"), read(t, filepath.Join(top, ".ci/notes")))
	if out := run(t, dir, "bash", ".ci/notes", "v1.2.3"); out != "\n- This.\n" {
		t.Errorf("%q", out)
	}
	if _, errs, err := try(t, dir, "bash", ".ci/notes", "v1.2.4"); err == nil || errs == "" {
		t.Errorf("%v: %s", err, errs)
	}
}
