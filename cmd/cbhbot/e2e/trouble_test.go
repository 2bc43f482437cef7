package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

// socketReasons are why the panel can close sockets.
var socketReasons = []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets", "killed", "frozen"}

// TestThePanelClosesSockets ends them for each reason; the bot has others soon, and a
// command is answered.
func TestThePanelClosesSockets(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	for _, reason := range socketReasons {
		old := b.sockets()
		b.acts(object{"do": "sockets", "value": reason})
		await(t, reason+": two sockets, both fresh", func() bool {
			held := b.sockets()
			return len(held) == 2 && !slices.Contains(held, old[0]) && !slices.Contains(held, old[1])
		})
		await(t, reason+": a command that is acked", func() bool { return b.command("status").Acked })
		if how := b.ended(old[0]); (how == "killed") != (reason == "killed") { // all others the bot sees, or finds out
			t.Errorf("%s: the socket ended by %q", reason, how)
		}
	}
	if _, wrong := b.act(object{"do": "sockets", "value": "mood"}); !strings.Contains(wrong, "mood") {
		t.Errorf("sockets are closed for any reason: %q", wrong)
	}
}

// ended is how a socket has ended.
func (b *box) ended(id string) string {
	b.Helper()
	var past []slackemu.Socket
	b.get("/_control/slack/sockets/past", &past)
	at := slices.IndexFunc(past, func(s slackemu.Socket) bool { return s.ID == id })
	if at < 0 {
		return ""
	}
	return past[at].Ended
}

