package check

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/approvals/store"
	"cbhbot/bot"
)

// slack looks at what is Slack's. What the tokens are is asked once.
type slack struct {
	settings Settings
	clocks   *clocks

	asked, opened, introduced sync.Once

	bot, app       bot.Token
	botErr, appErr error

	counted  int // sockets of the app, by Slack
	greetErr error

	as    identity
	asErr error
}

// silent is a log whose level is that of a panic.
func silent() *logrus.Logger { return new(logrus.Logger) }

// inspect asks Slack about both tokens.
func (s *slack) inspect(ctx context.Context) {
	s.asked.Do(func() {
		var both sync.WaitGroup
		both.Go(func() {
			s.bot, s.botErr = bot.InspectToken(ctx, s.settings.SlackHTTP, s.settings.SlackURL, s.settings.BotToken)
			if !s.bot.Date.IsZero() {
				s.clocks.slack(s.bot.Date)
			}
		})
		both.Go(func() {
			s.app, s.appErr = bot.InspectToken(ctx, s.settings.SlackHTTP, s.settings.SlackURL, s.settings.AppToken)
		})
		both.Wait()
	})
}

// token is one of the two that a Slack app has.
type token struct {
	setting          string
	mend             string
	refused, revoked Code
}

var (
	tokenOfBot = token{
		"SLACK_BOT_TOKEN",
		"Install the app to the workspace again, and set SLACK_BOT_TOKEN to the token that \"OAuth & Permissions\" shows.", BotTokenRefused, BotTokenRevoked,
	}
	tokenOfApp = token{
		"SLACK_APP_TOKEN",
		"Generate an app-level token with the scope connections:write under \"Basic Information\", and set SLACK_APP_TOKEN to it.", AppTokenRefused, AppTokenRevoked,
	}
)

// fault says why Slack does not take the token.
func (t token) fault(ctx context.Context, err error) Finding {
	switch code := bot.ErrorCode(err); code {
	case "":
		return unreached(ctx, err)
	case "token_revoked", "account_inactive", "token_expired":
		return fail(t.revoked, t.mend, "%s is over: it was revoked, or the app was removed from the workspace (Slack says %s)", t.setting, code)
	case "invalid_auth", "not_authed":
		return fail(t.refused, t.mend, "Slack does not know %s (it says %s): it is not whole, or of another Slack", t.setting, code)
	default:
		return fail(t.refused, t.mend, "Slack refuses %s: %s", t.setting, code)
	}
}

// botToken says who the bot is.
func (s *slack) botToken(ctx context.Context) []Finding {
	s.inspect(ctx)
	if s.botErr != nil {
		return []Finding{tokenOfBot.fault(ctx, s.botErr)}
	}
	return []Finding{ok("Slack knows the bot as %s (%s) in %s (%s, %s)", s.bot.User, s.bot.UserID, s.bot.Team, s.bot.TeamID, s.bot.URL)}
}

func unreached(ctx context.Context, err error) Finding {
	if late(ctx, err) {
		return noAnswer("Slack")
	}
	return fail(SlackUnreachable,
		reaching(err, "See whether this machine reaches slack.com over HTTPS (HTTPS_PROXY), and that SLACK_API_URL is right."),
		"Slack cannot be reached: %v", err)
}

// appToken says whose the app-level token is, and opens a socket with it.
func (s *slack) appToken(ctx context.Context) []Finding {
	s.inspect(ctx)
	if s.appErr != nil && s.botErr != nil && bot.ErrorCode(s.appErr)+bot.ErrorCode(s.botErr) == "" {
		return []Finding{skip("SLACK_APP_TOKEN is not looked at: what is between this machine and Slack comes first")}
	}
	if s.appErr != nil {
		return []Finding{tokenOfApp.fault(ctx, s.appErr)}
	}
	if other := s.otherApp(ctx); other != "" {
		return []Finding{fail(OtherApp,
			"Take both tokens from the pages of one app.",
			"the tokens are of two apps: SLACK_APP_TOKEN of %s, SLACK_BOT_TOKEN of %s", s.app.AppID, other)}
	}
	if s.greet(ctx); s.greetErr != nil {
		return []Finding{s.noSocket(ctx)}
	}
	return []Finding{ok("the app-level token is of %s (%s), and Slack has opened a socket with it", s.app.AppName, s.app.AppID)}
}

// otherApp is the app of the bot's token where it is another than that of the app-level
// one; "" where nothing says so.
func (s *slack) otherApp(ctx context.Context) string {
	as, err := s.introduce(ctx)
	if err != nil || as.home.AppID == "" || s.app.AppID == "" || as.home.AppID == s.app.AppID {
		return ""
	}
	return as.home.AppID
}

// introduce makes who looks at people and channels.
func (s *slack) introduce(ctx context.Context) (identity, error) {
	s.inspect(ctx)
	if s.botErr != nil {
		return identity{}, s.botErr
	}
	s.introduced.Do(func() {
		s.as.sender = bot.NewSender(bot.SenderConfig{Token: s.settings.BotToken, APIURL: s.settings.SlackURL, HTTP: s.settings.SlackHTTP, Log: silent()})
		s.as.home, s.asErr = s.as.sender.Identify(ctx)
	})
	return s.as, s.asErr
}

