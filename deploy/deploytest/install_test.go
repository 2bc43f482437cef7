package deploytest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// blocks are those of install.md in one language.
func blocks(t *testing.T, language string) (all []string) {
	t.Helper()
	for _, block := range fenced.FindAllStringSubmatch(read(t, filepath.Join(top, "deploy/docs/install.md")), -1) {
		if block[1] == language {
			all = append(all, block[2])
		}
	}
	return all
}

// documented is the output that install.md shows with some words in it.
func documented(t *testing.T, words string) string {
	t.Helper()
	i := slices.IndexFunc(blocks(t, "text"), func(block string) bool { return strings.Contains(block, words) })
	if i < 0 {
		t.Fatalf("install.md shows no output with %q", words)
	}
	return strings.TrimSpace(blocks(t, "text")[i])
}

// reader follows install.md as far as that goes without Docker and a cluster, in a folder
// with the files that it shows.
type reader struct {
	*testing.T
	dir       string
	compose   *types.Project
	drawn     string // by the arguments of helm install
	namespace string
	secret    *core.Secret
}

// TestInstallingGoesAsWritten runs the commands of install.md: kubectl up to where it would
// send something, Helm up to what it would install, and Docker's by the files they name.
func TestInstallingGoesAsWritten(t *testing.T) {
	r := &reader{T: t, dir: t.TempDir(), compose: composed(t)}
	run(t, r.dir, "cp", "-r", filepath.Join(top, "deploy"), ".")
	write(t, filepath.Join(r.dir, "policy.yaml"), read(t, filepath.Join(top, "deploy/policy.example.yaml")))
	write(t, filepath.Join(r.dir, "secrets.env"), "SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\n")
	for _, example := range blocks(t, "yaml") {
		name, _, _ := strings.Cut(strings.TrimPrefix(example, "# "), "\n")
		write(t, filepath.Join(r.dir, name), example)
	}
	does := map[string]func([]string){"cp": r.copies, "docker": r.docker, "kubectl": r.kubectl, "helm": r.helm}
	seen := map[string]int{}
	for line := range strings.Lines(strings.Join(blocks(t, "sh"), "")) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 && does[words[0]] != nil {
			does[words[0]](words)
			seen[words[0]]++
		}
	}
	if seen["docker"] < 3 || seen["kubectl"] < 3 || seen["helm"] < 2 || seen["cp"] < 1 {
		t.Errorf("install.md has %v", seen)
	}
	r.sentinels()
}

// copies makes deploy/env, which the compose file reads.
func (r *reader) copies(words []string) {
	run(r.T, r.dir, words[0], words[1:]...)
	run(r.T, r.dir, "test", "-s", filepath.Join("deploy", filepath.Base(r.compose.Services["cbhbot"].EnvFiles[0].Path)))
}

// docker looks up the files, the image and the service that are named.
func (r *reader) docker(words []string) {
	r.Helper()
	line, bot := strings.Join(words, " "), r.compose.Services["cbhbot"]
	run(r.T, r.dir, "test", "-f", words[slices.Index(words, "-f")+1])
	switch {
	case words[1] == "build":
		if want := "docker build -f deploy/Dockerfile -t " + bot.Image + " ."; line != want {
			r.Errorf("%s, and not %s", line, want)
		}
	case slices.Contains(words, "run"):
		if i := slices.Index(words, bot.Name); i < 0 || !strings.Contains(run(r.T, r.dir, one(r.T, "Binary", "linux/amd64", "cbhbot"), words[i+1], "--help"), "Usage: cbhbot "+words[i+1]) {
			r.Errorf("%s: no such service, or no such command", line)
		}
	case !strings.HasSuffix(line, " up -d"):
		r.Errorf("nobody looks at %s", line)
	}
}

// kubectl runs what needs no cluster, and looks up the others.
func (r *reader) kubectl(words []string) {
	r.Helper()
	line := strings.Join(words, " ")
	switch {
	case strings.Contains(line, " create namespace "):
		r.namespace = words[3]
		run(r.T, r.dir, "kubectl", append(words[1:], "--dry-run=client")...)
	case strings.Contains(line, " create secret "):
		r.secret = only[*core.Secret](r.T, objects(r.T, run(r.T, r.dir, "kubectl", append(words[1:], "--dry-run=client", "-o", "yaml")...)))
	case strings.Contains(line, " rollout restart "):
		run(r.T, r.dir, "kubectl", "rollout", "restart", "--help")
		if made := only[*apps.Deployment](r.T, objects(r.T, r.drawn)); words[len(words)-1] != "deployment/"+made.Name || !strings.Contains(line, "--namespace "+r.namespace+" ") {
			r.Errorf("%s: the deployment is %s, in %s", line, made.Name, r.namespace)
		}
	default:
		r.Errorf("nobody looks at %s", line)
	}
}

// helm draws what would be installed, and wants the other objects to be those that were made.
func (r *reader) helm(words []string) {
	r.Helper()
	if words[1] == "test" {
		if check := only[*core.Pod](r.T, objects(r.T, r.drawn)); check.Annotations["helm.sh/hook"] != "test" || words[2] != check.Labels["app.kubernetes.io/instance"] {
			r.Errorf("%v: %+v", words, check.ObjectMeta)
		}
		return
	}
	r.drawn = run(r.T, r.dir, tool(r.T, "helm"), append([]string{"template", "--kube-version", "1.34.0"}, words[2:]...)...)
	_, errs, err := try(r.T, r.dir, tool(r.T, "helm"), append([]string{"template", "--set", "replica=3"}, words[2:]...)...)
	if want := documented(r.T, "replica"); err == nil || strings.TrimSpace(errs) != want {
		r.Errorf("a misspelt value: %v: %s\nand not\n%s", err, errs, want)
	}
	from := only[*apps.Deployment](r.T, objects(r.T, r.drawn)).Spec.Template.Spec.Containers[0].EnvFrom[0].SecretRef
	if !strings.Contains(strings.Join(words, " "), "--namespace "+r.namespace+" ") || from.Name != r.secret.Name || r.secret.Namespace != r.namespace {
		r.Errorf("%v, with the Secret %s; made were %s and %+v", words, from.Name, r.namespace, r.secret)
	}
}

// sentinels draws the chart with the other example.
func (r *reader) sentinels() {
	r.Helper()
	args := []string{"template", "cbhbot", "deploy/helm/cbhbot", "--values", "values.yaml", "--values", "sentinel.yaml"}
	made := only[*apps.Deployment](r.T, objects(r.T, run(r.T, r.dir, tool(r.T, "helm"), append(args, "--kube-version", "1.34.0")...)))
	if url := setting(made.Spec.Template.Spec.Containers[0], "REDIS_URL"); !strings.HasSuffix(url, "/cbhbot") || !strings.HasPrefix(url, "rediss-sentinel://") {
		r.Errorf("REDIS_URL is %s", url)
	}
}
