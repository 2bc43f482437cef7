// Package check finds what is wrong with a deployment before people do, and says how to
// mend it: tokens, scopes, people, channels, Redis, the cloud, and the clocks of all of them.
//
// Each check is a function that looks at one thing and returns what it found. All of them
// run at the same time, and one that hangs is told of instead of waited for. They change
// nothing but two things, which Run says: a probe is written to Redis, and a socket to Slack
// is opened and closed.
package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/client"
)

// Level says how bad a finding is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Skip Level = "skip" // it could not be looked at; something else says why
	Warn Level = "warn" // it works, and will surprise somebody
	Fail Level = "fail" // something does not work
)

// Finding is one thing that was found.
type Finding struct {
	Check string `json:"check"` // which check found it
	Level Level  `json:"level"`
	Code  Code   `json:"code,omitempty"` // what is wrong; "" of what is not
	Text  string `json:"text"`
	Mend  string `json:"mend,omitempty"` // what to do about it; "" of what is not wrong
}

func ok(text string, args ...any) Finding {
	return Finding{Level: OK, Text: fmt.Sprintf(text, args...)}
}
func skip(text string, args ...any) Finding {
	return Finding{Level: Skip, Text: fmt.Sprintf(text, args...)}
}

func fail(code Code, mend, text string, args ...any) Finding {
	return Finding{Level: Fail, Code: code, Mend: mend, Text: fmt.Sprintf(text, args...)}
}

func warn(code Code, mend, text string, args ...any) Finding {
	return Finding{Level: Warn, Code: code, Mend: mend, Text: fmt.Sprintf(text, args...)}
}

// Project is a cloud project and how it is reached.
type Project struct {
	Name   string
	ID     string
	Auth   client.Authenticator
	Client *client.Client
	Signs  bool              // with access keys, and not with a user's password
	Both   bool              // it signs, and a user's password is set besides
	Names  *strings.Replacer // turns the names of settings into what stands in the policy file instead; nil: nothing does
}

// Settings are what the program was told. All fields are required, but for those that may
// be empty.
type Settings struct {
	BotToken, AppToken string
	SlackURL           string // with a trailing slash
	SlackHTTP          *http.Client
	Connections        int // sockets of each copy of the bot

	Redis        redis.UniversalClient
	RedisTLS     bool
	Sentinels    bool // tell which Redis is the primary
	WaitReplicas int
	// Foreign says whose data is in Redis where they are another deployment's than the bot's, and
	// what to do; "" where it is not, or Redis does not tell.
	Foreign func(context.Context, bot.Identity) (said, mend string)

	Strays       []string       // variables that look like settings and are none
	CertFile     string         // SSL_CERT_FILE; "": there is none
	Policy       *policy.Policy // nil: it cannot be read
	PolicyWords  []Finding      // what is to be said of where it comes from
	AuditChannel string         // "": there is none
	AuditFile    string         // "": there is none

	// Copies of the audit, by name: how long the first entry has waited that one lacks.
	Copies map[string]func(context.Context) (time.Duration, error)

	// Projects makes the clients of the cloud, which tell onDate what its clock says.
	Projects func(onDate func(time.Time)) ([]Project, error)
}

// check is one thing to look at.
type check struct {
	name string
	run  func(ctx context.Context) []Finding
}

// Patience is how long a check is waited for.
const Patience = 10 * time.Second

// NoSetting says of a variable that it looks like a setting and is none.
const NoSetting = "%s is no setting, and does not count"

// complete says what does not count of what is set: what is wanted is there.
func (s Settings) complete(context.Context) (found []Finding) {
	for _, name := range s.Strays {
		found = append(found, warn(SettingUnknown, "Correct the name, or remove it: deploy/docs/settings.md has every setting.", NoSetting, name))
	}
	if f := CertFile(s.CertFile); f.Mend != "" {
		found = append(found, f)
	}
	if len(found) == 0 {
		found = []Finding{ok("the configuration is complete")}
	}
	return found
}

