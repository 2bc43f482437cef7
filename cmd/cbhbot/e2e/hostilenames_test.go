package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// hostileNames are what a cloud may call a bastion.
var hostileNames = []string{
	"<!channel> <@U0GUS|bo>",
	"<https://evil.example|bastion-prod>",
	"x\r\n*Approved* by <@U0ANA>",
	"a`b` *bold* _it_ ~s~",
	"\u202egnirts\u2066\u200b\u3164\ufe0f\u0085z",
	strings.Repeat("&", 64),
	strings.Repeat("n", 10_000),
	"",
	" ",
}

// hostileFleet is a bastion for each of them.
func hostileFleet() cbhemu.Options {
	one := cbhemu.New(cbhemu.Options{}).Instance("bastion-prod")
	instances := []cbhemu.Instance{one}
	for n, name := range hostileNames {
		one.Name, one.ServerID, one.InstanceID = name, fmt.Sprintf("5e7ve71d-%d", n), fmt.Sprint("in-", n)
		instances = append(instances, one)
	}
	return cbhemu.Options{Instances: instances}
}

// answersTo types a command and returns what Rita alone is answered.
func (w *world) answersTo(command string) slackemu.Message {
	w.t.Helper()
	before := len(w.toldRita())
	w.types(rita, command)
	w.until("an answer to "+command, func() bool { return len(w.toldRita()) > before })
	return w.toldRita()[before]
}

// toldRita is what Rita alone sees in #ops.
func (w *world) toldRita() []slackemu.Message {
	var private []slackemu.Message
	for _, m := range w.slack.As(rita).Sees(slackemu.ChannelOps) {
		if m.EphemeralFor == rita && m.FromApp {
			private = append(private, m.Message)
		}
	}
	return private
}

// forged begins a line, in a text without markup, that only the bot may write.
var forged = regexp.MustCompile(`(?m)^\*Approved\*|[\x{80}-\x{9f}\x{3164}\x{fe0f}]`)

func TestHostileNamesOfBastionsAreJustNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, hostileFleet())
	p := w.start()
	for n := range hostileNames {
		id := fmt.Sprintf("5e7ve71d-%d", n)
		for _, command := range []string{
			"instances", "status " + id, "status " + id[:len(id)-1], "withdraw " + id, "cancel " + id, "policy " + id, "history " + id,
			"upgrade " + id + " in 3 days at 2am -- " + hostileNames[2], "upgrade " + id + " in 4 days at 2am", "status " + id, "withdraw " + id + " -- " + hostileNames[0], "list",
		} {
			w.answersTo(command)
		}
	}
	w.until("a card for each", func() bool { return w.top("CBH-") == len(hostileNames) })
	for _, m := range w.slack.As(ana).Sees(slackemu.ChannelOps) {
		for _, text := range append(texts(map[string]any{"elements": anyOf(m.Blocks)}), m.Text) {
			if forged.MatchString(strings.TrimPrefix(text, "Why: ")) && !strings.HasPrefix(text, "Why: ") {
				t.Errorf("the app wrote %.300q", text)
			}
		}
	}
	w.tame()
	w.idle()
	if p.ended() {
		t.Error("the bot ended")
	}
}

func anyOf[T any](list []T) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = v
	}
	return all
}
