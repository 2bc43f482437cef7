package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// act does something in the panel, and returns what it says, or that it cannot.
func (b *box) act(body object) (text, wrong string) {
	b.Helper()
	var told struct{ Text, Error string }
	b.send("POST", "/_panel/act", body, &told)
	return told.Text, told.Error
}

// acts is act for what is to work.
func (b *box) acts(body object) string {
	b.Helper()
	text, wrong := b.act(body)
	if wrong != "" {
		b.Fatalf("%v: %s", body, wrong)
	}
	return text
}

// panelView is what the panel shows, as far as tests look at it.
type panelView struct {
	Now  time.Time
	Next []panelMoment // nil: nobody knows
	Bot  struct {
		Runs  bool
		PID   int
		Kills int
	}
	Count *struct{ Acked, Handled, Waiting, Aside, Lost, Twice int }
	Cloud []struct{ Name, Version, Offer, State, At, Fate string }
	Calls []panelCall
	Slack map[string]bool
	Hangs bool
	Redis struct{ Embedded, Up bool }

	Faults []cbhemu.Fault
	Ambush bool
	Tour   struct{ Name string }
}

type panelMoment struct {
	At                time.Time
	Kind, About, Card string
}

type panelCall struct{ ID, Op, Method, Fault string }

func (b *box) panel() (v panelView) {
	b.Helper()
	b.get("/_panel/state", &v)
	return v
}

// next is what comes next, and after that.
func (b *box) next() (all []panelMoment) {
	b.Helper()
	await(b, "Redis", func() bool { all = b.panel().Next; return all != nil })
	return all
}

// counts waits until the panel counts so.
func (b *box) counts(what string, so func(v panelView) bool) {
	b.Helper()
	await(b, what, func() bool { v := b.panel(); return v.Count != nil && so(v) })
}

// TestThePanelGoesFromMomentToMoment presses one button until nothing lies ahead, and
// reads in the thread, without waiting, what each press has brought.
func TestThePanelGoesFromMomentToMoment(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	if text := b.acts(object{"do": "next"}); !strings.Contains(text, "Nothing lies ahead") {
		t.Errorf("with nothing ahead it says %q", text)
	}
	b.types("upgrade bastion-prod sunday 2am -- security fixes", "is recorded; its card goes to")
	card := b.sees("waiting for approval")
	goes := func(kind, words string) {
		t.Helper()
		await(t, "the "+kind+" to come next, with its card", func() bool {
			next := b.next()
			return len(next) > 0 && next[0].Kind == kind && next[0].Card == card.TS
		})
		b.acts(object{"do": "next"})
		if len(b.found(words, "0s")) == 0 {
			t.Fatalf("after the %s nobody reads %q:\n%s", kind, words, b.conversation())
		}
	}
	goes("reminder", "your answer is missing")
	b.presses(ana, card, "Approve")
	b.sees("*Scheduled.*")
	goes("heads-up", "begins within 24 hours")
	goes("heads-up", "begins within 1 hour")
	goes("upgrade", "*Started.*")
	goes("end", "*Finished.*")
	if next := b.next(); len(next) != 0 {
		t.Errorf("after the end there comes %+v", next)
	}
}

// TestThePanelStopsWhereSomethingIsDue skips ten days at once: what is due on the way
// happens in its order, and when it is due.
func TestThePanelStopsWhereSomethingIsDue(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.scheduled()
	b.acts(object{"do": "skip", "value": "240h"})
	text, at := b.conversation(), -1
	for _, words := range []string{"*Scheduled.*", "begins within 24 hours", "begins within 1 hour", "*Started.*", "*Finished.*"} {
		if next := strings.Index(text, words); next > at {
			at = next
			continue
		}
		t.Errorf("%q is not where it belongs in\n%s", words, text)
	}
	if !strings.Contains(text, "in 34 min") {
		t.Errorf("the upgrade did not take its time:\n%s", text)
	}
}

// TestThePanelGoesToADeadline lets a request expire by going to a moment of the list.
func TestThePanelGoesToADeadline(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.types("upgrade bastion-prod sunday 2am", "is recorded; its card goes to")
	b.sees("waiting for approval")
	next := b.next()
	last := next[len(next)-1]
	if last.Kind != "deadline" {
		t.Fatalf("the last of what comes is %+v", next)
	}
	b.acts(object{"do": "to", "value": last.At.Format(time.RFC3339Nano)})
	if len(b.found("your answer is missing", "0s")) != 3 || len(b.found("expired", "0s")) == 0 {
		t.Errorf("on the way to the deadline and there nobody reads what is due:\n%s", b.conversation())
	}
}

