package check

import (
	"fmt"
	"io"
	"strings"

	"cbhbot/cmd/cbhbot/cli"
)

// Report is all that was found, in a fixed order.
type Report struct{ Findings []Finding }

// Count is how many findings are as bad as that.
func (r Report) Count(level Level) (n int) {
	for _, f := range r.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// JSON writes the report for programs (deploy/docs/check.md).
func (r Report) JSON(w io.Writer) error {
	encoder := cli.JSON(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		OK       bool      `json:"ok"`
		Failed   int       `json:"failed"`
		Warned   int       `json:"warned"`
		Findings []Finding `json:"findings"`
	}{r.Count(Fail) == 0, r.Count(Fail), r.Count(Warn), r.Findings})
}

// marks are how each level stands in front of a line, and in which colour.
var marks = map[Level]struct{ word, colour string }{
	OK: {"ok  ", "\x1b[32m"}, Skip: {"skip", "\x1b[2m"}, Warn: {"warn", "\x1b[33m"}, Fail: {"FAIL", "\x1b[1;31m"},
}

const plain = "\x1b[0m"

// Print writes the report for people, in colour where that is wanted.
func (r Report) Print(w io.Writer, coloured bool) error {
	var all strings.Builder
	for _, f := range r.Findings {
		mark := marks[f.Level]
		if coloured {
			mark.word = mark.colour + mark.word + plain
		}
		for line := range strings.SplitSeq(f.Text, "\n") {
			fmt.Fprintf(&all, "%s  %s\n", mark.word, cli.Printable(line))
			mark.word = "    "
		}
		if f.Mend != "" {
			fmt.Fprintf(&all, "      -> %s\n", f.Mend)
		}
	}
	_, err := io.WriteString(w, all.String())
	return err
}
