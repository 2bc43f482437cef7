package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"cbhbot/approvals"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/handlers/timephrase"
)

const sandboxUsage = `Usage: cbhbot sandbox [flags]

Serves a Slack workspace and a cloud of its own on 127.0.0.1, with the real bot
between them, and a page to act in. Nothing leaves the machine. Requests are
kept in memory, or in Redis when REDIS_URL is set.

`

// sandboxFlags are what the sandbox can be told.
type sandboxFlags struct {
	port     int
	headless bool
	only     string
	seed     string
	now      time.Time // when the sandbox's clock begins; zero: at the real time
}

func readSandboxFlags(args []string, stdout io.Writer) (sandboxFlags, error) {
	var f sandboxFlags
	set := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.IntVar(&f.port, "port", 8090, "`port` of the page; 0 takes a free one")
	set.BoolVar(&f.headless, "headless", false, "serve the emulators and their control APIs without the page's hints")
	set.StringVar(&f.only, "only", "", "serve only one emulator, without the bot: `slack` or `cbh`")
	set.StringVar(&f.seed, "seed", "prod", "the cloud's `scenario`: prod, \"will fail\", \"changes ids\", …")
	set.Func("now", "`moment` at which the sandbox's clock begins, such as 2026-08-05T10:00:00+08:00 (default: the present, or a day ahead when \"sunday 2am\" is too near)", func(text string) error {
		at, err := time.Parse(time.RFC3339, text)
		f.now = at
		return err
	})
	err := set.Parse(args)
	if err == flag.ErrHelp {
		fmt.Fprint(stdout, sandboxUsage)
		set.SetOutput(stdout)
		set.PrintDefaults()
		return f, err
	}
	if err == nil && set.NArg() > 0 {
		err = fmt.Errorf("sandbox takes no argument, but was given %q", set.Arg(0))
	}
	if err == nil && f.only != "" && f.only != "slack" && f.only != "cbh" {
		err = fmt.Errorf("--only takes slack or cbh, not %q", f.only)
	}
	if err == nil && !slices.Contains(cbhemu.Seeds(), f.seed) {
		err = fmt.Errorf("--seed takes one of %s, not %q", strings.Join(cbhemu.Seeds(), ", "), f.seed)
	}
	if err != nil {
		return f, usageError{fmt.Errorf("%w; see `cbhbot sandbox --help`", err)}
	}
	return f, nil
}

// movable is the sandbox's clock: the real one, which can be moved ahead.
type movable struct {
	ahead   atomic.Int64
	skipped atomic.Pointer[func()] // called when it was moved; nil: nobody is to know
}

func (m *movable) now() time.Time      { return time.Now().Add(time.Duration(m.ahead.Load())) }
func (m *movable) lead() time.Duration { return time.Duration(m.ahead.Load()) }
func (m *movable) skipTo(t time.Time)  { m.skip(max(0, t.Sub(m.now()))) }

func (m *movable) skip(d time.Duration) {
	m.ahead.Add(int64(d))
	if told := m.skipped.Load(); told != nil {
		(*told)()
	}
}

// sandbox is the two emulators on one address, and what is needed between them.
type sandbox struct {
	flags sandboxFlags
	clock *movable
	slack *slackemu.Server
	cloud *cbhemu.Server
	base  string // http://127.0.0.1:PORT
}

func sandboxCommand(ctx context.Context, args []string, stdout io.Writer) error {
	flags, err := readSandboxFlags(args, stdout)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", flags.port))
	if err != nil {
		return fmt.Errorf("the page's port is taken (choose another with --port): %w", err)
	}
	box := newSandbox(flags, "http://"+listener.Addr().String())
	defer box.slack.Close()
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return serveUntil(ctx, listener, box.routes()) })
	if flags.only == "" {
		parts.Go(func() error { return box.bot(ctx) })
	}
	fmt.Fprint(stdout, box.greeting())
	return parts.Wait()
}

func newSandbox(flags sandboxFlags, base string) *sandbox {
	box := &sandbox{flags: flags, clock: &movable{}, base: base}
	if !flags.now.IsZero() {
		box.clock.skip(time.Until(flags.now))
	} else {
		box.clock.skip(headStart(time.Now()))
	}
	box.cloud = cbhemu.New(cbhemu.Options{Now: box.clock.now, Seed: flags.seed})
	box.slack = slackemu.New(slackemu.Options{
		BaseURL: base, Now: box.clock.now, Seed: time.Now().UnixNano(), Tools: box.tools(), Note: box.note,
		Placeholder: "/cbh upgrade bastion-prod sunday 2am -- security fixes",
	})
	return box
}

// headStart is how far ahead the clock has to begin for the example that people
// are given: from Saturday on, "sunday 2am" is too near.
func headStart(now time.Time) time.Duration {
	const skip = 26 * time.Hour
	limits := timephrase.Limits{Min: skip - 30*time.Minute}
	if _, err := timephrase.Parse("sunday 2am", now, ritasZone, limits); err != nil {
		return skip
	}
	return 0
}

// ritasZone is where the person of the example sits.
var ritasZone = time.FixedZone("UTC+08:00", 8*60*60)

// routes puts both emulators and their controls on one address: the cloud's
// paths begin with /v2 and /v3.
func (b *sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", b.slack)
	mux.Handle("/v2/", b.cloud)
	mux.Handle("/v3/", b.cloud)
	mux.Handle("/_control/slack/", http.StripPrefix("/_control/slack", b.slack.Control()))
	mux.HandleFunc("POST /_control/clock", b.controlClock)
	mux.Handle("/_control/cbh/", http.StripPrefix("/_control/cbh", b.cloud.Control()))
	return mux
}

