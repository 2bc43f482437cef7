package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/cmd/cbhbot/check"
)

// fault is a deployment with one thing wrong, and what check says of it.
type fault struct {
	name  string
	slack slackemu.Options
	cloud cbhemu.Options
	redis []string // arguments of its Redis
	env   []string
	ahead time.Duration // of the machine's clock, where the check runs
	do    func(t *testing.T, w *world)

	level check.Level // "" is Fail
	code  check.Code
	says  string
	mend  string
}

// checked is what check --json writes.
type checked struct {
	OK       bool            `json:"ok"`
	Failed   int             `json:"failed"`
	Warned   int             `json:"warned"`
	Findings []check.Finding `json:"findings"`
}

// check runs the program's check, and reads what it found.
func (w *world) check(ahead time.Duration, env ...string) (found checked, code int) {
	w.t.Helper()
	p := launch(w.t, ahead, append(slices.Clone(w.env), env...), "check", "--json")
	select {
	case <-p.gone:
	case <-time.After(patience):
		w.t.Fatalf("check does not end: %s", p.log)
	}
	if err := json.NewDecoder(strings.NewReader(p.log.String())).Decode(&found); err != nil {
		w.t.Fatalf("%v: %s", err, p.log)
	}
	return found, p.cmd.ProcessState.ExitCode()
}

func TestCheckFindsNothingWrongWhereNothingIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_CHANNEL="+slackemu.ChannelOps)
	w.start()
	for _, args := range [][]string{{"check", "--json"}, {"check"}} {
		out, code := output(t, w.env, args...)
		if code != 0 || strings.Contains(out, "FAIL") || strings.Contains(out, "warn ") || strings.Contains(out, "\x1b") {
			t.Errorf("%v: exit %d: %s", args, code, out)
		}
	}
	found, _ := w.check(0)
	if !found.OK || found.Failed+found.Warned > 0 {
		t.Errorf("%+v", found)
	}
	for _, says := range []string{"the bot's token has the 14 scopes", "upgrade, rollback of any instance needs 1 of ana, bo", "the bot is in #ops (C0OPS), for cards of the rule cancel, cards of the rule default; what it says there is in English", "no work is parked", "agree within 2s: Redis, Slack, the cloud"} {
		if !slices.ContainsFunc(found.Findings, func(f check.Finding) bool { return f.Level == check.OK && strings.Contains(f.Text, says) }) {
			t.Errorf("no word of %q in %+v", says, found.Findings)
		}
	}
}

// TestCheckFindsEachFault has one thing wrong at a time, and wants it told with what to do
// about it. Every code is in the table, but for those of a Redis that cannot be had here.
func TestCheckFindsEachFault(t *testing.T) {
	t.Parallel()
	faults := slices.Concat(slackFaults(), peopleFaults(), channelFaults(), redisFaults(), cloudFaults())
	tested := []check.Code{check.RedisOld, check.RedisDiskFails, check.RedisNearlyFull} // in cmd/cbhbot/check
	for _, f := range faults {
		tested = append(tested, f.code)
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.finds(t)
		})
	}
	text, err := os.ReadFile("../check/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`Code = "(\w+)"`).FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(tested, check.Code(found[1])) {
			t.Errorf("no deployment has %s", found[1])
		}
	}
}

