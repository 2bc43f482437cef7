package handlers

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"cbhbot/bot"
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
			if said, ok := explain(err); !ok || alive.MatchString(said) {
				t.Errorf("%q is answered with %q", text, said)
			}
			return
		}
		for _, part := range []string{c.Verb, c.Instance, c.Rest, c.Reason} {
			if !utf8.ValidString(part) || strings.ContainsAny(part, "\n\r\x00\u202e\u200b") || utf8.RuneCountInString(part) > longestCommand {
				t.Errorf("%q gives %q", text, part)
			}
			if shown := code(part); alive.MatchString(shown) || strings.Count(shown, "`") != 2 {
				t.Errorf("%q is shown as %q", part, shown)
			}
		}
		if said := unknownVerb(c.Verb).Error(); alive.MatchString(said) {
			t.Errorf("%q is answered with %q", c.Verb, said)
		}
		if draft, err := parseDraft(text); err == nil && (draft.Verb == "" || utf8.RuneCountInString(draft.Reason) > longestReason || strings.Contains(draft.Reason+draft.Instance, "\n")) {
			t.Errorf("%q is the draft %+v", text, draft)
		}
	})
}

// What comes from the cloud is no markup either.
func TestCodeIsOneLineWithoutMarkup(t *testing.T) {
	for _, name := range []string{"a`b", "x\r\n*Approved*", "x\n<!channel>", "<https://evil.example|a>", "\u202ea\u2028b", strings.Repeat("<", 500)} {
		if shown := code(name); alive.MatchString(shown) || strings.Count(shown, "`") != 2 || utf8.RuneCountInString(bot.Unescape(shown)) > 122 {
			t.Errorf("%q is shown as %q", name, shown)
		}
	}
}
