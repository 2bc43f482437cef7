package main

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
)

// builtInCheckout is what Go records of a build in a checkout.
var builtInCheckout = &debug.BuildInfo{
	Main: debug.Module{Path: "cbhbot", Version: "v0.0.0-20261126200000-0123456789ab"},
	Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-11-26T20:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	},
}

func TestVersionIsReadFromTheCheckout(t *testing.T) {
	got := versionOf(builtInCheckout).String()
	for _, want := range []string{
		"cbhbot v0.0.0-20261126200000-0123456789ab\n",
		"0123456789abcdef of 2026-11-26T20:00:00Z, with changes that are in no commit\n",
		"built from  cbhbot\n", "built with  go1.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestWhatAReleaseSaysOfItselfWins(t *testing.T) {
	t.Cleanup(func() { release, commit, committed = "", "", "" })
	release, commit, committed = "1.2.3", "fedcba", "2026-12-01T00:00:00Z"
	v := versionOf(builtInCheckout)
	if v.Version != "1.2.3" || v.Commit != "fedcba" || v.Committed != "2026-12-01T00:00:00Z" {
		t.Errorf("%+v", v)
	}
}

func TestABuildWithoutACheckoutSaysSo(t *testing.T) {
	v := versionOf(&debug.BuildInfo{})
	if text := v.String(); v.Version != "(devel)" || !strings.Contains(text, "unknown") {
		t.Error(text)
	}
}

func TestVersionIsAskedForInEachWay(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}, {"-v"}} {
		var out, errs bytes.Buffer
		if code := dispatch(t.Context(), args, nil, &out, &errs); code != exitOK || !strings.HasPrefix(out.String(), "cbhbot ") {
			t.Errorf("%v: exit code %d: %s%s", args, code, &out, &errs)
		}
	}
	var out, errs bytes.Buffer
	var v version
	code := dispatch(t.Context(), []string{"version", "--json"}, nil, &out, &errs)
	if err := json.Unmarshal(out.Bytes(), &v); code != exitOK || err != nil || v.Go == "" || v.Module != readVersion().Module {
		t.Errorf("exit code %d: %v: %s%s", code, err, &out, &errs)
	}
	if code := dispatch(t.Context(), []string{"version", "please"}, nil, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "version: it takes no arguments") {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}
