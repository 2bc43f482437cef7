package client

import (
	"encoding/json"
	"net/http"
	"strings"
)

// shortestSecret is the length from which a word is taken out of a text: a
// shorter one would take harmless letters along, and is not one the cloud gives
// out or accepts as a password.
const shortestSecret = 8

// without takes secrets out of what the other side said, should it repeat the
// request it was sent, and keeps the start of the rest. It also finds them
// written as in JSON.
func without(secrets []string, said string) string {
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		said = strings.ReplaceAll(said, secret, "…")
		if quoted, err := json.Marshal(secret); err == nil {
			said = strings.ReplaceAll(said, strings.Trim(string(quoted), `"`), "…")
		}
	}
	return clip(said)
}

// credentialsOf returns what [Authenticator.Authorize] put into a request.
func credentialsOf(request *http.Request) []string {
	var secrets []string
	for _, name := range []string{tokenHeader, "X-Security-Token", "Authorization"} {
		secrets = append(secrets, request.Header.Get(name))
	}
	return secrets
}