// controlClock moves the clock ahead by the form's "by", such as 25h, and
// answers with the time it shows then.
func (b *sandbox) controlClock(w http.ResponseWriter, r *http.Request) {
	by, err := time.ParseDuration(r.FormValue("by"))
	if err != nil || by < 0 {
		http.Error(w, "by is to be a duration such as 25h", http.StatusBadRequest)
		return
	}
	b.clock.skip(by)
	fmt.Fprintln(w, b.clock.now().UTC().Format(time.RFC3339))
}

func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// bot runs the same bot as cbhbot run, told about the emulators instead of the
// world.
func (b *sandbox) bot(ctx context.Context) error {
	config, err := readConfig("sandbox", b.settings(), os.Environ(), io.Discard)
	if err != nil {
		return err
	}
	log, err := newLog(config, os.Stderr)
	if err != nil {
		return usageError{err}
	}
	rdb, stop, err := sandboxRedis(os.Getenv("REDIS_URL"))
	if err != nil {
		return err
	}
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	service, err := assemble(config, rdb, log, b.clock.lead)
	if err != nil {
		listener.Close()
		return err
	}
	service.engine.Pace = sandboxPace
	forget := service.cloud.Forget
	b.clock.skipped.Store(&forget)
	return service.run(ctx, listener)
}

// sandboxPace looks often: here the cloud costs nothing, and people wait.
var sandboxPace = approvals.Pace{Near: 2 * time.Second, Running: time.Second}

// settings are the flags that point the bot at the emulators.
func (b *sandbox) settings() []string {
	args := map[string]string{
		"slack-bot-token": slackemu.BotToken, "slack-app-token": slackemu.AppToken, "slack-api-url": b.base + "/api/",
		"redis-url": "redis://embedded", "cbh-endpoint": b.base, "iam-endpoint": b.base,
		"cbh-project-id": cbhemu.DefaultProject, "cbh-iam-user": cbhemu.DefaultUser,
		"cbh-iam-password": cbhemu.DefaultPassword, "cbh-iam-domain": cbhemu.DefaultDomain,
		"cbhbot-log-format": "text", "cbhbot-log-level": "warn",
	}
	if os.Getenv("CBHBOT_APPROVERS") == "" && os.Getenv("CBHBOT_POLICY") == "" {
		args["cbhbot-approvers"] = slackemu.UserAna + "," + slackemu.UserBo
	}
	var flags []string
	for name, value := range args {
		flags = append(flags, "--"+name+"="+value)
	}
	return flags
}

// sandboxRedis is the real Redis that REDIS_URL names, or one inside the process.
func sandboxRedis(url string) (redis.UniversalClient, func(), error) {
	if url != "" {
		rdb, err := openRedis(url)
		if err != nil {
			return nil, nil, usageError{err}
		}
		return rdb, func() { rdb.Close() }, nil
	}
	server, err := miniredis.Run()
	if err != nil {
		return nil, nil, fmt.Errorf("starting the embedded Redis: %w", err)
	}
	rdb := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr()}, ContextTimeoutEnabled: true})
	return rdb, func() { rdb.Close(); server.Close() }, nil
}

func (b *sandbox) greeting() string {
	var text strings.Builder
	fmt.Fprintf(&text, "The sandbox is at %s\n", b.base)
	if b.flags.headless || b.flags.only != "" {
		fmt.Fprintf(&text, "Control APIs: %[1]s/_control/slack/, %[1]s/_control/cbh/ and %[1]s/_control/clock\n", b.base)
		return text.String()
	}
	text.WriteString(`
Try this in the page:
  1. As Rita, type   /cbh upgrade bastion-prod sunday 2am -- security fixes
  2. Switch to Ana and press Approve on the card; read in the thread what the cloud said.
  3. In the panel "The cloud", skip to the upgrade, and watch it start and finish.

Press Ctrl-C to stop.
`)
	return text.String()
}

// tools are the page's buttons that move the sandbox's clock.
func (b *sandbox) tools() []slackemu.Tool {
	return []slackemu.Tool{
		{Name: "hour", Title: "Skip 1 hour", Help: "Moves the sandbox's clock ahead", Run: b.skipper(time.Hour)},
		{Name: "ten-minutes", Title: "Skip 10 minutes", Help: "Moves the sandbox's clock ahead", Run: b.skipper(10 * time.Minute)},
		{Name: "upgrade", Title: "Skip to the next upgrade", Help: "Moves the clock to a minute after the next scheduled time", Run: b.skipToUpgrade},
	}
}

func (b *sandbox) skipper(d time.Duration) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		b.clock.skip(d)
		return "It is " + b.clock.now().UTC().Format("Mon 2 Jan 15:04 UTC"), nil
	}
}

func (b *sandbox) skipToUpgrade(context.Context) (string, error) {
	var next time.Time
	for _, i := range b.cloud.Instances() {
		if !i.UpgradeTime.IsZero() && (next.IsZero() || i.UpgradeTime.Before(next)) {
			next = i.UpgradeTime
		}
	}
	if next.IsZero() {
		return "Nothing is scheduled. Ask for an upgrade and approve it first.", nil
	}
	b.clock.skipTo(next.Add(time.Minute))
	return "It is " + b.clock.now().UTC().Format("Mon 2 Jan 15:04 UTC"), nil
}

// note shows the cloud's state beside the conversation.
func (b *sandbox) note() string {
	lines := []string{"The sandbox's clock: " + b.clock.now().UTC().Format("Mon 2 Jan 2006 15:04 UTC"), ""}
	for _, i := range b.cloud.Instances() {
		line := fmt.Sprintf("%s  %s  %s", i.Name, i.Version, i.Status)
		if !i.UpgradeTime.IsZero() {
			line += "  upgrade " + i.UpgradeTime.UTC().Format("Mon 2 Jan 15:04 UTC")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
