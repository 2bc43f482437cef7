package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/cmd/cbhbot/cli"
)

const parkedUsage = `Usage: cbhbot parked [list] [--json]        what was put aside, and why
       cbhbot parked show ID [--json]     one entry, without what lets its reader act
       cbhbot parked retry ID...|all      puts entries back, as if they had not been tried
       cbhbot parked drop ID...|all       removes entries for good

Work is parked when it failed five times by itself; whoever asked for it was told. Redis
is found by REDIS_URL (--redis-url). Entries that are put back are worked on by the bot.
`

// parkedCommand handles what was put aside.
func parkedCommand(ctx context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("parked")
	asJSON, connect := set.Bool("json", false, ""), redisFlag(set)
	rest, err := cli.Parse(set, args)
	if err != nil {
		return helped(err, stdout, parkedUsage)
	}
	verb, ids := "list", rest
	if len(rest) > 0 {
		verb, ids = rest[0], rest[1:]
	}
	do, known := map[string]func(shelf, context.Context, []string) error{"list": shelf.list, "show": shelf.show, "retry": shelf.retry, "drop": shelf.drop}[verb]
	switch wantsIDs := verb != "list"; {
	case !known:
		return cli.Misuse(set, "it takes no argument but list, show, retry and drop, not %q", verb)
	case wantsIDs && len(ids) == 0:
		return cli.Misuse(set, "%s has to be given the id of an entry, as cbhbot parked lists it", verb)
	case !wantsIDs && len(ids) > 0:
		return cli.Misuse(set, "list takes no arguments")
	}
	rdb, err := connect(ctx)
	if err != nil {
		return err
	}
	defer rdb.Close()
	return do(shelf{bot.NewInbox(bot.InboxConfig{Redis: rdb, Prefix: store.DefaultPrefix}), stdout, *asJSON}, ctx, ids)
}

// shelf is where parked entries lie.
type shelf struct {
	inbox  *bot.Inbox
	stdout io.Writer
	json   bool
}

// entry is a parked entry for people and programs to read.
type entry struct {
	ID       string          `json:"id"`
	PutAt    time.Time       `json:"put_at"`
	ParkedAt time.Time       `json:"parked_at"`
	Envelope string          `json:"envelope"`
	Type     string          `json:"type"`
	User     string          `json:"user,omitempty"`
	Channel  string          `json:"channel,omitempty"`
	What     string          `json:"what"`
	Because  string          `json:"because"`
	Payload  json.RawMessage `json:"payload,omitempty"`
}

func entryOf(p bot.Parked) entry {
	gist := p.Envelope.Gist()
	return entry{
		ID: p.ID, PutAt: p.PutAt, ParkedAt: p.ParkedAt, Envelope: p.Envelope.ID, Type: p.Envelope.Type,
		User: gist.User, Channel: gist.Channel, What: gist.What, Because: p.Because,
	}
}

func (s shelf) list(ctx context.Context, _ []string) error {
	entries := []entry{}
	err := s.inbox.Parked(ctx, func(p bot.Parked) error { entries = append(entries, entryOf(p)); return nil })
	switch {
	case err != nil:
		return err
	case s.json:
		return writeJSON(s.stdout, map[string]any{"parked": entries})
	case len(entries) == 0:
		return s.nothing()
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		first, _, _ := strings.Cut(e.Because, "\n")
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", e.ID, instant(e.PutAt), cmp.Or(e.User, "-"), cli.Printable(e.What), cli.Printable(first))
	}
	return table.Flush()
}

func (s shelf) show(ctx context.Context, ids []string) error {
	for _, id := range ids {
		p, err := s.inbox.FindParked(ctx, id)
		if err != nil {
			return notParked(id, err)
		}
		e := entryOf(p)
		e.Payload = p.Envelope.Shown()
		if s.json {
			err = writeJSON(s.stdout, e)
		} else {
			err = e.print(s.stdout)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// print writes it for people; why it failed comes last, for it may be long.
func (e entry) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{
		{e.ID, e.Type + " " + e.Envelope}, {"who", cmp.Or(e.User, "-") + " in " + cmp.Or(e.Channel, "-")}, {"what", e.What},
		{"put", instant(e.PutAt)}, {"parked", instant(e.ParkedAt)}, {"payload", string(e.Payload)},
	} {
		fmt.Fprintf(table, "%s\t%s\n", line[0], cli.Printable(line[1]))
	}
	for line := range strings.Lines(e.Because) {
		fmt.Fprintf(table, "because\t%s\n", cli.Printable(line))
	}
	return table.Flush()
}

func (s shelf) retry(ctx context.Context, ids []string) error {
	return s.each(ctx, ids, func(ctx context.Context, id string) (string, error) {
		p, err := s.inbox.FindParked(ctx, id)
		if err == nil {
			err = s.inbox.Retry(ctx, id)
		}
		return "put back; the log names it by its envelope, " + p.Envelope.ID + "; if it fails again, it is parked under another id", err
	})
}

func (s shelf) drop(ctx context.Context, ids []string) error {
	return s.each(ctx, ids, func(ctx context.Context, id string) (string, error) { return "dropped", s.inbox.Drop(ctx, id) })
}

// each does something to some entries, or to all that are there, and says what is done.
func (s shelf) each(ctx context.Context, ids []string, do func(context.Context, string) (done string, err error)) error {
	if len(ids) == 1 && ids[0] == "all" {
		ids = nil
		if err := s.inbox.Parked(ctx, func(p bot.Parked) error { ids = append(ids, p.ID); return nil }); err != nil {
			return err
		}
	}
	for _, id := range ids {
		done, err := do(ctx, id)
		if err != nil {
			return notParked(id, err)
		}
		if !s.json {
			fmt.Fprintf(s.stdout, "%s is %s\n", id, done)
		}
	}
	switch {
	case s.json:
		return writeJSON(s.stdout, map[string]any{"done": append([]string{}, ids...)})
	case len(ids) == 0:
		return s.nothing()
	}
	return nil
}

func (s shelf) nothing() error {
	_, err := fmt.Fprintln(s.stdout, "nothing is parked")
	return err
}

func notParked(id string, err error) error {
	if errors.Is(err, bot.ErrNotParked) {
		return fmt.Errorf("nothing is parked as %q; cbhbot parked lists what is", cli.Printable(id))
	}
	return err
}
