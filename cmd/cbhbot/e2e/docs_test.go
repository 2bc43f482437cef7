package e2e

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// top is the project's top folder, as seen from here.
const top = "../../.."

// documents are all that people read about the program, by their path from the top.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, top+"/")] = string(text)
		return err
	})
	if err != nil || len(found) < 10 {
		t.Fatalf("%d documents, %v", len(found), err)
	}
	return found
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	title  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	dull   = regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
)

// anchors are the names of a document's headings, as links to them are written.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, heading := range title.FindAllStringSubmatch(text, -1) {
		found[strings.ReplaceAll(strings.ToLower(dull.ReplaceAllString(heading[1], "")), " ", "-")] = true
	}
	return found
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := documents(t)
	for path, text := range all {
		for _, found := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(found[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(filepath.Join(top, target)); err != nil {
				t.Errorf("%s links to %s, which is not there", path, found[1])
			} else if anchor != "" && !anchors(all[target])[anchor] {
				t.Errorf("%s links to %s, which has no such heading", path, found[1])
			}
		}
	}
}

// TestPicturesOfDocumentsAreShipped with them, in the archives and in the packages.
func TestPicturesOfDocumentsAreShipped(t *testing.T) {
	t.Parallel()
	release, err := os.ReadFile(filepath.Join(top, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	shipped := regexp.MustCompile(`src: ([^\s,]+\.png)`).FindAllStringSubmatch(string(release), -1)
	for path, text := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if filepath.Ext(found[1]) != ".png" {
				continue
			}
			ways := 0
			for _, source := range shipped {
				if matches, _ := filepath.Match(source[1], filepath.Join(filepath.Dir(path), found[1])); matches {
					ways++
				}
			}
			if ways != 2 {
				t.Errorf("%s of %s is shipped in %d of two ways", found[1], path, ways)
			}
		}
	}
}

// TestCommandsOfDocumentsDoWhatTheySay runs each command that a document shows
// with what it prints, and looks up the others.
func TestCommandsOfDocumentsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	ran := 0
	for path, text := range documents(t) {
		dir := t.TempDir()
		if err := os.Symlink(program(t), filepath.Join(dir, "cbhbot")); err != nil {
			t.Fatal(err)
		}
		for _, block := range fenced.FindAllStringSubmatch(text, -1) {
			switch language, body := block[1], block[2]; language {
			case "yaml":
				keepExample(t, dir, body)
			case "sh":
				ran += runShown(t, path, dir, body)
			}
		}
	}
	if ran < 5 {
		t.Errorf("only %d commands are shown with what they print", ran)
	}
}

// keepExample writes an example that begins with its own name, as "# policy.yaml" does.
func keepExample(t *testing.T, dir, body string) {
	t.Helper()
	first, _, _ := strings.Cut(body, "\n")
	if name, ok := strings.CutPrefix(first, "# "); ok && strings.HasSuffix(name, ".yaml") && !strings.Contains(name, "/") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// runShown runs the commands behind "$ ", compares what they print, looks the others up, and returns how
// many it ran.
func runShown(t *testing.T, path, dir, body string) (ran int) {
	t.Helper()
	if !strings.HasPrefix(body, "$ ") {
		for line := range strings.Lines(body) {
			isKnown(t, path, strings.TrimSpace(line))
		}
		return 0
	}
	for _, shown := range strings.Split("\n"+body, "\n$ ")[1:] {
		command, want, _ := strings.Cut(shown, "\n")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		cmd := exec.CommandContext(ctx, "bash", "-c", command)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
		got, _ := cmd.CombinedOutput() // what it prints says whether it failed
		cancel()
		if !matches(want, string(got)) {
			t.Errorf("%s: %s\nprints\n%s\nand the document says\n%s", path, command, got, want)
		}
		ran++
	}
	return ran
}

// matches compares line by line what is printed with what a document shows; "…" is anything, and alone on
// a line any lines.
func matches(want, got string) bool {
	var pattern strings.Builder
	for line := range strings.Lines(strings.TrimSpace(want) + "\n") {
		if line == "…\n" {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(strings.TrimSpace(got) + "\n")
}

// elsewhere are the programs of others that documents name, and what runs them here.
var elsewhere = map[string]string{
	"redis-server": "approvals/store/redistest/redis.go",
	"redis-cli":    "approvals/store/queue_test.go",
	"npm":          "Makefile",
	"promtool":     "deploy/watch/files_test.go",
	"dpkg":         "deploy/deploytest/package_test.go",
	"systemctl":    "deploy/deploytest/systemd_test.go",
	"journalctl":   "deploy/deploytest/systemd_test.go",
	"module":       "deploy/deploytest/module_test.go", // of .ci
	"cp":           "deploy/deploytest/install_test.go",
	"mkdir":        "deploy/deploytest/image_test.go",
	"docker":       "deploy/deploytest/install_test.go",
	"helm":         "deploy/deploytest/install_test.go",
	"kubectl":      "deploy/deploytest/install_test.go",
}

var flagName = regexp.MustCompile(`\s(--[a-z][a-z-]*)`)

// isKnown wants a command that is shown without what it prints to exist: our own with
// its flags, a target of the Makefile, or a program that the named file runs.
func isKnown(t *testing.T, path, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " # ")
	words := strings.Fields(line)
	if len(words) == 0 || words[0] == "export" || strings.HasPrefix(line, "#") {
		return
	}
	switch name := filepath.Base(words[0]); {
	case name == "make" && len(words) > 1:
		text, err := os.ReadFile(filepath.Join(top, "Makefile"))
		if err != nil || !strings.Contains(string(text), "\n"+words[1]+":") {
			t.Errorf("%s: there is no %q, %v", path, line, err)
		}
	case name == "cbhbot" && len(words) > 1:
		help, code := output(t, nil, words[1], "--help")
		for _, flag := range flagName.FindAllStringSubmatch(line, -1) {
			if code != 0 || !strings.Contains(strings.ReplaceAll(help, "--", "-"), strings.TrimPrefix(flag[1], "-")) {
				t.Errorf("%s: %q: no flag %s in the help of %s", path, line, flag[1], words[1])
			}
		}
	case strings.HasPrefix(line, "go run ./cmd/cbhbot"), strings.HasPrefix(line, "go test ./"):
	default:
		text, err := os.ReadFile(filepath.Join(top, elsewhere[name]))
		if err != nil || !strings.Contains(string(text), name) {
			t.Errorf("%s: nothing here runs %q", path, line)
		}
	}
}
