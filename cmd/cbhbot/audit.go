package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/cmd/cbhbot/cli"
)

const auditUsage = `Usage: cbhbot audit verify [--against FILE] [--seal SEAL]      checks the chain of all entries
       cbhbot audit export [--since TIME] [--until TIME] [--format jsonl|csv]   writes the entries

FILE is a copy that CBHBOT_AUDIT_FILE or an export made, as lines of JSON: each entry
in it must be in the audit as it is there. SEAL is what an earlier verify printed: the
entries up to it must be those of then. TIME is RFC 3339, as in 2026-12-01T00:00:00Z. Redis is found by REDIS_URL.
`

// auditCommand reads the audit that REDIS_URL holds.
func auditCommand(ctx context.Context, args []string, stdout io.Writer) error {
	commands := map[string]command{"verify": verifyAudit, "export": exportAudit}
	if len(args) == 0 || asksHelp(args[0]) {
		fmt.Fprint(stdout, auditUsage)
		return nil
	}
	run, known := commands[args[0]]
	if !known {
		return cli.Misuse(cli.Flags("audit"), "it knows verify and export, not %q", args[0])
	}
	return helped(run(ctx, args[1:], stdout), stdout, auditUsage)
}

func openAudit(rdb redis.UniversalClient) *audit.Log {
	return audit.New(rdb, store.DefaultPrefix, logrus.New(), nil)
}

// auditFlags parses the flags of a subcommand of audit, and connects to Redis.
func auditFlags(ctx context.Context, set *flag.FlagSet, args []string) (redis.UniversalClient, error) {
	connect := redisFlag(set)
	_, err := cli.Read(set, args)
	if err != nil {
		return nil, err
	}
	return connect(ctx)
}

func verifyAudit(ctx context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("audit verify")
	path, seal := set.String("against", "", "`file`"), ""
	set.Func("seal", "`seal`", func(text string) error {
		seal = text
		return sealShape(text)
	})
	rdb, err := auditFlags(ctx, set, args)
	if err != nil {
		return err
	}
	defer rdb.Close()
	log := openAudit(rdb)
	sealed, err := log.Verify(ctx)
	if err == nil && sealed.Last+sealed.Waiting == 0 {
		err = notEmptied(ctx, rdb)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, sealedWords(sealed))
	if seal != "" {
		err = log.Holds(ctx, seal)
	}
	if err == nil && *path != "" {
		err = compareAudit(ctx, log, *path, stdout)
	}
	return err
}

func sealShape(text string) error {
	if !audit.IsSeal(text) {
		return fmt.Errorf("%q is no seal: give what an earlier `cbhbot audit verify` printed behind \"the seal is\", such as 142:9f86d0… in full", text)
	}
	return nil
}

// notEmptied fails where an empty audit is less than there was: every request has
// left an entry, which is kept for longer than the request.
func notEmptied(ctx context.Context, rdb redis.UniversalClient) error {
	_, requests, err := store.New(rdb, store.Options{}).List(ctx, store.IndexAll, 0, 1)
	if err == nil && requests > 0 {
		err = fmt.Errorf("the audit is empty, although there are requests (%d): its entries were removed", requests)
	}
	return err
}

// sealedWords says up to which entry and when the log is sealed.
func sealedWords(s audit.Sealed) string {
	text := fmt.Sprintf("%d entries, each follows the one before it", s.Last)
	if !s.At.IsZero() {
		text += fmt.Sprintf("; the last was sealed at %s", s.At.UTC().Format(time.RFC3339))
	}
	if s.Waiting > 0 {
		text += fmt.Sprintf("; %d more wait to be sealed", s.Waiting)
	}
	if s.Seal != "" {
		text += "; the seal is " + s.Seal
	}
	return text
}

func compareAudit(ctx context.Context, log *audit.Log, path string, stdout io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	copied, err := audit.ReadCopy(f)
	if err == nil {
		err = log.Against(ctx, copied)
	}
	if err == nil {
		fmt.Fprintf(stdout, "%d of them are in %s, as they are here\n", len(copied), path)
	}
	return err
}

