package messages

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/sirupsen/logrus"
	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// longestZone has the longest name of all in the IANA's list.
const longestZone = "America/Argentina/ComodRivadavia"

// worst is the request whose every text is as long as it can get, and longer.
func worst(stage approvals.State) *approvals.Request {
	r := told(nil)
	name := strings.Repeat("&", 64)
	it := r.Items[0]
	it.Target.Name, it.Target.Project, it.Target.Version, it.State = name, strings.Repeat("p", 64), strings.Repeat("<", 200), stage
	it.Target.ServerID = strings.Repeat("0", 64)
	it.Progress.Phase, it.Progress.Version = strings.Repeat(">", 300), strings.Repeat("'", 300)
	it.Call.Outcome.Raw, it.Call.Outcome.RequestID = strings.Repeat("<", 3000), strings.Repeat("&", 3000)
	r.Items = nil
	for i := range 10 {
		it.Offset = time.Duration(i) * time.Hour
		r.Items = append(r.Items, it)
	}
	r.Zone, r.Reason, r.ID = longestZone, strings.Repeat("&", 3000), 1<<62
	var many approvals.Set
	for i := range 60 {
		id := fmt.Sprintf("U%029d", i)
		many.Users, many.Groups = append(many.Users, id), append(many.Groups, "S"+id[1:])
		r.Decisions = append(r.Decisions, approvals.Decision{By: approvals.Person{ID: "W" + id[1:]}, At: sampleNow, Verdict: approvals.Yes, Revision: 1})
		r.Reminders = append(r.Reminders, approvals.Reminder{Whom: many.Users})
	}
	r.Requester.ID = many.Users[0]
	r.Needs = approvals.Quorum{{Count: 9, From: many}, {Count: 9, From: many}, {Count: 9, From: many}}
	r.Missing, r.Announced.To = r.Needs, many
	r.Emergency = &approvals.Decision{By: r.Requester, Reason: strings.Repeat("😀", 3000)}
	r.Override = &approvals.Decision{By: r.Requester, Reason: strings.Repeat("<", 3000)}
	r.Closing = approvals.Closing{At: sampleNow, By: r.Requester, Reason: strings.Repeat("`", 3000), Code: strings.Repeat("&", 300)}
	return r
}

// worsts are requests in all states, alone and in a batch, for each action.
func worsts() map[string]*approvals.Request {
	all := map[string]*approvals.Request{}
	for _, action := range approvals.Actions {
		for _, decision := range []approvals.State{approvals.Pending, approvals.Approved, approvals.Denied, approvals.Expired} {
			for _, stage := range approvals.ItemStates {
				r := worst(stage)
				r.Action, r.State = action, decision
				alone := *r
				alone.Items = r.Items[:1]
				all[fmt.Sprint(action, " ", decision, " ", stage)] = &alone
				if action == approvals.Upgrade {
					all[fmt.Sprint("batch ", decision, " ", stage)] = r
				}
			}
		}
	}
	return all
}

// checker is Slack's own check of blocks, over real HTTP.
type checker struct {
	t      *testing.T
	sender *bot.Sender
}

func newChecker(t *testing.T) checker {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	emu := slackemu.New(slackemu.Options{BaseURL: "http://" + web.Listener.Addr().String()})
	web.Config.Handler = emu
	web.Start()
	t.Cleanup(func() { emu.Close(); web.Close() })
	log := logrus.New()
	log.SetOutput(io.Discard)
	return checker{t, bot.NewSender(bot.SenderConfig{Token: slackemu.BotToken, APIURL: web.URL + "/api/", Log: log})}
}

// fits fails for a message that Slack may refuse.
func (c checker) fits(name string, m bot.Message) {
	c.t.Helper()
	objections, err := c.sender.ValidateMessage(context.Background(), m)
	if err != nil || len(objections) > 0 {
		c.t.Errorf("%s: %+v, %v", name, objections, err)
	}
	text, err := json.Marshal(m.Blocks)
	var blocks any
	if err == nil {
		err = json.Unmarshal(text, &blocks)
	}
	if n := shownLength(blocks); err != nil || n > 13_200 || m.Text.Len() > 4000 {
		c.t.Errorf("%s: %d characters in its blocks, %d in its notification, %v", name, n, m.Text.Len(), err)
	}
}

