package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// sources are the files of a directory that are no tests, parsed.
func sources(t *testing.T, directory string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[filepath.Base(name)], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestOnlyOneFileFillsTextObjects keeps every text on its way through block.go, which
// takes no string as mrkdwn.
func TestOnlyOneFileFillsTextObjects(t *testing.T) {
	for _, directory := range []string{".", ".."} {
		for name, file := range sources(t, directory) {
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if ok && name != "block.go" && (strings.HasPrefix(s.Sel.Name, "NewTextBlock") || s.Sel.Name == "NewConfirmationBlockObject") {
					t.Errorf("%s uses slack.%s", name, s.Sel.Name)
				}
				return true
			})
		}
	}
}

// TestOnlyTablesHoldFormats: whatever is filled with facts stands in the source, and no
// string is made into it.
func TestOnlyTablesHoldFormats(t *testing.T) {
	for _, directory := range []string{".", "..", "../../bot", "../../cmd/cbhbot"} {
		for name, file := range sources(t, directory) {
			ast.Inspect(file, func(n ast.Node) bool {
				call, _ := n.(*ast.CallExpr)
				if call == nil {
					return true
				}
				s, _ := call.Fun.(*ast.SelectorExpr)
				if s == nil || s.Sel.Name != "Format" {
					return true
				}
				if from, ok := s.X.(*ast.Ident); ok && from.Name == "mrkdwn" {
					t.Errorf("%s makes a Format of something", name)
				}
				return true
			})
		}
	}
}

// TestNothingIsSaidThatNobodySays finds keys that only the tables and the gallery know.
func TestNothingIsSaidThatNobodySays(t *testing.T) {
	used := map[string]bool{}
	for _, directory := range []string{".", ".."} {
		for name, file := range sources(t, directory) {
			if name == "key.go" || strings.HasPrefix(name, "gallery") || name == "english.go" || name == "chinese.go" {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					used[id.Name] = true
				}
				return true
			})
		}
	}
	ast.Inspect(sources(t, ".")["key.go"], func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && !used[spec.Names[0].Name] {
			t.Errorf("nobody says %s", spec.Names[0].Name)
		}
		return true
	})
}
