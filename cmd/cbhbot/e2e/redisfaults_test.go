package e2e

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/cmd/cbhbot/check"
)

// These tests let Redis fail in every way that is known of it. What was acked is
// there afterwards, what was not recorded is said to the person, and the program
// goes on by itself.

const notRecorded = "Not recorded, please try again"

// refuses sends a command that must not be acked, and waits for the sentence.
func (w *world) refuses(text string) {
	w.t.Helper()
	if d := w.slack.As(rita).Command(slackemu.ChannelOps, "/cbh", text); d.Acked {
		w.t.Errorf("acked what was not kept: %+v", d)
	}
	w.sees(rita, notRecorded)
	w.slack.As(rita).Reload()
}

// insistsOn presses a button until the press is acked.
func (w *world) insistsOn(user string, m *slackemu.Shown, name string) {
	w.t.Helper()
	w.until("an ack of "+name, func() bool {
		shown := w.shown(user, m)
		return !shown.Action(name).Exists() || shown.Action(name).Click().Acked
	})
}

// once checks the counts after an upgrade was scheduled.
func (w *world) once() {
	w.t.Helper()
	w.sees(rita, "*Scheduled.*")
	if n := w.posts(); n != 1 {
		w.t.Errorf("%d POSTs\n%s", n, w.transcript())
	}
}

func TestARedisThatCannotWriteIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail, mend func(*redistest.Server, *redistest.Proxy)
	}{
		"out of memory": {
			func(s *redistest.Server, _ *redistest.Proxy) { config(s, "maxmemory", "1") },
			func(s *redistest.Server, _ *redistest.Proxy) { config(s, "maxmemory", "0") },
		},
		"a read-only replica": {
			func(s *redistest.Server, _ *redistest.Proxy) { follow(s, "127.0.0.1", "1") },
			func(s *redistest.Server, _ *redistest.Proxy) { follow(s, "NO", "ONE") },
		},
		"two seconds slow": {
			func(_ *redistest.Server, p *redistest.Proxy) { p.Slow(2 * time.Second) },
			func(_ *redistest.Server, p *redistest.Proxy) { p.Slow(0) },
		},
		"silent": {
			func(_ *redistest.Server, p *redistest.Proxy) { p.Stop("{cbhbot}:seen:") },
			func(*redistest.Server, *redistest.Proxy) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			_, p := w.startBehind()
			c.fail(w.redis, p)
			w.refuses("upgrade bastion-prod in 3 days at 2am")
			c.mend(w.redis, p)
			w.types(rita, "upgrade bastion-prod in 3 days at 2am")
			card := w.sees(ana, "waiting for approval")

			c.fail(w.redis, p)
			if d := w.slack.As(ana).Sees(slackemu.ChannelOps); len(d) == 0 || w.shown(ana, card).Action("Approve").Click().Acked {
				t.Error("acked a press that was not kept")
			}
			w.sees(ana, notRecorded)
			c.mend(w.redis, p)
			w.insistsOn(ana, card, "Approve")
			w.once()
		})
	}
}

// TestAFullRedisIsToldOf, and nobody's sockets are called foreign because no copy can say
// which it holds. No other copy could do better, so this one stays ready.
func TestAFullRedisIsToldOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fill, empty func(*testing.T, *redistest.Server)
		found       []check.Code
	}{
		"its memory": {
			func(t *testing.T, s *redistest.Server) {
				config(s, "maxmemory", "1")
				s.Client().Del(t.Context(), store.DefaultPrefix+"sockets") // as when what was said has run out
			},
			func(_ *testing.T, s *redistest.Server) { config(s, "maxmemory", "0") },
			[]check.Code{check.RedisFull},
		},
		"its disk": {fillDisk, emptyDisk, []check.Code{check.RedisDiskFails, check.RedisUnwritable}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			p := w.start()
			c.fill(t, w.redis)
			await(t, "a write that is not taken to be counted", func() bool { return p.metric(t, "cbhbot_redis_up") == "0" })
			found, _ := w.check(0)
			var failed []check.Code
			for _, f := range found.Findings {
				if f.Level == check.Fail {
					failed = append(failed, f.Code)
				}
			}
			if !slices.Equal(failed, c.found) {
				t.Errorf("%v: %+v", failed, found.Findings)
			}
			if status, text := ready(t, p.address(t)); status != http.StatusOK {
				t.Errorf("/readyz: %d %s", status, text)
			}
			c.empty(t, w.redis)
			await(t, "writes to be taken again", func() bool { return p.metric(t, "cbhbot_redis_up") == "1" })
		})
	}
}