// fitsHome fails for a Home page that Slack may refuse.
func (c checker) fitsHome(name string, home slack.HomeTabViewRequest) {
	c.t.Helper()
	objections, err := c.sender.ValidateHome(context.Background(), home)
	if n := len(home.Blocks.BlockSet); err != nil || len(objections) > 0 || n > 80 {
		c.t.Errorf("%s: %d blocks, %+v, %v", name, n, objections, err)
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

func TestTheGalleryFitsIntoSlack(t *testing.T) {
	c := newChecker(t)
	for _, l := range Languages {
		for _, s := range Gallery(l) {
			name := fmt.Sprint(l.Tag, " ", s.Group, " ", s.Name)
			switch {
			case s.Home != nil:
				c.fitsHome(name, *s.Home)
				continue
			case s.Modal == nil:
				c.fits(name, s.Message)
				continue
			}
			if objections, err := c.sender.ValidateModal(context.Background(), *s.Modal); err != nil || len(objections) > 0 {
				t.Errorf("%s: %+v, %v", name, objections, err)
			}
		}
	}
}

func TestTheWorstCardsAndNoticesFitIntoSlack(t *testing.T) {
	c := newChecker(t)
	for _, l := range Languages {
		for name, r := range worsts() {
			c.fits("the card of "+name, Card(l, r, sampleNow, true))
			if r.Batch() {
				c.fits("the card without a table of "+name, Card(l, r, sampleNow, false))
			}
		}
		for _, kind := range approvals.NoticeKinds {
			for _, action := range approvals.Actions {
				r := worst(approvals.Failed)
				r.Action, r.Items[9].End = action, approvals.EndBroken
				c.fits(fmt.Sprint(kind, " ", action), NoticeOf(l, r, approvals.Notice{Kind: kind, Item: 9, N: 1}, sampleNow))
			}
		}
	}
}

func TestTheWorstHomeFitsIntoSlack(t *testing.T) {
	c := newChecker(t)
	for _, l := range Languages {
		v := Voice{Language: l, Zone: ZoneOf(longestZone), Now: sampleNow}
		h := Home{Unread: just(strings.Repeat("<", 9000)), Unsure: just(strings.Repeat("<", 9000)), Links: map[int64]string{}, Pages: map[Section]int{}}
		h.Note = v.Answer(Tell(just(strings.Repeat("<", 40_000)))).Blocks
		for n := range 1000 {
			r := worst(approvals.Failed)
			r.State, r.ID = approvals.Pending, 1<<62+int64(n)
			h.Waiting, h.Mine, h.Links[r.ID] = append(h.Waiting, r), append(h.Mine, r), "https://example.slack.com/archives/"+strings.Repeat("C", 100)
			h.Coming, h.Finished = append(h.Coming, Coming{View: ViewOf(r, 9)}), append(h.Finished, ViewOf(r, 9))
			h.Offers = append(h.Offers, cloud.Instance{Project: strings.Repeat("p", 64), Shared: true, Instance: client.Instance{
				Name: strings.Repeat("&", 10_000), ServerID: fmt.Sprintf("%064d", n), Version: strings.Repeat("<", 999), Update: client.CrossVersion,
			}})
		}
		for _, at := range []int{0, 100, 199, 1 << 40} {
			for _, s := range Sections {
				h.Pages[s] = at
			}
			c.fitsHome(fmt.Sprint(l.Tag, ", page ", at), v.Home(h))
		}
	}
}

func TestTheWorstAnswersFitIntoSlack(t *testing.T) {
	c := newChecker(t)
	var requests []*approvals.Request
	var instances []cloud.Instance
	open := map[string]View{}
	for n := range 20 {
		r := worst(approvals.Waiting)
		r.State, r.Items = []approvals.State{approvals.Denied, approvals.Pending, approvals.Approved}[n%3], r.Items[:1]
		requests = append(requests, r)
		i := cloud.Instance{Project: strings.Repeat("p", 64), Shared: true, Instance: client.Instance{
			Name: strings.Repeat("&", 10_000), ServerID: fmt.Sprintf("%064d", n), Version: strings.Repeat("<", 999), Status: strings.Repeat(">", 999),
			UpgradeTime: sampleNow.Add(time.Hour),
		}}
		instances = append(instances, i)
		open[approvals.InstanceLock(i.Target())] = ViewOf(r, 0)
	}
	rule := &policy.Rule{Quorum: requests[0].Needs, Override: requests[0].Announced.To, BreakGlass: requests[0].Announced.To}
	for n := range 30 {
		rule.Calendar.Windows = append(rule.Calendar.Windows, calendar.Window{Hours: calendar.Hours{From: n, To: 900}, Zone: ZoneOf(longestZone)})
		rule.Calendar.Freezes = append(rule.Calendar.Freezes, calendar.Freeze{From: sampleNow, To: sampleNow.Add(time.Hour), Reason: strings.Repeat("&", 2000)})
	}
	closed := &policy.ClosedError{At: sampleNow, Closure: &calendar.Closure{Kind: calendar.OutsideWindows, Windows: rule.Calendar.Windows}}
	frozen := &policy.ClosedError{At: sampleNow, Closure: &calendar.Closure{Kind: calendar.InFreeze, Freeze: rule.Calendar.Freezes[0]}}
	for _, l := range Languages {
		v := Voice{Language: l, Zone: ZoneOf(longestZone), Now: sampleNow}
		for name, a := range map[string]*Answer{
			"the list":      {Text: []Saying{Say(RequestsPage, "from", 1, "to", 20, "total", 1<<40)}, Table: Requests(requests, nil)},
			"the bastions":  {Text: []Saying{Say(BastionsPage, "from", 1, "to", 20, "total", 1<<40)}, Table: Bastions(instances, open, sampleNow), Buttons: turns()},
			"the policy":    {Text: []Saying{Say(PolicyHead)}, Lines: PolicyOf(approvals.Upgrade, rule)},
			"closed times":  Tell(Closed(closed)),
			"a long freeze": Tell(Closed(frozen)),
			"what is long":  Tell(just(strings.Repeat("<", 40_000))),
		} {
			c.fits(l.Tag+" "+name, v.Answer(a))
			c.fits(l.Tag+" "+name+" without a table", v.WithoutTable(a))
		}
	}
}

// TestALongAnswerCountsWhatDoesNotFit, however near to the end the last line comes that does.
func TestALongAnswerCountsWhatDoesNotFit(t *testing.T) {
	for _, l := range Languages {
		for n := range 100 {
			var lines []Saying
			for range 200 {
				lines = append(lines, just(strings.Repeat("x", 100+n)))
			}
			said := readable(Sample{Message: Voice{Language: l}.Answer(&Answer{Lines: lines})})
			if more := string(l.texts[MoreLines]); !strings.Contains(said, more[strings.LastIndexAny(more, "}")+1:]) {
				t.Fatalf("%s: lines of %d letters: nothing is said of the rest", l.Tag, 100+n)
			}
		}
	}
}

func TestTheWorstFormFitsIntoSlack(t *testing.T) {
	c := newChecker(t)
	var chosen []cloud.Instance
	for n := range MostChosen {
		chosen = append(chosen, cloud.Instance{Project: strings.Repeat("p", 64), Shared: n%2 == 0, Instance: client.Instance{
			Name: strings.Repeat("&", 10_000), ServerID: fmt.Sprintf("%064d", n), Version: strings.Repeat("<", 999),
		}})
	}
	draft := Draft{
		Verb: "upgrade", Instance: strings.Repeat("i", 5000), Reason: strings.Repeat("\"", LongestReason), At: 1 << 33, Channel: "C" + strings.Repeat("0", 20),
		Thread: "123456789012.123456789", Zone: longestZone, Language: "zh-CN",
	}
	for _, l := range Languages {
		v := Voice{Language: l, Zone: ZoneOf(longestZone), Now: sampleNow}
		form := UpgradeForm{Draft: draft, At: sampleNow, Chosen: chosen, Where: true, Hint: Say(FormCloudAway, inventedFacts())}
		objections, err := c.sender.ValidateModal(context.Background(), v.UpgradeForm("upgrade", form))
		if err != nil || len(objections) > 0 {
			t.Errorf("%s: %+v, %v", l.Tag, objections, err)
		}
	}
}
