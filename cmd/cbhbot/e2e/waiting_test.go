package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
)

// These tests let something be slow, and press on something else: nobody waits
// for what is not theirs.

// soon is how long a decision and a call may take while others are waited for.
const soon = 2 * time.Second

// cardIn waits for the card of an instance in a channel.
func (w *world) cardIn(channel, name string) *slackemu.Shown {
	w.t.Helper()
	var found *slackemu.Shown
	w.until("the card of "+name, func() bool {
		for _, m := range w.slack.As(ana).Sees(channel) {
			if m.ThreadTS == "" && strings.Contains(m.Text, ": Upgrade "+name+" (") {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// asksIn asks for an upgrade in a channel, and returns its card.
func (w *world) asksIn(channel, name string) *slackemu.Shown {
	w.t.Helper()
	w.typesIn(channel, rita, "upgrade "+name+" in 3 days at 2am")
	return w.cardIn(channel, name)
}

// areCalledSoon approves with cards, one after the other, and wants most of their calls to reach
// the cloud soon: a machine may stand still during one of them.
func (w *world) areCalledSoon(cards ...*slackemu.Shown) {
	w.t.Helper()
	var took []time.Duration
	for _, card := range cards {
		all := w.posts() + 1
		var pressed time.Time
		w.insists("an approval", func() slackemu.Delivery {
			pressed = time.Now()
			return card.Action("Approve").Click()
		})
		await(w.t, "the call", func() bool { return w.posts() >= all })
		calls := w.cloud.Requests(cbhemu.OpUpgrade)
		took = append(took, calls[len(calls)-1].At.Sub(pressed).Round(time.Millisecond))
	}
	if w.t.Logf("called %s after the press", took); slices.Sorted(slices.Values(took))[len(took)/2] > soon {
		w.t.Errorf("called %s after the press", took)
	}
}

// untilMade waits until so many requests are stored.
func (w *world) untilMade(n int64) {
	w.t.Helper()
	client := w.redis.Client()
	defer client.Close()
	await(w.t, fmt.Sprintf("%d requests", n), func() bool {
		return client.ZCard(w.t.Context(), store.DefaultPrefix+"index:"+store.IndexAll).Val() == n
	})
}

func TestAFloodInOneChannelDelaysNoCallOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{Instances: bastions(108)})
	w.start()
	var cards []*slackemu.Shown
	for n := range 8 {
		cards = append(cards, w.asksIn(slackemu.ChannelGeneral, fmt.Sprintf("bastion-%04d", 100+n)))
	}
	for n := range 100 {
		w.types(rita, fmt.Sprintf("upgrade bastion-%04d in 3 days at 2am", n))
	}
	w.untilMade(108)
	w.areCalledSoon(cards...)
	if shown := w.top("CBH-"); shown > 90 {
		t.Errorf("%d of 100 cards were there already", shown)
	}
}

// TestAHangingSlackDelaysNoCall has 80 cards under way that Slack does not answer for.
func TestAHangingSlackDelaysNoCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{Instances: bastions(83)})
	w.start()
	var cards []*slackemu.Shown
	for n := range 3 {
		cards = append(cards, w.asksIn(slackemu.ChannelOps, fmt.Sprintf("bastion-%04d", 80+n)))
	}
	hung := slackemu.MethodFault{Delay: time.Minute, Drop: true}
	w.methods(map[string]slackemu.MethodFault{"chat.postMessage": hung, "chat.update": hung})
	for n := range 80 {
		w.typesIn(w.room(n/8), rita, fmt.Sprintf("upgrade bastion-%04d in 3 days at 2am", n)) // a room takes 10 cards at once
	}
	w.untilMade(83)
	w.areCalledSoon(cards...)
}

// TestAHungCallDelaysNoOther has 64 calls under way that nobody answers.
func TestAHungCallDelaysNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{Instances: bastions(67)})
	w.start()
	var cards []*slackemu.Shown
	for n := range 67 {
		cards = append(cards, w.asksIn(w.room(n/8), fmt.Sprintf("bastion-%04d", n)))
	}
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpUpgrade, Delay: cbhemu.Duration(time.Hour), Times: 64})
	for _, card := range cards[:64] {
		w.insists("an approval", card.Action("Approve").Click)
	}
	await(t, "64 calls", func() bool { return w.posts() == 64 })
	w.areCalledSoon(cards[64:]...)
}

