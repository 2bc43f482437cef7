package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/bot"
)

const (
	tenantKey    = store.DefaultPrefix + "tenant"
	tenantWithin = time.Second // for Redis to say it
	tenantAgain  = time.Minute // it is said, for a Redis that has forgotten it
)

// foreignError says that a Redis holds the work of another app, or of another
// workspace. Whoever took that over would act on requests whose bastions it does not
// know, for people whom it does not know.
type foreignError struct{ theirs, ours tenant }

func (e *foreignError) Error() string { return e.said() + ": " + mendForeign }

func (e *foreignError) said() string {
	return fmt.Sprintf("REDIS_URL leads to the data of another deployment (%s; this one is %s)", e.theirs, e.ours)
}

const mendForeign = "give each a Redis or a database of its own. If this one is to go on with that one's requests, delete the key " + tenantKey + " first"

func isForeign(err error) bool {
	_, foreign := errors.AsType[*foreignError](err)
	return foreign
}

// tenant is who keeps data in a Redis.
type tenant struct{ team, app string }

func tenantOf(id bot.Identity) tenant { return tenant{team: id.TeamID, app: id.AppID} }

func (t tenant) String() string { return fmt.Sprintf("team %s, app %s", t.team, t.app) }

func (t tenant) value() string { return t.team + " " + t.app }

func readTenant(value string) tenant {
	team, app, _ := strings.Cut(value, " ")
	return tenant{team: team, app: app}
}

// is reports whether both are the same, as far as Slack has told both.
func (t tenant) is(other tenant) bool {
	same := func(a, b string) bool { return a == b || a == "" || b == "" }
	return same(t.team, other.team) && same(t.app, other.app)
}

// moveIn notes whose data Redis holds, if it holds nobody's, which was empty. A *foreignError says that
// it is another's; any other error, that Redis does not say.
func moveIn(ctx context.Context, client redis.UniversalClient, me tenant) (empty bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tenantWithin)
	defer cancel()
	pipe := client.Pipeline()
	noted := pipe.SetNX(ctx, tenantKey, me.value(), 0)
	kept := pipe.Get(ctx, tenantKey)
	if _, err := pipe.Exec(ctx); err != nil {
		return false, err
	}
	return noted.Val(), me.besides(kept.Val())
}

// besides is a *foreignError where what Redis has noted is another.
func (t tenant) besides(noted string) error {
	if lives := readTenant(noted); !lives.is(t) {
		return &foreignError{theirs: lives, ours: t}
	}
	return nil
}

// foreign says for the check whose data Redis holds, where it is another's, and what to do.
func foreign(client redis.UniversalClient) func(context.Context, bot.Identity) (said, mend string) {
	return func(ctx context.Context, id bot.Identity) (said, mend string) {
		if other, is := errors.AsType[*foreignError](tenantOf(id).besides(client.Get(ctx, tenantKey).Val())); is {
			return other.said(), mendForeign
		}
		return "", ""
	}
}

// settleIn moves in again from time to time, for a Redis that has been emptied has forgotten whose it is, and says so; and
// soon, where Redis did not answer. It ends where Redis is another's.
func (s *service) settleIn(ctx context.Context, moved error, again time.Duration) error {
	for lived := false; !isForeign(moved); {
		pause := again
		if moved != nil {
			pause = tenantWithin
		}
		lived = lived || moved == nil
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		var empty bool
		if empty, moved = moveIn(ctx, s.redis, tenantOf(s.home.identity())); empty && lived {
			s.engine.Metrics.Losses.Inc()
			s.log.Error("Redis has forgotten whose data it holds: it was emptied, came back without its data, or evicts")
		}
	}
	return moved
}
