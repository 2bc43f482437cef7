package deploytest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// buildah keeps its images in a folder of the test's, and needs no daemon.
type buildah struct {
	t    *testing.T
	home string
}

func newBuildah(t *testing.T) buildah { return buildah{t: t, home: t.TempDir()} }

func (b buildah) run(dir string, args ...string) string {
	b.t.Helper()
	own := []string{"--storage-driver", "vfs", "--root", filepath.Join(b.home, "root"), "--runroot", filepath.Join(b.home, "run")}
	return run(b.t, dir, "buildah", append(own, args...)...)
}

// check starts the image as it would be started, and wants it to be what both files say.
func (b buildah) check(name string) {
	b.t.Helper()
	var config struct {
		Docker struct {
			Config struct {
				User        string
				Cmd         []string
				Entrypoint  []string
				Env         []string
				Healthcheck struct{ Test []string }
			} `json:"config"`
		}
	}
	if err := json.Unmarshal([]byte(b.run(b.home, "inspect", "--type", "image", name)), &config); err != nil {
		b.t.Fatal(err)
	}
	c := config.Docker.Config
	if c.User != "65532:65532" || strings.Join(append(c.Entrypoint, c.Cmd...), " ") != "/cbhbot run" || !strings.Contains(strings.Join(c.Env, " "), "CBHBOT_LISTEN=0.0.0.0:9090") {
		b.t.Errorf("%s: %+v", name, c)
	}
	if strings.Join(c.Healthcheck.Test, " ") != "CMD /cbhbot health" {
		b.t.Errorf("%s: health: %q", name, c.Healthcheck.Test)
	}
	container := strings.TrimSpace(b.run(b.home, "from", "--pull-never", name))
	if out := b.run(b.home, "run", "--isolation", "chroot", container, "--", "/cbhbot", "version"); !strings.HasPrefix(out, "cbhbot ") {
		b.t.Errorf("%s says %s", name, out)
	}
}

// TestTheImageOfAReleaseRuns. The base is an empty one here: what is tested is all but
// the pulling of the real one.
func TestTheImageOfAReleaseRuns(t *testing.T) {
	b, context := newBuildah(t), t.TempDir()
	for _, processor := range []string{"amd64", "arm64"} {
		to := filepath.Join(context, "linux", processor)
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		run(t, context, "cp", one(t, "Binary", "linux/"+processor, "cbhbot"), to)
	}
	b.run(context, "build", "--isolation", "chroot", "--format", "docker", "--build-arg", "BASE=scratch", "--build-arg", "TARGETPLATFORM=linux/amd64",
		"--file", filepath.Join(top, "deploy/release.Dockerfile"), "--tag", "release", ".")
	b.check("release")
}

// TestTheImageFromSourceRuns. In place of the images that would be pulled it is given one
// with this machine's Go and a shell, and an empty one.
func TestTheImageFromSourceRuns(t *testing.T) {
	b, context := newBuildah(t), t.TempDir()
	goroot := strings.TrimSpace(run(t, top, "go", "env", "GOROOT"))
	run(t, context, "sh", "-c", `set -e
mkdir -p go bin etc tmp
cp -rT "$1" go
cp "$(command -v busybox)" bin/busybox
for name in sh mkdir cp rm; do ln -s busybox bin/$name; done
cp -rL /etc/ssl etc/ssl
for name in resolv.conf hosts nsswitch.conf passwd; do [ ! -e /etc/$name ] || cp -L /etc/$name etc/; done`, "sh", goroot)
	write(t, filepath.Join(context, "Dockerfile"), "FROM scratch\nCOPY . /\nENV PATH=/go/bin:/bin GOROOT=/go HOME=/tmp\n")
	b.run(context, "build", "--isolation", "chroot", "--tag", "go", ".")
	source := t.TempDir()
	run(t, top, "sh", "-c", `git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -C "$1" -xf -`, "sh", source)
	b.run(source, "build", "--isolation", "chroot", "--format", "docker", "--network", "host", "--pull-never",
		"--build-arg", "GO=localhost/go", "--build-arg", "BASE=scratch", "--build-arg", "VERSION=1.2.3", "--build-arg", "COMMIT=0123abc",
		"--file", "deploy/Dockerfile", "--tag", "source", ".")
	b.check("source")
}
