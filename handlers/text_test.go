package handlers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sources are the files of this package that are no tests, parsed.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestOnlyOneFileFillsTextObjects keeps every text on its way through blocks.go,
// which takes no string as mrkdwn.
func TestOnlyOneFileFillsTextObjects(t *testing.T) {
	for name, file := range sources(t) {
		if name == "blocks.go" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && (strings.HasPrefix(s.Sel.Name, "NewTextBlock") || strings.HasSuffix(s.Sel.Name, "BlockObject") && s.Sel.Name != "OptionBlockObject" && s.Sel.Name != "NewOptionBlockObject") {
				t.Errorf("%s uses slack.%s", name, s.Sel.Name)
			}
			return true
		})
	}
}

// TestEverySentenceHasItsArguments counts what go vet does not see.
func TestEverySentenceHasItsArguments(t *testing.T) {
	seen := 0
	for name, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !slices.Contains([]string{"say", "sentence", "Then"}, funcName(call)) {
				return true
			}
			format, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: a sentence that is not written where it is said", name)
				return true
			}
			seen++
			verbs := strings.Count(format.Value, "%s") + strings.Count(format.Value, "%d")
			if verbs != strings.Count(format.Value, "%") || verbs != len(call.Args)-1 || strings.ContainsAny(format.Value, "<>") {
				t.Errorf("%s: %d arguments for %s", name, len(call.Args)-1, format.Value)
			}
			return true
		})
	}
	if seen < 100 {
		t.Errorf("only %d sentences were found", seen)
	}
}

// funcName is the name of the function or method that is called.
func funcName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
