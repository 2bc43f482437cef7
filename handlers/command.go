package handlers

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/messages"
)

const longestCommand = 3000 // characters; Slack's own limit for a message is higher

// reasonMark is " -- ", also as the dash that some keyboards make of it; that of Chinese
// stands between characters without blanks.
var reasonMark = regexp.MustCompile(`(^|\s)(--|—+|–|－－)(\s|$)|——`)

// quotes pairs the quotation marks that people and their keyboards produce.
var quotes = map[rune]rune{'"': '"', '\'': '\'', '“': '”', '‘': '’', '„': '“', '«': '»', '`': '`', '「': '」', '『': '』'}

// parseCommand reads the text after /cbh: any case, any spaces, quoted names,
// Slack's escapes. What follows the instance is the phrase, and what follows "--" the
// reason. It fails with a sentence for the person.
func parseCommand(text string) (messages.Draft, error) {
	text = unwrapped(clean(mrkdwn.Unescape(text)))
	body, reason := cutReason(text)
	if len([]rune(reason)) > messages.LongestReason {
		return messages.Draft{}, messages.Refuse(messages.ReasonTooLong, "most", messages.LongestReason, "n", len([]rune(reason)))
	}
	whole := strings.TrimSpace(withoutGreeting(withoutHabit(courtesy.ReplaceAllString(body, ""))))
	verb, body := messages.CutCommand(whole)
	if commands[verb].acts != "" && strings.ContainsAny(strings.TrimSuffix(whole, body), questions) {
		return messages.Draft{Verb: "help", Instance: verb}, nil // what does more than read is explained, and done for no question
	}
	if commands[verb].names {
		body = article.ReplaceAllString(body, "")
	}
	instance, rest, err := firstNames(body)
	c := messages.Draft{Verb: verb, Instance: withoutStop(verb, instance), Phrase: rest, Reason: reason}
	if err == nil && (!fits(c) || len([]rune(text)) > longestCommand) {
		return messages.Draft{}, messages.Refuse(messages.CommandTooLong)
	}
	return c, err
}

// questions are the marks behind one.
const questions = "?？"

// courtesy is what polite people end with.
var courtesy = regexp.MustCompile(`(?i)[\s,，]+(please|pls|plz|thanks|thank you|thx|谢谢|多谢|感谢)[.!。！]*$`)

// article is what people put before a name, behind a command that takes nothing else.
var article = regexp.MustCompile(`(?i)^(?:the\s+)?(?:(?:upgrade|request)\s+)?(?:(?:of|for)\s+)?`)

// clean makes every white space a space and drops what cannot be seen.
func clean(s string) string { return mrkdwn.Line(s, 1<<20) }

// withoutHabit drops a "/cbh" that somebody typed where Slack has taken one already, or
// where there is none to type.
func withoutHabit(body string) string {
	if word, rest := firstWord(body); strings.EqualFold(strings.TrimLeft(word, "/／"), "cbh") {
		return rest
	}
	return body
}

// unwrapped drops the quotation marks, or the ticks of code, around a whole command.
func unwrapped(text string) string {
	open, size := utf8.DecodeRuneInString(text)
	end, quoted := quotes[open]
	inner, closed := strings.CutSuffix(text[size:], string(end))
	if !quoted || !closed {
		return text
	}
	return unwrapped(strings.TrimSpace(inner))
}

// greeting is what polite people begin with.
var greeting = regexp.MustCompile(`(?i)^(?:(?:hi|hey|hello|please|pls|plz|kindly)[\s,!]+|(?:你好|您好)[\s,，!！]+|(?:请|請|麻烦|麻煩|帮我|幫我)\s*)+`)

// withoutGreeting drops it before a command; by itself it is answered with help.
func withoutGreeting(body string) string {
	bare := greeting.ReplaceAllString(body, "")
	if verb, _ := messages.CutCommand(bare); commands[verb].run != nil {
		return bare
	}
	return body
}

func cutReason(text string) (body, reason string) {
	at := reasonMark.FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	return strings.TrimSpace(text[:at[0]]), strings.TrimSpace(text[at[1]:])
}

func firstWord(s string) (word, rest string) {
	word, rest, _ = strings.Cut(strings.TrimSpace(s), " ")
	return word, strings.TrimSpace(rest)
}

// withoutStop drops what ends a sentence behind what is no bastion's name. A question is
// answered; what does more than read is done for none.
func withoutStop(verb, name string) string {
	stops := ".!。！"
	if commands[verb].acts == "" {
		stops += questions
	}
	bare := strings.TrimRight(name, stops)
	_, request := approvals.ParseName(bare)
	if request || bare != "" && (verb == "list" || verb == "help") {
		return bare
	}
	return name
}

// behind is all that is typed behind a verb.
func behind(c messages.Draft) string { return strings.TrimSpace(c.Instance + " " + c.Phrase) }

// commas are those of other keyboards.
var commas = strings.NewReplacer("，", ",", "、", ",")

const listed = messages.BetweenNames

// joint is what stands between two names.
var joint = regexp.MustCompile(`^,?\s*(?:(?i:and|&|和|与|與|及)\s+)?`)

// firstNames takes the names that commas join, or an "and".
func firstNames(s string) (names, rest string, err error) {
	s = commas.Replace(s)
	var all []string
	for more := true; more; s = rest {
		name, after, fault := firstName(s)
		if fault != nil {
			return "", "", fault
		}
		name, joined := strings.CutSuffix(name, ",")
		between := joint.FindString(after)
		rest = after[len(between):]
		more = (joined || between != "") && rest != ""
		for part := range strings.SplitSeq(name, ",") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
	}
	return strings.Join(all, listed), strings.TrimSpace(rest), nil
}

// firstName takes a quoted name or the first word.
func firstName(s string) (name, rest string, err error) {
	open, size := utf8.DecodeRuneInString(s)
	end, quoted := quotes[open]
	if !quoted {
		name, rest = firstWord(s)
		return name, rest, nil
	}
	name, rest, closed := strings.Cut(s[size:], string(end))
	if !closed {
		return "", "", messages.Refuse(messages.QuoteOpen)
	}
	return strings.TrimSpace(name), strings.TrimSpace(rest), nil
}

// namesOne refuses a command that does not name what it is for, or that says something
// behind it.
func namesOne(c messages.Draft, lacks messages.Key) error {
	switch {
	case c.Instance == "":
		return missing(lacks, c.Verb)
	case c.Phrase != "" && lacks == "": // where no reason goes either
		return messages.Refuse(messages.NotUnderstoodThere, "typed", messages.Code(c.Phrase), "try", example(c.Verb))
	case c.Phrase != "":
		return messages.Refuse(messages.NotUnderstood, "typed", messages.Code(c.Phrase), "try", example(c.Verb))
	}
	return nil
}
