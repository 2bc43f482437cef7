package handlers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// opens lets somebody open the Home page.
func (d *desk) opens(user string) {
	d.t.Helper()
	d.events++
	if err := d.onHome(context.Background(), bot.Event{ID: fmt.Sprint("event-", d.events), User: user}); err != nil {
		d.t.Fatal(err)
	}
}

// home is all that somebody reads on the Home page.
func (d *desk) home(user string) string {
	d.t.Helper()
	page := d.slack.As(user).Home()
	if page == nil {
		return ""
	}
	return fmt.Sprint(page.Blocks)
}

// round lets the pages be drawn that are due, in a round of its own.
func (d *desk) round() {
	d.t.Helper()
	d.redis.Del(context.Background(), d.Memory.turn())
	if err := d.redrawHomes(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) published() (n int) {
	for _, call := range d.slack.Calls() {
		if call.Method == "views.publish" {
			n++
		}
	}
	return n
}

// TestHomeWithAThousandOfAll is drawn soon, within Slack's limits, and asks Slack about
// people and links a few times in all.
func TestHomeWithAThousandOfAll(t *testing.T) {
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(2000))
	began := time.Now()
	d.openRequestsFor(1000)
	asked := time.Since(began)
	before := len(d.slack.Calls())
	began = time.Now()
	d.opens(slackemu.UserAna)
	took := time.Since(began).Round(time.Millisecond)
	t.Logf("1,000 open requests and 2,000 bastions: after %s, and they were asked for in %s", took, asked)
	for _, says := range []string{"Waiting for you: 1000", "Upgrades on offer: 1000", "1 to 5 of 1000"} {
		d.until(says, func() bool { // while the cloud's list takes long, it is drawn again
			d.Changed()
			d.round()
			return strings.Contains(d.home(slackemu.UserAna), says)
		})
	}
	page := d.slack.As(slackemu.UserAna).Home()
	if calls := len(d.slack.Calls()) - before; calls > 10 || len(page.Blocks) > 100 || took > max(3*time.Second, asked/4) {
		t.Errorf("%d calls, %d blocks, %s", calls, len(page.Blocks), took)
	}
}

// TestAPageIsDrawnAgainOnlyWhenItLooksDifferent, once for however many changes.
func TestAPageIsDrawnAgainOnlyWhenItLooksDifferent(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.opens(slackemu.UserAna)
	d.Changed()
	d.round()
	if n := d.published(); n != 1 {
		t.Fatalf("%d calls without a change", n)
	}
	d.openRequestsFor(3)
	d.Changed()
	d.round()
	d.round()
	if got := d.home(slackemu.UserAna); d.published() != 2 || !strings.Contains(got, "Waiting for you: 3") {
		t.Errorf("%d calls: %s", d.published(), got)
	}
	if due := d.redis.ZCard(context.Background(), d.Memory.due()).Val(); due != 0 {
		t.Errorf("%d pages are still due", due)
	}
}

// TestAPageThatHangsHoldsUpNobodyElses: of those that are drawn in a round, all begin at once.
func TestAPageThatHangsHoldsUpNobodyElses(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	for _, user := range []string{slackemu.UserAna, slackemu.UserBo, slackemu.UserRita} {
		d.opens(user)
	}
	d.openRequestsFor(3)
	d.Changed()
	before, began := d.published(), time.Now()
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"views.publish": {After: true, Delay: time.Hour}}})
	d.round()
	if took := time.Since(began); took > 5*time.Second { // each is waited for 2.5 s
		t.Errorf("a round took %s", took)
	}
	d.until("each is tried", func() bool { return d.published() >= before+3 })
}

// TestATurnOfThePageOutlivesTheOpening: somebody presses Next before the bot has heard
// that the page is shown.
func TestATurnOfThePageOutlivesTheOpening(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(30))
	d.slack.SetFaults(slackemu.Faults{Methods: map[string]slackemu.MethodFault{"views.publish": {Times: 1, After: true, Delay: 400 * time.Millisecond}}})
	opened := make(chan struct{})
	go func() { defer close(opened); d.opens(slackemu.UserAna) }()
	d.until("the first page", func() bool { return strings.Contains(d.home(slackemu.UserAna), "1 to 5 of") })
	d.turns(slackemu.UserAna)
	<-opened
	d.drawnAgain(slackemu.UserAna, "6 to 10 of")
}

func TestWhoeverOpensHomeAfreshSeesTheFirstPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(30))
	d.opens(slackemu.UserAna)
	d.turns(slackemu.UserAna)
	d.drawnAgain(slackemu.UserAna, "6 to 10 of")
	d.opens(slackemu.UserAna)
	d.drawnAgain(slackemu.UserAna, "1 to 5 of")
}