// command has Rita type one, whatever becomes of it.
func (b *box) command(text string) (d slackemu.Delivery) {
	b.Helper()
	b.send("POST", "/_control/slack/command", object{"user": rita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": text}, &d)
	return d
}

func (b *box) sockets() (ids []string) {
	b.Helper()
	var all []slackemu.Socket
	b.get("/_control/slack/sockets", &all)
	for _, socket := range all {
		ids = append(ids, socket.ID)
	}
	return ids
}

// TestThePanelTroublesSlack switches each trouble on, sees what it does, and off again.
func TestThePanelTroublesSlack(t *testing.T) {
	t.Parallel()
	calls := func(b *box, method string, status int) (n int) {
		var all []slackemu.Call
		b.get("/_control/slack/calls", &all)
		for _, c := range all {
			if c.Method == method && c.Status == status {
				n++
			}
		}
		return n
	}
	for name, happens := range map[string]func(b *box) bool{
		"drop acks":       func(b *box) bool { return !b.command("status").Acked },
		"lose deliveries": func(b *box) bool { return len(b.command("status").Sockets) == 0 },
		"deliver twice": func(b *box) bool {
			d := b.command("status")
			answers := b.found("Nothing is open", "5s")
			return len(d.Sockets) == 2 && len(answers) == 1
		},
		"429": func(b *box) bool {
			b.types("upgrade bastion-prod sunday 2am", "is recorded")
			await(b, "a refused post", func() bool { return calls(b, "chat.postMessage", http.StatusTooManyRequests) > 0 })
			return len(b.found("waiting for approval", "0s")) == 0
		},
		"slow": func(b *box) bool {
			start := time.Now()
			b.types("status", "Nothing is open")
			return time.Since(start) > 1900*time.Millisecond
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBox(t, "prod")
			b.acts(object{"do": "slack", "name": name, "on": true})
			if !b.panel().Slack[name] || !happens(b) {
				t.Errorf("it is %v, and nothing is seen of it", b.panel().Slack)
			}
			b.acts(object{"do": "slack", "name": name, "on": false})
			if b.panel().Slack[name] {
				t.Error("it cannot be switched off")
			}
			b.types("upgrade bastion-staging sunday 2am", "is recorded")
			b.sees("waiting for approval")
			b.counts("all acts handled", func(v panelView) bool {
				return v.Count.Acked > 0 && v.Count.Handled == v.Count.Acked && v.Count.Lost+v.Count.Twice == 0
			})
		})
	}
}

func TestThePanelHangsTheCloud(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.acts(object{"do": "hang", "on": true})
	b.acked("/_control/slack/command", object{"user": rita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": "upgrade bastion-prod sunday 2am"})
	b.sees("cloud")
	if !b.panel().Hangs || len(b.found("is recorded", "0s")) != 0 {
		t.Error("the cloud does not hang")
	}
	b.acts(object{"do": "hang", "on": false})
	if b.panel().Hangs {
		t.Error("it cannot be switched off")
	}
	b.types("upgrade bastion-staging sunday 2am", "is recorded")
}

// TestThePanelStopsAndStartsRedis has nothing acked while it is away, and everything
// that was stands afterwards.
func TestThePanelStopsAndStartsRedis(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.scheduled()
	b.acts(object{"do": "redis", "on": false})
	d := b.command("status")
	if v := b.panel(); d.Acked || v.Redis.Up || v.Count != nil {
		t.Errorf("Redis is away, and %+v, %+v", d, v)
	}
	if _, wrong := b.act(object{"do": "next"}); !strings.Contains(wrong, "Redis") {
		t.Errorf("without Redis the clock moves: %q", wrong)
	}
	b.acts(object{"do": "redis", "on": true})
	b.types("status", "CBH-1")
	b.acts(object{"do": "skip", "value": "96h"})
	if len(b.found("*Finished.*", "0s")) == 0 {
		t.Errorf("nobody reads the end:\n%s", b.conversation())
	}
}

// TestTheSandboxTouchesNothingReal that the shell of whoever tries it names.
func TestTheSandboxTouchesNothingReal(t *testing.T) {
	t.Parallel()
	server, audited := redistest.Start(t), filepath.Join(t.TempDir(), "audit.jsonl")
	address, _ := startSandboxWith(t, []string{
		"REDIS_URL=" + server.URL(), "REDIS_WAIT_REPLICAS=2", "CBHBOT_AUDIT_FILE=" + audited, "CBHBOT_CHANNEL=C0REAL", "CBHBOT_APPROVERS=U0REAL", "CBHBOT_QUORUM=2",
		"CBH_PROJECT_ID=real", "HUAWEICLOUD_SDK_AK=real", "HUAWEICLOUD_SDK_SK=real", "SLACK_BOT_TOKEN=xoxb-real",
	}, "--headless", "--now="+boxStart)
	b := &box{T: t, base: address}
	b.connected()
	b.scheduled()
	client := server.Client()
	if keys := client.DBSize(t.Context()).Val(); keys != 0 {
		t.Errorf("%d keys were written into the Redis of REDIS_URL", keys)
	}
	if _, err := os.Stat(audited); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the audit of CBHBOT_AUDIT_FILE: %v", err)
	}
	w := newWorld(t, cbhemu.Options{})
	w.start()
	p, _, said := runSandbox(t, nil, "--redis="+w.redis.URL())
	if !p.ended() || !strings.Contains(said, "take an empty one") {
		t.Errorf("a sandbox beside a bot: ended %v, %s", p.ended(), said)
	}
}

// TestALossIsCounted takes a command that was acked out of Redis behind the bot's back.
func TestALossIsCounted(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	address, _ := startSandbox(t, "--redis="+server.URL(), "--headless", "--now="+boxStart)
	b := &box{T: t, base: address}
	b.connected()
	if _, wrong := b.act(object{"do": "redis", "on": false}); !strings.Contains(wrong, "--redis") || b.panel().Redis.Embedded {
		t.Errorf("somebody else's Redis was stopped: %q", wrong)
	}
	b.acts(object{"do": "hang", "on": true})
	b.acked("/_control/slack/command", object{"user": rita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": "upgrade bastion-prod sunday 2am"})
	b.acts(object{"do": "bot", "value": "kill"})
	b.counts("an act that waits", func(v panelView) bool { return v.Count.Acked == 1 && v.Count.Waiting == 1 && v.Count.Handled == 0 })
	options, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	if err := rdb.Del(t.Context(), store.DefaultPrefix+"inbox:commands").Err(); err != nil {
		t.Fatal(err)
	}
	b.acts(object{"do": "hang", "on": false})
	b.acts(object{"do": "bot", "value": "start"})
	b.counts("a loss", func(v panelView) bool { return v.Count.Lost == 1 && v.Count.Waiting == 0 && v.Count.Handled == 0 })
}

// TestASecondCallIsCounted has the cloud take an upgrade twice, the second from
// somebody with the bot's own login.
func TestASecondCallIsCounted(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.cloud(cbhemu.Behaviour{Overwrite: true})
	b.scheduled()
	api, err := client.New(client.Config{
		Endpoint: b.base, ProjectID: cbhemu.DefaultProject, Auth: client.Sign(cbhemu.DefaultAK, cbhemu.DefaultSK, ""), HTTP: http.DefaultClient,
	})
	if err != nil {
		t.Fatal(err)
	}
	if v := b.panel(); v.Count.Twice != 0 {
		t.Errorf("before, %d things happened twice", v.Count.Twice)
	}
	i := b.instance()
	if _, err := api.Upgrade(t.Context(), i.ServerID, i.UpgradeTime); err != nil {
		t.Fatal(err)
	}
	b.counts("a call that was made twice", func(v panelView) bool { return v.Count.Twice == 1 })
}

// TestTheSandboxLeavesNothing starts two side by side and ends one by the signal of
// Ctrl-C, one at once: both take their bots with them, within a second, and leave no
// temporary file. The best of a few times tells how long the sandbox takes, whatever else
// the machine does.
func TestTheSandboxLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"interrupted": syscall.SIGINT, "killed": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const tries = 6
			best := time.Hour
			for try := 0; try < tries && best > time.Second; try++ {
				best = min(best, ending(t, signal))
			}
			t.Logf("it ended after %s", best)
			if best > time.Second {
				t.Errorf("it ended after %s at best", best)
			}
		})
	}
}

