package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/engine"
	"cbhbot/approvals/growstack"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/cmd/cbhbot/check"
	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// howToBegin is for whoever starts the bot before anything is set.
const howToBegin = `nothing is set yet. How to begin:
  1. try it, without any setting:   cbhbot sandbox
  2. make the Slack app:            https://api.slack.com/apps, "From a manifest": deploy/slack-manifest.yaml
     and take its two tokens:       SLACK_BOT_TOKEN=xoxb-…  SLACK_APP_TOKEN=xapp-…
  3. have a Redis that keeps data:  REDIS_URL=redis://127.0.0.1:6379/0  (appendonly yes)
  4. name the cloud's project:      CBH_REGION=…  CBH_PROJECT_ID=…  CBH_IAM_USER=…  CBH_IAM_PASSWORD=…  CBH_IAM_DOMAIN=…
  5. name who may approve:          CBHBOT_APPROVERS=U012ABCDEF,S345GHIJKL
  6. see what is still wrong:       cbhbot check
  7. start it:                      cbhbot run  (cbhbot run --help lists every setting)`

// nothingSet reports whether neither a flag nor a variable that has to be set is there.
func nothingSet(args, environ []string) bool {
	values := env.ToMap(environ)
	return len(args) == 0 && values["SLACK_BOT_TOKEN"]+values["SLACK_APP_TOKEN"]+values["REDIS_URL"] == ""
}

func runCommand(ctx context.Context, args []string, stdout io.Writer) error {
	if nothingSet(args, os.Environ()) {
		return cli.UsageError{Err: errors.New(howToBegin)}
	}
	c, err := readConfig("run", args, os.Environ(), stdout)
	if err != nil {
		return err
	}
	log := newLog(c, os.Stderr)
	defer unhurried(log).flush()
	for _, name := range c.strays() {
		log.Warnf(check.NoSetting, name)
	}
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	defer rdb.Close()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("CBHBOT_LISTEN: %w (each copy needs an address of its own, such as 127.0.0.1:9191)", err)
	}
	hangups := make(chan os.Signal, 1) // SIGHUP asks for the policy to be read again
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	service, err := assemble(c, rdb, log, nil)
	if err != nil {
		listener.Close()
		return err
	}
	service.hangups = hangups
	return service.run(ctx, listener)
}

// unhurried lets the bot outlive those who read its log: it waits for nobody who has
// stopped reading, and goes on when the reader is gone.
func unhurried(log *logrus.Logger) *aside {
	signal.Ignore(syscall.SIGPIPE)
	lines := newAside(log.Out, func(left int64) {
		log.WithField("lines", left).Warn("lines of the log were left out, because they were not read in time")
	})
	log.SetOutput(lines)
	return lines
}

// service is the bot put together: what run and sandbox both run.
type service struct {
	config    Config
	log       *logrus.Logger
	http      *http.Client // for Slack
	redis     redis.UniversalClient
	store     *store.Store
	clock     *clock // nil: the clock is not compared with anything
	sender    *bot.Sender
	receiver  *bot.Receiver
	sockets   *bot.Sockets
	inbox     *bot.Inbox
	mux       *bot.Mux
	changes   *bot.Changes
	reached   []check.Project
	cloud     *cloud.Cloud
	engine    *engine.Engine
	handlers  *handlers.Handlers
	home      *home
	policy    *inForce
	audit     *audit.Log
	mirrors   []*audit.Mirror
	hangups   chan os.Signal // each asks for the policy to be read again; nil: none comes
	registry  *prometheus.Registry
	counters  *counters
	open      *asked // about open requests
	transport *bot.Metrics
}

// assemble wires the parts, each behind those that it is given. ahead is how far the deployment's clock is ahead of
// Redis'; nil is not at all, and the clocks are compared.
func assemble(c Config, rdb redis.UniversalClient, log *logrus.Logger, ahead func() time.Duration) (s *service, err error) {
	s = &service{config: c, log: log, redis: rdb, http: bot.NewHTTPClient(), home: &home{}, registry: prometheus.NewRegistry()}
	s.counters, s.transport = newCounters(s.registry), bot.NewMetrics(s.registry)
	durable := store.Durable(rdb, c.RedisWaitReplicas)
	s.store = store.New(rdb, store.Options{Durable: durable, Ahead: ahead})
	if ahead == nil {
		s.clock = newClock(s.store, log, s.registry)
	}
	s.reached, err = reach(c, log, s.store.Now, told{date: s.clock.seesCloud, call: s.counters.called, token: s.counters.gotToken})
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	if s.policy, err = openPolicy(c, log, s.registry); err != nil {
		return nil, cli.UsageError{Err: err}
	}
	s.sender = bot.NewSender(bot.SenderConfig{
		Token: c.SlackBotToken, APIURL: c.SlackAPIURL, HTTP: s.http, Log: log, OnDate: s.clock.sees(slackServer), Metrics: s.transport,
	})
	s.cloud = cloud.New(together(s.reached)...)
	s.handle()
	s.audit = audit.New(rdb, store.DefaultPrefix, log, ahead)
	s.mirrors = mirrorsOf(c, s.audit, durable, s.sender, s.channelLanguage)
	s.connect()
	s.open = openGauges(s.store)
	s.registry.MustRegister(s.gauges()...)
	return s, nil
}

