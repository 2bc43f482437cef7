package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/store"
	"cbhbot/bot"
	"cbhbot/cmd/cbhbot/check"
)

// scrapeWaits is how long a scrape waits for Redis. All gauges ask at the same time.
const scrapeWaits = time.Second

// asked is a collector of what Redis has to be asked for. Where it does not answer in
// time nothing is told of that, and everything else is.
type asked struct {
	descs     []*prometheus.Desc
	ask       func(context.Context) ([]prometheus.Metric, error)
	otherwise []prometheus.Metric        // what is told instead; nil: nothing
	late      func() []prometheus.Metric // what is told while the answer is on its way; nil: otherwise
	flight    singleflight.Group         // of all scrapes: one that hangs is not asked beside
}

// Describe implements prometheus.Collector.
func (a *asked) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range a.descs {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (a *asked) Collect(to chan<- prometheus.Metric) {
	timer := time.NewTimer(scrapeWaits)
	defer timer.Stop()
	told := a.otherwise
	select {
	case <-timer.C:
		if a.late != nil {
			told = a.late()
		}
	case answer := <-a.flight.DoChan("", a.answer):
		if answer.Err == nil {
			told, _ = answer.Val.([]prometheus.Metric)
		}
	}
	for _, metric := range told {
		to <- metric
	}
}

// begin asks before the first scrape does, and waits for no answer.
func (a *asked) begin() { a.flight.DoChan("", a.answer) }

func (a *asked) answer() (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWaits) // a collector is given none
	defer cancel()
	return a.ask(ctx)
}

// A question that has much to read takes a hundredth of the time at most: until it is asked
// again its answer is told, and also while it takes longer than a scrape waits.
const (
	readWaits = 10 * time.Second
	readRests = 100
	readAgain = time.Minute
	readHolds = readAgain + readWaits // how old an answer may be that is told
)

// seldom is a question with much to read, and the answer it had last.
type seldom struct {
	ask  func(context.Context) ([]prometheus.Metric, error)
	kept atomic.Pointer[kept]
}

type kept struct {
	metrics      []prometheus.Metric
	begun, again time.Time
}

func (s *seldom) answer(ctx context.Context) ([]prometheus.Metric, error) {
	begun := time.Now()
	if last := s.kept.Load(); last != nil && begun.Before(last.again) {
		return last.metrics, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readWaits)
	defer cancel()
	answer, err := s.ask(ctx)
	if err == nil {
		s.kept.Store(&kept{answer, begun, time.Now().Add(min(readRests*time.Since(begun), readAgain))})
	}
	return answer, err
}

// last is the answer of before; nil where it is too old.
func (s *seldom) last() []prometheus.Metric {
	if last := s.kept.Load(); last != nil && time.Since(last.begun) < readHolds {
		return last.metrics
	}
	return nil
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

// gauges are what Redis is asked for at a scrape.
func (s *service) gauges() []prometheus.Collector {
	return []prometheus.Collector{
		redisGauge(s.redis), replicaGauge(s.redis, s.config.RedisWaitReplicas), inboxGauges(s.inbox), queueGauges(s.store), stateGauges(s.store), s.open,
		sealGauges(s.audit), copyGauge(s.mirrors),
	}
}

func redisGauge(rdb redis.UniversalClient) prometheus.Collector {
	up := desc("cbhbot_redis_up", "1 when Redis takes a write within a second.")
	return &asked{
		descs: []*prometheus.Desc{up}, otherwise: []prometheus.Metric{gauge(up, 0)},
		ask: func(ctx context.Context) ([]prometheus.Metric, error) {
			return []prometheus.Metric{gauge(up, 1)}, check.Writes(ctx, rdb)
		},
	}
}

func replicaGauge(rdb redis.UniversalClient, waits int) prometheus.Collector {
	missing := desc("cbhbot_redis_missing_replicas", "Replicas that a write waits for and that Redis does not have; nothing is acknowledged while one is missing.")
	return &asked{descs: []*prometheus.Desc{missing}, ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		n, err := check.MissingReplicas(ctx, rdb, waits)
		return []prometheus.Metric{gauge(missing, float64(n))}, err
	}}
}

