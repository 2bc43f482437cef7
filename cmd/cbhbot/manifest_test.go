package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cbhbot/deploy"
)

// methodScopes is what each method of Slack needs of the bot token; those that the
// bot can do without when they are declined are in optional. A method's page says so:
// https://docs.slack.dev/reference/methods/conversations.history and so on.
var methodScopes = map[string]struct{ needs, optional []string }{
	"apps.connections.open": {}, // by the app-level token
	"auth.test":             {},
	"blocks.validate":       {},
	"bots.info":             {needs: []string{"users:read"}},
	"chat.getPermalink":     {},
	"chat.postEphemeral":    {needs: []string{"chat:write"}},
	"chat.postMessage":      {needs: []string{"chat:write", "chat:write.public"}},
	"chat.update":           {needs: []string{"chat:write"}},
	"conversations.history": {optional: []string{"channels:history", "groups:history"}},
	"conversations.info":    {optional: []string{"channels:read", "groups:read", "mpim:read"}},
	"conversations.members": {optional: []string{"channels:read", "groups:read", "mpim:read"}},
	"conversations.open":    {needs: []string{"im:write"}},
	"conversations.replies": {optional: []string{"channels:history", "groups:history"}},
	"usergroups.users.list": {needs: []string{"usergroups:read"}},
	"users.info":            {needs: []string{"users:read"}, optional: []string{"users:read.email"}},
	"users.list":            {needs: []string{"users:read"}, optional: []string{"users:read.email"}},
	"views.open":            {},
	"views.publish":         {},
	"views.update":          {},
}

// eventScopes is what each event needs (https://docs.slack.dev/reference/events).
var eventScopes = map[string][]string{
	"app_home_opened":         {},
	"app_mention":             {"app_mentions:read"},
	"message.im":              {"im:history"},
	"subteam_members_changed": {"usergroups:read"},
	"user_change":             {"users:read"},
}

var (
	methodName = regexp.MustCompile(`"((?:apps|auth|blocks|bots|chat|conversations|team|usergroups|users|views)\.[a-zA-Z.]+)"`)
	eventName  = regexp.MustCompile(`mux\.Event\("(\w+)"`)
)

// found are the words that a pattern finds in the code of a folder.
func found(t *testing.T, folder string, pattern *regexp.Regexp) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", folder, err)
	}
	words := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range pattern.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasSuffix(file, "_test.go") {
				words[match[1]] = true
			}
		}
	}
	return words
}

func sorted(words map[string]bool) []string { return slices.Sorted(maps.Keys(words)) }

// TestTheManifestAsksForWhatTheCodeCalls keeps the manifest to what is needed: no
// scope and no event too few, and none too many.
func TestTheManifestAsksForWhatTheCodeCalls(t *testing.T) {
	needs, optional := map[string]bool{"commands": true}, map[string]bool{}
	for method := range found(t, "bot", methodName) {
		scopes, known := methodScopes[method]
		if !known {
			t.Errorf("%s is called, and not in the table of scopes", method)
		}
		for _, scope := range scopes.needs {
			needs[scope] = true
		}
		for _, scope := range scopes.optional {
			optional[scope] = true
		}
	}
	events := map[string]bool{}
	for _, folder := range []string{"handlers", "bot"} {
		for event := range found(t, folder, eventName) {
			events[strings.Replace(event, "message", "message.im", 1)] = true // the manifest tells kinds of messages apart
		}
	}
	for event := range events {
		scopes, known := eventScopes[event]
		if !known {
			t.Errorf("%s is listened to, and not in the table of scopes", event)
		}
		for _, scope := range scopes {
			needs[scope] = true
		}
	}
	var asks struct {
		OAuth struct {
			Scopes struct {
				Bot      []string `yaml:"bot"`
				Optional []string `yaml:"bot_optional"`
			} `yaml:"scopes"`
		} `yaml:"oauth_config"`
		Settings struct {
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		} `yaml:"settings"`
	}
	if err := yaml.Unmarshal(deploy.SlackManifest, &asks); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what        string
		asked, want []string
	}{
		{"scopes", asks.OAuth.Scopes.Bot, sorted(needs)},
		{"optional scopes", asks.OAuth.Scopes.Optional, sorted(optional)},
		{"events", asks.Settings.Events.Bot, sorted(events)},
	} {
		if asked := slices.Sorted(slices.Values(c.asked)); !slices.Equal(asked, c.want) {
			t.Errorf("%s: the manifest asks for\n%v, and the code needs\n%v", c.what, asked, c.want)
		}
	}
	for method := range methodScopes {
		if !found(t, "bot", methodName)[method] {
			t.Errorf("%s is in the table, and never called", method)
		}
	}
}
