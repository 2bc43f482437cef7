package slackemu

import (
	"cmp"
	_ "embed"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

//go:embed README.md
var readme string

// section is what stands below a heading of the README.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(readme, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README.md has no section %q", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

var quoted = regexp.MustCompile("`([^`]+)`")

func words(text string) (found []string) {
	for _, match := range quoted.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// rows are those of a section's table: by the name in the first column, the names in the second.
func rows(t *testing.T, heading string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(section(t, heading)) {
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "| `") {
			found[words(cells[1])[0]] = strings.Join(words(cells[2]), ",")
		}
	}
	return found
}

func TestTheReadmeListsTheMethodsWithTheirScopes(t *testing.T) {
	want := map[string]string{}
	for name, m := range methods {
		want[name] = cmp.Or(m.scope, m.accepts)
	}
	if got := rows(t, "Methods"); !maps.Equal(got, want) {
		t.Errorf("README.md lists\n%v, and served is\n%v", got, want)
	}
}

func TestTheReadmeListsTheEventsWithTheirScopes(t *testing.T) {
	if got := rows(t, "What an app is told"); !maps.Equal(got, eventScopes) {
		t.Errorf("README.md lists\n%v, and sent is\n%v", got, eventScopes)
	}
}

func TestTheReadmeListsTheBlocksAndElements(t *testing.T) {
	text := section(t, "Block Kit")
	for kind, want := range map[string][]string{"Blocks: ": slices.Sorted(maps.Keys(blockShapes)), "Elements: ": slices.Sorted(maps.Keys(elementShapes))} {
		_, rest, _ := strings.Cut(text, kind)
		list, _, _ := strings.Cut(rest, ".")
		if got := words(list); !slices.Equal(got, want) {
			t.Errorf("README.md lists %s\n%v, and taken are\n%v", kind, got, want)
		}
	}
}
