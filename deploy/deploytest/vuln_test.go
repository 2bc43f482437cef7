package deploytest

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestAKnownVulnerabilityIsFound: Go 1.26.8 has some in what the program calls.
func TestAKnownVulnerabilityIsFound(t *testing.T) {
	t.Setenv("GOTOOLCHAIN", "go1.26.8")
	out, errs, err := try(t, top, filepath.Join(top, ".ci/vuln"), "./cmd/cbhbot")
	if err == nil || !strings.Contains(out, "GO-2026-6809") || !strings.Contains(out, "golang.org/x/vulndb v0.") {
		t.Errorf("%v: %s%s", err, out, errs)
	}
}

func TestNothingReachedIsVulnerable(t *testing.T) {
	run(t, top, filepath.Join(top, ".ci/vuln"))
}

// TestWithoutTheDatabaseNothingIsSaidToBeWell, and it is said how to have it.
func TestWithoutTheDatabaseNothingIsSaidToBeWell(t *testing.T) {
	tool(t, "govulncheck")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOTOOLCHAIN", "local")
	out, errs, err := try(t, top, filepath.Join(top, ".ci/vuln"))
	if err == nil || !strings.Contains(errs, "make vuln DB=https://vuln.go.dev") {
		t.Errorf("%v: %s%s", err, out, errs)
	}
}