// fillDisk lets a server's snapshots fail: a folder stands in their place.
func fillDisk(t *testing.T, s *redistest.Server) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(snapshot(s), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	config(s, "save", "3600 1")
	saves(t, s, "err")
}

func emptyDisk(t *testing.T, s *redistest.Server) {
	t.Helper()
	if err := os.RemoveAll(snapshot(s)); err != nil {
		t.Fatal(err)
	}
	saves(t, s, "ok")
}

func snapshot(s *redistest.Server) string { return filepath.Join(filepath.Dir(s.AOF()), "dump.rdb") }

// saves has a server write a snapshot, and waits for what comes of it.
func saves(t *testing.T, s *redistest.Server, how string) {
	t.Helper()
	s.Client().BgSave(t.Context())
	redistest.Until(t, "a snapshot: "+how, func() bool {
		return strings.Contains(s.Client().Info(t.Context(), "persistence").Val(), "rdb_last_bgsave_status:"+how)
	})
}

// TestCheckTriesEachCommandOfRedis that the bot calls: whoever has not all of them is told
// so by the check, and not by what fails later.
func TestCheckTriesEachCommandOfRedis(t *testing.T) {
	t.Parallel()
	tried := redistest.Start(t)
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_AUDIT_FILE="+t.TempDir()+"/audit.jsonl", "CBHBOT_AUDIT_CHANNEL="+slackemu.ChannelOps)
	w.check(0, "REDIS_URL="+tried.URL())
	p := w.start()
	card := w.card("in 3 days at 2am")
	w.slack.As(ana).OpenHome("home")
	w.insistsOn(ana, card, "Approve")
	w.once()
	w.types(rita, "list all")
	p.metric(t, "cbhbot_inbox_entries")
	p.kill()
	w.start().stop()
	for command := range called(t, w.redis) {
		if !called(t, tried)[command] && !strings.HasPrefix(command, "config") && command != "command" {
			t.Errorf("the bot calls %s, and check does not try it", command)
		}
	}
}

// called are the commands that a Redis was asked for.
func called(t *testing.T, s *redistest.Server) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for line := range strings.Lines(s.Client().Info(t.Context(), "commandstats").Val()) {
		if name, _, is := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":"); is {
			all[name] = true
		}
	}
	return all
}

func config(s *redistest.Server, name, value string) {
	s.Client().ConfigSet(context.Background(), name, value)
}

func follow(s *redistest.Server, host, port string) {
	s.Client().Do(context.Background(), "REPLICAOF", host, port)
}

func TestAConnectionLostInTheMiddleOfAScript(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]string{
		"keeping an envelope": {"{cbhbot}:seen:"}, "asking": {`"verb":"ask"`}, "approving": {`"verb":"approve"`},
		"claiming": {`"verb":"claim"`}, "finishing": {`"verb":"finish"`}, "reserving a message": granting,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			_, p := w.startBehind()
			lost := p.Lose(1, words...)
			w.types(rita, "upgrade bastion-prod in 3 days at 2am")
			card := w.sees(ana, "waiting for approval")
			w.insistsOn(ana, card, "Approve")
			w.once()
			select {
			case <-lost:
			default:
				t.Error("no answer was lost")
			}
		})
	}
}

func TestARestartOfRedisForgetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	w.redis.Kill() // right after the ack
	w.redis.Restart()
	card := w.sees(ana, "waiting for approval")
	w.insistsOn(ana, card, "Approve")
	w.redis.Kill()
	w.redis.Restart()
	w.once()
}