// room is one of several channels.
func (w *world) room(n int) string {
	id := fmt.Sprintf("C0ROOM%d", n)
	if !slices.ContainsFunc(w.slack.Channels(), func(c slackemu.Channel) bool { return c.ID == id }) {
		w.slack.SetChannel(slackemu.Channel{ID: id, Name: strings.ToLower(id), Members: []string{rita, ana, bo, slackemu.UserBot}})
	}
	return id
}

// TestAListThatHangsDelaysNoDecision: to decide, nobody looks at the cloud, and the
// commands that wait for it are as many as may be worked on at once.
func TestAListThatHangsDelaysNoDecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{Instances: bastions(65)})
	w.start()
	card := w.asksIn(slackemu.ChannelOps, "bastion-0000")
	w.untilReadsAreOlderThan(cloud.Recent)
	read := len(w.cloud.Requests(cbhemu.OpList))
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(30 * time.Second), Times: -1})
	for n := 1; n <= 64; n++ {
		w.types(rita, fmt.Sprintf("upgrade bastion-%04d in 3 days at 2am", n))
	}
	await(t, "the list to be waited for", func() bool { return len(w.cloud.Requests(cbhemu.OpList)) > read })
	pressed := time.Now()
	w.presses(ana, card, "Deny")
	w.form(ana)
	w.presses(bo, card, "Approve")
	w.untilRequest(1, "the decision", func(r *approvals.Request) bool { return r.State == approvals.Approved })
	if took := time.Since(pressed); took > soon {
		t.Errorf("a form and a decision took %s", took)
	}
}

// TestALookupThatHangsIsSaid, and nothing is decided: a press does not wait for an
// answer of Slack that never comes.
func TestALookupThatHangsIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.slack.SetFaults(never("users.info", 1))
	w.presses(ana, card, "Approve")
	w.sees(ana, "I am still at it")
	w.sees(ana, "I could not check who you are")
	if w.posts() != 0 {
		t.Error("called without knowing who approved")
	}
	w.presses(ana, card, "Approve")
	w.once()
}

// TestWhatWaitsForTheCloudIsTakenBackOnItsCard: that can last for days, and its name cannot be read meanwhile.
func TestWhatWaitsForTheCloudIsTakenBackOnItsCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	card := w.card("in 3 days at 2am")
	w.untilReadsAreOlderThan(2 * time.Second)
	w.cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Kind: cbhemu.FaultHTML, Times: -1})
	waits := func() {
		w.presses(ana, card, "Approve")
		w.until("the ways back", func() bool {
			shown := w.shown(ana, card)
			return shown.Action("Take my approval back").Exists() && shown.Action("Withdraw").Exists() && !shown.Action("Approve").Exists()
		})
	}
	waits()
	w.presses(ana, card, "Take my approval back")
	w.until("the card to wait for approval", func() bool { return w.shown(ana, card).Action("Approve").Exists() })
	waits()
	w.presses(rita, card, "Withdraw")
	w.untilRequest(1, "its end", func(r *approvals.Request) bool { return r.State == approvals.Withdrawn })
	if w.posts() != 0 {
		t.Error("called")
	}
}

// Presses of one person count in the order of their time.
func TestAnApprovalThatIsTakenBackStaysSo(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]func(*world){
		"in one burst": func(*world) {},
		"at human pace": func(w *world) { // while the lookup for the approval is on its way
			w.untilBegun("inbox:presses")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			ids := crowd(w, 13)
			for range 3 {
				w.start("CBHBOT_APPROVERS="+strings.Join(ids, ","), "CBHBOT_QUORUM=13")
			}
			w.types(rita, "upgrade bastion-prod in 3 days at 2am")
			card := w.sees(ids[0], "waiting for approval")
			w.presses(ids[0], card, "Approve")
			w.until("the button", func() bool { return w.shown(ids[0], card).Action("Take my approval back").Exists() })
			for _, id := range ids[1:] {
				shown := w.shown(id, card)
				yes, back := shown.Action("Approve"), shown.Action("Take my approval back")
				w.methods(map[string]slackemu.MethodFault{"users.info": {Times: 1, Delay: 800 * time.Millisecond, After: true}})
				for n, button := range []*slackemu.Action{yes, back} {
					w.insists("a press of "+id, button.Click)
					if n == 0 {
						pause(w)
					}
				}
			}
			w.idle()
			if left := w.request(1).Approvers(); len(left) != 1 {
				t.Errorf("the approvals of %v stand", left)
			}
		})
	}
}

