package bot

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape makes text from people safe for mrkdwn: what cannot be seen is taken
// out, it is cut to max characters, and Slack's three control characters are
// escaped. Cutting before escaping never splits an entity.
func Escape(s string, max int) string { return escaper.Replace(Plain(s, max)) }

// Plain takes out control, bidirectional and zero-width characters and cuts to
// max characters, the last of which is then an ellipsis.
func Plain(s string, max int) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	runes := []rune(visible)
	if len(runes) <= max {
		return visible
	}
	return string(runes[:max-1]) + "…"
}

// Date shows an instant in each reader's own zone (facts: Block Kit limits).
// The fallback, for notifications, names the zone it is in.
func Date(t time.Time, fallback *time.Location) string {
	if fallback == nil {
		fallback = time.UTC
	}
	text := t.In(fallback).Format("Mon 2 Jan 2006 15:04 MST")
	if fallback != time.UTC {
		text = t.In(fallback).Format("Mon 2 Jan 2006 15:04 ") + fallback.String()
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} at {time}|%s>", t.Unix(), Escape(text, 80))
}

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
			return target[:1] + firstOf(label, target[1:])
		case label != "":
			return label
		}
		return strings.TrimPrefix(target, "mailto:")
	})
	return unescaper.Replace(s)
}
