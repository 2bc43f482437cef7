package slackemu

import (
	"errors"
	"slices"
)

// The default workspace's ids and tokens.
const (
	TeamHome  = "T0HOME"  // the workspace that installed the app
	TeamOther = "T0OTHER" // a workspace that shares a channel with it
	AppID     = "A0CBH"
	BotID     = "B0BOT"
	BotToken  = "xoxb-0-slackemu"
	AppToken  = "xapp-1-A0CBH-0-slackemu"

	UserAna  = "U0ANA"  // may approve; Berlin
	UserBo   = "U0BO"   // may approve; New York
	UserRita = "U0RITA" // an engineer; Shanghai
	UserGus  = "U0GUS"  // a single-channel guest
	UserDee  = "U0DEE"  // a deactivated account
	UserXen  = "U0XEN"  // from another workspace, in its channel
	UserBot  = "U0BOT"  // the app's bot user
	UserJobs = "U0JOBS" // a bot of another app

	GroupApprovers = "S0APPR" // Ana and Bo

	ChannelOps      = "C0OPS"
	ChannelGeneral  = "C0GENERAL"
	ChannelPartners = "C0PARTNERS" // hosted by the other workspace
	ChannelLobby    = "C0LOBBY"    // public; the bot is not in it
	ChannelVault    = "C0VAULT"    // private; the bot is not in it
	ChannelOld      = "C0OLD"      // archived
	ChannelCrew     = "C0CREW"     // private, with the bot
	GroupNight      = "G0NIGHT"    // a group DM: Rita, Ana and the bot
	DirectRitaAna   = "D0RITAANA"  // Rita and Ana, without the bot
)

// slackbot is who speaks when Slack itself tells a person something.
const slackbot = "USLACKBOT"

// User is an account. TZ is an IANA zone, Locale a language such as zh-CN ("" is en-US). Note is shown on the page and to nobody else.
type User struct {
	ID                string `json:"id"`
	TeamID            string `json:"team_id"`
	Name              string `json:"name"` // the handle, without @
	RealName          string `json:"real_name"`
	TZ                string `json:"tz"`
	Locale            string `json:"locale,omitempty"`
	Note              string `json:"note,omitempty"`
	Deleted           bool   `json:"deleted,omitempty"`
	IsBot             bool   `json:"is_bot,omitempty"`
	IsAdmin           bool   `json:"is_admin,omitempty"`
	IsRestricted      bool   `json:"is_restricted,omitempty"`       // a guest
	IsUltraRestricted bool   `json:"is_ultra_restricted,omitempty"` // a single-channel guest
	IsStranger        bool   `json:"is_stranger,omitempty"`         // from another workspace
}

// Channel is a channel, a group DM, a DM of two people or, when IM is set, the conversation of the app with one person.
type Channel struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Topic    string   `json:"topic,omitempty"`
	Members  []string `json:"members"`
	Private  bool     `json:"private,omitempty"`
	Archived bool     `json:"archived,omitempty"`
	IM       string   `json:"im,omitempty"` // the person, for a direct conversation
	Group    bool     `json:"group,omitempty"`
	Pair     bool     `json:"pair,omitempty"` // of two people
	Host     string   `json:"host,omitempty"` // the workspace it belongs to; "" is the one that installed the app
}

// The kinds of conversations, as filters of menus name them.
const (
	kindPublic  = "public"
	kindPrivate = "private"
	kindMPIM    = "mpim"
	kindIM      = "im"
)

func (c *Channel) kind() string {
	switch {
	case c.IM != "" || c.Pair:
		return kindIM
	case c.Group:
		return kindMPIM
	case c.Private:
		return kindPrivate
	}
	return kindPublic
}

// nameInPayloads is what payloads call a conversation: the names of those that not everybody sees stay away, as in
// the many recorded ones with channel_name=privategroup.
func (c *Channel) nameInPayloads() string {
	switch c.kind() {
	case kindPrivate:
		return "privategroup"
	case kindIM:
		return "directmessage"
	}
	return c.Name
}