// turns goes to the second page of what is on offer.
func (d *desk) turns(user string) {
	d.t.Helper()
	next := bot.Action{Action: slack.BlockAction{Value: `{"s":"offers","n":1}`}}
	if err := d.onTurn(context.Background(), actor{event: "turn", user: user}, next); err != nil {
		d.t.Fatal(err)
	}
}

// drawnAgain draws somebody's Home page, which then has these words.
func (d *desk) drawnAgain(user, words string) {
	d.t.Helper()
	if err := d.answerHome(context.Background(), actor{event: "turn", user: user}, nil); err != nil {
		d.t.Fatal(err)
	}
	if got := d.home(user); !strings.Contains(got, words) {
		d.t.Error(got)
	}
}

// TestPagesAreKeptWhileHomeIsUsed: whoever uses the page for hours after a turn is not
// taken back to the first one, and a page that is only drawn again does not count as used.
func TestPagesAreKeptWhileHomeIsUsed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	ctx, m := context.Background(), d.Memory
	for _, used := range []bool{false, true} {
		if err := m.turns(ctx, slackemu.UserAna, map[messages.Section]int{messages.Sections[0]: 1}); err != nil {
			t.Fatal(err)
		}
		almostOver := openFor / 60
		m.Redis.Expire(ctx, m.pages(slackemu.UserAna), almostOver)
		if err := m.shows(ctx, slackemu.UserAna, seenHome{}, used); err != nil {
			t.Fatal(err)
		}
		if left := m.Redis.TTL(ctx, m.pages(slackemu.UserAna)).Val(); used != (left > almostOver) {
			t.Errorf("used: %t; the pages are kept for %s", used, left)
		}
	}
}

// TestNobodysLaterPageIsDrawnOver: what somebody has turned to meanwhile stays, and shows
// the change a little later.
func TestNobodysLaterPageIsDrawnOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.opens(slackemu.UserAna)
	seen, _, err := d.Memory.seen(context.Background(), slackemu.UserAna)
	if err != nil {
		t.Fatal(err)
	}
	empty := messages.Voice{Language: messages.Languages[0]}.Home(messages.Home{})
	elsewhere, err := d.Sender.Publish(context.Background(), slackemu.UserAna, "", empty)
	if err != nil || elsewhere.Hash == seen.Hash {
		t.Fatal(elsewhere, err)
	}
	d.openRequestsFor(1)
	d.Changed()
	d.round()
	if got := d.home(slackemu.UserAna); strings.Contains(got, "CBH-1") {
		t.Fatalf("the later page was drawn over: %s", got)
	}
	d.Changed() // which makes it due before its lease is over
	d.round()
	if got := d.home(slackemu.UserAna); !strings.Contains(got, "CBH-1") {
		t.Errorf("the change is not shown: %s", got)
	}
}

