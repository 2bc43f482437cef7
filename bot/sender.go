package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/slack-go/slack"
)

// SenderConfig says as whom and where to call the Web API.
type SenderConfig struct {
	Token  string
	APIURL string // with a trailing slash
	HTTP   *http.Client
	Log    logrus.FieldLogger
	Now    func() time.Time
	OnDate func(server time.Time) // is given each answer's Date header; may be nil
}

// Sender calls the Web API. It is safe for concurrent use.
//
// Refusals that pass (429) are waited for, as long as the context lasts and at
// most patience; a write whose outcome is unclear is not repeated.
type Sender struct {
	api    *slack.Client
	http   *http.Client
	log    logrus.FieldLogger
	pace   *pace
	users  *cache[slack.User]
	groups *cache[[]string]
}

// callTimeout bounds one HTTP exchange with Slack.
const callTimeout = 10 * time.Second

// NewSender calls nobody.
func NewSender(c SenderConfig) *Sender {
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: callTimeout}
	}
	client := dated(c.HTTP, c.OnDate)
	return &Sender{
		api:  slack.New(c.Token, slack.OptionAPIURL(c.APIURL), slack.OptionHTTPClient(client)),
		http: client, log: c.Log, pace: newPace(),
		users: newCache[slack.User](), groups: newCache[[]string](),
	}
}

// dated lets onDate see the Date header of every answer.
func dated(client *http.Client, onDate func(time.Time)) *http.Client {
	if onDate == nil {
		return client
	}
	inner := client.Transport
	if inner == nil {
		inner = http.DefaultTransport
	}
	copied := *client
	copied.Transport = dateReader{inner: inner, onDate: onDate}
	return &copied
}

type dateReader struct {
	inner  http.RoundTripper
	onDate func(time.Time)
}

func (d dateReader) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := d.inner.RoundTrip(r)
	if err == nil {
		if date, fault := http.ParseTime(answer.Header.Get("Date")); fault == nil {
			d.onDate(date)
		}
	}
	return answer, err
}

// Identity is who the bot is. Fields a server does not tell are empty.
type Identity struct {
	TeamID       string
	EnterpriseID string
	BotUserID    string
	BotID        string
	AppID        string
}

// Identify asks Slack who the token belongs to (auth.test, and bots.info for the
// app, which not every token may ask).
func (s *Sender) Identify(ctx context.Context) (Identity, error) {
	var id Identity
	err := s.do(ctx, "auth.test", "", true, func(ctx context.Context) error {
		answer, err := s.api.AuthTestContext(ctx)
		if err == nil {
			id = Identity{TeamID: answer.TeamID, EnterpriseID: answer.EnterpriseID, BotUserID: answer.UserID, BotID: answer.BotID}
		}
		return err
	})
	if err != nil || id.BotID == "" {
		return id, err
	}
	if info, err := s.api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: id.BotID}); err == nil && info != nil {
		id.AppID = info.AppID
	}
	return id, nil
}

// Address is whom to answer privately, and how. Only User is always there.
type Address struct {
	ResponseURL string // of the command or press that is answered
	Channel     string
	User        string
	ThreadTS    string
}

// Message is what to say. Text is a full sentence: it is the notification and
// what screen readers read. No blocks means no blocks.
type Message struct {
	Text      string
	Blocks    []slack.Block
	Metadata  *slack.SlackMetadata
	ThreadTS  string
	Broadcast bool
}

func (m Message) options() []slack.MsgOption {
	options := []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if m.Metadata != nil {
		options = append(options, slack.MsgOptionMetadata(*m.Metadata))
	}
	if m.ThreadTS != "" {
		options = append(options, slack.MsgOptionTS(m.ThreadTS))
	}
	if m.Broadcast {
		options = append(options, slack.MsgOptionBroadcast())
	}
	return options
}

// Post writes a message and returns its timestamp. After an error that is
// Unclear the message may stand there.
func (s *Sender) Post(ctx context.Context, channel string, m Message) (ts string, err error) {
	err = s.do(ctx, "chat.postMessage", channel, false, func(ctx context.Context) error {
		_, ts, err = s.api.PostMessageContext(ctx, channel, m.options()...)
		if err == nil && ts == "" {
			err = errNoTimestamp
		}
		return err
	})
	return ts, err
}

// errNoTimestamp is an answer that is no refusal and names no message.
var errNoTimestamp = errors.New("Slack answered without a timestamp")

