package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"cbhbot/approvals"
)

const auditUsage = `Usage: cbhbot audit verify                                     checks the chain of all entries
       cbhbot audit export [--since TIME] [--format jsonl|csv]   writes the entries

TIME is RFC 3339, as in 2026-12-01T00:00:00Z. Redis is found by REDIS_URL.
`

// auditCommand reads the audit that REDIS_URL holds.
func auditCommand(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" {
		fmt.Fprint(stdout, auditUsage)
		return nil
	}
	url := os.Getenv("REDIS_URL")
	if url == "" {
		return usageError{fmt.Errorf("REDIS_URL is required")}
	}
	rdb, err := openRedis(url)
	if err != nil {
		return usageError{err}
	}
	defer rdb.Close()
	store := approvals.NewStore(rdb, approvals.DefaultPrefix, 0)
	switch args[0] {
	case "verify":
		count, err := store.VerifyAudit(ctx)
		if err == nil {
			fmt.Fprintf(stdout, "%d entries, each follows the one before it\n", count)
		}
		return err
	case "export":
		return exportAudit(ctx, store, args[1:], stdout)
	}
	return usageError{fmt.Errorf("audit knows verify and export, not %q", args[0])}
}

func exportAudit(ctx context.Context, store *approvals.Store, args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("audit export", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	since := set.String("since", "", "")
	format := set.String("format", "jsonl", "")
	if err := set.Parse(args); err != nil {
		return usageError{fmt.Errorf("%w\n%s", err, auditUsage)}
	}
	var from time.Time
	if *since != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, *since); err != nil {
			return usageError{fmt.Errorf("--since: %q is not a time such as 2026-12-01T00:00:00Z", *since)}
		}
	}
	write, flush, err := auditWriter(*format, stdout)
	if err != nil {
		return err
	}
	err = store.Audit(ctx, func(e approvals.Entry) error {
		if e.At.Before(from) {
			return nil
		}
		return write(e)
	})
	flush()
	return err
}

func auditWriter(format string, w io.Writer) (write func(approvals.Entry) error, flush func(), err error) {
	switch format {
	case "jsonl":
		encoder := json.NewEncoder(w)
		return func(e approvals.Entry) error { return encoder.Encode(e) }, func() {}, nil
	case "csv":
		table := csv.NewWriter(w)
		table.Write([]string{"seq", "at", "actor", "actor_name", "verb", "refused", "request", "revision", "instance", "from", "to", "due", "reason", "cloud", "cloud_request", "event", "hash"})
		return func(e approvals.Entry) error { return table.Write(auditRow(e)) }, table.Flush, nil
	}
	return nil, nil, usageError{fmt.Errorf("--format takes jsonl or csv, not %q", format)}
}

func auditRow(e approvals.Entry) []string {
	due := ""
	if !e.Due.IsZero() {
		due = e.Due.Format(time.RFC3339)
	}
	return []string{
		strconv.FormatInt(e.Seq, 10), e.At.Format(time.RFC3339Nano), e.Actor.ID, e.Actor.Name, e.Verb, e.Refused,
		strconv.FormatInt(e.Request, 10), strconv.Itoa(e.Revision), e.Instance, string(e.From), string(e.To), due, e.Reason,
		string(e.Cloud.Kind), e.Cloud.RequestID, e.Event, e.Hash,
	}
}
