package slackemu

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"cbhbot/deploy"
)

// manifest is what the app's manifest asks for
// (https://docs.slack.dev/reference/app-manifest), as far as the workspace heeds it.
type manifest struct {
	Features struct {
		Commands []struct {
			Command string `yaml:"command"`
			Escape  bool   `yaml:"should_escape"` // names arrive as references
		} `yaml:"slash_commands"`
		Shortcuts []Shortcut `yaml:"shortcuts"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot      []string `yaml:"bot"`
			Optional []string `yaml:"bot_optional"` // whoever installs the app may decline them
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
	} `yaml:"settings"`
}

func readManifest() (m manifest) {
	if err := yaml.Unmarshal(deploy.SlackManifest, &m); err != nil {
		panic(err) // the file is part of the program
	}
	return m
}

// DefaultScopes returns what the bot token may do by default: all that the manifest
// asks for.
func DefaultScopes() []string {
	return slices.Concat(RequiredScopes(), readManifest().OAuth.Scopes.Optional)
}

// RequiredScopes returns what the bot token may do where every optional scope was
// declined.
func RequiredScopes() []string { return readManifest().OAuth.Scopes.Bot }

// DefaultEvents returns the event types that the manifest subscribes to.
func DefaultEvents() []string { return readManifest().Settings.Events.Bot }

// escapes reports whether names in a command arrive as references.
func escapes(command string) bool {
	for _, c := range readManifest().Features.Commands {
		if c.Command == command {
			return c.Escape
		}
	}
	return false
}