func (f fault) finds(t *testing.T) {
	w := newClockedWorld(t, f.cloud, f.slack, f.env...)
	if f.redis != nil {
		w.redis = redistest.Start(t, f.redis...)
		w.env = append(w.env, "REDIS_URL="+w.redis.URL())
	}
	if f.do != nil {
		f.do(t, w)
	}
	found, code := w.check(f.ahead)
	if f.level == "" {
		f.level = check.Fail
	}
	at := slices.IndexFunc(found.Findings, func(one check.Finding) bool { return one.Code == f.code && strings.Contains(one.Text, f.says) })
	if at < 0 {
		t.Fatalf("no %s that says %q in %+v", f.code, f.says, found.Findings)
	}
	one := found.Findings[at]
	if one.Level != f.level || f.mend == "" || !strings.Contains(one.Mend, f.mend) {
		t.Errorf("%+v", one)
	}
	if slices.ContainsFunc(found.Findings[at+1:], func(other check.Finding) bool { return other.Text == one.Text }) {
		t.Errorf("it says twice that %s", one.Text)
	}
	if want := map[check.Level]int{check.Fail: 1}[f.level]; code != want || found.OK != (want == 0) {
		t.Errorf("exit %d: %+v", code, found)
	}
	if out, _ := json.Marshal(found); strings.Contains(string(out), cbhemu.DefaultPassword) || strings.Contains(string(out), slackemu.BotToken) {
		t.Errorf("a secret is shown: %s", out)
	}
}

func slackFaults() []fault {
	return []fault{
		{name: "the bot's token revoked", do: func(_ *testing.T, w *world) { w.slack.Revoke(slackemu.BotToken) },
			code: check.BotTokenRevoked, says: "SLACK_BOT_TOKEN is over", mend: "Install the app to the workspace again"},
		{name: "the app-level token revoked", do: func(_ *testing.T, w *world) { w.slack.Revoke(slackemu.AppToken) },
			code: check.AppTokenRevoked, says: "SLACK_APP_TOKEN is over", mend: "Generate an app-level token"},
		{name: "a bot's token that is not whole", env: []string{"SLACK_BOT_TOKEN=xoxb-0-slack"},
			code: check.BotTokenRefused, says: "Slack does not know SLACK_BOT_TOKEN (it says invalid_auth)", mend: "OAuth & Permissions"},
		{name: "an app-level token that is not whole", env: []string{"SLACK_APP_TOKEN=xapp-1"},
			code: check.AppTokenRefused, says: "Slack does not know SLACK_APP_TOKEN", mend: "Basic Information"},
		{name: "an app-level token for something else", slack: slackemu.Options{AppScopes: []string{"authorizations:read"}},
			code: check.AppTokenScope, says: "it has authorizations:read", mend: "connections:write"},
		{name: "tokens of two apps", env: []string{"SLACK_APP_TOKEN=" + slackemu.OtherAppToken},
			code: check.OtherApp, says: "SLACK_APP_TOKEN of A0OTHER, SLACK_BOT_TOKEN of A0CBH", mend: "one app"},
		{name: "Socket Mode off", do: func(_ *testing.T, w *world) { w.slack.SetSocketMode(false) },
			code: check.SocketModeOff, says: "Socket Mode is switched off", mend: "deploy/slack-manifest.yaml"},
		{name: "Slack away", env: []string{"SLACK_API_URL=http://127.0.0.1:1/api/"},
			code: check.SlackUnreachable, says: "Slack cannot be reached", mend: "HTTPS_PROXY"},
		{name: "a scope missing", slack: slackemu.Options{Scopes: without(slackemu.DefaultScopes(), "usergroups:read")},
			code: check.ScopesMissing, says: "usergroups:read (groups of approvers)", mend: "deploy/slack-manifest.yaml"},
		{name: "a scope declined", slack: slackemu.Options{Scopes: without(slackemu.DefaultScopes(), "users:read.email")},
			level: check.Warn, code: check.ScopesDeclined, says: "users:read.email (e-mail addresses in the audit)", mend: "declined on purpose"},
		{name: "a scope too many", slack: slackemu.Options{Scopes: append(slackemu.DefaultScopes(), "files:read")},
			level: check.Warn, code: check.ScopesTooMany, says: "may do more than it needs: files:read", mend: "install the app to the workspace again"},
		{name: "two deployments on one app", do: func(t *testing.T, w *world) { w.start("REDIS_URL=" + redistest.Start(t).URL()) },
			code: check.ForeignSockets, says: "Slack counts 2 socket(s) of this app that no copy of the bot holds", mend: "another deployment"},
		{name: "too many sockets", env: []string{"SLACK_CONNECTIONS=10"},
			code: check.TooManySockets, says: "they want 11, and Slack gives an app 10", mend: "Lower SLACK_CONNECTIONS"},
	}
}

