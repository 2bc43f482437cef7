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
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"

	"cbhbot/approvals"
	"cbhbot/approvals/queue"
	"cbhbot/bot"
	"cbhbot/client"
	"cbhbot/handlers"
	"cbhbot/handlers/timephrase"
)

func runCommand(ctx context.Context, args []string, stdout io.Writer) error {
	c, err := readConfig("run", args, environment(), stdout)
	if err != nil {
		return err
	}
	log, err := newLog(c, os.Stderr)
	if err != nil {
		return usageError{err}
	}
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return usageError{err}
	}
	defer rdb.Close()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("CBHBOT_LISTEN: %w", err)
	}
	hangups := make(chan os.Signal, 1) // SIGHUP asks for the policy to be read again
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	clk := newClock(time.Now, log)
	service, err := assemble(c, rdb, log, time.Now, clk)
	if err != nil {
		listener.Close()
		return err
	}
	service.hangups = hangups
	return service.run(ctx, listener)
}

func newLog(c Config, w io.Writer) (*logrus.Logger, error) {
	log := logrus.New()
	log.SetOutput(w)
	level, err := logrus.ParseLevel(c.LogLevel)
	if err != nil {
		return nil, fmt.Errorf("CBHBOT_LOG_LEVEL: %q is not debug, info, warn or error", c.LogLevel)
	}
	log.SetLevel(level)
	if c.LogFormat == "json" {
		log.SetFormatter(&logrus.JSONFormatter{})
	}
	redis.SetLogger(redisLog{log})
	return log, nil
}

// service is the bot put together: what run and sandbox both run.
type service struct {
	config   Config
	log      *logrus.Logger
	redis    redis.UniversalClient
	clock    *clock // nil: the clock is not compared with anything
	sender   *bot.Sender
	receiver *bot.Receiver
	sockets  *bot.Sockets
	inbox    *bot.Inbox
	mux      *bot.Mux
	runner   *approvals.Runner
	home     *home
	policy   *policy
	mirrors  []*approvals.Mirror // of the audit
	hangups  chan os.Signal      // each asks for the policy to be read again; nil: none comes
	registry *prometheus.Registry
	parked   prometheus.Counter
}

func assemble(c Config, rdb redis.UniversalClient, log *logrus.Logger, now func() time.Time, clk *clock) (*service, error) {
	s := &service{config: c, log: log, redis: rdb, clock: clk, home: &home{}, registry: prometheus.NewRegistry()}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.parked = prometheus.NewCounter(prometheus.CounterOpts{Name: "cbhbot_parked_total", Help: "Work that failed too often and was put aside."})
	s.registry.MustRegister(s.parked)

	projects, err := projectsOf(c, log, now, s.dates("cloud"))
	if err != nil {
		return nil, usageError{err}
	}
	s.sender = bot.NewSender(bot.SenderConfig{Token: c.SlackBotToken, APIURL: c.SlackAPIURL, Log: log, Now: now, OnDate: s.dates("slack")})
	cloud := handlers.NewCloud(now, projects...)
	people := handlers.Directory{Sender: s.sender, Home: s.home.identity}
	if s.policy, err = openPolicy(c, log, s.registry); err != nil {
		return nil, usageError{err}
	}
	authority := &approvals.Authority{Policy: s.policy.inForce, Directory: people}
	store := approvals.NewStore(rdb, approvals.DefaultPrefix, c.RedisWaitReplicas)
	s.runner = &approvals.Runner{
		Store: store, Authority: authority, Executor: cloud, Presenter: handlers.Presenter{Sender: s.sender, Now: now},
		Now: now, Log: log, Trusted: s.trusted,
	}
	h := &handlers.Handlers{
		Service: &approvals.Service{Store: store, Authority: authority, Now: now, Log: log},
		Store:   store, Sender: s.sender, Cloud: cloud, People: people, Now: now, Log: log,
		Lead: timephrase.Limits{Min: c.MinLead + leadSlack, Max: c.MaxLead},
	}
	s.mirrors = mirrorsOf(c, store, s.sender, log)
	s.mux = bot.NewMux()
	h.Register(s.mux)
	s.connect(now)
	return s, nil
}

// connect makes the parts that talk to Slack's sockets.
func (s *service) connect(now func() time.Time) {
	metrics := bot.NewMetrics(s.registry)
	s.inbox = bot.NewInbox(bot.InboxConfig{Redis: s.redis, Prefix: approvals.DefaultPrefix, WaitReplicas: s.config.RedisWaitReplicas, Now: now, Log: s.log})
	s.receiver = &bot.Receiver{Inbox: s.inbox, Mux: s.mux, Sender: s.sender, Identity: s.home.identity, Log: s.log, Metrics: metrics}
	s.sockets = bot.NewSockets(bot.SocketsConfig{
		AppToken: s.config.SlackAppToken, APIURL: s.config.SlackAPIURL, Connections: s.config.SlackConnections,
		Log: s.log, Now: now, Receive: s.receiver.Receive, OnDate: s.dates("slack"), Metrics: metrics,
	})
}

