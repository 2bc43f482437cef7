package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"cbhbot/handlers/timephrase"
)

// whenCommand reads a time phrase and prints the instant, or many with --batch.
func whenCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("when", flag.ContinueOnError)
	flags.SetOutput(stderr)
	tz := flags.String("tz", "UTC", "IANA zone of the person")
	now := flags.String("now", "", "RFC 3339 instant the phrase is typed at")
	batch := flags.Bool("batch", false, "read lines {\"phrase\",\"now\",\"tz\"}")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if *batch {
		return batchWhen(stdin, stdout)
	}
	if *now == "" {
		*now = time.Now().Format(time.RFC3339)
	}
	reading, err := readWhen(flags.Arg(0), *now, *tz)
	var e *timephrase.Error
	switch {
	case err == nil:
		fmt.Fprintln(stdout, reading.Time.UTC().Format(time.RFC3339))
		return exitOK
	case errors.As(err, &e) && e.Kind == timephrase.Ambiguous:
		fmt.Fprintln(stderr, err)
		return 3
	}
	fmt.Fprintln(stderr, err)
	return exitUsage
}

func readWhen(phrase, now, tz string) (timephrase.Reading, error) {
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		return timephrase.Reading{}, fmt.Errorf("--now: %q is not RFC 3339", now)
	}
	zone, err := time.LoadLocation(tz)
	if err != nil {
		return timephrase.Reading{}, fmt.Errorf("--tz: %q is not a zone", tz)
	}
	return timephrase.Parse(phrase, at, zone, timephrase.Limits{Min: 24 * time.Hour})
}

func batchWhen(stdin io.Reader, stdout io.Writer) int {
	lines := bufio.NewReader(stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return exitOK
		}
		var q struct{ Phrase, Now, TZ string }
		answer := map[string]any{"time": nil}
		if json.Unmarshal(line, &q) != nil {
			answer["error"] = "invalid: not a question"
		} else if reading, err := readWhen(q.Phrase, q.Now, q.TZ); err == nil {
			answer["time"] = reading.Time.UTC().Format(time.RFC3339)
		} else {
			answer["error"], answer["message"] = "invalid", err.Error()
			var e *timephrase.Error
			if errors.As(err, &e) {
				answer["error"] = string(e.Kind)
			}
		}
		text, _ := json.Marshal(answer)
		fmt.Fprintf(stdout, "%s\n", text)
	}
}
