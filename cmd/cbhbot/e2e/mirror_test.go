package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// TestTheAuditIsMirroredOnce has two bots with the same file and channel, as
// replicas on one host would have.
func TestTheAuditIsMirroredOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(path, []byte(`{"torn`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, cbhemu.Options{}, "CBHBOT_AUDIT_FILE="+path, "CBHBOT_AUDIT_CHANNEL="+slackemu.ChannelGeneral)
	first, second := w.start(), w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am -- `forged`")
	card := w.sees(ana, "waiting for approval")
	w.presses(slackemu.UserGus, card, "Approve")
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	entries := w.exported()
	last := fmt.Sprintf("#%d ", len(entries))
	w.until("the mirror in the channel", func() bool { return strings.Contains(w.mirrored(), last) })
	await(t, "the mirror in the file", func() bool {
		text, err := os.ReadFile(path)
		return err == nil && strings.Count(string(text), "\n") > len(entries)
	})
	first.stop()
	second.stop()

	for i, e := range entries {
		if n := strings.Count(w.mirrored(), fmt.Sprintf("#%d ", i+1)); n != 1 {
			t.Errorf("entry %d (%s) is in the channel %d times:\n%s", i+1, e.Verb, n, w.mirrored())
		}
	}
	for _, want := range []string{"`rita` `U0RITA` *ask* · CBH-1 revision 1 · `bastion-prod` · waiting for approval · because `'forged'`", "*refused*: `guest`", "the cloud: accepted"} {
		if !strings.Contains(w.mirrored(), want) {
			t.Errorf("the channel lacks %q:\n%s", want, w.mirrored())
		}
	}
	if strings.Contains(w.mirrored(), "<@") {
		t.Errorf("the mirror mentions people:\n%s", w.mirrored())
	}
	w.inFile(path, entries)
}

// mirrored is all that the audit's channel shows.
func (w *world) mirrored() string {
	var text strings.Builder
	for _, m := range w.slack.Messages(slackemu.ChannelGeneral) {
		text.WriteString(m.Text + "\n")
	}
	return text.String()
}

// inFile wants the entries behind the torn line, each once and in order.
func (w *world) inFile(path string, entries []audit.Entry) {
	w.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != len(entries)+1 {
		w.t.Fatalf("%d lines for %d entries:\n%s", len(lines), len(entries), text)
	}
	for i, line := range lines[1:] {
		var e audit.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Hash != entries[i].Hash {
			w.t.Errorf("line %d is not entry %d: %s", i+2, i+1, line)
		}
	}
}

// TestAMirrorThatFailsHoldsUpNothing has entries to mirror when the bot starts,
// and no place that takes them.
func TestAMirrorThatFailsHoldsUpNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	first := w.start()
	card := w.card("in 3 days at 2am")
	first.stop()
	place := store.DefaultPrefix + "mirrored:channel:" + slackemu.ChannelOld
	if err := w.redis.Client().Set(t.Context(), place, "0-0", 0).Err(); err != nil {
		t.Fatal(err)
	}
	p := w.start("CBHBOT_AUDIT_FILE="+filepath.Join(t.TempDir(), "nowhere", "audit.jsonl"), "CBHBOT_AUDIT_CHANNEL="+slackemu.ChannelOld)
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	await(t, "the copies to lag", func() bool {
		return p.metric(t, `cbhbot_audit_copy_lag_seconds{copy="file"}`) > "0" && p.metric(t, `cbhbot_audit_copy_lag_seconds{copy="channel:`+slackemu.ChannelOld+`"}`) > "0"
	})
	p.stop()
	if !strings.Contains(p.log.String(), `"code":"audit_unwritable"`) {
		t.Error("no warning at the start")
	}
	for _, name := range []string{"file", "channel:" + slackemu.ChannelOld} {
		if warning := `"mirror":"` + name + `","msg":"the audit could not be mirrored`; !strings.Contains(p.log.String(), warning) {
			t.Errorf("no warning about %s", name)
		}
	}
}
