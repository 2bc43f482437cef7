package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

const auditKey = store.DefaultPrefix + "audit"

// audited is a workspace whose bot has ended after a request, a refused press,
// an approval and a call. It returns the card.
func audited(t *testing.T) (*world, *slackemu.Shown) {
	t.Helper()
	w := newWorld(t, cbhemu.Options{})
	p := w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am -- =HYPERLINK(\"http://evil\")")
	card := w.sees(ana, "waiting for approval")
	w.presses(slackemu.UserGus, card, "Approve")
	w.sees(slackemu.UserGus, "active members of this workspace")
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	p.stop()
	return w, card
}

// audit runs the program's audit command.
func (w *world) audit(args ...string) (text string, code int) {
	w.t.Helper()
	return output(w.t, []string{"REDIS_URL=" + w.redis.URL()}, append([]string{"audit"}, args...)...)
}

// exported are the entries that the program exports.
func (w *world) exported(args ...string) []audit.Entry {
	w.t.Helper()
	text, code := w.audit(append([]string{"export"}, args...)...)
	if code != 0 {
		w.t.Fatal(text)
	}
	var entries []audit.Entry
	for line := range strings.Lines(text) {
		var e audit.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			w.t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

func TestTheAuditSaysWhoDidWhatFromWhere(t *testing.T) {
	t.Parallel()
	w, card := audited(t)
	entries := w.exported()
	find := func(verb approvals.Verb, actor string) audit.Entry {
		t.Helper()
		at := slices.IndexFunc(entries, func(e audit.Entry) bool { return e.Verb == verb && e.Actor.ID == actor })
		if at < 0 {
			t.Fatalf("nothing of %s by %q in %v", verb, actor, entries)
		}
		return entries[at]
	}
	for _, want := range []struct {
		verb                 approvals.Verb
		actor, name, message string
		from, to             approvals.State
	}{
		{"ask", rita, "rita", "", "", approvals.Pending},
		{"approve", slackemu.UserGus, "gus", card.TS, approvals.Pending, approvals.Pending},
		{"approve", ana, "ana", card.TS, approvals.Pending, approvals.Approved},
	} {
		e := find(want.verb, want.actor)
		if e.Actor.Team != slackemu.TeamHome || e.Actor.Name != want.name || e.Actor.Email != want.name+"@example.com" {
			t.Errorf("%s: who: %+v", want.verb, e.Actor)
		}
		if e.Channel != slackemu.ChannelOps || e.Message != want.message || e.Event == "" || time.Since(e.At) > time.Minute {
			t.Errorf("%s: from where and when: %s %q %q %s", want.verb, e.Channel, e.Message, e.Event, e.At)
		}
		if e.Request != 1 || e.Revision != 1 || e.Instance != "bastion-prod" || e.ServerID == "" || e.From != want.from || e.To != want.to || e.Due.IsZero() {
			t.Errorf("%s: what: %+v", want.verb, e)
		}
		if refused := want.actor == slackemu.UserGus; refused != (e.Refused != "") || refused && !strings.Contains(e.Refused, "guest") {
			t.Errorf("%s by %s: refused: %q", want.verb, want.actor, e.Refused)
		}
	}
	if e := find("ask", rita); e.Reason != `=HYPERLINK("http://evil")` {
		t.Errorf("the reason is %q", e.Reason)
	}
	call := w.cloud.Requests(cbhemu.OpUpgrade)[0]
	if e := find("finish", ""); e.Cloud.Kind != approvals.Accepted || e.Cloud.Status != 200 || e.Cloud.RequestID != call.ID || e.To != approvals.Scheduled {
		t.Errorf("the call %s: %+v", call.ID, e.Cloud)
	}
	second := entries[1].At.Format(time.RFC3339Nano)
	before, since := w.exported("--until", second), w.exported("--since", second)
	if got := append(slices.Clip(before), since...); len(before) == 0 || !slices.Equal(seqs(got), seqs(entries)) {
		t.Errorf("until the second entry %v and since it %v", seqs(before), seqs(since))
	}
	if later := w.exported("--since", time.Now().Add(time.Hour).Format(time.RFC3339)); len(later) != 0 {
		t.Errorf("%d entries since the future", len(later))
	}
	if text, code := w.audit("verify"); code != 0 || !strings.HasPrefix(text, fmt.Sprintf("%d entries, each follows the one before it; the last was sealed at 20", len(entries))) {
		t.Errorf("verify: %s", text)
	}
	w.exportsCSV(entries)
}

// seqs are the numbers of entries, in their order: what happens at nearly the same time may be sealed the other way round.
func seqs(entries []audit.Entry) (all []int64) {
	for _, e := range entries {
		all = append(all, e.Seq)
	}
	slices.Sort(all)
	return all
}

// exportsCSV wants a row for each entry, and people's words in it as words.
func (w *world) exportsCSV(entries []audit.Entry) {
	w.t.Helper()
	text, code := w.audit("export", "--format", "csv")
	if code != 0 {
		w.t.Fatal(text)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != len(entries)+1 || !slices.Contains(rows[0], "reason") {
		w.t.Fatalf("%d rows: %v", len(rows), err)
	}
	reason := slices.Index(rows[0], "reason")
	if got := rows[1][reason]; got != `'=HYPERLINK("http://evil")` {
		w.t.Errorf("the reason's cell is %q", got)
	}
}

// tampering is what somebody with the Redis does to the stream, and what verify
// says of it.
type tampering struct {
	does func([]string) []string // on the entries' JSON
	says string
}

// tamperings are for a chain of n entries.
func tamperings(t *testing.T, n int) map[string]tampering {
	edit := func(text string) string {
		changed := strings.Replace(text, slackemu.ChannelOps, "C0OTHER", 1)
		if changed == text {
			t.Fatalf("nothing to change in %s", text)
		}
		return changed
	}
	return map[string]tampering{
		"edited": {func(e []string) []string { e[1] = edit(e[1]); return e }, "audit entry 2: its content does not match its hash"},
		"edited, with a hash that fits": {func(e []string) []string { e[1] = rehashed(t, edit(e[1])); return e },
			"audit entry 3: does not follow the entry before it"},
		"the last edited, with a hash that fits": {func(e []string) []string {
			e[n-1] = rehashed(t, strings.Replace(e[n-1], "bastion-prod", "other", 1))
			return e
		},
			fmt.Sprintf("audit entry %d: is not the entry that the head of the chain names", n)},
		"deleted":         {func(e []string) []string { return slices.Delete(e, 2, 3) }, "audit entry 3: missing or out of place (entry 4 stands there)"},
		"swapped":         {func(e []string) []string { e[1], e[2] = e[2], e[1]; return e }, "audit entry 2: missing or out of place (entry 3 stands there)"},
		"repeated":        {func(e []string) []string { return slices.Insert(e, 2, e[1]) }, "audit entry 3: missing or out of place (entry 2 stands there)"},
		"tail cut":        {func(e []string) []string { return e[:n-1] }, fmt.Sprintf("audit entry %d: missing: the chain ends here, but its head is entry %d", n, n)},
		"beginning cut":   {func(e []string) []string { return e[2:] }, "audit entry 1: missing or out of place (entry 3 stands there)"},
		"emptied":         {func([]string) []string { return nil }, fmt.Sprintf("audit entry 1: missing: the chain ends here, but its head is entry %d", n)},
		"made unreadable": {func(e []string) []string { e[1] = "{"; return e }, "audit entry 2: cannot be read"},
		"a key added":     {func(e []string) []string { e[1] = strings.Replace(e[1], "{", `{"weather":"fine",`, 1); return e }, "audit entry 2: something was added beside what is sealed"},
		"a key repeated": {func(e []string) []string {
			e[1] = strings.Replace(e[1], `"verb":`, `"verb":"deny","verb":`, 1)
			return e
		}, "audit entry 2: something was added beside what is sealed"},
		"added to": {func(e []string) []string { return append(e, following(t, e[n-1])) }, fmt.Sprintf("audit entry %d: stands behind the head of the chain, which is entry %d", n+1, n)},
	}
}

// rehashed is an entry's JSON with the hash that fits it.
func rehashed(t *testing.T, text string) string {
	t.Helper()
	var e audit.Entry
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	e.Hash = hashOf(e)
	return encoded(e)
}

func hashOf(e audit.Entry) string {
	e.Hash = ""
	sum := sha256.Sum256([]byte(encoded(e)))
	return hex.EncodeToString(sum[:])
}

func encoded(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// following is a forged entry that fits behind another.
func following(t *testing.T, text string) string {
	t.Helper()
	var last audit.Entry
	if err := json.Unmarshal([]byte(text), &last); err != nil {
		t.Fatal(err)
	}
	return rehashed(t, encoded(audit.Entry{Seq: last.Seq + 1, At: last.At, Verb: "approve", Prev: last.Hash}))
}

// chained is a Redis with an audit of six entries, and nothing around it.
func chained(t *testing.T) (*world, []string) {
	t.Helper()
	w := &world{t: t, redis: redistest.Start(t)}
	var entries []audit.Entry
	for i := range 6 {
		entries = append(entries, audit.Entry{
			At: time.Date(2026, 11, 25, 12, i, 0, 0, time.UTC), Actor: approvals.Person{ID: ana}, Verb: "approve",
			Request: int64(i), Instance: "bastion-prod", Channel: slackemu.ChannelOps,
		})
	}
	return w, w.rewrite(entries)
}

// rewrite writes a whole chain, with its head, so that it holds.
func (w *world) rewrite(entries []audit.Entry) []string {
	w.t.Helper()
	var texts []string
	prev := ""
	for i, e := range entries {
		e.Seq, e.Prev = int64(i+1), prev
		e.Hash = hashOf(e)
		texts, prev = append(texts, encoded(e)), e.Hash
	}
	rdb := w.redis.Client()
	replace(w.t, rdb, texts)
	rdb.Set(w.t.Context(), auditKey+":head", fmt.Sprintf("%d:%s", len(texts), prev), 0)
	return texts
}

func TestAuditVerifyNamesWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	w, entries := chained(t)
	rdb := w.redis.Client()
	for name, tampering := range tamperings(t, len(entries)) {
		replace(t, rdb, tampering.does(slices.Clone(entries)))
		text, code := w.audit("verify")
		if code == 0 || !strings.Contains(text, tampering.says) {
			t.Errorf("%s: %s", name, text)
		}
	}
	replace(t, rdb, entries)
	if text, code := w.audit("verify"); code != 0 {
		t.Errorf("put back: %s", text)
	}
}

func TestACopyOfTheAuditShowsARewrittenOne(t *testing.T) {
	t.Parallel()
	w, _ := chained(t)
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	text, code := w.audit("export")
	if code != 0 {
		t.Fatal(text)
	}
	if err := os.WriteFile(path, []byte("{torn\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, code := w.audit("verify", "--against", path); code != 0 || !strings.Contains(text, "of them are in "+path) {
		t.Errorf("untouched: %s", text)
	}
	entries := w.exported()
	whole := slices.Clone(entries)
	entries[1].Actor.ID = bo
	for says, left := range map[string][]audit.Entry{
		"audit entry 2: differs from its copy":            entries,
		"audit entry 3: is in the copy, and not in Redis": whole[:2],
	} {
		w.rewrite(left)
		if text, code := w.audit("verify"); code != 0 {
			t.Errorf("the chain does not hold: %s", text)
		}
		if text, code := w.audit("verify", "--against", path); code == 0 || !strings.Contains(text, says) {
			t.Errorf("instead of %q: %s", says, text)
		}
	}
}

// replace writes the audit stream again.
func replace(t *testing.T, rdb redis.UniversalClient, entries []string) {
	t.Helper()
	ctx := context.Background()
	rdb.Del(ctx, auditKey)
	for _, text := range entries {
		if err := rdb.XAdd(ctx, &redis.XAddArgs{Stream: auditKey, Values: []string{"entry", text}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatOnlyACopyOrAnEarlierSealShows: the chain that is left holds.
func TestWhatOnlyACopyOrAnEarlierSealShows(t *testing.T) {
	t.Parallel()
	w, _ := audited(t)
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	text, _ := w.audit("export")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	verified, code := w.audit("verify")
	_, seal, found := strings.Cut(strings.TrimSpace(verified), "the seal is ")
	if code != 0 || !found {
		t.Fatal(verified)
	}
	if text, code := w.audit("verify", "--seal", seal, "--against", path); code != 0 {
		t.Errorf("untouched: %s", text)
	}
	entries, rdb := w.exported(), w.redis.Client()
	rdb.Set(t.Context(), auditKey+":anchor", fmt.Sprintf("2:%s", entries[1].Hash), 0)
	rdb.XTrimMaxLen(t.Context(), auditKey, int64(len(entries)-2))
	if text, code := w.audit("verify"); code != 0 {
		t.Errorf("the chain does not hold: %s", text)
	}
	if text, code := w.audit("verify", "--against", path); code == 0 || !strings.Contains(text, "audit entry 1: is in the copy, and not in Redis") {
		t.Errorf("the beginning cut off: %s", text)
	}
	rdb.Del(t.Context(), auditKey, auditKey+":head", auditKey+":anchor", auditKey+":new")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"the audit is empty, although there are requests (1)", []string{"verify"}},
		{"the audit is empty", []string{"verify", "--seal", seal}},
	} {
		if text, code := w.audit(c.args...); code == 0 || !strings.Contains(text, c.says) {
			t.Errorf("emptied: %s", text)
		}
	}
	rdb.FlushAll(t.Context())
	if text, code := w.audit("verify", "--seal", seal); code == 0 || !strings.Contains(text, "was sealed then, and is not there") {
		t.Errorf("all of Redis emptied: %s", text)
	}
}
