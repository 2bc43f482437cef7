package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
)

// What a Redis says of itself that none here does.
func TestWhatARedisSaysOfItself(t *testing.T) {
	sound := func(more ...string) info {
		about := info{"redis_version": "7.0.15", "role": "master", "aof_enabled": "1", "aof_last_write_status": "ok", "rdb_last_bgsave_status": "ok", "maxmemory_policy": "noeviction", "connected_slaves": "0", "maxmemory": "0", "used_memory": "1000"}
		for i := 0; i < len(more); i += 2 {
			about[more[i]] = more[i+1]
		}
		return about
	}
	for name, c := range map[string]struct {
		about info
		codes []Code
	}{
		"all is well":         {sound(), nil},
		"says nothing":        {info{}, nil},
		"just old enough":     {sound("redis_version", "6.2.0"), nil},
		"much later":          {sound("redis_version", "10.0"), nil},
		"too old":             {sound("redis_version", "6.0.16"), []Code{RedisOld}},
		"much too old":        {sound("redis_version", "5.0.14"), []Code{RedisOld}},
		"a full disk":         {sound("aof_last_write_status", "err"), []Code{RedisDiskFails}},
		"snapshots that fail": {sound("rdb_last_bgsave_status", "err"), []Code{RedisDiskFails}},
		"nearly full":         {sound("maxmemory", "1000000", "used_memory", "900000"), []Code{RedisNearlyFull}},
		"half full":           {sound("maxmemory", "1000000", "used_memory", "500000"), nil},
		"a forgetful replica": {sound("role", "slave", "aof_enabled", "0"), []Code{RedisReplica, RedisForgets}},
		"another replica":     {sound("connected_slaves", "1"), []Code{RedisReplicas}},
	} {
		var got []Code
		for _, f := range judge(c.about, 0) {
			got = append(got, f.Code)
			if f.Text == "" || f.Mend == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, c.codes) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// said is an error that a server answered with, as the client hands it out.
type said string

func (s said) Error() string { return string(s) }
func (said) RedisError()     {}

// What is not the Redis that REDIS_URL should name says so in words of its own.
func TestWhoAnswersInRedisPlace(t *testing.T) {
	noSentinel := func(each ...error) error {
		return fmt.Errorf("redis: all sentinels specified in configuration are unreachable: %w", errors.Join(each...))
	}
	for want, answers := range map[string][]error{
		"a Sentinel answers": {
			said("ERR unknown command 'time', with args beginning with: "), said("ERR unknown command `time`, with args beginning with: "),
		},
		"names a Sentinel":       {noSentinel(said("ERR unknown command 'sentinel', with args beginning with: 'x'"))},
		"no master of that name": {noSentinel(redis.Nil, redis.Nil)},
		"cannot be reached":      {errors.New("dial tcp 127.0.0.1:6379: connect: connection refused"), errors.New("unknown command 'time'")},
	} {
		for _, err := range answers {
			f := new(storage).unreached(t.Context(), err)
			if f.Code != RedisUnreachable || !strings.Contains(f.Text, want) || f.Mend == "" {
				t.Errorf("%v: %+v", err, f)
			}
		}
	}
}

func TestANodeOfAClusterIsTold(t *testing.T) {
	found := unwritten(said("MOVED 186 127.0.0.1:7001"))
	if len(found) != 1 || found[0].Code != RedisUnwritable || !strings.Contains(found[0].Mend, "redis-cluster://") {
		t.Errorf("%+v", found)
	}
}

// Since Redis 7 a user has no channels but those that it is given.
func TestAUserWithoutChannelsIsTold(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Username: "bot", Password: "pw"})
	t.Cleanup(func() { client.Close() })
	for _, channels := range []string{"resetchannels", "&{cbhbot}:*"} {
		if err := server.Client().Do(t.Context(), "ACL", "SETUSER", "bot", "on", ">pw", "~{cbhbot}:*", channels, "+@all", "-@dangerous", "+info").Err(); err != nil {
			t.Fatal(err)
		}
		found := (&storage{settings: Settings{Redis: client}}).write(t.Context(), false)
		if forbidden := len(found) == 1 && found[0].Code == RedisForbids && strings.Contains(found[0].Mend, "&{cbhbot}:*"); forbidden == (channels[0] == '&') {
			t.Errorf("%s: %+v", channels, found)
		}
	}
}

// TestARedisWithoutInfoIsReached: rename-command takes a command away from everybody.
func TestARedisWithoutInfoIsReached(t *testing.T) {
	client := redistest.Start(t, "--rename-command", "INFO", "").Client()
	found := (&storage{settings: Settings{Redis: client}, clocks: new(clocks)}).look(t.Context())
	if len(found) != 1 || found[0].Code != RedisForbids || found[0].Level != Warn {
		t.Errorf("%+v", found)
	}
}

// TestEachRightThatIsMissingIsTold: a user who may do all but one thing.
func TestEachRightThatIsMissingIsTold(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Username: "bot", Password: "pw"})
	t.Cleanup(func() { client.Close() })
	look := func(missing string) []Finding {
		rights := []any{"ACL", "SETUSER", "bot", "reset", "on", ">pw", "~" + store.DefaultPrefix + "*", "&" + store.DefaultPrefix + "*", "+@all", "-@dangerous", "-info"}
		if missing != "" {
			rights = append(rights, "-"+missing)
		}
		if err := server.Client().Do(t.Context(), rights...).Err(); err != nil {
			t.Fatal(err)
		}
		return (&storage{settings: Settings{Redis: client, WaitReplicas: 1}}).write(t.Context(), false)
	}
	if found := look(""); len(found) > 0 {
		t.Fatalf("with all that the documents ask for: %+v", found)
	}
	others := []string{"eval", "evalsha", "multi", "subscribe", "wait", "xgroup|create", "@stream", "@sortedset", "@hash", "@pubsub", "@scripting"}
	for _, missing := range slices.Concat(needed, others) {
		if found := look(missing); len(found) != 1 || found[0].Code != RedisForbids {
			t.Errorf("without %s: %+v", missing, found)
		}
	}
	found := look("xclaim")
	if len(found) != 1 || !strings.Contains(found[0].Text, "may not call xclaim") {
		t.Errorf("%+v", found)
	}
}
