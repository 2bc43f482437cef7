// Command pictures draws what the bot says as people see it, in a renderer of Block Kit
// that is not ours, and puts it on sheets. It fails when a sample is not drawn, or not
// whole, or does not fit the width of a phone.
//
// It needs Chromium, fonts and the built page: make pictures sees to all of them, and
// calls it in the project's top folder.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	all, err := gallery()
	if err != nil {
		return fmt.Errorf("gathering samples: %w", err)
	}
	tab, closeBrowser, err := open(ctx, "deploy/pictures/index.html")
	if err != nil {
		return err
	}
	defer closeBrowser()
	return drawAll(tab, all, "deploy/docs/pictures", out)
}

// drawAll writes the sheets of every set and the document that shows them, also when
// some samples are at fault, and then fails with all that is wrong.
func drawAll(tab context.Context, all samples, to string, out io.Writer) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	var faults, notes []string
	var sheets []sheet
	for _, s := range all.sets() {
		result, err := draw(tab, s, to)
		if err != nil {
			return fmt.Errorf("drawing %s: %w", s.name(), err)
		}
		fmt.Fprintf(out, "%s: samples %d, sheets %d\n", s.name(), len(s.Samples), result.Sheets)
		faults, notes = append(faults, result.Faults...), append(notes, result.Notes...)
		for n := range result.Sheets {
			sheets = append(sheets, sheet{s, n + 1})
		}
	}
	for _, note := range once(notes) {
		fmt.Fprintln(out, "look at", note)
	}
	if err := writeIndex(to+".md", sheets); err != nil {
		return err
	}
	if faults = once(faults); len(faults) > 0 {
		return errors.New("some samples are not drawn as they should be:\n  " + strings.Join(faults, "\n  "))
	}
	return nil
}

// once is each line once: light and dark sheets say the same.
func once(lines []string) []string {
	slices.Sort(lines)
	return slices.Compact(lines)
}