func without(all []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == one })
}

func peopleFaults() []fault {
	elsewhere := slackemu.Options{TeamID: "T0ELSE", Users: []slackemu.User{{ID: "U0LONE", TeamID: "T0ELSE", Name: "lone", RealName: "Lone"}}, Channels: []slackemu.Channel{}, Groups: []slackemu.UserGroup{}}
	closed := func(_ *testing.T, w *world) {
		w.methods(map[string]slackemu.MethodFault{"usergroups.users.list": {Error: "plan_upgrade_required"}})
	}
	return []fault{
		{name: "a token of another workspace", slack: elsewhere, code: check.OtherWorkspace, says: "is known in Example Cloud Team (T0ELSE)", mend: "of the workspace where the people are"},
		{name: "nobody named", env: []string{"CBHBOT_APPROVERS="}, code: check.NobodyApproves, says: "nobody can approve anything", mend: "Set CBHBOT_APPROVERS"},
		{name: "an approver who has left", env: []string{"CBHBOT_APPROVERS=U0ANA,U0DEE"}, code: check.PersonUnfit, says: "U0DEE, whom the policy names, cannot act: deactivated", mend: "Take the id out"},
		{name: "an approver from another company", env: []string{"CBHBOT_APPROVERS=U0ANA,U0XEN"}, code: check.PersonUnfit, says: "U0XEN", mend: "Copy member ID"},
		{name: "an id that nobody has", env: []string{"CBHBOT_APPROVERS=U0ANA,U0NONE"}, code: check.PersonUnfit, says: "unknown person", mend: "Copy member ID"},
		{name: "a group that there is not", env: []string{"CBHBOT_APPROVERS=S0NONE"}, code: check.GroupUnknown, says: "the group S0NONE", mend: "Copy group ID"},
		{name: "a group of nobody", slack: slackemu.Options{Groups: []slackemu.UserGroup{{ID: "S0OLD", Users: []string{slackemu.UserDee}}}},
			env: []string{"CBHBOT_APPROVERS=S0OLD"}, code: check.GroupEmpty, says: "S0OLD", mend: "Put people into the group"},
		{name: "who is in no group that counts", slack: slackemu.Options{Groups: []slackemu.UserGroup{{ID: "S0OLD", Users: []string{slackemu.UserDee}}}},
			env: []string{"CBHBOT_APPROVERS=S0OLD"}, code: check.NobodyApproves, says: "nobody can approve default: upgrade, rollback of any instance", mend: "Name approvers"},
		{name: "a plan without groups", env: []string{"CBHBOT_APPROVERS=" + slackemu.GroupApprovers}, do: closed, code: check.GroupsClosed, says: "plan has no user groups", mend: "Name people"},
		{name: "a quorum of more than there are", env: []string{"CBHBOT_QUORUM=3"}, code: check.TooFewApprovers, says: "needs 3 of ana, bo, which is more people than there are", mend: "Lower the quorum"},
		{name: "a policy file that is bad", do: func(t *testing.T, w *world) { w.env = append(w.env, "CBHBOT_POLICY="+policyFile(t, "version: 2\n")) },
			code: check.PolicyBad, says: "version: is 2", mend: "deploy/policy.example.yaml"},
		{name: "a misspelt setting", env: []string{"CBHBOT_QOURUM=2", "CBHBOT_PORT_9090_TCP=tcp://10.0.0.1:9090"}, level: check.Warn, code: check.SettingUnknown,
			says: "CBHBOT_QOURUM is no setting", mend: "Correct the name"},
		{name: "certificates that cannot be read", env: []string{"SSL_CERT_FILE=/nowhere/ca.pem"}, level: check.Warn, code: check.CertFileUnread,
			says: "open /nowhere/ca.pem: no such file", mend: "read it"},
		{name: "certificates that are none", env: []string{"SSL_CERT_FILE=check_test.go"}, level: check.Warn, code: check.CertFileUnread,
			says: "holds no certificate", mend: "BEGIN CERTIFICATE"},
		{name: "two policies", do: func(t *testing.T, w *world) { w.env = append(w.env, "CBHBOT_POLICY="+policyFile(t, approvedBy(ana))) },
			level: check.Warn, code: check.PolicyDoubled, says: "CBHBOT_APPROVERS, CBHBOT_QUORUM and CBHBOT_CHANNEL do not count", mend: "Remove what does not count"},
	}
}

