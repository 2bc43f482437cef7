package bot

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Token is what Slack says of a token
// (https://docs.slack.dev/reference/methods/auth.test). An app-level token has an app and
// no workspace, a bot's token the other way round.
type Token struct {
	TeamID  string `json:"team_id"`
	Team    string `json:"team"` // its name
	URL     string `json:"url"`  // of the workspace
	UserID  string `json:"user_id"`
	User    string `json:"user"`
	AppID   string `json:"app_id"`
	AppName string `json:"app_name"`

	Scopes []string  `json:"-"` // from the header X-OAuth-Scopes (https://docs.slack.dev/authentication/installing-with-oauth)
	Date   time.Time `json:"-"` // Slack's clock, in whole seconds; zero: it was not told in time
}

// InspectToken asks Slack about a token of either kind (auth.test). Its errors are like
// those of Sender's calls.
func InspectToken(ctx context.Context, client *http.Client, apiURL, token string) (Token, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var t Token
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, apiURL+"auth.test", strings.NewReader(""))
	if err != nil {
		return Token{}, named("auth.test", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := dated(client, func(at time.Time) { t.Date = at }).Do(r)
	if err != nil {
		return Token{}, named("auth.test", err)
	}
	defer answer.Body.Close()
	err = named("auth.test", t.read(answer))
	return t, err
}

func (t *Token) read(answer *http.Response) error {
	if err := refused(answer); err != nil {
		return err
	}
	said := struct {
		*Token
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}{Token: t}
	err := json.NewDecoder(answer.Body).Decode(&said)
	if err := verdictOf(said.OK, said.Error, err); err != nil {
		return err
	}
	t.Scopes = strings.FieldsFunc(answer.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	return nil
}
