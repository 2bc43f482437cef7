package main

import (
	"errors"
	"fmt"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/caarlos0/env/v11"
	"github.com/sirupsen/logrus"

	"cbhbot/bot/mrkdwn"
	"cbhbot/client"
)

// problem is one thing that is wrong with a setting, in a sentence that names it.
type problem struct{ setting, says string }

// problems are all that are wrong with a configuration.
type problems []problem

func (all problems) Error() string {
	var list strings.Builder
	for _, p := range all {
		list.WriteString("\n  - " + p.says)
	}
	return fmt.Sprintf("the configuration has %d problem(s):%s\n`cbhbot run --help` lists every setting", len(all), list.String())
}

// about reports whether one of them is about the same setting as another.
func (all problems) about(other problem) bool {
	return slices.ContainsFunc(all, func(p problem) bool { return p.setting == other.setting })
}

// check notes what is wrong with a setting, in words that go on behind its name.
func (all *problems) check(wrong bool, setting, words string, args ...any) {
	if wrong {
		*all = append(*all, problem{setting, setting + fmt.Sprintf(words, args...)})
	}
}

// setAside takes out of the values what is none, and says so of each.
func setAside(values map[string]string) (found problems) {
	for _, s := range settings() {
		if why := noValue(values[s.name]); why != "" {
			found.check(true, s.name, "%s", why)
			delete(values, s.name)
		}
	}
	return found
}

const (
	inQuotes    = " stands in quotes, which would be part of it: write it without them"
	placeholder = " is the placeholder of the instructions: put the real one there"
	unseen      = " holds a line break, or a character that is not seen: write it anew, on one line"
)

// noValue says why a text cannot be what a setting is to be; "": it can. A shell, systemd and Compose take the
// quotes away that a file of variables has, kubectl and docker run do not.
func noValue(text string) string {
	switch {
	case len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0]:
		return inQuotes
	case slices.Contains([]string{"…", "xoxb-", "xapp-", "xoxb-…", "xapp-…"}, text):
		return placeholder
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return unseen
	}
	return ""
}

// unparsed words what could not be parsed, without the values.
func unparsed(err error) (found problems) {
	all, _ := errors.AsType[env.AggregateError](err)
	for _, one := range all.Errors {
		if parse, ok := errors.AsType[env.ParseError](one); ok {
			field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
			found.check(true, field.Tag.Get("env"), " is not a %s", kindWords(parse.Type))
		}
	}
	return found
}

func kindWords(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "duration such as 24h"
	}
	return "whole number"
}

// problems lists what is wrong between the fields.
func (c Config) problems() (found problems) {
	found = append(found, tokenProblem("SLACK_BOT_TOKEN", c.SlackBotToken, "xoxb-", "xapp-", "OAuth & Permissions")...)
	found = append(found, tokenProblem("SLACK_APP_TOKEN", c.SlackAppToken, "xapp-", "xoxb-", "Basic Information")...)
	found.check(!strings.HasPrefix(c.SlackAPIURL, "https://") && !strings.HasPrefix(c.SlackAPIURL, "http://"), "SLACK_API_URL", " must begin with https:// or http://")
	found.check(c.SlackConnections < 1 || c.SlackConnections > 10, "SLACK_CONNECTIONS", " must be 1 to 10: Slack allows an app no more")
	found.check(c.RedisURL == "", "REDIS_URL", " is required, for example redis://127.0.0.1:6379/0")
	if _, err := redisOptions(c.RedisURL); c.RedisURL != "" && err != nil {
		found = append(found, problem{"REDIS_URL", err.Error()})
	}
	found.check(c.RedisWaitReplicas < 0, "REDIS_WAIT_REPLICAS", " must not be negative: 0 waits for no replica")
	return slices.Concat(found, c.cloudProblems(), c.ownProblems())
}

// tokenProblem says that a setting lacks its token, or holds the other one, which its first letters
// tell (https://docs.slack.dev/authentication/tokens): they are easily exchanged.
func tokenProblem(setting, token, own, other, page string) (found problems) {
	found.check(token == "", setting, " is required (%s…, from the app's page %s)", own, page)
	found.check(strings.HasPrefix(token, other), setting, " holds a token that begins with %s: put the one there that the app's page %s has (%s…)", other, page, own)
	return found
}

var regions = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// cloudProblems are those of the way to the cloud.
func (c Config) cloudProblems() (found problems) {
	found.check(c.CBHRegion != "" && !regions.MatchString(c.CBHRegion), "CBH_REGION", ": %q does not look like a region such as ap-southeast-3", c.CBHRegion)
	for _, one := range []struct{ name, text, service string }{{"CBH_ENDPOINT", c.CBHEndpoint, "cbh"}, {"IAM_ENDPOINT", c.IAMEndpoint, "iam"}} {
		err := client.CheckEndpoint(one.text)
		found.check(one.text != "" && err != nil, one.name, ": %q: %v; type one like https://%s.ap-southeast-3.myhuaweicloud.com", one.text, err, one.service)
	}
	for _, p := range c.projects() {
		found = append(found, p.problems()...)
	}
	return found
}

// ownProblems are those of what cbhbot itself is told.
func (c Config) ownProblems() (found problems) {
	for _, id := range c.Approvers {
		found.check(!mrkdwn.IsUser(id) && !mrkdwn.IsGroup(id), "CBHBOT_APPROVERS", ": %q is no id of a user (U…) or user group (S…); several are separated by commas", id)
	}
	found.check(c.Quorum < 1, "CBHBOT_QUORUM", " must be at least 1")
	direct := strings.HasPrefix(c.Channel, "D") // where no approver but one would see a card
	found.check(c.Channel != "" && !mrkdwn.IsChannel(c.Channel) || direct, "CBHBOT_CHANNEL", ": %q is no id of a channel (C…), as its details in Slack show it", c.Channel)
	found.check(c.AuditChannel != "" && !mrkdwn.IsChannel(c.AuditChannel), "CBHBOT_AUDIT_CHANNEL", ": %q is no id of a channel (C…)", c.AuditChannel)
	found.check(c.MinLead < 0, "CBHBOT_MIN_LEAD", " must not be negative")
	found.check(c.MaxLead <= c.MinLead, "CBHBOT_MAX_LEAD", " must be longer than CBHBOT_MIN_LEAD")
	_, port, err := net.SplitHostPort(c.Listen)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if c.Listen != "" && err != nil {
		found = append(found, problem{"CBHBOT_LISTEN", noListen(c.Listen).Error()})
	}
	_, err = logrus.ParseLevel(c.LogLevel)
	found.check(err != nil, "CBHBOT_LOG_LEVEL", " must be debug, info, warn or error")
	found.check(c.LogFormat != "json" && c.LogFormat != "text", "CBHBOT_LOG_FORMAT", " must be json or text")
	return found
}
