package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// operated runs a subcommand that is told of nothing but Redis.
func (w *world) operated(code int, args ...string) string {
	w.t.Helper()
	out, got := output(w.t, []string{"REDIS_URL=" + w.redis.URL()}, args...)
	if got != code {
		w.t.Errorf("%v: exit %d: %s", args, got, out)
	}
	return out
}

// parks puts an envelope aside, as it would be after five failures.
func (w *world) parks(id, payload, because string) {
	w.t.Helper()
	envelope, err := json.Marshal(map[string]any{"envelope_id": id, "type": "slash_commands", "payload": json.RawMessage(payload)})
	if err != nil {
		w.t.Fatal(err)
	}
	client := w.redis.Client()
	defer client.Close()
	err = client.XAdd(context.Background(), &redis.XAddArgs{
		Stream: store.DefaultPrefix + "inbox:commands:parked", Values: []string{"envelope", string(envelope), "parked_id", "1785900000000-0", "parked_because", because},
	}).Err()
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestWhatIsWrongWithREDIS_URLIsSaidWithItsCure by whatever an operator types first.
func TestWhatIsWrongWithREDIS_URLIsSaidWithItsCure(t *testing.T) {
	t.Parallel()
	node := redistest.Start(t)
	sentinel := redistest.StartSentinel(t, node.Addr)
	for url, says := range map[string]string{
		"redis-sentinel://" + sentinel.Addr + "/another":             "the Sentinels of REDIS_URL know no master of that name. Write the master's name",
		"redis-sentinel://" + node.Addr + "/" + redistest.MasterName: "Redis answers where REDIS_URL names a Sentinel. Name the Sentinels' port",
		"redis://" + sentinel.Addr:                                   "a Sentinel answers at REDIS_URL, and no Redis. Write redis-sentinel://",
		"redis://127.0.0.1:1":                                        "Redis cannot be reached",
		"redis-sentinel://127.0.0.1:1/cbhbot":                        "the Sentinels of REDIS_URL, or the primary that they name, cannot be reached",
	} {
		if out, code := output(t, []string{"REDIS_URL=" + url}, "requests"); code != 1 || !strings.Contains(out, says) {
			t.Errorf("%s: exit %d: %s", url, code, out)
		}
	}
}

const parkedCommand = `{"command":"/cbh","text":"status","user_id":"U0RITA","team_id":"T0HOME","channel_id":"C0OPS","api_app_id":"A0CBH","trigger_id":"t1","token":"verification-1"}`

// TestParkedWorkIsReadTriedAgainAndDropped with the command line, while the bot runs.
func TestParkedWorkIsReadTriedAgainAndDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	for _, args := range [][]string{{"parked"}, {"parked", "retry", "all"}, {"parked", "drop", "all"}} {
		if out := w.operated(0, args...); out != "nothing is parked\n" {
			t.Errorf("%v: %s", args, out)
		}
	}
	w.parks("e1", parkedCommand, "panic: no such thing\nat somewhere\x1b[31m")
	w.parks("e2", parkedCommand, "no such thing")
	out := w.operated(0, "parked")
	isShown(t, "commands.md", 2, out)
	var read struct {
		Parked []struct{ ID, User, What, Because, Envelope string }
	}
	if err := json.Unmarshal([]byte(w.operated(0, "parked", "--json")), &read); err != nil || len(read.Parked) != 2 {
		t.Fatalf("%v: %+v", err, read)
	}
	first, second := read.Parked[0], read.Parked[1]
	if !strings.Contains(out, first.ID+"  2026-08-05T03:20:00Z  U0RITA  /cbh status  panic: no such thing\n") || first.Envelope != "e1" || first.User != rita || first.What != "/cbh status" {
		t.Errorf("%s%+v", out, first)
	}
	for _, args := range [][]string{{"parked", "show", first.ID}, {"parked", "show", first.ID, "--json"}} {
		shown := w.operated(0, args...)
		if !strings.Contains(shown, "no such thing") || !strings.Contains(shown, "at somewhere") || !strings.Contains(shown, `"text":`) ||
			strings.Contains(shown, "verification-1") || strings.Contains(shown, "t1") || strings.Contains(shown, "\x1b") {
			t.Errorf("%v: %s", args, shown)
		}
	}
	if out := w.operated(0, "parked", "drop", second.ID); out != second.ID+" is dropped\n" {
		t.Error(out)
	}
	w.start()
	isShown(t, "commands.md", 3, w.operated(0, "parked", "retry", "all"))
	w.until("the answer", func() bool { return len(w.answered(rita)) == 1 })
	for _, verb := range []string{"show", "retry", "drop"} {
		if out := w.operated(1, "parked", verb, first.ID); !strings.Contains(out, "nothing is parked as") {
			t.Error(out)
		}
	}
}

