package check

import (
	"context"
	"maps"
	"slices"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
)

// place is a channel that the bot is told to write to.
type place struct {
	id, use  string // what for, in words
	language policy.Language
}

// places are the channels that the policy and the settings name, each once.
func places(held *policy.Policy, audit string) (all []place) {
	add := func(id, use string, language policy.Language) {
		at := slices.IndexFunc(all, func(p place) bool { return p.id == id })
		switch {
		case at >= 0:
			all[at].use += ", " + use
		case id != "":
			all = append(all, place{id, use, language})
		}
	}
	if held != nil {
		for _, rule := range held.Rules {
			add(rule.Channel, "cards of the rule "+rule.Name, held.Language(approvals.Target{}))
			add(rule.Announce.Channel, "break-glass of the rule "+rule.Name, held.Language(approvals.Target{}))
		}
		for _, project := range slices.Sorted(maps.Keys(held.Channels)) {
			add(held.Channels[project], "cards of the project "+project, held.Language(approvals.Target{Project: project}))
		}
	}
	add(audit, "the audit", policy.English)
	return all
}

// channels says whether the bot can write where it is told to, and in which language.
func (s *slack) channels(ctx context.Context) []Finding {
	all := places(s.settings.Policy, s.settings.AuditChannel)
	if len(all) == 0 {
		return []Finding{ok("no channel is named: a card goes where its request is made")}
	}
	as, err := s.introduce(ctx)
	if err != nil {
		return []Finding{skip("channels are not looked at: what is wrong with Slack or SLACK_BOT_TOKEN comes first")}
	}
	var found []Finding
	for _, p := range all {
		c, err := as.sender.LookAtChannel(ctx, p.id)
		found = append(found, p.judge(ctx, c, err, s.bot.User)...)
	}
	return found
}

// judge says what is wrong with a channel.
func (p place) judge(ctx context.Context, c bot.Channel, err error, user string) (found []Finding) {
	invite := "Type /invite @" + user + " in it"
	switch code := bot.ErrorCode(err); {
	case code == "channel_not_found":
		return []Finding{fail(ChannelUnknown, invite+", if it is private; else correct the id: \"Copy link\" in the channel's menu ends with it.",
			"Slack shows the bot no channel %s (%s): there is none, or it is private and the bot is not in it", p.id, p.use)}
	case code == "missing_scope":
		return []Finding{warn(ChannelUnseen, "Allow channels:read and groups:read when the app is installed, or see for yourself that the bot is in it.",
			"the bot's token may not look at the channel %s (%s)", p.id, p.use)}
	case late(ctx, err):
		return []Finding{noAnswer("Slack")}
	case err != nil:
		return []Finding{fail(ChannelUnseen, "Try again later.", "the channel %s (%s) cannot be looked at: %v", p.id, p.use, err)}
	case c.Archived:
		return []Finding{fail(ChannelArchived,
			"Unarchive it, or name another.",
			"#%s (%s), for %s, is archived: nobody can write to it", c.Name, p.id, p.use)}
	}
	if !c.Member {
		found = append(found, warn(ChannelWithout,
			invite+".",
			"the bot is not in #%s (%s), for %s: it can post there, and neither answer privately nor find a card "+
				"whose timestamp was lost", c.Name, p.id, p.use))
	}
	if c.Shared {
		found = append(found, warn(ChannelShared,
			"Name a channel of your own people.",
			"#%s (%s), for %s, is shared with another company: its people see the cards", c.Name, p.id, p.use))
	}
	if len(found) == 0 {
		found = append(found, ok("the bot is in #%s (%s), for %s; what it says there is in %s", c.Name, p.id, p.use, languageWords[p.language]))
	}
	return found
}
