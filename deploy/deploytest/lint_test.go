package deploytest

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"testing"
)

// TestEachLinterThatIsOffHasAReason: golangci-lint says which there are.
func TestEachLinterThatIsOffHasAReason(t *testing.T) {
	golangci := tool(t, "golangci-lint")
	run(t, top, golangci, "config", "verify")
	var there struct{ Disabled []struct{ Name string } }
	if err := json.Unmarshal([]byte(run(t, top, golangci, "linters", "--json")), &there); err != nil || len(there.Disabled) < 20 {
		t.Fatalf("%v: %+v", err, there)
	}
	reasons := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^  #   ([a-z0-9_, ]+): .+`).FindAllStringSubmatch(read(t, filepath.Join(top, ".golangci.yml")), -1) {
		for _, name := range regexp.MustCompile(`[a-z0-9_]+`).FindAllString(line[1], -1) {
			reasons[name] = true
		}
	}
	for _, linter := range there.Disabled {
		if !reasons[linter.Name] {
			t.Errorf("nothing says why %s is off", linter.Name)
		}
		delete(reasons, linter.Name)
	}
	for name := range reasons {
		t.Errorf("%s is not off, and has a reason to be", name)
	}
}
