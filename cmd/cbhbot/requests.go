package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/cmd/cbhbot/cli"
)

const requestsUsage = `Usage: cbhbot requests [--open] [--limit N] [--json]
       cbhbot request CBH-142 [--json]

Prints what is stored of requests, the latest first, and of one all that is stored, what
is due for it, and when. It changes nothing. Redis is found by REDIS_URL (--redis-url).

  --open     only those that are not over
  --limit N  so many at most (20)
  --json     as JSON: records as they are stored (deploy/docs/state.md)
`

// requestsCommand lists requests.
func requestsCommand(ctx context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("requests")
	open, limit, asJSON := set.Bool("open", false, ""), set.Int("limit", 20, "`n`"), set.Bool("json", false, "")
	connect := redisFlag(set)
	_, err := cli.Read(set, args)
	if err == nil && *limit < 1 {
		err = cli.Misuse(set, "--limit is at least 1")
	}
	if err != nil {
		return helped(err, stdout, requestsUsage)
	}
	rdb, err := connect(ctx)
	if err != nil {
		return err
	}
	defer rdb.Close()
	all, total, err := latest(ctx, store.New(rdb, store.Options{}), *open, *limit)
	if err != nil {
		return err
	}
	if *asJSON {
		return writeJSON(stdout, map[string]any{"total": total, "requests": records(all)})
	}
	return printRequests(stdout, all, total)
}

// latest are the latest requests, and how many there are in all.
func latest(ctx context.Context, s *store.Store, open bool, limit int) ([]*approvals.Request, int, error) {
	if !open {
		return s.List(ctx, store.IndexAll, 0, limit)
	}
	all, err := s.Open(ctx)
	slices.Reverse(all)
	return all[:min(limit, len(all))], len(all), err
}

// record is a request with what its stored form leaves out.
type record struct {
	ID      int64              `json:"id"`
	Name    string             `json:"name"`
	Counter int64              `json:"counter"` // which commit wrote it
	Record  *approvals.Request `json:"record"`
}

func recordOf(r *approvals.Request) record { return record{r.ID, r.Name(), r.Counter, r} }

func records(all []*approvals.Request) []record {
	list := []record{}
	for _, r := range all {
		list = append(list, recordOf(r))
	}
	return list
}