// untilBegun waits until what was put into a lane is being worked on, or was.
func (w *world) untilBegun(lane string) {
	w.t.Helper()
	client := w.redis.Client()
	defer client.Close()
	await(w.t, "work in "+lane, func() bool {
		held, err := client.XPending(w.t.Context(), store.DefaultPrefix+lane, "cbhbot").Result()
		return err == nil && (held.Count > 0 || client.XLen(w.t.Context(), store.DefaultPrefix+lane).Val() == 0)
	})
}

func TestABatchIsMadeWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fleet())
	first, proxy := w.startBehind()
	s := &scene{world: w, proxy: proxy}
	s.holding(func() { w.types(rita, "upgrade bastion-a, bastion-b in 3 days at 2am") }, `"verb":"ask"`)
	first.kill()
	if locks := w.redis.Client().HLen(t.Context(), store.DefaultPrefix+"open").Val(); locks != 0 {
		t.Errorf("%d bastions are held for nothing", locks)
	}
	w.start()
	w.sees(ana, "Upgrade 2 bastions")
	w.idle()
	client := w.redis.Client()
	open := client.HGetAll(t.Context(), store.DefaultPrefix+"open").Val()
	if r := w.request(1); len(r.Items) != 2 || len(open) != 2 || w.request(2).ID != 0 {
		t.Errorf("%d items, held are %v", len(r.Items), open)
	}
}

// TestACardThatCannotBeLookedForYetIsNotPostedTwice: its posting got no answer,
// and the channel cannot be read for a while.
func TestACardThatCannotBeLookedForYetIsNotPostedTwice(t *testing.T) {
	t.Parallel()
	for name, search := range map[string]slackemu.MethodFault{
		"away": {Times: 1, Status: 503}, "limited": {Times: 1, Status: 429, RetryAfter: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			w.start()
			w.methods(map[string]slackemu.MethodFault{
				"chat.postMessage": {Times: 1, After: true, Drop: true}, "conversations.history": search,
			})
			w.presses(ana, w.card("in 3 days at 2am"), "Approve")
			w.until("the card to be found and drawn", func() bool {
				return w.top("CBH-1") > 1 || strings.Contains(w.transcript(), "CBH-1 scheduled: ")
			})
			if n := w.top("CBH-1"); n != 1 {
				t.Errorf("%d cards\n%s", n, w.transcript())
			}
		})
	}
}

// TestACommandWhoseAnswerFailedDoesNotMeetItself: when it is tried again, the
// bastion is held by its own request, or upgraded by it.
func TestACommandWhoseAnswerFailedDoesNotMeetItself(t *testing.T) {
	t.Parallel()
	for answer, meanwhile := range map[string]func(*world){
		"CBH-1 is recorded": func(*world) {},
		"CBH-1 *scheduled*": func(w *world) {
			w.presses(ana, w.sees(ana, "waiting for approval"), "Approve")
			w.sees(rita, "*Scheduled.*")
		},
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cbhemu.Options{})
			w.start()
			w.methods(map[string]slackemu.MethodFault{"response_url": {Status: 500}, "chat.postEphemeral": {Status: 500}})
			w.types(rita, "upgrade bastion-prod in 3 days at 2am")
			w.sees(ana, "waiting for approval")
			meanwhile(w)
			w.slack.SetFaults(slackemu.Faults{})
			w.sees(rita, answer)
			w.idle()
			if strings.Contains(w.transcript(), "There is an open request") {
				t.Error(w.transcript())
			}
		})
	}
}