// TestEachPageIsDrawnByOneProcess, in turn, so that Slack's limit holds for all together.
func TestEachPageIsDrawnByOneProcess(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	ctx := context.Background()
	for _, user := range []string{"U1", "U2", "U3", "U4", "U5", "U6"} {
		if err := d.Memory.shows(ctx, user, seenHome{}, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Memory.changed(ctx); err != nil {
		t.Fatal(err)
	}
	first, lease, err := d.Memory.round(ctx, time.Minute, mostDrawn)
	if err != nil || len(first) != mostDrawn {
		t.Fatalf("%v, %v", first, err)
	}
	if again, _, err := d.Memory.round(ctx, time.Minute, mostDrawn); err != nil || len(again) != 0 {
		t.Errorf("a second process draws in the same round: %v, %v", again, err)
	}
	d.redis.PExpire(ctx, d.Memory.turn(), time.Hour) // Redis' clock was put back by that
	if early, _, err := d.Memory.round(ctx, time.Minute, mostDrawn); err != nil || len(early) != 0 {
		t.Errorf("a turn that lasts too long is over at once: %v, %v", early, err)
	}
	rest, _, err := d.Memory.round(ctx, time.Minute, mostDrawn)
	if err != nil || strings.Join(append(first, rest...), " ") != "U1 U2 U3 U4 U5 U6" {
		t.Errorf("%v, then %v, %v", first, rest, err)
	}
	if err := d.Memory.changed(ctx); err != nil { // while the first is being drawn
		t.Fatal(err)
	}
	if err := d.Memory.drawn(ctx, "U1", lease); err != nil || d.redis.ZScore(ctx, d.Memory.due(), "U1").Err() != nil {
		t.Error("a change during the drawing was forgotten")
	}
}

// TestHomeForgetsWhoMayNotRead any more.
func TestHomeForgetsWhoMayNotRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.opens(slackemu.UserGus)
	if got := d.home(slackemu.UserGus); strings.Contains(got, "bastion-") || !strings.Contains(got, "Only active members") {
		t.Errorf("%s", got)
	}
	if err := d.Memory.shows(context.Background(), slackemu.UserGus, seenHome{}, true); err != nil {
		t.Fatal(err)
	}
	d.openRequestsFor(1)
	d.Changed()
	d.round()
	if got := d.home(slackemu.UserGus); strings.Contains(got, "CBH-1") {
		t.Errorf("%s", got)
	}
	if _, known, err := d.Memory.seen(context.Background(), slackemu.UserGus); known || err != nil {
		t.Errorf("known: %v, %v", known, err)
	}
}

// TestHomeDoesNotWaitForTheCloud: it says that the list is not whole, until it is.
func TestHomeDoesNotWaitForTheCloud(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.openRequestsFor(1)
	d.Cloud.Forget()
	d.clouds[approvals.DefaultProject].Fault(cbhemu.Fault{Op: cbhemu.OpList, Times: -1, Delay: cbhemu.Duration(5 * time.Second)})
	began := time.Now()
	d.opens(slackemu.UserAna)
	if took := time.Since(began); took > 4500*time.Millisecond {
		t.Errorf("after %s", took)
	}
	if got := d.home(slackemu.UserAna); !strings.Contains(got, "CBH-1") || !strings.Contains(got, "This list is not whole") {
		t.Errorf("%s", got)
	}
	d.round()
	if due := d.redis.ZCard(context.Background(), d.Memory.due()).Val(); due != 1 {
		t.Error("a page that is still not whole is not drawn again")
	}
	d.clouds[approvals.DefaultProject].ClearFaults()
	d.until("a whole page", func() bool {
		d.Changed() // by itself a page waits for a while after each try
		d.round()
		return !strings.Contains(d.home(slackemu.UserAna), "not whole")
	})
}

// TestAPressOnHomeIsAnsweredThere, and stays when the page is drawn again.
func TestAPressOnHomeIsAnsweredThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.opens(slackemu.UserRita)
	p := bot.Action{Interaction: bot.Interaction{Callback: new(slack.InteractionCallback)}}
	p.EnvelopeID, p.Received, p.Callback.User.ID, p.Callback.View.Type = "press", now, slackemu.UserRita, slack.VTHomeTab
	p.Action.Value = messages.Draft{Verb: "list", Instance: "mine"}.Value()
	if err := d.pressing(onDraft(d.proceed))(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	d.openRequestsFor(1)
	d.Changed()
	d.round()
	if got := d.home(slackemu.UserRita); !strings.Contains(got, "There are no such requests") || !strings.Contains(got, "CBH-1") {
		t.Errorf("%s", got)
	}
	for _, m := range d.slack.Messages("D0RITA") {
		t.Errorf("it was answered elsewhere: %s", m.Text)
	}
}

// TestWhatComesIsInTheOrderOfTime, and what the cloud does not hold is not among it.
func TestWhatComesIsInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	upgrade := func(id int64, days int, state approvals.State) *approvals.Request {
		r := &approvals.Request{ID: id, Action: approvals.Upgrade, State: approvals.Approved, Timing: approvals.Timing{At: now.AddDate(0, 0, days)}}
		r.Items = []approvals.Item{{State: state}}
		return r
	}
	outside := cloud.Instance{Instance: client.Instance{UpgradeTime: now.AddDate(0, 0, 5)}}
	facts := homeFacts{open: []*approvals.Request{
		upgrade(1, 9, approvals.Scheduled), upgrade(2, 3, approvals.Scheduled),
		upgrade(3, 31, approvals.Scheduled), upgrade(4, 2, approvals.Waiting),
	}, outside: []cloud.Instance{outside}}
	var ids []int64
	for _, one := range facts.coming(now) {
		ids = append(ids, one.Request())
	}
	if fmt.Sprint(ids) != "[2 0 1]" {
		t.Errorf("%v", ids)
	}
}

// TestHomeShowsWhatWasScheduledOutside of the bot for the coming 30 days.
func TestHomeShowsWhatWasScheduledOutside(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.holds("bastion-dev", now.AddDate(0, 0, 29))
	d.holds("bastion-dr", now.AddDate(0, 0, 31))
	d.opens(slackemu.UserRita)
	got := d.home(slackemu.UserRita)
	if !strings.Contains(got, "In the coming 30 days: 1") || strings.Count(got, "(scheduled outside the bot)") != 1 || !strings.Contains(got, "bastion-dev") {
		t.Errorf("%s", got)
	}
	if strings.Contains(got, "bastion-dr") {
		t.Errorf("what comes later is among it: %s", got)
	}
}

// holds lets somebody schedule an upgrade in the cloud's console.
func (d *desk) holds(name string, at time.Time) {
	emulated := d.clouds[approvals.DefaultProject]
	i := emulated.Instance(name)
	i.UpgradeTime = at
	emulated.Put(i)
}
