package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"
	"go.yaml.in/yaml/v3"

	"cbhbot/approvals/store/redistest"
)

var update = flag.Bool("update", false, "write what is generated anew")

const (
	alertsFile    = "../../deploy/helm/cbhbot/files/alerts.yaml"
	dashboardFile = "../../deploy/grafana/cbhbot.json"
	runbookFile   = "../../deploy/docs/runbook.md"
	metricsFile   = "../../deploy/docs/metrics.md"
	sloFile       = "../../deploy/docs/slo.md"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// metric is one of the program's own.
type metric struct {
	name, help, kind string
	labels           []string
	bounds           []float64 // of a histogram's buckets
}

// described reads what a prometheus.Desc says of itself.
var described = regexp.MustCompile(`^Desc\{fqName: ("(?:[^"\\]|\\.)*"), help: ("(?:[^"\\]|\\.)*"), unit: "\w*", constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

// assembled is a bot that reaches Redis and nothing else.
func assembled(t *testing.T, log *logrus.Logger) *service {
	t.Helper()
	c := Config{SlackAPIURL: "http://127.0.0.1:1/api/", CBHEndpoint: "http://127.0.0.1:1", IAMEndpoint: "http://127.0.0.1:1",
		CBHProjectID: "p", CBHIAMUser: "u", CBHIAMPassword: "w", CBHIAMDomain: "d",
		AuditFile: filepath.Join(t.TempDir(), "audit.jsonl")}
	s, err := assemble(c, redistest.Start(t).Client(), log, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// metrics are all that a running bot registers under its own name.
func metrics(t *testing.T) map[string]metric {
	t.Helper()
	log, _ := test.NewNullLogger()
	s := assembled(t, log)
	_, _ = s.store.Load(t.Context(), 1) // clocks are compared once Redis' is known
	descs, all := make(chan *prometheus.Desc), map[string]metric{}
	go func() { s.registry.Describe(descs); close(descs) }()
	for desc := range descs {
		m := parse(t, desc)
		if strings.HasPrefix(m.name, "cbhbot_") {
			all[m.name] = m
		}
	}
	untold := func(m metric) bool { return m.kind == "" }
	for try := 0; try < 10 && slices.ContainsFunc(slices.Collect(maps.Values(all)), untold); try++ { // a scrape leaves out what a busy machine does not answer in time
		scraped(t, s.registry, all)
	}
	return all
}

// scraped notes what a scrape tells of the metrics.
func scraped(t *testing.T, registry *prometheus.Registry, all map[string]metric) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if m, ours := all[family.GetName()]; ours && m.kind == "" {
			m.kind = strings.ToLower(family.GetType().String())
			for _, bucket := range family.GetMetric()[0].GetHistogram().GetBucket() {
				m.bounds = append(m.bounds, bucket.GetUpperBound())
			}
			all[m.name] = m
		}
	}
}

// valueOf is what a counter or a gauge without labels says.
func valueOf(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	for _, family := range families {
		if family.GetName() == name {
			return family.Metric[0].GetCounter().GetValue() + family.Metric[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("nothing tells %s: %v", name, err)
	return 0
}

func parse(t *testing.T, desc *prometheus.Desc) (m metric) {
	t.Helper()
	parts := described.FindStringSubmatch(desc.String())
	if parts == nil {
		t.Fatalf("%s", desc)
	}
	m.name, _ = strconv.Unquote(parts[1])
	m.help, _ = strconv.Unquote(parts[2])
	for _, constant := range strings.FieldsFunc(parts[3], func(r rune) bool { return r == ',' }) {
		name, _, _ := strings.Cut(constant, "=")
		m.labels = append(m.labels, name)
	}
	m.labels = append(m.labels, strings.FieldsFunc(parts[4], func(r rune) bool { return r == ',' })...)
	return m
}

func TestMetricsKeepToTheConventions(t *testing.T) {
	for name, m := range metrics(t) {
		counts, times := strings.HasSuffix(name, "_total"), strings.HasSuffix(name, "_seconds")
		switch {
		case m.kind == "":
			t.Errorf("%s is registered and never told", name)
		case counts != (m.kind == "counter"):
			t.Errorf("%s is a %s", name, m.kind)
		case m.kind == "histogram" && !times:
			t.Errorf("%s has no unit", name)
		case m.help == "" || !strings.HasSuffix(m.help, "."):
			t.Errorf("%s is explained as %q", name, m.help)
		}
	}
}

// unit is what a metric is counted in.
func (m metric) unit() string {
	switch {
	case strings.HasSuffix(m.name, "_seconds"):
		return "seconds"
	case slices.Contains([]string{"cbhbot_build_info", "cbhbot_policy_bad", "cbhbot_redis_up"}, m.name):
		return "0 or 1"
	}
	return "number"
}

func TestMetricsAreDocumented(t *testing.T) {
	all := metrics(t)
	var rows strings.Builder
	rows.WriteString("\n| metric | type | unit | labels | what it is |\n|---|---|---|---|---|\n")
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range all {
			if !yield(name) {
				return
			}
		}
	}) {
		m := all[name]
		fmt.Fprintf(&rows, "| `%s` | %s | %s | %s | %s |\n", name, m.kind, m.unit(), strings.Join(m.labels, ", "), m.help)
	}
	const mark = "-update -->\n"
	text := read(t, metricsFile)
	head, table, _ := strings.Cut(text, mark)
	if *update {
		if err := os.WriteFile(metricsFile, []byte(head+mark+rows.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != rows.String() {
		t.Errorf("%s is out of date; go test -run TestMetricsAreDocumented -update writes\n%s", metricsFile, rows.String())
	}
}

var (
	mentions = regexp.MustCompile(`\bcbhbot_[a-z_]+[a-z]`)
	selects  = regexp.MustCompile(`\b(cbhbot_[a-z_]+[a-z])\{([^{}]*)\}`)
	matcher  = regexp.MustCompile(`([a-z]+)(?:=|!=|=~|!~)\\?"`)
	parts    = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// notMetrics begin like one.
var notMetrics = []string{"cbhbot_message"}

// TestEveryMetricNamedAnywhereExists looks into alerts, dashboard and documents.
func TestEveryMetricNamedAnywhereExists(t *testing.T) {
	all := metrics(t)
	files, err := filepath.Glob("../../deploy/docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, alertsFile, dashboardFile, "../../README.md", "../../deploy/README.md") {
		text := read(t, file)
		for _, name := range mentions.FindAllString(text, -1) {
			_, whole := all[name]
			base, split := all[parts.ReplaceAllString(name, "")]
			if !whole && (!split || base.kind != "histogram") && !slices.Contains(notMetrics, name) {
				t.Errorf("%s names %s, which the program does not tell", file, name)
			}
		}
		for _, found := range selects.FindAllStringSubmatch(text, -1) {
			m := all[parts.ReplaceAllString(found[1], "")]
			for _, label := range matcher.FindAllStringSubmatch(found[2], -1) {
				if !slices.Contains(append(m.labels, "le", "instance", "job"), label[1]) {
					t.Errorf("%s: %s has no label %s", file, found[1], label[1])
				}
			}
		}
	}
}

func TestEveryMetricIsOnTheDashboard(t *testing.T) {
	shown := map[string]bool{}
	for _, name := range mentions.FindAllString(read(t, dashboardFile), -1) {
		shown[name], shown[parts.ReplaceAllString(name, "")] = true, true
	}
	for name := range metrics(t) {
		if !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// rule is an alert as Prometheus reads it.
type rule struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func alerts(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(read(t, alertsFile)), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("there are no alerts")
	}
	return all
}

// TestEveryAlertIsInTheRunbook wants a section for each alert, under the address that
// the alert gives, and no section for any other.
func TestEveryAlertIsInTheRunbook(t *testing.T) {
	_, text, _ := strings.Cut(read(t, runbookFile), "\n## Alerts\n")
	text, _, _ = strings.Cut(text, "\n## ")
	sections := map[string]string{}
	for _, section := range strings.Split(text, "\n### ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = strings.TrimSpace(body)
	}
	kinds := map[string]string{"page": "Page. ", "ticket": "Ticket. "}
	for _, a := range alerts(t) {
		body := sections[a.Alert]
		if kind := kinds[a.Labels["severity"]]; kind == "" || !strings.HasPrefix(body, kind) || len(body) < 150 {
			t.Errorf("%s (%s): the runbook says %q", a.Alert, a.Labels["severity"], body)
		}
		if want := "deploy/docs/runbook.md#" + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want || a.Annotations["summary"] == "" {
			t.Errorf("%s leads to %q, not to %s", a.Alert, a.Annotations["runbook_url"], want)
		}
		delete(sections, a.Alert)
	}
	for title := range sections {
		t.Errorf("the runbook has %s, which is no alert", title)
	}
}

var bound = regexp.MustCompile(`(cbhbot_[a-z_]+)_bucket\{le=~"([0-9]+)\(`)

// TestTheObjectivesAreBoundsOfBuckets: else they could not be counted.
func TestTheObjectivesAreBoundsOfBuckets(t *testing.T) {
	all, found := metrics(t), bound.FindAllStringSubmatch(read(t, sloFile)+read(t, alertsFile), -1)
	found = append(found, []string{"", "cbhbot_press_to_decision_seconds", "2"})
	if len(found) < 4 {
		t.Fatalf("only %v", found)
	}
	for _, f := range found {
		at, err := strconv.ParseFloat(f[2], 64)
		if err != nil || !slices.Contains(all[f[1]].bounds, at) {
			t.Errorf("%s has no bucket up to %s: %v", f[1], f[2], all[f[1]].bounds)
		}
	}
}

// TestAScrapeSharesWhatItAsks: several at once ask Redis once, and none waits longer
// than it may.
func TestAScrapeSharesWhatItAsks(t *testing.T) {
	release, asks := make(chan struct{}), make(chan struct{}, 10)
	up := desc("up", "Up.")
	a := &asked{descs: []*prometheus.Desc{up}, otherwise: []prometheus.Metric{gauge(up, 0)}, ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		asks <- struct{}{}
		<-release // whatever its context says
		return nil, ctx.Err()
	}}
	begun := time.Now()
	for range 3 {
		told := make(chan prometheus.Metric, 1)
		a.Collect(told)
		if len(told) != 1 {
			t.Error("nothing was told")
		}
	}
	close(release)
	if took := time.Since(begun); took > 4*scrapeWaits || len(asks) != 1 {
		t.Errorf("%d questions in %s", len(asks), took)
	}
}

// TestWhatIsCostlyIsReadSeldom: for a hundred times as long as it took the answer is told
// again, for a minute at most. One that takes longer than a scrape waits is read to its end.
func TestWhatIsCostlyIsReadSeldom(t *testing.T) {
	for _, c := range []struct{ takes, rests time.Duration }{
		{10 * time.Millisecond, time.Second}, {300 * time.Millisecond, 30 * time.Second}, {5 * time.Second, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			reads, fails := 0, true
			read := &seldom{ask: func(ctx context.Context) ([]prometheus.Metric, error) {
				reads++
				time.Sleep(c.takes)
				if fails {
					return nil, io.ErrUnexpectedEOF
				}
				return []prometheus.Metric{gauge(desc("up", "Up."), float64(reads))}, ctx.Err()
			}}
			wants := func(count int) {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), scrapeWaits)
				defer cancel()
				if told, err := read.answer(ctx); reads != count || !fails && (err != nil || len(told) != 1) {
					t.Errorf("%s: read %d times, told %v, %v", c.takes, reads, told, err)
				}
			}
			wants(1)
			fails = false
			wants(2)
			time.Sleep(c.rests - time.Millisecond)
			wants(2)
			time.Sleep(time.Millisecond)
			wants(3)
		})
	}
}

// TestAScrapeIsToldTheLastAnswerWhileTheNextIsOnItsWay, and not one of long ago.
func TestAScrapeIsToldTheLastAnswerWhileTheNextIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hangs atomic.Bool
		read := &seldom{ask: func(ctx context.Context) ([]prometheus.Metric, error) {
			time.Sleep(2 * scrapeWaits)
			if hangs.Load() {
				<-ctx.Done()
			}
			return []prometheus.Metric{gauge(desc("items", "Items."), 1)}, ctx.Err()
		}}
		a := &asked{ask: read.answer, late: read.last}
		tells := func(when string, count int) {
			t.Helper()
			told := make(chan prometheus.Metric, 1)
			a.Collect(told)
			if len(told) != count {
				t.Errorf("%s: told %d", when, len(told))
			}
		}
		a.begin()
		tells("before the first answer", 0)
		time.Sleep(2 * scrapeWaits)
		tells("after it", 1)
		time.Sleep(readAgain)
		tells("while the second is on its way", 1)
		time.Sleep(readAgain)
		hangs.Store(true)
		tells("while the third hangs", 1)
		time.Sleep(readHolds)
		tells("long after", 0)
		time.Sleep(readWaits)
	})
}
