package client

import "strings"

// withoutSecret takes the password out of what IAM said, should it repeat the
// request it was sent.
func (p *password) withoutSecret(e *Error) *Error {
	for _, field := range []*string{&e.Raw, &e.Message, &e.Code} {
		*field = strings.ReplaceAll(*field, p.config.Password, "…")
	}
	return e
}
