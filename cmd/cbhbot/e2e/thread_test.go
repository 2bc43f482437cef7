package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"cbhbot/bot/slackemu"
)

// This file writes what stands in #ops the way its readers meet it.

// conversation is the channel as Rita sees it: the cards, each with its thread,
// and what she was told privately.
func (b *box) conversation() string {
	var public, private []slackemu.Message
	b.get("/_control/slack/messages?channel="+slackemu.ChannelOps, &public)
	b.get("/_control/slack/ephemerals?"+url.Values{"channel": {slackemu.ChannelOps}, "user": {rita}}.Encode(), &private)
	var text strings.Builder
	for _, m := range private {
		if line := fmt.Sprintf("(to Rita alone) %s\n", spoken(m)); !b.tooBusy(m.Text) && !(b.again && strings.Contains(text.String(), line)) {
			text.WriteString(line)
		}
	}
	for _, card := range public {
		if card.ThreadTS != "" && card.ThreadTS != card.TS {
			continue
		}
		text.WriteString("\n" + drawn(card))
		for _, reply := range public {
			if reply.ThreadTS == card.TS && reply.TS != card.TS {
				fmt.Fprintf(&text, "\n  > %s\n", strings.ReplaceAll(spoken(reply), "\n", "\n    "))
			}
		}
	}
	return readable(text.String())
}

// tooBusy is what a command leaves behind that a busy machine did not keep, or kept too late
// to say so: acked typed it again.
func (b *box) tooBusy(text string) bool {
	return strings.HasPrefix(text, notRecorded) || strings.Contains(text, operationTimeout) ||
		b.again && strings.HasPrefix(text, "There is an open request for ") // made by what was typed first
}

// idle waits until the bot has done all that is due.
func (b *box) idle() {
	b.Helper()
	await(b, "the bot to do what is due", func() bool {
		answer, err := http.Get(b.base + "/_control/idle")
		if err != nil {
			b.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// spoken is a notice: its sentence and its buttons.
func spoken(m slackemu.Message) string {
	text := m.Text
	for _, label := range labels(m.Blocks) {
		text += "\n[" + label + "]"
	}
	return text
}

// drawn is a card: all that its blocks show, except when it was drawn.
func drawn(m slackemu.Message) string {
	var text strings.Builder
	for _, block := range m.Blocks {
		if block["type"] == "actions" {
			continue
		}
		for _, words := range texts(block) {
			if !strings.HasPrefix(words, "as of ") {
				text.WriteString(strings.ReplaceAll(words, "\n", " ") + "\n")
			}
		}
	}
	for _, label := range labels(m.Blocks) {
		text.WriteString("[" + label + "] ")
	}
	return strings.TrimSpace(text.String()) + "\n"
}

// texts are a block's texts in the order in which they are shown.
func texts(value any) []string {
	var all []string
	switch v := value.(type) {
	case map[string]any:
		if text, ok := v["text"].(string); ok {
			return []string{text}
		}
		for _, key := range []string{"text", "fields", "elements"} {
			all = append(all, texts(v[key])...)
		}
	case []any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	}
	return all
}

func labels(blocks []map[string]any) []string {
	var all []string
	for _, block := range blocks {
		if block["type"] == "actions" {
			all = append(all, texts(block)...)
		}
	}
	return all
}

var (
	dateToken = regexp.MustCompile(`<!date\^[^|]*\|([^>]*)>`)
	linkToken = regexp.MustCompile(`<(https?://[^|>]*)\|([^>]*)>`)
	people    = strings.NewReplacer(
		"<@"+rita+">", "@Rita", "<@"+ana+">", "@Ana", "<@"+bo+">", "@Bo", "<#"+slackemu.ChannelOps+">", "#ops",
		"&amp;", "&", "&lt;", "<", "&gt;", ">")
	permalink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/\S*`)
	requestID = regexp.MustCompile(`emulated-[0-9]+`)
)

func readable(text string) string {
	text = dateToken.ReplaceAllString(text, "$1")
	text = linkToken.ReplaceAllString(text, "$2 ($1)")
	text = permalink.ReplaceAllString(text, "the card")
	return people.Replace(requestID.ReplaceAllString(text, "…"))
}
