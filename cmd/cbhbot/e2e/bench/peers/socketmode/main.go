// Command socketmode is a plain approval bot on slack-go's socketmode, as its
// examples show one: ack, then work. It keeps requests in Redis after the ack, lets
// anybody approve, calls once and reports; it checks nobody, reads nothing back and
// survives no kill. The benchmark runs it beside cbhbot.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/olebedev/when"
	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"cbhbot/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	b, err := newBot()
	if err != nil {
		log.Fatal(err)
	}
	if err := b.run(ctx); !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

type bot struct {
	slack *slack.Client
	redis *redis.Client
	cloud *client.Client
	zone  *time.Location
}

func newBot() (*bot, error) {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(os.Getenv("TZ"))
	if err != nil {
		return nil, err
	}
	cloud, err := newCloud()
	if err != nil {
		return nil, err
	}
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"),
		slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")), slack.OptionAPIURL(os.Getenv("SLACK_API_URL")))
	return &bot{slack: api, redis: redis.NewClient(options), cloud: cloud, zone: zone}, nil
}

func newCloud() (*client.Client, error) {
	wire := client.NewHTTP(64)
	return client.New(client.Config{
		Endpoint: os.Getenv("CBH_ENDPOINT"), ProjectID: os.Getenv("CBH_PROJECT_ID"), HTTP: wire,
		Auth: client.Password(client.PasswordConfig{
			IAMEndpoint: os.Getenv("IAM_ENDPOINT"), User: os.Getenv("CBH_IAM_USER"), Password: os.Getenv("CBH_IAM_PASSWORD"),
			Domain: os.Getenv("CBH_IAM_DOMAIN"), ProjectID: os.Getenv("CBH_PROJECT_ID"), HTTP: wire,
		}),
	})
}

func (b *bot) run(ctx context.Context) error {
	handler := socketmode.NewSocketmodeHandler(socketmode.New(b.slack))
	handler.HandleSlashCommand("/cbh", func(event *socketmode.Event, c *socketmode.Client) {
		if command, ok := event.Data.(slack.SlashCommand); ok {
			_ = c.Ack(*event.Request)
			b.logs(b.asks(ctx, command))
		}
	})
	handler.HandleInteraction(slack.InteractionTypeBlockActions, func(event *socketmode.Event, c *socketmode.Client) {
		if press, ok := event.Data.(slack.InteractionCallback); ok {
			_ = c.Ack(*event.Request)
			b.logs(b.decides(ctx, press))
		}
	})
	handler.HandleDefault(func(*socketmode.Event, *socketmode.Client) {})
	return handler.RunEventLoopContext(ctx)
}

func (b *bot) logs(err error) {
	if err != nil {
		log.Println(err)
	}
}

var upgrade = regexp.MustCompile(`^upgrade (\S+) (.+)$`)

// asks stores a request and posts its card.
func (b *bot) asks(ctx context.Context, c slack.SlashCommand) error {
	words := upgrade.FindStringSubmatch(c.Text)
	if words == nil {
		return b.tells(ctx, c, "Type /cbh upgrade, a server and a time.")
	}
	found, err := when.EN.Parse(words[2], time.Now().In(b.zone))
	if err != nil || found == nil {
		return b.tells(ctx, c, "I cannot read that time.")
	}
	at := found.Time.Truncate(time.Hour)
	if time.Until(at) < 24*time.Hour {
		return b.tells(ctx, c, "That is too soon.")
	}
	id, err := b.redis.Incr(ctx, "last").Result()
	if err != nil {
		return err
	}
	key := fmt.Sprintf("request:%d", id)
	if err := b.redis.HSet(ctx, key, "server", words[1], "at", at.UnixMilli(), "by", c.UserID).Err(); err != nil {
		return err
	}
	_, _, err = b.slack.PostMessageContext(ctx, c.ChannelID, slack.MsgOptionText("Upgrade of "+words[1], false), card(key, words[1], at, c.UserID))
	return err
}

func (b *bot) tells(ctx context.Context, c slack.SlashCommand, text string) error {
	_, err := b.slack.PostEphemeralContext(ctx, c.ChannelID, c.UserID, slack.MsgOptionText(text, false))
	return err
}

func card(key, server string, at time.Time, by string) slack.MsgOption {
	text := fmt.Sprintf("<@%s> asks for the upgrade of `%s` at %s", by, server, at.Format(time.RFC1123))
	label := func(words string) *slack.TextBlockObject {
		return slack.NewTextBlockObject("plain_text", words, false, false)
	}
	return slack.MsgOptionBlocks(
		slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil),
		slack.NewActionBlock("decision",
			slack.NewButtonBlockElement("approve", key, label("Approve")).WithStyle(slack.StylePrimary),
			slack.NewButtonBlockElement("deny", key, label("Deny")).WithStyle(slack.StyleDanger)))
}

// decides takes the first press for the decision, calls and reports.
func (b *bot) decides(ctx context.Context, press slack.InteractionCallback) error {
	action := press.ActionCallback.BlockActions[0]
	first, err := b.redis.HSetNX(ctx, action.Value, "decision", action.ActionID+" "+press.User.ID).Result()
	if err != nil || !first {
		return err
	}
	request, err := b.redis.HGetAll(ctx, action.Value).Result()
	if err != nil {
		return err
	}
	text := fmt.Sprintf("Upgrade of `%s`: %s by <@%s>", request["server"], action.ActionID, press.User.ID)
	_, _, _, err = b.slack.UpdateMessageContext(ctx, press.Channel.ID, press.Message.Timestamp, slack.MsgOptionText(text, false),
		slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", text, false, false), nil, nil)))
	if err != nil || action.ActionID != "approve" {
		return err
	}
	text = b.calls(ctx, request)
	if err := b.redis.HSet(ctx, action.Value, "outcome", text).Err(); err != nil {
		return err
	}
	_, _, err = b.slack.PostMessageContext(ctx, press.Channel.ID, slack.MsgOptionText(text, false), slack.MsgOptionTS(press.Message.Timestamp))
	return err
}

// calls has the cloud schedule the upgrade, and says what came of it.
func (b *bot) calls(ctx context.Context, request map[string]string) string {
	millis, err := strconv.ParseInt(request["at"], 10, 64)
	if err == nil {
		_, err = b.cloud.Upgrade(ctx, request["server"], time.UnixMilli(millis))
	}
	if err != nil {
		return fmt.Sprintf(":x: The upgrade of `%s` failed: %v", request["server"], err)
	}
	return fmt.Sprintf(":white_check_mark: The upgrade of `%s` is scheduled.", request["server"])
}
