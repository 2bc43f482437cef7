package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/caarlos0/env/v11"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
	"cbhbot/cmd/cbhbot/cli"
)

// Config is everything the program is told. Each field is an environment
// variable and a flag of the same name (SLACK_API_URL is --slack-api-url); the
// flag wins.
type Config struct {
	SlackBotToken    string `env:"SLACK_BOT_TOKEN" help:"the bot's token, xoxb-…; required" secret:"true"`
	SlackAppToken    string `env:"SLACK_APP_TOKEN" help:"the app-level token with connections:write, xapp-…; required" secret:"true"`
	SlackAPIURL      string `env:"SLACK_API_URL" envDefault:"https://slack.com/api/" help:"base of Slack's Web API"`
	SlackConnections int    `env:"SLACK_CONNECTIONS" envDefault:"2" help:"sockets held by each copy of the bot; those of all copies and one more fit into the 10 that Slack gives an app"`

	RedisURL          string `env:"REDIS_URL" help:"redis:// or rediss://user:password@host:port/db; several hosts with commas; redis-sentinel://user:password@host:port,host:port/MASTER, where user and password are Redis' own, with ?sentinel_username=…&sentinel_password=… where the Sentinels want them; redis-cluster://host:port,host:port; with rediss each server is verified under the name or address it is dialled by; required" secret:"true"`
	RedisWaitReplicas int    `env:"REDIS_WAIT_REPLICAS" envDefault:"0" help:"replicas a write has to reach before it counts: as many as there are"`

	CBHRegion    string `env:"CBH_REGION" help:"region of the instances, for example ap-southeast-3; may be left out when both endpoints are given"`
	CBHProjectID string `env:"CBH_PROJECT_ID" help:"project of the instances; required without a policy file that lists projects"`
	CBHEndpoint  string `env:"CBH_ENDPOINT" help:"scheme and host of the CBH API (default: https://cbh.REGION.myhuaweicloud.com)"`
	IAMEndpoint  string `env:"IAM_ENDPOINT" help:"scheme and host of the IAM API (default: https://iam.REGION.myhuaweicloud.com)"`

	CBHIAMUser     string `env:"CBH_IAM_USER" help:"IAM user, for token authentication"`
	CBHIAMPassword string `env:"CBH_IAM_PASSWORD" help:"the IAM user's password" secret:"true"`
	CBHIAMDomain   string `env:"CBH_IAM_DOMAIN" help:"the account (domain) the IAM user belongs to"`

	AK            string `env:"HUAWEICLOUD_SDK_AK" help:"access key, for signed requests instead of a token" secret:"true"`
	SK            string `env:"HUAWEICLOUD_SDK_SK" help:"secret key" secret:"true"`
	SecurityToken string `env:"HUAWEICLOUD_SDK_SECURITY_TOKEN" help:"security token of a temporary access key" secret:"true"`

	PolicyFile string `env:"CBHBOT_POLICY" help:"policy file (YAML); CBHBOT_APPROVERS, CBHBOT_QUORUM and CBHBOT_CHANNEL count only without one"`

	Approvers []string `env:"CBHBOT_APPROVERS" envSeparator:"," help:"who may approve: ids of users (U…) and user groups (S…), with commas; nobody when empty"`
	Quorum    int      `env:"CBHBOT_QUORUM" envDefault:"1" help:"how many of them have to approve an upgrade"`
	Channel   string   `env:"CBHBOT_CHANNEL" help:"id of the channel for cards (default: the channel asked in)"`

	MinLead time.Duration `env:"CBHBOT_MIN_LEAD" envDefault:"24h" help:"how far ahead an upgrade must lie, where the policy file does not say it for the kind of upgrade; 5 minutes are added"`
	MaxLead time.Duration `env:"CBHBOT_MAX_LEAD" envDefault:"1440h" help:"how far ahead an upgrade may lie (1440h are 60 days)"`

	AuditChannel string `env:"CBHBOT_AUDIT_CHANNEL" help:"id of a channel that gets a line for each audit entry"`
	AuditFile    string `env:"CBHBOT_AUDIT_FILE" help:"file that gets a line of JSON for each audit entry"`

	Listen    string `env:"CBHBOT_LISTEN" envDefault:"127.0.0.1:9090" help:"address of /healthz, /readyz and /metrics"`
	LogLevel  string `env:"CBHBOT_LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error"`
	LogFormat string `env:"CBHBOT_LOG_FORMAT" envDefault:"json" help:"json or text"`

	listed  []file.Project    // what the policy file lists
	environ map[string]string // where the variables are that it names
}

// setting is one field of Config as its tags describe it.
type setting struct {
	name, fallback, help string
	secret               bool
}

func (s setting) flag() string { return strings.ToLower(strings.ReplaceAll(s.name, "_", "-")) }

