package deploytest

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/yaml"
)

// chart is Helm's own way to name the chart and where it goes.
var chart = filepath.Join(top, "deploy/helm/cbhbot")

// cases are the values files that the chart is drawn with.
var cases = []string{"minimal", "default", "sentinel", "everything"}

func valuesFile(name string) string { return filepath.Join(chart, "ci", name+"-values.yaml") }

// template is how Helm is asked; a Helm built from its module takes the cluster for one of 2020.
func template(args ...string) []string {
	return append([]string{"template", "cbhbot", chart, "--namespace", "ops", "--kube-version", "1.34.0"}, args...)
}

func drawn(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, top, tool(t, "helm"), template(args...)...)
}

func TestHelmFindsNothingInTheChart(t *testing.T) {
	for _, name := range cases {
		out := run(t, top, tool(t, "helm"), "lint", "--strict", chart, "--values", valuesFile(name))
		if !strings.Contains(out, "0 chart(s) failed") || strings.Contains(out, "[WARNING]") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func TestTheChartDrawsWhatItDrew(t *testing.T) {
	for _, name := range cases {
		out := drawn(t, "--values", valuesFile(name))
		if name == "everything" {
			out, _, _ = strings.Cut(out, "# Source: cbhbot/templates/prometheusrule.yaml") // which has a test of its own
		}
		golden(t, "chart-"+name+".yaml", out)
	}
}

// objects decodes what Helm drew as Kubernetes would: a field that the type does not
// have, and one that comes twice, is an error.
func objects(t *testing.T, drawn string) []runtime.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{apps.AddToScheme, core.AddToScheme, networking.AddToScheme, policy.AddToScheme, monitoring.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	var all []runtime.Object
	for _, document := range strings.Split("\n"+drawn, "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		object, _, err := decoder.Decode([]byte(document), nil, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		all = append(all, object)
	}
	return all
}

// only is the one object of its type.
func only[T runtime.Object](t *testing.T, all []runtime.Object) T {
	t.Helper()
	var found []T
	for _, object := range all {
		if o, ok := object.(T); ok {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d objects are %T", len(found), *new(T))
	}
	return found[0]
}

func TestTheChartIsWhatKubernetesKnows(t *testing.T) {
	kinds := map[string]int{"minimal": 6, "default": 8, "sentinel": 6, "everything": 9}
	for _, name := range cases {
		all := objects(t, drawn(t, "--values", valuesFile(name)))
		if len(all) != kinds[name] {
			t.Errorf("%s: %d objects, not %d", name, len(all), kinds[name])
		}
	}
}

// TestTheObjectsOfTheChartFindEachOther by labels, ports and names, which Kubernetes does
// not check.
func TestTheObjectsOfTheChartFindEachOther(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("everything")))
	deployment, check := only[*apps.Deployment](t, all), only[*core.Pod](t, all)
	bot := labels.Set(deployment.Spec.Template.Labels)
	service := only[*core.Service](t, all)
	for what, selector := range map[string]map[string]string{
		"Deployment":          deployment.Spec.Selector.MatchLabels,
		"Service":             service.Spec.Selector,
		"PodDisruptionBudget": only[*policy.PodDisruptionBudget](t, all).Spec.Selector.MatchLabels,
	} {
		if chooses := labels.SelectorFromSet(selector); !chooses.Matches(bot) || chooses.Matches(labels.Set(check.Labels)) {
			t.Errorf("%s chooses by %v: the bots have %v, the check %v", what, selector, bot, check.Labels)
		}
	}
	network := labels.SelectorFromSet(only[*networking.NetworkPolicy](t, all).Spec.PodSelector.MatchLabels)
	if !network.Matches(bot) || !network.Matches(labels.Set(check.Labels)) {
		t.Errorf("the NetworkPolicy chooses by %v", network)
	}
	monitor := only[*monitoring.ServiceMonitor](t, all)
	if !labels.SelectorFromSet(monitor.Spec.Selector.MatchLabels).Matches(labels.Set(service.Labels)) || monitor.Spec.Endpoints[0].Port != service.Spec.Ports[0].Name {
		t.Errorf("the ServiceMonitor chooses %v, port %s; the Service has %v", monitor.Spec.Selector, monitor.Spec.Endpoints[0].Port, service.Labels)
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	port := container.Ports[0].Name
	for _, probe := range []*core.Probe{container.LivenessProbe, container.ReadinessProbe} {
		if probe.HTTPGet.Port.StrVal != port {
			t.Errorf("a probe asks at %s", probe.HTTPGet.Port.String())
		}
	}
	if service.Spec.Ports[0].TargetPort.StrVal != port || only[*networking.NetworkPolicy](t, all).Spec.Ingress[0].Ports[0].Port.StrVal != port {
		t.Errorf("the port %s is called otherwise elsewhere", port)
	}
	if only[*core.ServiceAccount](t, all).Name != deployment.Spec.Template.Spec.ServiceAccountName {
		t.Error("the pods run as another account")
	}
}

// TestTheClusterMayChooseTheUser: OpenShift refuses one that is named.
func TestTheClusterMayChooseTheUser(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("everything"), "--set", "runAsUser=null"))
	for _, spec := range []core.PodSpec{only[*apps.Deployment](t, all).Spec.Template.Spec, only[*core.Pod](t, all).Spec} {
		if s := spec.SecurityContext; s.RunAsUser != nil || s.RunAsGroup != nil || s.FSGroup != nil || !*s.RunAsNonRoot {
			t.Errorf("%+v", s)
		}
	}
}

