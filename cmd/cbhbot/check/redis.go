package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/bot"
)

// storage looks at Redis.
type storage struct {
	settings Settings
	clocks   *clocks
}

// info is what Redis says of itself (https://redis.io/docs/latest/commands/info/).
type info map[string]string

func (i info) number(name string) int64 {
	n, _ := strconv.ParseInt(i[name], 10, 64)
	return n
}

const (
	oldest     = "6.2" // XPENDING … IDLE, and more than one key for EXISTS in scripts
	pings      = 5
	slowPing   = 50 * time.Millisecond
	slowestYet = 400 * time.Millisecond // keeping an envelope has 500 ms
	nearlyFull = 0.85
)

func (s *storage) look(ctx context.Context) []Finding {
	node, err := primary(ctx, s.settings.Redis)
	if err != nil {
		return []Finding{s.unreached(ctx, err)}
	}
	latency, err := s.ping(ctx, node)
	if err != nil {
		return []Finding{s.unreached(ctx, err)}
	}
	about, err := readInfo(ctx, node)
	switch {
	case redis.HasErrorPrefix(err, "NOPERM"), redis.HasErrorPrefix(err, "unknown command"): // rename-command takes one away, too
		return slices.Concat([]Finding{closed}, s.write(ctx, false), slowness(latency))
	case err != nil:
		return []Finding{s.unreached(ctx, err)}
	case about["loading"] == "1":
		return []Finding{fail(RedisUnreachable, "Wait until it has; its log says how far it is.", "Redis reads its data from disk, and does nothing else meanwhile")}
	}
	found := slices.Concat(judge(about, s.settings.WaitReplicas), s.write(ctx, about["cluster_enabled"] == "1"), slowness(latency))
	if len(found) == 0 {
		found = []Finding{ok("Redis %s answers in %s and keeps what it is given", about["redis_version"], latency.Round(10*time.Microsecond))}
	}
	return found
}

// closed is a Redis that does its work and says nothing of itself.
var closed = warn(RedisForbids, "Let the user ask for it: ACL SETUSER cbhbot +info, and no rename-command of it.",
	"Redis does not tell the user of REDIS_URL about itself (INFO): nobody warns of a Redis that forgets, and no alert of replicas that are missing")

// primary is the node that holds the deployment's keys.
func primary(ctx context.Context, client redis.UniversalClient) (redis.Cmdable, error) {
	if cluster, is := client.(*redis.ClusterClient); is {
		return cluster.MasterForKey(ctx, store.DefaultPrefix)
	}
	return client, nil
}

