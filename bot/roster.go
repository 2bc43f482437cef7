package bot

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// MostSockets is how many Slack lets an app have, in all its processes
	// (https://docs.slack.dev/apis/events-api/using-socket-mode).
	MostSockets = 10

	announceEvery = 2 * time.Second
	announcedFor  = 7 * time.Second // a process that dies is counted so much longer
)

// Roster is where the processes of one app tell each other how many sockets they
// have.
type Roster struct {
	Redis  redis.UniversalClient
	Prefix string // of the key, with a hash tag
	Name   string // of this process; no two alive share it
}

// Fleet is all processes that are alive.
type Fleet struct {
	Processes int // with this one
	Others    int // sockets that the others hold
	Sockets   int // that all are to hold
}

// Wants is how many sockets there are while one is replaced: the new one is up before
// the old one is closed.
func (f Fleet) Wants() int { return f.Sockets + 1 }

// Look is who is alive, without counting as one of them.
func (r *Roster) Look(ctx context.Context) (Fleet, error) { return r.run(ctx, "", 0, 0, 0) }

// announce says how many sockets this process holds and is to hold.
func (r *Roster) announce(ctx context.Context, held, wanted int, lasts time.Duration) (Fleet, error) {
	return r.run(ctx, r.Name, held, wanted, lasts)
}

func (r *Roster) run(ctx context.Context, name string, held, wanted int, lasts time.Duration) (Fleet, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	n, err := announceScript.Run(ctx, r.Redis, []string{r.Prefix + "sockets"}, name, held, wanted, lasts.Milliseconds()).Int64Slice()
	if err != nil {
		return Fleet{}, fmt.Errorf("counting the sockets of all processes: %w", err)
	}
	return Fleet{Processes: int(n[0]), Others: int(n[1]), Sockets: int(n[2])}, nil
}