func TestThePolicyIsMountedAsADirectory(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("everything")))
	spec := only[*apps.Deployment](t, all).Spec.Template.Spec
	kept := only[*core.ConfigMap](t, all)
	if want := "version: 1\n# A comment with {{ braces }} and \"quotes\".\n"; !strings.HasPrefix(kept.Data["policy.yaml"], want) {
		t.Errorf("the file is %q", kept.Data["policy.yaml"])
	}
	mount := spec.Containers[0].VolumeMounts[0]
	if mount.SubPath != "" || spec.Volumes[0].ConfigMap.Name != kept.Name || spec.Volumes[0].Name != mount.Name {
		t.Errorf("%+v of %+v", mount, spec.Volumes[0])
	}
	if path := setting(spec.Containers[0], "CBHBOT_POLICY"); path != mount.MountPath+"/policy.yaml" {
		t.Errorf("the bot reads %s, and the file is in %s", path, mount.MountPath)
	}
}

// TestTheCheckRunsAsTheBotDoes: where it may run, and with the same files, such as the
// certificates that it trusts.
func TestTheCheckRunsAsTheBotDoes(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("everything")))
	bot, check := only[*apps.Deployment](t, all).Spec.Template.Spec, only[*core.Pod](t, all).Spec
	for what, both := range map[string][2]any{
		"volumes": {bot.Volumes, check.Volumes}, "mounts": {bot.Containers[0].VolumeMounts, check.Containers[0].VolumeMounts},
		"nodes": {bot.NodeSelector, check.NodeSelector}, "tolerations": {bot.Tolerations, check.Tolerations},
		"settings": {bot.Containers[0].Env, check.Containers[0].Env},
	} {
		if !reflect.DeepEqual(both[0], both[1]) {
			t.Errorf("%s of the bot are %v, and of its check %v", what, both[0], both[1])
		}
	}
}

func setting(c core.Container, name string) string {
	i := slices.IndexFunc(c.Env, func(v core.EnvVar) bool { return v.Name == name })
	if i < 0 {
		return ""
	}
	return c.Env[i].Value
}

func TestTheAddressOfRedisIsMadeFromTheSentinels(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("sentinel")))
	container := only[*apps.Deployment](t, all).Spec.Template.Spec.Containers[0]
	want := "rediss-sentinel://:$(REDIS_PASSWORD)@sentinel-0.redis:26379,sentinel-1.redis:26379,sentinel-2.redis:26379/cbhbot"
	if got := setting(container, "REDIS_URL"); got != want {
		t.Errorf("REDIS_URL is %s", got)
	}
	at := func(name string) int {
		return slices.IndexFunc(container.Env, func(v core.EnvVar) bool { return v.Name == name })
	}
	if at("REDIS_PASSWORD") < 0 || at("REDIS_PASSWORD") > at("REDIS_URL") || container.Env[at("REDIS_PASSWORD")].ValueFrom.SecretKeyRef.Name != "cbhbot" {
		t.Errorf("the password does not come before the address: %v", container.Env)
	}
}

// TestThePodsKeepToTheRestrictedStandard: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func TestThePodsKeepToTheRestrictedStandard(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("default")))
	for _, spec := range []core.PodSpec{only[*apps.Deployment](t, all).Spec.Template.Spec, only[*core.Pod](t, all).Spec} {
		pod, container := spec.SecurityContext, spec.Containers[0].SecurityContext
		if !*pod.RunAsNonRoot || *pod.RunAsUser == 0 || pod.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%+v", pod)
		}
		if *container.AllowPrivilegeEscalation || !*container.ReadOnlyRootFilesystem || !slices.Equal(container.Capabilities.Drop, []core.Capability{"ALL"}) {
			t.Errorf("%+v", container)
		}
		if *spec.AutomountServiceAccountToken {
			t.Error("the pod holds a token of Kubernetes")
		}
	}
}

func TestTheRulesAreThoseOfTheFile(t *testing.T) {
	all := objects(t, drawn(t, "--values", valuesFile("everything")))
	var file monitoring.PrometheusRuleSpec
	if err := yaml.UnmarshalStrict([]byte(read(t, filepath.Join(chart, "files/alerts.yaml"))), &file); err != nil {
		t.Fatal(err)
	}
	count := func(spec monitoring.PrometheusRuleSpec) (rules int) {
		for _, group := range spec.Groups {
			rules += len(group.Rules)
		}
		return rules
	}
	if got := count(only[*monitoring.PrometheusRule](t, all).Spec); got == 0 || got != count(file) {
		t.Errorf("%d rules, and the file has %d", got, count(file))
	}
}

// TestTheChartRefusesWhatCannotWork, and says what to do instead.
func TestTheChartRefusesWhatCannotWork(t *testing.T) {
	for _, c := range []struct{ values, says string }{
		{"replica=3", "additional properties 'replica' not allowed"},
		{"replicas=two", "/replicas"},
		{"replicas=4", "Slack gives an app 10"},
		{"image.repository=", "image.repository is required"},
		{"existingSecret=", "existingSecret is required"},
		{"settings.SLACK_BOT_TOKEN=xoxb-1", "put it into the Secret"},
		{"settings.cbh_region=x", "cbh_region"},
		{"redis.url=redis://:secret@redis:6379", "put the whole address into the Secret as REDIS_URL"},
		{"redis.sentinel.master=cbhbot", "/redis"},
		{"redis.sentinel.master=cbhbot,redis.sentinel.hosts={a:1}", "redis: url and sentinel.master are both set"},
		{"policy.existingConfigMap=a,policy.content=version: 1", "leave one out"},
	} {
		_, errs, err := try(t, top, tool(t, "helm"), template("--values", valuesFile("minimal"), "--set", c.values)...)
		if err == nil || !strings.Contains(errs, c.says) {
			t.Errorf("--set %s: %v: %s", c.values, err, errs)
		}
	}
}
