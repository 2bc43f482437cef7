package deploytest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// machine is a root folder with a shell and nothing else, for packages to be put into.
func machine(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"bin", "tmp", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/rpm"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(root, "var/lib/dpkg/status"), "")
	write(t, filepath.Join(root, "var/lib/dpkg/available"), "")
	run(t, root, "cp", strings.TrimSpace(run(t, root, "sh", "-c", "command -v busybox")), "bin/busybox")
	for _, name := range []string{"sh", "test", "["} {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// installed is what a package has to bring, and how it may be read.
var installed = map[string]fs.FileMode{
	"usr/bin/cbhbot":                                            0o755,
	"usr/lib/systemd/system/cbhbot.service":                     0o644,
	"etc/cbhbot/env":                                            0o600, // it holds secrets
	"usr/share/doc/cbhbot/copyright":                            0o644,
	"usr/share/doc/cbhbot/README.md":                            0o644,
	"usr/share/doc/cbhbot/deploy/CHANGELOG.md":                  0o644,
	"usr/share/doc/cbhbot/deploy/policy.example.yaml":           0o644,
	"usr/share/doc/cbhbot/deploy/slack-manifest.yaml":           0o644,
	"usr/share/doc/cbhbot/deploy/docs/runbook.md":               0o644,
	"usr/share/doc/cbhbot/deploy/helm/cbhbot/files/alerts.yaml": 0o644,
	"usr/share/doc/cbhbot/deploy/grafana/cbhbot.json":           0o644,
}

func inspect(t *testing.T, root string) {
	t.Helper()
	for path, mode := range installed {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if out := run(t, root, "chroot", root, "/usr/bin/cbhbot", "version"); !strings.HasPrefix(out, "cbhbot 0.") {
		t.Errorf("the program says %s", out)
	}
}

// TestTheDebIsInstalledUpgradedAndRemoved with dpkg itself: settings that were filled in
// outlive an upgrade and a removal, and go with a purge.
func TestTheDebIsInstalledUpgradedAndRemoved(t *testing.T) {
	root, file := machine(t), one(t, "Linux Package", "linux/amd64", ".deb")
	dpkg := func(args ...string) {
		t.Helper()
		run(t, root, "dpkg", append([]string{"--root=" + root, "--force-confdef"}, args...)...)
	}
	dpkg("--install", file)
	inspect(t, root)
	env := filepath.Join(root, "etc/cbhbot/env")
	write(t, env, "SLACK_BOT_TOKEN=xoxb-1\n")
	dpkg("--install", file)
	dpkg("--remove", "cbhbot")
	if got := read(t, env); got != "SLACK_BOT_TOKEN=xoxb-1\n" {
		t.Errorf("the settings are\n%s", got)
	}
	if _, err := os.Stat(filepath.Join(root, "usr/bin/cbhbot")); err == nil {
		t.Error("the program is still there")
	}
	dpkg("--purge", "cbhbot")
	if _, err := os.Stat(env); err == nil {
		t.Error("the settings outlive a purge")
	}
}

// TestTheRpmIsInstalledAndRemoved with rpm itself.
func TestTheRpmIsInstalledAndRemoved(t *testing.T) {
	root, file := machine(t), one(t, "Linux Package", "linux/amd64", ".rpm")
	run(t, root, "rpm", "--root", root, "--initdb")
	run(t, root, "rpm", "--root", root, "--install", "--nodeps", file)
	inspect(t, root)
	if out := run(t, root, "rpm", "--root", root, "--query", "--configfiles", "cbhbot"); strings.TrimSpace(out) != "/etc/cbhbot/env" {
		t.Errorf("what is kept: %s", out)
	}
	run(t, root, "rpm", "--root", root, "--erase", "cbhbot")
	if _, err := os.Stat(filepath.Join(root, "usr/bin/cbhbot")); err == nil {
		t.Error("the program is still there")
	}
}

// TestSystemdFindsNothingInTheUnit of the package, and rates what it leaves open.
func TestSystemdFindsNothingInTheUnit(t *testing.T) {
	root := machine(t)
	run(t, root, "dpkg-deb", "--extract", one(t, "Linux Package", "linux/amd64", ".deb"), root)
	run(t, root, "cp", "-rnT", "/usr/lib/systemd/system", filepath.Join(root, "usr/lib/systemd/system"))
	_, errs, err := try(t, root, "systemd-analyze", "verify", "--root="+root, "--man=no", "cbhbot.service")
	if err != nil || strings.Contains(errs, "cbhbot.service") {
		t.Errorf("%v: %s", err, errs)
	}
	out, errs, err := try(t, root, "systemd-analyze", "security", "--root="+root, "--offline=true", "--threshold=20", "cbhbot.service")
	if err != nil {
		t.Errorf("%v, of at most 2.0: %s%s", err, out, errs)
	}
	t.Log(lastLine(out))
	if version := run(t, root, "systemctl", "--version"); strings.HasPrefix(version, "systemd 252 ") && !strings.Contains(lastLine(out), documented(t, "Overall exposure level")) {
		t.Errorf("install.md does not say %s", lastLine(out))
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestEachLineOfTheUnitSaysWhy: a comment stands above each setting, or above the run of
// settings it is about.
func TestEachLineOfTheUnitSaysWhy(t *testing.T) {
	_, service, _ := strings.Cut(read(t, filepath.Join(top, "deploy/cbhbot.service")), "[Service]\n")
	service, _, _ = strings.Cut(service, "[Install]")
	said := false
	for line := range strings.Lines(service) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"):
			said = true
		case line == "":
			said = false
		case !said:
			t.Errorf("nothing says why %s", line)
		}
	}
}
