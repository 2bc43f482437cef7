package file

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"sort"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// maxSize bounds a file, in bytes.
const maxSize = 1 << 20

// File is what a policy file says.
type File struct {
	Policy   *policy.Policy
	Projects []Project         // empty: the one that the settings name
	Names    map[string]string // what people call users and groups, by id; for explanations
	Sum      uint32            // a checksum of its text
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line int // from 1
	Text string
}

// Error lists everything that is wrong with a file, in the order of its lines.
type Error struct {
	File     string
	Problems []Problem
}

// Error writes each problem on a line of its own: "policy.yaml:12: unknown key …".
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "the policy file has %d problem(s):", len(e.Problems))
	for _, p := range e.Problems {
		fmt.Fprintf(&text, "\n  %s:%d: %s", e.File, p.Line, p.Text)
	}
	return text.String()
}

// Read parses the file at a path. A bad file is an *Error, and so is one that wants
// as much notice as an upgrade may lie ahead by the program's setting, or more; 0:
// the setting is not known.
func Read(path string, maxLead time.Duration) (*File, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text, maxLead)
}

func read(path string) (text []byte, err error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe that nobody writes to is empty
	if err == nil {
		defer file.Close()
		text, err = io.ReadAll(io.LimitReader(file, maxSize+1))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the policy file: %w", err)
	}
	return text, nil
}

// parse reads a file's text. name is what problems call the file.
func parse(name string, text []byte, maxLead time.Duration) (*File, error) {
	r := &reader{maxLead: maxLead}
	file := r.parse(text)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return nil, &Error{File: name, Problems: r.problems}
	}
	file.Sum = crc32.ChecksumIEEE(text)
	return file, nil
}

func (r *reader) parse(text []byte) *File {
	if len(text) > maxSize {
		r.add(1, "the file is larger than %d bytes", maxSize)
		return nil
	}
	document, more, err := documents(text)
	switch {
	case err != nil:
		r.syntax(text, err)
	case document.IsZero():
		r.add(1, "the file is empty; it begins with version: 1")
	case !more.IsZero():
		r.add(more.Line, "the file has a second document; everything belongs into one")
	default:
		return r.file(document.Content[0])
	}
	return nil
}

// documents reads a file's first two documents; what it lacks is zero.
func documents(text []byte) (first, second yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err = decoder.Decode(&first); err == nil {
		err = decoder.Decode(&second)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return first, second, err
}

// syntax words the parser's error, the only one it gives, and says what most mean by it.
func (r *reader) syntax(file []byte, err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.HasPrefix(text, "line ") {
		_, text, _ = strings.Cut(text, ": ")
	}
	switch {
	case strings.Contains(text, "anchor"), strings.Contains(text, "alphabetic or numeric"):
		text += "; what begins with * goes in quotes"
	case strings.Contains(text, "cannot start any token"):
		text += "; a line begins with spaces, not with tabs"
	}
	line := unreadableFrom(file, err)
	lines := strings.SplitAfter(string(file), "\n")
	for _, n := range []int{line, max(1, line-1)} { // the parser stumbles over the colon, or over the line behind it
		if hint := wideColon(lines[n-1]); hint != "" {
			line, text = n, text+hint
			break
		}
	}
	r.add(line, "not YAML: %s", text)
}

// wideColon says what is wrong where a text has a colon as a Chinese keyboard types it.
func wideColon(text string) string {
	if strings.Contains(text, "：") {
		return "; the colon behind a key is : and not ："
	}
	return ""
}

// mostBack is how many lines are looked at for the one that opened what was not closed: each
// look reads all before it.
const mostBack = 100

// unreadableFrom is the line from which on a file is no YAML: the lines before it are. The parser names
// none, or says where the list began in which a later line is indented wrongly.
func unreadableFrom(file []byte, err error) int {
	lines := bytes.SplitAfter(file, []byte("\n"))
	first := func(n int) error { _, _, err := documents(bytes.Join(lines[:n], nil)); return err }
	seen := max(1, sort.Search(len(lines), func(n int) bool { return fmt.Sprint(first(n)) == err.Error() }))
	for n := seen; n > seen-mostBack; n-- { // to what opened and was not closed
		if n == 1 || first(n-1) == nil {
			return n
		}
	}
	return seen
}

// file reads the top of the file. Rules are read last, for they refer to
// projects and identities, wherever these stand.
func (r *reader) file(n *yaml.Node) *File {
	f := &File{Policy: &policy.Policy{Channels: map[string]string{}, Languages: map[string]policy.Language{}}}
	var rules *yaml.Node
	var usual policy.Language // of the cards of projects that name none
	keys := r.mapping(n, "the file", map[string]take{
		"version":  into(r, new(int), version),
		"projects": func(n *yaml.Node) { f.Projects = r.projectList(n, f.Policy) },
		"same":     func(n *yaml.Node) { f.Policy.Same = r.same(n) },
		"rules":    func(n *yaml.Node) { rules = n },
		"names":    func(n *yaml.Node) { f.Names = r.names(n) },
		"lead":     func(n *yaml.Node) { f.Policy.Lead = r.lead(n) },
		"language": into(r, &usual, said(language)),
	})
	if keys != nil && keys["version"] == nil {
		r.at(n, "version: 1 is missing")
	}
	r.projects, r.identities = f.ProjectNames(), f.Policy.Same
	if rules != nil {
		r.value("rules", rules, func(n *yaml.Node) { f.Policy.Rules = r.rules(n) })
	}
	f.Policy.Languages[""] = usual
	return f
}

func version(n *yaml.Node) (int, error) {
	number, err := integer(n)
	if err == nil && number != 1 {
		err = fmt.Errorf("is %d; this program reads version 1", number)
	}
	return number, err
}

// ProjectNames are those that rules may name.
func (f *File) ProjectNames() []string {
	if len(f.Projects) == 0 {
		return []string{approvals.DefaultProject}
	}
	var names []string
	for _, p := range f.Projects {
		names = append(names, p.Name)
	}
	return names
}