// TestANameIsThatOfTheBastionMadeAMomentAgo: another bastion's name begins like it
// and stands in the list at hand.
func TestANameIsThatOfTheBastionMadeAMomentAgo(t *testing.T) {
	t.Parallel()
	all := bastions(2)
	all[0].Name, all[1].Name = "bastion-prod-old", "bastion-prod"
	w := newWorld(t, cbhemu.Options{Instances: all[:1]})
	w.start()
	w.types(rita, "instances")
	w.sees(rita, "1 bastion:")
	w.cloud.Put(all[1])
	card := w.asksIn(slackemu.ChannelOps, "bastion-prod")
	w.presses(ana, card, "Approve")
	w.sees(rita, "*Scheduled.*")
	if w.cloud.Instance("bastion-prod").UpgradeTime.IsZero() || !w.cloud.Instance("bastion-prod-old").UpgradeTime.IsZero() {
		t.Errorf("%+v", w.cloud.Instances())
	}
}

// TestTheBeginningOfANameIsAskedBack, whether it fits one bastion or more.
func TestTheBeginningOfANameIsAskedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{Instances: []cbhemu.Instance{{ServerID: "one", Name: "bastion-prod-old", Version: "3.3.49.0", Path: []cbhemu.Step{{Version: "3.3.52.1"}}}}})
	w.start()
	w.types(rita, "upgrade bastion-prod in 3 days at 2am")
	w.presses(rita, w.sees(rita, "Do you mean one of these?"), "bastion-prod-old")
	w.cardIn(slackemu.ChannelOps, "bastion-prod-old")
}

// TestTheNameOnACardLeadsToWhatIsCalledOtherwiseNow: no name of the cloud's is like it.
func TestTheNameOnACardLeadsToWhatIsCalledOtherwiseNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.sees(rita, "*Scheduled.*")
	if err := w.cloud.Change("bastion-prod", func(i *cbhemu.Instance) { i.Name = "renamed" }); err != nil {
		t.Fatal(err)
	}
	w.untilReadsAreOlderThan(cloud.Recent)
	w.types(rita, "cancel bastion-prod")
	w.presses(rita, w.sees(rita, "Do you mean one of these?"), "renamed")
	w.sees(ana, "CBH-2 waiting for approval: Cancel the upgrade of bastion-prod")
}

// TestWorkThatFailsByItselfIsParked: a record that nobody can read.
func TestWorkThatFailsByItselfIsParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.card("in 3 days at 2am")
	client := w.redis.Client()
	client.HSet(t.Context(), store.DefaultPrefix+"request:1", "body", "{")
	w.types(rita, "status CBH-1")
	await(t, "the command to be parked", func() bool {
		parked, err := client.XLen(t.Context(), store.DefaultPrefix+"inbox:commands:parked").Result()
		return err == nil && parked == 1
	})
	w.sees(rita, "It is put aside")
	w.types(rita, "help")
	w.sees(rita, "commands you need first")
}

// TestAnIdleBotStopsAtOnce, unless the machine is busy with something else.
func TestAnIdleBotStopsAtOnce(t *testing.T) {
	w := newWorld(t, cbhemu.Options{})
	best := time.Hour
	for range 5 {
		best = min(best, w.start().stop())
	}
	if best > 100*time.Millisecond {
		t.Errorf("stopping took %s", best)
	}
}

// TestWhatWasApprovedIsCalledSoonAfterAKill by the one process that comes back.
func TestWhatWasApprovedIsCalledSoonAfterAKill(t *testing.T) {
	t.Parallel()
	atBest(t, 3*time.Second, calledAfter)
}

// calledAfter is how long after a kill the process that is started again calls what was approved.
func calledAfter(t *testing.T) time.Duration {
	t.Helper()
	w := newWorld(t, cbhemu.Options{})
	first, proxy := w.startBehind()
	s := &scene{world: w, proxy: proxy}
	s.asks()
	s.holding(func() { s.approves() }, `"verb":"claim"`)
	first.kill()
	killed := time.Now()
	w.start()
	await(t, "the call", func() bool { return w.posts() == 1 })
	return time.Since(killed)
}
