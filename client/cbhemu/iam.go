package cbhemu

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

const (
	tokenLife    = 24 * time.Hour
	failuresTill = 5                // wrong passwords in a row until the user is locked
	lockFor      = 15 * time.Minute // after the last of them
)

type token struct {
	project string
	expires time.Time
}

type failures struct {
	count int
	last  time.Time
}

// tokenRequest is the body of POST /v3/auth/tokens.
type tokenRequest struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User struct {
					Name     string `json:"name"`
					Password string `json:"password"`
					Domain   struct {
						Name string `json:"name"`
					} `json:"domain"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope struct {
			Project struct {
				ID string `json:"id"`
			} `json:"project"`
		} `json:"scope"`
	} `json:"auth"`
}

func (s *Server) issueToken(c call) *reply {
	var body tokenRequest
	if json.Unmarshal(c.body, &body) != nil {
		return identity(http.StatusBadRequest, "The request body is invalid.")
	}
	user := body.Auth.Identity.Password.User
	if !slices.Contains(body.Auth.Identity.Methods, "password") || user.Name == "" || user.Domain.Name == "" {
		return identity(http.StatusBadRequest, "Expecting to find valid JSON in request body: auth.identity.password.user.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked(user.Name) {
		return identity(http.StatusUnauthorized, "The account is locked. Try again later.")
	}
	if !slices.Contains(s.users, User{user.Name, user.Password, user.Domain.Name}) {
		s.failures[user.Name] = failures{s.failures[user.Name].count + 1, s.Now()}
		return identity(http.StatusUnauthorized, "The username or password is wrong.")
	}
	delete(s.failures, user.Name)
	if body.Auth.Scope.Project.ID != s.project {
		return identity(http.StatusForbidden, "You have no right to the project.")
	}
	return s.newToken()
}

func (s *Server) locked(user string) bool {
	f := s.failures[user]
	return f.count >= failuresTill && s.Now().Sub(f.last) < lockFor
}

func (s *Server) newToken() *reply {
	name, issued := "MIIemulated"+rand.Text(), s.Now().UTC()
	s.tokens[name] = token{project: s.project, expires: issued.Add(tokenLife)}
	const layout = "2006-01-02T15:04:05.000000Z"
	return jsonReply(http.StatusCreated, object{"token": object{
		"methods":    []string{"password"},
		"issued_at":  issued.Format(layout),
		"expires_at": issued.Add(tokenLife).Format(layout),
		"project":    object{"id": s.project, "name": "sandbox"},
	}}).header("X-Subject-Token", name)
}

// ExpireTokens makes all tokens answer APIG.0307, as after 24 hours or a change
// of the password.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, t := range s.tokens {
		t.expires = time.Time{}
		s.tokens[name] = t
	}
}

// RevokeTokens forgets all tokens, so that they are answered with a plain 401.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// SetPassword changes a user's password. Tokens stay.
func (s *Server) SetPassword(user, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.users {
		if s.users[i].Name == user {
			s.users[i].Password = password
		}
	}
}

// IssueToken returns a token as IAM would, for clients that are given one.
func (s *Server) IssueToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newToken().headers["X-Subject-Token"]
}