func exportAudit(ctx context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("audit export")
	var since, until time.Time
	set.Func("since", "`time`", moment(&since))
	set.Func("until", "`time`", moment(&until))
	format := "jsonl"
	set.Func("format", "`format`", func(text string) error {
		if format = text; text != "jsonl" && text != "csv" {
			return fmt.Errorf("it takes jsonl or csv, not %q", text)
		}
		return nil
	})
	rdb, err := auditFlags(ctx, set, args)
	if err != nil {
		return err
	}
	defer rdb.Close()
	write, flush, err := auditWriter(format, stdout)
	if err != nil {
		return err
	}
	err = openAudit(rdb).Export(ctx, func(e audit.Entry) error {
		if e.At.Before(since) || !until.IsZero() && !e.At.Before(until) {
			return nil
		}
		return write(e)
	})
	return errors.Join(err, flush())
}

// moment reads a flag that is a time.
func moment(at *time.Time) func(string) error {
	return func(text string) (err error) {
		if *at, err = time.Parse(time.RFC3339, text); err != nil {
			return fmt.Errorf("%q is no time such as 2026-12-01T00:00:00Z", text)
		}
		return nil
	}
}

// auditWriter writes entries as CSV, with a line that names the columns, or as JSON.
func auditWriter(format string, w io.Writer) (write func(audit.Entry) error, flush func() error, err error) {
	if format == "csv" {
		table := csv.NewWriter(w)
		write = func(e audit.Entry) error { return table.Write(auditRow(e)) }
		flush = func() error { table.Flush(); return table.Error() }
		return write, flush, table.Write(auditColumns)
	}
	encoder := cli.JSON(w)
	return func(e audit.Entry) error { return encoder.Encode(e) }, func() error { return nil }, nil
}

var auditColumns = []string{
	"seq", "at", "actor", "actor_team", "actor_name", "actor_email", "verb", "refused",
	"request", "revision", "instance", "server_id", "from", "to", "due", "outside_calendar", "reason", "channel", "message", "event",
	"cloud", "cloud_code", "cloud_status", "cloud_answer", "cloud_request", "prev", "hash",
}

// auditRow is an entry in the order of auditColumns.
func auditRow(e audit.Entry) []string {
	row := []string{
		strconv.FormatInt(e.Seq, 10), e.At.Format(time.RFC3339Nano), e.Actor.ID, e.Actor.Team, e.Actor.Name, e.Actor.Email, string(e.Verb), e.Refused,
		strconv.FormatInt(e.Request, 10), strconv.Itoa(e.Revision), e.Instance, e.ServerID, string(e.From), string(e.To),
		unless(e.Due.IsZero(), e.Due.Format(time.RFC3339)), unless(!e.Outside, "yes"), e.Reason, e.Channel, e.Message, e.Event,
		string(e.Cloud.Kind), string(e.Cloud.Code), unless(e.Cloud.Status == 0, strconv.Itoa(e.Cloud.Status)), e.Cloud.Raw, e.Cloud.RequestID, e.Prev, e.Hash,
	}
	for i, cell := range row {
		row[i] = inert(strings.Map(legible, cell))
	}
	return row
}

// unless leaves a cell empty where there is nothing to tell.
func unless(nothing bool, cell string) string {
	if nothing {
		return ""
	}
	return cell
}

// legible keeps controls from a terminal that shows the table: CSV has no escapes.
func legible(r rune) rune {
	if unicode.IsPrint(r) || unicode.IsSpace(r) && r < unicode.MaxASCII {
		return r
	}
	return ' '
}

// inert keeps a spreadsheet from taking a person's words for a formula: a quote
// stands before those that begin like one, also behind what does not show.
func inert(cell string) string {
	shown := strings.TrimLeftFunc(cell, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) })
	if strings.ContainsAny(first(shown), "=+-@＝＋－＠﹢﹣﹦﹫") || strings.ContainsAny(first(cell), "\t\r\n") {
		return "'" + cell
	}
	return cell
}

// first is the first letter.
func first(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
