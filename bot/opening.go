package bot

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// FatalError is a reason to stop: Slack will not have this app or token, and
// asking again will not help.
type FatalError struct{ Code string }

// fatalWords says each of Slack's words in a sentence.
var fatalWords = map[string]string{
	"invalid_auth":            "Slack does not know the app-level token. Check SLACK_APP_TOKEN: it begins with xapp-.",
	"not_authed":              "Slack got no app-level token. Set SLACK_APP_TOKEN.",
	"account_inactive":        "The account or workspace behind the token is deactivated. Install the app again and set the new tokens.",
	"token_revoked":           "The app-level token was revoked. Generate another on the app's Basic Information page and set SLACK_APP_TOKEN.",
	"token_expired":           "The app-level token has expired. Generate another on the app's Basic Information page and set SLACK_APP_TOKEN.",
	"not_allowed_token_type":  "SLACK_APP_TOKEN is not an app-level token. It has to begin with xapp-.",
	"missing_scope":           "The app-level token lacks the scope connections:write. Generate one that has it and set SLACK_APP_TOKEN.",
	"no_permission":           "The app-level token may not open Socket Mode connections. Generate one with the scope connections:write.",
	"socket_mode_not_enabled": "Socket Mode is switched off for this app. Switch it on in the app's settings.",
	"socket_mode_disabled":    "Socket Mode is switched off for this app. Switch it on in the app's settings.",
	"app_not_found":           "Slack does not know this app any more. Create it again from the manifest.",
	"team_access_not_granted": "The app is not installed in the workspace. Install it and start the bot again.",
}

func (e *FatalError) Error() string { return fmt.Sprintf("%s (%s)", fatalWords[e.Code], e.Code) }

const (
	dialTimeout = 10 * time.Second
	frameLimit  = 4 << 20
)

// opener asks Slack for an address and connects to it. An address works once.
type opener struct {
	api     *slack.Client
	metrics *Metrics
	dialer  *websocket.Dialer
}

func newOpener(c SocketsConfig) opener {
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: callTimeout}
	}
	return opener{
		metrics: c.Metrics,
		api: slack.New("", slack.OptionAppLevelToken(c.AppToken), slack.OptionAPIURL(c.APIURL),
			slack.OptionHTTPClient(dated(client, c.OnDate))),
		// An ack must be one frame: the write buffer holds the longest.
		dialer: &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTimeout, WriteBufferSize: ackLimit + 1024},
	}
}

// dial opens a connection. Its errors never hold the address: it is a key.
func (o opener) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout+callTimeout)
	defer cancel()
	_, url, err := o.api.StartSocketModeContext(ctx)
	o.metrics.called("apps.connections.open", named("apps.connections.open", err))
	if _, fatal := fatalWords[ErrorCode(err)]; fatal {
		return nil, &FatalError{Code: ErrorCode(err)}
	}
	if err != nil {
		return nil, named("apps.connections.open", err)
	}
	conn, answer, err := o.dialer.DialContext(ctx, url, nil)
	if answer != nil && err != nil {
		return nil, fmt.Errorf("connecting to Slack: the handshake was answered with %d", answer.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to Slack: %w", bare(err))
	}
	conn.SetReadLimit(frameLimit)
	return conn, nil
}
