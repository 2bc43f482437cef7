package slackemu

import (
	"maps"
	"net/url"
	"time"
)

// ticketLife is how long the address from apps.connections.open can be used, once.
const ticketLife = 30 * time.Second

// openConnection is https://api.slack.com/methods/apps.connections.open.
func (s *Server) openConnection(c *call) (object, error) {
	s.reachedAt = c.base
	if len(s.tickets) >= keptSecrets {
		maps.DeleteFunc(s.tickets, func(_ string, until time.Time) bool { return s.opts.Now().After(until) })
	}
	ticket := s.secret()
	s.tickets[ticket] = s.opts.Now().Add(ticketLife)
	query := url.Values{"ticket": {ticket}, "app_id": {s.opts.AppID}}
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

// authTest is https://api.slack.com/methods/auth.test.
func (s *Server) authTest(c *call) (object, error) {
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