func channelFaults() []fault {
	in := func(channel string) []string { return []string{"CBHBOT_CHANNEL=" + channel} }
	return []fault{
		{name: "a channel that there is not", env: in("C0NONE"), code: check.ChannelUnknown, says: "no channel C0NONE", mend: "correct the id"},
		{name: "a private channel without the bot", env: in(slackemu.ChannelVault), code: check.ChannelUnknown, says: "or it is private and the bot is not in it", mend: "/invite @cbhbot"},
		{name: "an archived channel", env: in(slackemu.ChannelOld), code: check.ChannelArchived, says: "#old-ops", mend: "Unarchive it"},
		{name: "a channel without the bot", env: in(slackemu.ChannelLobby), level: check.Warn, code: check.ChannelWithout, says: "the bot is not in #lobby", mend: "/invite @cbhbot"},
		{name: "a shared channel", env: in(slackemu.ChannelPartners), level: check.Warn, code: check.ChannelShared, says: "#partners", mend: "your own people"},
		{name: "the audit's channel", env: []string{"CBHBOT_AUDIT_CHANNEL=" + slackemu.ChannelOld}, code: check.ChannelArchived, says: "for the audit", mend: "name another"},
		{name: "a channel that may not be looked at", env: in(slackemu.ChannelOps), slack: slackemu.Options{Scopes: without(slackemu.DefaultScopes(), "channels:read")},
			level: check.Warn, code: check.ChannelUnseen, says: "may not look at the channel C0OPS", mend: "channels:read"},
	}
}

