package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"text/template"
)

// sheet is one picture of a set; its numbers begin at 1.
type sheet struct {
	set
	Number int
}

func (s sheet) File() string { return fmt.Sprintf("%s-%d.png", s.name(), s.Number) }

// Kept reports whether the sheet is part of the project; .gitignore says the same. The
// others are drawn beside it.
func (s sheet) Kept() bool {
	pictured := s.Group == "card" || s.Group == "form" || s.Group == "home"
	return s.Look == "light" && s.Width == 390 && pictured || s.File() == "en-dark-390-card-1.png"
}

//go:embed index.tmpl
var indexText string

var index = template.Must(template.New("index").Parse(indexText))

// writeIndex writes the document that shows the sheets which are kept in the project.
func writeIndex(path string, sheets []sheet) error {
	var text bytes.Buffer
	if err := index.Execute(&text, sheets); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
