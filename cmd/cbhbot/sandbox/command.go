package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"cbhbot/approvals"
	"cbhbot/approvals/policy/file"
	"cbhbot/approvals/store"
	slackbot "cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers/timephrase"
)

// Program is what the sandbox needs of the program that it is a part of.
type Program struct {
	// Check says what is wrong with the bot's settings, as its environment has them.
	Check func(environ []string) error
	// Bot runs the bot until ctx ends, by the sandbox's clock. It is called in a process
	// of its own, whose environment holds the settings.
	Bot func(ctx context.Context, clock *Clock) error
	// OpenRedis connects to the Redis of a URL.
	OpenRedis func(url string) (redis.UniversalClient, error)
}

// Pace looks often: here the cloud costs nothing, and people wait.
var Pace = approvals.Pace{Near: 2 * time.Second, Running: time.Second}

// Run serves the sandbox until ctx ends.
func Run(ctx context.Context, args []string, stdout io.Writer, program Program) error {
	if len(args) == 1 && args[0] == role {
		return serve(ctx, os.Stdin, os.Stdout, program.Bot)
	}
	f, err := readFlags(args, stdout)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", f.port))
	if err != nil {
		return fmt.Errorf("the page's port is taken (choose another with --port): %w", err)
	}
	box, err := assemble(f, listener.Addr(), program)
	if err != nil {
		listener.Close()
		return err
	}
	defer box.close()
	parts, ctx := errgroup.WithContext(ctx)
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	parts.Go(func() error { return serveUntil(serving, listener, box.handler) })
	if box.bot != nil {
		parts.Go(box.bot.start)
	}
	fmt.Fprint(stdout, box.greeting())
	<-ctx.Done()
	if box.bot != nil {
		box.bot.stop() // while there is a Slack that it can take leave of
	}
	end()
	return parts.Wait()
}

// sandbox is the two emulators on one address, and what is needed between them.
type sandbox struct {
	flags   flags
	base    string // http://127.0.0.1:PORT
	clock   *Clock
	slack   *slackemu.Server
	cloud   *cbhemu.Server
	handler http.Handler

	// What follows is there with the bot only.
	bot     *bot
	ambush  *ambush
	storage *storage
	store   *store.Store
	inbox   *slackbot.Inbox
	travel  *travel
	ledger  *ledger
	tour    *tour
	policy  string // a file of all sandboxes; "": somebody else's counts
}

func assemble(f flags, address net.Addr, program Program) (*sandbox, error) {
	box := &sandbox{flags: f, base: "http://" + address.String(), clock: &Clock{}}
	switch {
	case !f.now.IsZero():
		box.clock.skip(time.Until(f.now))
	case f.only == "": // another bot has the real clock
		box.clock.skip(headStart(time.Now()))
	}
	box.cloud = cbhemu.New(cbhemu.Options{Now: box.clock.now, Seed: f.seed})
	if f.only == "" {
		if err := box.assembleBot(program); err != nil {
			return nil, err
		}
	}
	options := slackemu.Options{BaseURL: box.base, Now: box.clock.now, Seed: time.Now().UnixNano(), Manifest: f.manifest}
	if f.only == onlySlack {
		options.RateLimits = true
	} else {
		options.Hints, options.Placeholder = hints, "/cbh upgrade bastion-prod sunday 2am -- security fixes"
	}
	if box.bot != nil {
		options.Panel = box.panel()
	}
	box.slack = slackemu.New(options)
	if err := box.settleIn(); err != nil {
		return nil, err
	}
	box.handler = guard(address, box.routes())
	return box, nil
}

