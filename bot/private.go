package bot

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Address is whom to answer privately, and how. Only User is always there.
type Address struct {
	ResponseURL string // of the command or press that is answered
	Channel     string
	User        string
	ThreadTS    string
}

// passedOverFor is how long every response_url is passed over when one has not answered
// while a person waits. They lead to another host than the API, which may be out of reach
// alone: whoever tries again then finds another way.
const passedOverFor = time.Minute

// Private says something that only one person reads: through the response_url
// while it lasts and its host answers, else as an ephemeral message, else as a direct
// one. After 2.5 s it gives up: a *LimitedError says when to try again.
func (s *Sender) Private(ctx context.Context, to Address, m Message) error {
	return s.privately(ctx, to, m, Picture.private)
}

// Replace puts a message in the place of the one that was pressed, and where that
// cannot be done any more says it as Private does. To is whom the press is answered
// (Action.From): only its response_url leads to a message that one person sees.
func (s *Sender) Replace(ctx context.Context, to Address, m Message) error {
	return s.privately(ctx, to, m, Picture.replacing)
}

// answer encodes a picture for a response_url; thread may be "".
type answer func(p Picture, thread string) ([]byte, error)

func (s *Sender) privately(ctx context.Context, to Address, m Message, by answer) error {
	p, err := m.Encode()
	if err != nil {
		return err
	}
	own, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.answerable(to.ResponseURL) && time.Now().UnixNano() > s.passedOver.Load() {
		err = s.respond(own, to, p, by)
		if own.Err() != nil && ctx.Err() == nil {
			s.passedOver.Store(time.Now().Add(passedOverFor).UnixNano())
		}
		if err == nil || own.Err() != nil {
			return err
		}
	}
	if to.Channel != "" {
		if err = s.ephemeral(own, to, p); err == nil || !Permanent(err) {
			return err
		}
	}
	return patiently(own, false, func(ctx context.Context) error {
		_, err := s.Direct(ctx, to.User, p)
		return err
	})
}

// answerable reports whether a response_url leads to Slack: to a host of Slack's
// over TLS, or to the server whose API is configured. What is said privately goes
// nowhere else, whatever a payload says.
func (s *Sender) answerable(address string) bool {
	to, err := url.Parse(address)
	if err != nil || to.Host == "" {
		return false
	}
	if api, err := url.Parse(s.url); err == nil && to.Scheme == api.Scheme && to.Host == api.Host {
		return true
	}
	host := strings.ToLower(to.Host)
	return to.Scheme == "https" && slices.ContainsFunc(slackHosts, func(own string) bool {
		return host == own || strings.HasSuffix(host, "."+own)
	})
}

// slackHosts are Slack's own domains, also that of GovSlack.
var slackHosts = []string{"slack.com", "slack-gov.com"}

func (s *Sender) respond(ctx context.Context, to Address, p Picture, by answer) error {
	body, err := by(p, to.ThreadTS)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.ResponseURL, bytes.NewReader(body))
	if err != nil {
		return named("response_url", err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := s.http.Do(r)
	if err == nil {
		defer answer.Body.Close()
		err = refusalIn(answer)
	}
	err = named("response_url", err)
	s.metrics.called("response_url", err)
	return err
}

func (s *Sender) ephemeral(ctx context.Context, to Address, p Picture) error {
	return s.await(ctx, "chat.postEphemeral", false, func(ctx context.Context) error {
		_, err := s.chat(ctx, "chat.postEphemeral", p, "channel", to.Channel, "user", to.User, "thread_ts", to.ThreadTS)
		return err
	})
}
