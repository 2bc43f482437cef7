package handlers

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/approvals/store/redistest"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// desk is the handlers between a real Redis, a workspace and one cloud for each
// project, all over real HTTP, with a clock that stands still but for Redis'.
type desk struct {
	*Handlers
	t      testing.TB
	slack  *slackemu.Server
	redis  redis.UniversalClient
	clouds map[string]*cbhemu.Server
	events int
}

func newDesk(t testing.TB, projects ...string) *desk {
	t.Helper()
	d := &desk{t: t, clouds: map[string]*cbhemu.Server{}}
	clock := func() time.Time { return now }
	web := httptest.NewUnstartedServer(nil)
	d.slack = slackemu.New(slackemu.Options{BaseURL: "http://" + web.Listener.Addr().String(), Now: clock})
	web.Config.Handler = d.slack
	web.Start()
	t.Cleanup(func() { d.slack.Close(); web.Close() })

	var served []cloud.Project
	for _, name := range projects {
		served = append(served, cloud.Project{Name: name, Client: d.cloud(name, clock)})
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	d.redis = redistest.Start(t).Client()
	ahead := time.Until(now) // Redis' clock begins at the moment that the others show
	kept := store.New(d.redis, store.Options{Ahead: func() time.Duration { return ahead }})
	sender := bot.NewSender(bot.SenderConfig{Token: slackemu.BotToken, APIURL: web.URL + "/api/", Log: log})
	people := Directory{Sender: sender, Home: func() bot.Identity { return bot.Identity{TeamID: slackemu.TeamHome} }}
	held := policy.OneLine(approvals.Set{Users: []string{slackemu.UserAna}}, 1, "")
	instances := cloud.New(served...)
	d.Handlers = &Handlers{
		Engine: engine.New(engine.Config{
			Store: kept, Authority: policy.Authority{Policy: func() *policy.Policy { return held }, Directory: people},
			Executor: instances, Presenter: Presenter{Sender: sender, Log: log, Refused: func() {}, Language: inEnglish}, Log: log,
			Trusted: func(string, time.Duration) error { return nil }, Unseen: func(context.Context, string, string) bool { return false },
			Changed: func() {}, Metrics: engine.NewMetrics(prometheus.NewRegistry()),
		}),
		Store: kept, Sender: sender, Cloud: instances, Memory: Memory{d.redis, store.DefaultPrefix, clock}, Now: clock, Log: log,
		MinLead: 24 * time.Hour, MaxLead: 60 * 24 * time.Hour, Language: inEnglish,
	}
	return d
}

func inEnglish(*approvals.Request) *messages.Language { return messages.Languages[0] }

// now is what the clocks of a desk show.
var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// run lets the engine reconcile until the test ends.
func (d *desk) run() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.Engine.Run(ctx) }()
	d.t.Cleanup(func() { stop(); <-done })
}

// approves lets Ana approve a request.
func (d *desk) approves(id int64) {
	d.t.Helper()
	act := engine.Act{Event: fmt.Sprint("yes-", id), By: slackemu.UserAna, Request: approvals.Marker{ID: id}, Verb: approvals.VerbApprove}
	if _, err := d.Engine.Act(context.Background(), act); err != nil {
		d.t.Fatal(err)
	}
}

// load reads a request.
func (d *desk) load(id int64) *approvals.Request {
	d.t.Helper()
	r, err := d.Store.Load(context.Background(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// until waits for something to be so.
func (d *desk) until(what string, so func() bool) {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatal("it never came to this: " + what)
		}
	}
}

// cloud starts a cloud for a project and returns the client that speaks to it.
func (d *desk) cloud(project string, clock func() time.Time) *client.Client {
	d.t.Helper()
	server := cbhemu.New(cbhemu.Options{Now: clock})
	web := httptest.NewServer(server)
	d.t.Cleanup(web.Close)
	d.clouds[project] = server
	api, err := client.New(client.Config{
		Endpoint: web.URL, ProjectID: cbhemu.DefaultProject, Now: clock,
		Auth: client.Sign(cbhemu.DefaultAK, cbhemu.DefaultSK, ""),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return api
}

// types lets Rita type a command and returns what she is answered.
func (d *desk) types(text string) slackemu.Message {
	d.t.Helper()
	d.events++
	c := bot.Command{UserID: slackemu.UserRita, ChannelID: slackemu.ChannelOps, Text: text}
	c.EnvelopeID, c.Received = fmt.Sprint("event-", d.events), now
	before := len(d.answers())
	if err := d.onCommand(context.Background(), c); err != nil {
		d.t.Fatalf("/cbh %s: %v", text, err)
	}
	answers := slices.DeleteFunc(d.answers()[before:], func(m slackemu.Message) bool {
		return strings.Contains(content(m), "I am still at it") // to whom a slow machine answers
	})
	if len(answers) != 1 {
		d.t.Fatalf("/cbh %s: %d answers", text, len(answers))
	}
	return answers[0]
}

// answers are what only Rita sees.
func (d *desk) answers() []slackemu.Message {
	var private []slackemu.Message
	for _, m := range d.slack.As(slackemu.UserRita).Sees(slackemu.ChannelOps) {
		if m.EphemeralFor == slackemu.UserRita {
			private = append(private, m.Message)
		}
	}
	return private
}

// presses continues with the button of that name.
func (d *desk) presses(m slackemu.Message, label string) slackemu.Message {
	d.t.Helper()
	for _, b := range buttonsOf(m) {
		if b.label != label {
			continue
		}
		draft, err := parseDraft(b.value)
		if err != nil {
			d.t.Fatal(err)
		}
		d.events++
		before := len(d.answers())
		a := actor{event: fmt.Sprint("event-", d.events), user: slackemu.UserRita, channel: slackemu.ChannelOps, at: now,
			to: bot.Address{User: slackemu.UserRita, Channel: slackemu.ChannelOps}}
		if err := d.explain(context.Background(), a, d.proceed(context.Background(), a, draft)); err != nil {
			d.t.Fatal(err)
		}
		return d.answers()[before]
	}
	d.t.Fatalf("no button %q in: %s", label, content(m))
	return slackemu.Message{}
}

type shownButton struct{ label, value string }

func buttonsOf(m slackemu.Message) []shownButton {
	var found []shownButton
	for _, block := range m.Blocks {
		elements, _ := block["elements"].([]any)
		for _, e := range elements {
			element, _ := e.(map[string]any)
			text, _ := element["text"].(map[string]any)
			if element["type"] == "button" {
				label, _ := text["text"].(string)
				value, _ := element["value"].(string)
				found = append(found, shownButton{label, value})
			}
		}
	}
	return found
}

// content is all the text of a message: of its sections, and of its table.
func content(m slackemu.Message) string {
	var all []string
	for _, block := range m.Blocks {
		if block["type"] != "actions" {
			all = append(all, textsIn(block)...)
		}
	}
	return strings.Join(all, "\n")
}

func textsIn(value any) (all []string) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			all = append(all, textsIn(item)...)
		}
	case map[string]any:
		for _, name := range []string{"text", "fallback"} {
			if text, ok := v[name].(string); ok {
				all = append(all, text)
			}
		}
		for _, item := range v {
			all = append(all, textsIn(item)...)
		}
	}
	return all
}

func (d *desk) listCalls(project string) int { return len(d.clouds[project].Requests(cbhemu.OpList)) }