// assembleBot makes the bot ready to be started, and what it needs.
func (b *sandbox) assembleBot(program Program) error {
	if err := b.writePolicy(); err != nil {
		return err
	}
	environ := append(harmless(os.Environ()), b.settings()...)
	if err := program.Check(append(environ, "REDIS_URL=redis://embedded")); err != nil {
		return err
	}
	var err error
	if b.storage, err = openStorage(b.flags.redis, program.OpenRedis); err != nil {
		return cli.UsageError{Err: err}
	}
	b.bot = &bot{
		environ: append(environ, "REDIS_URL="+b.storage.url), clock: b.clock, log: os.Stderr,
		changed: func() { b.slack.Changed() },
	}
	b.clock.OnMove(b.bot.follow)
	b.ambush = &ambush{bot: b.bot, cloud: b.cloud}
	b.store = store.New(b.storage.client, store.Options{Ahead: b.clock.Ahead})
	b.inbox = slackbot.NewInbox(slackbot.InboxConfig{Redis: b.storage.client})
	b.travel, b.ledger, b.tour = &travel{box: b}, newLedger(b), &tour{box: b}
	return nil
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
	mux.HandleFunc("POST /_control/clock", b.controlClock)
	if b.bot != nil {
		mux.HandleFunc("GET /_control/idle", b.controlIdle)
	}
	if b.flags.only != onlyCloud {
		mux.Handle("/", b.slack)
		mux.Handle("/_control/slack/", http.StripPrefix("/_control/slack", b.slack.Control()))
	}
	if b.flags.only != onlySlack {
		var cloud http.Handler = b.cloud
		if b.bot != nil {
			cloud = b.ambush
		}
		mux.Handle("/v2/", cloud)
		mux.Handle("/v3/", cloud)
		mux.Handle("/_control/cbh/", http.StripPrefix("/_control/cbh", b.cloud.Control()))
	}
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
	b.slack.Changed()
	fmt.Fprintln(w, b.clock.now().UTC().Format(time.RFC3339))
}

// controlIdle answers once the bot has done all that is due.
func (b *sandbox) controlIdle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if err := b.travel.idle(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (b *sandbox) close() {
	if b.bot != nil {
		b.bot.stop()
	}
	b.slack.Close()
	if b.storage != nil {
		b.storage.close()
	}
}

// harmless is the environment without the program's settings: a shell often has those of a real bot.
func harmless(environ []string) []string {
	real := []string{"SLACK_", "REDIS_", "CBH_", "IAM_", "HUAWEICLOUD_", "CBHBOT_"}
	return slices.DeleteFunc(environ, func(set string) bool {
		return slices.ContainsFunc(real, func(prefix string) bool { return strings.HasPrefix(set, prefix) })
	})
}

// settings point the bot at the emulators.
func (b *sandbox) settings() []string {
	set := []string{
		"SLACK_BOT_TOKEN=" + slackemu.BotToken, "SLACK_APP_TOKEN=" + slackemu.AppToken, "SLACK_API_URL=" + b.base + "/api/", "CBHBOT_POLICY=" + b.policy,
		"CBHBOT_LOG_FORMAT=text", "CBHBOT_LOG_LEVEL=warn", "CBHBOT_LISTEN=127.0.0.1:0",
	}
	return append(set, b.cloudSettings()...)
}

// cloudSettings point a bot at the emulated cloud.
func (b *sandbox) cloudSettings() []string {
	return []string{
		"CBH_ENDPOINT=" + b.base, "IAM_ENDPOINT=" + b.base,
		"CBH_PROJECT_ID=" + cbhemu.DefaultProject, "CBH_IAM_USER=" + cbhemu.DefaultUser,
		"CBH_IAM_PASSWORD=" + cbhemu.DefaultPassword, "CBH_IAM_DOMAIN=" + cbhemu.DefaultDomain,
	}
}

// unserved says what of somebody's policy cannot be tried: the cloud here is one project, and none of the policy's.
func (b *sandbox) unserved() string {
	read, err := file.Read(b.policy, 0)
	if err != nil || len(read.Projects) == 0 {
		return ""
	}
	return "\nThe policy lists projects, and the cloud here is none of them: rules for some projects match nothing. To try such a rule, take `projects` out of it.\n"
}

func (b *sandbox) greeting() string {
	if b.flags.only == onlySlack {
		return b.forOthers()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "The sandbox is at %s\n", b.base)
	if b.flags.only == onlyCloud {
		text.WriteString("It is the cloud's API alone, without a page.\n\nFor your bot:\n\n")
		for _, set := range b.cloudSettings() {
			fmt.Fprintf(&text, "  export %s\n", set)
		}
		fmt.Fprintf(&text, "\nControl APIs: %[1]s/_control/cbh/ and %[1]s/_control/clock\nPress Ctrl-C to stop.\n", b.base)
		return text.String()
	}
	if b.flags.headless {
		fmt.Fprintf(&text, "Control APIs: %[1]s/_control/slack/, %[1]s/_control/cbh/ and %[1]s/_control/clock\n", b.base)
		return text.String()
	}
	text.WriteString(b.unserved())
	text.WriteString(`
Try this in the page:
  1. As Rita, type   /cbh upgrade bastion-prod sunday 2am -- security fixes
  2. Switch to Ana and press Approve on the card; read in the thread what the cloud said.
  3. In the panel, press "Go there" until the upgrade has started and finished.

Press Ctrl-C to stop.
`)
	return text.String()
}
