package main

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
	"cbhbot/cmd/cbhbot/check"
)

// policyEvery is how often the policy file is looked at.
const policyEvery = 3 * time.Second

// inForce is the policy in force: that of the file, or of the variables where
// there is no file.
type inForce struct {
	keeper   *file.Keeper // nil: the variables hold
	path     string       // of the file; "" where there is none
	fixed    *policy.Policy
	projects []file.Project // as they were at the start
	log      logrus.FieldLogger
	bad, sum prometheus.Gauge
}

func openPolicy(c Config, log logrus.FieldLogger, registry prometheus.Registerer) (*inForce, error) {
	p := &inForce{path: c.PolicyFile, fixed: c.policy(), log: log.WithField("policy", c.PolicyFile)}
	p.bad = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cbhbot_policy_bad", Help: "1 while the policy file is bad or away and the policy read before it is in force.",
	})
	p.sum = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cbhbot_policy_checksum",
		Help: "A checksum of the policy in force: copies of which each tells another decide by different policies.",
	})
	registry.MustRegister(p.bad, p.sum)
	if c.PolicyFile == "" {
		p.identify(slices.Sorted(slices.Values(c.Approvers)), c.Quorum, c.Channel)
		warnOf(p.log, check.PolicyOf("", p.fixed))
		return p, nil
	}
	keeper, err := file.Keep(c.PolicyFile, c.MaxLead, p.told)
	if err != nil {
		return nil, err
	}
	p.keeper, p.projects = keeper, keeper.File().Projects
	p.identify(keeper.File().Sum, p.projects)
	warnOf(p.log, check.PolicyOf(p.path, keeper.Policy()))
	if c.namesApprovers() {
		p.log.Warn(bothPolicies)
	}
	return p, nil
}

const bothPolicies = "the policy file holds: CBHBOT_APPROVERS, CBHBOT_QUORUM and CBHBOT_CHANNEL do not count beside it"

// namesApprovers reports whether the variables state a policy.
func (c Config) namesApprovers() bool {
	return len(c.Approvers) > 0 || c.Channel != "" || c.environ["CBHBOT_QUORUM"] != ""
}

// now is the policy at this moment.
func (p *inForce) now() *policy.Policy {
	if p.keeper == nil {
		return p.fixed
	}
	return p.keeper.Policy()
}

// told logs what became of a changed file.
func (p *inForce) told(read *file.File, err error) {
	if err != nil {
		p.bad.Set(1)
		p.log.WithError(err).Error("the policy file is bad; the policy read before it stays in force")
		return
	}
	p.bad.Set(0)
	p.identify(read.Sum, p.projects)
	p.log.WithField("rules", len(read.Policy.Rules)).Info("the policy file is read and in force")
	warnOf(p.log, check.PolicyOf(p.path, read.Policy))
	if !slices.Equal(read.Projects, p.projects) {
		p.log.Warn("the projects in the policy file have changed; they count when cbhbot starts again")
	}
}

// identify tells what the policy is made of as a number that copies can be compared by.
func (p *inForce) identify(of ...any) { p.sum.Set(float64(crc32.ChecksumIEEE(fmt.Append(nil, of...)))) }

// watch takes up changes of the file until ctx ends.
func (p *inForce) watch(ctx context.Context) {
	if p.keeper == nil {
		return
	}
	ticker := time.NewTicker(policyEvery)
	defer ticker.Stop()
	p.keeper.Watch(ctx, ticker.C)
}

// obey reads the file again at each hangup until ctx ends.
func (p *inForce) obey(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			p.reload()
		}
	}
}

func (p *inForce) reload() {
	if p.keeper == nil {
		p.log.Warn("asked to reload, but there is no policy file: CBHBOT_POLICY is not set")
		return
	}
	_ = p.keeper.Reload() // told
}