// UserGroup is a group of people that can be mentioned.
type UserGroup struct {
	ID     string   `json:"id"`
	Handle string   `json:"handle"`
	Name   string   `json:"name"`
	Users  []string `json:"users"`
}

// DefaultUsers returns the people of the default workspace and another app's bot; the app's own bot user is added to any.
func DefaultUsers() []User {
	return []User{
		{ID: UserRita, TeamID: TeamHome, Name: "rita", RealName: "Rita Requester", TZ: "Asia/Shanghai", Note: "engineer, asks for upgrades"},
		{ID: UserAna, TeamID: TeamHome, Name: "ana", RealName: "Ana Approver", TZ: "Europe/Berlin", Note: "may approve", IsAdmin: true},
		{ID: UserBo, TeamID: TeamHome, Name: "bo", RealName: "Bo Approver", TZ: "America/New_York", Note: "may approve"},
		{ID: UserGus, TeamID: TeamHome, Name: "gus", RealName: "Gus Guest", TZ: "Europe/London", Note: "single-channel guest", IsRestricted: true, IsUltraRestricted: true},
		{ID: UserXen, TeamID: TeamOther, Name: "xen", RealName: "Xen External", TZ: "Asia/Tokyo", Note: "from another company", IsStranger: true},
		{ID: UserDee, TeamID: TeamHome, Name: "dee", RealName: "Dee Deactivated", TZ: "Europe/Paris", Note: "account switched off", Deleted: true},
		{ID: UserJobs, TeamID: TeamHome, Name: "jobs", RealName: "Nightly Jobs", TZ: "America/Los_Angeles", IsBot: true},
	}
}

// DefaultChannels returns the channels of the default workspace.
func DefaultChannels() []Channel {
	return []Channel{
		{ID: ChannelOps, Name: "ops", Topic: "Bastion hosts and everything behind them", Members: []string{UserRita, UserAna, UserBo, UserGus, UserBot, UserJobs}},
		{ID: ChannelGeneral, Name: "general", Topic: "For everybody", Members: []string{UserRita, UserAna, UserBo, UserBot}},
		{ID: ChannelPartners, Name: "partners", Topic: "Shared with another company, which hosts it", Host: TeamOther, Members: []string{UserRita, UserAna, UserBo, UserXen, UserBot}},
		{ID: ChannelLobby, Name: "lobby", Topic: "The bot has not been invited here", Members: []string{UserRita, UserAna, UserBo}},
		{ID: ChannelVault, Name: "vault", Topic: "Private, without the bot", Private: true, Members: []string{UserAna, UserBo}},
		{ID: ChannelCrew, Name: "crew", Topic: "Private, with the bot", Private: true, Members: []string{UserRita, UserAna, UserBot}},
		{ID: GroupNight, Name: "mpdm-rita--ana--cbhbot-1", Group: true, Members: []string{UserRita, UserAna, UserBot}},
		{ID: DirectRitaAna, Name: "directmessage", Pair: true, Members: []string{UserRita, UserAna}},
		{ID: ChannelOld, Name: "old-ops", Topic: "Archived", Archived: true, Members: []string{UserRita, UserAna, UserBo, UserBot}},
	}
}

// DefaultGroups returns the user groups of the default workspace.
func DefaultGroups() []UserGroup {
	return []UserGroup{{ID: GroupApprovers, Handle: "approvers", Name: "Approvers", Users: []string{UserAna, UserBo}}}
}