// settings lists the fields in order.
func settings() []setting {
	var all []setting
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if !field.IsExported() {
			continue
		}
		all = append(all, setting{
			name: field.Tag.Get("env"), fallback: field.Tag.Get("envDefault"),
			help: field.Tag.Get("help"), secret: field.Tag.Get("secret") == "true",
		})
	}
	return all
}

// readConfig fills a Config from flags and environment and reports everything
// that is wrong with it at once.
func readConfig(name string, args []string, environ []string, stdout io.Writer) (Config, error) {
	values, err := gather(name, args, environ, stdout)
	if err != nil {
		return Config{}, err
	}
	return configOf(name, values)
}

// configOf fills a Config from the values of its settings.
func configOf(name string, values map[string]string) (Config, error) {
	var c Config
	found := setAside(values)
	found = append(found, unparsed(env.ParseWithOptions(&c, env.Options{Environment: values}))...)
	c.SlackAPIURL = strings.TrimSuffix(c.SlackAPIURL, "/") + "/" // methods follow it
	c.environ = values
	c.Approvers = strings.FieldsFunc(strings.Join(c.Approvers, ","), betweenIDs) // a comma too many names nobody
	if c.PolicyFile != "" && name != "sandbox" {                                 // which has a cloud of its own
		c.listed = listedIn(c.PolicyFile)
	}
	wrong := slices.DeleteFunc(c.problems(), found.about) // what cannot be read is wrong once
	if found = append(found, wrong...); len(found) > 0 {
		return c, cli.UsageError{Err: found}
	}
	return c, nil
}

// betweenIDs reports whether a letter stands between two ids: also a comma of a Chinese keyboard, and a space alone.
func betweenIDs(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",，、;；", r) }

// gather reads the environment and lets flags override it. more adds flags of the
// subcommand's own.
func gather(name string, args, environ []string, stdout io.Writer, more ...func(*flag.FlagSet)) (map[string]string, error) {
	values := env.ToMap(environ)
	flags := cli.Flags(name)
	for _, add := range more {
		add(flags)
	}
	for _, s := range settings() {
		flags.Func(s.flag(), s.help, func(text string) error {
			values[s.name] = text
			return nil
		})
	}
	_, err := cli.Read(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		printSettings(stdout, name)
	}
	if err != nil {
		return nil, err
	}
	for name, value := range values {
		values[name] = strings.TrimSpace(value) // files of secrets and of variables end lines with more than is seen
		if values[name] == "" {
			delete(values, name) // set and empty is like not set
		}
	}
	return values, nil
}

func printSettings(w io.Writer, name string) {
	fmt.Fprintf(w, "Usage: cbhbot %s [flags]\n\nEvery setting is an environment variable, and a flag of the same name that wins.\n", name)
	for _, s := range settings() {
		fmt.Fprintf(w, "\n  %s, --%s\n      %s", s.name, s.flag(), s.help)
		if s.fallback != "" {
			fmt.Fprintf(w, " (default %s)", s.fallback)
		}
		fmt.Fprintln(w)
	}
}

var others = regexp.MustCompile(`^CBHBOT_(PORT|SERVICE|PROFILE)`) // of Kubernetes, for a service called cbhbot; of profile.go

// strays are variables that look like settings and are none: a misspelt CBHBOT_QUORUM is a
// quorum of one.
func (c Config) strays() []string {
	var known []string
	for _, s := range settings() {
		known = append(known, s.name)
	}
	for _, p := range c.listed {
		n := p.Credentials
		known = append(known, n.User, n.Password, n.Domain, n.AK, n.SK, n.SecurityToken)
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(c.environ)) {
		if strings.HasPrefix(name, "CBHBOT_") && !slices.Contains(known, name) && !others.MatchString(name) {
			found = append(found, name)
		}
	}
	return found
}

func noListen(text string) error {
	return fmt.Errorf("CBHBOT_LISTEN: %q is no address such as 127.0.0.1:9090 or :9090", text)
}

func (c Config) signs() bool { return c.AK != "" || c.SK != "" }

// endpoint is a host derived from the region unless it is overridden.
func (c Config) endpoint(service, override string) string {
	if override != "" {
		return strings.TrimSuffix(override, "/")
	}
	return "https://" + service + "." + c.CBHRegion + ".myhuaweicloud.com"
}

// policy is the one-line policy of the variables.
func (c Config) policy() *policy.Policy {
	var set approvals.Set
	for _, id := range c.Approvers {
		if strings.HasPrefix(id, "S") {
			set.Groups = append(set.Groups, id)
		} else {
			set.Users = append(set.Users, id)
		}
	}
	return policy.OneLine(set, c.Quorum, c.Channel)
}