// CertFile says of a file with the certificates of one's own authorities that it cannot be read: Go goes on
// without it, and without a word. "" is no file.
func CertFile(path string) Finding {
	if path == "" {
		return Finding{}
	}
	text, err := os.ReadFile(path)
	switch {
	case err != nil:
		return warn(CertFileUnread, "Let the user that the bot runs as read it, or correct the path.", "SSL_CERT_FILE does not count: %v", err)
	case !x509.NewCertPool().AppendCertsFromPEM(text):
		return warn(CertFileUnread, "Write it anew, as text that begins with -----BEGIN CERTIFICATE-----.", "SSL_CERT_FILE does not count: %s holds no certificate", path)
	}
	return Finding{}
}

// Run looks at everything.
func Run(ctx context.Context, s Settings) Report {
	var clocks clocks
	slack := &slack{settings: s, clocks: &clocks}
	found := atOnce(ctx, []check{
		{"settings", s.complete},
		{"policy", func(context.Context) []Finding { return s.PolicyWords }},
		{"bot token", slack.botToken},
		{"app token", slack.appToken},
		{"scopes", slack.scopes},
		{"people", slack.people},
		{"channels", slack.channels},
		{"sockets", slack.sockets},
		{"redis", (&storage{s, &clocks}).look},
		{"redis", slack.foreignData},
		{"parked", parkedWork(s.Redis)},
		{"audit file", s.auditCopies},
		{"cloud", (&cloud{s, &clocks}).look},
	})
	return Report{append(found, named("clocks", clocks.compare())...)}
}

// farewell is how long a check that ends because its time is over has to say what hung.
const farewell = time.Second

// atOnce runs checks side by side and returns what they found in their order.
func atOnce(ctx context.Context, checks []check) []Finding {
	over, stop := context.WithTimeout(ctx, Patience+farewell)
	defer stop()
	ctx, cancel := context.WithTimeout(over, Patience)
	defer cancel()
	answers := make([]chan []Finding, len(checks))
	for i, c := range checks {
		answers[i] = make(chan []Finding, 1)
		go func() { answers[i] <- c.run(ctx) }()
	}
	var all []Finding
	for i, c := range checks {
		all = append(all, named(c.name, await(over, answers[i]))...)
	}
	return all
}

// await takes what a check found, or says that it found nothing before all was over.
func await(over context.Context, answer <-chan []Finding) []Finding {
	select {
	case found := <-answer:
		return found
	case <-over.Done():
	}
	select {
	case found := <-answer: // it came while others were waited for
		return found
	default:
		return []Finding{noAnswer("it")}
	}
}

// noAnswer says that something hangs.
func noAnswer(what string) Finding {
	return fail(NoAnswer,
		"See whether this machine reaches it: names, firewalls, proxies (HTTPS_PROXY).",
		"no answer from %s within %s", what, Patience)
}

// counted is how many there are of something, in words.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func named(check string, found []Finding) []Finding {
	for i := range found {
		found[i].Check = check
	}
	return found
}

// distrusted reports whether a server's certificate was not accepted.
func distrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}

// reaching is how to mend that a server is not reached: mend, unless it was, and is not
// believed.
func reaching(err error, mend string) string {
	if distrusted(err) {
		return "See that the certificate is valid now and for the name that is dialled, and let this machine trust its authority " +
			"(SSL_CERT_FILE): a proxy that looks into TLS has one of its own."
	}
	if e, ok := errors.AsType[*client.Error](err); ok && e.Status != 0 {
		return "It was reached: try again in some minutes. If it stays, see what else uses the account, and what a proxy on the way says."
	}
	return mend
}

// late reports whether a failure is only that the time was over.
func late(ctx context.Context, err error) bool { return err != nil && ctx.Err() != nil }

// identity is whom the people and channels are looked at as.
type identity struct {
	sender *bot.Sender
	home   bot.Identity
}
