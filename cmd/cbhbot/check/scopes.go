package check

import (
	"context"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"cbhbot/deploy"
)

// asked is what the manifest asks for.
type asked struct {
	OAuth struct {
		Scopes struct {
			Bot      []scope `yaml:"bot"`
			Optional []scope `yaml:"bot_optional"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
}

// scope is one with what the manifest says that it is for.
type scope struct{ name, purpose string }

// UnmarshalYAML keeps the comment behind the name.
func (s *scope) UnmarshalYAML(n *yaml.Node) error {
	s.name, s.purpose = n.Value, strings.TrimLeft(n.LineComment, "# ")
	return nil
}

// scopes compares what the token may do with what the manifest asks for.
func (s *slack) scopes(ctx context.Context) []Finding {
	if s.inspect(ctx); s.botErr != nil || s.bot.TeamID == "" {
		return []Finding{skip("the scopes are not known: what is wrong with Slack or SLACK_BOT_TOKEN comes first")}
	}
	if len(s.bot.Scopes) == 0 {
		return []Finding{skip("Slack does not say what the bot's token may do")}
	}
	var want asked
	if err := yaml.Unmarshal(deploy.SlackManifest, &want); err != nil {
		panic(err) // the file is part of the program
	}
	return compareScopes(s.bot.Scopes, want.OAuth.Scopes.Bot, want.OAuth.Scopes.Optional)
}

func compareScopes(has []string, required, optional []scope) []Finding {
	const reinstall = "Paste deploy/slack-manifest.yaml under \"App Manifest\", and install the app to the workspace again."
	var found []Finding
	if missing := without(required, has); len(missing) > 0 {
		found = append(found, fail(ScopesMissing, reinstall, "the bot's token lacks scopes that it needs: %s", purposes(missing)))
	}
	if missing := without(optional, has); len(missing) > 0 {
		found = append(found, warn(ScopesDeclined, "Nothing, if they were declined on purpose; else allow them when the app is installed again.",
			"optional scopes were declined: %s", purposes(missing)))
	}
	var more []string
	for _, name := range has {
		if !slices.ContainsFunc(slices.Concat(required, optional), func(s scope) bool { return s.name == name }) {
			more = append(more, name)
		}
	}
	if len(more) > 0 {
		found = append(found, warn(ScopesTooMany, reinstall+" What a token may not do, nobody can do who steals it.",
			"the bot's token may do more than it needs: %s", strings.Join(more, ", ")))
	}
	if len(found) == 0 {
		found = []Finding{ok("the bot's token has the %d scopes that the manifest asks for", len(has))}
	}
	return found
}

func without(wanted []scope, has []string) []scope {
	return slices.DeleteFunc(slices.Clone(wanted), func(s scope) bool { return slices.Contains(has, s.name) })
}

// purposes is a list of scopes, each with what it is for.
func purposes(scopes []scope) string {
	var words []string
	for _, s := range scopes {
		words = append(words, s.name+" ("+strings.TrimRight(s.purpose, ";")+")")
	}
	return strings.Join(words, ", ")
}
