package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// longestZone has the longest name of all in the IANA's list.
const longestZone = "America/Argentina/ComodRivadavia"

// worst is the request whose every text is as long as it can get, and longer.
func worst(stage approvals.State) approvals.Request {
	r := told(nil)
	name := strings.Repeat("&", 64)
	it := r.Items[0]
	it.Target.Name, it.Target.Project, it.Target.Version, it.State = name, strings.Repeat("p", 64), strings.Repeat("<", 200), stage
	it.Target.ServerID = strings.Repeat("0", 64)
	it.Progress.Phase, it.Progress.Version = strings.Repeat(">", 300), strings.Repeat("'", 300)
	it.Call.Outcome.Raw, it.Call.Outcome.RequestID = strings.Repeat("<", 3000), strings.Repeat("&", 3000)
	r.Items = nil
	for i := range mostInBatch {
		it.Offset = time.Duration(i) * time.Hour
		r.Items = append(r.Items, it)
	}
	r.Zone, r.Reason, r.ID = longestZone, strings.Repeat("&", 3000), 1<<62
	var many approvals.Set
	for i := range 60 {
		id := fmt.Sprintf("U%029d", i)
		many.Users, many.Groups = append(many.Users, id), append(many.Groups, "S"+id[1:])
		r.Decisions = append(r.Decisions, approvals.Decision{By: approvals.Person{ID: id}, At: now, Verdict: approvals.Yes, Revision: 1})
		r.Reminders = append(r.Reminders, approvals.Reminder{Whom: many.Users})
	}
	r.Requester.ID = many.Users[0]
	r.Needs = approvals.Quorum{{Count: 9, From: many}, {Count: 9, From: many}, {Count: 9, From: many}}
	r.Missing, r.Announced.To = r.Needs, many
	r.Emergency = &approvals.Decision{By: r.Requester, Reason: strings.Repeat("😀", 3000)}
	r.Override = &approvals.Decision{By: r.Requester, Reason: strings.Repeat("<", 3000)}
	r.Closing = approvals.Closing{At: now, By: r.Requester, Reason: strings.Repeat("`", 3000), Code: strings.Repeat("&", 300)}
	return r
}

// worsts are requests in all states, alone and in a batch, for each action.
func worsts() map[string]approvals.Request {
	all := map[string]approvals.Request{}
	for _, action := range approvals.Actions {
		for _, decision := range []approvals.State{approvals.Pending, approvals.Approved, approvals.Denied, approvals.Expired} {
			for _, stage := range approvals.ItemStates {
				r := worst(stage)
				r.Action, r.State = action, decision
				alone := r
				alone.Items = r.Items[:1]
				all[fmt.Sprint(action, " ", decision, " ", stage)] = alone
				if action == approvals.Upgrade {
					all[fmt.Sprint("batch ", decision, " ", stage)] = r
				}
			}
		}
	}
	return all
}

// fits fails for a message that Slack may refuse.
func (d *desk) fits(name string, m bot.Message) {
	d.t.Helper()
	p, err := m.Encode()
	if err == nil {
		_, err = d.Sender.Post(context.Background(), slackemu.ChannelOps, "", p)
	}
	if err != nil {
		d.t.Errorf("%s: %v", name, err)
	}
	text, err := json.Marshal(m.Blocks)
	var blocks any
	if err == nil {
		err = json.Unmarshal(text, &blocks)
	}
	if n := shownLength(blocks); err != nil || n > 13_200 || m.Text.Len() > 4000 {
		d.t.Errorf("%s: %d characters in its blocks, %d in its notification, %v", name, n, m.Text.Len(), err)
	}
}

// shownLength counts the characters of all texts, as whoever counts the most would.
func shownLength(value any) (n int) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			n += shownLength(item)
		}
	case map[string]any:
		for key, item := range v {
			if text, ok := item.(string); ok && key == "text" {
				if v["type"] == "plain_text" {
					text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
				}
				n += len(utf16.Encode([]rune(text)))
			} else {
				n += shownLength(item)
			}
		}
	}
	return n
}

func TestCardsAndNoticesFitIntoSlack(t *testing.T) {
	d := newDesk(t, cloud.DefaultProject)
	for name, r := range worsts() {
		d.fits("the card of "+name, Card(r, now))
	}
	ends := []approvals.End{"", approvals.EndStuck, approvals.EndBroken, approvals.EndStarted, approvals.EndStillThere, approvals.EndGone, approvals.EndUpgraded}
	for _, kind := range approvals.NoticeKinds {
		for _, action := range approvals.Actions {
			for _, end := range ends {
				if end != "" && kind != approvals.NoticeFailed && kind != approvals.NoticeChanged {
					continue // it makes no difference
				}
				r := worst(approvals.Failed)
				r.Action, r.Items[9].End = action, end
				d.fits(fmt.Sprint(kind, " ", action, " ", end), Notice(r, approvals.Notice{Kind: kind, Item: 9, N: 1}, now))
			}
		}
	}
	if len(d.slack.Messages(slackemu.ChannelOps)) < 200 {
		t.Error("nothing was posted")
	}
}