func TestAFailoverRightAfterTheAckLosesNothing(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartWatched(t, 2)
	w := newWorld(t, cbhemu.Options{}, "REDIS_URL="+nodes.URL(), "REDIS_WAIT_REPLICAS=2")
	p := w.start()
	joins := nodes.PartReplicas()
	await(t, "the missing replicas to be counted", func() bool { return p.metric(t, "cbhbot_redis_missing_replicas") == "2" })
	if d := w.slack.As(rita).Command(slackemu.ChannelOps, "/cbh", "help"); d.Acked {
		t.Errorf("acked what the primary alone has: %+v", d)
	}
	w.sees(rita, "Not recorded")
	if status, text := ready(t, p.address(t)); status != http.StatusOK {
		t.Errorf("no other copy could do better, and /readyz says %d %s", status, text)
	}
	joins()
	nodes.AwaitReplicas(2)
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	nodes.Return(nodes.FailOver())
	card := w.sees(ana, "waiting for approval")
	w.insistsOn(ana, card, "Approve")
	nodes.Return(nodes.FailOver())
	w.once()
	if _, err := audit.New(nodes.Client(), store.DefaultPrefix, logrus.New(), nil).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAMovedSlotIsFollowed(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t)
	w := newWorld(t, cbhemu.Options{}, "REDIS_URL="+cluster.URL())
	w.start()
	card := w.card("in 3 days at 2am")
	cluster.Move("{cbhbot}")
	w.insistsOn(ana, card, "Approve")
	cluster.Move("{cbhbot}")
	w.once()
}

func TestARedisThatForgetsIsWarnedOf(t *testing.T) {
	t.Parallel()
	forgetful := redistest.Start(t, "--appendonly", "no", "--maxmemory-policy", "allkeys-lru")
	host, port, _ := net.SplitHostPort(forgetful.Addr)
	redistest.Start(t, "--replicaof", host+" "+port)
	redistest.Until(t, "the replica to follow", func() bool {
		return strings.Contains(forgetful.Client().Info(t.Context(), "replication").Val(), "state=online")
	})
	w := newWorld(t, cbhemu.Options{}, "REDIS_URL="+forgetful.URL())
	p := w.start()
	checked, code := output(t, w.env, "check")
	if code == 0 {
		t.Error("check finds nothing wrong")
	}
	p.kill()
	for where, text := range map[string]string{"check": checked, "the log": p.log.String()} {
		for _, words := range []string{"appendonly is no", "maxmemory-policy is allkeys-lru", "set REDIS_WAIT_REPLICAS=1"} {
			if !strings.Contains(text, words) {
				t.Errorf("%s does not say %q: %s", where, words, text)
			}
		}
	}
}

// TestAnOpenRequestThatRedisHasDroppedIsSaid: what the cloud holds of it comes, and nobody tells of it.
func TestAnOpenRequestThatRedisHasDroppedIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.once()
	first.stop()
	w.redis.Client().Del(t.Context(), store.DefaultPrefix+"request:1")
	p := w.start()
	p.says(t, "an open request is gone from Redis")
	p.says(t, "CBH-1")
	await(t, "the loss to be counted", func() bool { return p.metric(t, "cbhbot_redis_losses_total") == "1" })
}

// TestADeploymentDoesNotTakeOverAnothersRedis: it would act on requests of people and
// bastions that it does not know.
func TestADeploymentDoesNotTakeOverAnothersRedis(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	card := w.card("in 3 days at 2am")
	first.stop()
	for name, options := range map[string]slackemu.Options{
		"another workspace": {TeamID: "T0OTHER", AppID: "A0OTHER"}, "another app of the same": {AppID: "A0OTHER"},
	} {
		other := newClockedWorld(t, cbhemu.Options{}, options, "REDIS_URL="+w.redis.URL())
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		bot := exec.CommandContext(ctx, program(t), "run")
		bot.Env = other.env
		out, err := bot.CombinedOutput()
		if err == nil || ctx.Err() != nil || !strings.Contains(string(out), "the data of another deployment") {
			t.Errorf("%s: %v, %v, %s", name, err, ctx.Err(), out)
		}
	}
	w.start()
	w.presses(ana, card, "Approve")
	w.once()
}