// ping is the median of a few round trips, each of which tells Redis' clock, too.
func (s *storage) ping(ctx context.Context, node redis.Cmdable) (time.Duration, error) {
	var took []time.Duration
	for range pings {
		asked := time.Now()
		at, err := node.Time(ctx).Result()
		if err != nil {
			return 0, err
		}
		took = append(took, time.Since(asked))
		s.clocks.redis(at.Sub(asked.Add(took[len(took)-1] / 2)))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

func readInfo(ctx context.Context, node redis.Cmdable, sections ...string) (info, error) {
	text, err := node.Info(ctx, sections...).Result()
	about := info{}
	for line := range strings.Lines(text) {
		if name, value, isPair := strings.Cut(strings.TrimSpace(line), ":"); isPair {
			about[name] = value
		}
	}
	return about, err
}

// Reach asks Redis for a sign of life. Its error says what is wrong with REDIS_URL, and how to mend it.
func (s Settings) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	err := s.Redis.Time(ctx).Err()
	if err == nil {
		return nil
	}
	f := (&storage{settings: s}).unreached(ctx, err)
	return fmt.Errorf("%s. %s", f.Text, f.Mend)
}

// unreached says why Redis does not answer.
func (s *storage) unreached(ctx context.Context, err error) Finding {
	login := "Put user and password into REDIS_URL, as in redis://user:password@host:6379/0."
	if strings.Contains(err.Error(), "all sentinels") { // so begins what go-redis says of them
		login = "Put what the Sentinels want behind the master's name in REDIS_URL: /MASTER?sentinel_username=…&sentinel_password=…."
	}
	switch {
	case redis.HasErrorPrefix(err, "NOAUTH"), redis.HasErrorPrefix(err, "WRONGPASS"), redis.HasErrorPrefix(err, "AUTH "):
		return fail(RedisLogin, login, "Redis does not accept the login of REDIS_URL: %v", err)
	case redis.HasErrorPrefix(err, "NOPERM"):
		return forbids(err)
	case distrusted(err):
		return fail(RedisUnreachable,
			"Give Redis a certificate that is valid now and for the name that REDIS_URL dials, and let this machine trust its authority (SSL_CERT_FILE).",
			"Redis shows a certificate that is not accepted: %v", err)
	case late(ctx, err) && s.settings.RedisTLS && s.settings.Sentinels: // a certificate that is not accepted is tried again for as long
		return fail(RedisUnreachable,
			"Let this machine trust the authority of the Sentinels' certificates (SSL_CERT_FILE), or write redis-sentinel:// into REDIS_URL, if they do not speak TLS at that port.",
			"no answer from the Sentinels over TLS within %s", Patience)
	case late(ctx, err) && s.settings.RedisTLS: // who does not speak TLS takes its first bytes for the beginning of a long command
		return fail(RedisUnreachable,
			"Write redis:// instead of rediss:// into REDIS_URL, if it does not speak TLS at that port.",
			"no answer from Redis over TLS within %s", Patience)
	case s.settings.RedisTLS && hungUp(err):
		return fail(RedisUnreachable,
			"If it asks for a client's certificate, as it does by default, set tls-auth-clients no there: the bot logs in with the user and password of REDIS_URL, and has no certificate.",
			"Redis ends the connection over TLS: %v", err)
	case late(ctx, err) && !s.settings.Sentinels:
		return noAnswer("Redis")
	case unheardOf(err, "time"): // which is asked first
		return fail(RedisUnreachable, "Write redis-sentinel://host:port,host:port/MASTER into REDIS_URL, or the port of Redis itself.", "a Sentinel answers at REDIS_URL, and no Redis")
	case unheardOf(err, "sentinel"):
		return fail(RedisUnreachable, "Name the Sentinels' port in REDIS_URL (by default 26379), or write redis:// without a master's name.", "Redis answers where REDIS_URL names a Sentinel")
	case errors.Is(err, redis.Nil): // so does each Sentinel answer
		return fail(RedisUnreachable, "Write the master's name as the Sentinels have it (SENTINEL MASTERS) at the end of REDIS_URL: redis-sentinel://host:port,host:port/MASTER.", "the Sentinels of REDIS_URL know no master of that name")
	case redis.HasErrorPrefix(err, "DB index"):
		return fail(RedisUnreachable, "Write the number of a database that it has behind the host in REDIS_URL: 0 to 15, unless its setting databases says otherwise.",
			"Redis does not have the database of REDIS_URL: %v", err)
	case s.settings.Sentinels:
		return fail(RedisUnreachable,
			"See that both run and that this machine reaches them: redis-cli -h HOST -p 26379 SENTINEL MASTERS says what a Sentinel knows.",
			"the Sentinels of REDIS_URL, or the primary that they name, cannot be reached: %v", err)
	}
	return fail(RedisUnreachable,
		"See that REDIS_URL names a Redis that runs, and that this machine reaches it; rediss:// is for one that "+
			"speaks TLS, redis-sentinel:// and redis-cluster:// for what they say.",
		"Redis cannot be reached: %v", err)
}

// hungUp reports whether a server that was dialled has ended the connection, with a word or without.
func hungUp(err error) bool {
	told, ok := errors.AsType[*net.OpError](err)
	return ok && told.Op == "remote error" || // TLS's word for it
		errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// unheardOf reports whether the server that answers has no such command. Redis has no code for that but ERR, and a client no
// type: only words say it, between ticks or quotes by its version (rejectCommandFormat in
// https://github.com/redis/redis/blob/6.2/src/server.c, and in 7.0).
func unheardOf(err error, command string) bool {
	return redis.HasErrorPrefix(err, "unknown command '"+command+"'") || redis.HasErrorPrefix(err, "unknown command `"+command+"`")
}

func forbids(err error) Finding {
	return fail(RedisForbids,
		"Let the user have all commands on the keys and channels {cbhbot}:*, as in ACL SETUSER cbhbot ~{cbhbot}:* &{cbhbot}:* +@all -@dangerous +info.",
		"Redis forbids what the bot needs: %v", err)
}

// judge says what of a Redis is not as it has to be, when a write waits for so many
// replicas.
func judge(about info, waits int) (found []Finding) {
	add := func(is bool, f Finding) {
		if is {
			found = append(found, f)
		}
	}
	add(older(about["redis_version"], oldest), fail(RedisOld,
		"Use Redis 6.2 or later.",
		"Redis is %s, and the bot needs %s", about["redis_version"], oldest))
	add(about["role"] == "slave", fail(RedisReplica,
		"Name the primary in REDIS_URL, or the Sentinels that know it.",
		"REDIS_URL names a replica, which takes no writes"))
	add(about["aof_enabled"] == "0", fail(RedisForgets, "set appendonly yes", "appendonly is no, so a restart of Redis forgets requests"))
	add(about["aof_last_write_status"] == "err" || about["rdb_last_bgsave_status"] == "err" && about["aof_enabled"] == "1",
		fail(RedisDiskFails, "See Redis' log, and whether its disk is full.", "Redis could not write to its disk the last time"))
	policy := about["maxmemory_policy"]
	add(policy != "" && policy != "noeviction", fail(RedisEvicts,
		"set maxmemory-policy noeviction",
		"maxmemory-policy is %s, so a full Redis drops requests", policy))
	most, used := about.number("maxmemory"), about.number("used_memory")
	add(most > 0 && float64(used) > nearlyFull*float64(most) && used <= most, warn(RedisNearlyFull,
		"Raise maxmemory.",
		"Redis uses %d of %d MiB", used>>20, most>>20))
	return append(found, replicas(int(about.number("connected_slaves")), waits)...)
}

// replicas compares those that there are with those that a write waits for.
func replicas(there, waits int) []Finding {
	set := fmt.Sprintf("set REDIS_WAIT_REPLICAS=%d", there)
	switch {
	case there > waits:
		return []Finding{fail(RedisReplicas, set, "a write waits for %d of %d replicas, so a failover to another forgets requests", waits, there)}
	case there < waits:
		return []Finding{fail(RedisReplicas, "Bring the replicas back, or "+set+".", "a write waits for %s, and there are %d: nothing can be recorded", counted(waits, "replica", "replicas"), there)}
	}
	return nil
}

func older(version, than string) bool {
	have, want := strings.Split(version, "."), strings.Split(than, ".")
	for i := range want {
		if i >= len(have) {
			return false // it does not say
		}
		a, errA := strconv.Atoi(have[i])
		b, errB := strconv.Atoi(want[i])
		if errA != nil || errB != nil || a != b {
			return errA == nil && errB == nil && a < b
		}
	}
	return false
}

// probe writes as the bot does: in a script.
var probe = redis.NewScript("return redis.call('SET', KEYS[1], '1')")

const probed = store.DefaultPrefix + "probe"

// Writes is an error while Redis takes no write.
func Writes(ctx context.Context, client redis.UniversalClient) error {
	return probe.Run(ctx, client, []string{probed}).Err()
}

// inScript begins what Redis up to 7.0 says of a command that a script may not call.
const inScript = "The user executing the script"

// trial calls commands with a key that holds a text, each with as few arguments as it takes,
// and returns what Redis says of those that the user may not call. No other error matters: it
// is looked for after the user's rights.
var trial = redis.NewScript(`
	for _, command in ipairs(ARGV) do
		local call = {}
		for word in string.gmatch(command, '%S+') do call[#call + 1] = word end
		for _ = 1, 7 do
			redis.call('SET', KEYS[1], 'x')
			local answer = redis.pcall(unpack(call))
			local says = type(answer) == 'table' and answer.err or ''
			if string.find(says, 'NOPERM') or string.find(says, '` + inScript + `') then
				return redis.error_reply('NOPERM the user may not call ' .. command)
			end
			call[#call + 1] = KEYS[1]
		end
	end`)

// needed is what the bot calls in scripts and beside them, but for what no script may call.
var needed = strings.Fields("del exists expire get incr mget pexpire ping pttl publish set setnx time " +
	"hdel hget hgetall hlen hmget hset hsetnx hvals " +
	"xack xadd xclaim xdel xlen xpending xrange xreadgroup xrevrange xtrim " +
	"zadd zcard zcount zrange zrangebyscore zrem zremrangebyrank zremrangebyscore zrevrange zscore")

// parts are what it calls of commands that have parts.
var parts = []string{"xgroup create", "xgroup delconsumer", "xinfo consumers"}

// write tries what the bot does, on a key and on a channel. one says that what answers is a
// node of a Redis Cluster.
func (s *storage) write(ctx context.Context, one bool) []Finding {
	err := Writes(ctx, s.settings.Redis)
	if err == nil {
		err = s.rights(ctx)
	}
	found := unwritten(err)
	if _, whole := s.settings.Redis.(*redis.ClusterClient); one && !whole && len(found) == 0 {
		found = append(found, warn(RedisOneNode, mendCluster, "REDIS_URL names one node of a Redis Cluster, which has the bot's keys for now"))
	}
	return found
}

// rights is an error where the user may not do all that the bot does.
func (s *storage) rights(ctx context.Context) error {
	var commands []any
	for _, command := range slices.Concat(needed, parts) {
		commands = append(commands, command)
	}
	if err := trial.Eval(ctx, s.settings.Redis, []string{probed}, commands...).Err(); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	if _, err := s.settings.Redis.TxPipelined(ctx, func(both redis.Pipeliner) error { return both.Get(ctx, probed).Err() }); err != nil {
		return err
	}
	told := s.settings.Redis.Subscribe(ctx, probed)
	defer told.Close()
	if _, err := told.Receive(ctx); err != nil || s.settings.WaitReplicas == 0 {
		return err
	}
	return s.settings.Redis.Do(ctx, "WAIT", 0, 1).Err()
}

const mendCluster = "Write redis-cluster://host:port,host:port into REDIS_URL, or rediss-cluster:// with TLS."

// unwritten says why a write was not taken; nothing where it was.
func unwritten(err error) []Finding {
	switch {
	case err == nil, redis.HasErrorPrefix(err, "READONLY"): // it is a replica, which is said
		return nil
	case redis.HasErrorPrefix(err, "NOPERM"), redis.HasErrorPrefix(err, inScript):
		return []Finding{forbids(err)}
	case redis.HasErrorPrefix(err, "OOM"):
		return []Finding{fail(RedisFull,
			"Raise maxmemory, or see what else is kept in this Redis.",
			"Redis is full, and takes no writes: %v", err)}
	case redis.HasErrorPrefix(err, "MOVED"):
		return []Finding{fail(RedisUnwritable, mendCluster, "REDIS_URL names one node of a Redis Cluster: %v", err)}
	case redis.HasErrorPrefix(err, "NOREPLICAS"):
		return []Finding{fail(RedisUnwritable,
			"Bring the replicas back, or lower min-replicas-to-write.",
			"Redis takes no write without its replicas: %v", err)}
	}
	return []Finding{fail(RedisUnwritable, "See Redis' log.", "Redis does not take a write: %v", err)}
}

func slowness(latency time.Duration) []Finding {
	const mend = "Put Redis near the bot: every press waits for it."
	switch text := "a round trip to Redis takes %s"; {
	case latency > slowestYet:
		return []Finding{fail(RedisSlow, mend, text+", and a press is refused after 500 ms", latency.Round(time.Millisecond))}
	case latency > slowPing:
		return []Finding{warn(RedisSlow, mend, text, latency.Round(time.Millisecond))}
	}
	return nil
}

// Forgets says why a Redis may lose what was acknowledged, when a write waits for so many
// replicas; "" when it will not, or does not tell.
func Forgets(ctx context.Context, client redis.UniversalClient, waits int) string {
	node, err := primary(ctx, client)
	if err != nil {
		return ""
	}
	about, err := readInfo(ctx, node)
	if err != nil {
		return ""
	}
	var reasons []string
	for _, f := range judge(about, waits) {
		if slices.Contains([]Code{RedisForgets, RedisEvicts, RedisReplicas}, f.Code) {
			reasons = append(reasons, f.Text+": "+f.Mend)
		}
	}
	return strings.Join(reasons, "; ")
}

// MissingReplicas counts those that a write waits for and that there are not.
func MissingReplicas(ctx context.Context, client redis.UniversalClient, waits int) (int, error) {
	if waits == 0 {
		return 0, nil
	}
	node, err := primary(ctx, client)
	if err != nil {
		return 0, err
	}
	about, err := readInfo(ctx, node, "replication")
	return max(0, waits-int(about.number("connected_slaves"))), err
}

// mostShown is how many of many are named.
const mostShown = 3

// parkedWork tells of the work that failed too often.
func parkedWork(client redis.UniversalClient) func(context.Context) []Finding {
	return func(ctx context.Context) []Finding {
		var ids []string
		err := bot.NewInbox(bot.InboxConfig{Redis: client, Prefix: store.DefaultPrefix}).Parked(ctx, func(p bot.Parked) error {
			ids = append(ids, p.ID)
			return nil
		})
		switch {
		case err != nil:
			return []Finding{skip("parked work is not counted: Redis does not tell")}
		case len(ids) == 0:
			return []Finding{ok("no work is parked")}
		}
		return []Finding{fail(Parked, "Type cbhbot parked to read why; then cbhbot parked retry ID, or drop ID.",
			"%s parked, work that failed too often: %s", counted(len(ids), "entry is", "entries are"), strings.Join(ids[:min(len(ids), mostShown)], ", "))}
	}
}
