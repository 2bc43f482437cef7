package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

var many = flag.Int("many", 1000, "how many requests TestManyRequestsStayPaged fills Redis with")

// mostMemory is more than any command may take, however many requests there are.
const mostMemory = 100 << 20

// TestManyRequestsStayPaged fills Redis with copies of an ended request and its
// audit. Lists are read a page at a time and the audit is streamed, so that time
// and memory do not grow with the number; -v prints the figures.
func TestManyRequestsStayPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	w.presses(rita, w.card("in 3 days at 2am"), "Withdraw")
	w.sees(rita, "*Withdrawn*")
	first.stop()
	entries := w.copies(*many)

	p := w.start()
	for i, command := range []string{"list all", "history bastion-prod"} {
		began := time.Now()
		w.types(rita, command)
		page := w.page(i)
		t.Logf("/cbh %s: %s until it is read", command, time.Since(began).Round(time.Millisecond))
		if lines := strings.Count(page, "withdrawn"); lines != 20 {
			t.Errorf("/cbh %s shows %d requests: %s", command, lines, page)
		}
	}
	w.modest("the bot", peak(p.cmd))
	p.stop()
	w.streams("the export", entries, "export")
	w.streams("the export as CSV", entries+1, "export", "--format", "csv")
	w.streams("the check of the chain", 1, "verify")
}

// page waits for the answer with the first page that comes after n others, and
// returns all that it shows.
func (w *world) page(n int) string {
	w.t.Helper()
	var pages []string
	w.until("a page", func() bool {
		pages = nil
		for _, m := range w.slack.As(rita).Sees(slackemu.ChannelOps) {
			if strings.Contains(m.Text, fmt.Sprintf("Requests 1 to 20 of %d", *many)) {
				pages = append(pages, fmt.Sprint(m.Blocks))
			}
		}
		return len(pages) > n
	})
	return pages[n]
}

// copies makes requests 2 to n of request 1, and as many audit entries for each
// as it has. It returns how many entries there are then.
func (w *world) copies(n int) int {
	w.t.Helper()
	ctx, rdb, key := w.t.Context(), w.redis.Client(), func(name string) string { return store.DefaultPrefix + name }
	var original approvals.Request
	if err := json.Unmarshal([]byte(rdb.HGet(ctx, key("request:1"), "body").Val()), &original); err != nil {
		w.t.Fatal(err)
	}
	indexes := rdb.Keys(ctx, strings.ReplaceAll(key("index:*"), "{", `\{`)).Val()
	story := w.exported()
	last := story[len(story)-1]
	for from := 2; from <= n; from += 1000 {
		_, err := rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for id := from; id < from+1000 && id <= n; id++ {
				r := original
				r.ID = int64(id)
				pipe.HSet(ctx, key(fmt.Sprintf("request:%d", id)), "n", 2, "body", encoded(r))
				for _, index := range indexes {
					pipe.ZAdd(ctx, index, redis.Z{Score: float64(r.CreatedAt.UnixMilli() + int64(id)), Member: id})
				}
				for _, e := range story {
					e.Seq, e.Prev, e.Request = last.Seq+1, last.Hash, r.ID
					e.Hash = hashOf(e)
					pipe.XAdd(ctx, &redis.XAddArgs{Stream: auditKey, Values: []string{"entry", encoded(e)}})
					last = e
				}
			}
			pipe.Set(ctx, key("audit:head"), fmt.Sprintf("%d:%s", last.Seq, last.Hash), 0)
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	rdb.Set(ctx, key("last-id"), n, 0)
	return n * len(story)
}

// streams runs an audit command that must write so many lines in little memory.
func (w *world) streams(what string, lines int, args ...string) {
	w.t.Helper()
	cmd := exec.Command(program(w.t), append([]string{"audit"}, args...)...)
	written := &meter{cmd: cmd}
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{"REDIS_URL=" + w.redis.URL()}, written, written
	began := time.Now()
	if err := cmd.Run(); err != nil || written.lines != lines {
		w.t.Errorf("%s: %v, %d lines instead of %d", what, err, written.lines, lines)
	}
	w.t.Logf("%s: %d lines in %s", what, written.lines, time.Since(began).Round(time.Millisecond))
	w.modest(what, written.peak)
}

// modest wants little memory. Of a process that ended before anybody looked at
// its memory, nothing is known.
func (w *world) modest(what string, peak int) {
	w.t.Helper()
	if peak == 0 {
		return
	}
	w.t.Logf("%s: %d MiB at its peak", what, peak>>20)
	if peak > mostMemory {
		w.t.Errorf("%s took %d MiB", what, peak>>20)
	}
}

// meter counts the lines that a process writes, and looks at its memory as often.
type meter struct {
	cmd         *exec.Cmd
	lines, peak int
}

func (m *meter) Write(text []byte) (int, error) {
	m.lines += bytes.Count(text, []byte("\n"))
	m.peak = max(m.peak, peak(m.cmd))
	return len(text), nil
}

// peak is the most memory that a process has held, in bytes; 0 when it has ended.
func peak(cmd *exec.Cmd) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int
	_, _ = fmt.Sscan(rest, &kilobytes)
	return kilobytes << 10
}
