package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTheChartTakesNoSecretAsASetting: what is secret goes into a Secret, not into the
// values, which Helm keeps and shows.
func TestTheChartTakesNoSecretAsASetting(t *testing.T) {
	text, err := os.ReadFile("../../deploy/helm/cbhbot/templates/_helpers.tpl")
	if err != nil {
		t.Fatal(err)
	}
	own := []string{"CBHBOT_LISTEN", "CBHBOT_POLICY", "REDIS_WAIT_REPLICAS"} // which the chart sets itself
	for _, s := range settings() {
		refused := strings.Contains(string(text), "\n    \""+s.name+"\" \"")
		if want := s.secret || slices.Contains(own, s.name); want != refused {
			t.Errorf("%s is refused as a setting: %t, want %t", s.name, refused, want)
		}
	}
}