// Update makes a message read differently.
func (s *Sender) Update(ctx context.Context, channel, ts string, m Message) error {
	return s.do(ctx, "chat.update", channel, true, func(ctx context.Context) error {
		_, _, _, err := s.api.UpdateMessageContext(ctx, channel, ts, m.options()...)
		return err
	})
}

// Private says something that only one person reads: through the response_url
// while it lasts, else as an ephemeral message, else as a direct one.
func (s *Sender) Private(ctx context.Context, to Address, m Message) error {
	if to.ResponseURL != "" {
		if err := s.respond(ctx, to.ResponseURL, m, false); err == nil {
			return nil
		}
	}
	if to.Channel != "" {
		if err := s.ephemeral(ctx, to, m); err == nil || !Permanent(err) {
			return err
		}
	}
	_, err := s.Direct(ctx, to.User, m)
	return err
}

// Replace turns the message with the pressed button into another.
func (s *Sender) Replace(ctx context.Context, to Address, m Message) error {
	return s.respond(ctx, to.ResponseURL, m, true)
}

func (s *Sender) respond(ctx context.Context, url string, m Message, replace bool) error {
	message := &slack.WebhookMessage{Text: m.Text, ResponseType: slack.ResponseTypeEphemeral, ReplaceOriginal: replace}
	if len(m.Blocks) > 0 {
		message.Blocks = &slack.Blocks{BlockSet: m.Blocks}
	}
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return named("response_url", err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := s.http.Do(r)
	if err != nil {
		return named("response_url", err)
	}
	defer answer.Body.Close()
	return named("response_url", refusalIn(answer))
}

// refusalIn reads what a response_url said: the word "ok", or an object that may
// be a refusal whatever the status.
func refusalIn(answer *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	switch {
	case err != nil:
		return err
	case json.Unmarshal(text, &said) == nil && said.OK != nil && !*said.OK:
		return slack.SlackErrorResponse{Err: firstOf(said.Error, "unknown_error")}
	case answer.StatusCode/100 != 2:
		return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
	}
	return nil
}

func (s *Sender) ephemeral(ctx context.Context, to Address, m Message) error {
	m.ThreadTS = firstOf(m.ThreadTS, to.ThreadTS)
	return s.do(ctx, "chat.postEphemeral", "", false, func(ctx context.Context) error {
		_, err := s.api.PostEphemeralContext(ctx, to.Channel, to.User, m.options()...)
		return err
	})
}

// Direct writes to a person.
func (s *Sender) Direct(ctx context.Context, user string, m Message) (string, error) {
	channel := ""
	err := s.do(ctx, "conversations.open", "", true, func(ctx context.Context) error {
		opened, _, _, err := s.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
		if err == nil {
			channel = opened.ID
		}
		return err
	})
	if err != nil {
		return "", err
	}
	m.ThreadTS = ""
	return s.Post(ctx, channel, m)
}

// OpenView shows a form. The trigger works once, for 3 seconds.
func (s *Sender) OpenView(ctx context.Context, trigger string, view slack.ModalViewRequest) error {
	_, err := s.api.OpenViewContext(ctx, trigger, view)
	return named("views.open", err)
}

// Publish shows a person's home tab.
func (s *Sender) Publish(ctx context.Context, user string, view slack.HomeTabViewRequest) error {
	return s.do(ctx, "views.publish", "", true, func(ctx context.Context) error {
		_, err := s.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
		return err
	})
}

// User is users.info, at most a minute old. Failures are not kept.
func (s *Sender) User(ctx context.Context, id string) (slack.User, error) {
	return s.users.get(ctx, id, func(ctx context.Context) (user slack.User, err error) {
		err = s.do(ctx, "users.info", "", true, func(ctx context.Context) error {
			found, err := s.api.GetUserInfoContext(ctx, id)
			if err == nil {
				user = *found
			}
			return err
		})
		return user, err
	})
}

// GroupMembers lists a user group, at most a minute old.
func (s *Sender) GroupMembers(ctx context.Context, group string) ([]string, error) {
	return s.groups.get(ctx, group, func(ctx context.Context) (members []string, err error) {
		err = s.do(ctx, "usergroups.users.list", "", true, func(ctx context.Context) error {
			members, err = s.api.GetUserGroupMembersContext(ctx, group)
			return err
		})
		return members, err
	})
}

// Permalink leads to a message.
func (s *Sender) Permalink(ctx context.Context, channel, ts string) (string, error) {
	link, err := s.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
	return link, named("chat.getPermalink", err)
}
