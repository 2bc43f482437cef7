package slackemu

import (
	"slices"
	"strings"
)

// Another app of the same workspace. Its tokens are good, and its sockets get nothing that
// is meant for the app.
const (
	OtherAppID    = "A0OTHER"
	OtherAppToken = "xapp-1-A0OTHER-0-slackemu"
)

// appScope is what an app-level token needs to open sockets
// (https://docs.slack.dev/apis/events-api/using-socket-mode).
const appScope = "connections:write"

// granted is what a token may do; known is false of one that Slack never gave, or takes
// no more.
func (s *Server) granted(token string) (scopes []string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.revoked[token]:
		return nil, false
	case token == s.opts.BotToken:
		return s.opts.Scopes, true
	case token == s.opts.AppToken:
		return s.opts.AppScopes, true
	case token == OtherAppToken:
		return []string{appScope}, true
	}
	return nil, false
}

// authorise refuses a call for its token, in the words of
// https://docs.slack.dev/reference/methods/auth.test#errors.
func (s *Server) authorise(m method, token string) error {
	if m.open {
		return nil
	}
	scopes, known := s.granted(token)
	switch {
	case token == "":
		return refuse("not_authed")
	case !known && s.isRevoked(token):
		return refuse("token_revoked")
	case !known:
		return refuse("invalid_auth")
	case !m.either && m.app != s.isApps(token):
		return refuse("not_allowed_token_type")
	}
	return needScopeOf(scopes, m.scope)
}

// isApps reports whether a token is an app-level one.
func (s *Server) isApps(token string) bool { return token == s.opts.AppToken || token == OtherAppToken }

func (s *Server) isRevoked(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked[token]
}

// Revoke ends a token: what is asked with it is answered with token_revoked.
func (s *Server) Revoke(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[token] = true
}

// needScope refuses when the bot token lacks a scope.
func (s *Server) needScope(scope string) error { return needScopeOf(s.opts.Scopes, scope) }

func needScopeOf(scopes []string, scope string) error {
	if scope == "" || slices.Contains(scopes, scope) {
		return nil
	}
	return &apiError{word: "missing_scope", extra: object{"needed": scope, "provided": strings.Join(scopes, ",")}}
}
