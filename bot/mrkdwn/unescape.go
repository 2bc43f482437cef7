package mrkdwn

import (
	"cmp"
	"regexp"
	"strings"
)

var slackToken = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// Unescape undoes what Slack does to text typed in a command: entities, and
// tokens such as <@U1|ana>, <#C1|ops>, <http://a.b|a.b> and <mailto:a@b|a@b>,
// which become what the person typed. A date token stays as it is, because it is
// an instant.
func Unescape(s string) string {
	s = slackToken.ReplaceAllStringFunc(s, func(token string) string {
		parts := slackToken.FindStringSubmatch(token)
		target, label := parts[1], parts[2]
		switch {
		case strings.HasPrefix(target, "!date^"):
			return token
		case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"):
			return target[:1] + cmp.Or(label, target[1:])
		case label != "":
			return label
		}
		return strings.TrimPrefix(target, "mailto:")
	})
	return unescaper.Replace(s)
}
