package deploytest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// snapshot is a release of what is checked out, built once: the folder that GoReleaser
// filled. Images need Docker and are built by another test.
var snapshot = sync.OnceValues(func() (string, error) { return built("first", "") })

var filled = flag.String("dist", "", "take the release in this folder, such as /tmp/checkout/.cache/dist, and build none")

// checkouts are the folders that releases are built in.
var checkouts = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "cbhbot-release-") })

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := checkouts(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// copied is a script that makes a checkout of $1 at $2, with what is in no commit, and
// goes there. GoReleaser wants to know where it is at home.
const copied = `set -euo pipefail
git clone -q "$1" "$2" && cd "$2"
git remote set-url origin https://github.com/you/cbhbot.git
git -C "$1" diff --binary HEAD | git apply --allow-empty
git -C "$1" ls-files -z --others --exclude-standard | tar -C "$1" --null -T - -cf - | tar -xf -
`

// built releases a copy of the project that is in a folder of its own; with a cache of its
// own, too, where one is named.
func built(name, cache string) (string, error) {
	parent, err := checkouts()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(parent, name)
	script := copied + `
goreleaser=$("$1/.ci/tool" goreleaser); bills=$("$1/.ci/tool" cyclonedx-gomod)
[ -z "$3" ] || export GOCACHE="$3"
PATH=$(dirname "$bills"):$PATH exec "$goreleaser" release --snapshot --clean --skip=docker`
	out, errs, err := shell(script, top, dir, cache)
	if err != nil {
		return "", fmt.Errorf("%w\n%s%s", err, out, errs)
	}
	return filepath.Join(dir, ".cache/dist"), nil
}

func released(t *testing.T) string {
	t.Helper()
	if *filled != "" {
		return *filled
	}
	dist, err := snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return dist
}

func TestGoReleaserFindsNothingInItsFile(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "bash", "-c", copied, "bash", top, filepath.Join(dir, "checkout"))
	run(t, filepath.Join(dir, "checkout"), tool(t, "goreleaser"), "check")
}

// artifact is what GoReleaser says of a file that it made.
type artifact struct {
	Name, Path, Type, Goos, Goarch string
}

func artifacts(t *testing.T) []artifact {
	t.Helper()
	var all []artifact
	if err := json.Unmarshal([]byte(read(t, filepath.Join(released(t), "artifacts.json"))), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// one is the path of the one artifact that there is.
func one(t *testing.T, kind, platform, suffix string) string {
	t.Helper()
	var found []string
	for _, a := range artifacts(t) {
		if a.Type == kind && a.Goos+"/"+a.Goarch == platform && strings.HasSuffix(a.Name, suffix) {
			found = append(found, filepath.Join(filepath.Dir(filepath.Dir(released(t))), a.Path))
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s %s %s: %q", kind, platform, suffix, found)
	}
	return found[0]
}

var compiler = regexp.MustCompile(`GOTOOLCHAIN=(go[0-9.]+)`)

func TestAReleaseIsComplete(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		for _, processor := range []string{"amd64", "arm64"} {
			one(t, "Binary", system+"/"+processor, "cbhbot")
			one(t, "Archive", system+"/"+processor, ".tar.gz")
		}
	}
	for _, processor := range []string{"amd64", "arm64"} {
		one(t, "Linux Package", "linux/"+processor, ".deb")
		one(t, "Linux Package", "linux/"+processor, ".rpm")
	}
	version := run(t, top, one(t, "Binary", "linux/amd64", "cbhbot"), "version")
	var of struct{ Version, Commit string }
	if err := json.Unmarshal([]byte(read(t, filepath.Join(released(t), "metadata.json"))), &of); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(version, "cbhbot "+of.Version+"\n") || !strings.Contains(version, of.Commit) || !strings.Contains(version, compiler.FindStringSubmatch(read(t, filepath.Join(top, ".goreleaser.yaml")))[1]) {
		t.Errorf("the program says\n%s", version)
	}
}

func TestTheChecksumsAreThoseOfTheFiles(t *testing.T) {
	dist := released(t)
	lines := strings.Split(strings.TrimSpace(read(t, filepath.Join(dist, "checksums.txt"))), "\n")
	if len(lines) < 8 {
		t.Errorf("%d checksums", len(lines))
	}
	for _, line := range lines {
		want, name, _ := strings.Cut(line, "  ")
		if got := sum(t, filepath.Join(dist, name)); got != want {
			t.Errorf("%s has %s, not %s", name, got, want)
		}
	}
}

func sum(t *testing.T, path string) string {
	t.Helper()
	hash := sha256.Sum256([]byte(read(t, path)))
	return hex.EncodeToString(hash[:])
}

// TestTheBillOfMaterialsNamesWhatIsInside: each module that Go says is in the program.
func TestTheBillOfMaterialsNamesWhatIsInside(t *testing.T) {
	var bill struct {
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal([]byte(read(t, one(t, "SBOM", "/", "linux_amd64.cdx.json"))), &bill); err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, c := range bill.Components {
		named = append(named, c.Name+" "+c.Version)
	}
	inside := 0
	for line := range strings.Lines(run(t, top, "go", "version", "-m", one(t, "Binary", "linux/amd64", "cbhbot"))) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == "dep" {
			inside++
			if !slices.Contains(named, fields[1]+" "+fields[2]) {
				t.Errorf("%s %s is inside and not named", fields[1], fields[2])
			}
		}
	}
	if inside < 10 {
		t.Errorf("only %d modules are inside", inside)
	}
}

// TestTheSameCommitGivesTheSameBytes, built a second time in another folder, with nothing
// taken over from the first.
func TestTheSameCommitGivesTheSameBytes(t *testing.T) {
	first := released(t)
	second, err := built("second-and-in-a-longer-folder", filepath.Join(t.TempDir(), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, filepath.Join(first, "checksums.txt")), read(t, filepath.Join(second, "checksums.txt")); a != b {
		t.Errorf("the first time:\n%s\nand the second:\n%s", a, b)
	}
}
