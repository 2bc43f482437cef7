package slackemu

import (
	"cmp"
	"slices"
	"time"
)

// userInfo is https://api.slack.com/methods/users.info.
func (s *Server) userInfo(c *call) (object, error) {
	u := s.users[c.text("user")]
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return object{"user": s.userObject(u, c.truth("include_locale"))}, nil
}

// userList is https://api.slack.com/methods/users.list.
func (s *Server) userList(c *call) (object, error) {
	ids, next, err := page(c, s.userIDs, 1000)
	members := []object{}
	for _, id := range ids {
		members = append(members, s.userObject(s.users[id], c.truth("include_locale")))
	}
	return object{"members": members, "cache_ts": s.opts.Now().Unix(), "response_metadata": object{"next_cursor": next}}, err
}

// userObject is the account as the Web API shows it; with its language only on request
// (https://docs.slack.dev/reference/methods/users.info: include_locale).
func (s *Server) userObject(u *User, withLocale bool) object {
	zone, err := time.LoadLocation(u.TZ)
	if err != nil {
		zone = time.UTC
	}
	label, offset := s.opts.Now().In(zone).Zone()
	profile := object{
		"real_name": u.RealName, "real_name_normalized": u.RealName, "display_name": u.Name,
		"display_name_normalized": u.Name, "team": u.TeamID,
	}
	if !u.IsBot && slices.Contains(s.opts.Scopes, "users:read.email") {
		profile["email"] = u.Name + "@example.com"
	}
	o := object{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"tz": u.TZ, "tz_label": label, "tz_offset": offset, "is_bot": u.IsBot, "is_app_user": false,
		"is_admin": u.IsAdmin, "is_owner": false, "is_primary_owner": false, "is_email_confirmed": true,
		"is_restricted": u.IsRestricted || u.IsUltraRestricted, "is_ultra_restricted": u.IsUltraRestricted,
		"updated": 1700000000,
		"profile": profile,
	}
	if withLocale {
		o["locale"] = cmp.Or(u.Locale, "en-US")
	}
	if u.IsStranger {
		o["is_stranger"] = true
	} else if s.opts.Grid.ID != "" {
		o["enterprise_user"] = s.opts.Grid.user(u)
	}
	return o
}

// groupList is https://api.slack.com/methods/usergroups.list.
func (s *Server) groupList(c *call) (object, error) {
	groups := []object{}
	for _, g := range s.groups {
		groups = append(groups, s.groupObject(g, c.truth("include_users")))
	}
	return object{"usergroups": groups}, nil
}

func (s *Server) groupObject(g UserGroup, withUsers bool) object {
	o := object{
		"id": g.ID, "team_id": s.opts.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
		"description": "", "is_external": false, "date_create": 1700000000, "date_update": 1700000000, "date_delete": 0,
		"user_count": len(g.Users),
	}
	if withUsers {
		o["users"] = slices.Concat([]string{}, g.Users)
	}
	return o
}

// groupUsers is https://api.slack.com/methods/usergroups.users.list.
func (s *Server) groupUsers(c *call) (object, error) {
	at := slices.IndexFunc(s.groups, func(g UserGroup) bool { return g.ID == c.text("usergroup") })
	if at < 0 {
		return nil, refuse("no_such_subteam")
	}
	return object{"users": slices.Concat([]string{}, s.groups[at].Users)}, nil
}
