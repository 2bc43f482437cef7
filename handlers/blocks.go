package handlers

import (
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"cbhbot/bot"
)

// This file holds the small pieces that cards and answers are made of. Text
// from people goes through code, quoted or plain, never straight into mrkdwn.

func mrkdwn(text string) *slack.TextBlockObject {
	block := slack.NewTextBlockObject(slack.MarkdownType, text, false, false)
	block.Verbatim = true
	return block
}

func plain(text string, max int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, bot.Plain(text, max), false, false)
}

func section(text string) slack.Block { return slack.NewSectionBlock(mrkdwn(text), nil, nil) }

func fields(texts ...string) slack.Block {
	var objects []*slack.TextBlockObject
	for _, text := range texts {
		objects = append(objects, mrkdwn(text))
	}
	return slack.NewSectionBlock(nil, objects, nil)
}

// footnote is a line of small print for each text.
func footnote(texts ...string) slack.Block {
	var elements []slack.MixedElement
	for _, text := range texts {
		elements = append(elements, mrkdwn(text))
	}
	return slack.NewContextBlock("", elements...)
}

// words shows what a person wrote, as they wrote it: plain text has no markup.
func words(label, text string) slack.Block {
	return slack.NewSectionBlock(plain(label+": "+text, 1500), nil, nil)
}

// code shows a name that came from outside: back-ticks keep markup off, and a
// back-tick or a line's end of its own could end them.
func code(name string) string {
	return "`" + bot.Escape(oneLine.Replace(name), 120) + "`"
}

var oneLine = strings.NewReplacer("`", "'", "\r\n", " ", "\n", " ")

var slackID = regexp.MustCompile(`^[A-Z0-9]{1,30}$`)

// mention names a person so that Slack shows (and notifies) them.
func mention(id string) string {
	if !slackID.MatchString(id) {
		return code(id)
	}
	return "<@" + id + ">"
}

func button(action, label, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, plain(label, 75))
}

func styled(b *slack.ButtonBlockElement, style slack.Style) *slack.ButtonBlockElement {
	return b.WithStyle(style)
}

func confirmed(b *slack.ButtonBlockElement, title, text, yes string) *slack.ButtonBlockElement {
	return b.WithConfirm(slack.NewConfirmationBlockObject(plain(title, 100), mrkdwn(text), plain(yes, 30), plain("Not now", 30)))
}

func buttons(elements ...slack.BlockElement) slack.Block {
	return slack.NewActionBlock("", elements...)
}

// answer is a private message of one paragraph, with buttons where given.
func answer(text string, elements ...slack.BlockElement) bot.Message {
	m := bot.Message{Text: text, Blocks: []slack.Block{section(text)}}
	if len(elements) > 0 {
		m.Blocks = append(m.Blocks, buttons(elements...))
	}
	return m
}