func inboxGauges(inbox *bot.Inbox) prometheus.Collector {
	entries := desc("cbhbot_inbox_entries",
		"Envelopes in the inbox by lane: waiting or being worked on, put off, parked.", "lane", "state")
	age := desc("cbhbot_inbox_age_seconds", "How long ago the oldest envelope was put that waits or is being worked on, or is put off, by lane.", "lane", "state")
	return &asked{descs: []*prometheus.Desc{entries, age}, ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		depths, err := inbox.Depths(ctx)
		var all []prometheus.Metric
		for _, d := range depths {
			lane := d.Lane()
			all = append(all,
				gauge(entries, float64(d.Waiting), lane, "waiting"), gauge(entries, float64(d.PutOff), lane, "put_off"),
				gauge(entries, float64(d.Parked), lane, "parked"),
				gauge(age, d.Age.Seconds(), lane, "waiting"), gauge(age, d.OffAge.Seconds(), lane, "put_off"))
		}
		return all, err
	}}
}

func queueGauges(s *store.Store) prometheus.Collector {
	due := desc("cbhbot_due_requests", "Requests that are due to be acted on or shown and that nobody works on, by queue.", "queue")
	late := desc("cbhbot_due_lateness_seconds", "How long the first request has been due that nobody works on, by queue.", "queue")
	return &asked{descs: []*prometheus.Desc{due, late}, ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		backlogs, err := s.Backlogs(ctx)
		var all []prometheus.Metric
		for _, b := range backlogs {
			all = append(all, gauge(due, float64(b.Due), string(b.Queue)), gauge(late, b.Late.Seconds(), string(b.Queue)))
		}
		return all, err
	}}
}

func stateGauges(s *store.Store) prometheus.Collector {
	requests := desc("cbhbot_requests", "Requests that are kept, by the state of their items; one with items in several states counts in each.", "state")
	return &asked{descs: []*prometheus.Desc{requests}, ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		counts, err := s.Count(ctx)
		var all []prometheus.Metric
		for state, n := range counts {
			all = append(all, gauge(requests, float64(n), string(state)))
		}
		return all, err
	}}
}

// openGauges are about what is open: as many requests as people have at once, not
// as many as there ever were.
func openGauges(s *store.Store) *asked {
	items := desc("cbhbot_open_items", "Items of open requests, by state.", "state")
	age := desc("cbhbot_unknown_outcome_age_seconds", "How long ago the first call was made of whose outcome nothing is known; 0 when there is none.")
	read := &seldom{ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		counts := map[approvals.State]int{}
		var oldest time.Duration
		err := s.EachOpen(ctx, func(r *approvals.Request) { oldest = max(oldest, countItems(r, s.Now(), counts)) })
		all := []prometheus.Metric{gauge(age, oldest.Seconds())}
		for _, state := range approvals.AllStages {
			all = append(all, gauge(items, float64(counts[state]), string(state)))
		}
		return all, err
	}}
	return &asked{descs: []*prometheus.Desc{items, age}, ask: read.answer, late: read.last}
}

// countItems counts a request's items by their stages, and tells the age of its oldest
// unknown outcome.
func countItems(r *approvals.Request, now time.Time, counts map[approvals.State]int) (oldest time.Duration) {
	for i, it := range r.Items {
		counts[r.Stage(i)]++
		if it.State == approvals.Unknown {
			oldest = max(oldest, now.Sub(it.Call.StartedAt))
		}
	}
	return oldest
}

func sealGauges(log *audit.Log) prometheus.Collector {
	waiting := desc("cbhbot_audit_unsealed", "Entries of the audit that wait to be sealed.")
	age := desc("cbhbot_audit_seal_lag_seconds", "How long the oldest entry of the audit has waited to be sealed.")
	return &asked{descs: []*prometheus.Desc{waiting, age}, ask: func(ctx context.Context) ([]prometheus.Metric, error) {
		entries, lag, err := log.Lag(ctx)
		return []prometheus.Metric{gauge(waiting, float64(entries)), gauge(age, lag.Seconds())}, err
	}}
}

func copyGauge(mirrors []*audit.Mirror) prometheus.Collector {
	lag := desc("cbhbot_audit_copy_lag_seconds", "How long the first sealed entry of the audit has waited that a copy of it does not have.", "copy")
	return &asked{descs: []*prometheus.Desc{lag}, ask: func(ctx context.Context) (all []prometheus.Metric, err error) {
		for _, m := range mirrors {
			age, fault := m.Lag(ctx)
			if err = errors.Join(err, fault); fault == nil {
				all = append(all, gauge(lag, age.Seconds(), m.Name))
			}
		}
		return all, err
	}}
}
