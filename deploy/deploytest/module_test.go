package deploytest

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTheModuleTakesAnotherPath with the one command that is documented: everything still
// builds, tests included, keeps to the table of imports, and says where it is from.
func TestTheModuleTakesAnotherPath(t *testing.T) {
	parent, err := checkouts()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "moved")
	run(t, top, "bash", "-c", copied, "bash", top, dir)
	run(t, dir, ".ci/module", "example.com/you/cbhbot")
	run(t, dir, "go", "vet", "./...")
	run(t, dir, "go", "test", "-count=1", "-run", "Import|Emulators|EachDependency", "./cmd/cbhbot")
	if out := run(t, dir, "go", "run", "./cmd/cbhbot", "version"); !strings.Contains(out, "built from  example.com/you/cbhbot\n") {
		t.Errorf("it says\n%s", out)
	}
	for _, module := range []string{"client/sdktest", "deploy/deploytest"} {
		run(t, filepath.Join(dir, module), "go", "vet", "./...")
	}
}