// populate fills the workspace from the options and gives everybody a conversation with the app.
func (s *Server) populate() {
	for _, u := range s.opts.Users {
		s.putUser(u)
	}
	s.putUser(User{ID: slackbot, TeamID: s.opts.TeamID, Name: "slackbot", RealName: "Slackbot", TZ: "UTC", IsBot: true})
	if _, ok := s.users[UserBot]; !ok {
		app := s.opts.Manifest
		s.putUser(User{ID: UserBot, TeamID: s.opts.TeamID, Name: app.handle(), RealName: app.name(), TZ: "America/Los_Angeles", IsBot: true})
	}
	for _, c := range s.opts.Channels {
		s.putChannel(c)
	}
	s.groups = slices.Clone(s.opts.Groups)
}

func (s *Server) putUser(u User) {
	if _, known := s.users[u.ID]; !known {
		s.userIDs = append(s.userIDs, u.ID)
	}
	s.users[u.ID] = &u
	if !u.IsBot {
		s.putChannel(Channel{ID: directID(u.ID), Name: "directmessage", IM: u.ID, Members: []string{u.ID, UserBot}})
	}
}

func (s *Server) putChannel(c Channel) {
	if _, known := s.channels[c.ID]; !known {
		s.chanIDs = append(s.chanIDs, c.ID)
	}
	c.Members = slices.Clone(c.Members)
	s.channels[c.ID] = &c
}

// directID is the id of a person's conversation with the app.
func directID(user string) string { return "D" + user[min(1, len(user)):] }

func (c *Channel) has(user string) bool { return slices.Contains(c.Members, user) }

// Users returns every account, bots included.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []User
	for _, id := range s.userIDs {
		found = append(found, *s.users[id])
	}
	return found
}

// Channels returns every channel, direct conversations with the app included.
func (s *Server) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Channel
	for _, id := range s.chanIDs {
		c := *s.channels[id]
		c.Members = slices.Clone(c.Members)
		found = append(found, c)
	}
	return found
}

// SetUser adds an account or replaces the one with the same id, and tells the app (user_change).
func (s *Server) SetUser(u User) {
	s.mu.Lock()
	s.putUser(u)
	changed := s.eventPayload("user_change", object{"user": s.userObject(&u, true)})
	s.touch()
	s.mu.Unlock()
	s.announce("user_change", changed)
}

// SetLocale changes the language of an account, and tells the app (user_change).
func (s *Server) SetLocale(user, locale string) error {
	s.mu.Lock()
	u := s.users[user]
	if u == nil {
		s.mu.Unlock()
		return errors.New("user_not_found")
	}
	changed := *u
	s.mu.Unlock()
	changed.Locale = locale
	s.SetUser(changed)
	return nil
}

// SetChannel adds a channel or replaces the one with the same id, for instance to archive it or remove the bot.
func (s *Server) SetChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putChannel(c)
	s.touch()
}

// SetGroup adds a user group or replaces the one with the same id, and tells the app (subteam_members_changed).
func (s *Server) SetGroup(g UserGroup) {
	s.mu.Lock()
	var old UserGroup
	at := slices.IndexFunc(s.groups, func(known UserGroup) bool { return known.ID == g.ID })
	if at < 0 {
		s.groups = append(s.groups, g)
	} else {
		old, s.groups[at] = s.groups[at], g
	}
	changed := s.eventPayload("subteam_members_changed", s.membersChanged(old, g))
	s.touch()
	s.mu.Unlock()
	s.announce("subteam_members_changed", changed)
}

// membersChanged is https://docs.slack.dev/reference/events/subteam_members_changed: who came and who went, never who is
// in the group.
func (s *Server) membersChanged(old, g UserGroup) object {
	added := without(g.Users, old.Users)
	removed := without(old.Users, g.Users)
	return object{
		"subteam_id": g.ID, "team_id": s.opts.TeamID, "date_previous_update": 1700000000, "date_update": s.opts.Now().Unix(),
		"added_users": added, "added_users_count": len(added), "removed_users": removed, "removed_users_count": len(removed),
	}
}

// without returns those of all that are not among others.
func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Concat([]string{}, all), func(id string) bool { return slices.Contains(others, id) })
}