func redisFaults() []fault {
	with := func(url string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.env = append(w.env, "REDIS_URL="+url) }
	}
	user := func(right string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			rights := []any{"ACL", "SETUSER", "bot", "on", ">pw", "~{cbhbot}:*", "&{cbhbot}:*", "+@all", "-@dangerous", "+info", right}
			if err := w.redis.Client().Do(t.Context(), rights...).Err(); err != nil {
				t.Fatal(err)
			}
			w.env = append(w.env, "REDIS_URL=redis://bot:pw@"+w.redis.Addr+"/0")
		}
	}
	slow := func(by time.Duration) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			p := redistest.StartProxy(t, w.redis.Addr)
			p.Slow(by)
			w.env = append(w.env, "REDIS_URL="+p.URL())
		}
	}
	noPassword := func(_ *testing.T, w *world) { w.env = append(w.env, "REDIS_URL=redis://"+w.redis.Addr+"/0") }
	return []fault{
		{name: "nowhere for the copy of the audit", env: []string{"CBHBOT_AUDIT_FILE=/nowhere/audit.jsonl"},
			level: check.Warn, code: check.AuditUnwritable, says: "making a file in /nowhere: no such file or directory", mend: "Make its directory"},
		{name: "no such database", do: func(_ *testing.T, w *world) { w.env = append(w.env, "REDIS_URL=redis://"+w.redis.Addr+"/99") },
			code: check.RedisUnreachable, says: "does not have the database", mend: "behind the host"},
		{name: "no Redis", do: with("redis://127.0.0.1:1/0"), code: check.RedisUnreachable, says: "Redis cannot be reached", mend: "REDIS_URL names a Redis that runs"},
		{name: "a Redis that reads its data", redis: []string{"--appendonly", "no", "--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024"}, do: loading, code: check.RedisUnreachable, says: "reads its data from disk", mend: "Wait"},
		{name: "TLS where there is none", do: func(_ *testing.T, w *world) { w.env = append(w.env, "REDIS_URL=rediss://"+w.redis.Addr+"/0") },
			code: check.RedisUnreachable, says: "no answer from Redis over TLS", mend: "redis:// instead of rediss://"},
		{name: "a certificate that nobody knows", do: func(t *testing.T, w *world) {
			port := redistest.FreePort(t)
			redistest.Start(t, redistest.NewCA(t).TLS(port, "127.0.0.1")...)
			w.env = append(w.env, fmt.Sprintf("REDIS_URL=rediss://127.0.0.1:%d/0", port))
		}, code: check.RedisUnreachable, says: "a certificate that is not accepted", mend: "trust its authority"},
		{name: "no password", redis: []string{"--requirepass", "secret"}, do: noPassword, code: check.RedisLogin, says: "does not accept the login", mend: "redis://user:password@host"},
		{name: "a user without rights", do: func(t *testing.T, w *world) {
			if err := w.redis.Client().Do(t.Context(), "ACL", "SETUSER", "bot", "on", ">pw", "~*", "+@read", "+info", "+ping", "+hello", "+client", "+time").Err(); err != nil {
				t.Fatal(err)
			}
			w.env = append(w.env, "REDIS_URL=redis://bot:pw@"+w.redis.Addr+"/0")
		}, code: check.RedisForbids, says: "Redis forbids what the bot needs", mend: "ACL SETUSER"},
		{name: "a Redis that forgets", redis: []string{"--appendonly", "no"}, code: check.RedisForgets, says: "appendonly is no", mend: "set appendonly yes"},
		{name: "a Redis that evicts", redis: []string{"--maxmemory-policy", "allkeys-lru"}, code: check.RedisEvicts, says: "maxmemory-policy is allkeys-lru", mend: "noeviction"},
		{name: "a Redis that is full", redis: []string{"--maxmemory", "100kb"}, code: check.RedisFull, says: "Redis is full", mend: "Raise maxmemory"},
		{name: "a Redis that takes no write", redis: []string{"--min-replicas-to-write", "1"}, code: check.RedisUnwritable, says: "NOREPLICAS", mend: "lower min-replicas-to-write"},
		{name: "a user without streams", do: user("-@stream"), code: check.RedisForbids, says: "may not call xack", mend: "ACL SETUSER"},
		{name: "a user who may not ask for INFO", do: user("-info"), level: check.Warn, code: check.RedisForbids, says: "does not tell the user", mend: "+info"},
		{name: "one node of a Cluster", do: func(t *testing.T, w *world) {
			w.redis = redistest.Start(t, "--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(redistest.FreePort(t)))
			w.redis.Client().Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383)
			await(t, "the Cluster", func() bool { return w.redis.Client().Set(t.Context(), "{cbhbot}:x", 1, 0).Err() == nil })
			w.env = append(w.env, "REDIS_URL="+w.redis.URL())
		}, level: check.Warn, code: check.RedisOneNode, says: "has the bot's keys for now", mend: "redis-cluster://"},
		{name: "a Redis that wants certificates of its clients", do: func(t *testing.T, w *world) {
			port, ca := redistest.FreePort(t), redistest.NewCA(t)
			redistest.Start(t, append(ca.TLS(port, "127.0.0.1"), "--tls-auth-clients", "yes")...)
			w.env = append(w.env, fmt.Sprintf("REDIS_URL=rediss://127.0.0.1:%d/0", port), "SSL_CERT_FILE="+ca.File())
		}, code: check.RedisUnreachable, says: "ends the connection over TLS", mend: "tls-auth-clients no"},
		{name: "another deployment's Redis", do: func(t *testing.T, w *world) {
			w.redis.Client().Set(t.Context(), store.DefaultPrefix+"tenant", "T0HOME A0OTHER", 0)
		}, code: check.RedisForeign, says: "the data of another deployment (team T0HOME, app A0OTHER; this one is team T0HOME, app A0CBH)", mend: "Give each a Redis or a database of its own"},
		{name: "a copy of the audit on a full disk", env: []string{"CBHBOT_AUDIT_FILE=/dev/full"}, do: func(t *testing.T, w *world) {
			w.redis.Client().Set(t.Context(), store.DefaultPrefix+"mirrored:file", "0-0", 0)
			add := redis.XAddArgs{Stream: store.DefaultPrefix + "audit", ID: fmt.Sprintf("%d-0", time.Now().Add(-10*time.Minute).UnixMilli()), Values: []string{"seq", "1"}}
			if err := w.redis.Client().XAdd(t.Context(), &add).Err(); err != nil {
				t.Fatal(err)
			}
		}, level: check.Warn, code: check.AuditBehind, says: "the copy of the audit (file) lacks what was sealed 10m", mend: "a full disk"},
		{name: "a replica", do: func(t *testing.T, w *world) {
			host, port, _ := strings.Cut(w.redis.Addr, ":")
			replica := redistest.Start(t, "--replicaof", host+" "+port)
			w.env = append(w.env, "REDIS_URL="+replica.URL())
		}, code: check.RedisReplica, says: "REDIS_URL names a replica", mend: "Name the primary"},
		{name: "replicas that are not there", env: []string{"REDIS_WAIT_REPLICAS=2"}, code: check.RedisReplicas, says: "waits for 2 replicas, and there are 0: nothing can be recorded", mend: "set REDIS_WAIT_REPLICAS=0"},
		{name: "a slow Redis", do: slow(80 * time.Millisecond), level: check.Warn, code: check.RedisSlow, says: "a round trip to Redis takes", mend: "near the bot"},
		{name: "a Redis that is too slow", do: slow(450 * time.Millisecond), code: check.RedisSlow, says: "is refused after 500 ms", mend: "near the bot"},
		{name: "parked work", do: func(t *testing.T, w *world) {
			add := redis.XAddArgs{Stream: store.DefaultPrefix + "inbox:presses:parked", ID: "1000-0", Values: []string{"envelope", "{}"}}
			if err := w.redis.Client().XAdd(context.Background(), &add).Err(); err != nil {
				t.Fatal(err)
			}
		}, code: check.Parked, says: "1 entry is parked, work that failed too often: presses/1000-0", mend: "cbhbot parked"},
	}
}