func TestAnswersFitIntoSlack(t *testing.T) {
	d := newDesk(t, cloud.DefaultProject)
	var requests []approvals.Request
	var instances []cloud.Instance
	open := map[string]view{}
	for n := range page {
		r := worst(approvals.Waiting)
		r.State, r.Items = []approvals.State{approvals.Denied, approvals.Pending, approvals.Approved}[n%3], r.Items[:1]
		requests = append(requests, r)
		i := cloud.Instance{Project: strings.Repeat("p", 64), Shared: true, Instance: client.Instance{
			Name: strings.Repeat("&", 10_000), ServerID: fmt.Sprintf("%064d", n), Version: strings.Repeat("<", 999), Status: strings.Repeat(">", 999),
			UpgradeTime: now.Add(time.Hour),
		}}
		instances = append(instances, i)
		open[approvals.InstanceLock(i.Target())] = viewOf(r, 0)
	}
	long := Draft{Verb: "instances", Instance: strings.Repeat("\"", 600), Page: 3}
	d.fits("the list", lines(requestsHead(0, page, 1<<40), d.requestLines(requests)))
	d.fits("the bastions", instancePage(append(slices.Clone(instances), instances...), open, fmt.Errorf("away"), long, now))
	d.fits("a choice of names", questioned(which(say("Which?"), instances[:mostNames], long)))
	d.fits("what stands in the way", answer(say("%s", strings.Repeat("<", 40_000))))
	rule := &policy.Rule{Quorum: requests[0].Needs, Override: requests[0].Announced.To, BreakGlass: requests[0].Announced.To}
	for n := range 30 {
		rule.Calendar.Windows = append(rule.Calendar.Windows, calendar.Window{Hours: calendar.Hours{From: n, To: 900}, Zone: zoneOf(longestZone)})
		rule.Calendar.Freezes = append(rule.Calendar.Freezes, calendar.Freeze{From: now, To: now.Add(time.Hour), Reason: strings.Repeat("&", 2000)})
	}
	d.fits("the policy", lines(say("Who?"), []mrkdwn.Text{say("%s%s", calendarWords(rule), trusted(rule))}))
	closed := &policy.ClosedError{At: now, Near: []time.Time{now.Add(72 * time.Hour), now.Add(96 * time.Hour), now.Add(120 * time.Hour), now.Add(144 * time.Hour), now.Add(168 * time.Hour)}, Override: true, Closure: &calendar.Closure{Kind: calendar.InFreeze, Freeze: rule.Calendar.Freezes[0]}}
	d.fits("a closed time", questioned(d.askOpen(closed, zoneOf(longestZone), long)))
}

func questioned(err error) bot.Message {
	m, _ := apology(err)
	return m
}

// TestFormsFitIntoSlack opens them with the longest draft that a command makes.
func TestFormsFitIntoSlack(t *testing.T) {
	marker := worst(approvals.Waiting).Marker().String()
	reason := strings.Repeat("<", longestReason)
	draft := Draft{Verb: "upgrade", Instance: strings.Repeat("\"", 600), Reason: reason, Channel: "C0OPS", Stagger: mostStaggered, At: latestDraft, Marker: marker}
	for name, view := range map[string]slack.ModalViewRequest{
		"deny": denyForm(marker, "C0OPS", "1234567890.123456"),
		"time": form(viewTime, "Pick a time", "Ask for it", draft.value(), input(inputReason, "Why?", true, textInput(longestReason, reason))),
	} {
		if n := len(utf16.Encode([]rune(view.PrivateMetadata))); n > 3000 {
			t.Errorf("%s: %d characters of private metadata", name, n)
		}
	}
}

// TestTheLongestCommandFitsIntoAButton: what parseCommand lets through.
func TestTheLongestCommandFitsIntoAButton(t *testing.T) {
	ids := make([]string, mostInBatch)
	for n := range ids {
		ids[n] = fmt.Sprintf("%036d", n)
	}
	text := "upgrade " + strings.Join(ids, ", ") + " tomorrow at 2 in the morning -- " + strings.Repeat("x", longestReason)
	c, err := parseCommand(text)
	if err != nil || len(strings.Split(c.Instance, listed)) != mostInBatch {
		t.Fatalf("ten server ids: %+v, %v", c, err)
	}
	for _, text := range []string{
		text, "reschedule b " + strings.Repeat("monday ", 300), "reschedule \"" + strings.Repeat("n", 500) + "\" " + strings.Repeat("\"", 700), "upgrade b monday -- " + strings.Repeat("😀", longestReason),
		"upgrade " + strings.Repeat("n", 600) + " monday -- " + strings.Repeat("\\", longestReason),
	} {
		c, err := parseCommand(text)
		if err != nil {
			continue // it says so
		}
		draft := Draft{Verb: c.Verb, Instance: c.Instance, Reason: c.Reason, Phrase: c.Rest, Channel: "C0123456789ABCDEFGHIJ", Stagger: mostStaggered, At: latestDraft, Request: 1 << 62}
		if n := len(utf16.Encode([]rune(draft.value()))); n > longestValue {
			t.Errorf("%.40s…: a button's value of %d characters", text, n)
		}
	}
}