func writeJSON(w io.Writer, value any) error {
	encoder := cli.JSON(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func printRequests(w io.Writer, all []*approvals.Request, total int) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range all {
		fmt.Fprintf(table, "%s\t%s\t%s %s\t%s\t%s\n", r.Name(), standing(r), r.Action, cli.Printable(r.InstanceNames()), instant(r.At), person(r.Requester))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d of %d\n", len(all), total)
	return err
}

// standing is the state of a request, or of its items where that says more.
func standing(r *approvals.Request) string {
	if r.State != approvals.Approved {
		return string(r.State)
	}
	var states []string
	for _, item := range r.Items {
		if !slices.Contains(states, string(item.State)) {
			states = append(states, string(item.State))
		}
	}
	return strings.Join(states, ", ")
}

func person(p approvals.Person) string {
	if p.ID == "" {
		return "the bot"
	}
	return cli.Printable(p.Name) + " (" + p.ID + ")"
}

// instant is a moment in UTC; "-" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// requestCommand prints one request.
func requestCommand(ctx context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("request")
	asJSON, connect := set.Bool("json", false, ""), redisFlag(set)
	rest, err := cli.Read(set, args, "the number of a request, such as CBH-142")
	if err != nil {
		return helped(err, stdout, requestsUsage)
	}
	id, ok := approvals.ParseName(rest[0])
	if !ok {
		return cli.Misuse(set, "%q is no request: type one such as CBH-142", rest[0])
	}
	rdb, err := connect(ctx)
	if err != nil {
		return err
	}
	defer rdb.Close()
	whole, err := readWhole(ctx, store.New(rdb, store.Options{}), id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("there is no CBH-%d; cbhbot requests lists them", id)
	case err != nil:
		return err
	case *asJSON:
		return writeJSON(stdout, whole)
	}
	return whole.print(stdout)
}

// whole is all that is stored of a request, and what is due.
type whole struct {
	record
	Shown map[string]string         `json:"shown"` // which message stands where
	Queue map[store.Queue]time.Time `json:"queue"` // when it is taken up next
	Tasks []approvals.Task          `json:"tasks"` // what is due, and when
}

func readWhole(ctx context.Context, s *store.Store, id int64) (whole, error) {
	r, err := s.Load(ctx, id)
	if err != nil {
		return whole{}, err
	}
	shown, err := s.Shown(ctx, id)
	if err != nil {
		return whole{}, err
	}
	due, err := s.Due(ctx, id)
	return whole{recordOf(r), shown, due, r.Agenda(approvals.Pace{})}, err
}

// print writes it for people, a line for each thing.
func (h whole) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, text string, args ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, cli.Printable(fmt.Sprintf(text, args...)))
	}
	r := h.Record
	line(h.Name, "%s: %s of %s, revision %d", standing(r), r.Action, r.InstanceNames(), r.Revision)
	line("asked", "%s by %s in %s", instant(r.CreatedAt), person(r.Requester), r.Channel)
	line("why", "%s", cmp.Or(r.Reason, "-"))
	line("time", "%s (%s); approvals until %s", instant(r.At), r.Zone, instant(r.Deadline))
	line("needs", "%s", needs(r.Needs, "nobody"))
	if r.State == approvals.Pending {
		line("missing", "%s", needs(r.Missing, "nothing"))
	}
	for _, d := range r.Decisions {
		line("decided", "%s %s by %s for revision %d %s", instant(d.At), d.Verdict, person(d.By), d.Revision, d.Reason)
	}
	for i, item := range r.Items {
		printItem(line, r, i, item)
	}
	for _, field := range slices.Sorted(maps.Keys(h.Shown)) {
		line("shown", "%s: %s", field, h.Shown[field])
	}
	for _, task := range h.Tasks {
		line("due", "%s %s", instant(task.At), taskWords(task, len(r.Items)))
	}
	line("queues", "act %s, show %s", instant(h.Queue[store.Act]), instant(h.Queue[store.Show]))
	return table.Flush()
}

func printItem(line func(string, string, ...any), r *approvals.Request, i int, item approvals.Item) {
	t := item.Target
	line(fmt.Sprintf("item %d", i+1), "%s: %s, %s of %s, version %s, at %s", item.State, t.Name, t.ServerID, t.Project, t.Version, instant(r.Time(i)))
	if c := item.Call; c.Attempt > 0 {
		line("", "call %d: %s to %s, %s %s %s", c.Attempt, instant(c.StartedAt), instant(c.FinishedAt), c.Outcome.Kind, c.Outcome.Raw, c.Outcome.RequestID)
	}
	if p := item.Progress; !p.SeenAt.IsZero() {
		line("", "seen %s; verified %s, started %s, ended %s %s", instant(p.SeenAt), instant(p.VerifiedAt), instant(p.StartedAt), instant(p.EndedAt), p.Version)
	}
}

// needs says a quorum by ids.
func needs(q approvals.Quorum, none string) string {
	var parts []string
	for _, need := range q {
		parts = append(parts, fmt.Sprintf("%d of %s", need.Count, strings.Join(slices.Concat(need.From.Users, need.From.Groups), ", ")))
	}
	return cmp.Or(strings.Join(parts, " and "), none)
}

func taskWords(t approvals.Task, items int) string {
	text := string(t.Kind)
	if items > 1 {
		text += fmt.Sprintf(" item %d", t.Item+1)
	}
	if t.Stage > 0 {
		text += fmt.Sprintf(" (stage %d)", t.Stage)
	}
	return text
}