// TestThePanelSeesEachFate gives four bastions a fate, and goes on until the bot has
// given up waiting for each.
func TestThePanelSeesEachFate(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	for _, fate := range []string{"never starts", "stuck", "unchanged", "error"} {
		name := "bastion-" + strings.ReplaceAll(fate, " ", "-")
		b.acts(object{"do": "bastion", "name": name})
		b.acts(object{"do": "fate", "name": name, "value": fate})
		b.types("upgrade "+name+" sunday 2am", name+"`*, Sun 29 Nov")
		card := b.card(name)
		b.presses(ana, card, "Approve")
		b.reads(card, "*Scheduled.*")
	}
	kinds := map[string]int{}
	for next := b.next(); len(next) > 0; next = b.next() {
		kinds[next[0].Kind]++
		b.acts(object{"do": "next"})
	}
	for kind, words := range map[string][]string{"missed": {"*Missed.*"}, "stuck": {"*Stuck.*"}, "end": {"*Failed.*", "*Failed.*"}} {
		if kinds[kind] != len(words) || len(b.found(words[0], "0s")) != len(words) {
			t.Errorf("%s came %d times, and %d read %q:\n%s", kind, kinds[kind], len(b.found(words[0], "0s")), words[0], b.conversation())
		}
	}
}

// card waits for the card of a bastion's request.
func (b *box) card(bastion string) (card slackemu.Message) {
	b.Helper()
	await(b, "the card of "+bastion, func() bool {
		for _, m := range b.found(bastion, "100ms") {
			if m.ThreadTS == "" && m.EphemeralFor == "" && strings.Contains(m.Text, "waiting for approval") {
				card = m
			}
		}
		return card.TS != ""
	})
	return card
}

func TestThePanelChangesIDs(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.acts(object{"do": "fate", "name": "bastion-prod", "value": "changes ids"})
	before := b.instance()
	b.scheduled()
	b.acts(object{"do": "skip", "value": "96h"})
	if after := b.instance(); after.ServerID == before.ServerID || len(b.found("Another server id", "0s")) == 0 {
		t.Errorf("%s became %s:\n%s", before.ServerID, after.ServerID, b.conversation())
	}
}

// TestThePanelActsInTheConsole schedules, moves and cancels behind the bot's back, and
// adds a bastion.
func TestThePanelActsInTheConsole(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.scheduled()
	at := b.instance().UpgradeTime
	b.acts(object{"do": "console", "name": "bastion-prod", "value": "later"})
	b.acts(object{"do": "skip", "value": "1h"})
	if moved := b.instance().UpgradeTime; moved.Sub(at).Hours() != 1 || len(b.found("*Changed outside.*", "0s")) == 0 {
		t.Errorf("%s became %s:\n%s", at, moved, b.conversation())
	}
	b.acts(object{"do": "console", "name": "bastion-prod", "value": "cancel"})
	if at := b.instance().UpgradeTime; !at.IsZero() {
		t.Errorf("cancelled, and scheduled for %s", at)
	}
	if _, wrong := b.act(object{"do": "console", "name": "bastion-prod", "value": "earlier"}); wrong == "" {
		t.Error("what is not scheduled was moved")
	}
	b.acts(object{"do": "console", "name": "bastion-prod", "value": "schedule"})
	if b.instance().UpgradeTime.IsZero() {
		t.Error("nothing was scheduled")
	}
	b.acts(object{"do": "bastion", "name": "bastion-paris"})
	if _, wrong := b.act(object{"do": "bastion", "name": "bastion-paris"}); !strings.Contains(wrong, "exists already") {
		t.Errorf("the same bastion twice: %q", wrong)
	}
	b.types("instances paris", "bastion-paris")
}

// TestThePanelShowsTheCallsOfTheBot reads a call's body and answer, and finds no secret
// in any of them.
func TestThePanelShowsTheCallsOfTheBot(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	b.scheduled()
	ops := map[string]bool{}
	for _, c := range b.panel().Calls {
		var whole cbhemu.Request
		b.get("/_panel/call?id="+c.ID, &whole)
		ops[c.Op] = true
		if whole.Method != c.Method || c.Op == cbhemu.OpList && !strings.Contains(whole.Answer, "bastion-prod") ||
			c.Op == cbhemu.OpUpgrade && !strings.Contains(whole.Body, b.instance().ServerID) {
			t.Errorf("%s: %+v", c.Op, whole)
		}
		if strings.Contains(whole.Body+whole.Answer, cbhemu.DefaultPassword) {
			t.Errorf("%s shows the password: %s", c.Op, whole.Body)
		}
	}
	if !ops[cbhemu.OpToken] || !ops[cbhemu.OpList] || !ops[cbhemu.OpUpgrade] {
		t.Errorf("only %v were called", ops)
	}
}

// reads waits until words stand in the thread of a card.
func (b *box) reads(card slackemu.Message, words string) {
	b.Helper()
	await(b, words, func() bool {
		return slices.ContainsFunc(b.found(words, "100ms"), func(m slackemu.Message) bool { return m.ThreadTS == card.TS })
	})
}

