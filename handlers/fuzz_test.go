package handlers

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/messages"
)

// alive is markup that Slack would act on.
var alive = regexp.MustCompile(`[<>]|\n`)

// FuzzCommand holds the reading of commands against any text: what comes out is
// short, visible, on one line, and harmless in an answer.
func FuzzCommand(f *testing.F) {
	for _, text := range []string{
		"", "help", "upgrade bastion-prod sunday 2am -- security fixes", `upgrade "bastion prod" sunday`, "upgrade “a” b — c", "cancel --", "`", "<!channel> &lt;!here&gt; <@U1|x>",
		"up\u202egrade \u200b x\x00y\nz", "\xff\xfe", strings.Repeat("a ", 2000), `" " " "`, "« » --", "<!date^1^{date}|x>", "&amp;lt;!channel&amp;gt;",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCommand(text)
		if err != nil {
			if said, ok := messages.Explain(err); !ok || alive.MatchString(said.Error()) {
				t.Errorf("%q is answered with %q", text, said.Error())
			}
			return
		}
		for _, part := range []string{c.Verb, c.Instance, c.Phrase, c.Reason} {
			if !utf8.ValidString(part) || strings.ContainsAny(part, "\n\r\x00\u202e\u200b") || utf8.RuneCountInString(part) > longestCommand {
				t.Errorf("%q gives %q", text, part)
			}
			if shown := mrkdwn.Code(part).String(); alive.MatchString(shown) || strings.Count(shown, "`")%2 != 0 {
				t.Errorf("%q is shown as %q", part, shown)
			}
		}
		if said := unknownVerb(c.Verb, c.Phrase).Error(); alive.MatchString(said) {
			t.Errorf("%q is answered with %q", c.Verb, said)
		}
		if draft, err := parseDraft(text); err == nil && (draft.Verb == "" || utf8.RuneCountInString(draft.Reason) > messages.LongestReason || strings.Contains(draft.Reason+draft.Instance, "\n")) {
			t.Errorf("%q is the draft %+v", text, draft)
		}
	})
}
