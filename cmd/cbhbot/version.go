package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"cbhbot/cmd/cbhbot/cli"
)

// What a release sets with the linker (.goreleaser.yaml, deploy/Dockerfile). A
// build from a checkout leaves them empty, and Go's own record of the build is read.
var release, commit, committed string

// version is what is known of this build.
type version struct {
	Version   string `json:"version"`
	Commit    string `json:"commit,omitempty"`    // "" where the build knew of none
	Committed string `json:"committed,omitempty"` // RFC 3339
	Modified  bool   `json:"modified,omitempty"`  // the checkout had changes of its own
	Module    string `json:"module"`
	Go        string `json:"go"`
	Platform  string `json:"platform"`
}

const versionUsage = `Usage: cbhbot version [--json]

Says what was built, from which commit, and with what.
`

func versionCommand(_ context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("version")
	asJSON := set.Bool("json", false, "")
	_, err := cli.Read(set, args)
	switch {
	case err != nil:
		return helped(err, stdout, versionUsage)
	case *asJSON:
		return json.NewEncoder(stdout).Encode(readVersion())
	}
	_, err = fmt.Fprint(stdout, readVersion())
	return err
}

func readVersion() version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) version {
	v := version{
		Version: cmp.Or(release, info.Main.Version, "(devel)"), Commit: commit, Committed: committed,
		Module: info.Main.Path, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = cmp.Or(commit, s.Value)
		case "vcs.time":
			v.Committed = cmp.Or(committed, s.Value)
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// String is a line for each fact, the version alone on the first.
func (v version) String() string {
	from := cmp.Or(v.Commit, "unknown: built outside a checkout, or with -buildvcs=false")
	if v.Committed != "" {
		from += " of " + v.Committed
	}
	if v.Modified {
		from += ", with changes that are in no commit"
	}
	return fmt.Sprintf("cbhbot %s\n  commit      %s\n  built from  %s\n  built with  %s for %s\n", v.Version, from, v.Module, v.Go, v.Platform)
}