// dates is where a server's Date headers go; nil when they are not compared.
func (s *service) dates(server string) func(time.Time) {
	if s.clock == nil {
		return nil
	}
	return s.clock.sees(server)
}

func (s *service) trusted() error {
	if s.clock == nil {
		return nil
	}
	return s.clock.trusted()
}

// projectsOf are the cloud projects the bot looks after, each with a client of
// its own.
func projectsOf(c Config, log logrus.FieldLogger, now func() time.Time, onDate func(time.Time)) ([]handlers.Project, error) {
	var projects []handlers.Project
	for _, p := range c.projects() {
		api, err := newClient(p.config, log.WithField("project", p.name), now, onDate)
		if err != nil {
			return nil, fmt.Errorf("project %s: %w", p.name, err)
		}
		projects = append(projects, handlers.Project{Name: p.name, Client: api, Channel: p.channel})
	}
	return projects, nil
}

func newClient(c Config, log logrus.FieldLogger, now func() time.Time, onDate func(time.Time)) (*client.Client, error) {
	return client.New(client.Config{
		Endpoint: c.endpoint("cbh", c.CBHEndpoint), ProjectID: c.CBHProjectID, Auth: authenticator(c, now),
		Now: now, Log: log, OnDate: onDate,
	})
}

func authenticator(c Config, now func() time.Time) client.Authenticator {
	if c.signs() {
		return client.Sign(c.AK, c.SK, c.SecurityToken)
	}
	return client.Password(client.PasswordConfig{
		IAMEndpoint: c.endpoint("iam", c.IAMEndpoint), User: c.CBHIAMUser, Password: c.CBHIAMPassword,
		Domain: c.CBHIAMDomain, ProjectID: c.CBHProjectID, Now: now,
	})
}

// run serves until ctx ends or a part fails for good, and then lets every part
// finish what it holds.
func (s *service) run(ctx context.Context, listener net.Listener) error {
	if err := s.introduce(ctx); err != nil {
		listener.Close()
		return err
	}
	if reason := forgetful(ctx, s.redis); reason != "" {
		s.log.Warn("this Redis may forget what was acknowledged: " + reason)
	}
	s.log.WithFields(logrus.Fields{"team": s.home.identity().TeamID, "listen": listener.Addr().String()}).Info("cbhbot starts")

	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return s.sockets.Run(ctx) })
	parts.Go(func() error { return s.consumer(s.inbox.Stream(), s.work).Run(ctx) })
	parts.Go(func() error { return s.consumer(s.runner.Stream(), s.runner.Handle).Run(ctx) })
	parts.Go(func() error { return s.runner.Timers(ctx) })
	parts.Go(func() error { return s.policy.watch(ctx) })
	parts.Go(func() error { return s.policy.obey(ctx, s.hangups) })
	parts.Go(func() error { return s.serveHealth(ctx, listener) })
	for _, mirror := range s.mirrors {
		parts.Go(func() error { return mirror.Run(ctx) })
	}
	err := parts.Wait()
	s.log.Info("cbhbot has stopped")
	return err
}

// introduce asks Slack who we are. A workspace that does not answer is waited
// for; a token that is refused ends the program.
func (s *service) introduce(ctx context.Context) error {
	pause := time.Second
	for {
		identity, err := s.sender.Identify(ctx)
		if err == nil {
			s.home.set(identity)
			return nil
		}
		if bot.Permanent(err) || ctx.Err() != nil {
			return fmt.Errorf("Slack refuses SLACK_BOT_TOKEN: %w", err)
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

// work handles one entry of the inbox. A failure that is the world's is put off
// for as long as it takes.
func (s *service) work(ctx context.Context, _ string, values map[string]any) error {
	envelope, err := bot.DecodeEntry(values)
	if err != nil {
		return err
	}
	err = s.mux.Serve(ctx, envelope)
	if err != nil && handlers.IsTemporary(err) {
		return queue.Later(err)
	}
	return err
}

func (s *service) consumer(stream string, handle queue.Handler) *queue.Consumer {
	return queue.New(queue.Config{
		Redis: s.redis, Stream: stream, Group: "cbhbot", Name: replica, Handle: handle, Log: s.log, OnParked: s.parked.Inc,
	})
}

// serveHealth answers /healthz, /readyz and /metrics.
func (s *service) serveHealth(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
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
	err := s.redis.Ping(ctx).Err()
	switch {
	case err != nil:
		err = fmt.Errorf("Redis does not answer: %w", err)
	case s.sockets.Connected() == 0:
		err = errors.New("no socket to Slack is open")
	default:
		err = s.trusted()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
