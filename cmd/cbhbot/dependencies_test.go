package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var dependencyRow = regexp.MustCompile("(?m)^\\| `(\\S+)` \\| (.+) \\| (.+) \\|$")

// TestEachDependencyHasAReason: go.mod's direct requirements and the table of
// deploy/docs/dependencies.md are the same.
func TestEachDependencyHasAReason(t *testing.T) {
	text, err := os.ReadFile("../../deploy/docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, row := range dependencyRow.FindAllStringSubmatch(string(text), -1) {
		told = append(told, row[1])
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	required := strings.Fields(string(out))
	slices.Sort(told)
	if slices.Sort(required); !slices.Equal(told, required) {
		t.Errorf("the table has\n%v, and go.mod\n%v", told, required)
	}
}
