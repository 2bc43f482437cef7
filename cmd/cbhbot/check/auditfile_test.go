package check

import (
	"os"
	"path/filepath"
	"testing"
)

func TestACopyOfTheAuditThatCannotBeWrittenIsToldOf(t *testing.T) {
	folder := t.TempDir()
	there := filepath.Join(folder, "there.jsonl")
	if err := os.WriteFile(there, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Level{
		there: OK, filepath.Join(folder, "new.jsonl"): OK, folder: Warn, filepath.Join(folder, "nowhere", "audit.jsonl"): Warn, filepath.Join(there, "x"): Warn,
	} {
		if found := (Settings{AuditFile: path}).auditCopies(t.Context()); len(found) != 1 || found[0].Level != want {
			t.Errorf("%s: %+v", path, found)
		}
	}
	if found := (Settings{}).auditCopies(t.Context()); found != nil {
		t.Errorf("%+v", found)
	}
	if text, err := os.ReadFile(there); string(text) != "{}\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "new.jsonl")); err == nil {
		t.Error("a file was made")
	}
}
