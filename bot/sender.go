package bot

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/slack-go/slack"
)

// SenderConfig says as whom and where to call the Web API.
type SenderConfig struct {
	Token   string
	APIURL  string       // with a trailing slash
	HTTP    *http.Client // nil: one of NewHTTPClient
	Log     logrus.FieldLogger
	OnDate  func(server time.Time) // is given each answer's Date header, zero where there is none; may be nil
	Metrics *Metrics               // nil: nobody is to see them
}

// Sender calls the Web API. It is safe for concurrent use.
//
// Post, Update, Direct, FindMarked and those that validate make one attempt and never wait: who calls
// them knows when to try again. What a person waits for (all the others) is repeated
// within 2.5 s, and is never behind the former.
type Sender struct {
	api      *slack.Client
	http     *exchanges
	token    string
	url      string
	log      logrus.FieldLogger
	holds    *holds
	metrics  *Metrics
	people   *people
	groups   *cache[[]string]
	channels *cache[Channel]
	members  *cache[[]string]
	site     atomic.Pointer[string] // what links to messages begin with; nil: not known yet

	passedOver atomic.Int64 // until then (Unix, ns) no response_url is used
}

// NewSender calls nobody.
func NewSender(c SenderConfig) *Sender {
	if c.HTTP == nil {
		c.HTTP = NewHTTPClient()
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(prometheus.NewRegistry())
	}
	client := dated(c.HTTP, c.OnDate)
	return &Sender{
		api:  slack.New(c.Token, slack.OptionAPIURL(c.APIURL), slack.OptionHTTPClient(client)),
		http: client, token: c.Token, url: c.APIURL, log: c.Log, holds: newHolds(), metrics: c.Metrics,
		people: newPeople(), groups: newCache[[]string](peopleFor),
		channels: newCache[Channel](channelFor), members: newCache[[]string](channelFor),
	}
}

// Identity is who the bot is. Fields a server does not tell are empty.
type Identity struct {
	TeamID       string
	EnterpriseID string
	BotID        string
	AppID        string
}

// Identify asks Slack who the token belongs to (auth.test, and bots.info for the
// app, which not every token may ask).
func (s *Sender) Identify(ctx context.Context) (Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := reading(ctx, s, "auth.test", s.api.AuthTestContext)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{TeamID: answer.TeamID, EnterpriseID: answer.EnterpriseID, BotID: answer.BotID}
	if id.BotID == "" {
		return id, nil
	}
	_ = s.once(ctx, "bots.info", "", func(ctx context.Context) error {
		info, err := s.api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: id.BotID})
		if err == nil && info != nil {
			id.AppID = info.AppID
		}
		return err
	})
	return id, nil
}

// Post writes a message into a channel or, with thread, into the thread of that
// message, and returns its timestamp. After an error that is Unclear it may stand
// there; after any other it does not.
func (s *Sender) Post(ctx context.Context, channel, thread string, p Picture) (ts string, err error) {
	err = s.once(ctx, "chat.postMessage", channel, func(ctx context.Context) error {
		ts, err = s.chat(ctx, "chat.postMessage", p, "channel", channel, "thread_ts", thread)
		return err
	})
	return ts, err
}

// Update makes a message look like the picture.
func (s *Sender) Update(ctx context.Context, channel, ts string, p Picture) error {
	return s.once(ctx, "chat.update", channel, func(ctx context.Context) error {
		_, err := s.chat(ctx, "chat.update", p, "channel", channel, "ts", ts)
		return err
	})
}

// Direct writes to a person. Its errors mean what Post's do.
func (s *Sender) Direct(ctx context.Context, user string, p Picture) (ts string, err error) {
	channel, err := s.open(ctx, user)
	if err != nil {
		return "", err
	}
	return s.Post(ctx, channel, "", p)
}

// UpdateDirect is Update of what Direct has written.
func (s *Sender) UpdateDirect(ctx context.Context, user, ts string, p Picture) error {
	channel, err := s.open(ctx, user)
	if err != nil {
		return err
	}
	return s.Update(ctx, channel, ts, p)
}

// open finds the conversation with a person.
func (s *Sender) open(ctx context.Context, user string) (channel string, err error) {
	err = s.once(ctx, "conversations.open", "", func(ctx context.Context) error {
		opened, _, _, err := s.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
		switch {
		case err != nil:
			return err
		case opened == nil || opened.ID == "":
			return errNoVerdict
		}
		channel = opened.ID
		return nil
	})
	if Unclear(err) {
		err = &unsentError{err} // whatever became of it, no message is written
	}
	return channel, err
}

// Permalink leads to a message that is in no thread. All such links of a workspace begin
// alike: when Slack has given one, the others are made like it.
func (s *Sender) Permalink(ctx context.Context, channel, ts string) (link string, err error) {
	own := "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
	if site := s.site.Load(); site != nil {
		return *site + own, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	link, err = reading(ctx, s, "chat.getPermalink", func(ctx context.Context) (string, error) {
		return s.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
	})
	if site, alike := strings.CutSuffix(link, own); err == nil && alike {
		s.site.Store(&site)
	}
	return link, err
}