// handle makes the parts between people and the cloud. The handlers and the engine need each
// other: the engine tells the handlers what has changed.
func (s *service) handle() {
	s.handlers = &handlers.Handlers{
		Store: s.store, Sender: s.sender, Cloud: s.cloud, Now: s.store.Now, Log: s.log,
		Memory:  handlers.Memory{Redis: s.redis, Prefix: store.DefaultPrefix, Now: s.store.Now},
		MinLead: s.config.MinLead, MaxLead: s.config.MaxLead, Language: s.language,
	}
	s.engine = engine.New(engine.Config{
		Store: s.store, Executor: s.cloud, Log: s.log, Metrics: engine.NewMetrics(s.registry),
		Authority: policy.Authority{Policy: s.policy.now, Directory: handlers.Directory{Sender: s.sender, Home: s.home.identity}},
		Presenter: handlers.Presenter{Sender: s.sender, Log: s.log, Refused: s.counters.refused.Inc, Language: s.language},
		Trusted:   s.clock.trusted, Unseen: s.unseen, Changed: s.handlers.Changed,
	})
	s.handlers.Engine = s.engine
	s.mux = bot.NewMux()
	s.handlers.Register(s.mux)
	s.changes = &bot.Changes{Redis: s.redis, Prefix: store.DefaultPrefix, Sender: s.sender}
	s.changes.Register(s.mux)
}

// language is that of the channel of a request's card.
func (s *service) language(r *approvals.Request) *messages.Language {
	return messages.ByTag(string(s.policy.now().Language(r.Items[0].Target)))
}

// channelLanguage is that of a channel that is no request's.
func (s *service) channelLanguage() *messages.Language {
	return messages.ByTag(string(s.policy.now().Language(approvals.Target{})))
}

// unseen reports whether Slack says that somebody cannot see a channel.
func (s *service) unseen(ctx context.Context, channel, person string) bool {
	hidden, err := s.sender.Hidden(ctx, channel, person)
	if err != nil {
		s.log.WithError(err).Warn("nobody knows whether the requester sees the channel of the card; they are taken to")
	}
	return hidden
}

// connect makes the parts that talk to Slack's sockets: what these bring, the receiver checks
// and the inbox keeps, which is read more slowly while they are flooded.
func (s *service) connect() {
	s.inbox = bot.NewInbox(bot.InboxConfig{
		Redis: s.redis, Durable: store.Durable(s.redis, s.config.RedisWaitReplicas), Prefix: store.DefaultPrefix,
		Name: replica, OnParked: s.onParked, Log: s.log,
		Flooded: func() bool { return s.sockets.Flooded() }, // they are made last
	})
	s.receiver = &bot.Receiver{
		Inbox: s.inbox, Mux: s.mux, Sender: s.sender, Identity: s.home.identity, Log: s.log, Metrics: s.transport,
		Words: handlers.Apologise(s.sender),
	}
	s.sockets = bot.NewSockets(bot.SocketsConfig{
		AppToken: s.config.SlackAppToken, APIURL: s.config.SlackAPIURL, Connections: s.config.SlackConnections,
		HTTP: s.http, Log: s.log, Now: s.store.Now, Receive: s.receiver.Receive, OnDate: s.clock.sees(slackServer), Metrics: s.transport,
		Roster: &bot.Roster{Redis: s.redis, Prefix: store.DefaultPrefix, Name: replica},
	})
}

// onParked counts what is put aside, and tells whoever asked for it.
func (s *service) onParked(ctx context.Context, e bot.Envelope, why error) {
	s.counters.parked.Inc()
	s.receiver.Parked(ctx, e, why)
}

// garbage is how much may lie about, in per cent of what is in use. That is little, and
// what is read, drawn and sent is much: at Go's 100 the collector takes more of the
// processor, at 200 there are 4 MB more (deploy/docs/performance.md).
const garbage = 125

// spareCollector lets the collector run less often, unless GOGC says how often.
func spareCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