// greet opens a socket and closes it. What Slack sends to it meanwhile is kept for the bot
// to work on, so that nothing is lost by looking.
func (s *slack) greet(ctx context.Context) {
	s.opened.Do(func() {
		inbox := bot.NewInbox(bot.InboxConfig{
			Redis: s.settings.Redis, Durable: store.Durable(s.settings.Redis, s.settings.WaitReplicas), Prefix: store.DefaultPrefix,
		})
		s.counted, s.greetErr = bot.Greet(ctx, bot.SocketsConfig{
			AppToken: s.settings.AppToken, APIURL: s.settings.SlackURL, HTTP: s.settings.SlackHTTP, Log: silent(), Now: time.Now,
			Receive: func(ctx context.Context, e bot.Envelope) (ack bool, payload any) {
				_, err := inbox.Put(ctx, e)
				return err == nil, nil
			},
		})
	})
}

// noSocket says why Slack opens no socket.
func (s *slack) noSocket(ctx context.Context) Finding {
	var fatal *bot.FatalError
	switch {
	case !errors.As(s.greetErr, &fatal):
		return unreached(ctx, s.greetErr)
	case fatal.Code == "socket_mode_not_enabled" || fatal.Code == "socket_mode_disabled":
		return fail(SocketModeOff, "Switch it on in the app's settings under \"Socket Mode\", or paste deploy/slack-manifest.yaml under "+
			"\"App Manifest\".",
			"Socket Mode is switched off for the app (%s)", fatal.Code)
	case fatal.Code == "missing_scope" || fatal.Code == "no_permission":
		return fail(AppTokenScope, tokenOfApp.mend, "the app-level token may not open sockets (%s): it has %s", fatal.Code, orNone(s.app.Scopes))
	}
	return fail(AppTokenRefused, tokenOfApp.mend, "Slack opens no socket: %v", fatal)
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "no scope"
	}
	return strings.Join(words, ", ")
}

// sockets counts the sockets that all copies of the bot want together, and those that are
// nobody's.
func (s *slack) sockets(ctx context.Context) []Finding {
	roster := &bot.Roster{Redis: s.settings.Redis, Prefix: store.DefaultPrefix}
	fleet, err := roster.Look(ctx)
	if err != nil {
		return []Finding{skip("the sockets of all copies of the bot are not counted: Redis does not tell")}
	}
	copies, wanting := fleet.Processes, "they want"
	if copies == 0 {
		wanting = "one wants"
	}
	fleet.Sockets = max(fleet.Sockets, max(1, copies)*s.settings.Connections)
	found := []Finding{ok("copies of the bot: %d; %s %d of the %d sockets that Slack gives an app", copies, wanting, fleet.Wants(), bot.MostSockets)}
	if fleet.Wants() > bot.MostSockets {
		found = []Finding{fail(TooManySockets, "Lower SLACK_CONNECTIONS: it counts for each copy.",
			"copies of the bot: %d; with the socket that is opened before another is closed they want %d, and Slack "+
				"gives an app %d", copies, fleet.Wants(), bot.MostSockets)}
	}
	if s.mayGreet(ctx) {
		found = append(found, s.foreign(ctx, roster)...)
	}
	return found
}

// foreignData finds that Redis is another deployment's.
func (s *slack) foreignData(ctx context.Context) []Finding {
	as, err := s.introduce(ctx)
	if err != nil {
		return nil // the check of the bot's token says why
	}
	if said, mend := s.settings.Foreign(ctx, as.home); said != "" {
		return []Finding{fail(RedisForeign, capital(mend)+".", "%s: the bot ends at its start", said)}
	}
	return nil
}

// saysWithin is how long after Slack counts a copy's socket the copy has said that it
// holds it.
const saysWithin = 3 * time.Second

// foreign finds sockets that Slack counts and no copy holds. It waits for copies that
// are starting to say what they hold.
func (s *slack) foreign(ctx context.Context, roster *bot.Roster) []Finding {
	tick := time.NewTicker(saysWithin / 30)
	defer tick.Stop()
	for over := time.After(saysWithin); ; {
		fleet, err := roster.Look(ctx)
		n := s.counted - 1 - fleet.Others
		if err != nil || n <= 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		case <-over:
			if err := Writes(ctx, s.settings.Redis); err != nil {
				return []Finding{skip("nobody knows whose sockets Slack counts: Redis takes no write, so copies of the bot cannot say what they hold")}
			}
			return []Finding{fail(ForeignSockets,
				"Stop whatever else runs with this app's token (another deployment, a test), or wait: Slack forgets a "+
					"socket whose end never reached it within hours. If nobody knows of one, revoke the token and generate another.",
				"Slack counts %d socket(s) of this app that no copy of the bot holds: what is sent to them is lost to the bot", n)}
		}
	}
}

// mayGreet opens a socket where the tokens are of one app, and reports whether that went
// well; where it did not, the check of the app-level token says so.
func (s *slack) mayGreet(ctx context.Context) bool {
	s.inspect(ctx)
	if s.appErr != nil || s.otherApp(ctx) != "" {
		return false
	}
	s.greet(ctx)
	return s.greetErr == nil
}
