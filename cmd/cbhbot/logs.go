package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

// newLog is the log that the settings want, which were found to be sound.
func newLog(c Config, w io.Writer) *logrus.Logger {
	log := logrus.New()
	log.SetOutput(w)
	log.Level, _ = logrus.ParseLevel(c.LogLevel)
	lines := &calm{inner: &logrus.TextFormatter{ForceColors: coloured(w)}, cover: covering(c.secrets()), said: map[string]*silence{}}
	if c.LogFormat == "json" {
		lines.inner = &logrus.JSONFormatter{}
	}
	log.SetFormatter(lines)
	redis.SetLogger(redisLog{log})
	return log
}

const (
	// repeatsAfter is how long a trouble is not said again that was just said: one that
	// lasts is tried again several times a second.
	repeatsAfter = 30 * time.Second
	mostSaid     = 1000
)

// calm writes lines of the log: it leaves a warning out that says the same of the same
// as one shortly before, counts those, and covers secrets that somebody's error
// repeats.
type calm struct {
	inner logrus.Formatter
	cover func([]byte) []byte

	mu   sync.Mutex
	said map[string]*silence // by what was said, of what
}

// silence is what was left out since a line was written.
type silence struct {
	since time.Time
	lines int
}

// Format implements logrus.Formatter. A line that is left out is empty.
func (c *calm) Format(entry *logrus.Entry) ([]byte, error) {
	if entry.Level == logrus.InfoLevel && entry.Data[logrus.ErrorKey] == nil {
		return c.inner.Format(entry) // it holds the program's own words only
	}
	left, speaks := c.speaks(entry)
	if !speaks {
		return nil, nil
	}
	if left > 0 {
		again := *entry
		again.Data = maps.Clone(entry.Data)
		again.Data["repeated"] = left
		entry = &again
	}
	line, err := c.inner.Format(entry)
	return c.cover(line), err
}

// speaks says whether a line is written, and how many like it were not before.
func (c *calm) speaks(entry *logrus.Entry) (left int, speaks bool) {
	if entry.Level == logrus.InfoLevel {
		return 0, true
	}
	about := topic(entry)
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, known := c.said[about]; known && entry.Time.Sub(before.since) < repeatsAfter {
		before.lines++
		return 0, false
	} else if known {
		left = before.lines
	}
	if len(c.said) >= mostSaid {
		maps.DeleteFunc(c.said, func(_ string, s *silence) bool { return entry.Time.Sub(s.since) >= repeatsAfter })
	}
	c.said[about] = &silence{since: entry.Time}
	return left, true
}

// aboutFields say what a line is about; the others, what of it changes.
var aboutFields = []string{"request", "item", "envelope", "entry", "actor", "queue", "project", "mirror", "method", "clock", "message", "task"}

func topic(entry *logrus.Entry) string {
	text := entry.Message
	if entry.Level == logrus.ErrorLevel { // it does not pass by itself: another reason is news, such as a policy's next mistake
		text += fmt.Sprint(entry.Data[logrus.ErrorKey])
	}
	for _, name := range aboutFields {
		if value, there := entry.Data[name]; there {
			text += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	return text
}

// secrets are those the program was given.
func (c Config) secrets() []string {
	var all []string
	for _, p := range append(c.projects(), project{config: c}) {
		all = append(all, p.config.CBHIAMPassword, p.config.SK, p.config.SecurityToken)
	}
	if first, _ := splitHosts(c.RedisURL); first != "" {
		if u, err := url.Parse(first); err == nil {
			password, _ := u.User.Password()
			all = append(all, password, u.Query().Get("sentinel_password"))
		}
	}
	return append(all, c.SlackBotToken, c.SlackAppToken, c.RedisURL)
}

// shortSecret is one whose letters may be those of any word.
const shortSecret = 6

// What gives a right to whoever has it: behind the host, the addresses of sockets and
// of answers; tokens, and triggers of forms.
var (
	addresses = regexp.MustCompile(`((?:https?|wss?)://[^/\s"\\]+)/[^\s"\\]*`)
	rights    = regexp.MustCompile(`xox[a-z]-[\w-]+|xapp-[\w-]+|\b\d+\.\d+\.[0-9a-f]{32}\b`)
)

// covering returns a function that takes secrets out of a line.
func covering(secrets []string) func([]byte) []byte {
	var pairs []string
	for _, secret := range secrets {
		if len(secret) < shortSecret {
			continue
		}
		inJSON, _ := json.Marshal(secret)
		inText := strconv.Quote(secret)
		inside := []string{string(inJSON[1 : len(inJSON)-1]), inText[1 : len(inText)-1]}
		for _, form := range append(inside, secret, url.QueryEscape(secret), url.PathEscape(secret)) {
			pairs = append(pairs, form, "…")
		}
	}
	known := strings.NewReplacer(pairs...)
	return func(line []byte) []byte {
		line = addresses.ReplaceAll([]byte(known.Replace(string(line))), []byte("$1/…"))
		return rights.ReplaceAll(line, []byte("…"))
	}
}
