package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/client"
	"cbhbot/cmd/cbhbot/check"
	"cbhbot/handlers/cloud"
)

// cloudCalls is how many calls to the cloud keep their connection for the next.
const cloudCalls = 64

// told is what hears of the calls of a cloud; nil hears nothing, but for date.
type told struct {
	date  func(project string) func(server time.Time) // of each project's cloud
	call  func(operation string, k client.Kind)
	token func(client.Kind)
}

// reach makes a client of its own for each cloud project that the bot looks after, over
// the same connections.
func reach(c Config, log logrus.FieldLogger, now func() time.Time, t told) (all []check.Project, err error) {
	wire := client.NewHTTP(cloudCalls)
	for _, p := range c.projects() {
		one := check.Project{
			Name: p.name, ID: p.config.CBHProjectID, Signs: p.config.signs(), Both: p.config.signs() && p.config.CBHIAMPassword != "",
			Names: p.settings(), Auth: authenticator(p.config, wire, now, t),
		}
		one.Client, err = client.New(client.Config{
			Endpoint: p.config.endpoint("cbh", p.config.CBHEndpoint), ProjectID: one.ID, Auth: one.Auth,
			HTTP: wire, Now: now, Log: log.WithField("project", p.name), OnDate: t.date(p.name), OnCall: t.call,
		})
		if err != nil {
			return nil, fmt.Errorf("project %s: %w", p.name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func authenticator(c Config, wire *http.Client, now func() time.Time, t told) client.Authenticator {
	if c.signs() {
		return client.Sign(c.AK, c.SK, c.SecurityToken)
	}
	return client.Password(client.PasswordConfig{
		IAMEndpoint: c.endpoint("iam", c.IAMEndpoint), User: c.CBHIAMUser, Password: c.CBHIAMPassword,
		Domain: c.CBHIAMDomain, ProjectID: c.CBHProjectID, HTTP: wire, Now: now, OnToken: t.token,
	})
}

// together are the projects as people use them.
func together(reached []check.Project) (all []cloud.Project) {
	for _, p := range reached {
		all = append(all, cloud.Project{Name: p.Name, Client: p.Client})
	}
	return all
}

// socketsFirst is how long a look ahead waits at the start, so that the sockets open no later.
const socketsFirst = 100 * time.Millisecond

// lookAhead does at the start what else would be done when somebody waits for it.
func (s *service) lookAhead(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(socketsFirst):
	}
	s.open.begin()
	s.tryClouds(ctx)
}

// compareClocks keeps comparing the clocks: the answers of Slack and of each cloud tell the time.
func (s *service) compareClocks(ctx context.Context) {
	s.clock.watch(ctx, func(ctx context.Context) {
		_, _ = s.sender.Identify(ctx)
		for _, p := range s.reached {
			_, _ = s.cloud.Survey(ctx, p.Name, time.Now())
		}
	})
}

// tryClouds reads the list of each project once and warns of what is wrong: else a wrong
// password would be told of only when somebody asks for something.
func (s *service) tryClouds(ctx context.Context) {
	for _, p := range s.reached {
		if found := p.Try(ctx); ctx.Err() == nil {
			warnOf(s.log.WithField("project", p.Name), found)
		}
	}
}

// warnOf says in the log what a check has found to be wrong.
func warnOf(log logrus.FieldLogger, found check.Finding) {
	if found.Mend != "" {
		log.WithField("code", found.Code).Warn(strings.TrimSuffix(found.Text, ".") + ". " + found.Mend)
	}
}
