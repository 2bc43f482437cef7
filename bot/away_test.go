package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
)

// Faults of Redis, as go-redis passes them on.
func TestFaultsOfRedisAreNotTheWorks(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb, ctx := server.Client(), context.Background()
	dial := func(o redis.Options) redis.UniversalClient {
		if o.Addr == "" {
			o.Addr = server.Addr
		}
		o.MaxRetries = -1
		c := redis.NewClient(&o)
		t.Cleanup(func() { c.Close() })
		return c
	}
	once := dial(redis.Options{})
	says := func(text string) error {
		return once.Eval(ctx, "return redis.error_reply(ARGV[1])", nil, text).Err()
	}
	rdb.ConfigSet(ctx, "maxmemory", "1")
	full := rdb.Set(ctx, "k", "v", 0).Err()
	rdb.ConfigSet(ctx, "maxmemory", "0")
	rdb.Do(ctx, "REPLICAOF", "127.0.0.1", "1")
	replica := rdb.Eval(ctx, "return redis.call('SET', KEYS[1], 'v')", []string{"k"}).Err()
	rdb.Do(ctx, "REPLICAOF", "NO", "ONE")
	wrong := rdb.Eval(ctx, "return redis.call('LPUSH', KEYS[1], 'v', 'w') + redis.call('INCR', KEYS[1])", []string{"l"}).Err()
	rdb.Do(ctx, "ACL", "SETUSER", "reader", "on", ">old", "+get", "+eval", "~*")
	reader := dial(redis.Options{Username: "reader", Password: "old"})
	noRight := reader.Set(ctx, "k", "v", 0).Err()
	noRightWithin := reader.Eval(ctx, "return redis.call('SET', KEYS[1], 'v')", []string{"k"}).Err()
	rotated := dial(redis.Options{Username: "reader", Password: "new"}).Get(ctx, "k").Err()
	rdb.ConfigSet(ctx, "maxclients", "1")
	crowded := dial(redis.Options{}).Ping(ctx).Err()
	rdb.ConfigSet(ctx, "maxclients", "100")
	p := redistest.StartProxy(t, server.Addr)
	one := dial(redis.Options{Addr: p.Addr})
	p.Lose(1, "GET", "lost")
	lost := one.Get(ctx, "lost").Err()
	rdb.ConfigSet(ctx, "requirepass", "secret")
	unknown := dial(redis.Options{}).Get(ctx, "k").Err()
	dial(redis.Options{Password: "secret"}).ConfigSet(ctx, "requirepass", "")
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"full": {full, true}, "a replica": {replica, true}, "a lost answer": {lost, true},
		"another password": {rotated, true}, "no password": {unknown, true}, "no right": {noRight, true}, "no right within a script": {noRightWithin, true}, "crowded": {crowded, true},
		"loading":        {says("LOADING Redis is loading the dataset in memory"), true},
		"nor there":      {says("ERR ACL failure in script: User reader has no permissions to run the 'set' command"), true},
		"no primary":     {says("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."), true},
		"full up":        {says("ERR max number of clients reached"), true},
		"ending":         {says("ERR Server is shutting down"), true},
		"a cluster":      {says("CLUSTERDOWN The cluster is down"), true},
		"a reshard":      {says("TRYAGAIN Multiple keys request during rehashing of slot"), true},
		"no disk":        {says("MISCONF Redis is configured to save RDB snapshots"), true},
		"too few":        {says("NOREPLICAS Not enough good replicas to write."), true},
		"a wrong type":   {wrong, false},
		"a group's name": {says("BUSYGROUP Consumer Group name already exists"), false},
		"ours":           {errors.New("it never works: LOADING "), false}, "no key": {redis.Nil, false},
		"the end": {context.Canceled, true}, "too slow": {context.DeadlineExceeded, true},
	} {
		if c.err == nil || bot.IsAway(fmt.Errorf("working: %w", c.err)) != c.away {
			t.Errorf("%s: away is %v for %v", name, !c.away, c.err)
		}
	}
	server.Kill()
	if err := once.Get(ctx, "k").Err(); !bot.IsAway(err) {
		t.Errorf("gone: %v", err)
	}
	if bot.IsAway(nil) || bot.Later(nil) != nil {
		t.Error("nothing is away")
	}
}