// loading restarts a Redis that takes ten seconds to read what it has.
func loading(t *testing.T, w *world) {
	pipe := w.redis.Client().Pipeline()
	for i := range 2000 {
		pipe.Set(t.Context(), fmt.Sprint("key-", i), strings.Repeat("x", i%200), 0)
	}
	pipe.Save(t.Context())
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.redis.Kill()
	var restart sync.WaitGroup
	restart.Go(w.redis.Restart)
	t.Cleanup(restart.Wait)
	loads := redis.NewClient(&redis.Options{Addr: w.redis.Addr, MaxRetries: -1})
	defer loads.Close()
	await(t, "Redis to read its data", func() bool { return redis.HasErrorPrefix(loads.Ping(t.Context()).Err(), "LOADING") })
}

func cloudFaults() []fault {
	broken := func(f cbhemu.Fault) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.cloud.Fault(f) }
	}
	clock := func(ahead time.Duration) cbhemu.Options {
		return cbhemu.Options{Now: func() time.Time { return time.Now().Add(ahead) }}
	}
	keys := []string{"HUAWEICLOUD_SDK_AK=" + cbhemu.DefaultAK, "HUAWEICLOUD_SDK_SK=" + cbhemu.DefaultSK}
	wrongLogin := func(name, setting string) fault {
		return fault{name: name, env: []string{setting}, code: check.IAMLogin, says: "The username or password is wrong.", mend: "CBH_IAM_DOMAIN, which is the name of the account"}
	}
	return []fault{
		wrongLogin("a user that there is not", "CBH_IAM_USER=nobody"), wrongLogin("a wrong password", "CBH_IAM_PASSWORD=guess"), wrongLogin("a wrong account", "CBH_IAM_DOMAIN=elsewhere"),
		{name: "a wrong project", env: []string{"CBH_PROJECT_ID=none"}, code: check.IAMProject, says: "gives the user no token for the project default (none)", mend: "Check CBH_PROJECT_ID"},
		{name: "a wrong project in the policy file", do: func(t *testing.T, w *world) {
			policy := "version: 1\nprojects:\n  - {name: asia, project_id: none, region: ap-southeast-3}\nrules:\n  - approvers: {users: [U0ANA]}\n"
			w.env = append(w.env, "CBHBOT_POLICY="+policyFile(t, policy), "CBH_REGION=ap-southeast-3", "CBHBOT_APPROVERS=")
		}, code: check.IAMProject, says: "no token for the project asia (none)", mend: "Check its project_id in the policy file"},
		{name: "no IAM", env: []string{"IAM_ENDPOINT=http://127.0.0.1:1"}, code: check.IAMUnreachable, says: "IAM cannot be asked", mend: "CBH_REGION"},
		{name: "a proxy in IAM's place", do: broken(cbhemu.Fault{Op: cbhemu.OpToken, Times: -1, Kind: cbhemu.FaultHTML, Status: 403}), code: check.IAMUnreachable, says: "is not IAM", mend: "https://iam.REGION.myhuaweicloud.com"},
		{name: "a wrong secret key", env: []string{keys[0], "HUAWEICLOUD_SDK_SK=guess"}, code: check.CloudKey, says: "verify aksk signature fail", mend: "are of one key"},
		{name: "an access key beside a login", env: keys, level: check.Warn, code: check.CloudCredentials, says: "the user's login does not count", mend: "not meant"},
		{name: "no permission", do: broken(cbhemu.Fault{Op: cbhemu.OpList, Times: -1, Kind: cbhemu.FaultDocumented, Status: 403, Code: "CBH.10020002", Message: "Tenant has no authority."}),
			code: check.CloudPermission, says: "may not list the instances", mend: "cbh:instance:list"},
		{name: "another API at the endpoint", do: broken(cbhemu.Fault{Op: cbhemu.OpList, Times: -1, Kind: cbhemu.FaultGateway, Status: 404, Code: "APIG.0101", Message: "The API does not exist"}),
			code: check.CloudEndpoint, says: "does not list instances", mend: "CBH_ENDPOINT"},
		{name: "no cloud", env: []string{"CBH_ENDPOINT=http://127.0.0.1:1"}, code: check.CloudUnreachable, says: "the cloud cannot be reached", mend: "CBH_ENDPOINT"},
		{name: "a region without upgrades", cloud: cbhemu.Options{Behaviour: cbhemu.Behaviour{NoUpgradeFeature: true}}, code: check.CloudNoUpgrades, says: "does not upgrade through the API", mend: "in the console"},
		{name: "a project renamed", do: func(t *testing.T, w *world) {
			bot := w.start()
			w.card("in 3 days at 2am")
			bot.stop()
			w.env = append(w.env, "CBHBOT_POLICY="+policyFile(t, "version: 1\nprojects:\n  - {name: europe, project_id: "+cbhemu.DefaultProject+", region: eu-west-101}\n"+
				"rules:\n  - approvers: {users: [U0ANA]}\n"), "CBH_PROJECT_ID=")
		}, code: check.ProjectGone, says: "1 open request is of the project default, which is configured no more: CBH-1", mend: "is called default"},
		{name: "no bastion", cloud: cbhemu.Options{Instances: []cbhemu.Instance{}}, level: check.Warn, code: check.CloudEmpty, says: "lists no instance", mend: "project and region"},
		{name: "clocks that differ", cloud: clock(6 * time.Second), level: check.Warn, code: check.ClocksDiffer, says: "differs from that of the cloud by", mend: "NTP"},
		{name: "clocks that differ much", cloud: clock(time.Minute), code: check.ClocksTooFar, says: "nothing is called", mend: "NTP"},
		{name: "this machine's clock", ahead: 10 * time.Second, level: check.Warn, code: check.MachinesClock, says: "this machine's clock differs from Redis' by 10s", mend: "NTP"},
		{name: "signatures from the future", env: keys, ahead: 20 * time.Minute, code: check.SignaturesLate, says: "refuses signatures that are 15 minutes off", mend: "NTP"},
		{name: "a hung cloud", do: broken(cbhemu.Fault{Op: cbhemu.OpList, Times: -1, Delay: cbhemu.Duration(30 * time.Second)}), code: check.NoAnswer, says: "no answer from the cloud within 10s", mend: "firewalls"},
		{name: "a hung IAM", do: broken(cbhemu.Fault{Op: cbhemu.OpToken, Times: -1, Delay: cbhemu.Duration(30 * time.Second)}), code: check.NoAnswer, says: "no answer from IAM within 10s", mend: "firewalls"},
	}
}

