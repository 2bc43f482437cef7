package bench

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// section is a part of a document that a benchmark writes.
type section struct {
	file, name string
	command    string   // that writes it
	blank      []string // its tables, with nothing measured
}

const (
	readme      = "../../../../README.md"
	performance = "../../../../deploy/docs/performance.md"
)

var (
	nothing           = &results{}
	readmeSection     = section{readme, "figures", "make bench", []string{nothing.table(headlines())}}
	botsSection       = section{performance, "bots", "make bench", []string{nothing.table(botRows), nothing.goals()}}
	growthSection     = section{performance, "growth", "make bench-growth", nothingGrows()}
	resilienceSection = section{performance, "resilience", "make bench-resilience", []string{tortures(nil).table(), waited(nil)}}
	sections          = []section{readmeSection, botsSection, growthSection, resilienceSection}
)

func (s section) begin() string {
	return "<!-- begin " + s.name + ": written by " + s.command + " -->\n"
}
func (s section) end() string { return "<!-- end " + s.name + " -->\n" }

// cut splits a document at the section.
func (s section) cut(tb testing.TB) (before, text, after string) {
	tb.Helper()
	whole, err := os.ReadFile(s.file)
	if err != nil {
		tb.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(whole), s.begin())
	text, after, ends := strings.Cut(rest, s.end())
	if !begins || !ends {
		tb.Fatalf("%s has no part between %s and %s", s.file, s.begin(), s.end())
	}
	return before, text, after
}

// publish prints tables and, with -update, writes them into their document.
func (s section) publish(tb testing.TB, tables ...string) {
	tb.Helper()
	text := fmt.Sprintf("%s, `%s`:\n\n%s", time.Now().Format("2 January 2006"), s.command, strings.Join(tables, "\n"))
	fmt.Print("\n", text)
	if !*update || tb.Failed() {
		return
	}
	before, _, after := s.cut(tb)
	if err := os.WriteFile(s.file, []byte(before+s.begin()+text+s.end()+after), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// shape is the heads of tables, and the first cells of their lines.
func shape(text string) (all []string) {
	head := true
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			head = true
			continue
		}
		if first := strings.Split(line, "|")[1]; head {
			all = append(all, strings.TrimSpace(line))
		} else {
			all = append(all, strings.TrimSpace(first))
		}
		head = false
	}
	return all
}

var dated = regexp.MustCompile(`^\d{1,2} \w+ 20\d\d, `)

// TestTheDocumentsHaveTheTablesThatAreMeasured: what a document shows is what its
// command prints, with the date.
func TestTheDocumentsHaveTheTablesThatAreMeasured(t *testing.T) {
	for _, s := range sections {
		_, text, _ := s.cut(t)
		if !dated.MatchString(text) || !strings.Contains(text, "`"+s.command+"`") {
			t.Errorf("%s, %s: neither date nor command begins it", s.file, s.name)
		}
		want := shape(strings.Join(s.blank, "\n"))
		if got := shape(text); !slices.Equal(got, want) {
			t.Errorf("%s, %s:\n%s\n%s prints\n%s", s.file, s.name, strings.Join(got, "\n"), s.command, strings.Join(want, "\n"))
		}
	}
}

// TestShapesTellTablesApart shows that the test above can fail.
func TestShapesTellTablesApart(t *testing.T) {
	one := headed("", "a", "b") + tabled("x", "1", "2")
	for _, other := range []string{
		headed("", "a") + tabled("x", "1"), headed("", "a", "b") + tabled("y", "1", "2"), one + tabled("y", "", ""), headed("", "a", "b"),
	} {
		if slices.Equal(shape(one), shape(other)) {
			t.Errorf("the same shape:\n%s\n%s", one, other)
		}
	}
	if again := headed("", "a", "b") + tabled("x", "7", "8"); !slices.Equal(shape(one), shape(again)) {
		t.Error("figures are no part of the shape")
	}
}
