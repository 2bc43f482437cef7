package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testNames  = regexp.MustCompile("`(Test[A-Z]\\w+)`")
	testBegins = regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`)
)

// TestTheThreatModelNamesTestsThatExist keeps each claim of deploy/SECURITY.md
// with a test that shows it.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../deploy/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	exist := allTests(t)
	for _, name := range testNames.FindAllStringSubmatch(string(text), -1) {
		if !exist[name[1]] {
			t.Errorf("deploy/SECURITY.md names %s, which does not exist", name[1])
		}
	}
	for _, attacker := range strings.Split(string(text), "\n### ")[1:] {
		title, claims, _ := strings.Cut(attacker, "\n")
		if !testNames.MatchString(claims) {
			t.Errorf("%s: nothing is shown by a test", title)
		}
	}
}

// allTests are the names of all tests of the module.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, name := range testBegins.FindAllStringSubmatch(string(text), -1) {
			names[name[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