// TestThePanelMakesTheCloudAnswer lets the next upgrade call be answered in each way.
func TestThePanelMakesTheCloudAnswer(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	for answer, words := range map[string]string{
		"401": "*Scheduled.*", "403 latest": "already has the latest version", "403 agent": "agent is not started", "404": "knows no such instance",
		"429": "*Scheduled.*", "500": "*Unclear.*", "reset after it took effect": "*Scheduled.*", "500 although it took effect": "*Scheduled.*",
	} {
		name := "bastion-" + strings.ReplaceAll(answer, " ", "-")
		b.acts(object{"do": "bastion", "name": name})
		b.acts(object{"do": "answer", "name": "upgrade", "value": answer})
		b.types("upgrade "+name+" sunday 2am", name+"`*, Sun 29 Nov")
		card := b.card(name)
		b.presses(ana, card, "Approve")
		b.reads(card, words)
		var called []cbhemu.Request
		b.get("/_control/cbh/requests?op=upgrade", &called)
		if of := slices.DeleteFunc(called, func(r cbhemu.Request) bool { return !strings.Contains(r.Body, b.serverID(name)) }); len(of) == 0 || of[0].Fault == "" {
			t.Errorf("%s: the first call was answered as ever: %+v", answer, of)
		}
	}
	b.counts("nothing lost, nothing twice", func(v panelView) bool { return v.Count.Handled == v.Count.Acked && v.Count.Lost+v.Count.Twice == 0 })
}

// TestThePanelSaysWhatThereIs, where it is asked for something else.
func TestThePanelSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	for says, wanted := range map[string]object{
		"401, 403 agent, 403 latest, 404, 429, 500":        {"do": "answer", "name": "upgrade", "value": "403"},
		"there are upgrade, cancel, rollback, list, token": {"do": "answer", "name": "upgrad", "value": "429"},
		`"stuck" "never starts"`:                           {"do": "fate", "name": "bastion-prod", "value": "fails"},
	} {
		if _, wrong := b.act(wanted); !strings.Contains(wrong, says) {
			t.Errorf("%v: %q", wanted, wrong)
		}
	}
}

func (b *box) serverID(bastion string) string {
	b.Helper()
	var all []cbhemu.Instance
	b.get("/_control/cbh/instances", &all)
	at := slices.IndexFunc(all, func(i cbhemu.Instance) bool { return i.Name == bastion })
	if at < 0 {
		b.Fatalf("the cloud has no %s", bastion)
	}
	return all[at].ServerID
}

// TestThePanelKillsTheBotAtTheWorstMoment has the cloud carry the call out while nobody
// is left to hear it: the bot that is started afterwards finds out, and calls no more.
func TestThePanelKillsTheBotAtTheWorstMoment(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	first := b.panel().Bot
	b.acts(object{"do": "bot", "value": "ambush", "on": true})
	b.approves("upgrade bastion-prod sunday 2am")
	await(t, "the bot's death", func() bool { return !b.panel().Bot.Runs })
	if b.instance().UpgradeTime.IsZero() || len(b.found("*Scheduled.*", "0s")) != 0 {
		t.Error("it was not killed between the call and its answer")
	}
	b.acts(object{"do": "bot", "value": "start"})
	b.acts(object{"do": "next"}) // the bot looks what became of the call
	b.sees("*Scheduled.*")
	if v := b.panel(); v.Bot.PID == first.PID || v.Bot.Kills != 1 || b.posts() != 1 {
		t.Errorf("%+v, %d calls", v.Bot, b.posts())
	}
	b.counts("two acts, handled", func(v panelView) bool {
		return v.Count.Acked == 2 && v.Count.Handled == 2 && v.Count.Lost+v.Count.Twice == 0
	})
}

// TestThePanelKillsAndStartsTheBot has nobody answer while it is dead, which its outputs that stay
// open hide from nobody.
func TestThePanelKillsAndStartsTheBot(t *testing.T) {
	t.Parallel()
	b := openBox(t, "prod")
	for output := 1; output <= 2; output++ {
		held, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/%d", b.panel().Bot.PID, output), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer held.Close()
	}
	b.acts(object{"do": "bot", "value": "kill"})
	if _, wrong := b.act(object{"do": "bot", "value": "kill"}); wrong == "" {
		t.Error("a dead bot was killed")
	}
	if d := b.command("status"); d.Acked {
		t.Error("a dead bot acked a command")
	}
	b.acts(object{"do": "bot", "value": "start"})
	if _, wrong := b.act(object{"do": "bot", "value": "start"}); wrong == "" {
		t.Error("a second bot was started")
	}
	b.connected()
	b.types("status", "Nothing is open")
}
