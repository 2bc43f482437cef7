package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const (
	alertsFile    = "../helm/cbhbot/files/alerts.yaml"
	dashboardFile = "../grafana/cbhbot.json"
	sloFile       = "../docs/slo.md"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// promtool runs it and returns what it wrote, and whether it was content.
func promtool(t *testing.T, input string, args ...string) (text string, good bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal("promtool is missing: apt-get install prometheus")
	}
	return string(out), err == nil
}

func TestEachAlertFiresForWhatItIsFor(t *testing.T) {
	if text, good := promtool(t, "", "check", "rules", alertsFile); !good {
		t.Error(text)
	}
	if text, good := promtool(t, "", "test", "rules", "alerts_test.yaml"); !good {
		t.Error(text)
	}
	tests := read(t, "alerts_test.yaml")
	for _, alert := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(read(t, alertsFile), -1) {
		if !strings.Contains(tests, alert[1]) {
			t.Errorf("no test of %s", alert[1])
		}
	}
}

// TestTheDashboardKeepsToGrafanasSchema reads it into the types that are made of
// Grafana's own schema (https://github.com/grafana/grafana-foundation-sdk), in which no
// unknown field is allowed.
func TestTheDashboardKeepsToGrafanasSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	var board dashboard.Dashboard
	// An error may hold no fault: the types return an empty list of them, too.
	var faults cog.BuildErrors
	if err := board.UnmarshalJSONStrict([]byte(read(t, dashboardFile))); !errors.As(err, &faults) && err != nil || len(faults) > 0 {
		t.Fatal(err)
	}
	if err := board.Validate(); err != nil {
		t.Error(err)
	}
}

// panel is what is looked at of one besides.
type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr string }
}

func panels(t *testing.T) (all []panel) {
	t.Helper()
	var board struct{ Panels []panel }
	if err := json.Unmarshal([]byte(read(t, dashboardFile)), &board); err != nil {
		t.Fatal(err)
	}
	if len(board.Panels) < 20 {
		t.Fatalf("only %d panels", len(board.Panels))
	}
	return board.Panels
}

// TestNoPanelStandsOnAnother also wants each to ask something.
func TestNoPanelStandsOnAnother(t *testing.T) {
	taken, ids := map[[2]int]string{}, map[int]bool{}
	for _, p := range panels(t) {
		if at := p.GridPos; ids[p.ID] || at.X+at.W > 24 || p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s: its id is another's, it asks nothing, or it is too far right", p.Title)
		}
		ids[p.ID] = true
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				cell := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other := taken[cell]; other != "" {
					t.Fatalf("%s stands on %s", p.Title, other)
				}
				taken[cell] = p.Title
			}
		}
	}
}

// queries are those of the dashboard and of the objectives, by where they are.
func queries(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range panels(t) {
		for i, target := range p.Targets {
			all[fmt.Sprintf("panel %s %d", p.Title, i)] = target.Expr
		}
	}
	for i, block := range regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(read(t, sloFile), -1) {
		all[fmt.Sprintf("objective %d", i)] = block[1]
	}
	return all
}

// TestEveryQueryParses has promtool read each as a rule.
func TestEveryQueryParses(t *testing.T) {
	variables := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*")
	all, objectives := queries(t), 0
	for place, query := range all {
		if strings.HasPrefix(place, "objective") {
			objectives++
		}
		rule, err := json.Marshal(map[string]any{"groups": []any{map[string]any{
			"name": "queries", "rules": []any{map[string]string{"record": "a:b", "expr": variables.Replace(query)}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "rules.yaml") // JSON is YAML
		if err := os.WriteFile(file, rule, 0o600); err != nil {
			t.Fatal(err)
		}
		if text, good := promtool(t, "", "check", "rules", file); !good || query == "" {
			t.Errorf("%s: %s: %s", place, query, text)
		}
	}
	if objectives < 4 || len(all) < 40 {
		t.Errorf("%d objectives of %d queries", objectives, len(all))
	}
}
