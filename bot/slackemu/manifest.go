package slackemu

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"cbhbot/deploy"
)

// Manifest is what an app asks for (https://docs.slack.dev/reference/app-manifest), as far as the workspace heeds it: it
// grants nothing else.
type Manifest struct {
	Display struct {
		Name string `yaml:"name"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			HomeTab      bool `yaml:"home_tab_enabled"`
			MessagesTab  bool `yaml:"messages_tab_enabled"`
			ReadOnlyTalk bool `yaml:"messages_tab_read_only_enabled"` // people cannot write to the app
		} `yaml:"app_home"`
		Bot struct {
			Name string `yaml:"display_name"`
		} `yaml:"bot_user"`
		Commands  []SlashCommand `yaml:"slash_commands"`
		Shortcuts []Shortcut     `yaml:"shortcuts"`
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
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		SocketMode bool `yaml:"socket_mode_enabled"`
	} `yaml:"settings"`
}

// SlashCommand is one that the manifest declares.
type SlashCommand struct {
	Command     string `json:"command" yaml:"command"` // with its slash
	Description string `json:"description" yaml:"description"`
	Hint        string `json:"usage_hint" yaml:"usage_hint"`
	Escape      bool   `json:"should_escape" yaml:"should_escape"` // names arrive as references
}

// ReadManifest reads a manifest in YAML or JSON.
func ReadManifest(text []byte) (Manifest, error) {
	var m Manifest
	var value any
	if json.Unmarshal(text, &value) == nil {
		text = encode(value) // without the tabs and surrogate pairs that YAML does not take
	}
	if err := yaml.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("reading the manifest: %w", err)
	}
	switch {
	case !m.Settings.SocketMode:
		return m, errors.New("the manifest does not turn on Socket Mode, the only way to reach an app from here: set settings.socket_mode_enabled to true")
	case len(m.OAuth.Scopes.Bot) == 0:
		return m, errors.New("the manifest asks for no bot scopes: list them in oauth_config.scopes.bot")
	}
	return m, m.tooLong()
}

// tooLong says which name Slack would not take (https://github.com/slackapi/manifest-schema).
func (m Manifest) tooLong() error {
	limits := map[string]int{m.Display.Name: 35, m.Features.Bot.Name: 80}
	for _, c := range m.Features.Commands {
		limits[c.Command] = 32
	}
	for _, s := range m.Features.Shortcuts {
		limits[s.Name] = 24
	}
	for name, most := range limits {
		if n := utf8.RuneCountInString(name); n > most {
			return fmt.Errorf("the manifest's name %q has %d characters, and Slack takes %d of it", name, n, most)
		}
	}
	return nil
}

// OwnManifest is that of cbhbot.
func OwnManifest() Manifest {
	m, err := ReadManifest(deploy.SlackManifest)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return m
}

// AllScopes are those that the manifest asks for, the optional ones included.
func (m Manifest) AllScopes() []string {
	return slices.Concat(m.OAuth.Scopes.Bot, m.OAuth.Scopes.Optional)
}

// Unserved returns the events that the manifest subscribes to and the workspace never sends.
func (m Manifest) Unserved() []string {
	return slices.DeleteFunc(slices.Clone(m.Settings.Events.Bot), func(event string) bool {
		_, served := eventScopes[event]
		return served
	})
}

// Placeholder is an example of what can be typed: the first command with its hint, or "".
func (m Manifest) Placeholder() string {
	if len(m.Features.Commands) == 0 {
		return ""
	}
	return strings.TrimSpace(m.Features.Commands[0].Command + " " + m.Features.Commands[0].Hint)
}

// name is what the app's bot user is called.
func (m Manifest) name() string { return cmp.Or(m.Features.Bot.Name, m.Display.Name) }

// handle is the name by which the bot user is mentioned. How Slack makes it of the name is nowhere written.
func (m Manifest) handle() string { return strings.ReplaceAll(strings.ToLower(m.name()), " ", "_") }

// command is the declared one with a name, or nil.
func (m Manifest) command(name string) *SlashCommand {
	at := slices.IndexFunc(m.Features.Commands, func(c SlashCommand) bool { return c.Command == name })
	if at < 0 {
		return nil
	}
	return &m.Features.Commands[at]
}

func (m Manifest) declares(kind, callbackID string) bool {
	return slices.ContainsFunc(m.Features.Shortcuts, func(s Shortcut) bool { return s.Type == kind && s.CallbackID == callbackID })
}

// DefaultScopes returns what the bot token may do by default: all that cbhbot's manifest asks for.
func DefaultScopes() []string { return OwnManifest().AllScopes() }

// RequiredScopes returns what the bot token may do where every optional scope was declined.
func RequiredScopes() []string { return OwnManifest().OAuth.Scopes.Bot }