// TestAHungCheckHoldsNoOtherUp has a cloud and a Slack that answer nothing for half a
// minute.
func TestAHungCheckHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.cloud.Fault(cbhemu.Fault{Times: -1, Delay: cbhemu.Duration(30 * time.Second)})
	w.methods(map[string]slackemu.MethodFault{"*": {Delay: 30 * time.Second}})
	program(t) // is built before the time counts
	begun := time.Now()
	found, code := w.check(0)
	if took := time.Since(begun); took > 20*time.Second || code != 1 {
		t.Errorf("exit %d after %s", code, took)
	}
	levels := map[string]check.Level{}
	for _, f := range found.Findings {
		levels[f.Check] = f.Level
	}
	for name, want := range map[string]check.Level{"bot token": check.Fail, "app token": check.Skip, "cloud": check.Fail, "redis": check.OK, "parked": check.OK, "people": check.Skip} {
		if levels[name] != want {
			t.Errorf("%s: %q: %+v", name, levels[name], found.Findings)
		}
	}
}

// TestACloudThatCannotBeReadIsToldOfAtTheStart once, with what to do, and no start or end
// waits for it.
func TestACloudThatCannotBeReadIsToldOfAtTheStart(t *testing.T) {
	t.Parallel()
	wrong := newWorld(t, cbhemu.Options{}, "CBH_IAM_PASSWORD=guessed-by-somebody")
	p := wrong.start()
	p.says(t, "IAM does not accept the user's login for the project default: The username or password is wrong. Check CBH_IAM_USER, ")
	if told := p.said(t, `"level":"warning"`, `"project":"default"`, `"code":"iam_login"`); len(told) != 1 || strings.Contains(p.log.String(), "guessed-by") {
		t.Errorf("told %d times: %s", len(told), p.log)
	}

	hung := newWorld(t, cbhemu.Options{})
	hung.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Times: -1, Delay: cbhemu.Duration(time.Minute)})
	p = hung.start()
	await(t, "the list to be asked for", func() bool { return len(hung.cloud.Requests(cbhemu.OpList)) > 0 })
	if took := p.stop(); took > check.Patience-time.Second || strings.Contains(p.log.String(), "no answer") {
		t.Errorf("it ended after %s: %s", took, p.log)
	}
}
