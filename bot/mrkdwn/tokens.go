package mrkdwn

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// longestName is how much room a name has: twice what the cloud lets one have.
const longestName = 130

// Code shows a name that came from outside, in back-ticks, which keep markup off.
func Code(name string) Text {
	shown := strings.ReplaceAll(Line(name, longestName), "`", "'")
	if shown == "" {
		return Text{"–"}
	}
	return Text{"`" + escaper.Replace(shown) + "`"}
}

// Typed is a name inside a command that people may copy, in back-ticks of its own.
func Typed(name string) Text { return Text{strings.Trim(Code(name).s, "`")} }

// Slack's ids (https://docs.slack.dev/reference/objects/user-object and its
// neighbours) begin with what they name.
const (
	users    = "UW"
	groups   = "S"
	channels = "CDG"
)

// IsUser, IsGroup and IsChannel report whether a text can be such an id.
func IsUser(id string) bool    { return isID(id, users) }
func IsGroup(id string) bool   { return isID(id, groups) }
func IsChannel(id string) bool { return isID(id, channels) }

func isID(id, kinds string) bool {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return len(id) > 1 && len(id) <= 31 && strings.Contains(kinds, id[:1]) && strings.Trim(id, signs) == ""
}

// User mentions a person, so that Slack shows and notifies them.
func User(id string) Text { return token(users, "<@%s>", id) }

// Group mentions a user group.
func Group(id string) Text { return token(groups, "<!subteam^%s>", id) }

// Channel names a channel.
func Channel(id string) Text { return token(channels, "<#%s>", id) }

// token is what names something in Slack; whatever is no id is shown as it is.
func token(kinds, form, id string) Text {
	if !isID(id, kinds) {
		return Code(id)
	}
	return Text{fmt.Sprintf(form, id)}
}

// Date shows an instant in each reader's own zone, in a form such as
// "{date_short_pretty} at {time}"
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting). The
// fallback is for notifications: it names its zone.
func Date(t time.Time, form Format, fallback string) Text {
	return Text{fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), form, escaper.Replace(Line(fallback, 80)))}
}

// longestLink is more than a link to a message has.
const longestLink = 500

// Address is one of the program's own, for the inside of a link.
func Address(url Format) Text { return Text{escaper.Replace(string(url))} }

// Link leads to a page of the web; just its label where the address is none.
func Link(address string, label Text) Text {
	to, err := url.Parse(address)
	if err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http" ||
		strings.ContainsAny(address, "<>|` ") || length(address) > longestLink {
		return label
	}
	return Text{"<" + escaper.Replace(address) + "|" + strings.NewReplacer("|", "/", "<", "", ">", "").Replace(label.s) + ">"}
}
