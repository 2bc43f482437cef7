package timephrase

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"slices"
	"strconv"
	"testing"
)

// TestEveryPointIsInTheList compares the constants in the source with the list.
func TestEveryPointIsInTheList(t *testing.T) {
	file, err := parser.ParseFile(gotoken.NewFileSet(), "points.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var stated []Point
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if text, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, _ := strconv.Unquote(text.Value)
				stated = append(stated, Point(value))
			}
		}
		return true
	})
	if len(stated) < 50 || !slices.Equal(stated, Points) {
		t.Errorf("stated: %q\nlisted: %q", stated, Points)
	}
}
