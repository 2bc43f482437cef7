package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestTheChartTakesNoSecretAsASetting: what is secret goes into a Secret, not into the
// values, which Helm keeps and shows.
func TestTheChartTakesNoSecretAsASetting(t *testing.T) {
	text, err := os.ReadFile("../../deploy/helm/cbhbot/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Settings struct {
				PropertyNames struct {
					Not struct{ Enum []string }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	refused := schema.Properties.Settings.PropertyNames.Not.Enum
	own := []string{"CBHBOT_LISTEN", "CBHBOT_POLICY", "REDIS_WAIT_REPLICAS"} // which the chart sets itself
	for _, s := range settings() {
		if want := s.secret || slices.Contains(own, s.name); want != slices.Contains(refused, s.name) {
			t.Errorf("%s is refused as a setting: %t, want %t", s.name, !want, want)
		}
	}
}