// ending is how long a sandbox, whose bot waits for a cloud that hangs, takes to be gone.
func ending(t *testing.T, signal syscall.Signal) time.Duration {
	t.Helper()
	temporary := t.TempDir()
	p, address, _ := runSandbox(t, []string{"TMPDIR=" + temporary})
	b := &box{T: t, base: address}
	b.connected()
	b.acts(object{"do": "hang", "on": true})
	b.acked("/_control/slack/command", object{"user": rita, "channel": slackemu.ChannelOps, "command": "/cbh", "text": "instances"})
	bot := b.panel().Bot.PID
	ended := time.Now()
	p.cmd.Process.Signal(signal)
	<-p.gone
	await(t, "the end of the bot", func() bool { return syscall.Kill(bot, 0) != nil || zombie(bot) })
	took := time.Since(ended)
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	return took
}

// TestTheSandboxServesThisMachineOnly asks for everything under another name, and from
// a page of another origin.
func TestTheSandboxServesThisMachineOnly(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	for _, path := range []string{"/", "/_page/state", "/_panel/state", "/_panel/act", "/_control/slack/users", "/_control/cbh/instances", "/_control/clock", "/api/auth.test", "/v3/auth/tokens"} {
		for _, strange := range []func(*http.Request){
			func(r *http.Request) { r.Host = "rebound.example" },
			func(r *http.Request) { r.Header.Set("Origin", "https://rebound.example") },
		} {
			for _, method := range []string{"GET", "POST"} {
				request, err := http.NewRequestWithContext(context.Background(), method, b.base+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				strange(request)
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode != http.StatusForbidden {
					t.Errorf("%s %s answers %d to Host %q, Origin %q", method, path, answer.StatusCode, request.Host, request.Header.Get("Origin"))
				}
			}
		}
	}
}

// zombie reports whether a process has ended, and nobody has asked how.
func zombie(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(state), ") Z ")
}

// TestASandboxThatIsStoppedAtOnceSaysNothing ends it while its bot still starts.
func TestASandboxThatIsStoppedAtOnceSaysNothing(t *testing.T) {
	t.Parallel()
	p, _, greeting := runSandbox(t, nil)
	p.stop()
	if said := strings.TrimPrefix(p.log.String(), greeting); strings.TrimSpace(said) != "" || p.err != nil {
		t.Errorf("%v: %s", p.err, said)
	}
}
