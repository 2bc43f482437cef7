package slackemu_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scripts are the page's modules and what each imports, as paths below page.
func scripts(t *testing.T) map[string][]string {
	t.Helper()
	imported := regexp.MustCompile(`(?m)(?:^import|\bfrom|\bimport\()\s*\(?'([^']+)'`)
	all, page := map[string][]string{}, os.DirFS("page")
	err := fs.WalkDir(page, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".js" {
			return err
		}
		all[name] = nil
		text, err := fs.ReadFile(page, name)
		for _, found := range imported.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(found[1], ".") { // not the embedder's module
				all[name] = append(all[name], path.Join(path.Dir(name), found[1]))
			}
		}
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d scripts: %v", len(all), err)
	}
	return all
}

func TestThePagesScriptsImportInOneDirection(t *testing.T) {
	all := scripts(t)
	done := map[string]bool{}
	var visit func(name string, above []string)
	visit = func(name string, above []string) {
		if slices.Contains(above, name) {
			t.Fatalf("a circle of imports: %s", strings.Join(append(above, name), " > "))
		}
		imports, known := all[name]
		if !known {
			t.Errorf("%s is imported and is not there", name)
		}
		for _, next := range imports {
			if !done[name] {
				visit(next, append(slices.Clone(above), name))
			}
		}
		done[name] = true
	}
	for name := range all {
		visit(name, nil)
	}
}

// mayImport says which folders the scripts of a folder know: the state and the transport nobody but themselves.
var mayImport = map[string][]string{
	"state":     {"state"},
	"transport": {"transport"},
	".":         {".", "state", "transport", "drawing"}, // app.js, which wires, and acts.js
	"drawing":   {"drawing", "state", "."},
}

func TestThePagesScriptsTellStateTransportAndDrawingApart(t *testing.T) {
	for name, imports := range scripts(t) {
		for _, other := range imports {
			allowed := mayImport[path.Dir(name)]
			if name == "acts.js" {
				allowed = []string{"state", "transport"}
			}
			if !slices.Contains(allowed, path.Dir(other)) || other == "app.js" {
				t.Errorf("%s imports %s", name, other)
			}
		}
	}
}

func TestEachEmojiOfThePageIsAFile(t *testing.T) {
	text, err := os.ReadFile("page/drawing/emoji.js")
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := strings.Cut(string(text), "};")
	var named []string
	for _, found := range regexp.MustCompile(`([a-z_]+): '`).FindAllStringSubmatch(list, -1) {
		named = append(named, found[1]+".svg")
	}
	var there []string
	files, _ := os.ReadDir("page/emoji")
	for _, f := range files {
		if path.Ext(f.Name()) == ".svg" {
			there = append(there, f.Name())
		}
	}
	slices.Sort(named)
	if len(named) == 0 || !slices.Equal(named, there) {
		t.Errorf("named are\n%v\nand there are\n%v", named, there)
	}
	if license, err := os.ReadFile("page/emoji/LICENSE"); err != nil || !strings.Contains(string(license), "creativecommons.org/licenses/by/4.0") {
		t.Errorf("the emoji's licence: %v", err)
	}
}
