package slackemu

import (
	"maps"
	"net/url"
	"time"
)

// ticketLife is how long the address from apps.connections.open can be used, once.
const ticketLife = 30 * time.Second

// ticket lets one socket of an app be opened until then.
type ticket struct {
	app   string
	until time.Time
}

// openConnection is https://docs.slack.dev/reference/methods/apps.connections.open. The word for
// an app whose Socket Mode is off is the one that Slack's reference has for that at
// https://docs.slack.dev/reference/methods/apps.manifest.create#errors.
func (s *Server) openConnection(c *call) (object, error) {
	if s.offline {
		return nil, refuse("socket_mode_not_enabled")
	}
	s.reachedAt = c.base
	if len(s.tickets) >= keptSecrets {
		maps.DeleteFunc(s.tickets, func(_ string, t ticket) bool { return s.opts.Now().After(t.until) })
	}
	name, app := s.secret(), s.appOf(c.token)
	s.tickets[name] = ticket{app: app, until: s.opts.Now().Add(ticketLife)}
	query := url.Values{"ticket": {name}, "app_id": {app}}
	return object{"url": c.socket + "/link/?" + query.Encode()}, nil
}

// apiTest is https://docs.slack.dev/reference/methods/api.test: it answers with what it was sent.
func (s *Server) apiTest(c *call) (object, error) {
	args := maps.Clone(c.args)
	delete(args, "token")
	if word := c.text("error"); word != "" {
		return nil, &apiError{word: word, extra: object{"args": args}}
	}
	if len(args) == 0 {
		return object{}, nil
	}
	return object{"args": args}, nil
}

// appOf is the app of an app-level token.
func (s *Server) appOf(token string) string {
	if token == OtherAppToken {
		return OtherAppID
	}
	return s.opts.AppID
}

// SetSocketMode switches Socket Mode of the app on or off. When it is switched off, its
// sockets end with the reason link_disabled
// (https://docs.slack.dev/apis/events-api/using-socket-mode).
func (s *Server) SetSocketMode(on bool) {
	s.mu.Lock()
	s.offline = !on
	s.touch()
	s.mu.Unlock()
	if on {
		return
	}
	for _, k := range s.registered() {
		s.dismiss(k, "link_disabled")
	}
}

// authTest is https://docs.slack.dev/reference/methods/auth.test. Of an app-level token it tells
// the app (the types of https://github.com/slackapi/node-slack-sdk know both).
func (s *Server) authTest(c *call) (object, error) {
	if s.isApps(c.token) {
		return object{"app_id": s.appOf(c.token), "app_name": s.opts.Manifest.name()}, nil
	}
	answer := object{
		"url": "https://example.slack.com/", "team": "Example Cloud Team", "user": s.opts.Manifest.handle(),
		"team_id": s.opts.TeamID, "user_id": UserBot, "bot_id": BotID, "is_enterprise_install": false,
	}
	if s.opts.Grid.ID != "" {
		answer["enterprise_id"] = s.opts.Grid.ID
	}
	return answer, nil
}

// botsInfo is https://api.slack.com/methods/bots.info.
func (s *Server) botsInfo(c *call) (object, error) {
	if id := c.text("bot"); id != "" && id != BotID {
		return nil, refuse("bot_not_found")
	}
	bot := s.botProfile()
	bot["user_id"] = UserBot
	return object{"bot": bot}, nil
}

// teamInfo is https://api.slack.com/methods/team.info.
func (s *Server) teamInfo(c *call) (object, error) {
	team := object{"id": s.opts.TeamID, "name": "Example Cloud Team", "domain": teamDomain, "email_domain": ""}
	s.opts.Grid.name(team)
	return object{"team": team}, nil
}

const teamDomain = "example"

func (s *Server) botProfile() object {
	return object{
		"id": BotID, "app_id": s.opts.AppID, "name": s.opts.Manifest.name(), "team_id": s.opts.TeamID,
		"deleted": false, "updated": 1700000000, "icons": object{},
	}
}
