package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport is who may import whom, within the module; tests may import
// anything. "*" is everything.
var mayImport = map[string][]string{
	"cbhbot/cmd/cbhbot":                {"*"},
	"cbhbot/cmd/cbhbot/e2e":            {},
	"cbhbot/cmd/cbhbot/check":          {"cbhbot/approvals", "cbhbot/approvals/calendar", "cbhbot/approvals/policy", "cbhbot/approvals/policy/file", "cbhbot/approvals/store", "cbhbot/bot", "cbhbot/client", "cbhbot/cmd/cbhbot/cli", "cbhbot/deploy", "cbhbot/handlers"},
	"cbhbot/cmd/cbhbot/cli":            {"cbhbot/handlers/messages"},
	"cbhbot/cmd/cbhbot/sandbox":        {"cbhbot/cmd/cbhbot/cli", "cbhbot/approvals", "cbhbot/approvals/audit", "cbhbot/approvals/policy/file", "cbhbot/approvals/store", "cbhbot/bot", "cbhbot/bot/slackemu", "cbhbot/client/cbhemu", "cbhbot/handlers/messages", "cbhbot/handlers/timephrase"},
	"cbhbot/bot":                       {"cbhbot/bot/mrkdwn"},
	"cbhbot/bot/mrkdwn":                {},
	"cbhbot/bot/slackemu":              {"cbhbot/deploy"}, // the workspace grants what the manifest asks for
	"cbhbot/bot/slackemu/bolttest":     {},
	"cbhbot/bot/slackemu/pagetest":     {},
	"cbhbot/bot/slackemu/scenario":     {"cbhbot/bot/slackemu"},
	"cbhbot/handlers":                  append([]string{"cbhbot/bot", "cbhbot/bot/mrkdwn", "cbhbot/client", "cbhbot/handlers/cloud", "cbhbot/handlers/messages", "cbhbot/handlers/timephrase"}, rooms...),
	"cbhbot/handlers/messages":         append([]string{"cbhbot/approvals/audit", "cbhbot/bot", "cbhbot/bot/mrkdwn", "cbhbot/client", "cbhbot/handlers/cloud", "cbhbot/handlers/timephrase"}, rooms...),
	"cbhbot/handlers/messages/gallery": append([]string{"cbhbot/bot", "cbhbot/client", "cbhbot/handlers/cloud", "cbhbot/handlers/messages"}, rooms...),
	"cbhbot/handlers/cloud":            {"cbhbot/approvals", "cbhbot/client"},
	"cbhbot/handlers/timephrase":       {},
	"cbhbot/approvals":                 {},
	"cbhbot/approvals/calendar":        {},
	"cbhbot/approvals/policy":          {"cbhbot/approvals", "cbhbot/approvals/calendar"},
	"cbhbot/approvals/policy/file":     {"cbhbot/approvals", "cbhbot/approvals/calendar", "cbhbot/approvals/policy"},
	"cbhbot/approvals/audit":           {"cbhbot/approvals"},
	"cbhbot/approvals/store":           {"cbhbot/approvals", "cbhbot/approvals/audit"},
	"cbhbot/approvals/store/redistest": {},
	"cbhbot/approvals/growstack":       {},
	"cbhbot/approvals/engine":          {"cbhbot/approvals", "cbhbot/approvals/growstack", "cbhbot/approvals/policy", "cbhbot/approvals/store", "cbhbot/approvals/audit"},
	"cbhbot/client":                    {},
	"cbhbot/client/cbhemu":             {},
	"cbhbot/deploy":                    {},
	"cbhbot/deploy/pictures":           {"cbhbot/handlers/messages"},

	"cbhbot/cmd/cbhbot/e2e/outage":                 {},
	"cbhbot/cmd/cbhbot/e2e/bench":                  {},
	"cbhbot/cmd/cbhbot/e2e/bench/peers/floor":      {"cbhbot/client"},
	"cbhbot/cmd/cbhbot/e2e/bench/peers/socketmode": {"cbhbot/client"},
}

// rooms are the parts of approvals that handlers know.
var rooms = []string{"cbhbot/approvals", "cbhbot/approvals/calendar", "cbhbot/approvals/policy", "cbhbot/approvals/store", "cbhbot/approvals/engine"}

// emulators may be imported by the sandbox and what stands below them only, and the
// sandbox by one file of the program.
var (
	emulators = []string{"cbhbot/bot/slackemu", "cbhbot/client/cbhemu"}
	theirs    = "cbhbot/cmd/cbhbot/sandbox"
)

// listed is a package as go list describes it.
type listed struct {
	ImportPath string
	Doc        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,GoFiles,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsKeepToTheTable(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := mayImport[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table of imports", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			ours := strings.HasPrefix(imported, "cbhbot/")
			if ours && !slices.Contains(allowed, imported) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestOnlyTheSandboxUsesTheEmulators(t *testing.T) {
	for _, p := range packages(t) {
		for _, emulator := range emulators {
			own := p.ImportPath == theirs || strings.HasPrefix(p.ImportPath, emulator+"/")
			if !own && slices.Contains(p.Imports, emulator) {
				t.Errorf("%s imports %s", p.ImportPath, emulator)
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if file != "sandbox.go" && file != "layout_test.go" && strings.Contains(string(text), `"`+theirs+`"`) {
			t.Errorf("%s imports the sandbox", file)
		}
	}
}

// TestWhatIsKeptOutOfTheProgram: profiles tell what the memory holds; beside templates the
// linker keeps every method of every type, which costs a third of the program.
func TestWhatIsKeptOutOfTheProgram(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Fields(string(out))
	if !slices.Contains(parts, "cbhbot/bot") {
		t.Fatal("the program is not made of its parts")
	}
	for _, theirs := range []string{"net/http/pprof", "text/template", "html/template"} {
		if slices.Contains(parts, theirs) {
			t.Errorf("%s is part of the program", theirs)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func TestTheTopLevelIsFixed(t *testing.T) {
	out, err := exec.Command("git", "-C", "../..", "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	fixed := []string{"go.mod", "go.sum", "cmd", "bot", "handlers", "approvals", "client", "deploy", "Makefile", "README.md", "LICENSE"}
	for name := range strings.Lines(string(out)) {
		top, _, _ := strings.Cut(strings.TrimSpace(name), "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(fixed, top) {
			t.Errorf("%s does not belong at the top level", top)
		}
	}
}

func TestNothingBuiltIsKept(t *testing.T) {
	out, err := exec.Command("git", "-C", "../..", "ls-files", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	const most = 1 << 20
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		file, err := os.Stat(filepath.Join("../..", name))
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		if file.Size() > most {
			t.Errorf("%s has %d bytes: what is built does not belong into the project", name, file.Size())
		}
	}
}