// forewarn says what is wrong with where things are kept: it would be noticed late.
func (s *service) forewarn(ctx context.Context) {
	if reason := check.Forgets(ctx, s.redis, s.config.RedisWaitReplicas); reason != "" {
		s.log.Warn("this Redis is not as the bot needs it: " + reason)
	}
	warnOf(s.log, check.CertFile(s.config.environ["SSL_CERT_FILE"]))
	if path := s.config.AuditFile; path != "" {
		warnOf(s.log, check.AuditFile(path))
	}
}

// run serves until ctx ends or a part fails for good, and then lets every part
// finish what it holds.
func (s *service) run(ctx context.Context, listener net.Listener) error {
	spareCollector()
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return s.serveHealth(ctx, listener) }) // also while Slack is away
	parts.Go(func() error { return s.begin(ctx, parts, listener.Addr()) })
	err := parts.Wait()
	s.log.Info("cbhbot has stopped")
	return err
}

// begin starts the parts once Slack has said who the bot is.
func (s *service) begin(ctx context.Context, parts *errgroup.Group, address net.Addr) error {
	if err := s.introduce(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	_, moved := moveIn(ctx, s.redis, tenantOf(s.home.identity()))
	if isForeign(moved) {
		return moved
	}
	s.forewarn(ctx)
	s.log.WithFields(logrus.Fields{"team": s.home.identity().TeamID, "listen": address.String()}).Info("cbhbot starts")

	parts.Go(func() error { return s.settleIn(ctx, moved, tenantAgain) })
	parts.Go(func() error { return s.sockets.Run(ctx) })
	tireless := []func(context.Context){
		func(ctx context.Context) { s.inbox.Run(ctx, s.work) }, func(ctx context.Context) { s.policy.obey(ctx, s.hangups) },
		s.policy.watch, s.engine.Run, s.handlers.KeepHomes, s.audit.Run, s.changes.Run, s.lookAhead, s.compareClocks,
	}
	for _, mirror := range s.mirrors {
		tireless = append(tireless, mirror.Run)
	}
	for _, part := range tireless {
		parts.Go(func() error { part(ctx); return nil })
	}
	return nil
}

// introduce asks Slack who we are. A workspace that does not answer is waited
// for; a token that is refused ends the program.
func (s *service) introduce(ctx context.Context) error {
	pause := time.Second
	for {
		identity, err := s.sender.Identify(ctx)
		if err == nil {
			s.home.id.Store(&identity)
			return nil
		}
		if ctx.Err() != nil {
			return nil // nobody waits for an answer any more
		}
		if bot.Permanent(err) || bot.Disowned(err) {
			return fmt.Errorf("Slack refuses SLACK_BOT_TOKEN (%w): set it to the token (xoxb-…) on the app's page OAuth & Permissions; cbhbot check says more", err)
		}
		s.log.WithError(err).Warn("Slack does not answer; trying again")
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
			pause = min(2*pause, 30*time.Second)
		}
	}
}

// mostTold is how often an answer is given that may have been read.
const mostTold = 3

// work does what one envelope asks for. A failure that is the world's is put off
// for as long as it takes.
func (s *service) work(ctx context.Context, d bot.Delivery) error {
	growstack.Grow()
	begun := time.Now()
	err := s.mux.Serve(ctx, d.Envelope)
	if _, untold := errors.AsType[*handlers.UntoldError](err); untold && bot.Unclear(err) && d.Try >= mostTold {
		s.log.WithError(err).WithField("envelope", d.ID).Warn("an answer may have been read more than once, and is not repeated")
		return nil
	}
	if err != nil && handlers.IsTemporary(err) {
		return bot.Later(err)
	}
	if err == nil {
		s.worked(d, time.Since(begun))
	}
	return err
}

// slowWork is how long the work on an envelope takes when that is worth a line.
const slowWork = time.Second

// worked notes that the work on an envelope is done. What it did has lines of its own:
// another is for work that was slow, or begun more than once.
func (s *service) worked(d bot.Delivery, took time.Duration) {
	s.counters.answered(d.Envelope, s.store.Now().Sub(d.Received))
	level := logrus.DebugLevel
	if took >= slowWork || d.Try > 1 {
		level = logrus.InfoLevel
	}
	if s.log.IsLevelEnabled(level) {
		s.log.WithFields(logrus.Fields{
			"envelope": d.ID, "type": d.Type, "actor": d.Actor(), "try": d.Try, "duration": took.Seconds(),
		}).Log(level, "work is done")
	}
}

// serveHealth answers /healthz, /readyz and /metrics.
func (s *service) serveHealth(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *service) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	err := s.redis.Time(ctx).Err() // a Redis that cannot write to its disk refuses a PING
	switch {
	case err != nil:
		err = fmt.Errorf("Redis cannot be used: %w", err)
	case s.sockets.Connected() == 0:
		err = errors.New("no socket to Slack is open")
	default:
		err = s.clock.trusted("", engine.CallSkew)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