// TestStoredRequestsAreListedAndPrinted, with what is due for one.
func TestStoredRequestsAreListedAndPrinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	if out := w.operated(0, "requests"); out != "0 of 0\n" {
		t.Error(out)
	}
	p := w.start()
	w.presses(rita, w.card("in 3 days at 2am"), "Withdraw")
	w.untilRequest(1, "the end", func(r *approvals.Request) bool { return r.State == approvals.Withdrawn })
	w.types(rita, "upgrade bastion-archive in 4 days at 2am -- to\tbe safe")
	w.untilRequest(2, "the card", func(r *approvals.Request) bool { return r.ID == 2 && r.State == approvals.Pending })
	w.until("two cards", func() bool { return strings.Count(w.transcript(), "waiting for approval") >= 1 })
	p.stop()
	all, open := w.operated(0, "requests"), w.operated(0, "requests", "--open")
	if lines := strings.Split(all, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[0], "CBH-2  pending    upgrade bastion-archive") ||
		!strings.HasPrefix(lines[1], "CBH-1  withdrawn  upgrade bastion-prod") || lines[2] != "2 of 2" || !strings.Contains(lines[0], "(U0RITA)") {
		t.Errorf("%s", all)
	}
	if strings.Contains(open, "CBH-1") || !strings.Contains(open, "CBH-2") || !strings.HasSuffix(open, "1 of 1\n") {
		t.Errorf("%s", open)
	}
	if out := w.operated(0, "requests", "--limit=1"); strings.Contains(out, "CBH-1") || !strings.HasSuffix(out, "1 of 2\n") {
		t.Errorf("%s", out)
	}
	whole := w.operated(0, "request", "CBH-2")
	isShown(t, "commands.md", 0, all)
	isShown(t, "commands.md", 1, whole)
	for _, words := range []string{"pending: upgrade of bastion-archive, revision 1", "by rita (U0RITA) in " + slackemu.ChannelOps, "to be safe", "1 of U0ANA, U0BO", " expire\n", "remind (stage 1)", "shown    card: ", "queues   act 20"} {
		if !strings.Contains(whole, words) {
			t.Errorf("no %q in\n%s", words, whole)
		}
	}
	var read struct {
		ID     int64
		Name   string
		Record *approvals.Request
		Queue  map[store.Queue]string
		Shown  map[string]string
		Tasks  []approvals.Task
	}
	if err := json.Unmarshal([]byte(w.operated(0, "request", "cbh-2", "--json")), &read); err != nil || read.Name != "CBH-2" || read.Record.State != approvals.Pending ||
		read.Queue[store.Act] == "" || read.Shown["card"] == "" || len(read.Tasks) == 0 {
		t.Errorf("%v: %+v", err, read)
	}
	if out := w.operated(1, "request", "9"); !strings.Contains(out, "there is no CBH-9; cbhbot requests lists them") {
		t.Error(out)
	}
}

// TestSystemdStartsACrashedBotAgain: the unit keeps what ends with the code of a mistake in the
// settings from being started again, and Go has the same code for a crash.
func TestSystemdStartsACrashedBotAgain(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile(filepath.Join(top, "deploy/cbhbot.service"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, cbhemu.Options{})
	var env []string
	for _, set := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllSubmatch(unit, -1) {
		env = append(env, string(set[1]))
	}
	p := w.start(env...)
	p.cmd.Process.Signal(syscall.SIGQUIT) // it ends as from a panic
	<-p.gone
	if code := p.cmd.ProcessState.ExitCode(); code == 2 || !strings.Contains(p.log.String(), "goroutine ") {
		t.Errorf("it ends with %d: %s", code, p.log)
	}
}
